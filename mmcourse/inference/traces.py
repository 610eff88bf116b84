"""Sums over the levels that the expected information of the variances is made of.

Layer: functions of a `Fit`. Levels that share no row with each other, directly or
through others, are independent: each such component is a small dense problem, and
equal ones are solved in one batch. One grouping factor has a component per level,
nested factors one per level of the outermost, crossed factors usually a single one.

Conventions
    M = I + Z Sigma Z';  C = Z'Z, S = Z'M^-1 Z, R = Z'M^-1 X, within a component;
    D = I + Lam'C Lam, so that S = C - (Lam'C)' D^-1 (Lam'C).
    Parameter r is the entry of one term's Sigma that E_r (k, k) has ones at;
    G_r = Z (E_r for each level) Z'. Conditioned basis throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.crossproducts import CrossProducts
from mmcourse.elimination.positive import Positive
from mmcourse.errors import InferenceError
from mmcourse.fit import Fit
from mmcourse.memory import GIB, SHARE, available

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Entries of a batch of components, and copies of them that exist at a time.
BATCH_ENTRIES, COPIES = 2_000_000, 8


@dataclass(frozen=True, slots=True)
class Traces:
    """What the information of the variances needs (see the module's conventions).

    P (R, p, p): X'M^-1 G_r M^-1 X;  Q (R, R, p, p): X'M^-1 G_r M^-1 G_s M^-1 X;
    K (R, R): tr(M^-1 G_r M^-1 G_s);  trace (R,): tr(M^-1 G_r).
    """

    P: Array
    Q: Array
    K: Array
    trace: Array


@dataclass(frozen=True, slots=True)
class _Batch:
    """Components of equal size: the levels (b, c) of each factor in each of them."""

    levels: tuple[Index, ...]


def information_sums(fit: Fit) -> Traces:
    """Sum over all components.

    Raises
    ------
    InferenceError
        If the largest component does not fit into the memory.
    """
    sums, cov = fit.products.sums, fit.products.cov
    lams = cov.lambdas(fit.theta_conditioned)
    E = _parameters(fit)
    total: list[Array] | None = None
    for batch in _batches(sums):
        part = _component_sums(_Blocks(sums, batch), lams, E)
        total = (
            part if total is None else [a + b for a, b in zip(total, part, strict=True)]
        )
    assert total is not None  # a model has at least one grouping factor
    return Traces(*total)


def _parameters(fit: Fit) -> list[tuple[int, Array]]:
    """Return (factor, E_r) of each parameter."""
    cov, out = fit.products.cov, []
    for slot in cov.slots:
        for j in range(slot.rank):
            for i in range(j, slot.rank):
                E = np.zeros((cov.n_cols[slot.factor],) * 2)
                E[slot.first + i, slot.first + j] = 1.0
                E[slot.first + j, slot.first + i] = 1.0
                out.append((slot.factor, E))
    return out


def _batches(sums: CrossProducts) -> Iterator[_Batch]:
    """Cut the levels into components, and these into batches of equal ones."""
    label, n = _components(sums)
    orders = [np.argsort(own, kind="stable") for own in label]
    counts = np.stack([np.bincount(own, minlength=n) for own in label], axis=1)
    starts = (np.cumsum(counts, axis=0) - counts).astype(np.intp)
    widths = np.array([z.shape[1] for z in sums.zz])
    _check_memory(sums, int((counts @ widths).max()))
    kinds, which = np.unique(counts, axis=0, return_inverse=True)
    by_kind = np.argsort(which.ravel(), kind="stable")
    cuts = np.searchsorted(which.ravel()[by_kind], np.arange(len(kinds) + 1))
    for i, kind in enumerate(kinds):
        members = by_kind[cuts[i] : cuts[i + 1]]
        size = int(kind @ widths)
        step = max(1, BATCH_ENTRIES // max(size * (size + sums.n_fixed), 1))
        for first in range(0, len(members), step):
            chosen = members[first : first + step]
            yield _Batch(
                tuple(
                    order[starts[chosen, f][:, None] + np.arange(kind[f])]
                    for f, order in enumerate(orders)
                )
            )


def _components(sums: CrossProducts) -> tuple[list[Index], int]:
    """Component of each level, factor by factor, and how many there are."""
    sizes = [z.shape[0] for z in sums.zz]
    if len(sizes) == 1:
        return [np.arange(sizes[0])], sizes[0]
    from scipy.sparse.csgraph import connected_components

    first = np.concatenate([[0], np.cumsum(sizes)])
    rows, cols = [], []
    for (a, b), pair in sums.pairs.items():
        if pair.shape[0] and pair.shape[1]:
            entries = pair.tocoo()
            rows.append(first[a] + entries.row // sums.zz[a].shape[1])
            cols.append(first[b] + entries.col // sums.zz[b].shape[1])
    row, col = np.concatenate(rows), np.concatenate(cols)
    shape = (int(first[-1]), int(first[-1]))
    graph = sparse.coo_array((np.ones(len(row)), (row, col)), shape=shape)
    n, found = connected_components(graph.tocsr(), directed=False)
    label = found.astype(np.intp)
    return [label[first[f] : first[f + 1]] for f in range(len(sizes))], int(n)


def _check_memory(sums: CrossProducts, size: int) -> None:
    """Refuse before anything is allocated that does not fit."""
    needed = 8.0 * COPIES * size * (size + sums.n_fixed)
    free = SHARE * available()
    if needed > free:
        raise InferenceError(
            f"the Kenward-Roger correction needs about {needed / GIB:.1f} GiB of "
            f"memory for {size} random effects that depend on each other, and "
            f"{free / GIB:.1f} GiB are free.\n"
            "  Use 'satterthwaite', which does not form their covariance; with so many "
            "groups the two hardly differ."
        )


class _Blocks:
    """C and Z'X of a batch of components, dense: (b, s, s) and (b, s, p)."""

    def __init__(self, sums: CrossProducts, batch: _Batch) -> None:
        self.sums, self.levels = sums, batch.levels
        self.n = len(batch.levels[0])
        self.shapes = [
            (at.shape[1], z.shape[1])
            for at, z in zip(batch.levels, sums.zz, strict=True)
        ]
        ends = np.cumsum([m * k for m, k in self.shapes])
        self.places = [
            slice(int(e) - m * k, int(e))
            for e, (m, k) in zip(ends, self.shapes, strict=True)
        ]
        size = int(ends[-1])
        self.C = np.zeros((self.n, size, size))
        self.ZX = np.zeros((self.n, size, sums.n_fixed))
        for f in range(len(self.shapes)):
            self._own(f)
        for a, b in sums.pairs:
            self._cross(a, b)

    def _own(self, f: int) -> None:
        """Place the blocks of one factor's levels."""
        (m, k), here, at = self.shapes[f], self.places[f], self.levels[f]
        block = np.zeros((self.n, m, k, m, k))
        every = np.arange(m)
        block[:, every, :, every, :] = np.moveaxis(self.sums.zz[f][at], 1, 0)
        self.C[:, here, here] = block.reshape(self.n, m * k, m * k)
        p = self.sums.n_fixed
        self.ZX[:, here] = self.sums.zx[f][at].reshape(self.n, m * k, p)

    def _cross(self, a: int, b: int) -> None:
        """Place the products of two factors' levels, and their transpose."""
        (m_a, k_a), (m_b, k_b) = self.shapes[a], self.shapes[b]
        if not (m_a * k_a * m_b * k_b):
            return
        rows = (self.levels[a][..., None] * k_a + np.arange(k_a)).ravel()
        entries = self.sums.pairs[a, b][rows].tocoo()
        position = np.zeros(self.sums.zz[b].shape[0], dtype=np.intp)
        position[self.levels[b]] = np.arange(m_b)
        which, i = np.divmod(entries.row, m_a * k_a)
        j = position[entries.col // k_b] * k_b + entries.col % k_b
        block = np.zeros((self.n, m_a * k_a, m_b * k_b))
        block[which, i, j] = entries.data
        self.C[:, self.places[a], self.places[b]] = block
        self.C[:, self.places[b], self.places[a]] = np.swapaxes(block, 1, 2)

    def by_level(self, M: Array, f: int) -> Array:
        """Rows of one factor, (b, m, k, c)."""
        m, k = self.shapes[f]
        return M[:, self.places[f]].reshape(self.n, m, k, M.shape[-1])

    def scaled(self, M: Array, lams: list[Array]) -> Array:
        """Lam'M, (b, s', c)."""
        parts = []
        for f, lam in enumerate(lams):
            part = np.matmul(lam.T, self.by_level(M, f))
            rows = part.shape[1] * part.shape[2]
            parts.append(part.reshape(self.n, rows, M.shape[-1]))
        return np.concatenate(parts, axis=1)


def _component_sums(
    blocks: _Blocks, lams: list[Array], E: list[tuple[int, Array]]
) -> list[Array]:
    """P, Q, K and trace of one batch."""
    S, R = _inverse_products(blocks, lams)
    p, n_r = R.shape[-1], len(E)
    ER = np.zeros((*R.shape[:2], n_r, p))
    for r, (f, E_r) in enumerate(E):
        moved = np.matmul(E_r, blocks.by_level(R, f))
        m, k = blocks.shapes[f]
        ER[:, blocks.places[f], r] = moved.reshape(blocks.n, m * k, p)
    wide = ER.reshape(*R.shape[:2], n_r * p)
    P = np.einsum("bia,birc->rac", R, ER)
    Q = np.einsum("bix,biy->xy", wide, np.matmul(S, wide), optimize=True)
    Q = Q.reshape(n_r, p, n_r, p).transpose(0, 2, 1, 3)
    K, trace = np.zeros((n_r, n_r)), np.zeros(n_r)
    factors = sorted({f for f, _ in E})
    for f in factors:
        own = np.einsum("blalc->ac", _as_levels(blocks, S, f, f))
        for r, (f_r, E_r) in enumerate(E):
            if f_r == f:
                trace[r] = float(np.sum(E_r * own))
        for g in factors:
            pairs = _pair_sums(_as_levels(blocks, S, f, g))
            for r, (f_r, E_r) in enumerate(E):
                for s, (f_s, E_s) in enumerate(E):
                    if (f_r, f_s) == (f, g):
                        K[r, s] = np.einsum("ab,cd,bcad->", E_r, E_s, pairs)
    return [P, Q, K, trace]


def _inverse_products(blocks: _Blocks, lams: list[Array]) -> tuple[Array, Array]:
    """S (b, s, s) and R (b, s, p)."""
    half = blocks.scaled(blocks.C, lams)  # Lam'C
    half_x = blocks.scaled(blocks.ZX, lams)
    D = blocks.scaled(np.swapaxes(half, 1, 2), lams)
    every = np.arange(D.shape[-1])
    D[:, every, every] += 1.0
    if blocks.n == 1:
        solved = Positive(D[0]).solve(half[0])[None]
    else:
        solved = Positive(D).solve(half)
    solved_t = np.swapaxes(solved, 1, 2)
    S = blocks.C - np.matmul(solved_t, half)
    return S, blocks.ZX - np.matmul(solved_t, half_x)


def _as_levels(blocks: _Blocks, S: Array, f: int, g: int) -> Array:
    """Cut the block of two factors by levels, (b, m_f, k_f, m_g, k_g)."""
    block = S[:, blocks.places[f], blocks.places[g]]
    return block.reshape(blocks.n, *blocks.shapes[f], *blocks.shapes[g])


def _pair_sums(block: Array) -> Array:
    """Sum over pairs of levels of S[b, c] S[a, d], (k_f, k_g, k_f, k_g)."""
    k_f, k_g = block.shape[2], block.shape[4]
    flat = block.transpose(2, 4, 0, 1, 3).reshape(k_f * k_g, -1)
    return np.asarray((flat @ flat.T).reshape(k_f, k_g, k_f, k_g))
