"""Satterthwaite's degrees of freedom: how well the variance of an effect is known.

Layer: functions of a `Fit`. The estimated variance v of an effect is taken as a
multiple of chi-squared with 2 v^2 / Var(v) degrees of freedom; Var(v) comes from the
slope of v in the covariance parameters and from their asymptotic covariance, twice the
inverse of the Hessian of the criterion [KBC17].

Conventions
    phi = (theta conditioned, log sigma). The degrees of freedom do not depend on the
    choice of parameters. At the boundary, a column of lambda that is zero has no first
    order effect on anything, and is left out.

References
----------
    [KBC17] Kuznetsova, Brockhoff, Christensen (2017), J. Stat. Softw. 82(13).
    [FC96] Fai, Cornelius (1996), J. Stat. Comput. Simul. 54: F tests of several rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import fill_template, walk_template
from mmcourse.fit import Fit
from mmcourse.inference.contrasts import FTest, check_testable

Array = NDArray[np.float64]

# Of theta's own size; central differences then err by about 1e-9.
STEP = 2e-5
# Eigenvalues of the scaled Hessian below this are directions without information.
FLAT = 1e-8
# Degrees of freedom of the parts of an F test that are no different.
EQUAL = 1e-8
SINGULAR_NOTE = (
    "the fit is singular: a variance is estimated as 0 or a correlation as -1 or 1, "
    "and the degrees of freedom are those of a model that knows it."
)
FLAT_NOTE = (
    "the criterion hardly changes in some direction of the variances, or the search "
    "ended before its minimum: the degrees of freedom are rough."
)


class Satterthwaite:
    """Degrees of freedom by Satterthwaite's method.

    Raises
    ------
    InferenceError
        If the fit leaves no residual variance.
    """

    def __init__(self, fit: Fit) -> None:
        check_testable(fit)
        self._map = fit.products.basis.to_user[list(fit.kept)]  # (p, p)
        self._vcov = fit.engine_sigma**2 * fit.evaluation.root.xx_inverse
        self.vcov: Array = fit.vcov_beta
        self._beta = fit.beta
        self._slopes, hessian = _derivatives(fit)
        self._cov, is_flat = _inverse(hessian)
        notes = [SINGULAR_NOTE] if fit.singular_terms else []
        if is_flat:
            notes.append(FLAT_NOTE)
        self.notes: tuple[str, ...] = tuple(notes)

    def df(self, L: Array) -> Array:
        """Degrees of freedom (q,) of the t tests of each row of L (q, p)."""
        Lc = L @ self._map
        v = np.einsum("qa,ab,qb->q", Lc, self._vcov, Lc)
        slope = np.einsum("qa,iab,qb->qi", Lc, self._slopes, Lc)
        # vcov(phi) is twice the inverse of the Hessian.
        variance = 2 * np.einsum("qi,ij,qj->q", slope, self._cov, slope)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2 * v**2 / variance)

    def f_test(self, L: Array) -> FTest:
        """Test all rows of L (q, p) together [FC96]."""
        cov = L @ self.vcov @ L.T
        values, vectors = np.linalg.eigh((cov + cov.T) / 2)
        PL = vectors.T @ L
        t_squared = (PL @ self._beta) ** 2 / values
        q = len(values)
        return FTest(float(t_squared.sum() / q), q, _joint_df(self.df(PL)))


def _joint_df(nu: Array) -> float:
    """Degrees of freedom of a mean of squared t with degrees of freedom nu [FC96]."""
    if len(nu) == 1 or np.all(np.abs(np.diff(nu)) < EQUAL * nu[0]):
        return float(nu.mean())
    if np.any(nu <= 2):
        return 2.0
    total = float(np.sum(nu / (nu - 2)))
    return 2 * total / (total - len(nu)) if total > len(nu) else float("inf")


def _derivatives(fit: Fit) -> tuple[Array, Array]:
    """Slopes of vcov (f + 1, p, p) in phi, and the criterion's Hessian in phi.

    All from one batch of evaluations on both sides of each theta, sigma held.
    """
    theta, problem, sigma = fit.theta_conditioned, fit.problem, fit.engine_sigma
    steps, free = _steps(fit)
    moves = np.diag(steps)[free]
    points = theta + np.concatenate([moves, -moves])
    f = len(free)
    vcov = sigma**2 * fit.evaluation.root.xx_inverse
    root = fit.evaluation.root
    log_sigma = 4 * float(root.pwrss) / sigma**2
    if f == 0:
        return 2 * vcov[None], np.array([[log_sigma]])
    ev = problem.evaluate(points, 1, np.full(2 * f, sigma))
    assert ev.gradient is not None

    def slope(values: Array) -> Array:
        width = 2 * steps[free].reshape(-1, *[1] * (values.ndim - 1))
        return np.asarray((values[:f] - values[f:]) / width)

    H = np.empty((f + 1, f + 1))
    inner = slope(ev.gradient[:, free])
    H[:f, :f] = (inner + inner.T) / 2
    H[:f, f] = H[f, :f] = -2 * slope(ev.root.pwrss) / sigma**2
    H[f, f] = log_sigma
    slopes = sigma**2 * slope(ev.root.xx_inverse)
    return np.concatenate([slopes, 2 * vcov[None]]), H


def _steps(fit: Fit) -> tuple[Array, NDArray[np.intp]]:
    """Step of each theta, and which thetas do not belong to a column of zeros.

    At the estimate each lambda is diagonal in its principal axes. An entry below the
    diagonal mixes two axes: its step suits the smaller of them.
    """
    cov = fit.products.cov
    steps = []
    pieces = cov.term_thetas(fit.theta_conditioned)
    for slot, piece in zip(cov.slots, pieces, strict=True):
        size = np.abs(np.diag(fill_template(piece, slot.rank)))
        column = np.broadcast_to(size[None, :], (slot.rank, slot.rank))
        row = np.broadcast_to(size[:, None], (slot.rank, slot.rank))
        both = np.where((row > 0) & (column > 0), np.minimum(row, column), column)
        steps.append(STEP * walk_template(np.asarray(both)))
    every = np.concatenate(steps) if steps else np.zeros(0)
    return every, np.flatnonzero(every > 0)


def _inverse(hessian: Array) -> tuple[Array, bool]:
    """Inverse of the Hessian, and whether directions without information are left out.

    The variances of a term that occurs twice, for example, are known only as a sum.
    """
    size = np.sqrt(np.abs(np.diag(hessian)))
    size = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(hessian / np.outer(size, size))
    known = values > FLAT
    half = vectors[:, known] / np.sqrt(values[known]) / size[:, None]
    return half @ half.T, not bool(known.all())
