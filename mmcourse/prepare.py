"""The rows of a model -> everything about them that estimation needs.

Layer: arrays only. A pass hands out the rows chunk by chunk, and what is found in the
chunks is added up; rows that are in memory are one chunk. The first pass finds the
moments of the columns, from which the conditioned basis and the least-squares fit of y
follow; the second forms the cross-products in that basis. Columns that are nearly
redundant need further passes.

Conventions
    Weights are divided by their mean, so that their unit does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import add as plus
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmcourse.conditioning import Basis, find_basis
from mmcourse.covariance import CovarianceModel, covariance_model
from mmcourse.crossproducts import CrossProducts, Factor, add, form_crossproducts
from mmcourse.moments import Moments, moments

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]
T = TypeVar("T")

# Of the mean square left over; above it y is projected again.
SMALL_STEP = 1e-6
MOST_STEPS = 3


class Rows(Protocol):
    """The rows of a model, wherever they are."""

    @property
    def mean_weight(self) -> float:
        """Mean of the prior weights, 1 without them."""
        ...

    def fold(self, work: Callable[[ModelArrays], T], add: Callable[[T, T], T]) -> T:
        """Add up what `work` returns for each chunk of the rows."""
        ...


@dataclass(frozen=True, slots=True)
class TermArrays:
    """One random term: the factor it belongs to and its columns (n, c)."""

    factor: int
    columns: Array


@dataclass(frozen=True, slots=True)
class ModelArrays:
    """Rows in memory, or a chunk of those that are not.

    Attributes
    ----------
    y : array, (n,)
    X : array, (n, c)
    codes : tuple of array (n,), one per factor
        The level of each row.
    n_levels : tuple of int
        A grouping factor without a term is not allowed.
    terms : tuple of TermArrays
        In the order of theta.
    weights : array, (n,), positive, or None
    """

    y: Array
    X: Array
    codes: tuple[Codes, ...]
    n_levels: tuple[int, ...]
    terms: tuple[TermArrays, ...]
    weights: Array | None = None

    @property
    def mean_weight(self) -> float:
        """Mean of the prior weights, 1 without them."""
        return 1.0 if self.weights is None else float(self.weights.mean())

    def fold(self, work: Callable[[ModelArrays], T], add: Callable[[T, T], T]) -> T:
        """Return what `work` finds in the rows, which are one chunk."""
        return work(self)

    def weights_in(self, unit: float) -> Array | None:
        """Weights divided by their unit."""
        return None if self.weights is None else self.weights / unit

    @property
    def blocks(self) -> list[Array]:
        """Columns that get a basis: X, then those of each term."""
        return [self.X, *(term.columns for term in self.terms)]


@dataclass(frozen=True, slots=True)
class Products:
    """Everything about the data that estimation needs, rows no longer among it."""

    sums: CrossProducts
    cov: CovarianceModel
    basis: Basis  # of X
    least_squares: Array  # (p,) conditioned coefficients already taken out of y
    total_square: float  # sum of squares of y about zero, weighted
    unit: float  # the mean weight, by which all weights were divided
    squares: tuple[Array, ...]  # mean of z z' over the rows, per term, unweighted


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the first pass finds: moments of [X y], and of each term's columns."""

    factors: tuple[int, ...]  # of the terms
    n_factors: int
    fixed: Moments
    terms: tuple[Moments, ...]
    plain: tuple[Moments, ...]  # the same without weights

    def __add__(self, other: _Seen) -> _Seen:
        terms = tuple(map(plus, self.terms, other.terms))
        plain = tuple(map(plus, self.plain, other.plain))
        fixed = self.fixed + other.fixed
        return _Seen(self.factors, self.n_factors, fixed, terms, plain)


def prepare(rows: Rows) -> Products:
    """Condition the columns and form the cross-products."""
    unit = rows.mean_weight
    seen = rows.fold(partial(_look, unit=unit), plus)
    p = len(seen.fixed.mean) - 1
    every = [seen.fixed.part(0, p), *seen.terms]
    basis, *bases = [
        find_basis(found, partial(_look_again, rows, unit, i))
        for i, found in enumerate(every)
    ]
    coef = _least_squares(seen.fixed, basis)
    for _ in range(MOST_STEPS):
        work = partial(_form, unit=unit, basis=basis, bases=bases, coef=coef)
        sums = rows.fold(work, add)
        # What rounding left of a large mean: the fit takes care of a little of it.
        step = sums.response.x / seen.fixed.total
        if step @ step <= SMALL_STEP * float(sums.response.square) / sums.n_obs:
            break
        coef = coef + step
    y_mean, y_square = seen.fixed.mean[p], seen.fixed.products[p, p]
    total_square = float(y_square + seen.fixed.total * y_mean**2)
    pairs = list(zip(seen.factors, bases, strict=True))
    cov = covariance_model(pairs, seen.n_factors)
    squares = tuple(m.about(np.zeros(len(m.mean))) for m in seen.plain)
    return Products(sums, cov, basis, coef, total_square, unit, squares)


def _look(chunk: ModelArrays, unit: float) -> _Seen:
    """Find the moments of a chunk's columns."""
    w = chunk.weights_in(unit)
    terms = tuple(moments(term.columns, weights=w) for term in chunk.terms)
    plain = terms
    if w is not None:
        plain = tuple(moments(term.columns) for term in chunk.terms)
    return _Seen(
        factors=tuple(term.factor for term in chunk.terms),
        n_factors=len(chunk.codes),
        fixed=moments(chunk.X, chunk.y[:, None], weights=w),
        terms=terms,
        plain=plain,
    )


def _look_again(
    rows: Rows,
    unit: float,
    block: int,
    work: Callable[..., Array],
    add: Callable[[Array, Array], Array],
) -> Array:
    """Take another look at the columns of one block."""
    return rows.fold(partial(_on_block, unit=unit, block=block, work=work), add)


def _on_block(
    chunk: ModelArrays, unit: float, block: int, work: Callable[..., Array]
) -> Array:
    """Apply a function to the columns of one block, and their weights."""
    return work(chunk.blocks[block], chunk.weights_in(unit))


def _least_squares(seen: Moments, basis: Basis) -> Array:
    """Coefficients of y, the last of the columns, on the conditioned others."""
    p = len(basis.center)
    cross = seen.products[:p, p] / seen.total
    cross = cross + (seen.mean[:p] - basis.center) * seen.mean[p]
    coef: Array = (cross / basis.scale) @ basis.mixing
    return coef


def _form(
    chunk: ModelArrays, unit: float, basis: Basis, bases: list[Basis], coef: Array
) -> CrossProducts:
    """Form the cross-products of a chunk, y without its least-squares fit."""
    blocks: list[Any] = [[] for _ in chunk.codes]
    for term, own in zip(chunk.terms, bases, strict=True):
        blocks[term.factor].append((term.columns, own))
    factors = tuple(
        Factor(codes, m, tuple(block))
        for codes, m, block in zip(chunk.codes, chunk.n_levels, blocks, strict=True)
    )
    w = chunk.weights_in(unit)
    return form_crossproducts(chunk.y, chunk.X, basis, factors, w, coef)
