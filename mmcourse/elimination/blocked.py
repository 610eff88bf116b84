"""Any number of grouping factors: eliminate them stage by stage.

Layer: arrays only. Forward, each level of a stage leaves its Schur complement to what
comes after it; at the end a dense tail and [X y]. Backward, the inverse of the whole
system is formed only where it is needed (the same blocks), which gives the modes,
their covariances and the gradient.

Conventions (see also `layout`)
    W = (Sigma^-1 + G)^-1 = lambda D^-1 lambda', with G the block that is left when a
    stage's turn comes;  E = I - W G.
    U are blocks of the inverse: U_ss = W + W T W with T = F U F' over all that a level
    is coupled to, F = [B .. H].  r = Z'V^-1 (y - X beta).
    d criterion / d Sigma = sum over levels of G E - E'TE - (dof / pwrss) r r'.

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
    [T73] Takahashi, Fagan, Chin (1973): the inverse on the pattern of its factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import ResponseProducts
from mmcourse.elimination import coupling
from mmcourse.elimination.chain import ChainInverse
from mmcourse.elimination.layout import Coupling, Layout, Stage
from mmcourse.elimination.root import Root, solve_root
from mmcourse.elimination.small import spd_inverse
from mmcourse.elimination.tail import Tail

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reduced:
    """A response after the forward pass: what each stage and the root see of it."""

    stages: list[Array]  # (..., m, k)
    tail: Array  # (..., q)
    x: Array  # (..., p)
    square: Array  # (...)
    total: Array  # (...), y'y, of which `square` is left


@dataclass(frozen=True, slots=True)
class Modes:
    """Solution for one response: modes b and Z'V^-1 (y - X beta), factor by factor."""

    b: dict[int, Array]  # factor -> (..., m, k), units y
    r: dict[int, Array]


@dataclass(frozen=True, slots=True)
class Inverse:
    """Blocks of the inverse of the mixed-model equations (times 1 / sigma^2).

    With `given_beta` the covariance of b given beta, else the joint one.
    """

    T: dict[int, Array]  # factor of the chain -> (..., m, k, k)
    levels: dict[int, Array]  # factor -> (..., m, k, k), Var(b_l) / sigma^2
    with_x: dict[int, Array]  # factor -> (..., m, k, p), Cov(b_l, beta) / sigma^2
    ee: Array  # (..., t, t)


