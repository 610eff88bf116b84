"""Minimise a criterion over theta: Newton steps in a trust region, batched.

Layer: arrays only. As a function of the entries of lambda the criterion is smooth and
even in the sign of each column, so no bound is needed: a variance of zero is an
ordinary minimum. Steps use the Hessian (exact, or the average information), made
positive by the absolute values of its eigenvalues, which leaves saddle points behind.
A leading axis holds several problems, or several starts of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Quadratic(Protocol):
    """What a step needs: values (a,), gradients (a, q), Hessians (a, q, q)."""

    @property
    def criterion(self) -> Array:
        """Values; NaN where there is none."""
        ...

    @property
    def gradient(self) -> Array | None:
        """First derivatives."""
        ...

    @property
    def hessian(self) -> Array | None:
        """Second derivatives, exact or nearly so."""
        ...

    @property
    def noise(self) -> Array:
        """What rounding may do to the values, (a,)."""
        ...

    @property
    def is_spent(self) -> Bools:
        """Whether the residual has gone to zero there, (a,)."""
        ...

    @property
    def is_exact(self) -> bool:
        """Whether the Hessian is exact."""
        ...


# (theta (a, q), which problems (a,)) -> their values and derivatives
Objective = Callable[[Array, NDArray[np.intp]], Quadratic]

LIMIT = 200
# With less than this to gain the step is taken, not examined, and is the last: what is
# then left to gain is of the order of its square (exact Hessian) or a tenth of it.
CONVERGED_EXACT = 1e-8
CONVERGED = 1e-11
# Beyond this the residual variance has gone to zero: there is no finite optimum.
RUNAWAY = 5e5
STEEPEST = 1e60
SHORT = 1e-3
# The part of the noise that it makes no sense to look for.
UNSEEN = 1e-2
# A curvature below this part of the largest, negative, where the slope is zero: a
# saddle, left by a push that becomes shorter until it helps, or is given up as flat.
SADDLE = 1e-6
PUSH, LEAST_PUSH = 0.1, 1e-3


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where a minimisation ended; a leading axis for the problems of a batch."""

    theta: Array  # (b, q)
    criterion: Array  # (b,)
    status: NDArray[np.str_]  # (b,) converged | max_evaluations | stalled | runaway
    n_evaluations: int


@dataclass(slots=True)
class _State:
    """Running state of all problems; only this module changes it."""

    theta: Array
    f: Array
    g: Array
    H: Array
    noise: Array
    radius: Array
    status: NDArray[np.str_]
    enough: float

    def propose(self, active: NDArray[np.intp]) -> Move:
        """Propose a step for each of the active problems."""
        g, H, radius = self.g[active], self.H[active], self.radius[active]
        noise = self.noise[active]
        enough = np.maximum(self.enough, UNSEEN * noise)
        # A curvature that rounding hides all the way to zero and back.
        hidden = noise / (1 + np.sum(self.theta[active] ** 2, axis=1))
        return newton_step(g, H, radius, enough, noise, hidden)


@dataclass(frozen=True, slots=True)
class Move:
    """A proposed step for each of several problems."""

    step: Array  # (a, q)
    gain: Array  # (a,) predicted fall of the criterion
    decrement: Array  # (a,) what an unrestricted Newton step would gain
    is_last: Bools  # (a,) whether so little is worth a look

    def take(self, which: Bools) -> Move:
        """Return the moves of some of the problems."""
        return Move(
            self.step[which],
            self.gain[which],
            self.decrement[which],
            self.is_last[which],
        )


def minimize(
    objective: Objective, start: Array, max_evaluations: int | None = None
) -> Optimum:
    """Minimise each of a batch of problems.

    Parameters
    ----------
    objective : callable
        Takes theta (a, q) and the numbers (a,) of the problems it belongs to; returns
        their evaluation with gradient and Hessian.
    start : array, (b, q)
    max_evaluations : int, optional
        Most calls of the objective; `LIMIT` when not given.
    """
    limit = LIMIT if max_evaluations is None else max_evaluations
    everyone = np.arange(start.shape[0])
    ev = objective(start, everyone)
    f, g, H, noise = _values(ev)
    reach = np.maximum(1.0, np.linalg.norm(start, axis=1))
    blank = np.full(len(start), "" if start.shape[1] else "converged", dtype="<U15")
    enough = CONVERGED_EXACT if ev.is_exact else CONVERGED
    blank[~np.isfinite(f) & (blank == "")] = "runaway"
    state = _State(start.copy(), f, g, H, noise, reach, blank, enough)
    n_evaluations = 1
    while True:
        active = np.flatnonzero(state.status == "")
        if not len(active):
            break
        move = state.propose(active)
        last = _finish(state, active, move)
        active, move = active[~last], move.take(~last)
        if not len(active):
            break
        if n_evaluations >= limit:
            state.status[active] = "max_evaluations"
            break
        _advance(objective, state, active, move)
        n_evaluations += 1
    return Optimum(state.theta, state.f, state.status, n_evaluations)


