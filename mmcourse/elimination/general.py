"""The criterion of a model with any number of grouping factors, and its derivatives.

Layer: arrays only; stands on `blocked`. Small models get their Hessian from
differences of the analytic gradient, all in one batch; large ones use the average
information, which costs one more solution per parameter [JT95].

References
----------
    [JT95] Johnson, Thompson (1995), J. Dairy Sci. 78: average information REML.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import CrossProducts, ResponseProducts
from mmcourse.elimination import coupling
from mmcourse.elimination.blocked import Factored, Modes
from mmcourse.elimination.layout import Layout, plan
from mmcourse.elimination.root import Evaluation, Root, first_of, stack

Array = NDArray[np.float64]

# Difference step of the gradient: cube root of the rounding error, as theta is O(1).
STEP = 6e-6
# Multiplications in one evaluation up to which a batch of 2q + 1 of them is cheap.
SMALL_WORK = 3e6


@dataclass(frozen=True, slots=True)
class General:
    """Statistics of a model with any factors, laid out for elimination."""

    layout: Layout
    response: ResponseProducts
    n_obs: int
    n_fixed: int

    def evaluate(
        self,
        cov: CovarianceModel,
        theta: Array,
        reml: bool,
        order: int = 0,
        sigma: Array | None = None,
    ) -> Evaluation:
        """Evaluate the criterion and its derivatives at theta (..., q).

        The Hessian is that of the criterion with sigma profiled out.
        """
        small = self.is_small(theta.shape[-1])
        if theta.ndim > 1 and not small:
            return self._one_by_one(cov, theta, reml, order, sigma)
        if order == 2 and small:
            return self._differences(cov, theta, reml)
        system = Factored(self.layout, cov, theta)
        reduced = system.reduce(self.response)
        dof = self.n_obs - self.n_fixed if reml else self.n_obs
        root = system.root(reduced, dof, reml, sigma)
        if order == 0:
            return Evaluation(root)
        modes = system.modes(reduced, root.beta)
        xx = root.xx_inverse if reml else np.zeros_like(root.xx_inverse)
        slopes = self._slopes(system, root, modes, xx)
        halves = {
            f: np.matmul(np.swapaxes(system.lam[f], -1, -2), slope)
            for f, slope in slopes.items()
        }
        gradient = cov.pull_back(halves, theta)
        if order == 1:
            return Evaluation(root, gradient)
        hessian = self._average_information(system, cov, root, modes, slopes, theta)
        return Evaluation(root, gradient, hessian, is_exact=False)

    def factored(self, cov: CovarianceModel, theta: Array) -> Factored:
        """Return the system at theta: modes, covariances and predictions need it."""
        return Factored(self.layout, cov, theta)

    def is_small(self, q: int) -> bool:
        """Whether a batch of evaluations costs little more than one."""
        work = float(self.layout.n_tail) ** 3 + self.layout.ee.size
        for stage in self.layout.stages:
            m, k = stage.G.shape[:2]
            work += m * k * (k + self.layout.ee.shape[0]) ** 2
        return not self.layout.is_sparse and work * (2 * q + 1) < SMALL_WORK * 10

    def take(self, which: NDArray[np.intp]) -> General:
        """Keep some of a batch of responses."""
        y = self.response
        z = tuple(z[which] for z in y.z)
        kept = ResponseProducts(z, y.x[which], y.square[which])
        return replace(self, response=kept)

    def _one_by_one(
        self,
        cov: CovarianceModel,
        theta: Array,
        reml: bool,
        order: int,
        sigma: Array | None,
    ) -> Evaluation:
        """Evaluate a batch in a loop, where arrays are too large to stack."""
        batch, y = theta.shape[:-1], self.response
        each = []
        for at in np.ndindex(*batch):
            response = y
            if y.square.ndim:
                z = tuple(z[at] for z in y.z)
                response = ResponseProducts(z, y.x[at], y.square[at])
            one = replace(self, response=response)
            s = None if sigma is None else sigma[at]
            each.append(one.evaluate(cov, theta[at], reml, order, s))
        return stack(each, batch)

    def _differences(
        self, cov: CovarianceModel, theta: Array, reml: bool
    ) -> Evaluation:
        """Hessian by central differences of the gradient, in one batch."""
        q = theta.shape[-1]
        moves = np.concatenate([np.zeros((1, q)), np.eye(q), -np.eye(q)])
        step = STEP * np.maximum(1.0, np.abs(theta))
        points = theta[..., None, :] + moves * step[..., None, :]
        y = self.response
        if y.square.ndim:
            y = ResponseProducts(
                tuple(z[..., None, :, :] for z in y.z),
                y.x[..., None, :],
                y.square[..., None],
            )
        ev = replace(self, response=y).evaluate(cov, points, reml, 1)
        gradient = ev.gradient
        assert gradient is not None
        here = first_of(ev.root)
        rise = gradient[..., 1 : q + 1, :] - gradient[..., q + 1 :, :]
        hessian = rise / (2 * step[..., :, None])
        hessian = (hessian + np.swapaxes(hessian, -1, -2)) / 2
        return Evaluation(here, gradient[..., 0, :], hessian)

    def _slopes(
        self, system: Factored, root: Root, modes: Modes, xx: Array
    ) -> dict[int, Array]:
        """Return d criterion / d Sigma per factor, (..., k, k)."""
        weight = root.weight[..., None, None]
        out = {}
        sums = self._inverse_sums(system, xx)
        for i, stage in enumerate(self.layout.stages):
            f, G, W = stage.factor, system.G[i], system.W[i]
            E = np.eye(G.shape[-1]) - np.matmul(W, G)
            own = np.matmul(G, E).sum(axis=-3)
            out[f] = own - sums[i] - weight * _outer(modes.r[f])
        if self.layout.n_tail:
            out.update(self._tail_slopes(system, weight, modes, xx))
        return out

    def _inverse_sums(self, system: Factored, xx: Array) -> list[Array]:
        """Sum over the levels of each stage of E'TE, (..., k, k)."""
        if len(system.G) == 1 and self.layout.is_sparse:
            return [_single_sparse_slope(system, xx)]
        T, out = system.inverse(xx).T, []
        for stage, G, W in zip(self.layout.stages, system.G, system.W, strict=True):
            E = np.eye(G.shape[-1]) - np.matmul(W, G)
            E_t = np.swapaxes(E, -1, -2)
            out.append(np.matmul(np.matmul(E_t, T[stage.factor]), E).sum(axis=-3))
        return out

    def _tail_slopes(
        self, system: Factored, weight: Array, modes: Modes, xx: Array
    ) -> dict[int, Array]:
        """Return the same for the dense tail."""
        assert system.tail is not None
        EN = system.tail.remainder(system.N)
        ENC = np.matmul(EN, xx)
        out = {}
        for i, item in enumerate(self.layout.tail):
            here, m, k = item.columns, item.n_levels, item.n_cols
            Q = system.tail.traces(i)
            left, right = EN[..., here, :], ENC[..., here, :]
            left = left.reshape(*left.shape[:-2], m, k, left.shape[-1])
            right = right.reshape(*right.shape[:-2], m, k, right.shape[-1])
            ETE = np.einsum("...lap,...lbp->...ab", left, right)
            rest = ETE + weight * _outer(modes.r[item.factor])
            out[item.factor] = Q - rest
        return out

    def _average_information(
        self,
        system: Factored,
        cov: CovarianceModel,
        root: Root,
        modes: Modes,
        slopes: dict[int, Array],
        theta: Array,
    ) -> Array:
        """Approximate Hessian in theta [JT95], profiled over sigma; no batch."""
        moved = self._directions(cov, modes, theta)
        response = self.as_response(moved)
        reduced = system.reduce(response)
        beta = np.matmul(reduced.x, root.xx_inverse)
        solved = system.modes(reduced, beta)
        q = theta.shape[-1]
        info = np.zeros((q, q))
        first = np.zeros(q)
        for f, a in moved.items():
            info += np.einsum("ilk,jlk->ij", a, solved.r[f])
            first += np.einsum("ilk,lk->i", a, modes.r[f])
        info = root.weight * (info - np.outer(first, first) / root.pwrss)
        # Curvature of Sigma = lambda lambda' itself: near the boundary the information
        # in theta vanishes and the slope takes over.
        for f, slope in slopes.items():
            where, d_lam = cov.where[f], cov.directions[f]
            curved = np.einsum("ab,iac,jbc->ij", slope, d_lam, d_lam)
            info[np.ix_(where, where)] += 2 * curved
        return (info + info.T) / 2

    def _directions(
        self, cov: CovarianceModel, modes: Modes, theta: Array
    ) -> dict[int, Array]:
        """dSigma_i r for each theta i, factor -> (q, m, k)."""
        q = theta.shape[-1]
        out = {}
        for f, lam in enumerate(cov.lambdas(theta)):
            if f not in modes.r:
                continue
            half = np.matmul(cov.directions[f], lam.T)
            d_sigma = half + np.swapaxes(half, -1, -2)
            out[f] = np.zeros((q, *modes.r[f].shape))
            out[f][cov.where[f]] = np.einsum("iab,lb->ila", d_sigma, modes.r[f])
        return out

    def as_response(self, a: dict[int, Array]) -> ResponseProducts:
        """Products of Z a with all columns, as if Z a were a response; (q, ...)."""
        layout = self.layout
        tail = [
            a[item.factor].reshape(*a[item.factor].shape[:-2], -1)
            for item in layout.tail
        ]
        q = next(iter(a.values())).shape[0]
        e = np.concatenate([*tail, np.zeros((q, self.n_fixed))], axis=-1)
        out = e @ layout.ee
        z: dict[int, Array] = {}
        for stage in layout.stages:
            f, k = stage.factor, stage.G.shape[-1]
            own = np.matmul(stage.G, a[f][..., None])[..., 0]
            z[f] = z.get(f, 0.0) + own + coupling.times(stage.H, e, k)
            out = out + coupling.transpose_times(stage.H, a[f])
            for link in stage.links:
                g = layout.stages[link.stage].factor
                up = a[g][..., link.parent, :, None]
                z[f] = z[f] + np.matmul(link.B, up)[..., 0]
                down = np.matmul(np.swapaxes(link.B, -1, -2), a[f][..., None])
                z[g] = z.get(g, 0.0) + link.sum_by_parent(down)[..., 0]
        for item in layout.tail:
            cut = out[..., item.columns]
            z[item.factor] = cut.reshape(*cut.shape[:-1], item.n_levels, item.n_cols)
        n = max(z) + 1
        blank = np.zeros((q, 0, 0))
        return ResponseProducts(
            tuple(z.get(f, blank) for f in range(n)),
            out[..., layout.n_tail :],
            np.zeros(q),
        )


