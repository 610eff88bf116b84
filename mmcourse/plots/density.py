"""How random effects are distributed, beside what the model takes them to be.

Layer: beside `groups`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief
from mmcourse.model import MixedModel
from mmcourse.plots.common import GROUP, OVERALL, axes_for, effect_words, tidy
from mmcourse.plots.tables import effects_table, one_effect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

SMOOTH = 401  # points of a density
LEGEND = 0.5  # inches that a legend of two lines takes


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
        Whose distribution; needed where there are several effects.
    limits : (float, float), optional
        Ends of the horizontal axis, for example to compare pictures.
    ax : Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the curves: columns value, density, model.

    Returns
    -------
    Axes, or (Axes, DataFrame)
        What was drawn on; with `return_data` also what was drawn.

    Raises
    ------
    TypeError
        If there is neither a fit nor a table to draw.
    InferenceError
        If there are several effects and none is chosen, there is no such effect, or
        the limits are none.

    Notes
    -----
    As ``density`` of R, with the normal distribution of the model beside it.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    >>> ax = mm.plot_density(model, limits=(-3, 3))
    >>> [float(end) for end in ax.get_xlim()]
    [-3.0, 3.0]
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
    ax.set(xlabel=f"effect of {group} on the {effect_words(name)}", ylabel="density")
    ax.set(xlim=(x[0], x[-1]), ylim=(0, None))
    if sd:
        _legend(ax)
    tidy(ax)
    return (ax, drawn) if return_data else ax


def _legend(ax: Axes) -> None:
    """Name the curves above them: the axis grows by the room that two lines take."""
    ax.legend(frameon=False, fontsize="small", loc="upper left", borderaxespad=0.2)
    height = ax.get_window_extent().height / ax.figure.dpi
    taken = min(LEGEND / height, 0.6)
    ax.set_ylim(0, ax.get_ylim()[1] / (1 - taken))


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
