"""Numbers and frames as aligned text and as plain HTML.

Layer: knows frames, no models. The only place where anything is rounded.

Conventions
    A column of text is aligned left, one of numbers right, at one number of decimals,
    so that the points stand below each other. HTML sets no colours and no fonts: it
    takes those of the page, light or dark.
"""

from __future__ import annotations

import html
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmcourse.errors import brief

Array = NDArray[np.float64]

WIDTH = 100  # columns of a page of text
MOST_DIGITS = 7  # of the largest number in a column; more is noise to a reader
MOST_DECIMALS = 8  # beyond it, powers of ten are easier to read
MOST_ROWS = 60  # of a table; of a longer one both ends are shown
ENDS = 10
SHORTEST = 12  # a name is cut to fit the page, but not below this

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


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and the cells below it, as text."""

    heading: str
    cells: tuple[str, ...]
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be read, as text and as HTML.

    Examples
    --------
    >>> print(Table("Weights", (Column("kg", ("1.5", "12.0")),)))
    Weights
      kg
     1.5
    12.0
    """

    caption: str
    columns: tuple[Column, ...]

    def __str__(self) -> str:
        """Caption and aligned columns."""
        return "\n".join([*wrap(self.caption), *self.lines()])

    def __repr__(self) -> str:
        """Show the table itself."""
        return str(self)

    def lines(self, width: int = WIDTH) -> list[str]:
        """Aligned columns without the caption; what is too wide goes on below."""
        texts = [c for c in self.columns if not c.is_number]
        numbers = [c for c in self.columns if c.is_number]
        texts = _cut_names(texts, width - sum(_size(c) + 1 for c in numbers))
        first = sum(_size(c) + 1 for c in texts)
        if not any(column.cells for column in self.columns):
            return [" none"]
        out: list[str] = []
        for part in _parts(numbers, width - first):
            out += _aligned([*texts, *part])
        return out

    def _repr_html_(self) -> str:
        """Write a plain table with a caption, all names escaped."""
        head = "".join(_cell("th", c.heading, c.is_number) for c in self.columns)
        rows = [
            "".join(
                _cell("td", cell, c.is_number)
                for cell, c in zip(row, self.columns, strict=True)
            )
            for row in zip(*(c.cells for c in self.columns), strict=True)
        ]
        if not rows:
            rows = [f'<td colspan="{len(self.columns)}">none</td>']
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        style = "caption-side: top; text-align: left; color: inherit"
        return (
            f'<table class="dataframe">\n'
            f'<caption style="{style}">{html.escape(self.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )


def _cell(tag: str, text: str, is_number: bool) -> str:
    side = "right" if is_number else "left"
    return f'<{tag} style="text-align: {side}">{html.escape(text)}</{tag}>'


def paragraphs(lines: Iterable[str]) -> str:
    """Return lines as HTML paragraphs, escaped."""
    return "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)


def wrap(text: str, indent: str = "  ", width: int = WIDTH) -> list[str]:
    """Break one line of text into lines of the page; those that follow are indented."""
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_on_hyphens=False
    ) or [""]


def wrapped(messages: Iterable[str]) -> list[str]:
    """Wrap each message into lines of the page."""
    return [line for message in messages for line in wrap(message)]


def shorten(text: str, width: int) -> str:
    """Cut the middle out of a text that is too wide.

    Examples
    --------
    >>> shorten("recipe[T.B]:temp[T.225]", 20)
    'recipe[T.B…mp[T.225]'
    """
    if _width(text) <= width:
        return text
    left = width // 2
    return f"{text[:left]}…{text[len(text) - (width - 1 - left) :]}"


