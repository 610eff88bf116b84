"""Fit a model to many responses at once.

Layer: arrays only. The responses share design and, nearly, theta: all are minimised as
one batch, each from the estimate of the original fit.

Conventions
    s responses, as products with the columns (see `crossproducts`), of y with the
    original fixed part X beta taken out. Results are in units of y.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import fill_template, lower_factor, walk_template
from mmcourse.criterion import Criterion, with_response
from mmcourse.crossproducts import ResponseProducts
from mmcourse.elimination.general import General, general
from mmcourse.elimination.noise import Noise
from mmcourse.elimination.root import Evaluation
from mmcourse.fit import Fit
from mmcourse.optimize import Optimum, minimize
from mmcourse.randomness import LARGEST
from mmcourse.search import FAR, LEAST, SINGULAR, search

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Numbers that a batch may need at a time, and most replicates in it: a batch that is
# interrupted is lost.
BATCH_ENTRIES = 16_000_000
MOST_AT_ONCE = 1000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Refits:
    """A model fitted to s responses.

    Attributes
    ----------
    problem : Criterion
        Of all responses, with the axes in which theta is given.
    theta : array, (s, q), conditioned
    status : array of str, (s,)
        converged | max_evaluations | stalled | runaway
    evaluation : Evaluation
        At theta.
    n_evaluations : int
    """

    problem: Criterion
    theta: Array
    status: NDArray[np.str_]
    evaluation: Evaluation
    n_evaluations: int


class Simulator:
    """Draws products of simulated responses with the columns, without the rows.

    With `use_u` the random effects stay at their modes, else they are drawn anew. One
    response takes the same random numbers whatever comes with it.
    """

    def __init__(
        self, fit: Fit, use_u: bool, modes: dict[int, Array], rng: np.random.Generator
    ) -> None:
        self._fit, self._form = fit, general(fit.products.sums)
        self._noise = Noise(self._form.layout)
        self._modes = modes if use_u else None
        # Two streams: a chi-square number takes an unknown number of normal ones.
        seeds = rng.integers(LARGEST, size=2)
        self._normals, self._rest = map(np.random.default_rng, seeds)
        sums = fit.products.sums
        self._factors = [f for f, z in enumerate(sums.zz) if z.shape[1]]
        sizes = [sums.zz[f].shape[0] * sums.zz[f].shape[1] for f in self._factors]
        self._sizes = [0 if use_u else size for size in sizes]

    @property
    def n_draws(self) -> int:
        """Normal numbers that one response takes."""
        return sum(self._sizes) + self._noise.n_draws

    def draw(self, s: int) -> ResponseProducts:
        """Draw the products of the next s responses."""
        fit, form = self._fit, self._form
        z = self._normals.standard_normal((s, self.n_draws))
        rest = self._rest.chisquare(max(fit.n_obs - self._noise.rank, 0), s)
        at = sum(self._sizes)
        sigma = fit.engine_sigma
        noise = self._noise.draw(z[:, at:], rest)
        b = self._effects(z[:, :at])
        signal = form.as_response(b)
        both = {f: signal.z[f] + sigma * noise.z[f] for f in self._factors}
        square = sigma**2 * noise.square
        for f in self._factors:
            mixed = signal.z[f] + 2 * sigma * noise.z[f]
            square = square + np.einsum("...lk,...lk->...", b[f], mixed)
        n = max(both, default=-1) + 1
        blank = np.zeros((s, 0, 0))
        products = tuple(both.get(f, blank) for f in range(n))
        return ResponseProducts(products, signal.x + sigma * noise.x, square)

    def _effects(self, z: Array) -> dict[int, Array]:
        """Random effects of every factor, conditioned, (s or 1, m, k)."""
        if self._modes is not None:
            return {f: self._modes[f][None] for f in self._factors}
        fit, out = self._fit, {}
        lams = fit.problem.cov.lambdas(fit.theta_conditioned)
        parts = np.split(z, np.cumsum(self._sizes)[:-1], axis=1)
        for f, cut in zip(self._factors, parts, strict=True):
            m, k = fit.products.sums.zz[f].shape[:2]
            own = cut.reshape(len(z), m, k) @ lams[f].T
            out[f] = fit.engine_sigma * own
        return out


def batch_size(fit: Fit, n_draws: int = 0) -> int:
    """Responses to refit at a time: what fits a bounded memory."""
    form, q = fit.problem.form, fit.problem.cov.n_theta
    sums = fit.products.sums
    entries = 2 * n_draws + sum(z[..., 0].size for z in sums.zz) * (sums.n_fixed + 3)
    if isinstance(form, General):
        if not form.is_small(q):
            return 8  # one by one; now and then there is something to show
        width = form.layout.ee.shape[0]
        coupled = sum(s.G.shape[0] * s.G.shape[1] for s in form.layout.stages)
        entries += (2 * q + 1) * width * (4 * width + 3 * coupled)
    else:
        entries += 4 * form.outer.size + 10 * (q + 1) * form.G.size
    return int(np.clip(BATCH_ENTRIES // max(entries, 1), 1, MOST_AT_ONCE))


def refit(fit: Fit, response: ResponseProducts) -> Refits:
    """Fit the model of `fit` to a batch of responses, by the same criterion."""
    sums = fit.products.sums.with_response(response)
    problem, start = _start(with_response(fit.problem, sums), fit.theta_conditioned)
    s = len(response.square)
    if not problem.cov.n_theta:
        status = np.full(s, "converged", dtype="<U15")
        theta = np.zeros((s, 0))
        return Refits(problem, theta, status, problem.evaluate(theta), 1)
    first = _minimize(problem, np.tile(start, (s, 1)), np.arange(s))
    theta, f, status = first.theta, first.criterion, first.status
    n = first.n_evaluations
    open_ = np.arange(s)
    for _ in range(ROUNDS):
        # Exact zeros, and a search on where they were not the end.
        open_ = open_[status[open_] == "converged"]
        changed = _put_zeros(problem, theta, f, open_)
        if not len(changed):
            break
        again = _minimize(problem, theta[changed], changed)
        moved = again.status != "converged"
        moved |= again.criterion < f[changed] - 1e-9 * (1 + np.abs(f[changed]))
        n += again.n_evaluations
        open_ = changed[moved]
        theta[open_], f[open_] = again.theta[moved], again.criterion[moved]
        status[open_] = again.status[moved]
    _search_on(fit, problem, response, theta, status)
    _cut_runaways(theta, status)
    return Refits(problem, theta, status, problem.evaluate(theta), n)


def _start(problem: Criterion, theta: Array) -> tuple[Criterion, Array]:
    """Lay the axes along those of the estimate, and start inside of the boundary."""
    cov, theta = problem.cov.turned(problem.cov.term_lambdas(theta))
    pieces = []
    for slot, piece in zip(cov.slots, cov.term_thetas(theta), strict=True):
        size = np.diag(fill_template(piece, slot.rank))
        pieces.append(walk_template(np.diag(np.maximum(size, np.sqrt(LEAST)))))
    joined = np.concatenate(pieces) if pieces else theta
    return replace(problem, cov=cov), joined


def _minimize(problem: Criterion, start: Array, which: Index) -> Optimum:
    """Minimise the criteria of some of the responses."""

    def objective(theta: Array, active: Index) -> Evaluation:
        return take(problem, which[active]).evaluate(theta, 2)

    return minimize(objective, start)


def take(problem: Criterion, which: Index) -> Criterion:
    """Return the criteria of some of the responses of a batch."""
    return replace(problem, form=problem.form.take(which))


def _put_zeros(problem: Criterion, theta: Array, f: Array, which: Index) -> Index:
    """Put exact zeros where they cost nothing; return where there was something to do.

    As in `search`, the small principal directions of each lambda are tried at zero.
    Changes theta and f.
    """
    changed = np.zeros(len(theta), dtype=bool)
    slots, first = problem.cov.slots, 0
    for slot in slots:
        n = slot.rank * (slot.rank + 1) // 2
        here = slice(first, first + n)
        first += n
        left, size, _ = np.linalg.svd(fill_template(theta[which, here], slot.rank))
        limit = np.full(len(which), SINGULAR)
        if slot.rank > 1:
            limit = np.maximum(SINGULAR, 1e-3 * size[:, 0])
        small = (size < limit[:, None]) & (size > 0)
        rows = np.flatnonzero(small.any(axis=1))
        if not len(rows):
            continue
        root = left[rows] * np.where(small[rows], 0.0, size[rows])[:, None, :]
        trial = theta[which[rows]]
        trial[:, here] = walk_template(lower_factor(root))
        value = take(problem, which[rows]).evaluate(trial).criterion
        old = f[which[rows]]
        good = value <= old + 1e-11 * (1 + np.abs(old))
        chosen = which[rows[good]]
        theta[chosen], f[chosen] = trial[good], value[good]
        changed[chosen] = True
    return np.flatnonzero(changed)


def _search_on(
    fit: Fit,
    problem: Criterion,
    response: ResponseProducts,
    theta: Array,
    status: NDArray[np.str_],
) -> None:
    """Give those that did not converge the full search; changes theta and status."""
    for i in np.flatnonzero((status == "stalled") | (status == "max_evaluations")):
        sums = fit.products.sums.with_response(part(response, int(i)))
        found = search(sums, with_response(fit.problem, sums))
        pieces = []
        for slot, lam in zip(
            problem.cov.slots,
            found.problem.cov.term_lambdas(found.theta),
            strict=True,
        ):
            pieces.append(walk_template(lower_factor(slot.turn.T @ lam)))
        theta[i], status[i] = np.concatenate(pieces), found.status


def _cut_runaways(theta: Array, status: NDArray[np.str_]) -> None:
    """Bring back to where rounding has hardly begun to matter; changes theta."""
    size = np.abs(theta).max(axis=1, initial=0.0)
    far = (status == "runaway") & (size > FAR)
    theta[far] *= (FAR / size[far])[:, None]


def part(y: ResponseProducts, i: int) -> ResponseProducts:
    """Return one response of a batch."""
    z = tuple(z[i] if len(z) else z for z in y.z)
    return ResponseProducts(z, y.x[i], y.square[i])
