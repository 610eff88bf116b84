"""Pictures of effects: simulated, fixed, and how the random ones are distributed.

Layer: beside `plots`, whose conventions it keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief
from mmcourse.extract import extract_fixed_effects
from mmcourse.extract.arguments import percents
from mmcourse.model import MixedModel
from mmcourse.model.arguments import check_flag, check_level
from mmcourse.normal import two_sided_z
from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, PICKED, axes_for, tidy
from mmcourse.plots.groups import _limits, draw_effects, effects_table, one_effect
from mmcourse.randomness import Seed
from mmcourse.simulated import re_sim

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

SMOOTH = 401  # points of a density
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
    n_sims, seed
        Of the simulation, where a fit is given.
    ax : Axes, optional
    return_data : bool
        Return the Axes and the table drawn, with value, limits and `excludes_zero`.

    Raises
    ------
    TypeError
        If the model is neither a fit nor a table.
    InferenceError
        If there are several effects and none is chosen, or there is no such effect.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> ax, drawn = mm.plot_re_sim(model, seed=1, return_data=True)
    >>> len(drawn), ax.get_xlabel()
    (18, 'Subject')
    """
    check_level(ci_level)
    if not isinstance(stat, str) or stat not in ("median", "mean"):
        raise InferenceError(f"stat is {brief(stat)}; it must be 'median' or 'mean'.")
    table = re_sim(model, n_sims, seed) if isinstance(model, MixedModel) else model
    _check_table(table, SIMULATED, "re_sim")
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
    shown.set_title(
        f"Simulated random effects, {100 * ci_level:g} % ranges",
        loc="left",
        fontsize="medium",
    )
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
    return_data : bool
        Return the Axes and the table drawn, from the top, with `excludes_zero`.

    Raises
    ------
    TypeError
        If the model is neither a fit nor a table.
    InferenceError
        If there is nothing to draw.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> ax, drawn = mm.plot_coefficients(model, return_data=True)
    >>> drawn["term"].tolist()
    ['Days']
    """
    table: Any = model
    if isinstance(model, MixedModel):
        table = extract_fixed_effects(model, ci_level)
    _check_table(table, ("term", "value"), "extract_fixed_effects")
    lower, upper = _limits(table)
    drawn = table
    if not check_flag(keep_intercept, "keep_intercept"):
        drawn = table[table["term"] != "Intercept"]
    if not len(drawn):
        raise InferenceError(
            "the model has no fixed effects but the intercept; draw it with "
            "keep_intercept=True."
        )
    drawn = _ordered(drawn, order)
    drawn["excludes_zero"] = (drawn[lower] > 0) | (drawn[upper] < 0)
    ax = axes_for(ax, (6.4, 1.2 + 0.35 * len(drawn)))
    ax.axvline(0, color=OVERALL, linewidth=1.2, zorder=1)
    position = np.arange(len(drawn))[::-1]
    for dark, colour in ((False, OBSERVED), (True, PICKED)):
        part = drawn["excludes_zero"].to_numpy() == dark
        ends = drawn.loc[part, lower], drawn.loc[part, upper]
        ax.hlines(position[part], *ends, color=colour, linewidth=1.6)
        dots = GROUP if dark else OBSERVED
        ax.plot(drawn.loc[part, "value"], position[part], "o", color=dots)
    ax.set_yticks(position, [str(term) for term in drawn["term"]])
    low, high = (float(name.split("_")[1]) for name in (lower, upper))
    ax.set(
        xlabel=f"fixed effect, {high - low:g} % interval",
        ylabel="term",
        ylim=(-0.6, len(drawn) - 0.4),
    )
    tidy(ax)
    return (ax, drawn) if return_data else ax


def plot_density(
    model: MixedModel | pd.DataFrame,
    re: str | None = None,
    effect: str | None = None,
    limits: tuple[float, float] | None = None,
    ax: Axes | None = None,
    return_data: bool = False,
) -> Axes | tuple[Axes, pd.DataFrame]:
    """Draw how the random effects are distributed.

    The filled curve is a kernel density of the conditional modes. For a fit, the
    dashed one is the normal distribution that the model estimates: the modes are
    shrunken, so they spread less.

    Parameters
    ----------
    model : MixedModel or DataFrame
        A fit, or the table of `extract_random_effects`.
    re, effect : str, optional
        Which grouping factor and effect; needed where there are several.
    limits : (float, float), optional
        Ends of the horizontal axis, for example to compare pictures.
    ax : Axes, optional
    return_data : bool
        Return the Axes and the curves: columns value, density, model.

    Raises
    ------
    TypeError
        If the model is neither a fit nor a table.
    InferenceError
        If there are several effects and none is chosen, there is no such effect, or
        the limits are none.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> ax = mm.plot_density(model, limits=(-150, 150))
    >>> [float(end) for end in ax.get_xlim()]
    [-150.0, 150.0]
    """
    table = one_effect(effects_table(model, 0), re, effect)
    group, name = str(table["group_var"].iloc[0]), str(table["effect"].iloc[0])
    values = table["value"].to_numpy(dtype=float)
    width = _bandwidth(values)
    sd = _model_sd(model, group, name) if isinstance(model, MixedModel) else None
    x = np.linspace(*_ends(limits, values, max(width, sd or 0.0)), SMOOTH)
    drawn = pd.DataFrame({"value": x, "density": _density(values, width, x)})
    ax = axes_for(ax, (6.0, 3.6))
    ax.fill_between(x, drawn["density"], color=GROUP, alpha=0.25, linewidth=0)
    ax.plot(x, drawn["density"], color=GROUP, linewidth=1.8, label="modes")
    drawn["model"] = np.nan
    if sd:
        drawn["model"] = np.exp(-0.5 * (x / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        style: dict[str, Any] = {"color": OVERALL, "linestyle": "--", "linewidth": 1.6}
        ax.plot(x, drawn["model"], label="estimated distribution", **style)
        ax.legend(frameon=False)
    what = "intercept" if name == "Intercept" else f"coefficient of {name}"
    ax.set(xlabel=f"effect of {group} on the {what}", ylabel="density")
    ax.set(xlim=(x[0], x[-1]), ylim=(0, None))
    tidy(ax)
    return (ax, drawn) if return_data else ax


def _check_table(table: Any, columns: tuple[str, ...], maker: str) -> None:
    """Refuse what is no table of the kind that `maker` makes."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"the model is of type {type(table).__name__}; it must be a fit that lmer "
            f"returned, or the table of {maker}."
        )
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise InferenceError(
            f"the table has no column {lacking[0]!r}; make it with {maker}(model)."
        )


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