def _width(text: str) -> int:
    """Columns that a text takes on a screen; East Asian letters take two."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(char)
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def _size(column: Column) -> int:
    return max(_width(text) for text in (column.heading, *column.cells))


def _cut_names(texts: list[Column], room: int) -> list[Column]:
    """Columns of text, shortened to share the room."""
    if not texts or sum(_size(c) + 1 for c in texts) <= room:
        return texts
    short = [c for c in texts if _size(c) <= SHORTEST]
    room -= sum(_size(c) + 1 for c in short)
    each = max(SHORTEST, room // max(1, len(texts) - len(short)) - 1)
    return [
        Column(c.heading, tuple(shorten(cell, each) for cell in c.cells), False)
        for c in texts
    ]


def _parts(columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """Split columns into runs that fit into the width."""
    part: list[Column] = []
    used = 0
    for column in columns:
        size = _size(column) + 1
        if part and used + size > width:
            yield part
            part, used = [], 0
        part.append(column)
        used += size
    yield part


def _aligned(columns: Sequence[Column]) -> list[str]:
    """Heading and rows as lines."""
    sizes = [_size(c) for c in columns]
    rows = zip(*((c.heading, *c.cells) for c in columns), strict=True)
    lines = []
    for row in rows:
        padded = [
            (" " * (size - _width(cell)) + cell)
            if column.is_number
            else (cell + " " * (size - _width(cell)))
            for cell, size, column in zip(row, sizes, columns, strict=True)
        ]
        lines.append(" ".join(padded).rstrip())
    return lines


def decimals(values: ArrayLike, significant: int, least: int = 0) -> int:
    """Decimals at which the smallest number (zeros aside) has so many digits.

    Fewer where the largest would get more than seven digits.

    Examples
    --------
    >>> decimals([612.1, 35.07], 4), decimals([0.0637, 0.0581], 4)
    (2, 5)
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return least
    low, high = np.floor(np.log10([sizes.min(), sizes.max()])).astype(int)
    wanted = max(least, significant - 1 - int(low))
    return max(0, min(wanted, MOST_DIGITS - 1 - int(high)))


def number_cells(values: ArrayLike, places: int, keep_tiny: bool = True) -> list[str]:
    """Return numbers as text at fixed decimals; NaN is shown.

    Parameters
    ----------
    values : array
    places : int
        Decimals.
    keep_tiny : bool
        Show numbers that would be rounded to zero as powers of ten.

    Examples
    --------
    >>> number_cells([0.25, 0.0, 3e-7], 3)
    ['0.250', '0.000', '3.0e-07']
    """
    out = []
    for x in np.asarray(values, dtype=np.float64).tolist():
        lost = x != 0 and abs(x) < 0.5 * 10.0**-places
        if not np.isfinite(x):
            out.append("NaN" if np.isnan(x) else f"{x}")
        elif abs(x) >= 1e15 or (lost and keep_tiny) or places > MOST_DECIMALS:
            out.append("0" if x == 0 else f"{x:.1e}")
        else:
            out.append(f"{0.0 if lost else x:.{places}f}")
    return out


def p_cells(values: ArrayLike) -> list[str]:
    """p-values as text.

    Examples
    --------
    >>> p_cells([0.04321, 1e-9])
    ['0.043', '<0.001']
    """
    return [
        "<0.001" if p < 0.001 else cell
        for p, cell in zip(
            np.asarray(values, dtype=np.float64).tolist(),
            number_cells(values, 3),
            strict=True,
        )
    ]


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
        places = min(decimals(errors, 1, digits), _most_places(numbers))
        return Column(name, tuple(number_cells(numbers, places, keep_tiny=False)))
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    return Column(name, tuple(number_cells(numbers, decimals([largest], 2, digits))))


def _most_places(numbers: Array) -> int:
    """Decimals at which the largest number has no more digits than a reader wants."""
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    return decimals([largest], MOST_DIGITS) if largest > 0 else MOST_DIGITS


def _words(values: pd.Series) -> tuple[str, ...]:
    """Labels as text, missing ones blank."""
    return tuple("" if pd.isna(v) else str(v) for v in values)


def _both_ends(column: Column) -> Column:
    """First and last rows with a row of dots between them."""
    cells = (*column.cells[:ENDS], "…", *column.cells[-ENDS:])
    return Column(column.heading, cells, column.is_number)
