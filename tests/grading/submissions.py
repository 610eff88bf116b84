"""Submissions for tests: a sheet as a student could hand it in."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mmcourse.grading.course import Course, find_solution
from mmcourse.grading.restoring import name_of

ROOT = Path(__file__).resolve().parent.parent.parent
MARKER = re.compile(
    r"^\s*(### (BEGIN|END) SOLUTION|<!-- (BEGIN|END) SOLUTION -->)\n?", re.M
)


def sheet_of(assignment: str) -> NotebookNode:
    """The sheet as it is handed out."""
    path = ROOT / "exercises" / assignment / f"{assignment}.ipynb"
    return nbformat.read(path, as_version=4)


def answered(assignment: str) -> NotebookNode:
    """The sheet with the model answers."""
    solution = nbformat.read(find_solution(assignment, ROOT), as_version=4)
    answers = {name_of(c): MARKER.sub("", c.source) for c in solution.cells}
    sheet = sheet_of(assignment)
    for cell in sheet.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[name_of(cell)]
    return sheet


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of a name."""
    return next(cell for cell in notebook.cells if name_of(cell) == name)


def hand_in(folder: Path, assignment: str, **notebooks: NotebookNode) -> Path:
    """Write notebooks into a folder, one a student."""
    for student, notebook in notebooks.items():
        path = folder / student / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    return folder


def course_in(root: Path, assignment: str) -> Course:
    """A course that is graded without a sandbox, which not every machine has."""
    return Course(assignment, find_solution(assignment, ROOT), root, sandbox=False)
