"""Fit a model: arrays in, a frozen record of everything that was estimated out.

Layer: arrays only. `Fit` keeps the cross-products, theta and the fixed part; modes,
conditional and joint covariances are derived from it on demand.

Conventions
    A factor's effects in the user's basis are those of its terms side by side,
    b_user = A b_conditioned with A block-diagonal. Redundant fixed columns are left
    out of beta; `kept` says which remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.conditioning import Basis
from mmcourse.covariance import (
    CovarianceModel,
    fill_template,
    lower_factor,
    walk_template,
)
from mmcourse.criterion import Criterion, build_criterion
from mmcourse.elimination.general import General
from mmcourse.elimination.root import Evaluation
from mmcourse.optimize import RUNAWAY, Optimum, minimize
from mmcourse.prepare import ModelArrays, Products, Rows, TermArrays, prepare
from mmcourse.start import moment_theta

__all__ = ["Fit", "ModelArrays", "Rows", "TermArrays", "estimate", "fit_model"]

Array = NDArray[np.float64]

# lme4's limit: a relative sd below this counts as zero.
SINGULAR = 1e-4
# What is left of y relative to y itself when only rounding is left,
ROUNDING = 1e-13
# and when too little is left beside the random effects to be told from rounding.
NO_RESIDUAL = 2e-12
# Where the residual variance is 0, theta has no end. Here all else has its limit to 8
# digits, and rounding has hardly begun to matter.
FAR = 1.2e4
# Where the search looks before it begins: times the moment estimates, and times one.
MULTIPLES = np.array([0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 10.0])
SIZES = np.array([0.0, 0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 10.0])
MOST_STARTS = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimated model.

    Attributes
    ----------
    theta : array, (n_theta,), in the user's basis and lme4's order
    theta_conditioned : array, (q,)
    sigma : float, units y
    beta : array, (p,), units y per column; the kept columns of X
    vcov_beta : array, (p, p)
    criterion : float
        REML criterion, or deviance for ML, at theta.
    status : str
        converged | singular | max_evaluations | stalled
    no_residual : bool
        The model leaves no residual variance.
    """

    products: Products
    problem: Criterion
    theta: Array
    theta_conditioned: Array
    sigma: float
    beta: Array
    vcov_beta: Array
    criterion: float
    status: str
    singular_terms: tuple[int, ...]
    no_residual: bool
    n_evaluations: int
    evaluation: Evaluation

    @property
    def n_obs(self) -> int:
        """Rows."""
        return self.products.sums.n_obs

    @property
    def engine_sigma(self) -> float:
        """Residual sd of a row of mean weight, units y: what theta was relative to."""
        return self.sigma / float(np.sqrt(self.products.unit))

    @property
    def kept(self) -> tuple[int, ...]:
        """Columns of X that are in the model."""
        return self.products.basis.kept

    @property
    def n_parameters(self) -> int:
        """Fixed effects, theta and sigma."""
        return len(self.beta) + len(self.theta) + 1

    @property
    def gradient(self) -> Array:
        """Derivative of the criterion in the conditioned theta, (q,)."""
        ev = self.problem.evaluate(self.theta_conditioned, 1)
        assert ev.gradient is not None
        return ev.gradient

    @property
    def loglik(self) -> float:
        """Log likelihood, restricted for REML."""
        return -0.5 * self.criterion

    def relative_covariances(self) -> list[Array]:
        """Sigma / sigma^2 of each term in the user's basis, (c, c)."""
        cov = self.products.cov
        pieces = cov.term_thetas(self.theta, user=True)
        lams = [
            fill_template(t, s.n_user) for t, s in zip(pieces, cov.slots, strict=True)
        ]
        return [lam @ lam.T for lam in lams]


