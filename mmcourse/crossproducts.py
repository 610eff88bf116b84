"""The sufficient statistics of a linear mixed model, from one pass over the rows.

Layer: arrays only. Once these sums exist the rows are never read again by fitting,
profiling, refitting or the bootstrap. They are sums over rows, so they add over
chunks of a file or over the workers of a cluster.

Conventions
    n rows, p conditioned fixed columns X, response y with its least-squares fit
    removed, one `Factor` per grouping factor with m levels and k conditioned columns
    (those of all its terms side by side). Rows are multiplied by the square root of
    their prior weight. A sparse pair (a, b) is Z_a'Z_b, (m_a k_a) x (m_b k_b).

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.conditioning import Basis
from mmcourse.moments import chunks

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]

# Rows whose columns are held at a time; more where a factor has more levels.
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Factor:
    """One grouping factor's rows: a level per row, and the columns that vary by it."""

    codes: Codes  # (n,) 0 .. n_levels - 1
    n_levels: int
    blocks: tuple[tuple[Array, Basis], ...]  # a (n, c) block and its basis per term

    @property
    def n_cols(self) -> int:
        """Conditioned columns of all terms together."""
        return sum(basis.rank for _, basis in self.blocks)


@dataclass(frozen=True, slots=True)
class ResponseProducts:
    """Products with the response; leading axes are replicates of it."""

    z: tuple[Array, ...]  # Z_f'y, (..., m, k) per factor, units y
    x: Array  # X'y, (..., p), units y
    square: Array  # y'y, (...), units y^2


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """All that fitting needs to know of the rows (see the module's conventions)."""

    n_obs: int
    sum_log_weights: float
    xx: Array  # X'X, (p, p)
    zz: tuple[Array, ...]  # Z_f'Z_f level by level, (m, k, k)
    zx: tuple[Array, ...]  # Z_f'X level by level, (m, k, p)
    pairs: dict[tuple[int, int], sparse.csr_array]  # Z_a'Z_b for a < b
    response: ResponseProducts

    @property
    def n_fixed(self) -> int:
        """Conditioned fixed-effects columns."""
        return self.xx.shape[0]

    def with_response(self, response: ResponseProducts) -> CrossProducts:
        """Return the same design with another response, or a batch of them."""
        return replace(self, response=response)


def form_crossproducts(
    y: Array,
    X: Array,
    basis: Basis,
    factors: tuple[Factor, ...],
    weights: Array | None = None,
    coef: Array | None = None,
) -> CrossProducts:
    """Sum the products of all columns over the rows.

    Parameters
    ----------
    y : array, (n,), units y
        Response.
    X : array, (n, c)
        Fixed-effects columns in the user's basis, conditioned chunk by chunk.
    basis : Basis
        Of X.
    factors : tuple of Factor
        In the order that every later result keeps.
    weights : array, (n,), optional
        Positive prior weights: the residual variance of row i is sigma^2 / w_i.
    coef : array, (p,), optional
        Conditioned coefficients, whose part is taken out of y first.

    Examples
    --------
    >>> from mmcourse.conditioning import condition
    >>> ones = np.ones((4, 1))
    >>> g = Factor(np.array([0, 0, 1, 1]), 2, ((ones, condition(ones)),))
    >>> sums = form_crossproducts(np.arange(4.0), ones, condition(ones), (g,))
    >>> sums.zz[0].ravel(), sums.response.z[0].ravel()
    (array([2., 2.]), array([1., 5.]))
    """
    sums = _blank(basis.rank, factors)
    size = max([CHUNK, *(factor.n_levels for factor in factors)])
    for first in range(0, len(y), size):
        rows = slice(first, min(first + size, len(y)))
        w = None if weights is None else weights[rows]
        sums = _with_rows(sums, y[rows], X[rows], basis, factors, rows, w, coef)
    return sums


def _blank(p: int, factors: tuple[Factor, ...]) -> CrossProducts:
    """Return sums over no rows."""
    sizes = [(factor.n_levels, factor.n_cols) for factor in factors]
    totals = [m * k for m, k in sizes]
    n = len(sizes)
    return CrossProducts(
        n_obs=0,
        sum_log_weights=0.0,
        xx=np.zeros((p, p)),
        zz=tuple(np.zeros((m, k, k)) for m, k in sizes),
        zx=tuple(np.zeros((m, k, p)) for m, k in sizes),
        pairs={
            (a, b): sparse.csr_array((totals[a], totals[b]))
            for a in range(n)
            for b in range(a + 1, n)
        },
        response=ResponseProducts(
            tuple(np.zeros((m, k)) for m, k in sizes), np.zeros(p), np.zeros(())
        ),
    )


