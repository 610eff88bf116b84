"""Change of basis that makes the columns of a model well scaled and independent.

Layer: arrays only, below the cross-products, which square a condition number and
so must see good columns.

Conventions
    M  (n, c)  the user's columns; rows may carry the square root of a weight
    C  (n, r)  the conditioned columns, r <= c, with C'WC / sum(W) close to I
    C = ((M - center) / scale) @ mixing,   M[:, kept] = C @ recover[:, kept]
    A coefficient vector obeys  b_user = to_user @ b_conditioned.

References
----------
    [SC] Yamamoto et al. (2015), CholeskyQR2: a second round of a Cholesky factor of
    the Gram matrix is as accurate as a Householder QR.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mmcourse.moments import (
    Moments,
    chunks,
    moments,
    products,
    stack_triangles,
    triangle,
    triangular,
)

Array = NDArray[np.float64]

# Squared norm of what is left of a scaled column after the columns before it are
# projected out. R's `qr` calls a column redundant at a norm of 1e-7, and so do we.
REDUNDANT = 1e-14
# Below this the Gram matrix alone is too coarse to judge or to orthogonalise.
DOUBTFUL = 1e-6


@dataclass(frozen=True, slots=True)
class Basis:
    """The conditioned basis of one block of columns (see the module's conventions)."""

    center: Array  # (c,)
    scale: Array  # (c,)
    mixing: Array  # (c, r)
    to_user: Array  # (c, r)
    recover: Array  # (r, c)
    kept: tuple[int, ...]

    @property
    def rank(self) -> int:
        """Number of conditioned columns."""
        return self.mixing.shape[1]

    @property
    def is_identity(self) -> bool:
        """Whether the conditioned columns are the user's own."""
        return bool(
            self.mixing.shape[0] == self.mixing.shape[1]
            and np.all(self.center == 0)
            and np.all(self.scale == 1)
            and np.array_equal(self.mixing, np.eye(self.rank))
        )

    def apply(self, columns: Array, out: Array | None = None) -> Array:
        """Return the conditioned columns (n, r) of `columns` (n, c), in `out`."""
        if self.is_identity:
            if out is None:
                return columns
            out[...] = columns
            return out
        mixing = self.mixing / self.scale[:, None]
        if out is None:
            out = np.empty((columns.shape[0], self.rank))
        for rows in chunks(*columns.shape):
            np.matmul(columns[rows] - self.center, mixing, out=out[rows])
        return out

    def logdet_recover(self) -> float:
        """Return log |det| of the map from conditioned to kept user columns."""
        if self.rank == 0:
            return 0.0
        return float(np.linalg.slogdet(self.recover[:, list(self.kept)])[1])


_ONE = np.ones((1, 1))
_INTERCEPT = Basis(np.zeros(1), np.ones(1), _ONE, _ONE, _ONE, (0,))


# Applies a function to (columns, weights) of the rows, chunk by chunk if need be, and
# adds what it returns by another.
Look = Callable[[Callable[..., Array], Callable[[Array, Array], Array]], Array]


def condition(columns: Array, weights: Array | None = None) -> Basis:
    """Find the conditioned basis of a block of columns.

    Parameters
    ----------
    columns : array, (n, c), user's units
        One random term's columns, or the fixed-effects matrix. If one of them is
        constant, the others are centred: the constant absorbs the shift.
    weights : array, (n,), optional
        Prior weights of the rows.

    Returns
    -------
    Basis
        Columns that earlier ones already span are left out of `kept`.

    Examples
    --------
    >>> x = np.arange(4.0) + 1e6
    >>> basis = condition(np.column_stack([np.ones(4), x]))
    >>> basis.kept, basis.apply(np.column_stack([np.ones(4), x])).round(3)[:, 1]
    ((0, 1), array([-1.342, -0.447,  0.447,  1.342]))
    """
    return find_basis(
        moments(columns, weights=weights), lambda work, _: work(columns, weights)
    )


def find_basis(seen: Moments, look: Look) -> Basis:
    """Derive the conditioned basis of columns from their moments.

    Parameters
    ----------
    seen : Moments
    look : callable
        Takes another look at the rows, for columns that are nearly redundant.
    """
    anchor, center = seen.anchor, np.zeros(len(seen.mean))
    if anchor == 0 and len(center) == 1 and seen.first[0] == 1.0:
        return _INTERCEPT
    if anchor is not None:
        center = seen.mean.copy()
        center[anchor] = 0.0
    gram = seen.about(center)
    square = np.diag(gram)
    scale = np.where(square > 0, np.sqrt(square), 1.0)
    gram = gram / np.outer(scale, scale)
    mixing, kept = _orthogonalise(center, scale, gram, seen.total, look)
    to_user, recover = _maps(center, scale, mixing, kept, gram)
    if anchor is not None and anchor in kept:
        shift = center / seen.first[anchor]  # what the constant column absorbs
        to_user[anchor] -= shift @ to_user
        recover = recover + np.outer(recover[:, anchor], shift)
    return Basis(center, scale, mixing, to_user, recover, kept)


def _maps(
    center: Array, scale: Array, mixing: Array, kept: tuple[int, ...], gram: Array
) -> tuple[Array, Array]:
    """Map coordinates of conditioned to those of scaled, centred columns, and back."""
    to_user = mixing / scale[:, None]
    # C'[scaled columns] in the Gram inner product: the coordinates of every user
    # column; exact for redundant ones too, which lie in the span of C.
    recover = (mixing.T @ gram) * scale
    if kept:
        recover[:, list(kept)] = np.linalg.inv(mixing[list(kept)]) * scale[list(kept)]
    return to_user, recover


def _orthogonalise(
    center: Array, scale: Array, gram: Array, total: float, look: Look
) -> tuple[Array, tuple[int, ...]]:
    """Return the mixing matrix (c, r) and the columns it keeps."""
    mixing, kept, doubtful = _gram_schmidt(gram)
    if not doubtful:
        return mixing, kept
    # The Gram matrix can't tell a column that is nearly redundant from one that is: its
    # triangular factor, from the rows themselves, can.
    mixing = np.diag(1 / scale)
    factor = look(partial(triangle, center=center, mixing=mixing), stack_triangles)
    factor = factor / np.sqrt(total)
    for j in doubtful:
        if _residual_square(factor[:, kept], factor[:, j]) > REDUNDANT:
            kept = tuple(sorted((*kept, j)))
    mixing = np.zeros((len(scale), len(kept)))
    mixing[kept, range(len(kept))] = 1.0
    mixing = mixing @ _inverse_triangle(triangular(factor[:, kept]))
    # A second round on the columns so made [SC].
    work = partial(products, center=center, mixing=mixing / scale[:, None])
    mixing = mixing @ _inverse_factor(look(work, np.add) / total)
    return mixing, kept


def _gram_schmidt(gram: Array) -> tuple[Array, tuple[int, ...], tuple[int, ...]]:
    """Cholesky in column order; return the mixing, kept and doubtful columns."""
    c = gram.shape[0]
    if c and _is_well_conditioned(gram):
        return _inverse_factor(gram), tuple(range(c)), ()
    basis = np.zeros((c, 0))
    kept: list[int] = []
    doubtful: list[int] = []
    for j in range(c):
        unit = np.zeros(c)
        unit[j] = 1.0
        for _ in range(2):
            unit = unit - basis @ (basis.T @ (gram @ unit))
        left = float(unit @ gram @ unit)
        if left <= DOUBTFUL:
            if gram[j, j] > 0:
                doubtful.append(j)
            continue
        kept.append(j)
        basis = np.column_stack([basis, unit / np.sqrt(left)])
    return basis, tuple(kept), tuple(doubtful)


def _is_well_conditioned(gram: Array) -> bool:
    """Whether no scaled column is nearly in the span of the others."""
    if np.any(np.diag(gram) <= 0):
        return False
    if gram.shape[0] == 1:
        return True
    return bool(np.linalg.eigvalsh(gram)[0] > 10 * DOUBTFUL)


def _inverse_factor(gram: Array) -> Array:
    """Return R^-1, upper triangular, where R'R is the Gram matrix."""
    if gram.shape[0] == 1:
        return 1 / np.sqrt(gram)
    jitter = np.finfo(float).eps * gram.shape[0] * np.diag(np.diag(gram))
    try:
        factor = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError:
        factor = np.linalg.cholesky(gram + 10 * jitter)
    return np.linalg.inv(factor).T


def _inverse_triangle(factor: Array) -> Array:
    """Return R^-1 with a positive diagonal."""
    signs = np.where(np.diag(factor) < 0, -1.0, 1.0)
    return np.asarray(np.linalg.inv(factor) * signs, dtype=np.float64)


def _residual_square(base: Array, target: Array) -> float:
    """Squared norm of a column of the triangular factor beside some others."""
    coef = np.linalg.lstsq(base, target, rcond=None)[0]
    left = target - base @ coef
    return float(left @ left)
