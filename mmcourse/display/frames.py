"""Frames as tables that are ready to be read, with captions.

Layer: knows frames, no models.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.display.cells import decimals, most_places, number_cells, p_cells
from mmcourse.display.layout import Column, Table
from mmcourse.errors import brief

MOST_ROWS = 60  # of a table; of a longer one both ends are shown
ENDS = 10

# What `attrs["method"]` of a table means, in a caption.
METHODS = {
    "wald": "Wald intervals",
    "profile": "profile intervals",
    "conditional": "intervals from the conditional sds",
    "independent": "intervals, fixed and random part taken as independent",
    "joint": "intervals from the joint covariance of fixed and random part",
}
P_COLUMNS = ("p_value",)
# Columns in the units of `se`, if there is one: they are shown to its precision.
SE_UNITS = ("value", "se", "lower", "upper")


def format_table(
    table: pd.DataFrame, digits: int = 3, caption: str | None = None
) -> Table:
    """Make a table ready to be read: rounded, aligned, with a caption.

    Parameters
    ----------
    table : DataFrame
        What `extract_*`, `confint` and others return.
    digits : int
        Decimals; a column of small numbers gets more.
    caption : str, optional
        None: which intervals the table shows, as its `attrs` say.

    Returns
    -------
    Table
        Shows itself as text and as HTML; p-values as "<0.001", missing labels blank.

    Raises
    ------
    TypeError
        If the digits are no whole number.
    ValueError
        If they are negative.

    Examples
    --------
    >>> frame = pd.DataFrame({"term": ["x"], "value": [2.5], "p_value": [1e-6]})
    >>> print(format_table(frame, caption="Effects"))
    Effects
    term value p_value
    x    2.500  <0.001
    """
    check_digits(digits)
    columns = [
        _column(str(name), table.iloc[:, j], table, digits)
        for j, name in enumerate(table.columns)
    ]
    if not isinstance(table.index, pd.RangeIndex):
        labels = table.index.to_series()
        columns.insert(0, Column(str(table.index.name or ""), _words(labels), False))
    if len(table) > MOST_ROWS:
        columns = [_both_ends(column) for column in columns]
    words = interval_caption(table.attrs) if caption is None else caption
    return Table(words, tuple(columns))


def check_digits(digits: Any) -> None:
    """Refuse what is no number of decimals."""
    if isinstance(digits, bool) or not isinstance(digits, Integral):
        raise TypeError(f"digits is {brief(digits)}; it must be a whole number.")
    if digits < 0:
        raise ValueError(f"digits is {digits}; it must be 0 or more.")


def interval_caption(attrs: Any) -> str:
    """Which intervals a table shows, from its `attrs`; empty without intervals.

    Examples
    --------
    >>> interval_caption({"method": "profile", "level": 0.95, "criterion": "ml"})
    '95 % profile intervals (ML)'
    """
    if not attrs.get("level") or "method" not in attrs:
        return ""
    method = attrs["method"]
    kind = METHODS.get(method, f"{method} intervals")
    criterion = attrs.get("criterion") if method == "profile" else None
    likelihood = f" ({criterion.upper()})" if criterion else ""
    return f"{100 * attrs['level']:.6g} % {kind}{likelihood}"


def _column(name: str, values: pd.Series, table: pd.DataFrame, digits: int) -> Column:
    """One column of a frame as text."""
    if not pd.api.types.is_float_dtype(values.dtype):
        is_number = pd.api.types.is_integer_dtype(values.dtype)
        return Column(name, _words(values), is_number)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if name in P_COLUMNS:
        return Column(name, tuple(p_cells(numbers)))
    if "se" in table.columns and name.split("_")[0] in SE_UNITS:
        errors = table["se"].to_numpy(dtype=np.float64, na_value=np.nan)
        places = min(decimals(errors, 1, digits), most_places(numbers))
        return Column(name, tuple(number_cells(numbers, places, keep_tiny=False)))
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    return Column(name, tuple(number_cells(numbers, decimals([largest], 2, digits))))


def _words(values: pd.Series) -> tuple[str, ...]:
    """Labels as text, missing ones blank."""
    return tuple("" if pd.isna(v) else str(v) for v in values)


def _both_ends(column: Column) -> Column:
    """First and last rows with a row of dots between them."""
    cells = (*column.cells[:ENDS], "…", *column.cells[-ENDS:])
    return Column(column.heading, cells, column.is_number)
