"""The order in which grouping factors are eliminated, and their couplings.

Layer: arrays only; nothing here depends on theta. The factor with most random effects
goes first. While every level of it lies in one level of another factor (nested), that
one is next: its block stays one small matrix per level. The other, crossed factors
stay together in a dense tail.

Conventions
    A stage is one factor of the nested chain, m levels of k columns. A link goes from
    a stage to a later one: the parent of each level, and B = Z_s'Z_r (m, k, k_r).
    e = [Z_tail X] are the t columns that outlive the chain; H = Z_s'e is (m, k, t),
    dense, or a sparse (m k, t) matrix where most of it is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.crossproducts import CrossProducts
from mmcourse.memory import SHARE, TooLarge, available

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Coupling = Array | sparse.csr_array
TailProducts = Array | sparse.csr_array

# A dense coupling beyond this many entries is kept sparse when few of them are used.
DENSE_ENTRIES = 2_000_000
DENSE_SHARE = 0.2
# Arrays of the tail's size that exist at the same time when the covariances of effects
# are formed (an evaluation has one), and of the size of a stage's dense coupling.
# Below the least size nobody need ask.
TAIL_COPIES, COUPLING_COPIES = 3, 3
LEAST_BYTES = 2**28


@dataclass(frozen=True, slots=True)
class Link:
    """Levels of one stage inside the levels of a later stage."""

    stage: int  # the later stage
    parent: Index  # (m,)
    order: Index  # (m,) levels sorted by parent
    starts: Index  # (m_r,) first of each parent's levels in that order
    B: Array  # (m, k, k_r)

    def sum_by_parent(self, values: Array) -> Array:
        """Sum (..., m, a, b) over the levels of each parent, (..., m_r, a, b)."""
        return np.add.reduceat(values[..., self.order, :, :], self.starts, axis=-3)


@dataclass(frozen=True, slots=True)
class Stage:
    """One factor of the nested chain."""

    factor: int
    G: Array  # (m, k, k)
    H: Coupling
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TailFactor:
    """One factor of the dense tail: its place among the tail's columns."""

    factor: int
    n_levels: int
    n_cols: int
    first: int

    @property
    def columns(self) -> slice:
        """The factor's columns in the tail."""
        return slice(self.first, self.first + self.n_levels * self.n_cols)


@dataclass(frozen=True, slots=True)
class Layout:
    """Stages, tail and the cross-products of e = [Z_tail X]."""

    stages: tuple[Stage, ...]
    tail: tuple[TailFactor, ...]
    ee: TailProducts  # (t, t), sparse where the first coupling is
    n_tail: int

    @property
    def is_sparse(self) -> bool:
        """Whether the first coupling is sparse (then batches run one by one)."""
        return bool(self.stages) and sparse.issparse(self.stages[0].H)


def plan(sums: CrossProducts) -> Layout:
    """Choose the order of elimination and cut the cross-products accordingly."""
    sizes = [z.shape[0] * z.shape[1] for z in sums.zz]
    remaining = [f for f in np.argsort([-s for s in sizes], kind="stable") if sizes[f]]
    chain = [int(f) for f in remaining[:1]]
    for f in map(int, remaining[1:]):
        if parents(sums, chain[-1], f) is not None:
            chain.append(f)
    tail, first = [], 0
    for f in map(int, remaining):
        if f not in chain:
            m, k = sums.zz[f].shape[:2]
            tail.append(TailFactor(f, m, k, first))
            first += m * k
    _check_memory(sums, chain, tuple(tail), first)
    stages = tuple(_stage(sums, chain, i, tuple(tail)) for i in range(len(chain)))
    is_sparse = bool(stages) and sparse.issparse(stages[0].H)
    products = _sparse_products if is_sparse else _tail_products
    return Layout(stages, tuple(tail), products(sums, tuple(tail)), first)


def _check_memory(
    sums: CrossProducts, chain: list[int], tail: tuple[TailFactor, ...], n_tail: int
) -> None:
    """Refuse before anything is allocated that does not fit."""
    t = float(n_tail + sums.n_fixed)
    coupled = sum(float(sums.zz[f].shape[0] * sums.zz[f].shape[1]) for f in chain[1:])
    needed = 8 * (TAIL_COPIES * t * t + COUPLING_COPIES * coupled * t)
    if needed < LEAST_BYTES:
        return
    free = SHARE * available()
    if needed > free:
        raise TooLarge([item.factor for item in tail], n_tail, needed, free)


