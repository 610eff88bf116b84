"""Columns of cells as aligned text and as plain HTML.

Layer: knows text only.

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

WIDTH = 100  # columns of a page of text
SHORTEST = 12  # a name is cut to fit the page, but not below this


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
