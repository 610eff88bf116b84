"""Profile curves: zeta at many values of a parameter, all others at their best.

Layer: functions of a `Fit`. zeta is the signed root of the rise of the criterion: a
straight line where a Wald interval is right. A curve goes to zeta = -+`Z_MAX`, or to
the limit of the parameter; where that end can't be found it stops at what is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.fit import Fit
from mmcourse.inference.held import Held, State, hold
from mmcourse.inference.names import Parameter
from mmcourse.inference.profile import solve_ends

Array = NDArray[np.float64]

# Beyond the 99 % interval, which is at 2.58.
Z_MAX = 3.0
POINTS = 12  # on each side of the estimate
# A fall of zeta by more is no rounding.
MONOTONE = 1e-4


@dataclass(frozen=True, slots=True)
class Curve:
    """The profile of one parameter, in the user's units.

    Attributes
    ----------
    value, zeta : array, (s,)
        Rising values; zeta is 0 at the estimate.
    traces : array, (s, n_parameters)
        Every parameter of the model at these points, in the order of `parameters`.
    notes : tuple of str
        Sides that are open, or not monotone.
    """

    value: Array
    zeta: Array
    traces: Array
    notes: tuple[str, ...]


def profile_curve(
    best: Fit, parameter: Parameter, every: Sequence[Parameter]
) -> Curve | None:
    """Follow one parameter's profile; None where it has none.

    Parameters
    ----------
    best : Fit
        The optimum of the likelihood that is profiled (`held.optimum`).
    every : sequence of Parameter
        All parameters of the model.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        try:
            held = hold(best, parameter)
            if held is None:
                return None
            ends = solve_ends(held, Z_MAX)
            sides = [
                _side(held, end, way) for end, way in zip(ends, (-1, 1), strict=True)
            ]
        except np.linalg.LinAlgError:  # of values that are not numbers
            return None
    below, above = sides
    middle = (np.array([held.estimate]), np.zeros(1), held.others[None])
    value, zeta, others = (
        np.concatenate([a[::-1], b, c])
        for a, b, c in zip(below, middle, above, strict=True)
    )
    states = held.state(value, others)
    traces = np.array([describe(best, every, state) for state in states])
    notes = _notes(parameter.name, ends, zeta)
    return Curve(np.asarray(held.report(value)), zeta, traces, notes)


def _side(held: Held, end: float, way: int) -> tuple[Array, Array, Array]:
    """Values from the estimate outward, with zeta and the other parameters."""
    if np.isnan(end):
        scale = held.scale if np.isfinite(held.scale) else 0.0
        end = float(np.clip(held.estimate + way * scale, held.low, held.high))
    part = np.linspace(0, 1, POINTS + 1)[1:]
    values = held.estimate + part * (end - held.estimate)
    if end == held.estimate:  # at its limit: there is no such side
        values = values[:0]
    starts = held.others + (values - held.estimate)[:, None] * held.direction
    rise, _, others = (
        held.solve(values, starts) if len(values) else (values,) * 2 + (starts,)
    )
    zeta = way * np.sqrt(np.maximum(rise, 0.0))
    keep = np.isfinite(zeta)
    return values[keep], zeta[keep], others[keep]


def describe(best: Fit, every: Sequence[Parameter], state: State) -> Array:
    """Values of all parameters at a point of a profile, in the user's units."""
    cov = best.products.cov
    roots = [
        state.sigma * (slot.basis.to_user @ lam)
        for slot, lam in zip(cov.slots, state.lams, strict=True)
    ]
    beta = best.products.basis.to_user[list(best.kept)] @ state.beta
    out = []
    for p in every:
        if p.kind == "sigma":
            out.append(state.sigma * np.sqrt(best.products.unit))
        elif p.kind == "fixed":
            out.append(beta[p.position])
        else:
            rows = roots[p.term][[p.row, p.col]]
            sizes = np.linalg.norm(rows, axis=1)
            with np.errstate(invalid="ignore"):
                cor = rows[0] @ rows[1] / (sizes[0] * sizes[1])
            out.append(sizes[0] if p.kind == "sd" else cor)
    return np.array(out)


def _notes(name: str, ends: Array, zeta: Array) -> tuple[str, ...]:
    """Say what is not known of a curve."""
    notes = [
        f"the {side} side of {name} is open: its end was not found"
        for side, end in zip(("lower", "upper"), ends, strict=True)
        if np.isnan(end)
    ]
    if np.any(np.diff(zeta) < -MONOTONE):
        notes.append(
            f"the profile of {name} is not monotone: the likelihood has more than one "
            "peak, and an interval may be a part of what the data allow"
        )
    return tuple(notes)
