"""Data frames of any make -> named columns of numbers or of codes.

Layer: pandas, no formula. Frames of other libraries are read by narwhals, and only the
columns that a model uses.

Conventions
    A column is an array of float64 with NaN where a value is missing, or a `Coded`
    with code -1 there. Faults are reported under the column's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design.grouping import Coded, encode, inside_dictionary
from mmcourse.errors import DesignError, did_you_mean, listing, shown

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


def open_frame(data: Any, what: str = "the data") -> Any:
    """Return a pandas or narwhals data frame with the user's columns.

    Parameters
    ----------
    data : data frame or dict of columns
    what : str
        What messages call it.

    Raises
    ------
    TypeError
        If the data is no kind of frame.
    DesignError
        If the columns of a dict differ in length.

    Examples
    --------
    >>> open_frame({"x": [1, 2]}).shape
    (2, 1)
    """
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, Mapping):
        return _from_mapping(data, what)
    if isinstance(data, np.ndarray) and data.dtype.names:
        return pd.DataFrame.from_records(data)
    # Only frames of other libraries need it.
    import narwhals as nw

    try:
        return nw.from_native(data, eager_only=True)
    except TypeError as error:
        advice = "Put its columns into a data frame."
        if hasattr(data, "collect"):
            advice = "Collect it first."
        elif isinstance(data, pd.Series):
            advice = "For one row of a frame use frame.iloc[[i]], with two brackets."
        raise TypeError(
            f"{what} is of type {type(data).__name__}; it must be a data frame "
            f"(pandas, polars, pyarrow) or a dict of columns. {advice}"
        ) from error


def _from_mapping(data: Mapping[Any, Any], what: str) -> pd.DataFrame:
    """Frame from a dict of columns; of single values, one row."""
    columns = dict(data)
    if columns and all(np.ndim(v) == 0 for v in columns.values()):
        return pd.DataFrame(columns, index=[0])
    try:
        return pd.DataFrame(columns)
    except ValueError as error:
        sizes = {k: np.size(v) for k, v in columns.items()}
        raise DesignError(
            f"the columns of {what} differ in length: "
            f"{listing(f'{k} {size}' for k, size in sizes.items())}."
        ) from error


def take(frame: Any, names: Iterable[str]) -> pd.DataFrame:
    """Return a pandas frame with at least these columns."""
    if isinstance(frame, pd.DataFrame):
        return frame
    chosen = frame.select(list(names))
    try:
        out: pd.DataFrame = chosen.to_pandas()
    except ImportError:  # polars hands over through pyarrow, if it is there
        out = pd.DataFrame({n: chosen.get_column(n).to_numpy() for n in chosen.columns})
    # Without a column the rows would be lost.
    return (
        out.set_axis(pd.RangeIndex(len(frame)), axis=0)
        if len(out.columns)
        else (pd.DataFrame(index=pd.RangeIndex(len(frame))))
    )


def check_names(names: Iterable[str], frame: Any, what: str = "the formula") -> None:
    """Refuse a name that is no column, and a column that occurs twice.

    Raises
    ------
    DesignError
        With the nearest name and the list of columns.
    """
    names = list(names)
    check_single(names, frame)
    for name in names:
        if name not in frame.columns:
            raise DesignError(
                f"{what} uses {name!r}, which is not a column of the data.\n"
                f"  {columns_hint(name, frame)}"
            )


def check_single(names: Iterable[str], frame: Any, what: str = "the data") -> None:
    """Refuse columns that have no name of their own."""
    if not isinstance(frame, pd.DataFrame):
        return  # other libraries have none
    if frame.columns.nlevels > 1:
        raise DesignError(
            f"the columns of {what} have several levels of names.\n"
            f"  Give them single names first, for example with {what.split()[-1]}"
            ".columns = [...]."
        )
    if frame.columns.is_unique:
        return
    for name in names:
        if (frame.columns == name).sum() > 1:
            raise DesignError(
                f"{what} has more than one column {name!r}. Rename or drop one."
            )


def columns_hint(name: str, frame: Any) -> str:
    """Say which columns there are, the nearest to a name first."""
    known = list(frame.columns)
    if isinstance(frame, pd.DataFrame) and name in frame.index.names:
        return "It is a level of the index: make it a column with reset_index()."
    if not known:
        return "It has no columns."
    other = [key for key in known if key != name and str(key) == name]
    if other:
        return (
            f"The column {name} has a name of type {type(other[0]).__name__}; names "
            "in a formula are text. Rename the columns: data.rename(columns=str)."
        )
    return f"{did_you_mean(name, known)}Columns: {listing(known)}."


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
