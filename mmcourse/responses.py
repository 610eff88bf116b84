"""Products of other responses with the columns of a design: refits need no more.

Layer: arrays only. `form_crossproducts` sums everything over the rows; here a response,
or many of them, meets columns whose own products are known already.

Conventions
    s responses Y (s, n); all else as in `crossproducts`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.conditioning import Basis, chunks
from mmcourse.crossproducts import Factor, ResponseProducts

Array = NDArray[np.float64]


def form_responses(
    Y: Array,
    X: Array,
    basis: Basis,
    factors: tuple[Factor, ...],
    weights: Array | None = None,
) -> ResponseProducts:
    """Sum the products of some responses with all columns over the rows.

    Parameters
    ----------
    Y : array, (s, n), units y
    X, basis, factors, weights
        As in `form_crossproducts`.

    Examples
    --------
    >>> from mmcourse.conditioning import condition
    >>> ones = np.ones((4, 1))
    >>> g = Factor(np.array([0, 0, 1, 1]), 2, ((ones, condition(ones)),))
    >>> sums = form_responses(np.arange(4.0)[None], ones, condition(ones), (g,))
    >>> sums.z[0].ravel(), sums.square
    (array([1., 5.]), array([14.]))
    """
    weighted = Y if weights is None else Y * weights
    x = np.zeros((len(Y), basis.rank))
    for rows in chunks(*X.shape):
        x += weighted[:, rows] @ basis.apply(X[rows])
    z = tuple(_by_level(factor, weighted) for factor in factors)
    return ResponseProducts(z, x, np.einsum("sn,sn->s", Y, weighted))


def _by_level(factor: Factor, Y: Array) -> Array:
    """Z_l'y for every level and response, (s, m, k)."""
    m, k = factor.n_levels, factor.n_cols
    if k == 0:
        return np.zeros((len(Y), m, 0))
    Z = np.column_stack([basis.apply(block) for block, basis in factor.blocks])
    wide = by_level(Z, factor.codes, m)
    return np.asarray((wide.T @ Y.T).T).reshape(len(Y), m, k)


def by_level(columns: Array, codes: NDArray[np.signedinteger], m: int) -> Any:
    """Return Z of one term, sparse (n, m c): each row's columns at its level.

    Parameters
    ----------
    columns : array, (n, c)
    codes : array of int, (n,)
        Level of each row, 0 to m - 1.
    m : int
        Levels.

    Examples
    --------
    >>> by_level(np.array([[1.0, 5.0], [1.0, 7.0]]), np.array([1, 0]), 2).toarray()
    array([[0., 0., 1., 5.],
           [1., 7., 0., 0.]])
    """
    n, c = columns.shape
    place = codes.astype(np.int64)[:, None] * c + np.arange(c)
    starts = np.arange(0, n * c + 1, c)
    return sparse.csr_array((columns.ravel(), place.ravel(), starts), (n, m * c))