def _single_sparse_slope(system: Factored, xx: Array) -> Array:
    """Sum over the levels of E'TE, (k, k), for one stage with a sparse coupling.

    With T = H U H' this is a sum of products of U's entries with those of a second
    weighted cross-product, F'F with F = E'H: no H U, which would be dense.
    """
    G, W, H = system.G[0], system.W[0], system.H[0]
    k, q = G.shape[-1], system.layout.n_tail
    E_t = np.eye(k) - np.matmul(G, W)
    F = sparse.csr_array(coupling.block_diagonal(E_t) @ H)
    fixed = np.asarray(F[:, q:].toarray() - F[:, :q] @ system.Y)
    fixed = fixed.reshape(-1, k, fixed.shape[-1])
    out = np.einsum("lap,pr,lbr->ab", fixed, xx, fixed, optimize=True)
    tail = sparse.csr_array(F[:, :q])
    del F  # as large as the data
    assert system.tail is not None
    for a in range(k):
        for b in range(a + 1):
            trace = system.tail.trace_with(tail[a::k], tail[b::k])
            out[a, b] += trace
            out[b, a] += trace * (a != b)
    return out


def _outer(r: Array) -> Array:
    """Sum over levels of r r', (..., k, k)."""
    return np.matmul(np.swapaxes(r, -1, -2), r)


def general(sums: CrossProducts) -> General:
    """Lay out the statistics of a model for elimination."""
    return General(plan(sums), sums.response, sums.n_obs, sums.n_fixed)