def _model_sd(model: MixedModel, group: str, effect: str) -> float:
    """Estimated sd of an effect; of all terms together where several have it."""
    rows = model.var_corr()
    own = (rows["group"] == group) & (rows["effect_1"] == effect)
    return float(np.sqrt(rows.loc[own & rows["effect_2"].isna(), "variance"].sum()))


def _bandwidth(values: Array) -> float:
    """Return R's default bandwidth (`bw.nrd0`); 1 where all values are the same."""
    low, high = np.quantile(values, [0.25, 0.75])
    sd = values.std(ddof=1) if len(values) > 1 else 0.0
    spread = min(sd, (high - low) / 1.34) or sd
    return float(0.9 * spread * len(values) ** -0.2) or 1.0


def _density(values: Array, width: float, x: Array) -> Array:
    """Gaussian kernel density at x (points,)."""
    out = np.zeros(len(x))
    for part in np.array_split(values, max(1, len(values) // 2000)):
        out += np.exp(-0.5 * ((x[:, None] - part) / width) ** 2).sum(axis=1)
    return out / (len(values) * width * np.sqrt(2 * np.pi))


def _ends(limits: Any, values: Array, width: float) -> tuple[float, float]:
    """Choose the ends of the axis."""
    if limits is None:
        return float(values.min() - 3 * width), float(values.max() + 3 * width)
    try:
        low, high = (float(end) for end in limits)
    except (TypeError, ValueError) as error:
        raise InferenceError(
            f"limits is {brief(limits)}; it must be two numbers, for example (-3, 3)."
        ) from error
    if not low < high or not np.isfinite([low, high]).all():
        raise InferenceError(
            f"limits is {brief(limits)}; the first must be below the second."
        )
    return low, high