def _finish(state: _State, active: NDArray[np.intp], move: Move) -> Bools:
    """Take the last steps, unexamined; return which problems they end.

    Along a flat valley a long step that promises little may lead up its side: it is
    examined where the gain could be seen, else not taken.
    """
    length = np.linalg.norm(move.step, axis=1)
    here = 1 + np.linalg.norm(state.theta[active], axis=1)
    is_short = length <= SHORT * here
    unseen = move.decrement < UNSEEN * state.noise[active]
    last = move.is_last & (is_short | unseen)
    stepping = last & is_short
    state.theta[active[stepping]] += move.step[stepping]
    state.status[active[last]] = "converged"
    return last


def _advance(
    objective: Objective, state: _State, active: NDArray[np.intp], move: Move
) -> None:
    """Try one step for every active problem; keep it where it helps."""
    step, gain, radius = move.step, move.gain, state.radius[active]
    trial = state.theta[active] + step
    ev = objective(trial, active)
    f, g_new, H_new, noise_new = _values(ev)
    noise = state.noise[active]
    actual = state.f[active] - f
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gain > 0, actual / gain, np.where(actual > 0, 0.5, 0.0))
    # Where rounding hides the gain, the derivatives are to be believed.
    hidden = (gain <= noise) & (actual >= -10 * noise)
    accept = (actual >= 1e-4 * gain) | hidden
    accept &= np.isfinite(f)
    length = np.linalg.norm(step, axis=1)
    wide = np.where((ratio > 0.75) & (length > 0.8 * radius), 3 * radius, radius)
    state.radius[active] = np.where((ratio < 0.25) & ~hidden, length / 4, wide)
    chosen = active[accept]
    state.theta[chosen], state.f[chosen] = trial[accept], f[accept]
    state.g[chosen], state.H[chosen] = g_new[accept], H_new[accept]
    state.noise[chosen] = noise_new[accept]
    tiny = state.radius[active] < 1e-9 * (1 + np.abs(state.theta[active]).max(axis=1))
    state.status[active[tiny]] = "stalled"
    size = np.abs(state.theta[active]).max(axis=1, initial=0.0)
    # Rounding may stop the search on its way there.
    large = (size > RUNAWAY) | tiny & (size > RUNAWAY / 20) | accept & ev.is_spent
    state.status[active[large]] = "runaway"


def newton_step(
    g: Array, H: Array, radius: Array, enough: Array, noise: Array, hidden: Array
) -> Move:
    """Propose a step for gradients g (a, q) and Hessians H (a, q, q).

    The full Newton step where it is inside the radius, else its direction with the
    flat eigenvectors shortened first (a Levenberg shift).
    """
    values, vectors = np.linalg.eigh(H)
    size = np.abs(values)
    size = np.maximum(size, 1e-10 * size.max(axis=1, keepdims=True) + hidden[:, None])
    slope = np.einsum("bij,bi->bj", vectors, g)
    decrement = 0.5 * np.sum(slope**2 / size, axis=1)
    move = -slope / size
    # A minimum along every eigenvector but a maximum along one, with no slope there:
    # push off the saddle.
    push = np.minimum(PUSH, radius)
    fall = -0.5 * values[:, 0] * push**2
    saddle = (decrement < enough) & (values[:, 0] < -SADDLE * size.max(axis=1))
    saddle &= (radius > LEAST_PUSH) & (fall > noise)
    move[saddle, 0] = np.copysign(push, move[:, 0])[saddle]
    move = _shorten(move, slope, size, radius, saddle)
    gain = -np.sum(slope * move + 0.5 * np.abs(values) * move**2, axis=1)
    gain = np.where(saddle, fall, gain)
    step = np.einsum("bij,bj->bi", vectors, move)
    return Move(step, gain, decrement, (decrement < enough) & ~saddle)


def _shorten(
    move: Array, slope: Array, size: Array, radius: Array, saddle: Bools
) -> Array:
    """Levenberg shift that brings the step within the radius, by bisection."""
    long = (np.linalg.norm(move, axis=1) > radius) & ~saddle
    if not np.any(long):
        return move
    s, d, r = slope[long], size[long], radius[long]
    low = np.zeros(len(r))
    high = np.linalg.norm(s, axis=1) / r
    for _ in range(30):
        shift = (low + high) / 2
        too_long = np.linalg.norm(s / (d + shift[:, None]), axis=1) > r
        low, high = np.where(too_long, shift, low), np.where(too_long, high, shift)
    move[long] = -s / (d + high[:, None])
    return move


def _values(ev: Quadratic) -> tuple[Array, Array, Array, Array]:
    """Criterion, gradient, Hessian, noise; what has no value is infinitely bad."""
    assert ev.gradient is not None and ev.hessian is not None
    # So steep a criterion divides by a residual variance that is only rounding.
    steep = np.abs(ev.gradient).max(axis=-1, initial=0.0) > STEEPEST
    bad = ~np.isfinite(ev.criterion) | steep
    f = np.where(bad, np.inf, ev.criterion)
    g = np.where(bad[..., None] | ~np.isfinite(ev.gradient), 0.0, ev.gradient)
    H = np.where(bad[..., None, None] | ~np.isfinite(ev.hessian), 0.0, ev.hessian)
    return f, g, H, np.where(bad, 0.0, ev.noise)
