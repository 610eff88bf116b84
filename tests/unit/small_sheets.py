"""Small sheets of exercises, made cell by cell with nbgrader's marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

PLAIN = {"schema_version": 3, "grade": False, "solution": False, "locked": False}


def marked(
    cell: nbformat.NotebookNode, name: str, **mark: Any
) -> nbformat.NotebookNode:
    """A cell with nbgrader's marks, and its checksum as a release leaves it."""
    cell.metadata["nbgrader"] = {**PLAIN, "grade_id": name, "task": False, **mark}
    cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    return cell


def heading(number: int) -> nbformat.NotebookNode:
    return new_markdown_cell(f"## Exercise {number} ★ compute\n\nWhat is it?")


def answer(name: str, source: str) -> nbformat.NotebookNode:
    return marked(new_code_cell(source), name, solution=True)


def check(name: str, source: str, points: float = 2) -> nbformat.NotebookNode:
    mark = {"grade": True, "locked": True, "points": points}
    return marked(new_code_cell(source), f"check_{name}", **mark)


def written(name: str, source: str) -> nbformat.NotebookNode:
    """A text cell, handed out with YOUR ANSWER HERE, in which a learner wrote."""
    mark = {"grade": True, "solution": True, "points": 3}
    cell = marked(new_markdown_cell("YOUR ANSWER HERE"), name, **mark)
    cell.source = source
    return cell


NOT_YET = """
class NotYet(AssertionError): pass
def check(answer, right, hint):
    if answer == ...:
        raise NotYet(hint + "\\nand more")
    if answer == right:
        return 2
    print("1 of 2 points.", hint, "and more", sep="\\n- ")
    return 1
"""
SETUP = new_code_cell(NOT_YET)


def saved(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "sheet.ipynb"
    nbformat.write(new_notebook(cells=[SETUP, *cells]), path)
    return path


RIGHT_SHEET = (
    heading(1),
    answer("x", "x = 1"),
    check("x", "check(x, 1, 'Which?')"),
    check("x_again", "assert x == 1"),
    check("x_unseen", "# Here it will be tried with other data."),
    heading(2),
    written("why", "Because."),
)
MIXED_SHEET = (
    heading(1),
    answer("blank", "blank = ..."),
    check("blank", "check(blank, 1, 'Which one is it?')"),
    answer("partly", "partly = 3"),
    check("partly", "check(partly, 1, 'Keep all digits.')"),
    heading(2),
    new_markdown_cell("**2b.** Go on."),
    answer("bracket", "bracket = 1\nbracket = [1)"),
    check("bracket", "check(bracket, 1, 'Which?')"),
    new_code_cell("int('a helper of the learner')"),
    answer("late", "late = 1"),
    check("late", "assert late == 2, 'Two is asked for.'"),
    answer("loud", "import warnings\nloud = 1"),
    check("loud", "warnings.warn('overflow')"),
    answer("bare", "bare = 1"),
    check("bare", "assert bare == 2"),
    answer("right", "right = 1; 1 / 0"),
    check("right", "check(right, 1, '')"),
    written("why", "YOUR ANSWER HERE"),
)
