"""A picture of shrinkage: from what a group says alone to what the model makes of it.

Layer: beside `plots`, whose conventions it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmcourse.errors import InferenceError, brief, did_you_mean, listing
from mmcourse.lm_list import LmList
from mmcourse.model import MixedModel
from mmcourse.plots.common import (
    GROUP,
    MOST_NAMES,
    OBSERVED,
    OVERALL,
    PICKED,
    axes_for,
    tidy,
)
from mmcourse.plots.groups import picked_groups

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_shrinkage(
    separate: LmList | pd.DataFrame,
    model: MixedModel | pd.DataFrame,
    effects: str | Sequence[str] | None = None,
    re: str | None = None,
    *,
    highlight: Any = (),
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw a line per group, from its separate estimate to that of the mixed model.

    Separate estimates are grey, those of the model blue, the average group red. Two
    effects are drawn one against the other; one effect is drawn over the groups, in
    order of the separate estimate.

    Parameters
    ----------
    separate : LmList or DataFrame
        Coefficients, levels x effects; groups that lack one are left out.
    model : MixedModel or DataFrame
        A fit, or coefficients as `model.coef()` gives them for a grouping factor.
    effects : str or two of them, optional
        Columns of both tables; not needed where they share one or two.
    re : str, optional
        Which grouping factor of the fit; the one of `separate` when not given.
    highlight : group label, or several, or None
        Groups to draw dark and to name.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and what is drawn: columns group, effect, separate, model.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If an argument is no table and no fit.
    DesignError
        If a group to highlight is none.
    InferenceError
        If the tables have no group or no effect in common, or more than two effects.

    Examples
    --------
    >>> import mmcourse as mm
    >>> sleep = mm.load_sleepstudy()
    >>> alone = mm.lm_list("Reaction ~ Days | Subject", sleep)
    >>> model = mm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
    >>> ax, drawn = mm.plot_shrinkage(alone, model, return_data=True)
    >>> drawn.groupby("effect")[["separate", "model"]].std().round(1)
               separate  model
    effect
    Days            6.6    5.5
    Intercept      29.0   21.6
    """
    before, after, centre = _tables(separate, model, re)
    names = _chosen(before, after, effects)
    drawn = _pairs(before, after, names)
    labels = pd.Series(drawn["group"].unique(), name="the groups drawn")
    picked = picked_groups(labels, highlight)
    centres = [float(centre.get(name, 0.0)) for name in names]
    if len(names) == 2:
        ax = _draw_plane(axes_for(ax, (6.4, 4.6)), drawn, centres, picked)
    else:
        group = str(before.index.name or after.index.name or "group")
        ax = _draw_row(axes_for(ax, (7.0, 3.8)), drawn, centres[0], picked, group)
    title = "Separate estimates (grey) and the mixed model's (blue)"
    ax.set_title(title, loc="left", fontsize="medium")
    tidy(ax)
    return (ax, drawn) if return_data else ax


