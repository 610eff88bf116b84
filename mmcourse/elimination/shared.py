"""One grouping factor: levels with the same design share their factor.

Layer: arrays only. For level l let G = Z'Z, H = Z'[X y] and
W = lambda (I + lambda' G lambda)^-1 lambda'. The criterion needs, over all levels,
sum log |I + lambda' G lambda| and sum H'WH. Both depend on the level only through G
and through products of entries of H, so levels with equal G are summed once and for
all; an evaluation costs O(distinct designs), not O(levels).

Conventions
    d distinct designs, k columns, t = p + 1 columns [X y]; pairs of columns are
    packed (upper triangle): K2 = k (k + 1) / 2, T2 = t (t + 1) / 2.
    E = I - W G,  Q = G E = Z'V^-1 Z,  dW = E dSigma E'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import CrossProducts
from mmcourse.elimination.root import Evaluation, Root, solve_root
from mmcourse.elimination.small import product, spd_inverse, symmetric_index

Array = NDArray[np.float64]

SMALL_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class SharedDesigns:
    """Sufficient statistics of a one-factor model, summed over equal designs."""

    n_obs: int
    count: Array  # (d,) levels per design
    G: Array  # (d, k, k)
    outer: Array  # (..., d * K2, T2) packed sums of products of H
    total: Array  # (..., T2) packed [X y]'[X y]
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
        step = _Step(self, cov, theta, reml, sigma)
        if order == 0:
            return Evaluation(step.root)
        gradient = step.gradient()
        if order == 1:
            return Evaluation(step.root, gradient)
        return Evaluation(step.root, gradient, step.hessian())

    def is_small(self, q: int) -> bool:
        """Whether a batch of evaluations costs little more than one."""
        return self.G.size + self.outer.size < SMALL_ENTRIES

    def take(self, which: NDArray[np.intp]) -> SharedDesigns:
        """Keep some of a batch of responses."""
        return replace(self, outer=self.outer[which], total=self.total[which])

    def subtract(self, W: Array) -> Array:
        """Return packed [X y]'V^-1[X y] (..., T2) given W (..., d, k, k)."""
        return self.total - self.contract(W)

    def contract(self, W: Array, extra_axis: bool = False) -> Array:
        """Sum over levels of H'WH, packed (..., T2).

        With `extra_axis`, W has one more axis (of theta) than the batch.
        """
        row, col, _ = symmetric_index(W.shape[-1])
        packed = W[..., row, col].reshape(*W.shape[:-3], -1)
        if self.outer.ndim == 2:
            return packed @ self.outer
        outer = self.outer[..., None, :, :] if extra_axis else self.outer
        return np.matmul(packed[..., None, :], outer)[..., 0, :]

    def expand(self, C: Array) -> Array:
        """Sum over the levels of each design of H C H', (..., d, k, k)."""
        k, t = self.G.shape[-1], C.shape[-1]
        row, col, _ = symmetric_index(t)
        packed = C[..., row, col] * np.where(row == col, 1.0, 2.0)
        if self.outer.ndim == 2:
            flat = packed @ self.outer.T
        else:
            flat = np.matmul(self.outer, packed[..., None])[..., 0]
        row, col, place = symmetric_index(k)
        flat = flat.reshape(*flat.shape[:-1], -1, len(row))
        return (flat * np.where(row == col, 1.0, 0.5))[..., place]


