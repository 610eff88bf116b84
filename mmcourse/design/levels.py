"""Levels of a column over chunks of rows: those of each chunk, joined.

Layer: pandas, no formula. The levels of several grouping columns together are the
combinations that occur, so what is joined are rows: each combination once.

Conventions
    Columns come with the levels that occur in them, and no others (see `Coded.rows`). A
    set of combinations is a tuple of such columns with a row for each. The order of
    joined levels is that which all rows together would have: sorted, or that of the
    categories, if these are the same in every chunk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mmcourse.design.grouping import (
    Coded,
    Codes,
    compress,
    encode,
    pair_keys,
    places,
)

Combinations = tuple[Coded, ...]


def distinct(columns: Sequence[Coded]) -> Combinations:
    """Return each combination of the values of columns once.

    Examples
    --------
    >>> a, b = encode(pd.Series(["u", "v", "u"])), encode(pd.Series([1, 1, 1]))
    >>> [column.codes.tolist() for column in distinct([a, b])]
    [[0, 1], [0, 0]]
    """
    codes, rows = columns[0].codes, [np.arange(len(columns[0].levels))]
    for column in columns[1:]:
        m = len(column.levels)
        codes, key = compress(pair_keys(codes, column.codes, m))
        rows = [*(row[key // m] for row in rows), key % m]
    return tuple(
        Coded(row, column.levels, column.categories)
        for row, column in zip(rows, columns, strict=True)
    )


def join(a: Combinations, b: Combinations) -> Combinations:
    """Return the combinations of two chunks, those in both once.

    Examples
    --------
    >>> one, other = encode(pd.Series(["v", "u"])), encode(pd.Series(["w", "v"]))
    >>> join((one,), (other,))[0].levels.tolist()
    ['u', 'v', 'w']
    """
    if not len(a[0].codes) or not len(b[0].codes):
        return a if len(a[0].codes) else b
    return distinct([_stacked(x, y) for x, y in zip(a, b, strict=True)])


def _stacked(a: Coded, b: Coded) -> Coded:
    """Rows of both under one set of levels."""
    levels, categories = _union(a, b)
    codes = [_recoded(part, levels) for part in (a, b)]
    return Coded(np.concatenate(codes), levels, categories)


def _union(a: Coded, b: Coded) -> tuple[pd.Index, pd.Index | None]:
    """Levels of both in their order, and the categories that make it."""
    every = a.categories
    if every is not None and b.categories is not None and every.equals(b.categories):
        here = np.zeros(len(every), dtype=bool)
        for part in (a, b):
            here[places(part.levels, every)] = True
        return every[here], every
    if a.categories is None and a.levels.dtype == b.levels.dtype:
        new = b.levels[places(b.levels, a.levels) < 0]
        if not len(new):  # as in most chunks; sorting them all takes longer
            return a.levels, None
    both = pd.concat([pd.Series(a.levels), pd.Series(b.levels)], ignore_index=True)
    if isinstance(both.dtype, pd.CategoricalDtype):
        both = both.astype(both.cat.categories.dtype)
    return encode(both).rows(None).levels, None


def _recoded(part: Coded, levels: pd.Index) -> Codes:
    """Codes of a chunk's values among the joined levels."""
    if part.levels is levels:
        return part.codes
    return places(part.levels, levels)[part.codes]
