"""Read a notebook that was handed in as JSON, and nothing more than JSON.

nbformat would bring old notebooks up to date and check them; both walk through
whatever a stranger wrote. Here a file is measured first, then read, and what a grader
would stumble over is mended or refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

FORMAT = 4
DEEPEST = 100  # pictures of plotly and maps of vega stay below 30
MOST_PARTS = (
    500_000  # lists and objects: each takes 60 bytes of memory for 2 in the file
)
KINDS = ("code", "markdown", "raw")

# What is handed in by mistake, by how it begins.
OTHERS = {
    b"PK\x03\x04": "a ZIP (or a file of Word or Excel)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a packed file (gzip)",
    b"<": "a web page",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A notebook that was handed in.

    Attributes
    ----------
    data : bytes, as plain UTF-8; as it came where nothing had to be mended
    fit : int, how many cells of the assignment's sheet it has
    notes : tuple of str, what was mended
    problem : str, why it can't be graded; empty where it can
    """

    data: bytes = b""
    fit: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""


class _NoSheetError(Exception):
    """The file is no sheet; the message is a clause that says why."""


def read_sheet(data: bytes, cells: Collection[str]) -> Sheet:
    """Return what a file holds as a sheet.

    Parameters
    ----------
    data : bytes
        Of a file.
    cells : collection of str
        The names (`grade_id`) of the cells of the assignment's sheet.

    Returns
    -------
    Sheet

    Examples
    --------
    >>> read_sheet(b"<html>", ["x"]).problem
    'it is a web page, not a notebook'
    >>> cell = '{"cell_type": "raw", "source": "", "metadata": {"nbgrader": %s}}'
    >>> text = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [%s]}'
    >>> read_sheet((text % cell % '{"grade_id": "x"}').encode(), ["x"]).fit
    1
    """
    notes: list[str] = []
    try:
        notebook = _load(_decode(data, notes), notes)
        _check(notebook)
        mended = _mend(notebook)
        fit = _fit(mended["cells"], cells)
    except _NoSheetError as problem:
        return Sheet(problem=str(problem))
    if mended != notebook:
        notes.append("cells or a notebook without what each must have were mended")
    return Sheet(_as_bytes(data, mended, notes), fit, tuple(notes))


def _decode(data: bytes, notes: list[str]) -> str:
    """Return the text of a file; add a note where it is not plain UTF-8."""
    if not data.strip():
        raise _NoSheetError("it is empty")
    for start, kind in OTHERS.items():
        if data[:1000].lstrip().startswith(start):
            raise _NoSheetError(f"it is {kind}, not a notebook")
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        where = f"byte {problem.start + 1} is not {encoding.upper()}"
        raise _NoSheetError(f"it is not text ({where})") from None
    if encoding != "utf-8":
        written = encoding.upper().replace("-SIG", " with a byte order mark")
        notes.append(f"it was written as {written} and is read as UTF-8")
    return text


def _load(text: str, notes: list[str]) -> Any:
    """Return what JSON says; add a note where it holds numbers that JSON has not."""
    odd: list[str] = []
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise _NoSheetError(f"it holds more than {MOST_PARTS} lists and objects")
    too_deep = f"its JSON is nested deeper than {DEEPEST} levels"
    try:
        loaded = json.loads(text, parse_constant=odd.append)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}: {problem.msg}"
        raise _NoSheetError(f"its JSON is broken ({where})") from None
    except RecursionError:
        raise _NoSheetError(too_deep) from None
    except ValueError:
        raise _NoSheetError("it holds a number with thousands of digits") from None
    if _is_deeper(loaded, DEEPEST):
        raise _NoSheetError(too_deep)
    if odd:
        notes.append("numbers that are none in JSON (NaN, Infinity) are read as null")
    return loaded


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and objects lie in each other over more levels."""
    here = [value]
    for _ in range(levels + 1):
        parts = [part for part in here if isinstance(part, dict | list)]
        if not parts:
            return False
        here = [
            inner
            for part in parts
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
    return True


def _check(notebook: Any) -> None:
    """Raise where JSON is not a notebook of the format that is graded."""
    if not isinstance(notebook, dict):
        raise _NoSheetError("it is JSON, but not a notebook")
    version = notebook.get("nbformat")
    if type(version) is not int:
        raise _NoSheetError("it is JSON, but not a notebook: it names no format")
    if version != FORMAT:
        raise _NoSheetError(
            f"it is in notebook format {version}, and sheets are in format {FORMAT}: "
            "open and save it in JupyterLab"
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise _NoSheetError("it is not a notebook: its cells are not all cells")


def _is_cell(cell: Any) -> bool:
    """Return whether something has what only its author could write into a cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in KINDS:
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in lines)


def _mend(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook in which cells and notebook have what each must have."""
    minor = notebook.get("nbformat_minor")
    has_ids = any("id" in cell for cell in notebook["cells"])
    return notebook | {
        "metadata": _dictionary(notebook.get("metadata")),
        "nbformat_minor": minor if type(minor) is int else 5 if has_ids else 4,
        "cells": [_mend_cell(cell) for cell in notebook["cells"]],
    }


def _mend_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell with metadata, and with outputs if it is code."""
    metadata = _dictionary(cell.get("metadata"))
    if not isinstance(metadata.get("nbgrader", {}), dict):
        metadata = {key: metadata[key] for key in metadata if key != "nbgrader"}
    if cell["cell_type"] != "code":
        return cell | {"metadata": metadata}
    outputs = cell.get("outputs")
    is_whole = isinstance(outputs, list) and all(isinstance(o, dict) for o in outputs)
    return cell | {
        "metadata": metadata,
        "outputs": outputs if is_whole else [],
        "execution_count": cell.get("execution_count"),
    }


def _dictionary(value: Any) -> dict[str, Any]:
    """Return a dictionary as it is, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _fit(own: list[dict[str, Any]], cells: Collection[str]) -> int:
    """Return how many cells of the sheet there are; raise where it is another sheet."""
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in own]
    names = {mark for mark in marks if isinstance(mark, str)}
    fit = len(names & set(cells))
    if not names:
        raise _NoSheetError("it is not a sheet: no cell is marked for grading")
    # Sheets share some names, such as "setup".
    if 2 * fit < len(names):
        raise _NoSheetError(
            f"it is the sheet of another assignment: of its {len(names)} marked cells "
            f"{fit} belong{'s' * (fit == 1)} here"
        )
    return fit


def _as_bytes(data: bytes, notebook: dict[str, Any], notes: list[str]) -> bytes:
    """Return a notebook as plain UTF-8: as it came, unless something was mended."""
    # Half a character, which is no UTF-8, is written as an escape in JSON.
    if not notes and b"\\ud" not in data.lower():
        return data
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        notes.append("halves of characters are read as '?'")
        encoded = text.encode(errors="replace")
    return encoded + b"\n" if notes else data
