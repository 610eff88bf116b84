"""Values -> integer codes and sorted levels, for grouping factors and fixed factors.

Layer: pandas, no formula. Any type of value works; only levels that occur are kept.

Conventions
    codes (n,) index levels; -1 is a missing value, or a level not known. Order of the
    levels: a Categorical's own, else sorted, numbers by value, strings by code point.
    Combinations a:b go by a's levels, then by b's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import DesignError

Codes = NDArray[np.signedinteger]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column as codes and levels."""

    codes: Codes  # (n,)
    levels: pd.Index
    categories: pd.Index | None = None  # all of them, where they set the order

    def rows(self, keep: NDArray[np.bool_] | None) -> Coded:
        """Return some of the rows, with the levels that occur in them."""
        codes = self.codes if keep is None else self.codes[keep]
        seen = np.zeros(len(self.levels), dtype=bool)
        seen[codes] = True
        if seen.all():
            return Coded(codes, self.levels, self.categories)
        codes = (np.cumsum(seen) - 1)[codes]
        return Coded(codes, self.levels[seen], self.categories)


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """One grouping factor.

    Attributes
    ----------
    name : str
        "Subject", or "b:a" for combinations.
    codes : array of int, (n,)
        Level of each row.
    levels : Index
        Levels that occur in the rows used; "x:y" for combinations.
    factors : tuple of str
        The columns.
    parts : tuple of Index
        Levels of each column.
    keys : tuple of array
        Combinations that occur, one array for each column after the first: code of
        the combination so far, times the levels of the column, plus the column's code.
    """

    name: str
    codes: Codes
    levels: pd.Index
    factors: tuple[str, ...]
    parts: tuple[pd.Index, ...]
    keys: tuple[NDArray[np.int64], ...] = ()

    def lookup(self, columns: Sequence[pd.Series]) -> Codes:
        """Return the codes of new values, one column per factor; -1 if not known."""
        return self.combine(list(map(recode, columns, self.parts)))

    def combine(self, places: Sequence[Codes]) -> Codes:
        """Return the codes of combinations, given those of each column among `parts`.

        -1 for a column's -1, and for a combination that does not occur in the fit.
        """
        codes = places[0]
        for more, part, keys in zip(places[1:], self.parts[1:], self.keys, strict=True):
            known = (codes >= 0) & (more >= 0)
            wanted = pair_keys(codes, more, len(part))
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            codes = np.where(known & (keys[at] == wanted), at, -1)
        return codes


def make_grouping(factors: tuple[str, ...], columns: Sequence[Coded]) -> Grouping:
    """Combine coded columns into a grouping factor.

    Examples
    --------
    >>> a = encode(pd.Series(["u", "u", "v"]))
    >>> b = encode(pd.Series([2, 1, 2]))
    >>> make_grouping(("a", "b"), [a, b]).levels.tolist()
    ['u:1', 'u:2', 'v:2']
    """
    codes, levels = columns[0].codes, columns[0].levels
    keys: list[NDArray[np.int64]] = []
    for column in columns[1:]:
        m = len(column.levels)
        codes, key = compress(pair_keys(codes, column.codes, m))
        before, after = level_words(levels), level_words(column.levels)
        # An object index: the labels are plain strings in every pandas.
        levels = pd.Index([f"{before[k // m]}:{after[k % m]}" for k in key])
        keys.append(key)
    return Grouping(
        name=":".join(factors),
        codes=codes.astype(np.int32),  # kept for all rows: half the memory
        levels=levels,
        factors=factors,
        parts=tuple(column.levels for column in columns),
        keys=tuple(keys),
    )


def pair_keys(codes: Codes, more: Codes, m: int) -> NDArray[np.int64]:
    """Return one number for each pair of codes, the second among m levels.

    Codes of four bytes are widened first: two large factors have more pairs than fit.

    Examples
    --------
    >>> large = np.array([70_000], dtype=np.int32)
    >>> pair_keys(large, large, 70_001)
    array([4900140000])
    """
    return codes.astype(np.int64) * m + more


def level_words(levels: pd.Index) -> list[str]:
    """Levels as text, whole numbers without a decimal point."""
    if isinstance(levels.dtype, np.dtype) and levels.dtype.kind in "mM":
        return list(levels.astype(str))
    return [
        str(int(level))
        if isinstance(level, float) and level.is_integer()
        else str(level)
        for level in levels
    ]