def add(a: CrossProducts, b: CrossProducts) -> CrossProducts:
    """Add the sums over two sets of rows that share their levels and columns."""

    def each(x: tuple[Array, ...], y: tuple[Array, ...]) -> tuple[Array, ...]:
        return tuple(s + t for s, t in zip(x, y, strict=True))

    r, s = a.response, b.response
    return CrossProducts(
        n_obs=a.n_obs + b.n_obs,
        sum_log_weights=a.sum_log_weights + b.sum_log_weights,
        xx=a.xx + b.xx,
        zz=each(a.zz, b.zz),
        zx=each(a.zx, b.zx),
        pairs={key: a.pairs[key] + b.pairs[key] for key in a.pairs},
        response=ResponseProducts(each(r.z, s.z), r.x + s.x, r.square + s.square),
    )


def _with_rows(
    sums: CrossProducts,
    y: Array,
    X: Array,
    basis: Basis,
    factors: tuple[Factor, ...],
    rows: slice,
    weights: Array | None,
    coef: Array | None,
) -> CrossProducts:
    """Add a chunk of rows to the sums, in their own memory."""
    p = basis.rank
    M = np.empty((len(y), p + 1))
    Xc = basis.apply(X, out=M[:, :p])
    M[:, p] = y if coef is None else y - Xc @ coef
    Z = [_columns(factor, rows) for factor in factors]
    log_weights = 0.0
    if weights is not None:
        root = np.sqrt(weights)[:, None]
        M *= root
        Z = [z * root for z in Z]
        log_weights = float(np.log(weights).sum())
    codes = [factor.codes[rows] for factor in factors]
    for f, z in enumerate(Z):
        _add_by_level(sums.zz[f], codes[f], z, z)
        _add_by_level(sums.zx[f], codes[f], z, Xc)
        _add_by_level(sums.response.z[f][..., None], codes[f], z, M[:, p:])
    K = _gram(M)
    y_sums = sums.response
    return replace(
        sums,
        n_obs=sums.n_obs + len(y),
        sum_log_weights=sums.sum_log_weights + log_weights,
        xx=sums.xx + K[:p, :p],
        pairs={
            (a, b): pair + _pair(factors[a], codes[a], Z[a], factors[b], codes[b], Z[b])
            for (a, b), pair in sums.pairs.items()
        },
        response=replace(y_sums, x=y_sums.x + K[:p, p], square=y_sums.square + K[p, p]),
    )


def _gram(M: Array) -> Array:
    """M'M, summed over slices of the rows."""
    out = np.zeros((M.shape[1], M.shape[1]))
    for rows in chunks(*M.shape):
        out += M[rows].T @ M[rows]
    return out


def _columns(factor: Factor, rows: slice) -> Array:
    """Conditioned columns (r, k) of all terms of one factor."""
    parts = [basis.apply(block[rows]) for block, basis in factor.blocks]
    return parts[0] if len(parts) == 1 else np.column_stack(parts)


def _add_by_level(out: Array, codes: Codes, Z: Array, M: Array) -> None:
    """Add Z_l'M_l for every level l to `out`, (m, k, t)."""
    m, k, t = out.shape
    symmetric = Z is M
    for a in range(k):
        for j in range(a if symmetric else 0, t):
            out[:, a, j] += np.bincount(codes, Z[:, a] * M[:, j], minlength=m)
            if symmetric:
                out[:, j, a] = out[:, a, j]


def _pair(
    one: Factor, codes_a: Codes, Z_a: Array, other: Factor, codes_b: Codes, Z_b: Array
) -> sparse.csr_array:
    """Z_a'Z_b of two factors, sparse, (m_a k_a, m_b k_b), indices sorted."""
    k_a, k_b = Z_a.shape[1], Z_b.shape[1]
    values = Z_a[:, :, None] * Z_b[:, None, :]
    row = np.broadcast_to(
        (codes_a[:, None] * k_a + np.arange(k_a))[:, :, None], values.shape
    )
    col = np.broadcast_to(
        (codes_b[:, None] * k_b + np.arange(k_b))[:, None, :], values.shape
    )
    shape = (one.n_levels * k_a, other.n_levels * k_b)
    out = sparse.coo_array((values.ravel(), (row.ravel(), col.ravel())), shape=shape)
    pair = out.tocsr()
    pair.sort_indices()
    return pair