def _tables(
    separate: Any, model: Any, re: str | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Coefficients before and after, levels x effects, and those of the average."""
    is_list = isinstance(separate, LmList)
    before = separate.coef if is_list else separate
    if not isinstance(before, pd.DataFrame):
        raise TypeError(
            f"separate is {brief(separate)}; it must be what lm_list returned, or a "
            "data frame of coefficients with a row per group."
        )
    if isinstance(model, pd.DataFrame):
        return before, model, model.mean(numeric_only=True)
    if not isinstance(model, MixedModel):
        raise TypeError(
            f"the model is {brief(model)}; it must be a fit that lmer returned, or a "
            "data frame of coefficients with a row per group."
        )
    coef = model.coef()
    if re is None:
        own = separate.group if is_list else before.index.name
        re = next(iter(coef)) if own is None and len(coef) == 1 else str(own)
    if re not in coef:
        raise InferenceError(
            f"the model has no grouping factor {brief(re)}; choose re: {listing(coef)}."
        )
    return before, coef[re], model.fixef


def _chosen(before: pd.DataFrame, after: pd.DataFrame, effects: Any) -> list[str]:
    """Names of the one or two effects to draw."""
    shared = [name for name in before.columns if name in after.columns]
    if effects is None:
        asked = shared
    else:
        asked = [effects] if isinstance(effects, str) else list(effects)
    for name in asked:
        if name not in shared:
            raise InferenceError(
                f"the tables do not share an effect {brief(name)}. "
                f"{did_you_mean(str(name), shared)}They share: "
                f"{listing(shared) or 'none'}."
            )
    if not 1 <= len(asked) <= 2 or len(set(asked)) < len(asked):
        raise InferenceError(
            f"{len(asked)} effects are given or shared; one or two different ones can "
            f"be drawn, as effects=... The tables share: {listing(shared) or 'none'}."
        )
    return asked


def _pairs(before: pd.DataFrame, after: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Separate and model's value of each group that has both, effect by effect."""
    if before.index.has_duplicates or after.index.has_duplicates:
        raise InferenceError(
            "a table names a group twice; it must have one row per group, with the "
            "groups as its index."
        )
    known = before[names].dropna().index
    groups = known[known.isin(after.index)]
    if not len(groups):
        raise InferenceError(
            "no group has both a separate estimate and one of the model; are the "
            f"groups the index of both tables? They begin {listing(before.index, 3)} "
            f"and {listing(after.index, 3)}."
        )
    parts = [
        pd.DataFrame(
            {
                "group": groups,
                "effect": name,
                "separate": before.loc[groups, name].to_numpy(float),
                "model": after.loc[groups, name].to_numpy(float),
            }
        )
        for name in names
    ]
    return pd.concat(parts, ignore_index=True)


def _draw_plane(
    ax: Axes, drawn: pd.DataFrame, centres: list[float], picked: set[Any]
) -> Axes:
    """Draw two effects, one against the other."""
    (first, x), (second, y) = drawn.groupby("effect", sort=False)
    dark = x["group"].isin(picked).to_numpy()
    ends = [part[["separate", "model"]].to_numpy().T for part in (x, y)]
    _draw_moves(ax, ends[0], ends[1], dark)
    ax.plot(*centres, "D", color=OVERALL, markersize=8, zorder=5)
    _say(ax, "average", (centres[0], centres[1]), OVERALL)
    for at in np.flatnonzero(dark):
        start = (ends[0][0, at], ends[1][0, at])
        _say(ax, str(x["group"].iloc[at]), start, PICKED)
    ax.set(xlabel=_axis(str(first)), ylabel=_axis(str(second)))
    return ax


def _draw_row(
    ax: Axes, drawn: pd.DataFrame, centre: float, picked: set[Any], group: str
) -> Axes:
    """Draw one effect over the groups, in order of the separate estimate."""
    own = drawn.sort_values("separate", kind="stable", ignore_index=True)
    dark = own["group"].isin(picked).to_numpy()
    place = np.arange(len(own))
    ax.axhline(centre, color=OVERALL, linewidth=1.2, zorder=1)
    _draw_moves(
        ax, np.array([place, place]), own[["separate", "model"]].to_numpy().T, dark
    )
    few = len(own) <= MOST_NAMES
    if few:
        names = [str(label) for label in own["group"]]
        ax.set_xticks(place, names, rotation=90 if max(map(len, names)) > 2 else 0)
    else:
        ax.set_xticks([])
        for at in np.flatnonzero(dark):
            _say(ax, str(own["group"][at]), (float(at), own["separate"][at]), PICKED)
    ax.set_xlabel(group if few else f"{group} (in order of the separate estimate)")
    ax.set_ylabel(_axis(str(own["effect"].iloc[0])))
    ax.margins(x=0.02)
    return ax


def _draw_moves(ax: Axes, x: np.ndarray, y: np.ndarray, dark: np.ndarray) -> None:
    """Draw lines from a first to a second row of points, and the points on top."""
    from matplotlib.collections import LineCollection

    few = x.shape[1] <= MOST_NAMES
    for is_dark, colour, wide in ((False, OBSERVED, 0.7), (True, PICKED, 1.8)):
        part = dark == is_dark
        moves = list(np.stack([x[:, part].T, y[:, part].T], axis=2))
        lines = LineCollection(moves, colors=colour, linewidths=wide, zorder=2)
        ax.add_collection(lines)
    size = 5 if few else 3
    ax.plot(x[0], y[0], "o", color=OBSERVED, markersize=size, zorder=3)
    ax.plot(x[1], y[1], "o", color=GROUP, markersize=size, zorder=4)


def _say(ax: Axes, text: str, at: tuple[float, float], colour: str) -> None:
    """Write a name beside its point."""
    ax.annotate(
        text,
        at,
        xytext=(7, 4),
        textcoords="offset points",
        color=colour,
        zorder=6,
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
    )


def _axis(effect: str) -> str:
    """Say what an axis shows."""
    return "intercept" if effect == "Intercept" else f"coefficient of {effect}"
