"""One large symmetric positive definite matrix, or a batch of small ones, factored.

Layer: arrays only. A large matrix is factored, and later inverted, by LAPACK in its own
memory: it may be most of what there is.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from mmcourse.elimination.small import spd_inverse

Array = NDArray[np.float64]

LARGE = 64
BLOCK = 512


class Positive:
    """A positive definite D (..., q, q): log |D| (...), D^-1 M, and D^-1 on demand.

    D is overwritten where it is one large matrix. What is not positive definite has a
    log |D| of NaN.

    Examples
    --------
    >>> D = Positive(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> D.logdet.round(3), D.solve(np.array([[3.0], [3.0]])).ravel()
    (np.float64(1.099), array([1., 1.]))
    """

    def __init__(self, D: Array) -> None:
        self._factor: Array | None = None
        if D.ndim > 2 or D.shape[-1] <= LARGE:
            self._inverse, self.logdet = spd_inverse(D)
            return
        # D is symmetric: its transpose is itself, in the order of memory LAPACK wants.
        L, fault = lapack.dpotrf(D.T, lower=1, clean=0, overwrite_a=1)
        self._factor = L
        if fault:
            L[...] = np.nan
        self.logdet = np.asarray(2 * np.log(np.diag(L)).sum())

    def solve(self, M: Array) -> Array:
        """D^-1 M, (..., q, c)."""
        if self._factor is None:
            return np.matmul(self.inverse, M)
        return np.asarray(lapack.dpotrs(self._factor, M, lower=1)[0])

    def root_times(self, z: Array) -> Array:
        """R z (q, s) with RR' = D^-1; no batch, and not after `inverse` was formed."""
        if self._factor is None:
            return np.linalg.cholesky(self._inverse) @ z
        return np.asarray(lapack.dtrtrs(self._factor, z, lower=1, trans=1)[0])

    @cached_property
    def inverse(self) -> Array:
        """D^-1, (..., q, q)."""
        if self._factor is None:
            return self._inverse
        lower = lapack.dpotri(self._factor, lower=1, overwrite_c=1)[0]
        self._factor = None
        return mirrored(lower)


def mirrored(lower: Array) -> Array:
    """Copy the lower triangle of one matrix over its upper one, in place.

    Examples
    --------
    >>> mirrored(np.array([[1.0, 9.0], [2.0, 3.0]]))
    array([[1., 2.],
           [2., 3.]])
    """
    q = lower.shape[0]
    for first in range(0, q, BLOCK):
        rows = slice(first, min(first + BLOCK, q))
        lower[:first, rows] = lower[rows, :first].T
        corner = np.tril(lower[rows, rows])
        lower[rows, rows] = corner + np.tril(corner, -1).T
    return lower
