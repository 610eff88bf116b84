"""A least-squares fit in every group, all groups at once.

Layer: arrays only. Columns are made orthogonal within all groups at the same time,
column by column (modified Gram-Schmidt, each step twice), so that the work in Python
grows with the columns, not with the groups.

Conventions
    n rows, m groups, p columns. A column that is a combination of earlier ones within a
    group is not estimated there: NaN, and the fit is that of the others, as in R.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]

# Length of what is left of a column, relative to the column: R's limit.
REDUNDANT = 1e-7


@dataclass(frozen=True, slots=True)
class SeparateFits:
    """What the groups' fits say.

    Attributes
    ----------
    coef : array, (m, p), NaN where a column is not estimated
    unscaled : array, (m, p)
        Variances of the coefficients over the residual variance.
    rss : array, (m,)
    df : array, (m,)
        Rows minus coefficients estimated.
    """

    coef: Array
    unscaled: Array
    rss: Array
    df: NDArray[np.int64]


def fit_groups(y: Array, X: Array, codes: Codes, n_groups: int) -> SeparateFits:
    """Fit y on X within each group.

    Parameters
    ----------
    y, X : array, (n,), (n, p)
    codes : array, (n,)
        Group of each row, 0 to n_groups - 1; each has at least one row.

    Examples
    --------
    >>> X = np.column_stack([np.ones(5), [0.0, 1, 2, 4, 4]])
    >>> fits = fit_groups(np.array([1.0, 3, 5, 7, 8]), X, np.array([0, 0, 0, 1, 1]), 2)
    >>> fits.coef, fits.df
    (array([[1. , 2. ],
           [7.5, nan]]), array([1, 1]))
    """
    center, scale = _scales(X)
    Q = (X - center) / scale
    p = X.shape[1]
    R = np.zeros((n_groups, p, p))
    known = np.zeros((n_groups, p), dtype=bool)
    left, target = y.copy(), np.zeros((n_groups, p))

    def inner(a: Array, b: Array) -> Array:
        return np.bincount(codes, a * b, minlength=n_groups).astype(np.float64)

    for j in range(p):
        whole = inner(Q[:, j], Q[:, j])
        for _ in range(2):
            for i in range(j):
                part = inner(Q[:, i], Q[:, j])
                R[:, i, j] += part
                Q[:, j] -= part[codes] * Q[:, i]
        size = np.sqrt(inner(Q[:, j], Q[:, j]))
        known[:, j] = size > REDUNDANT * np.sqrt(whole)
        R[:, j, j] = np.where(known[:, j], size, 1.0)
        R[~known[:, j], :j, j] = 0.0
        Q[:, j] *= np.where(known[:, j], 1 / R[:, j, j], 0.0)[codes]
        for _ in range(2):
            part = inner(Q[:, j], left)
            target[:, j] += part
            left -= part[codes] * Q[:, j]
    rows = np.bincount(codes, minlength=n_groups)
    return _solved(R, target, known, _to_user(center, scale), inner(left, left), rows)


def _solved(
    R: Array,
    target: Array,
    known: NDArray[np.bool_],
    A: Array,
    rss: Array,
    rows: NDArray[np.intp],
) -> SeparateFits:
    """Coefficients and their variances in the user's basis."""
    half = np.matmul(A, np.linalg.inv(R) * known[:, None, :])  # (m, p, p)
    coef = np.matmul(half, target[..., None])[..., 0]
    unscaled = np.sum(half**2, axis=-1)
    df = rows - known.sum(axis=1)
    return SeparateFits(
        coef=np.where(known, coef, np.nan),
        unscaled=np.where(known, unscaled, np.nan),
        rss=np.where(df > 0, rss, 0.0),
        df=df.astype(np.int64),
    )


def _scales(X: Array) -> tuple[Array, Array]:
    """Means, where a first column of ones absorbs them, and sizes of the columns.

    No mixing of columns: a redundant one must stay the one that the user wrote.
    """
    center = np.zeros(X.shape[1])
    if X.shape[1] and np.all(X[:, 0] == 1.0):
        center = X.mean(axis=0)
        center[0] = 0.0
    size = np.sqrt(np.mean((X - center) ** 2, axis=0))
    return center, np.where(size > 0, size, 1.0)


def _to_user(center: Array, scale: Array) -> Array:
    """Map coefficients of the scaled columns to those of the user's, (p, p)."""
    A = np.diag(1 / scale)
    if np.any(center):
        A[0, 1:] = -center[1:] / scale[1:]
    return A
