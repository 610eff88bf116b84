"""The dense tail: the crossed factors, eliminated together.

Layer: arrays only.

Conventions
    A (..., q, q) is what the chain has left of Z'Z; Lam is block-diagonal with a
    factor's lambda for each of its levels.
    D = I + Lam'A Lam;  Wt = (Sigma^-1 + A)^-1 = Lam D^-1 Lam'.
    Where Lam can be divided by, A is not needed once D is there, and gives it its
    memory:  Lam'(I - A Wt) = D^-1 Lam'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.elimination.layout import TailFactor
from mmcourse.elimination.positive import Positive

Array = NDArray[np.float64]

# Entries of a q x q array that are looked at together.
CHUNK_ENTRIES = 250_000
# Relative sds below this are not divided by: I - D^-1 would be mostly rounding.
NO_DIVISION = 1e-3


class Tail:
    """The tail at one theta, or at a batch of them.

    Parameters
    ----------
    items : sequence of TailFactor
    lams : list of array (..., k, k), one per grouping factor of the model
    A : array, (..., q, q)
        Overwritten, if it is one matrix in one piece.
    """

    def __init__(
        self, items: Sequence[TailFactor], lams: list[Array], A: Array
    ) -> None:
        self.items = items
        self.lams = [lams[item.factor] for item in items]
        self._scale = self._column_scale()
        diagonals = [np.diagonal(lam, axis1=-2, axis2=-1) for lam in self.lams]
        divides = all(np.all(np.abs(d) > NO_DIVISION) for d in diagonals)
        self._A = None if divides else A
        is_free = divides and A.ndim == 2 and A.flags.c_contiguous
        D = self._left(A, transpose=True, out=A if is_free else None)
        D = self._right(D, out=D)
        every = np.arange(D.shape[-1])
        D[..., every, every] += 1.0
        self._D = Positive(D)
        self.logdet = self._D.logdet

    def times(self, M: Array) -> Array:
        """Wt M, (..., q, c)."""
        return self._left(self._D.solve(self._left(M, transpose=True)))

    def remainder(self, M: Array) -> Array:
        """M - A Wt M, (..., q, c): what is left of M when the tail is taken out."""
        if self._A is not None:
            return M - np.matmul(self._A, self.times(M))
        return self._left_divided(self._D.solve(self._left(M, transpose=True)))

    def draw(self, z: Array) -> Array:
        """Turn normal numbers (q, s) into draws with covariance Wt; no batch."""
        return self._left(self._D.root_times(z))

    @property
    def inverse(self) -> Array:
        """Wt itself, (..., q, q)."""
        half = self._left(self._D.inverse)
        return self._right(half, transpose=True, out=half)

    def trace_with(self, left: sparse.csr_array, right: sparse.csr_array) -> float:
        """Sum of the entries of Wt * (left'right), for sparse (r, q); no batch."""
        D_inverse = self._D.inverse
        scale = self._sparse_lambda()
        left_t, right = (left @ scale).T.tocsr(), right @ scale
        q = D_inverse.shape[0]
        step = max(1, CHUNK_ENTRIES // max(q, 1))
        total = 0.0
        for first in range(0, q, step):
            rows = slice(first, first + step)
            total += float(np.sum((left_t[rows] @ right).toarray() * D_inverse[rows]))
        return total

    def traces(self, i: int) -> Array:
        """Sum of the blocks of Z'V^-1 Z of one factor's levels, (..., k, k)."""
        item, lam = self.items[i], self.lams[i]
        if self._A is not None:
            return self._traces_at_zero(item, self._A)
        # lambda'Q lambda = I - D^-1, level by level.
        flat = item.first + np.arange(item.n_levels * item.n_cols)
        at = flat.reshape(item.n_levels, item.n_cols)
        own = self._D.inverse[..., at[:, :, None], at[:, None, :]]
        kept = item.n_levels * np.eye(item.n_cols) - own.sum(axis=-3)
        lam_t = np.swapaxes(lam, -1, -2)
        half = solved(lam_t, kept)
        return solved(lam_t, np.swapaxes(half, -1, -2))

    def _traces_at_zero(self, item: TailFactor, A: Array) -> Array:
        """Return the same where lambda can't be divided by: Q = A - A Wt A."""
        here = item.columns
        lam_A = self._left(A[..., here], transpose=True)
        at_D = self._D.solve(lam_A)
        m, k = item.n_levels, item.n_cols
        block = A[..., here, here]
        block = block.reshape(*block.shape[:-2], m, k, m, k)
        lam_A, at_D = (M.reshape(*M.shape[:-1], m, k) for M in (lam_A, at_D))
        own = np.einsum("...lalb->...ab", block)
        return own - np.einsum("...qla,...qlb->...ab", lam_A, at_D)

    @staticmethod
    def _by_level(M: Array, item: TailFactor) -> Array:
        """(..., m k, c) -> (..., m, k, c)."""
        levels = M.shape[-2] // item.n_cols
        return M.reshape(*M.shape[:-2], levels, item.n_cols, M.shape[-1])

    def _column_scale(self) -> Array | None:
        """Lam's diagonal (..., q), if it has nothing else."""
        if any(item.n_cols > 1 for item in self.items):
            return None
        parts = [
            np.broadcast_to(lam[..., 0], (*lam.shape[:-2], item.n_levels))
            for item, lam in zip(self.items, self.lams, strict=True)
        ]
        return np.concatenate(parts, axis=-1)

    def _left(
        self, M: Array, transpose: bool = False, out: Array | None = None
    ) -> Array:
        """Lam M, or Lam'M, (..., q, c); `out` may be M itself."""
        if self._scale is not None:
            return np.multiply(self._scale[..., None], M, out=out)
        lams = self.lams
        if transpose:
            lams = [np.swapaxes(lam, -1, -2) for lam in lams]
        return self._each(np.matmul, lams, M)

    def _left_divided(self, M: Array) -> Array:
        """Lam'^-1 M, (..., q, c)."""
        if self._scale is not None:
            return M / self._scale[..., None]
        lams = [np.swapaxes(lam, -1, -2) for lam in self.lams]
        return self._each(solved, lams, M)

    def _each(
        self, work: Callable[[Array, Array], Array], lams: list[Array], M: Array
    ) -> Array:
        """Apply a factor's lambda to the rows of each of its levels."""
        parts = []
        for item, lam in zip(self.items, lams, strict=True):
            levels = self._by_level(M[..., item.columns, :], item)
            made = work(lam[..., None, :, :], levels)
            rows = item.n_levels * item.n_cols
            parts.append(np.reshape(made, (*made.shape[:-3], rows, M.shape[-1])))
        return np.concatenate(parts, axis=-2)

    def _right(
        self, M: Array, transpose: bool = False, out: Array | None = None
    ) -> Array:
        """M Lam, or M Lam', (..., r, q); `out` may be M itself."""
        if self._scale is not None:
            return np.multiply(M, self._scale[..., None, :], out=out)
        turned = self._left(np.swapaxes(M, -1, -2), not transpose)
        return np.swapaxes(turned, -1, -2)

    def _sparse_lambda(self) -> sparse.csr_array:
        """Lam as a sparse (q, q) matrix."""
        blocks = [
            sparse.kron(sparse.eye_array(item.n_levels), lam)
            for item, lam in zip(self.items, self.lams, strict=True)
        ]
        return sparse.csr_array(sparse.block_diag(blocks, format="csr"))


def solved(lam: Array, M: Array) -> Array:
    """Return lam^-1 M, matrix by matrix."""
    return np.asarray(np.linalg.solve(lam, M), dtype=np.float64)