class _Step:
    """One evaluation; derivatives reuse what the criterion formed."""

    def __init__(
        self,
        data: SharedDesigns,
        cov: CovarianceModel,
        theta: Array,
        reml: bool,
        sigma: Array | None,
    ) -> None:
        self.data, self.cov, self.theta = data, cov, theta
        self.lam = cov.lambdas(theta)[0]
        k = self.lam.shape[-1]
        self.mul = product(max(self.lam.shape[-2:]), len(data.G))
        self.lam_t = np.swapaxes(self.lam, -1, -2)
        lam, lam_t = self.lam[..., None, :, :], self.lam_t[..., None, :, :]
        D = np.eye(k) + self.mul(self.mul(lam_t, data.G), lam)
        D_inverse, logdet = spd_inverse(D)
        self.W = self.mul(self.mul(lam, D_inverse), lam_t)
        p = data.n_fixed
        place = symmetric_index(p + 1)[2]
        A = data.subtract(self.W)[..., place]
        self.root: Root = solve_root(
            A[..., :p, :p],
            A[..., :p, p],
            A[..., p, p],
            data.total[..., -1],
            logdet @ data.count,
            data.n_obs - p if reml else data.n_obs,
            reml,
            sigma,
        )

    def gradient(self) -> Array:
        """Gradient (..., q) in theta; keeps the pieces that the Hessian needs."""
        data, mul = self.data, self.mul
        self.E = np.eye(data.G.shape[-1]) - mul(self.W, data.G)
        self.Q = mul(data.G, self.E)
        T = data.expand(self._root_adjoint())
        self.F = mul(mul(np.swapaxes(self.E, -1, -2), T), self.E)
        count = data.count[:, None, None]
        self.slope = np.sum(count * self.Q - self.F, axis=-3)  # d criterion / d Sigma
        slope = self.mul(self.lam_t, self.slope)
        return self.cov.pull_back({0: slope}, self.theta)

    def _root_adjoint(self) -> Array:
        """Differentiate the criterion in [X y]'V^-1[X y], (..., t, t)."""
        root, p = self.root, self.data.n_fixed
        v = root.contrast
        C = root.weight[..., None, None] * (v[..., :, None] * v[..., None, :])
        if root.reml:
            C[..., :p, :p] += root.xx_inverse
        return C

    def hessian(self) -> Array:
        """Exact Hessian (..., q, q) in theta, after `gradient`."""
        d_lam = self.cov.directions[0]
        half = np.matmul(d_lam, self.lam_t[..., None, :, :])
        d_sigma = half + np.swapaxes(half, -1, -2)  # (..., q, k, k)
        return (
            self._levels_part(d_sigma)
            + self._root_part(d_sigma)
            + 2 * np.einsum("...ab,iac,jbc->...ij", self.slope, d_lam, d_lam)
        )

    def _levels_part(self, d_sigma: Array) -> Array:
        """Second derivatives through W and log |D|, level by level."""
        left = 2 * self.F - self.data.count[:, None, None] * self.Q
        pair = np.einsum("...dab,...dce->...abce", left, self.Q)
        twice = np.einsum("...abce,...jbc->...aej", pair, d_sigma)
        return np.einsum("...aej,...iea->...ij", twice, d_sigma)

    def _root_part(self, d_sigma: Array) -> Array:
        """Second derivatives through log |X'V^-1 X| and the residual."""
        data, root, p = self.data, self.root, self.data.n_fixed
        E = self.E[..., None, :, :, :]  # (..., 1, d, k, k)
        dW = self.mul(self.mul(E, d_sigma[..., None, :, :]), np.swapaxes(E, -1, -2))
        place = symmetric_index(p + 1)[2]
        dA = -data.contract(dW, extra_axis=True)[..., place]  # (..., q, t, t)
        v = root.contrast
        dAv = np.einsum("...iab,...b->...ia", dA, v)
        dx = dAv[..., :p]
        d_pwrss = np.einsum("...ia,...a->...i", dAv, v)
        scale = root.weight[..., None, None]
        cross = np.einsum("...ia,...ab,...jb->...ij", dx, root.xx_inverse, dx)
        out = -2 * scale * cross - scale / root.pwrss[..., None, None] * (
            d_pwrss[..., :, None] * d_pwrss[..., None, :]
        )
        if root.reml:
            B = np.einsum("...ab,...ibc->...iac", root.xx_inverse, dA[..., :p, :p])
            out = out - np.einsum("...iac,...jca->...ij", B, B)
        return out


def shared_designs(
    sums: CrossProducts, most_entries: float = np.inf
) -> SharedDesigns | None:
    """Sum a one-factor model's statistics over levels of equal design.

    None if the table would have more than `most_entries`.
    """
    G, p = sums.zz[0], sums.n_fixed
    m, k = G.shape[:2]
    first, which, count = distinct_designs(G)
    if len(first) * k * (k + 1) * (p + 1) * (p + 2) / 4 > most_entries:
        return None
    y = sums.response
    zx = np.broadcast_to(sums.zx[0], (*y.square.shape, m, k, p))
    H = np.concatenate([zx, y.z[0][..., None]], axis=-1)
    total = np.zeros((*y.square.shape, p + 1, p + 1))
    total[..., :p, :p] = sums.xx
    total[..., :p, p] = total[..., p, :p] = y.x
    total[..., p, p] = y.square
    row, col, _ = symmetric_index(p + 1)
    return SharedDesigns(
        n_obs=sums.n_obs,
        count=count.astype(float),
        G=G[first],
        outer=_outer_sums(H, which, len(first)),
        total=total[..., row, col],
        n_fixed=p,
    )


def _outer_sums(H: Array, which: NDArray[np.intp], d: int) -> Array:
    """Packed sums over levels of products of entries of H, (..., d * K2, T2)."""
    k, t = H.shape[-2:]
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(d))
    H = np.ascontiguousarray(H[..., order, :, :])
    row_k, col_k, _ = symmetric_index(k)
    row_t, col_t, _ = symmetric_index(t)
    out = np.empty((*H.shape[:-3], d, len(row_k), len(row_t)))
    for i, (a, b) in enumerate(zip(row_k, col_k, strict=True)):
        for j, (r, s) in enumerate(zip(row_t, col_t, strict=True)):
            value = H[..., a, r] * H[..., b, s]
            if a != b:
                value = value + H[..., b, r] * H[..., a, s]
            out[..., i, j] = np.add.reduceat(value, starts, axis=-1)
    return out.reshape(*H.shape[:-3], d * len(row_k), len(row_t))


def distinct_designs(
    G: Array,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Find levels with the same G, to rounding.

    Returns
    -------
    first : (d,) a level of each design;  which : (m,) design of each level;
    count : (d,) levels of each design
    """
    k = G.shape[1]
    row, col, _ = symmetric_index(k)
    packed = G[:, row, col]
    # 40 bits: sums over the same values in another order differ in the last few.
    unit = max(float(np.abs(packed).max(initial=0.0)), np.finfo(float).tiny) * 2.0**-40
    keys = np.round(packed / unit).astype(np.int64)
    hashed = keys[:, 0] if k == 1 else _hash_rows(keys)
    _, first, which, count = np.unique(
        hashed, return_index=True, return_inverse=True, return_counts=True
    )
    if k > 1 and not np.array_equal(keys[first][which], keys):  # one hash for two
        _, first, which, count = np.unique(
            keys, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
    return first, which.ravel(), count


def _hash_rows(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer per row, equal for equal rows."""
    mix = np.random.default_rng(0).integers(1, 2**62, keys.shape[1], dtype=np.int64) | 1
    with np.errstate(over="ignore"):
        return np.asarray((keys * mix).sum(axis=1))