def fit_model(
    rows: Rows,
    reml: bool = True,
    start: Array | None = None,
    max_evaluations: int | None = None,
) -> Fit:
    """Fit a linear mixed model by REML or ML.

    Parameters
    ----------
    rows : Rows
        `ModelArrays`, or what hands them out chunk by chunk.
    start : array, (n_theta,), optional
        In the user's basis.

    Examples
    --------
    >>> ones = np.ones((6, 1))
    >>> arrays = ModelArrays(
    ...     np.array([1.0, 2.0, 5.0, 6.0, 9.0, 10.0]), ones,
    ...     (np.repeat([0, 1, 2], 2),), (3,), (TermArrays(0, ones),))
    >>> fit = fit_model(arrays)
    >>> fit.beta.round(6), round(fit.sigma**2, 6), round(float(fit.theta[0]) ** 2, 6)
    (array([5.5]), 0.5, 31.5)
    """
    products = prepare(rows)
    basis = products.basis
    problem = build_criterion(
        products.sums, products.cov, reml, basis.logdet_recover(), products.unit
    )
    return estimate(products, problem, start, max_evaluations)


def estimate(
    products: Products,
    problem: Criterion,
    start: Array | None = None,
    max_evaluations: int | None = None,
) -> Fit:
    """Minimise the criterion and record the result."""
    square = float(products.sums.response.square)
    size = products.sums.n_obs * (products.sums.n_fixed + 1)
    if square <= ROUNDING**2 * size * products.total_square:
        return _exact_fit(products, problem)
    if problem.cov.n_theta == 0:
        return _record(products, problem, np.zeros(0), "converged", 1)
    if start is None:
        first = _starting_thetas(products, problem)
    else:
        first = problem.to_engine(start)[None, :]
    optimum = _search(problem, first, max_evaluations)
    best = int(np.argmin(optimum.criterion))
    theta, status = optimum.theta[best], str(optimum.status[best])
    if status == "runaway" and np.abs(theta).max() > RUNAWAY:
        theta = theta * (FAR / np.abs(theta).max())
    else:
        theta = _tidy(problem, theta, float(optimum.criterion[best]))
    return _record(products, problem, theta, status, optimum.n_evaluations)


def _search(problem: Criterion, first: Array, max_evaluations: int | None) -> Optimum:
    """Minimise from each of some conditioned starts (s, q)."""

    def objective(theta: Array, _: NDArray[np.intp]) -> Evaluation:
        return problem.evaluate(theta, 2)

    return minimize(objective, first, max_evaluations)


def _starting_thetas(products: Products, problem: Criterion) -> Array:
    """Moment estimates; where evaluations are cheap, the best of what lies around.

    A criterion may have several minima. It is looked at along two rays, that of the
    moment estimates and that of equal variances; the lowest minima on them are the
    starts, (s, q).
    """
    moments = moment_theta(products.sums, problem.cov)
    form = problem.form
    if isinstance(form, General) and not form.is_small(problem.cov.n_theta):
        return moments[None, :]
    equal = _joined([np.eye(slot.rank) for slot in problem.cov.slots])
    if len(moments) == 1:
        rays = [np.sort(np.concatenate([MULTIPLES * moments, SIZES]))[:, None]]
    else:
        rays = [MULTIPLES[:, None] * moments, SIZES[:, None] * equal]
    grid = np.concatenate(rays)
    values = problem.evaluate(grid).criterion
    values = np.where(np.isfinite(values), values, np.inf)
    chosen = [int(np.argmin(values))]
    first = 0
    for ray in rays:
        own = np.pad(values[first : first + len(ray)], 1, constant_values=np.inf)
        is_low = (own[1:-1] < own[:-2]) & (own[1:-1] < own[2:])
        low = first + np.flatnonzero(is_low)
        # The lowest of a ray lies in the valley of the best; another may not.
        others = np.delete(low, np.argmin(values[low])) if len(low) else low
        chosen += others.tolist()
        first += len(ray)
    return grid[list(dict.fromkeys(chosen))[:MOST_STARTS]]