def encode(values: pd.Series) -> Coded:
    """Code a column of any type.

    Raises
    ------
    DesignError
        If it holds values such as lists, which can't be compared.

    Examples
    --------
    >>> coded = encode(pd.Series([10, 9, 10]))
    >>> coded.codes.tolist(), coded.levels.tolist()
    ([1, 0, 1], [9, 10])
    """
    dtype = values.dtype
    plain = inside_dictionary(dtype)
    if plain is not None:  # a dictionary can't be sorted as it is
        return encode(values.astype(plain))
    if isinstance(dtype, pd.CategoricalDtype):
        codes = np.array(values.cat.codes, dtype=np.intp)
        categories = pd.Index(values.cat.categories)
        return Coded(codes, categories, categories)
    if isinstance(dtype, np.dtype) and dtype.kind in "iub":
        raw = values.to_numpy()
        codes, unique = compress(raw.view(np.uint8) if dtype.kind == "b" else raw)
        # In the byte order of the machine, whatever the file's was.
        return Coded(codes, pd.Index(unique.astype(dtype.newbyteorder("="))))
    try:
        codes, found = pd.factorize(values)
    except (TypeError, NotImplementedError) as error:  # the latter is arrow's
        raise DesignError(
            f"the column {values.name!r} holds values that can't be levels ({error}).\n"
            "  Turn them into text or numbers first."
        ) from error
    order = _sorted_order(found)
    rank = np.empty(len(order) + 1, dtype=np.intp)
    rank[order] = np.arange(len(order))
    rank[-1] = -1  # where the missing code -1 looks
    levels = pd.Index(found)[order]
    types = pd.api.types
    if types.is_bool_dtype(levels.dtype) or (
        types.is_extension_array_dtype(levels.dtype)
        and types.is_numeric_dtype(levels.dtype)
    ):
        # Nullable and arrow numbers; no value is missing among the levels.
        levels = pd.Index(levels.to_numpy(), dtype=levels.to_numpy().dtype)
    return Coded(rank[codes], levels)


def inside_dictionary(dtype: Any) -> Any:
    """Type of the values in arrow's form of a Categorical; None of other types."""
    arrow: Any = getattr(dtype, "pyarrow_dtype", None)
    return pd.ArrowDtype(arrow.value_type) if hasattr(arrow, "index_type") else None


def _sorted_order(found: Any) -> Places:
    """Order of unique values; those of different types go type by type."""
    try:
        return np.asarray(pd.Index(found).argsort(), dtype=np.intp)
    except TypeError:
        values = list(found)

    def key(i: int) -> tuple[int, str, Any]:
        value = values[i]
        if isinstance(value, int | float | np.number):
            return 0, "", value
        if isinstance(value, str):
            return 1, "", value
        return 2, type(value).__name__, repr(value)

    return np.array(sorted(range(len(values)), key=key), dtype=np.intp)


def compress(keys: NDArray[Any]) -> tuple[Codes, NDArray[np.int64]]:
    """Codes of integers, and the sorted integers that occur.

    A narrow range is looked up in a table, which is several times faster than sorting.
    """
    if not len(keys):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64)
    low, high = int(keys.min()), int(keys.max())
    if high - low > 4 * len(keys) + 1000 or high > np.iinfo(np.int64).max:
        codes, unique = pd.factorize(keys)
        order = np.argsort(unique)
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return rank[codes], unique[order]
    place = keys.astype(np.intp)
    place -= low
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[place] = True
    unique = np.flatnonzero(seen).astype(np.int64)
    if len(unique) < len(seen):
        place = (np.cumsum(seen) - 1)[place]
    return place, unique + low


def recode(values: pd.Series, levels: pd.Index) -> Codes:
    """Codes of values among known levels, compared by value; -1 if not among them.

    Examples
    --------
    >>> recode(pd.Series(["v", "w", None]), pd.Index(["u", "v"])).tolist()
    [1, -1, -1]
    """
    coded = encode(values)
    return np.append(places(coded.levels, levels), -1)[coded.codes]


def places(found: pd.Index, known: pd.Index) -> Places:
    """Places of some levels among others, compared by value; -1 if not among them.

    Examples
    --------
    >>> places(pd.Index([2, 3]), pd.Index([1.0, 2.0])).tolist()
    [1, -1]
    """
    if found.dtype == known.dtype or _are_numbers(found, known):
        return np.asarray(known.get_indexer(found), dtype=np.intp)
    by_value = {level: i for i, level in enumerate(known)}
    return np.array([by_value.get(level, -1) for level in found], dtype=np.intp)


def _are_numbers(*levels: pd.Index) -> bool:
    """Whether both are plain integers or floats, which pandas compares by value."""
    return all(isinstance(x.dtype, np.dtype) and x.dtype.kind in "iuf" for x in levels)
