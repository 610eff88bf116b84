"""One parameter held at a value, all others optimised: what a profile is made of.

Layer: functions of a `Fit`. An sd, a correlation or sigma is held in `coordinates` that
make it an axis; a fixed effect is taken out of y. The slope of a profile is the
criterion's own derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.criterion import Criterion, build_criterion, with_response
from mmcourse.crossproducts import CrossProducts, ResponseProducts
from mmcourse.elimination.root import ROUNDING, Evaluation
from mmcourse.fit import Fit, estimate
from mmcourse.inference.coordinates import Coordinates, coordinates
from mmcourse.inference.names import Parameter
from mmcourse.optimize import minimize

Array = NDArray[np.float64]
Index = NDArray[np.intp]

STEP = 1e-5


@dataclass(frozen=True, slots=True)
class State:
    """All of a model's parameters at one point of a profile, in the engine's terms."""

    lams: list[Array]  # (r, r) per term: lambda, conditioned basis
    sigma: float  # units y, of a row of mean weight
    beta: Array  # (p,), conditioned, what least squares took out of y included


@dataclass(frozen=True, slots=True)
class Held:
    """One parameter's profile: the criterion minimised with the parameter held.

    Attributes
    ----------
    solve : callable
        (values (s,), starts (s, f), which side (s,)) -> criterion above the minimum
        (s,), its slope in the value (s,), the other parameters (s, f).
    estimate, scale : float
        Where the profile is zero, and a first guess of the standard error.
    others : array, (f,)
        The other parameters at the estimate.
    direction : array, (f,)
        How the others move with the value, to first order.
    low, high : float
        Limits of the parameter.
    state : callable
        (values (s,), others (s, f)) -> a `State` for each.
    report : callable
        From the axis that is held to the parameter, in the user's units.
    """

    solve: Callable[[Array, Array], tuple[Array, Array, Array]]
    estimate: float
    scale: float
    others: Array
    direction: Array
    low: float
    high: float
    state: Callable[[Array, Array], list[State]]
    report: Callable[[Array], Array] = np.asarray


def optimum(fit: Fit, reml: bool) -> Fit:
    """Return the fit that maximises the likelihood that is profiled."""
    if fit.problem.reml == reml:
        return fit
    products = fit.products
    problem = build_criterion(
        products.sums,
        products.cov,
        reml,
        products.basis.logdet_recover(),
        products.unit,
    )
    return estimate(products, problem)


def hold(best: Fit, parameter: Parameter) -> Held | None:
    """Set up the profile of one parameter; None where it has none."""
    if best.no_residual or best.sigma <= 0:
        return None
    if parameter.kind == "fixed":
        return _hold_fixed(best, parameter)
    if parameter.kind != "sigma":
        slot = best.products.cov.slots[parameter.term]
        if slot.rank < slot.n_user:
            return None
        sd = np.sqrt(np.diag(best.relative_covariances()[parameter.term]))
        if parameter.kind == "cor" and np.any(sd[[parameter.row, parameter.col]] == 0):
            return None  # a correlation with a constant is not defined
    return _hold_variance(best, parameter)


def _hold_variance(best: Fit, parameter: Parameter) -> Held:
    """Profile of an sd, a correlation, or sigma (on the log scale)."""
    axes, phi = coordinates(
        best.problem, best.theta_conditioned, best.engine_sigma, parameter
    )
    free = np.delete(np.arange(len(phi)), axes.target)
    floor, _ = axes.value_and_gradient(phi)

    def full(values: Array, others: Array) -> Array:
        out = np.empty((*others.shape[:-1], len(phi)))
        out[..., axes.target] = values
        out[..., free] = others
        return out

    def gradient(values: Array, others: Array) -> tuple[Array, Array]:
        return axes.value_and_gradient(full(values, others))

    def solve(values: Array, others: Array) -> tuple[Array, Array, Array]:
        def objective(at: Array, which: Index) -> _Local:
            return _local(lambda o: gradient(values[which][:, None], o), at, free)

        found = minimize(objective, others)
        f, g = gradient(values, found.theta)
        return f - floor, g[:, axes.target], found.theta

    H = _local(lambda p: axes.value_and_gradient(p), phi[None], np.arange(len(phi)))
    scale, direction = _first_order(H.hessian[0], axes.target, free)
    low, high, report = _meaning(axes, parameter, best.products.unit)
    at = phi[axes.target]

    def state(values: Array, others: Array) -> list[State]:
        T, sigma = axes.entries(full(values, others))
        theta = T / sigma[..., None]
        beta = axes.problem.evaluate(theta, 0, sigma).root.beta
        beta = beta + best.products.least_squares
        lams = [axes.problem.cov.term_lambdas(row) for row in theta]
        return [State(*one) for one in zip(lams, sigma, beta, strict=True)]

    return Held(solve, at, scale, phi[free], direction, low, high, state, report)


def _meaning(
    axes: Coordinates, parameter: Parameter, unit: float
) -> tuple[float, float, Callable[[Array], Array]]:
    """Limits of an axis, and the parameter that a place on it stands for."""
    if parameter.kind == "sd":
        return 0.0, np.inf, lambda at: at * (axes.size * axes.sigma)
    if parameter.kind == "cor":
        return -np.pi / 2, np.pi / 2, np.sin
    return -np.inf, np.inf, lambda at: np.exp(at) * np.sqrt(unit)


@dataclass(frozen=True, slots=True)
class _Local:
    """Value, gradient and Hessian, as `minimize` takes them."""

    criterion: Array
    gradient: Array
    hessian: Array
    is_exact: bool = True

    @property
    def noise(self) -> Array:
        """What rounding may do to the value."""
        return ROUNDING * (1 + np.abs(self.criterion))

    @property
    def is_spent(self) -> NDArray[np.bool_]:
        """No: sigma is held, or near its estimate."""
        return np.zeros(self.criterion.shape, dtype=bool)


def _local(
    function: Callable[[Array], tuple[Array, Array]], at: Array, free: Index
) -> _Local:
    """Hessian by central differences of a gradient, one batch: at (s, f)."""
    q = at.shape[1]
    moves = np.concatenate([np.zeros((1, q)), np.eye(q), -np.eye(q)])
    step = STEP * np.maximum(1.0, np.abs(at))
    f, g = function(at[:, None, :] + moves * step[:, None, :])
    g = g[..., free]
    H = (g[:, 1 : q + 1] - g[:, q + 1 :]) / (2 * step[:, :, None])
    return _Local(f[:, 0], g[:, 0], (H + np.swapaxes(H, -1, -2)) / 2)


def _first_order(H: Array, target: int, free: Index) -> tuple[float, Array]:
    """Find the standard error of the target, and how the others follow it."""
    values, vectors = np.linalg.eigh(H[np.ix_(free, free)])
    inverse = np.where(
        values > 1e-8 * max(values.max(initial=0.0), 1e-300), values, np.inf
    )
    cross = H[free, target]
    direction = -vectors @ ((vectors.T @ cross) / inverse)
    curvature = float(H[target, target] + cross @ direction)
    scale = np.sqrt(2 / curvature) if curvature > 0 else np.nan
    return float(scale), direction


def _hold_fixed(best: Fit, parameter: Parameter) -> Held:
    """Profile of one fixed effect: the others span what is left of X."""
    products, problem = best.products, best.problem
    A = products.basis.to_user[list(best.kept)]
    a = A[parameter.position]  # beta_user = a'beta_conditioned
    unit = a / (a @ a)
    rest = np.linalg.svd(a[None, :])[2][1:].T  # (p, p - 1), a'rest = 0
    estimate_ = float(best.beta[parameter.position])
    centre = float(a @ products.least_squares)
    sums = products.sums
    reduced = replace(
        sums, xx=rest.T @ sums.xx @ rest, zx=tuple(zx @ rest for zx in sums.zx)
    )

    def at(values: Array) -> Criterion:
        shifted = _without(sums, rest, unit, values - centre)
        return with_response(problem, reduced.with_response(shifted))

    def solve(values: Array, others: Array) -> tuple[Array, Array, Array]:
        both = at(values)

        def objective(theta: Array, which: Index) -> Evaluation:
            if len(which) == len(values):
                return both.evaluate(theta, 2)
            return at(values[which]).evaluate(theta, 2)

        found = minimize(objective, others)
        width = STEP * scale
        around = at(np.concatenate([values + width, values - width]))
        above, below = np.split(
            around.evaluate(np.tile(found.theta, (2, 1))).criterion, 2
        )
        slope = (above - below) / (2 * width)
        return found.criterion - floor, slope, found.theta

    scale = float(np.sqrt(best.vcov_beta[parameter.position, parameter.position]))
    theta, floor = best.theta_conditioned, 0.0
    if problem.reml:
        # The integrated likelihood peaks near the estimate, not at it.
        estimate_, theta = _lowest(solve, estimate_, scale, theta)
    floor = float(at(np.array([estimate_])).evaluate(theta[None]).criterion[0])
    zero = np.zeros(len(theta))

    def state(values: Array, others: Array) -> list[State]:
        root = at(values).evaluate(others).root
        sigma = np.sqrt(root.pwrss / root.dof)
        beta = root.beta @ rest.T + (values - centre)[:, None] * unit
        beta = beta + products.least_squares
        lams = [problem.cov.term_lambdas(row) for row in others]
        return [State(*one) for one in zip(lams, sigma, beta, strict=True)]

    return Held(solve, estimate_, scale, theta, zero, -np.inf, np.inf, state)


def _lowest(
    solve: Callable[[Array, Array], tuple[Array, Array, Array]],
    value: float,
    scale: float,
    theta: Array,
) -> tuple[float, Array]:
    """Where a profile near `value` is lowest, by secant steps on its slope."""
    before = value + 0.05 * scale
    slope_before = float(solve(np.array([before]), theta[None])[1][0])
    for _ in range(20):
        _, slopes, others = solve(np.array([value]), theta[None])
        slope, theta = float(slopes[0]), others[0]
        if abs(slope) * scale < 1e-7 or slope == slope_before:
            break
        step = slope * (value - before) / (slope - slope_before)
        before, slope_before, value = value, slope, value - step
    return value, theta


def _without(
    sums: CrossProducts, rest: Array, unit: Array, values: Array
) -> ResponseProducts:
    """Products of y minus the held effect, one replicate per value."""
    y, v = sums.response, values
    z = tuple(
        y_z - v[:, None, None] * (zx @ unit)
        for y_z, zx in zip(y.z, sums.zx, strict=True)
    )
    x = (y.x - v[:, None] * (sums.xx @ unit)) @ rest
    square = y.square - 2 * v * (unit @ y.x) + v**2 * (unit @ sums.xx @ unit)
    return ResponseProducts(z, x, square)
