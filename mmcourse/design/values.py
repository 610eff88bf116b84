"""A column of a frame -> numbers or codes, and checks of what it holds.

Layer: pandas, no formula.

Conventions
    A column is an array of float64 with NaN where a value is missing, or a `Coded`
    with code -1 there. Faults are reported under the column's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design.grouping import Coded, encode, inside_dictionary
from mmcourse.errors import DesignError, listing, shown

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Column = NDArray[Any] | Coded

# dtypes of numpy that are numbers: float, integer, unsigned, boolean
NUMERIC_KINDS = "fiub"
# What pandas' infer_dtype calls objects that are numbers.
NUMERIC_OBJECTS = (
    "integer",
    "floating",
    "decimal",
    "mixed-integer-float",
    "boolean",
    "empty",
    "integer-na",
)
# ... and what is neither a number nor a label.
OTHER_OBJECTS = ("date", "datetime", "datetime64", "timedelta", "period", "complex")
# Squares of squares of larger or smaller values leave the range of a float.
LARGEST, SMALLEST = 1e60, 1e-60


def are_numbers(labels: Iterable[object]) -> bool:
    """Whether text labels all read as numbers.

    Examples
    --------
    >>> are_numbers(["1.5", "2"]), are_numbers(["1.5", "high"])
    (True, False)
    """
    try:
        return bool([float(label) for label in labels if isinstance(label, str)])
    except ValueError:
        return False


def is_numeric(series: pd.Series, who: str | None = None) -> bool:
    """Whether a column holds numbers (or booleans), whatever its type.

    Parameters
    ----------
    series : Series
    who : str, optional
        What messages call it; "the column" and its name if not given.

    Raises
    ------
    DesignError
        If it holds neither numbers nor labels (dates, complex numbers), or numbers
        with words among them.
    """
    dtype = series.dtype
    kind = dtype.kind if isinstance(dtype, np.dtype) else ""
    if kind and kind in NUMERIC_KINDS:
        return True
    if isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return False
    if inside_dictionary(dtype) is not None:
        return False
    who = who or f"the column {series.name!r}"
    if kind == "O":
        found = pd.api.types.infer_dtype(series, skipna=True)
        if found in ("mixed", "mixed-integer"):
            return _all_numbers(series, who)
        if found not in OTHER_OBJECTS:
            return found in NUMERIC_OBJECTS
    elif pd.api.types.is_string_dtype(dtype):
        return False
    elif kind != "c" and _is_number_type(dtype):
        return True
    else:
        found = str(dtype)
    _refuse_type(who, found)


def _is_number_type(dtype: Any) -> bool:
    """Whether an extension type stands for real numbers or booleans."""
    types = pd.api.types
    return types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype)


def _all_numbers(series: pd.Series, who: str) -> bool:
    """Whether objects of several types are numbers; a few others are refused."""
    values = series[series.notna()]
    odd = values[[not isinstance(value, Real | Decimal) for value in values]]
    if not len(odd):
        return True
    if 2 * len(odd) >= len(values):
        return False  # labels, some of which are numbers
    found = listing(dict.fromkeys(map(shown, odd)), 5)
    raise DesignError(
        f"{who} holds numbers, but {found} in {some_rows(odd.index)}.\n"
        "  Correct these values, or mark them as missing (NaN). If the numbers are "
        "labels, turn all of them into text."
    )


def _refuse_type(who: str, found: str) -> NoReturn:
    """Say what to make of values that are neither numbers nor labels."""
    if "complex" in found:
        raise DesignError(
            f"{who} holds complex numbers ({found}); a mixed model needs real ones.\n"
            "  Take their real part, or their absolute value."
        )
    raise DesignError(
        f"{who} holds neither numbers nor labels ({found}).\n"
        "  Make a column of numbers from it, for example days since the first date."
    )


def numbers(series: pd.Series, who: str | None = None) -> Array:
    """Values as float64, NaN where one is missing; not copied if they are that."""
    if isinstance(series.dtype, np.dtype) and series.dtype != object:
        return series.to_numpy(dtype=np.float64)
    try:
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    except OverflowError as error:
        who = who or f"the column {series.name!r}"
        raise DesignError(
            f"{who} holds a whole number too large to compute with (above 1e308).\n"
            "  Rescale it: divide all of its values by a power of 10."
        ) from error


def read_column(series: pd.Series) -> Column:
    """Return a column as numbers or as codes, by its type."""
    return numbers(series) if is_numeric(series) else encode(series)


def missing_in(column: Column) -> Mask | None:
    """Rows without a value, or None if every row has one."""
    if isinstance(column, Coded):
        mask = column.codes < 0
        return mask if mask.any() else None
    # A finite sum has no NaN in it; much cheaper than a mask.
    with np.errstate(all="ignore"):
        if np.isfinite(column.sum()):
            return None
    mask = np.isnan(column)
    return mask if mask.any() else None


def check_finite(
    column: Array, name: str, index: pd.Index, outcome: str = "to drop the rows"
) -> None:
    """Refuse values that are not finite numbers.

    Parameters
    ----------
    column : array
    name : str
    index : Index
    outcome : str
        What it is good for to mark a value as missing.

    Raises
    ------
    DesignError
        With the name, their count and their first rows.
    """
    with np.errstate(all="ignore"):
        if np.isfinite(column.sum()):
            return
    bad = np.flatnonzero(~np.isfinite(column))
    if not len(bad):
        return
    infinite = np.isinf(column[bad]).any()
    raise DesignError(
        f"{name!r} {'is infinite' if infinite else 'gives no number'} in "
        f"{some_rows(index[bad])}.\n"
        f"  Correct these values, or mark them as missing (NaN) {outcome}."
    )


def check_values(
    column: Array, name: str, index: pd.Index, is_part: bool = False
) -> None:
    """Refuse values that a fit can't compute with; `is_part`: there are more rows.

    Raises
    ------
    DesignError
        If one is not finite, or all are of a size that loses their squares.
    """
    with np.errstate(all="ignore"):
        largest = max(float(column.max()), -float(column.min()))
    if largest == 0 or (0 if is_part else SMALLEST) <= largest <= LARGEST:
        return
    check_finite(column, name, index)
    size, way = ("large", "divide") if largest > LARGEST else ("small", "multiply")
    raise DesignError(
        f"{name!r} has values too {size} to compute with: the largest is "
        f"{largest:.3g}, and its square leaves the range of numbers.\n"
        f"  Rescale the column: {way} it by a power of 10, as another unit would."
    )


def some_rows(labels: pd.Index) -> str:
    """Count rows and name the first of them.

    Examples
    --------
    >>> some_rows(pd.Index([4, 7]))
    '2 rows (index 4, 7)'
    """
    n = len(labels)
    more = ", ..." if n > 5 else ""
    where = ", ".join(str(label) for label in labels[:5])
    return f"{n} row{'s' if n > 1 else ''} (index {where}{more})"
