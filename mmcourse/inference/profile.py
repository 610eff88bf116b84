"""Profile-likelihood intervals: where the criterion has risen by z^2.

Layer: functions of a `Fit`. One parameter is held at a value, all others are optimised;
zeta is the signed root of the rise of the criterion. An end of the interval solves
zeta = -+z by Newton's method, both ends at once, each solution starting from the last.
No grid is needed: the slope of the profile is the criterion's own derivative.

The likelihood is the full one (`criterion="ml"`, lme4's) or the restricted one
(`"reml"`). Restricted, a fixed effect's profile is the likelihood with the other
fixed effects integrated out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmcourse.fit import Fit
from mmcourse.inference.held import Held, hold, optimum
from mmcourse.inference.names import Parameter
from mmcourse.normal import two_sided_z

Array = NDArray[np.float64]

TOLERANCE = 1e-7
MOST_STEPS = 40


def profile_intervals(
    fit: Fit, chosen: Sequence[Parameter], level: float, criterion: str
) -> tuple[Array, list[str]]:
    """Solve for both ends of each parameter's interval.

    Returns
    -------
    ends : array, (len(chosen), 2)
        NaN where an end can't be found; 0 or -+1 at the limits of sds, correlations.
    notes : list of str
        Which ends could not be found.
    """
    z = two_sided_z(level)
    best = optimum(fit, criterion == "reml")
    ends = np.full((len(chosen), 2), np.nan)
    notes = []
    for i, parameter in enumerate(chosen):
        # A step too far is answered by a shorter one, or by an end that is not found.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            ends[i] = _interval(best, parameter, z)
        if np.any(np.isnan(ends[i])):
            notes.append(_lost_text(parameter.name, *np.isnan(ends[i])))
    return ends, notes


def _interval(best: Fit, parameter: Parameter, z: float) -> Array:
    """Both ends for one parameter, in the user's units; NaN for one not found."""
    try:
        held = hold(best, parameter)
        return np.full(2, np.nan) if held is None else held.report(solve_ends(held, z))
    except np.linalg.LinAlgError:  # of values that are not numbers
        return np.full(2, np.nan)


def _lost_text(name: str, lower: bool, upper: bool) -> str:
    """Say which ends of an interval were not found."""
    if lower and upper:
        return f"neither end of {name} was found"
    return f"the {'lower' if lower else 'upper'} end of {name} was not found"


def solve_ends(held: Held, z: float) -> Array:
    """Lower and upper end of one interval, (2,)."""
    sides = np.array([-1.0, 1.0])
    limits = np.array([held.low, held.high])
    scale = held.scale if np.isfinite(held.scale) else 0.5 * abs(held.estimate) + 0.1
    values = held.estimate + sides * z * scale
    done = np.full(2, np.nan)
    near, far = np.full(2, held.estimate), np.full(2, np.nan)
    others = np.tile(held.others, (2, 1))
    at = np.full(2, held.estimate)
    for _ in range(MOST_STEPS):
        values = np.clip(values, held.low, held.high)
        start = others + (values - at)[:, None] * held.direction
        rise, slope, others = held.solve(values, start)
        at = values
        zeta = np.sqrt(np.maximum(rise, 0.0))
        settled = np.abs(zeta - z) < TOLERANCE * z
        stuck = (values == limits) & (zeta < z)
        done = np.where(np.isnan(done) & settled, values, done)
        done = np.where(np.isnan(done) & stuck, limits, done)
        if not np.any(np.isnan(done)):
            break
        near = np.where(zeta < z, values, near)
        far = np.where(zeta >= z, values, far)
        values = _next(values, zeta, z, slope, near, far, held.estimate, sides)
        if not np.all(np.isfinite(values)):
            break
    return done


def _next(
    values: Array,
    zeta: Array,
    z: float,
    slope: Array,
    near: Array,
    far: Array,
    estimate: float,
    sides: Array,
) -> Array:
    """Newton's step on zeta, kept between what is known to be too near and too far."""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = (z - zeta) * 2 * zeta / slope
    proposal = values + np.where(np.isfinite(step), step, 0.0)
    inside = (proposal - near) * (far - proposal) > 0
    bracketed = np.where(inside, proposal, (near + far) / 2)
    # No far point yet: go outward, at least half as far again, at most thrice.
    distance = np.abs(values - estimate)
    reach = np.clip(np.abs(proposal - estimate), 1.5 * distance, 3 * distance)
    small = np.where(np.abs(proposal - values) < 0.5 * distance, proposal, 0.0)
    onward = np.where(
        (small != 0) & ((proposal - values) * sides > 0),
        proposal,
        estimate + sides * reach,
    )
    return np.where(np.isfinite(far), bracketed, onward)
