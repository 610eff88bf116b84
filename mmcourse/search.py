"""Where the minimum of a model's criterion is: starts, search, exact zeros.

Layer: arrays only. Every term is looked at along the principal axes of its covariance
(`CovarianceModel.turned`), first those of a moment estimate, at the end its own. A
variance of zero is then the end of one axis: it can be tried exactly, and what leads
away from it has a first derivative or a negative curvature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import fill_template, walk_template
from mmcourse.criterion import Criterion
from mmcourse.crossproducts import CrossProducts
from mmcourse.elimination.root import Evaluation
from mmcourse.optimize import LIMIT, Optimum, minimize
from mmcourse.start import moment_covariances

Array = NDArray[np.float64]

# lme4's limit: a relative sd below this counts as zero.
SINGULAR = 1e-4
# A start on the boundary could stay there: relative variances begin above this.
LEAST = 1e-2
# Where the residual variance is 0, theta has no end. Here all else has its limit to 8
# digits, and rounding has hardly begun to matter.
FAR = 1.2e4
# Where the search looks before it begins: times the moment estimates, and times one.
MULTIPLES = np.array([0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 10.0])
SIZES = np.array([0.0, 0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 10.0])
MOST_STARTS = 4
# How often the search may find that a zero was not the end.
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search ended.

    Attributes
    ----------
    problem : Criterion
        With the axes in which `theta` is given.
    theta : array, (q,), conditioned
    status : str
        converged | max_evaluations | stalled | runaway
    """

    problem: Criterion
    theta: Array
    status: str
    n_evaluations: int


def search(
    sums: CrossProducts,
    problem: Criterion,
    start: Array | None = None,
    max_evaluations: int | None = None,
) -> Found:
    """Minimise the criterion from moment estimates, or from `start` (user's basis)."""
    if problem.cov.n_theta == 0:
        return Found(problem, np.zeros(0), "converged", 1)
    if start is None:
        problem, theta = _turned(problem, _moment_roots(sums, problem))
        first = _starting_thetas(problem, theta)
    else:
        roots = problem.cov.term_lambdas(problem.to_engine(start))
        problem, theta = _turned(problem, roots)
        first = theta[None, :]
    limit = LIMIT if max_evaluations is None else max_evaluations
    optimum = _minimize(problem, first, limit)
    best = int(np.argmin(optimum.criterion))
    theta, status = optimum.theta[best], str(optimum.status[best])
    if status == "runaway" and np.abs(theta).max() > FAR:
        theta = theta * (FAR / np.abs(theta).max())
        return Found(problem, theta, status, optimum.n_evaluations)
    found = Found(problem, theta, status, optimum.n_evaluations)
    return _settle(found, float(optimum.criterion[best]), limit)


def _turned(problem: Criterion, roots: list[Array]) -> tuple[Criterion, Array]:
    """Return the problem along the axes of each term's root, and theta there."""
    cov, theta = problem.cov.turned(roots)
    return replace(problem, cov=cov), theta


def _minimize(problem: Criterion, first: Array, limit: int) -> Optimum:
    """Minimise from each of some conditioned starts (s, q)."""

    def objective(theta: Array, _: NDArray[np.intp]) -> Evaluation:
        return problem.evaluate(theta, 2)

    return minimize(objective, first, limit)


def _moment_roots(sums: CrossProducts, problem: Criterion) -> list[Array]:
    """Roots of the moment estimates, with no variance below `LEAST`."""
    out = []
    for block in moment_covariances(sums, problem.cov):
        values, vectors = np.linalg.eigh(block)
        out.append(vectors * np.sqrt(np.maximum(values, LEAST)))
    return out


