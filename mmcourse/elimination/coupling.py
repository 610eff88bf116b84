"""Products with the coupling H of a stage's levels and e = [Z_tail X].

Layer: arrays only. H is (m, k, t) dense, possibly with leading batch axes, or a sparse
(m k, t) matrix without any; each function takes both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.elimination.layout import Coupling, Link, TailProducts

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CHUNK_ENTRIES = 250_000


def without_gram(ee: TailProducts, H: Coupling, W: Array) -> Array:
    """Return ee less the sum over levels of H'WH, dense (..., t, t)."""
    if sparse.issparse(H):
        out = np.empty(ee.shape)
        for rows, part in _sparse_rows(ee, H, W):
            out[rows] = part
        return out
    WH = np.matmul(W, H)
    gram = np.matmul(_flat(H).swapaxes(-1, -2), _flat(WH))
    # In the memory of the product: the tail may be most of what there is.
    return np.subtract(np.asarray(ee), gram, out=gram)


def tail_and_rest(
    ee: TailProducts, H: Coupling, W: Array, q: int
) -> tuple[Array, Array, Array]:
    """Return the same cut at q: (..., q, q), (..., q, p) and (..., p, p).

    Of a sparse coupling the first has memory of its own, which may be written to.
    """
    if not sparse.issparse(H):
        return cut(without_gram(ee, H, W), q)
    p = ee.shape[1] - q
    A, N, xx = np.empty((q, q)), np.empty((q, p)), np.empty((p, p))
    for rows, part in _sparse_rows(ee, H, W):
        last = max(q - rows.start, 0)
        A[rows], N[rows] = part[:last, :q], part[:last, q:]
        xx[max(rows.start - q, 0) : max(rows.stop - q, 0)] = part[last:, q:]
    return A, N, xx


def cut(ee: Array, q: int) -> tuple[Array, Array, Array]:
    """Cut ee (..., t, t) at q: the tail's block, with X, and that of X."""
    return ee[..., :q, :q], ee[..., :q, q:], ee[..., q:, q:]


def _sparse_rows(
    ee: TailProducts, H: sparse.csr_array, W: Array
) -> Iterator[tuple[slice, Array]]:
    """Rows of `without_gram`: as one sparse matrix it would be larger than dense."""
    WH, H_t = sparse.csr_array(block_diagonal(W) @ H), H.T.tocsr()
    t = H.shape[1]
    step = max(1, CHUNK_ENTRIES // max(t, 1))
    for first in range(0, t, step):
        rows = slice(first, min(first + step, t))
        yield rows, sparse.csr_array(ee[rows] - H_t[rows] @ WH).toarray()


def sum_by_parent(H: Coupling, left: Array, link: Link) -> Array:
    """Sum over the levels of each parent of (left H), (..., m_r, k_r, t), dense.

    `left` is (..., m, k_r, k).
    """
    if not sparse.issparse(H):
        return link.sum_by_parent(np.matmul(left, H))
    m, k_r, k = left.shape
    m_r = len(link.starts)
    row = np.broadcast_to(
        (link.parent[:, None] * k_r + np.arange(k_r))[:, :, None], left.shape
    )
    col = np.broadcast_to(np.arange(m * k).reshape(m, 1, k), left.shape)
    wide = sparse.coo_array(
        (left.ravel(), (row.ravel(), col.ravel())), shape=(m_r * k_r, m * k)
    )
    return (wide.tocsr() @ H).toarray().reshape(m_r, k_r, -1)


def transpose_times(H: Coupling, h: Array) -> Array:
    """H'h, (..., t), for h (..., m, k)."""
    flat = h.reshape(*h.shape[:-2], -1)
    if sparse.issparse(H):
        out = np.asarray((H.T @ np.atleast_2d(flat).T).T)
        return out.reshape(*h.shape[:-2], H.shape[1])
    if H.ndim == 3:  # one product for all responses
        return np.matmul(flat, _flat(H))
    return np.matmul(flat[..., None, :], _flat(H))[..., 0, :]


def times(H: Coupling, e: Array, k: int) -> Array:
    """H e, (..., m, k), for e (..., t)."""
    if sparse.issparse(H):
        out = np.asarray((H @ np.atleast_2d(e).T).T)
        return out.reshape(*e.shape[:-1], -1, k)
    if H.ndim == 3:
        He = np.matmul(e, _flat(H).T)
    else:
        He = np.matmul(_flat(H), e[..., None])[..., 0]
    return He.reshape(*He.shape[:-1], *H.shape[-3:-1])


def quadratic(H: Coupling, U: Array, k: int) -> Array:
    """H U H' level by level, (..., m, k, k), for symmetric U (..., t, t)."""
    if not sparse.issparse(H):
        HU = np.matmul(_flat(H), U)  # one product, not one per level
        return np.matmul(HU.reshape(*HU.shape[:-2], *H.shape[-3:]), H.swapaxes(-1, -2))
    m = H.shape[0] // k
    out = np.empty((m, k, k))
    step = max(1, CHUNK_ENTRIES // (k * H.shape[1]))
    for i in range(0, m, step):
        part = H[i * k : min(i + step, m) * k]
        HU = part @ U
        for b in range(k):
            for a in range(k):
                product = part[b::k].multiply(HU[a::k])
                out[i : i + step, a, b] = np.asarray(product.sum(axis=1)).ravel()
    return out


def cross(H: Coupling, parent: Index, U: Array, k: int) -> Array:
    """H U[parent]' level by level, (..., m, k, k_r), for U (..., m_r, k_r, t)."""
    m = parent.shape[0]
    t = U.shape[-1]
    out = []
    step = max(1, CHUNK_ENTRIES // max(1, k * t))
    for i in range(0, m, step):
        stop = min(i + step, m)
        part = _levels(H, i, stop, k)
        gathered = np.swapaxes(U[..., parent[i:stop], :, :], -1, -2)
        out.append(np.matmul(part, gathered))
    return np.concatenate(out, axis=-3)


def columns(H: Coupling, V: Array, k: int) -> Array:
    """H V, (..., m, k, c), for V (..., t, c)."""
    if sparse.issparse(H):
        return np.asarray(H @ V).reshape(-1, k, V.shape[-1])
    HV = np.matmul(_flat(H), V)
    return HV.reshape(*HV.shape[:-2], *H.shape[-3:-1], V.shape[-1])


def take_levels(H: Coupling, levels: Index, k: int) -> Array:
    """H of the given levels, dense (r, k, t)."""
    if not sparse.issparse(H):
        return H[levels]
    rows = (levels[:, None] * k + np.arange(k)).ravel()
    return H[rows].toarray().reshape(len(levels), k, -1)


def block_diagonal(W: Array) -> sparse.csr_array:
    """W (m, k, k) as one sparse (m k, m k) matrix."""
    m, k = W.shape[:2]
    bsr = sparse.bsr_array((W, np.arange(m), np.arange(m + 1)), shape=(m * k, m * k))
    return bsr.tocsr()


def _levels(H: Coupling, i: int, stop: int, k: int) -> Array:
    """Levels i to stop of H, dense."""
    if sparse.issparse(H):
        return H[i * k : stop * k].toarray().reshape(stop - i, k, -1)
    return H[..., i:stop, :, :]


def _flat(H: Array) -> Array:
    """Stack the levels' rows, (..., m k, t)."""
    m, k, t = H.shape[-3:]
    return H.reshape(*H.shape[:-3], m * k, t)
