"""Pictures of effects: simulated random ones, and fixed ones.

Layer: beside `groups`, which draws intervals in order of size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmcourse.errors import InferenceError, brief
from mmcourse.extract import extract_fixed_effects
from mmcourse.extract.arguments import percents
from mmcourse.model import MixedModel
from mmcourse.model.arguments import check_flag, check_level
from mmcourse.normal import two_sided_z
from mmcourse.plots.common import axes_for, left_title, tidy
from mmcourse.plots.groups import draw_effects
from mmcourse.plots.intervals import draw_intervals, excludes_zero, percent
from mmcourse.plots.tables import check_table, one_effect
from mmcourse.randomness import Seed
from mmcourse.simulated import re_sim

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIMULATED = ("group_var", "group", "effect", "mean", "median", "sd")


def plot_re_sim(
    model: MixedModel | pd.DataFrame,
    re: str | None = None,
    effect: str | None = None,
    ci_level: float = 0.95,
    stat: str = "median",
    n_sims: int = 200,
    seed: Seed = None,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw simulated random effects in order of size, -+ z sds of the draws.

    Parameters
    ----------
    model : MixedModel or DataFrame
        A fit, or the table of `re_sim`.
    re, effect : str, optional
        Which grouping factor and effect; needed where there are several.
    ci_level : float
        Between 0 and 1.
    stat : {"median", "mean"}
        What stands for the effect.
    n_sims : int
        How many draws, where a fit is given.
    seed : int or Generator, optional
        Of the draws; the same seed gives the same picture.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the table drawn, with value, limits and `excludes_zero`.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If the model is neither a fit nor the table of `re_sim`.
    InferenceError
        If there are several effects and none is chosen, there is no such effect, or
        `stat` is neither of the two.

    Notes
    -----
    As merTools' ``plotREsim``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer(
    ...     "diameter ~ 1 + (1 | plate) + (1 | sample)", mm.load("penicillin"))
    >>> ax, drawn = mm.plot_re_sim(model, re="sample", seed=1, return_data=True)
    >>> len(drawn), ax.get_xlabel()
    (6, 'sample')
    """
    check_level(ci_level)
    if not isinstance(stat, str) or stat not in ("median", "mean"):
        raise InferenceError(f"stat is {brief(stat)}; it must be 'median' or 'mean'.")
    table = re_sim(model, n_sims, seed) if isinstance(model, MixedModel) else model
    check_table(table, SIMULATED, "re_sim")
    drawn = one_effect(table, re, effect)
    low, high = percents(ci_level)
    half = two_sided_z(ci_level) * drawn["sd"]
    drawn["value"] = drawn[stat]
    drawn[f"lower_{low}"], drawn[f"upper_{high}"] = (
        drawn["value"] - half,
        drawn["value"] + half,
    )
    out = draw_effects(drawn, ax, return_data)
    shown = out[0] if isinstance(out, tuple) else out
    left_title(shown, f"Simulated random effects, {100 * ci_level:g} % ranges")
    return out


def plot_coefficients(
    model: MixedModel | pd.DataFrame,
    ci_level: float = 0.95,
    keep_intercept: bool = False,
    order: str | None = "decreasing",
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw the fixed effects with their intervals, one below the other.

    Parameters
    ----------
    model : MixedModel or DataFrame
        A fit, or the table of `extract_fixed_effects`.
    ci_level : float
        Of the Wald intervals; a table keeps its own.
    keep_intercept : bool
        Draw the intercept, too, which is often of another size.
    order : {"decreasing", "increasing", None}
        By value from the top, or as in the model.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the table drawn, from the top, with `excludes_zero`.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If the model is neither a fit nor the table of `extract_fixed_effects`.
    InferenceError
        If there is nothing to draw.

    Notes
    -----
    As visibly's ``plot_coefficients``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("gpa ~ occasion + sex + (1 | student)", mm.load_gpa())
    >>> ax, drawn = mm.plot_coefficients(model, return_data=True)
    >>> drawn["term"].tolist()
    ['sex[T.female]', 'occasion']
    """
    table: Any = model
    if isinstance(model, MixedModel):
        table = extract_fixed_effects(model, ci_level)
    check_table(table, ("term", "value"), "extract_fixed_effects")
    drawn = table
    if not check_flag(keep_intercept, "keep_intercept"):
        drawn = table[table["term"] != "Intercept"]
    if not len(drawn):
        raise InferenceError(
            "the model has no fixed effects but the intercept; draw it with "
            "keep_intercept=True."
        )
    drawn = _ordered(drawn, order)
    drawn["excludes_zero"] = excludes_zero(drawn)
    ax = axes_for(ax, (6.4, 1.2 + 0.35 * len(drawn)))
    position = np.arange(len(drawn))[::-1]
    draw_intervals(ax, drawn, position, upright=False, width=1.6, size=None, faded=1.0)
    ax.set_yticks(position, [str(term) for term in drawn["term"]])
    ax.set(
        xlabel=f"fixed effect, {percent(drawn)} interval",
        ylabel="term",
        ylim=(-0.6, len(drawn) - 0.4),
    )
    tidy(ax)
    return (ax, drawn) if return_data else ax


def _ordered(table: pd.DataFrame, order: Any) -> pd.DataFrame:
    """Sort a table by value, as asked for."""
    if order is None:
        return table.reset_index(drop=True)
    if not isinstance(order, str) or order not in ("decreasing", "increasing"):
        raise InferenceError(
            f"order is {brief(order)}; it must be 'decreasing', 'increasing' or None."
        )
    up = order == "increasing"
    return table.sort_values("value", ascending=up, kind="stable", ignore_index=True)