def pair(sums: CrossProducts, a: int, b: int) -> sparse.csr_array:
    """Return Z_a'Z_b whichever way round it is stored."""
    if a < b:
        return sums.pairs[a, b]
    return sums.pairs[b, a].T.tocsr()


def parents(sums: CrossProducts, child: int, other: int) -> Index | None:
    """Return the level of `other` that holds each level of `child`, if there is one."""
    k, k_other = sums.zz[child].shape[1], sums.zz[other].shape[1]
    cross = pair(sums, child, other)
    if not np.array_equal(np.diff(cross.indptr), np.full(cross.shape[0], k_other)):
        return None
    level = cross.indices.reshape(-1, k_other) // k_other
    if np.any(level != level[:, :1]):
        return None
    return level[::k, 0].astype(np.intp)


def _stage(
    sums: CrossProducts, chain: list[int], i: int, tail: tuple[TailFactor, ...]
) -> Stage:
    """Cut out one stage of the chain."""
    links = []
    for r in range(i + 1, len(chain)):
        parent = parents(sums, chain[i], chain[r])
        assert parent is not None  # nesting is transitive along the chain
        m, k = sums.zz[chain[i]].shape[:2]
        cross = pair(sums, chain[i], chain[r])
        cross.sort_indices()
        order = np.argsort(parent, kind="stable")
        starts = np.searchsorted(parent[order], np.arange(sums.zz[chain[r]].shape[0]))
        links.append(Link(r, parent, order, starts, cross.data.reshape(m, k, -1)))
    H = _coupling(sums, chain[i], tail, may_be_sparse=i == 0)
    return Stage(chain[i], sums.zz[chain[i]], H, tuple(links))


def _coupling(
    sums: CrossProducts, f: int, tail: tuple[TailFactor, ...], may_be_sparse: bool
) -> Coupling:
    """Products of one factor with [Z_tail X], dense or sparse."""
    m, k, p = sums.zx[f].shape
    if not tail:
        return sums.zx[f]
    crosses = [pair(sums, f, item.factor) for item in tail]
    t = sum(c.shape[1] for c in crosses) + p
    used = sum(c.nnz for c in crosses) + m * k * p
    if may_be_sparse and m * k * t > DENSE_ENTRIES and used < DENSE_SHARE * m * k * t:
        X = sparse.csr_array(sums.zx[f].reshape(m * k, p))
        return sparse.csr_array(sparse.hstack([*crosses, X], format="csr"))
    dense = [c.toarray().reshape(m, k, -1) for c in crosses]
    return np.concatenate([*dense, sums.zx[f]], axis=-1)


def _tail_products(sums: CrossProducts, tail: tuple[TailFactor, ...]) -> Array:
    """Cross-products of e = [Z_tail X], (t, t)."""
    q = sum(item.n_levels * item.n_cols for item in tail)
    t = q + sums.n_fixed
    ee = np.zeros((t, t))
    ee[q:, q:] = sums.xx
    for i, item in enumerate(tail):
        m, k, here = item.n_levels, item.n_cols, item.columns
        block = np.zeros((m, k, m, k))
        block[np.arange(m), :, np.arange(m), :] = sums.zz[item.factor]
        ee[here, here] = block.reshape(m * k, m * k)
        ee[here, q:] = sums.zx[item.factor].reshape(m * k, sums.n_fixed)
        ee[q:, here] = ee[here, q:].T
        for other in tail[i + 1 :]:
            cross = pair(sums, item.factor, other.factor).toarray()
            ee[here, other.columns] = cross
            ee[other.columns, here] = cross.T
    return ee


def _sparse_products(
    sums: CrossProducts, tail: tuple[TailFactor, ...]
) -> sparse.csr_array:
    """Return the same as a sparse matrix, none of it dense on the way."""
    n = len(tail)
    blocks: list[list[Any]] = [[None] * (n + 1) for _ in range(n + 1)]
    blocks[n][n] = sparse.csr_array(sums.xx)
    for i, item in enumerate(tail):
        zz, q = sums.zz[item.factor], item.n_levels * item.n_cols
        rows = np.arange(item.n_levels)
        own = sparse.bsr_array((zz, rows, np.arange(len(rows) + 1)), shape=(q, q))
        blocks[i][i] = own
        with_x = sums.zx[item.factor].reshape(q, sums.n_fixed)
        blocks[i][n] = sparse.csr_array(with_x)
        blocks[n][i] = sparse.csr_array(with_x.T)
        for j in range(i + 1, n):
            blocks[i][j] = pair(sums, item.factor, tail[j].factor)
            blocks[j][i] = blocks[i][j].T
    return sparse.csr_array(sparse.block_array(blocks, format="csr"))
