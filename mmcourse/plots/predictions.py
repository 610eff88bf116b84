"""Pictures of predictions: lines of some groups, and the line of the population.

Layer: beside `plots`, whose conventions it keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import DesignError, InferenceError, brief, listing, shown
from mmcourse.extract.model_data import used_rows
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, axes_for, tidy
from mmcourse.plots.tables import check_columns, check_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

# With at most this many values of x a line has its corners there, else on a grid.
MOST_VALUES, GRID = 30, 60
# A name of 10 points, and some air.
NAME_POINTS = 12
LINES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D")
# More lines than this can't be told apart.
MOST_GROUPS = 12


def plot_predictions(
    model: MixedModel,
    x: str,
    groups: Any = None,
    re: str | None = None,
    data: Any = None,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw what the model predicts for some groups, and without random effects.

    A line runs along `x`; other columns of the data are held at the mean (of numbers)
    or the most frequent value of the group's rows, for the population of all rows. A
    group's line has the random effects of `re`, and none of other grouping factors.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    x : str
        Column of numbers along the horizontal axis.
    groups : label, or several; optional
        Of the grouping factor `re`; its first two when not given.
    re : str, optional
        A grouping factor that is a column; needed where there are several.
    data : DataFrame, optional
        The data of the fit; needed where the model does not know them any more.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and what was drawn: columns what ("observed", "group",
        "population"), group, x, y.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    DesignError
        If a column or a group is not there, or the data are not known.
    InferenceError
        If there are several grouping factors and none is chosen.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    >>> ax, drawn = mm.plot_predictions(model, "occasion", [1, 2], return_data=True)
    >>> drawn["what"].value_counts().to_dict()
    {'observed': 12, 'group': 12, 'population': 6}
    """
    check_model(model, "plot_predictions")
    # Rows are told apart by their place: the user's index may repeat.
    rows = used_rows(model, data, "plot_predictions()").reset_index(drop=True)
    factor = _factor(model, re)
    check_columns(rows, (x, factor))
    check_numbers(rows, (x,))
    chosen = _groups(model, factor, groups)
    own_terms = " + ".join(t.text for t in model.design.terms if t.group == factor)
    parts = [_line(model, rows, x, None, "none")]
    for label in chosen:
        own = rows[rows[factor] == label]
        seen = {"what": "observed", "group": label, "x": own[x].to_numpy(float)}
        parts.append(pd.DataFrame({**seen, "y": model.design.y[own.index]}))
        parts.append(_line(model, own, x, label, own_terms))
    drawn = pd.concat(parts, ignore_index=True)
    ax = axes_for(ax, (6.4, 4.0))
    _draw(ax, drawn, chosen, factor)
    ax.set(xlabel=x, ylabel=model.design.response_name)
    tidy(ax)
    return (ax, drawn) if return_data else ax


def _factor(model: MixedModel, re: Any) -> str:
    """Return the grouping factor whose groups get lines."""
    known = [g.name for g in model.design.groupings if len(g.factors) == 1]
    if re is None and len(known) == 1:
        return known[0]
    if re is None or re not in known:
        found = "there are several" if re is None else f"re is {brief(re)}"
        if not known:
            found = "there is none"
        raise InferenceError(
            f"{found}; lines are drawn for one grouping factor that is a column. "
            f"Such factors of the model: {listing(known) or 'none'}."
        )
    return str(re)


def _groups(model: MixedModel, factor: str, groups: Any) -> list[Any]:
    """Return the labels that get lines."""
    grouping = next(g for g in model.design.groupings if g.name == factor)
    known = list(grouping.levels)
    if groups is None:
        return known[:2]
    asked = [groups] if np.ndim(groups) == 0 else list(groups)
    lost = [label for label in asked if label not in known]
    if lost:
        raise DesignError(
            f"groups names {listing(map(shown, lost), 5)}, which is no level of "
            f"{factor!r}. Its levels: {listing(map(shown, known), 5)}."
        )
    if len(asked) > MOST_GROUPS:
        raise InferenceError(
            f"groups names {len(asked)} groups; more than {MOST_GROUPS} lines can't be "
            "told apart. For all of them use plot_trajectories."
        )
    return asked


def _line(
    model: MixedModel, own: pd.DataFrame, x: str, label: Any, re_form: str
) -> pd.DataFrame:
    """Predictions along x for one group, or for the population."""
    values = np.unique(own[x].to_numpy(float))
    if len(values) > MOST_VALUES:
        values = np.linspace(values[0], values[-1], GRID)
    typical = {name: _typical(own[name]) for name in own.columns}
    grid = pd.DataFrame(
        {name: [value] * len(values) for name, value in typical.items()}
    )
    for name in own.columns:
        if isinstance(own[name].dtype, pd.CategoricalDtype):
            grid[name] = grid[name].astype(own[name].dtype)
    grid[x] = values
    y = model.predict(grid, re_form=re_form)
    what = "population" if re_form == "none" else "group"
    return pd.DataFrame({"what": what, "group": label, "x": values, "y": np.asarray(y)})


def _typical(column: pd.Series) -> Any:
    """Mean of numbers, most frequent value of all else."""
    kept = column.dropna()
    if not len(kept):
        return np.nan
    is_number = pd.api.types.is_numeric_dtype(column.dtype)
    if is_number and not pd.api.types.is_bool_dtype(column.dtype):
        first = kept.iloc[0]
        # A group's own number stays what it is: it may be a label.
        return first if (kept == first).all() else float(kept.mean())
    return kept.mode().iloc[0]


def _draw(ax: Axes, drawn: pd.DataFrame, chosen: list[Any], factor: str) -> None:
    """Draw points and lines, each line with its name at the right."""
    overall = drawn[drawn["what"] == "population"]
    ax.plot(overall["x"], overall["y"], color=OVERALL, linewidth=2.4, zorder=3)
    names = [(overall, "population", OVERALL)]
    for i, label in enumerate(chosen):
        own = drawn[drawn["group"] == label]
        seen, line = own[own["what"] == "observed"], own[own["what"] == "group"]
        marker, style = MARKERS[i % len(MARKERS)], LINES[i % len(LINES)]
        ax.plot(seen["x"], seen["y"], marker, color=OBSERVED, markersize=5, zorder=1)
        ax.plot(line["x"], line["y"], color=GROUP, linestyle=style, zorder=2)
        names.append((line, f"{factor} {label}", GROUP))
    ends = [line["y"].iloc[-1] for line, _, _ in names]
    for (line, text, colour), y in zip(names, _apart(ax, ends), strict=True):
        _name(ax, line["x"].iloc[-1], y, text, colour)


def _apart(ax: Axes, ends: list[float]) -> Array:
    """Move heights (k,), units y, no further than their names need to be readable.

    Least-squares nearest heights in the same order that keep a name's height between
    neighbours: less that distance each, they need not fall.
    """
    from scipy.optimize import isotonic_regression

    heights = np.asarray(ends, float)
    seen = np.isfinite(heights)
    bottom, top = ax.get_ylim()
    points = ax.get_window_extent().height * 72 / ax.figure.dpi
    order = np.argsort(heights[seen], kind="stable")
    steps = np.arange(len(order)) * NAME_POINTS * abs(top - bottom) / points
    placed = np.empty(len(order))
    placed[order] = isotonic_regression(heights[seen][order] - steps).x + steps
    heights[seen] = placed
    return heights


def _name(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a line's name to the right of a point."""
    ax.annotate(
        text,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        annotation_clip=False,
    )
