"""Pictures of a profile: zeta curves, densities, pairs of parameters.

Layer: beside `plots`, whose conventions it keeps.

References
----------
    [BW88] Bates, Watts (1988), Nonlinear Regression Analysis, appendix 6: contours of a
    likelihood from the traces of two profiles.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief
from mmcourse.model import MixedModel
from mmcourse.model.profile import Profile
from mmcourse.normal import two_sided_z
from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, axes_in_rows, pyplot, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
KINDS = ("zeta", "density", "pairs")
# Of the pairs: what is within these is drawn.
CONTOURS = (0.5, 0.8, 0.95)
SMOOTH = 200


def plot_profile(
    profile: Profile | MixedModel,
    kind: str = "zeta",
    *,
    ax: Any = None,
    return_data: bool = False,
) -> Any:
    """Draw the profile of every parameter.

    Parameters
    ----------
    profile : Profile or MixedModel
        Of a model, the profile of all its parameters is computed first.
    kind : {"zeta", "density", "pairs"}
        "zeta": the signed root of the rise of the criterion, with the intervals of 50,
        80, 90, 95 and 99 % as steps; a straight line means that a Wald interval would
        do. "density": of the normal distribution of zeta, carried over to the
        parameter. "pairs": regions of 50, 80 and 95 % for two parameters at a time,
        with the traces of both profiles.
    ax : array of Axes, optional
        One per parameter, or for "pairs" (k - 1, k - 1); a new figure when not given.
    return_data : bool
        Return the Axes and the frame of what was drawn.

    Returns
    -------
    array of Axes, or (array, DataFrame)
        One per parameter, in the shape of `ax`; with `return_data` also what was drawn.

    Raises
    ------
    InferenceError
        If there is nothing to draw, or no such kind.

    Notes
    -----
    As lme4's ``xyplot``, ``densityplot`` and ``splom`` of a profile [BW88].

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> axes = mm.plot_profile(model.profile())
    >>> [one.get_title() for one in axes]
    ['sd_Intercept|Batch', 'sigma', 'Intercept']
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise InferenceError(
            f"kind is {brief(kind)}; a profile is drawn as 'zeta', 'density' or "
            "'pairs'."
        )
    if isinstance(profile, MixedModel):
        profile = profile.profile()
    if not isinstance(profile, Profile):
        raise TypeError(
            f"the profile is of type {type(profile).__name__}; it must be what "
            "model.profile() returns, or a fit that lmer returned."
        )
    least = 2 if kind == "pairs" else 1
    if len(profile.traces) < least:
        raise InferenceError(
            f"there are {len(profile.traces)} profiles to draw, and {kind!r} needs "
            f"{least}: {'; '.join(profile.notes) or 'profile more parameters'}."
        )
    draw = {"zeta": _draw_zeta, "density": _draw_density, "pairs": _draw_pairs}[kind]
    axes, drawn = draw(profile, ax)
    return (axes, drawn) if return_data else axes


def _curves(profile: Profile) -> list[tuple[str, Array, Array]]:
    """Name, values and zeta of each parameter; zeta rising."""
    out = []
    for name in profile.traces:
        own = profile.zeta[profile.zeta["parameter"] == name]
        value, zeta = own["value"].to_numpy(), own["zeta"].to_numpy()
        rising = np.concatenate([[True], np.diff(np.maximum.accumulate(zeta)) > 0])
        out.append((name, value[rising], zeta[rising]))
    return out


def _spline(x: Array, y: Array) -> Any:
    """Monotone curve through points with x rising."""
    from scipy.interpolate import PchipInterpolator

    return PchipInterpolator(x, y)


def _draw_zeta(profile: Profile, ax: Any) -> tuple[Array, pd.DataFrame]:
    curves = _curves(profile)
    axes = axes_in_rows(len(curves), ax, 2.6)
    for one, (name, value, zeta) in zip(axes, curves, strict=True):
        curve = _spline(value, zeta)
        fine = np.linspace(value[0], value[-1], SMOOTH)
        one.plot(fine, curve(fine), color=GROUP, linewidth=1.8)
        one.axhline(0, color=OBSERVED, linewidth=0.8)
        for level in LEVELS:
            _draw_interval(one, value, zeta, level)
        one.set(title=name, xlabel=_unit(name), ylabel="zeta", ylim=(-3.1, 3.1))
        one.margins(x=0.12)
        tidy(one)
    return axes, profile.zeta.copy()


def _draw_interval(one: Axes, value: Array, zeta: Array, level: float) -> None:
    """Draw an interval as two steps down from the curve; an end beyond it is open."""
    z = two_sided_z(level)
    back = _spline(zeta, value)
    ends = np.array([back(s) if zeta[0] <= s <= zeta[-1] else np.nan for s in (-z, z)])
    one.vlines(ends, [0, 0], [-z, z], color=OBSERVED, linewidth=0.9)
    known = np.where(np.isnan(ends), value[[0, -1]], ends)
    one.hlines([-z, z], *known, color=OBSERVED, linewidth=0.5, linestyle=":")
    one.annotate(
        f"{level:.0%} ",
        (known[0], z),
        fontsize="x-small",
        ha="right",
        va="center",
        color="#555555",
    )


def _unit(name: str) -> str:
    """Say what the axis of a parameter shows."""
    if name.startswith("cor_"):
        return "correlation"
    if name.startswith("sd_") or name == "sigma":
        return "standard deviation"
    return "coefficient"


