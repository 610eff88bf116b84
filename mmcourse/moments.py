"""Sums over rows from which a basis for columns is derived; they add over sets of rows.

Layer: arrays only. A sum over all rows is the sum of those over chunks: of an array,
which keeps its temporaries small, or of a file, of which no more is in memory.

Conventions
    n rows, c columns, weights (n,) that multiply squares.

References
----------
    [CGL] Chan, Golub, LeVeque (1983), Amer. Statist. 37: means and products of two
    sets of rows from those of each.
    [DGHL] Demmel, Grigori, Hoemmen, Langou (2012), SIAM J. Sci. Comput. 34: a QR of
    many rows, set by set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# OpenBLAS starts threads for products of more than 2^18 multiplications. Products of
# many rows and few columns gain nothing from them, and lose much on a busy machine.
ONE_THREAD = 1 << 18


@dataclass(frozen=True, slots=True)
class Moments:
    """Means and products of some columns: all that their basis is derived from.

    They add over sets of rows, each set's products being about its own means [CGL].
    """

    total: float  # sum of the weights
    mean: Array  # (c,)
    products: Array  # (c, c), weighted sums of products about the mean
    first: Array  # (c,), values in the first row
    constant: NDArray[np.bool_]  # (c,), whether all rows have these

    def __add__(self, other: Moments) -> Moments:
        """Moments of both sets of rows together."""
        total = self.total + other.total
        step = other.mean - self.mean
        spread = np.outer(step, step) * (self.total * other.total / total)
        return Moments(
            total,
            self.mean + step * (other.total / total),
            self.products + other.products + spread,
            self.first,
            self.constant & other.constant & (self.first == other.first),
        )

    def part(self, first: int, last: int) -> Moments:
        """Moments of some of the columns."""
        at = slice(first, last)
        products = self.products[at, at]
        return Moments(
            self.total, self.mean[at], products, self.first[at], self.constant[at]
        )

    @property
    def anchor(self) -> int | None:
        """Position of the first column that is a non-zero constant."""
        if not self.constant.any():
            return None
        found = (self.constant & (self.first != 0)).nonzero()[0]
        return int(found[0]) if len(found) else None

    def about(self, center: Array) -> Array:
        """Mean products about a centre instead of the mean, (c, c)."""
        step = self.mean - center
        return self.products / self.total + np.outer(step, step)


def moments(*blocks: Array, weights: Array | None = None) -> Moments:
    """Return the moments of columns (n, c), those of all blocks side by side.

    Examples
    --------
    >>> moments(np.array([[1.0, 2.0], [1.0, 4.0]])).mean
    array([1., 3.])
    """
    n = len(blocks[0])
    total = float(n) if weights is None else float(weights.sum())
    first = _joined([block[0] for block in blocks])
    constant = _joined([_constant_columns(block) for block in blocks])
    products = np.zeros((len(first), len(first)))
    if constant.all():  # an intercept alone, as most random terms are
        return Moments(total, first, products, first, constant)
    mean = _joined([_mean(block, weights, total) for block in blocks])
    mean[constant] = first[constant]  # which rounding may have missed
    for rows in chunks(n, len(mean)):
        part = _joined([block[rows] for block in blocks]) - mean
        products += _weighted(part, weights, rows).T @ part
    return Moments(total, mean, products, first, constant)


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Columns, or what there is one of for each column, side by side."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


def _constant_columns(columns: Array) -> NDArray[np.bool_]:
    """Whether each column is constant, (c,)."""
    first = columns[0]
    # A look at the ends first spares most columns the full comparison.
    constant = first == columns[-1]
    for j in constant.nonzero()[0]:
        constant[j] = (columns[:, j] == first[j]).all()
    return constant


def _mean(columns: Array, weights: Array | None, total: float) -> Array:
    """Weighted mean of each column."""
    if weights is None:
        return columns.mean(axis=0)
    return (weights @ columns) / total


def _weighted(part: Array, weights: Array | None, rows: slice) -> Array:
    return part if weights is None else part * weights[rows][:, None]


def products(
    columns: Array, weights: Array | None, *, center: Array, mixing: Array
) -> Array:
    """Weighted C'C, with C = (columns - center) @ mixing, chunk by chunk."""
    out = np.zeros((mixing.shape[1], mixing.shape[1]))
    for rows in chunks(*columns.shape):
        part = (columns[rows] - center) @ mixing
        out += _weighted(part, weights, rows).T @ part
    return out


def triangle(
    columns: Array, weights: Array | None, *, center: Array, mixing: Array
) -> Array:
    """Triangular factor R, where R'R is what `products` returns, but better [DGHL]."""
    out = np.zeros((0, mixing.shape[1]))
    for rows in chunks(*columns.shape):
        part = (columns[rows] - center) @ mixing
        if weights is not None:
            part *= np.sqrt(weights[rows])[:, None]
        out = stack_triangles(out, part)
    return out


def stack_triangles(above: Array, below: Array) -> Array:
    """Triangular factor of two sets of rows, from that of each."""
    return triangular(np.vstack([above, below]))


def triangular(columns: Array) -> Array:
    """Return the triangular factor of a QR."""
    factor: Array = np.asarray(np.linalg.qr(columns, mode="r"))
    return factor


def chunks(n: int, c: int) -> list[slice]:
    """Slices of rows whose products with (c, c) stay small, in memory and in threads.

    Examples
    --------
    >>> [rows.stop for rows in chunks(40_000, 2)]
    [16384, 32768, 40000]
    """
    size = max(1 << 10, min(1 << 14, ONE_THREAD // max(1, c * c)))
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]