class Factored:
    """The system at one theta, or at a batch of them, after the forward pass."""

    def __init__(self, layout: Layout, cov: CovarianceModel, theta: Array) -> None:
        self.lam = cov.lambdas(theta)
        self._forward(layout, theta.shape[:-1])

    def _forward(self, layout: Layout, batch: tuple[int, ...]) -> None:
        """Eliminate stage by stage, then the tail."""
        self.layout = layout
        self.W: list[Array] = []
        self.G: list[Array] = [s.G for s in layout.stages]
        self.B: list[dict[int, Array]] = [
            {link.stage: link.B for link in s.links} for s in layout.stages
        ]
        self.H: list[Coupling] = [s.H for s in layout.stages]
        self.logdet = np.zeros(batch)
        ee, q, last = layout.ee, layout.n_tail, len(layout.stages) - 1
        for i, stage in enumerate(layout.stages):
            self._eliminate(i, stage)
            if i < last:
                ee = coupling.without_gram(ee, self.H[i], self.W[i])
        if layout.stages:
            parts = coupling.tail_and_rest(ee, self.H[last], self.W[last], q)
        else:
            parts = coupling.cut(np.asarray(ee), q)
        self._eliminate_tail(*parts)

    def _eliminate(self, i: int, stage: Stage) -> None:
        """Take one stage out; leave its Schur complement to the later ones."""
        W, logdet = self._shrink(i, stage)
        self.W.append(W)
        self.logdet = self.logdet + logdet.sum(axis=-1)
        B, H = self.B[i], self.H[i]
        for n, link in enumerate(stage.links):
            r = link.stage
            left = np.matmul(np.swapaxes(B[r], -1, -2), W)  # (..., m, k_r, k)
            self.G[r] = self.G[r] - link.sum_by_parent(np.matmul(left, B[r]))
            for other in stage.links[n + 1 :]:
                fill = link.sum_by_parent(np.matmul(left, B[other.stage]))
                self.B[r][other.stage] = self.B[r][other.stage] - fill
            self.H[r] = self.H[r] - coupling.sum_by_parent(H, left, link)

    def _shrink(self, i: int, stage: Stage) -> tuple[Array, Array]:
        """W (..., m, k, k) of a stage whose turn it is, and log |D| (..., m)."""
        return shrunken(self.lam[stage.factor], self.G[i])

    def _eliminate_tail(self, A: Array, N: Array, xx: Array) -> None:
        """Take the crossed factors out together; A may be overwritten."""
        self.N, self.Y, self.xx = N, N, xx
        self.tail: Tail | None = None
        if self.layout.n_tail:
            self.tail = Tail(self.layout.tail, self.lam, A)
            self.logdet = self.logdet + self.tail.logdet
            self.Y = self.tail.times(N)
            self.xx = xx - np.matmul(np.swapaxes(N, -1, -2), self.Y)

    def reduce(self, y: ResponseProducts) -> Reduced:
        """Send a response through the forward pass."""
        q = self.layout.n_tail
        h = [y.z[s.factor] for s in self.layout.stages]
        tail = [
            y.z[item.factor].reshape(*y.z[item.factor].shape[:-2], -1)
            for item in self.layout.tail
        ]
        e = np.concatenate([*tail, y.x], axis=-1)
        square = y.square
        for i, stage in enumerate(self.layout.stages):
            Wh = np.matmul(self.W[i], h[i][..., None])
            for link in stage.links:
                left = np.matmul(np.swapaxes(self.B[i][link.stage], -1, -2), Wh)
                h[link.stage] = h[link.stage] - link.sum_by_parent(left)[..., 0]
            e = e - coupling.transpose_times(self.H[i], Wh[..., 0])
            square = square - np.sum(h[i] * Wh[..., 0], axis=(-1, -2))
        a, x = e[..., :q], e[..., q:]
        if self.tail is not None:
            x = x - np.matmul(a[..., None, :], self.Y)[..., 0, :]
            solved = by_columns(self.tail.times, a, self.logdet.ndim)
            square = square - np.sum(a * solved, axis=-1)
        return Reduced(h, a, x, square, y.square)

    def root(
        self, reduced: Reduced, dof: int, reml: bool, sigma: Array | None = None
    ) -> Root:
        """Solve for the fixed effects and the criterion."""
        x, square, total = reduced.x, reduced.square, reduced.total
        return solve_root(self.xx, x, square, total, self.logdet, dof, reml, sigma)

    def modes(self, reduced: Reduced, beta: Array) -> Modes:
        """Solve backward for the modes of the random effects given beta."""
        layout = self.layout
        b: dict[int, Array] = {}
        r: dict[int, Array] = {}
        w = reduced.tail - np.matmul(self.N, beta[..., None])[..., 0]
        tail = left = w
        if self.tail is not None:
            tail = by_columns(self.tail.times, w, self.logdet.ndim)
            left = by_columns(self.tail.remainder, w, self.logdet.ndim)
        for item in layout.tail:
            shape = (*tail.shape[:-1], item.n_levels, item.n_cols)
            b[item.factor] = tail[..., item.columns].reshape(shape)
            r[item.factor] = left[..., item.columns].reshape(shape)
        e = np.concatenate([tail, beta], axis=-1)
        for i in range(len(layout.stages) - 1, -1, -1):
            stage = layout.stages[i]
            k = stage.G.shape[-1]
            w = reduced.stages[i] - coupling.times(self.H[i], e, k)
            for link in stage.links:
                up = b[layout.stages[link.stage].factor][..., link.parent, :, None]
                w = w - np.matmul(self.B[i][link.stage], up)[..., 0]
            mode = np.matmul(self.W[i], w[..., None])
            b[stage.factor] = mode[..., 0]
            r[stage.factor] = w - np.matmul(self.G[i], mode)[..., 0]
        return Modes(b, r)

    def inverse(self, xx: Array) -> Inverse:
        """Blocks of the inverse, with `xx` (..., p, p) the block of beta [T73].

        `xx` = (X'V^-1 X)^-1 gives the joint covariance of (b, beta), zeros the
        covariance of b given beta.
        """
        layout, q = self.layout, self.layout.n_tail
        ee = self._inverse_of_rest(xx)
        zz, zx, _ = coupling.cut(ee, q)
        levels: dict[int, Array] = {}
        with_x: dict[int, Array] = {}
        for item in layout.tail:
            m, k = item.n_levels, item.n_cols
            block = zz[..., item.columns, item.columns]
            block = block.reshape(*block.shape[:-2], m, k, m, k)
            every = np.arange(m)
            levels[item.factor] = np.moveaxis(block[..., every, :, every, :], 0, -3)
            cut = zx[..., item.columns, :]
            with_x[item.factor] = cut.reshape(*cut.shape[:-2], m, k, cut.shape[-1])
        chain = ChainInverse(self, ee)
        for i in range(len(layout.stages) - 1, -1, -1):
            chain.step(i)
            factor = layout.stages[i].factor
            levels[factor] = chain.ss[i]
            with_x[factor] = chain.with_x(i, q)
        T = {layout.stages[i].factor: T for i, T in chain.T.items()}
        return Inverse(T, levels, with_x, ee)

    def _inverse_of_rest(self, xx: Array) -> Array:
        """Block of the inverse that belongs to [Z_tail X], (..., t, t)."""
        q = self.layout.n_tail
        zx, Y_t = -np.matmul(self.Y, xx), np.swapaxes(self.Y, -1, -2)
        t = q + xx.shape[-1]
        ee = np.empty((*self.xx.shape[:-2], t, t))
        ee[..., q:, q:], ee[..., :q, q:] = xx, zx
        ee[..., q:, :q] = np.swapaxes(zx, -1, -2)
        if self.tail is not None:
            ee[..., :q, :q] = self.tail.inverse
        step = max(1, coupling.CHUNK_ENTRIES // max(q, 1))
        for first in range(0, q, step):  # the whole product would be another tail
            rows = slice(first, min(first + step, q))
            ee[..., rows, :q] -= np.matmul(zx[..., rows, :], Y_t)
        return ee


def shrunken(lam: Array, G: Array) -> tuple[Array, Array]:
    """Return W = lambda D^-1 lambda' (..., m, k, k) and log |D| (..., m)."""
    k = lam.shape[-1]
    lam = lam[..., None, :, :]
    lam_t = np.swapaxes(lam, -1, -2)
    D = np.matmul(np.matmul(lam_t, G), lam) + np.eye(k)
    inverse, logdet = spd_inverse(D)
    return np.matmul(np.matmul(lam, inverse), lam_t), logdet


def by_columns(work: Callable[[Array], Array], w: Array, n_batch: int) -> Array:
    """Apply a function of columns (..., q, c) to w (..., q).

    Without a batch of systems, `n_batch` 0, all of w are the columns of one call.
    """
    if n_batch:
        return work(w[..., None])[..., 0]
    return work(w.reshape(-1, w.shape[-1]).T).T.reshape(w.shape)
