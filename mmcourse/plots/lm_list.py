"""A picture of separate regressions: each group's coefficient with its interval.

Layer: top, beside `plots`, whose colours and helpers it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmcourse.errors import InferenceError, brief, did_you_mean, listing
from mmcourse.lm_list import LmList
from mmcourse.plots.common import (
    GROUP,
    MOST_NAMES,
    OVERALL,
    axes_for,
    effect_words,
    left_title,
    name_groups,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_lm_list(
    fits: LmList,
    effect: str | None = None,
    ci_level: float = 0.95,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw one coefficient of every group with its interval, in order of size.

    A line shows their mean. Groups that don't determine the coefficient are left out.

    Parameters
    ----------
    fits : LmList
        Made by `lm_list`.
    effect : str, optional
        Which coefficient; needed where there are several.
    ci_level : float
        Between 0 and 1.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the rows of `LmList.confint` that are drawn.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If `fits` was not made by `lm_list`.
    InferenceError
        If there is no such coefficient, or no level.

    Notes
    -----
    As lme4's ``plot`` of the ``confint`` of an ``lmList``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> fits = mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())
    >>> ax = mm.plot_lm_list(fits, "Days")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Subject', 'coefficient of Days')
    """
    if not isinstance(fits, LmList):
        raise TypeError(f"fits is {brief(fits)}; it must be what lm_list returned.")
    name = _chosen(fits, effect)
    table = fits.confint(ci_level)
    drawn = table[table["effect"] == name].dropna(subset=["value"])
    drawn = drawn.sort_values("value", kind="stable", ignore_index=True)
    if drawn.empty:
        raise InferenceError(f"no group determines the coefficient of {name!r}.")
    ax = axes_for(ax, (7.0, 3.8))
    few, at = len(drawn) <= MOST_NAMES, np.arange(len(drawn))
    low, high = drawn.columns[-2:]
    ax.axhline(float(drawn["value"].mean()), color=OVERALL, linewidth=1.2, zorder=1)
    width = 1.2 if few else 0.6
    ax.vlines(at, drawn[low], drawn[high], color=GROUP, linewidth=width, alpha=0.7)
    ax.plot(at, drawn["value"], "o", markersize=4 if few else 2, color=GROUP)
    _label(ax, drawn, fits.group, name, ci_level)
    return (ax, drawn) if return_data else ax


def _chosen(fits: LmList, effect: str | None) -> str:
    """Name of the coefficient to draw."""
    known = [str(name) for name in fits.coef.columns]
    if effect is None and len(known) == 1:
        return known[0]
    if not isinstance(effect, str) or effect not in known:
        found = f"there is no coefficient {brief(effect)}. " if effect else ""
        hint = did_you_mean(effect, known) if isinstance(effect, str) else ""
        raise InferenceError(f"{found}{hint}Choose an effect: {listing(known)}.")
    return effect


def _label(
    ax: Axes, drawn: pd.DataFrame, group: str, effect: str, ci_level: float
) -> None:
    """Name the axes, and the groups where there is room."""
    name_groups(ax, np.arange(len(drawn)), drawn["group"], group, "coefficient")
    ax.set_ylabel(effect_words(effect))
    left_title(ax, f"Separate regressions with {100 * ci_level:g} % intervals")
    ax.margins(x=0.01)
    tidy(ax)
