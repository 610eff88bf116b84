"""Four looks at a fit: residuals, their distribution, their spread, the effects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.diagnostics import augment
from mmcourse.extract import extract_random_effects
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, axes_in_rows, tidy

Array = NDArray[np.float64]

PANELS = 4
# Points of a running mean, each over a tenth of the rows or more.
WINDOWS = 10


def plot_diagnostics(
    model: MixedModel, *, ax: Any = None, return_data: bool = False
) -> Any:
    """Draw residuals and random effects as they should, and as they should not, look.

    Standardized residuals against fitted values (no trend wanted), against normal
    quantiles (a straight line), their absolute size against fitted values (level), and
    each random effect against normal quantiles (straight lines).

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    ax : array of four Axes, optional
        A new figure when not given.
    return_data : bool
        Return the Axes and the table of `augment`.

    Returns
    -------
    array of Axes (4,), or (array, DataFrame)
        What was drawn on; with `return_data` also the table.

    Raises
    ------
    TypeError
        If the model is no fit, or ax not four Axes.

    Notes
    -----
    As lme4's ``plot`` and ``qqmath`` of a model.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> [one.get_ylabel() for one in mm.plot_diagnostics(model)][:2]
    ['standardized residual', 'standardized residual']
    """
    check_model(model, "plot_diagnostics")
    table = augment(model)
    axes = axes_in_rows(PANELS, ax, 2.7, columns=2)
    if len(axes) != PANELS:
        raise TypeError(f"ax holds {len(axes)} Axes; the picture has {PANELS} panels.")
    fitted, left = table["fitted"].to_numpy(), table["standardized"].to_numpy()
    response = model.design.response_name
    _draw_against(axes[0], fitted, left, response)
    axes[0].set(ylabel="standardized residual", title="Residuals: no trend?")
    _draw_quantiles(axes[1], left, GROUP)
    axes[1].set(ylabel="standardized residual", title="Residuals: normal?")
    _draw_against(axes[2], fitted, np.sqrt(np.abs(left)), response)
    axes[2].set(ylabel="root of |residual|", title="Residuals: one spread?")
    _draw_effects(axes[3], model)
    for one in axes:
        tidy(one)
    return (axes, table) if return_data else axes


def _draw_against(ax: Any, fitted: Array, values: Array, response: str) -> None:
    """Points over the fitted values, and their running mean."""
    ax.plot(fitted, values, "o", color=OBSERVED, markersize=2.5, alpha=0.6)
    order = np.argsort(fitted, kind="stable")
    parts = [part for part in np.array_split(order, WINDOWS) if len(part)]
    at = [fitted[part].mean() for part in parts]
    ax.plot(at, [values[part].mean() for part in parts], color=OVERALL, linewidth=1.6)
    ax.set_xlabel(f"fitted {response}")


def _draw_quantiles(ax: Any, values: Array, colour: str, label: str = "") -> None:
    """Sorted values over normal quantiles, and the line of a normal distribution."""
    from scipy.special import ndtri

    z = ndtri((np.arange(len(values)) + 0.5) / len(values))
    ordered = np.sort(values)
    ax.plot(z, ordered, "o", color=colour, markersize=2.5, alpha=0.7, label=label)
    ends = z[[0, -1]]
    ax.plot(
        ends, values.mean() + values.std() * ends, color=OVERALL, linewidth=1, zorder=1
    )
    ax.set_xlabel("normal quantile")


def _draw_effects(ax: Any, model: MixedModel) -> None:
    """Each random effect over its sd, against normal quantiles."""
    table = extract_random_effects(model, ci_level=0)
    several = table.groupby(["group_var", "effect"], sort=False, observed=True)
    shades = (GROUP, "#1a1a1a", "#7fa8cf", "#9a9a9a")
    for i, ((group, effect), own) in enumerate(several):
        values = own["value"].to_numpy()
        spread = values.std()
        if spread > 0:
            name = f"{effect} | {group}"
            _draw_quantiles(ax, values / spread, shades[i % len(shades)], name)
    ax.set(ylabel="effect / its sd", title="Random effects: normal?")
    if several.ngroups > 1 and ax.has_data():
        ax.legend(fontsize="x-small", frameon=False, loc="upper left")