def _tidy(problem: Criterion, theta: Array, criterion: float) -> Array:
    """Canonical signs, and exact zeros where they cost nothing.

    A variance whose minimum is at zero is only approached by a search; here the small
    principal directions of each lambda are tried at exactly zero.
    """
    parts = problem.cov.term_thetas(theta)
    lams = [
        lower_factor(fill_template(t, slot.rank))
        for t, slot in zip(parts, problem.cov.slots, strict=True)
    ]
    best = _joined(lams)
    for i, lam in enumerate(lams):
        if not lam.size:
            continue
        left, size, _ = np.linalg.svd(lam)
        small = size < max(SINGULAR, 1e-3 * size[0] if len(size) > 1 else 0.0)
        if not np.any(small):
            continue
        trial = lower_factor(left * np.where(small, 0.0, size))
        candidate = _joined([*lams[:i], trial, *lams[i + 1 :]])
        value = float(problem.evaluate(candidate).criterion)
        if value <= criterion + 1e-11 * (1 + abs(criterion)):
            lams[i], best = trial, candidate
    return best


def _joined(lams: list[Array]) -> Array:
    """One theta from the lambdas of all terms."""
    return np.concatenate([walk_template(lam) for lam in lams] or [np.zeros(0)])


def _record(
    products: Products,
    problem: Criterion,
    theta: Array,
    status: str,
    n_evaluations: int,
) -> Fit:
    """Evaluate at the final theta, so that what is stored is what is reported."""
    ev = problem.evaluate(theta)
    root = ev.root
    square = float(products.sums.response.square)
    no_residual = status == "runaway" or float(root.pwrss) <= NO_RESIDUAL * square
    variance = max(float(root.pwrss), 0.0) / root.dof if root.dof else 0.0
    singular = _singular_terms(products.cov, theta)
    if no_residual or (singular and status == "converged"):
        status = "singular"
    A = _kept_map(products.basis)
    return Fit(
        products=products,
        problem=problem,
        theta=problem.to_user(theta),
        theta_conditioned=theta,
        sigma=float(np.sqrt(variance * products.unit)),
        beta=A @ (products.least_squares + root.beta),
        vcov_beta=variance * A @ root.xx_inverse @ A.T,
        criterion=float(root.criterion) + problem.constant,
        status=status,
        singular_terms=singular,
        no_residual=no_residual,
        n_evaluations=n_evaluations,
        evaluation=ev,
    )


def _exact_fit(products: Products, problem: Criterion) -> Fit:
    """Record that nothing is left over: sigma 0, theta 0, criterion -inf."""
    theta = np.zeros(problem.cov.n_theta)
    ev = problem.evaluate(theta)
    A = _kept_map(products.basis)
    p = A.shape[0]
    return Fit(
        products=products,
        problem=problem,
        theta=np.zeros(problem.cov.n_theta_user),
        theta_conditioned=theta,
        sigma=0.0,
        beta=A @ products.least_squares,
        vcov_beta=np.zeros((p, p)),
        criterion=float("-inf"),
        status="singular",
        singular_terms=tuple(range(len(problem.cov.slots))),
        no_residual=True,
        n_evaluations=1,
        evaluation=ev,
    )


def _kept_map(basis: Basis) -> Array:
    """Map from conditioned coefficients to those of the kept columns, (p, p)."""
    return basis.to_user[list(basis.kept)]


def _singular_terms(cov: CovarianceModel, theta: Array) -> tuple[int, ...]:
    """Terms whose covariance is singular, judged in the conditioned basis."""
    out = []
    for i, (slot, piece) in enumerate(
        zip(cov.slots, cov.term_thetas(theta), strict=True)
    ):
        diagonal = np.diag(fill_template(piece, slot.rank))
        if slot.rank < slot.n_user or np.any(np.abs(diagonal) < SINGULAR):
            out.append(i)
    return tuple(out)
