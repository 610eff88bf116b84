"""Batched algebra of small symmetric matrices, without a LAPACK call per matrix.

Layer: arrays only. A criterion needs the inverse of thousands of 1x1 to 4x4
matrices; a loop over their entries, each an array operation over the batch, beats a
LAPACK call per matrix and never wakes the threads of a BLAS.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNROLLED = 4
# For fewer matrices one call of NumPy costs less than twelve.
FEW = 200


def product(k: int, n: int) -> Callable[[Array, Array], Array]:
    """Return the cheapest matrix product for stacks of n matrices, k x k."""
    if k == 1:
        return np.multiply
    return _pairwise if k == 2 and n > FEW else np.matmul


def _pairwise(A: Array, B: Array) -> Array:
    """Product of stacks of 2 x 2 matrices, entry by entry."""
    shape = np.broadcast_shapes(A.shape, B.shape)
    out = np.empty(shape)
    for i in range(2):
        for j in range(2):
            np.multiply(A[..., i, 0], B[..., 0, j], out=out[..., i, j])
            out[..., i, j] += A[..., i, 1] * B[..., 1, j]
    return out


def spd_inverse(A: Array) -> tuple[Array, Array]:
    """Invert symmetric positive definite matrices.

    Parameters
    ----------
    A : array, (..., k, k)

    Returns
    -------
    inverse : array, (..., k, k)
    logdet : array, (...)
        log |A|; NaN where A is not positive definite.

    Examples
    --------
    >>> inverse, logdet = spd_inverse(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> inverse.round(3), logdet.round(3)
    (array([[ 0.667, -0.333],
           [-0.333,  0.667]]), np.float64(1.099))
    """
    k = A.shape[-1]
    if k == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 / A, np.log(A[..., 0, 0])
    if k <= UNROLLED:
        return _unrolled(A, k)
    if k == 0:
        return A.copy(), np.zeros(A.shape[:-2])
    try:
        L = np.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        return np.full_like(A, np.nan), np.full(A.shape[:-2], np.nan)
    half = np.linalg.inv(L)
    logdet = 2 * np.log(np.einsum("...ii->...i", L)).sum(-1)
    return np.swapaxes(half, -1, -2) @ half, logdet


def _unrolled(A: Array, k: int) -> tuple[Array, Array]:
    """Cholesky factor, its inverse, and the inverse's square, entry by entry."""
    L: dict[tuple[int, int], Array] = {}
    logdet = np.zeros(A.shape[:-2])
    with np.errstate(divide="ignore", invalid="ignore"):
        for j in range(k):
            pivot = A[..., j, j] - sum(L[j, i] ** 2 for i in range(j))
            logdet = logdet + np.log(pivot)
            L[j, j] = np.sqrt(pivot)
            for i in range(j + 1, k):
                cross = sum(L[i, h] * L[j, h] for h in range(j))
                L[i, j] = (A[..., i, j] - cross) / L[j, j]
        half: dict[tuple[int, int], Array] = {}
        for j in range(k):
            half[j, j] = 1 / L[j, j]
            for i in range(j + 1, k):
                half[i, j] = -sum(L[i, h] * half[h, j] for h in range(j, i)) / L[i, i]
    inverse = np.empty_like(A)
    for i in range(k):
        for j in range(i + 1):
            inverse[..., i, j] = sum(half[h, i] * half[h, j] for h in range(i, k))
            inverse[..., j, i] = inverse[..., i, j]
    return inverse, logdet


@cache
def symmetric_index(
    k: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the packed upper triangle, and the full matrix's places.

    Returns
    -------
    row, col : array, (k (k + 1) / 2,)
    place : array, (k, k)
        `packed[..., place]` is the full symmetric matrix.
    """
    # Cached, because NumPy takes longer to count these than to use them.
    row, col = np.triu_indices(k)
    place = np.empty((k, k), dtype=np.intp)
    place[row, col] = place[col, row] = np.arange(len(row))
    return row, col, place