def _draw_density(profile: Profile, ax: Any) -> tuple[Array, pd.DataFrame]:
    curves = _curves(profile)
    axes = axes_in_rows(len(curves), ax, 2.3)
    drawn = []
    for one, (name, value, zeta) in zip(axes, curves, strict=True):
        curve = _spline(value, zeta)
        fine = np.linspace(value[0], value[-1], SMOOTH)
        height = np.exp(-0.5 * curve(fine) ** 2) / np.sqrt(2 * np.pi)
        density = height * curve.derivative()(fine)
        inside = np.abs(curve(fine)) <= two_sided_z(0.95)
        one.fill_between(fine, density, where=inside, color=GROUP, alpha=0.25)
        one.plot(fine, density, color=GROUP, linewidth=1.8)
        one.axvline(float(np.interp(0, zeta, value)), color=OVERALL, linewidth=1)
        one.set(title=name, xlabel=_unit(name), ylabel="density", yticks=[])
        one.set_ylim(bottom=0)
        tidy(one)
        drawn.append(
            pd.DataFrame({"parameter": name, "value": fine, "density": density})
        )
    return axes, pd.concat(drawn, ignore_index=True)


def _draw_pairs(profile: Profile, ax: Any) -> tuple[Array, pd.DataFrame]:
    curves = _curves(profile)
    k = len(curves)
    axes = _grid_of_axes(k - 1, ax)
    drawn = []
    for row, col in product(range(k - 1), repeat=2):
        one = axes[row, col]
        if col > row:
            one.set_visible(False)
            continue
        x, y = curves[col], curves[row + 1]
        for level in CONTOURS:
            at = _contour(profile, x, y, np.sqrt(-2 * np.log1p(-level)))
            one.plot(*at, color=GROUP, linewidth=1.1)
            names = {"x": x[0], "y": y[0], "level": level}
            drawn.append(pd.DataFrame({**names, "x_value": at[0], "y_value": at[1]}))
        for held, colour in ((x, OVERALL), (y, OBSERVED)):
            trace = profile.traces[held[0]]
            one.plot(trace[x[0]], trace[y[0]], color=colour, linewidth=1)
        _frame_pair(one, x, y, row == k - 2, col == 0)
    return axes, pd.concat(drawn, ignore_index=True)


def _frame_pair(one: Axes, x: Any, y: Any, is_bottom: bool, is_left: bool) -> None:
    """Limits and labels of one panel of the pairs."""
    one.set_xlim(x[1][0], x[1][-1])
    one.set_ylim(y[1][0], y[1][-1])
    one.tick_params(labelsize="x-small", labelbottom=is_bottom, labelleft=is_left)
    if is_bottom:
        one.set_xlabel(x[0].replace("|", "\n"), fontsize="small")
    if is_left:
        one.set_ylabel(y[0].replace("|", "\n"), fontsize="small")
    tidy(one)


def _grid_of_axes(n: int, ax: Any) -> Array:
    if ax is not None:
        return np.asarray(ax, dtype=object).reshape(n, n)
    side = 1.9 * n + 0.8
    style = {"figsize": (side, side), "layout": "constrained", "squeeze": False}
    return np.asarray(pyplot().subplots(n, n, **style)[1])


def _contour(profile: Profile, x: Any, y: Any, radius: float) -> tuple[Array, Array]:
    """Where the likelihood of two parameters has fallen by radius^2 / 2 [BW88].

    In zeta of both the contour is nearly a circle. It is radius * (cos(a + d / 2),
    cos(a - d / 2)), with d(a) a smooth periodic curve through the four points where the
    profile traces meet it.
    """
    from scipy.interpolate import CubicSpline

    of_y = _trace_zeta(profile, x, y)  # zeta of y along the profile of x
    of_x = _trace_zeta(profile, y, x)

    def angle(other: float) -> float:
        return float(np.arccos(np.clip(other / radius, -1, 1)))

    points = [
        (0.0, angle(of_y(radius))),
        (angle(of_x(radius)), 0.0),
        (np.pi, angle(of_y(-radius))),
        (angle(of_x(-radius)), np.pi),
    ]
    mean = np.array([(a + b) / 2 for a, b in points])
    gap = np.array([a - b for a, b in points])
    mean, gap = np.where(gap > 0, mean, -mean), np.abs(gap)
    order = np.argsort(mean)
    mean, gap = mean[order], gap[order]
    around = CubicSpline(
        np.append(mean, mean[0] + 2 * np.pi), np.append(gap, gap[0]), bc_type="periodic"
    )
    a = np.linspace(-np.pi, np.pi, SMOOTH)
    d = around(a)
    zetas = radius * np.cos(a + d / 2), radius * np.cos(a - d / 2)
    found = []
    for (_, value, zeta), at in zip((x, y), zetas, strict=True):
        inside = (at >= zeta[0]) & (at <= zeta[-1])
        found.append(np.where(inside, _spline(zeta, value)(at), np.nan))
    return found[0], found[1]


def _trace_zeta(profile: Profile, held: Any, other: Any) -> Any:
    """Zeta of the other parameter as a function of zeta of the one that is held."""
    own = profile.zeta[profile.zeta["parameter"] == held[0]]
    zeta = own["zeta"].to_numpy()
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(zeta)) > 0])
    along = profile.traces[held[0]][other[0]].to_numpy()
    moved = np.interp(along, other[1], other[2])
    return _spline(zeta[rising], moved[rising])