def _starting_thetas(problem: Criterion, moments: Array) -> Array:
    """Moment estimates; where evaluations are cheap, the best of what lies around.

    A criterion may have several minima. It is looked at along rays: that of the moment
    estimates, that of equal variances and, with several terms, those of one term's
    variances. The lowest minima on them are the starts, (s, q).
    """
    if not problem.form.is_small(problem.cov.n_theta):
        return moments[None, :]
    rays = _rays(problem, moments)
    grid = np.concatenate(rays)
    values = problem.evaluate(grid).criterion
    values = np.where(np.isfinite(values), values, np.inf)
    chosen = {int(np.argmin(values)): None}
    others: list[tuple[float, int]] = []
    first = 0
    for ray in rays:
        own = np.pad(values[first : first + len(ray)], 1, constant_values=np.inf)
        is_low = (own[1:-1] < own[:-2]) & (own[1:-1] < own[2:])
        low = first + np.flatnonzero(is_low)
        # The lowest of a ray lies in the valley of the best; another may not.
        others += [(values[i], int(i)) for i in low if i != low[values[low].argmin()]]
        first += len(ray)
    chosen.update((i, None) for _, i in sorted(others))
    return grid[list(chosen)[:MOST_STARTS]]


def _rays(problem: Criterion, moments: Array) -> list[Array]:
    """Points on each ray, (r, q)."""
    slots = problem.cov.slots
    equal = [np.eye(slot.rank) for slot in slots]
    if len(moments) == 1:
        both = np.concatenate([MULTIPLES * moments, SIZES])
        return [np.sort(both)[:, None]]
    rays = [MULTIPLES[:, None] * moments, SIZES[:, None] * _joined(equal)]
    if len(slots) == 1:
        return rays
    for i in range(len(slots)):
        alone = [(1.0 if j == i else 0.1) * unit for j, unit in enumerate(equal)]
        rays.append(SIZES[:, None] * _joined(alone))
    return rays


def _settle(found: Found, criterion: float, limit: int) -> Found:
    """Try exact zeros, and search on where they are not the end."""
    for _ in range(ROUNDS):
        tidy = _with_zeros(found, criterion)
        if tidy is found or found.status != "converged":
            return tidy
        left = limit - found.n_evaluations
        again = _minimize(tidy.problem, tidy.theta[None, :], max(left, 1))
        n = found.n_evaluations + again.n_evaluations
        found = replace(tidy, n_evaluations=n)
        if again.n_evaluations == 1:
            return found
        status, criterion = str(again.status[0]), float(again.criterion[0])
        found = replace(found, theta=again.theta[0], status=status)
    return found


def _with_zeros(found: Found, criterion: float) -> Found:
    """Put exact zeros where they cost nothing; the same record where there are none.

    A variance whose minimum is at zero is only approached by a search; here the small
    principal directions of each lambda are tried at exactly zero.
    """
    lams = found.problem.cov.term_lambdas(found.theta)
    small = [_is_small(lam) for lam in lams]
    if not any(np.any(which) for which in small):
        return found
    here, theta = _turned(found.problem, lams)
    pieces = here.cov.term_thetas(theta)
    changed = False
    for i, which in enumerate(small):
        if not np.any(which):
            continue
        kept = pieces[i]
        size = np.diag(fill_template(kept, len(which)))
        pieces[i] = walk_template(np.diag(np.where(which, 0.0, size)))
        value = float(here.evaluate(np.concatenate(pieces)).criterion)
        if value <= criterion + 1e-11 * (1 + abs(criterion)):
            changed = True
        else:
            pieces[i] = kept
    if not changed:
        return found
    return replace(found, problem=here, theta=np.concatenate(pieces))


def _is_small(lam: Array) -> NDArray[np.bool_]:
    """Which of the singular values of lambda (r, r) may be zero, largest first."""
    if lam.shape[0] == 1:
        return np.abs(lam[0]) < SINGULAR
    size = np.linalg.svd(lam, compute_uv=False)
    return np.asarray(size < max(SINGULAR, 1e-3 * size[:1].sum()))


def _joined(lams: list[Array]) -> Array:
    """One theta from the lambdas of all terms."""
    return np.concatenate([walk_template(lam) for lam in lams] or [np.zeros(0)])
