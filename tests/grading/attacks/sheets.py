"""The sheet that the tests of grading hand in: right, blank, or with other answers."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from mmcourse.grading.course import find_solution
from mmcourse.grading.restoring import name_of
from tests.grading.submissions import ROOT, answered, sheet_of

ASSIGNMENT = "p1"  # quick to run; has choices, numbers, a function and a model
FILE = f"{ASSIGNMENT}.ipynb"
SOLUTION = find_solution(ASSIGNMENT, ROOT)


def blank() -> NotebookNode:
    """The sheet as it was handed out."""
    return sheet_of(ASSIGNMENT)


def right() -> NotebookNode:
    """The sheet with right answers."""
    return answered(ASSIGNMENT)


def place_of(sheet: NotebookNode, name: str) -> int:
    """Where a cell of the sheet is."""
    return next(i for i, cell in enumerate(sheet.cells) if name_of(cell) == name)


def add_cell(sheet: NotebookNode, code: str, *, after: str = "setup") -> None:
    """Put a cell of the student's own behind one of the sheet."""
    sheet.cells.insert(place_of(sheet, after) + 1, new_code_cell(code))


def points() -> dict[str, float]:
    """What the checks are worth, by their names."""
    cells = nbformat.read(SOLUTION, as_version=4).cells
    own = [c.metadata.nbgrader for c in cells if "nbgrader" in c.metadata]
    return {m.grade_id: float(m.points) for m in own if m.grade and not m.solution}


def answers() -> list[str]:
    """The names of the cells that are answered in code."""
    own = [cell.metadata.get("nbgrader", {}) for cell in blank().cells]
    return [m["grade_id"] for m in own if m.get("solution") and not m.get("grade")]
