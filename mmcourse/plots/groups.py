"""Pictures of groups: their trajectories, and their random effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmcourse.errors import DesignError, listing, shown
from mmcourse.model import MixedModel
from mmcourse.plots.common import (
    MOST_NAMES,
    OBSERVED,
    OVERALL,
    PICKED,
    axes_for,
    effect_words,
    left_title,
    name_groups,
    tidy,
)
from mmcourse.plots.intervals import draw_intervals, excludes_zero, percent
from mmcourse.plots.tables import (
    check_columns,
    check_numbers,
    effects_table,
    one_effect,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_trajectories(
    data: Any,
    x: str,
    y: str,
    group: str,
    *,
    highlight: Any = (),
    trend: bool = True,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw a line per group, some of them bold, and the overall regression line.

    Parameters
    ----------
    data : DataFrame
        Holds the three columns.
    x, y, group : str
        Columns of the data.
    highlight : group label, or several, or None
        Groups to draw bold.
    trend : bool
        Add the least-squares line of y on x over all rows, groups ignored.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the points drawn: columns group, x, y, highlighted.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If the data is no pandas data frame.
    DesignError
        If a column or a group is not in the data.

    Examples
    --------
    >>> import mmcourse as mm
    >>> ax = mm.plot_trajectories(
    ...     mm.load_gpa(), "occasion", "gpa", "student", highlight=[1, 2])
    >>> len(ax.get_lines()), ax.get_ylabel()
    (201, 'gpa')
    """
    check_columns(data, (x, y, group))
    if trend:
        check_numbers(data, (x, y))
    picked = picked_groups(data[group], highlight)
    ax = axes_for(ax, (6.4, 4.0))
    # Under names of their own: one column may be asked for twice.
    rows = pd.DataFrame({"group": data[group], "x": data[x], "y": data[y]})
    rows = rows.dropna().sort_values(["group", "x"], kind="stable")
    for label, own in rows.groupby("group", observed=True, sort=True):
        bold = label in picked
        ax.plot(
            own["x"],
            own["y"],
            color=PICKED if bold else OBSERVED,
            alpha=0.9 if bold else 0.25,
            linewidth=1.6 if bold else 0.7,
            zorder=2 if bold else 1,
        )
    if trend:
        _draw_trend(ax, rows["x"].to_numpy(float), rows["y"].to_numpy(float))
    elif not pd.api.types.is_numeric_dtype(rows["x"]):
        ax.tick_params(axis="x", rotation=30)  # words side by side run together
    ax.set(xlabel=x, ylabel=y)
    tidy(ax)
    if not return_data:
        return ax
    rows["highlighted"] = rows["group"].isin(picked)
    return ax, rows.reset_index(drop=True)


def picked_groups(groups: pd.Series, highlight: Any) -> set[Any]:
    """Return the groups to draw bold, each of them one of the data's."""
    if highlight is None:
        return set()
    picked = {highlight} if np.isscalar(highlight) else set(highlight)
    unknown = picked - set(groups)
    if unknown:
        known = groups.dropna().drop_duplicates()
        raise DesignError(
            f"highlight names {listing(map(shown, unknown))}, which "
            f"{'is no value' if len(unknown) == 1 else 'are no values'} of "
            f"{groups.name!r}. Its values: {listing(map(shown, known), 5)}."
        )
    return picked


def _draw_trend(ax: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Draw the least-squares line and name it at its right end."""
    if len(np.unique(x)) < 2:
        return  # one place on the axis gives no line
    slope, intercept = np.polyfit(x, y, 1)
    ends = np.array([x.min(), x.max()])
    ax.plot(ends, intercept + slope * ends, color=OVERALL, linewidth=2.6, zorder=3)
    ax.annotate(
        "overall",
        (ends[1], intercept + slope * ends[1]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=OVERALL,
        annotation_clip=False,
    )


def plot_random_effects(
    model: MixedModel | pd.DataFrame,
    re: str | None = None,
    effect: str | None = None,
    ci_level: float = 0.95,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw the random effects in order of size, with their intervals.

    Intervals that exclude zero are dark, the others faded.

    Parameters
    ----------
    model : MixedModel or DataFrame
        A fit, or the table of `extract_random_effects`.
    re, effect : str, optional
        Which grouping factor and effect; needed where there are several.
    ci_level : float
        Of the intervals; a table keeps its own.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the table drawn, with a column `excludes_zero`.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If the model is neither a fit nor a table.
    InferenceError
        If there are several effects and none is chosen, or there is no such effect.

    Notes
    -----
    As visibly's ``plot_coefficients(ranef = TRUE)``, and lme4's ``dotplot(ranef(.))``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> ax, drawn = mm.plot_random_effects(model, return_data=True)
    >>> int(drawn["excludes_zero"].sum())
    7
    """
    drawn = one_effect(effects_table(model, ci_level), re, effect)
    return draw_effects(drawn, ax, return_data)


def draw_effects(
    drawn: pd.DataFrame, ax: Axes | None, return_data: bool
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw the intervals of one effect in order of size, those without zero dark."""
    drawn = drawn.sort_values("value", kind="stable", ignore_index=True)
    drawn["excludes_zero"] = excludes_zero(drawn)
    ax = axes_for(ax, (7.0, 3.8))
    position = np.arange(len(drawn))
    few = len(drawn) <= MOST_NAMES
    width, size = (1.2, 4) if few else (0.6, 2)
    draw_intervals(
        ax, drawn, position, upright=True, width=width, size=size, faded=0.55
    )
    _label_effects(ax, drawn, position)
    return (ax, drawn) if return_data else ax


def _label_effects(ax: Axes, drawn: pd.DataFrame, position: np.ndarray) -> None:
    """Title, axis labels, and the groups' names where there is room."""
    group, effect = str(drawn["group_var"].iloc[0]), str(drawn["effect"].iloc[0])
    name_groups(ax, position, drawn["group"], group, "effect")
    ax.set_ylabel(f"effect on the {effect_words(effect)}")
    left_title(ax, f"Random effects with {percent(drawn)} intervals")
    ax.margins(x=0.01)
    tidy(ax)
