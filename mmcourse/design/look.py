"""What has to be known of all rows before the first of them can be made into columns.

Layer: pandas, no formula. A `Look` at a chunk says what is in it; looks add.

Conventions
    A chunk without a value in a column does not tell what kind of column it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmcourse.design.grouping import Coded
from mmcourse.design.levels import Combinations, distinct, join
from mmcourse.design.plans import Plans
from mmcourse.design.rows import (
    Given,
    UsedRows,
    check_missing,
    check_weight_range,
    check_weights,
    read_complete,
)
from mmcourse.design.values import Array, Column
from mmcourse.errors import DesignError, listing, shown

# Values of a column that are kept to try its expressions on.
FEW = 32
# More levels than this are not made of a column's numbers by C().
MOST_LEVELS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers: its extremes, and some of its values, or all of them.

    Attributes
    ----------
    largest : float
        Of the absolute values.
    some : array
        Sorted, different ones.
    every : bool
        Whether `some` has to hold them all, because `C()` makes levels of them.
    cast : str or None
        Type by which `C()` names them.
    """

    largest: float
    some: Array
    every: bool
    cast: str | None

    def __add__(self, other: Numbers) -> Numbers:
        """Return what is in both chunks."""
        some = np.unique(np.concatenate([self.some, other.some]))
        if not self.every:
            some = _thinned(some)
        return Numbers(
            largest=max(self.largest, other.largest),
            some=some,
            every=self.every,
            cast=self.cast if self.cast == other.cast else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is in some of the rows.

    Attributes
    ----------
    n_given, n : int
        Rows, and those of them that are complete.
    missing : dict of name -> int
    numbers : dict of name -> Numbers
        Variables with values that are numbers.
    labels : dict of name -> Coded
        Variables with values that are labels.
    groups : dict of names -> Combinations
        Of the grouping columns of each factor.
    weights : tuple of float
        Their sum, the smallest and the largest.
    reordered : frozenset of str
        Columns whose categories are not the same in all chunks.
    """

    n_given: int
    n: int
    missing: dict[str, int]
    numbers: dict[str, Numbers]
    labels: dict[str, Coded]
    groups: dict[tuple[str, ...], Combinations]
    weights: tuple[float, float, float]
    reordered: frozenset[str] = frozenset()

    def __add__(self, other: Look) -> Look:
        """Return what is in both."""
        numbers = _merged(self.numbers, other.numbers, Numbers.__add__)
        labels = _merged(self.labels, other.labels, lambda a, b: join((a,), (b,))[0])
        for name in numbers.keys() & labels.keys():
            raise DesignError(
                f"the column {name!r} holds numbers in some chunks of the data and "
                f"labels ({listing(map(shown, labels[name].levels), 3)}) in others.\n"
                "  Give it one type in all of them."
            )
        total, smallest, largest = zip(self.weights, other.weights, strict=True)
        both = Look(
            n_given=self.n_given + other.n_given,
            n=self.n + other.n,
            missing=_merged(self.missing, other.missing, int.__add__),
            numbers=numbers,
            labels=labels,
            groups=_merged(self.groups, other.groups, join),
            weights=(sum(total), min(smallest), max(largest)),
        )
        lost = (self._ordered() | other._ordered()) - both._ordered()
        return replace(both, reordered=self.reordered | other.reordered | lost)

    def _ordered(self) -> frozenset[str]:
        """Names of the columns that have categories."""
        columns = dict(self.labels)
        for names, combinations in self.groups.items():
            columns.update(zip(names, combinations, strict=True))
        return frozenset(k for k, v in columns.items() if v.categories is not None)

    @property
    def mean_weight(self) -> float:
        """Mean of the prior weights."""
        return self.weights[0] / self.n

    def check(self, has_weights: bool, missing: str) -> None:
        """Refuse what can only be judged by all rows.

        Raises
        ------
        DesignError
        """
        if not self.n_given:
            raise DesignError("the data has no rows.")
        check_missing(self.missing, self.n_given, self.n, missing)
        if has_weights:
            check_weight_range(*self.weights[1:])
        for name, numbers in self.numbers.items():
            if len(numbers.some) > MOST_LEVELS:
                raise DesignError(
                    f"C({name}) would make a level of each of more than {MOST_LEVELS} "
                    f"numbers.\n  For groups use (1 | {name}); as a number, use {name} "
                    "itself."
                )

    def few(self, variables: Iterable[str]) -> tuple[dict[str, Column], int]:
        """Return a few rows that show every level, and their number.

        Their values are from the data, but need not stand together there.
        """
        n = max([2, *(len(numbers.some) for numbers in self.numbers.values())])
        return {name: self._resized(name, n) for name in variables}, n

    def _resized(self, name: str, n: int) -> Column:
        if name in self.labels:
            levels = self.labels[name].levels
            return Coded(np.arange(n) % len(levels), levels)
        numbers = self.numbers[name]
        # Neighbours far apart: what depends on the other rows is to show.
        mixed = np.random.default_rng(0).permutation(numbers.some)
        values = np.resize(mixed, n)
        return values if numbers.cast is None else values.astype(numbers.cast)

    @property
    def casts(self) -> dict[str, str]:
        """Types of the columns that `C()` makes levels of."""
        return {k: v.cast for k, v in self.numbers.items() if v.cast is not None}


def look_at(frame: Any, plans: Plans, weights: Given, offset: Given) -> Look:
    """Look at a chunk of the data.

    Examples
    --------
    >>> import pandas as pd
    >>> from mmcourse.formula import parse
    >>> from mmcourse.design.plans import make_plans
    >>> frame = pd.DataFrame({"y": [1.0, None, 3.0], "g": ["a", "b", "b"]})
    >>> plans = make_plans(parse("y ~ 1 + (1 | g)"), frame, {})
    >>> both = look_at(frame[:1], plans, None, None)
    >>> both += look_at(frame[1:], plans, None, None)
    >>> both.n, both.missing, both.groups["g",][0].levels.tolist()
    (2, {'y': 1}, ['a', 'b'])
    """
    rows = read_complete(plans, frame, weights, offset)
    extremes = (0.0, np.inf, 0.0)
    if rows.weights is not None and rows.n:
        check_weights(rows.weights, rows.index)
        w = rows.weights
        extremes = (float(w.sum()), float(w.min()), float(w.max()))
    exact = {name for plan in plans.all for name in plan.exact}
    has_values = rows.n > 0
    return Look(
        n_given=rows.n_given,
        n=rows.n,
        missing=rows.missing,
        numbers=_numbers(rows, exact) if has_values else {},
        labels=_labels(rows) if has_values else {},
        groups=_groups(rows, plans),
        weights=extremes,
    )


def _numbers(rows: UsedRows, exact: Collection[str]) -> dict[str, Numbers]:
    """Extremes and some values of each column of numbers."""
    out = {}
    for name, column in rows.values.items():
        if isinstance(column, Coded):
            continue
        at = np.linspace(0, rows.n - 1, min(rows.n, FEW)).astype(np.intp)
        values = column if name in exact else column[at]
        some = np.unique(values).astype(np.float64)
        largest = max(float(column.max()), -float(column.min()))
        out[name] = Numbers(largest, some, name in exact, rows.casts.get(name))
    return out


def _labels(rows: UsedRows) -> dict[str, Coded]:
    """Levels of each column of labels."""
    coded = {k: v for k, v in rows.values.items() if isinstance(v, Coded)}
    return {name: distinct([column])[0] for name, column in coded.items()}


def _groups(rows: UsedRows, plans: Plans) -> dict[tuple[str, ...], Combinations]:
    """Return the combinations of grouping columns that occur, for each factor."""
    factors = {term.factors for term, _ in plans.terms}
    return {names: distinct([rows.groups[k] for k in names]) for names in factors}


def _thinned(some: Array) -> Array:
    """Return a few of sorted values, the extremes among them."""
    at = np.linspace(0, len(some) - 1, min(len(some), FEW)).astype(np.intp)
    return some[at]


def _merged(a: Mapping[Any, Any], b: Mapping[Any, Any], add: Any) -> dict[Any, Any]:
    """Entries of both, those in both added up."""
    return {**a, **b, **{key: add(a[key], b[key]) for key in a if key in b}}
