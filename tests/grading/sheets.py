"""The sheet that the tests of grading hand in: right, blank, or with other answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from mmcourse.grading.restoring import name_of

ROOT = Path(__file__).resolve().parent.parent.parent
ASSIGNMENT = "p1"  # quick to run; has choices, numbers, a function and a model
FILE = f"{ASSIGNMENT}.ipynb"


@cache
def _read(folder: str) -> NotebookNode:
    return nbformat.read(ROOT / folder / ASSIGNMENT / FILE, as_version=4)


def blank() -> NotebookNode:
    """The sheet as it was handed out."""
    return nbformat.from_dict(_read("exercises"))


def right() -> NotebookNode:
    """The sheet with the answers of the solution, and something written."""
    answers = {name_of(cell): cell.source for cell in _read("solutions").cells}
    sheet = blank()
    for cell in sheet.cells:
        if is_answer(cell):
            lines = answers[name_of(cell)].splitlines()
            cell.source = "\n".join(line for line in lines if "### " not in line)
        elif is_written(cell):
            cell.source = "Scores of one class are alike."
    return sheet


def is_answer(cell: NotebookNode) -> bool:
    own = cell.metadata.get("nbgrader", {})
    return bool(own.get("solution") and not own.get("grade"))


def is_written(cell: NotebookNode) -> bool:
    own = cell.metadata.get("nbgrader", {})
    return bool(own.get("solution") and own.get("grade"))


def place_of(sheet: NotebookNode, name: str) -> int:
    """Where a cell of the sheet is."""
    return next(i for i, cell in enumerate(sheet.cells) if name_of(cell) == name)


def cell_of(sheet: NotebookNode, name: str) -> NotebookNode:
    return sheet.cells[place_of(sheet, name)]


def add_cell(sheet: NotebookNode, code: str, *, after: str = "setup") -> None:
    """Put a cell of the student's own behind one of the sheet."""
    sheet.cells.insert(place_of(sheet, after) + 1, new_code_cell(code))


@cache
def points() -> dict[str, float]:
    """What the checks are worth, by their names."""
    checks = [cell for cell in _read("solutions").cells if not is_written(cell)]
    own = [c.metadata.nbgrader for c in checks if "nbgrader" in c.metadata]
    return {mark.grade_id: float(mark.points) for mark in own if mark.grade}
