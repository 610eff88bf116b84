"""What a sheet asks for: its cells with points, by nbgrader's marks on them.

Nothing is run here. The rules are those of nbgrader, so that a learner and a grader see
the same: of cells with the same name the last counts, a locked cell has a checksum.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Cell = Mapping[str, Any]

HEADING = re.compile(r"^##+ Exercise (\w+)|^\*\*(\d+[a-z])\.\*\*", re.M)
FRESH = "Take a fresh sheet and copy your answers into it."


@dataclass(frozen=True, slots=True)
class Task:
    """One cell with points.

    Attributes
    ----------
    exercise : str, the number that the text gives it, such as "3b"
    name : str, of the answer
    kind : str, "check"; or, when graded, "hidden" or "written"
    points : float, what a right answer is worth
    place : int, the number of the cell
    answers : tuple of int, the cells of code that are checked, in their order
    """

    exercise: str
    name: str
    kind: str
    points: float
    place: int
    answers: tuple[int, ...] = ()


def find_tasks(cells: Sequence[Cell]) -> list[Task]:
    """Return the cells with points, in the order of the sheet.

    Parameters
    ----------
    cells : sequence of cells
        Of a notebook.

    Returns
    -------
    list of Task

    Examples
    --------
    >>> mark = {"nbgrader": {"grade": True, "grade_id": "check_x", "points": 2}}
    >>> cell = {"cell_type": "code", "source": "assert x == 1", "metadata": mark}
    >>> [(task.name, task.kind, task.points) for task in find_tasks([cell])]
    [('x', 'check', 2.0)]
    """
    tasks: list[Task] = []
    answers: tuple[int, ...] = ()
    exercise, answer, checked = "", "", False
    for place, (cell, mark) in enumerate(zip(cells, marks_of(cells), strict=True)):
        exercise = number_of(cell) or exercise
        kind = kind_of(cell, mark)
        if kind:
            own = answers if kind != "written" else ()
            name = (own and answer) or mark["grade_id"].removeprefix("check_")
            points = float(mark["points"])
            tasks.append(Task(exercise, name, kind, points, place, own))
            checked = True
        elif cell["cell_type"] == "code":
            if checked:
                answer, answers, checked = "", (), False
            answers = (*answers, place)
            answer = mark["grade_id"] if is_answer(mark) else answer
    return tasks


def find_problems(cells: Sequence[Cell], tasks: Sequence[Task]) -> list[str]:
    """Return what was done to the checks of a sheet, a sentence each.

    Parameters
    ----------
    cells : sequence of cells
        Of a notebook.
    tasks : sequence of Task
        What was found in them.

    Returns
    -------
    list of str

    Examples
    --------
    >>> mark = {"nbgrader": {"solution": True, "grade_id": "x"}}
    >>> cell = {"cell_type": "code", "source": "x = 1", "metadata": mark}
    >>> find_problems([cell], [])[0]
    'The check of `x` is gone. Take a fresh sheet and copy your answers into it.'
    """
    marks = marks_of(cells)
    last = [[k for k in task.answers if is_answer(marks[k])] for task in tasks]
    checked = {places[-1] for places in last if places}
    gone = [
        f"The check of `{mark['grade_id']}` is gone. {FRESH}"
        for place, mark in enumerate(marks)
        if is_answer(mark) and place not in checked
    ]
    numbers = {re.sub("[a-z]+$", "", task.exercise) for task in tasks}
    gone += [
        f"Exercise {number} has no cell with points any more. {FRESH}"
        for cell in cells
        if (number := headed(cell)) and number not in numbers and not gone
    ]
    changed = [
        f"The check of `{task.name}` was changed, and grading takes the original. "
        f"{FRESH}"
        for task in tasks
        if task.kind != "written" and is_changed(cells[task.place], marks[task.place])
    ]
    return gone + changed


def marks_of(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return nbgrader's marks, empty where a cell has none or a later one its name."""
    found = [dict(cell["metadata"].get("nbgrader", {})) for cell in cells]
    last = {mark.get("grade_id"): place for place, mark in enumerate(found)}
    return [
        mark if mark.get("grade_id") and last[mark["grade_id"]] == place else {}
        for place, mark in enumerate(found)
    ]


def kind_of(cell: Cell, mark: Mapping[str, Any]) -> str:
    """Return what a cell with points is, nothing for one without."""
    if not mark.get("grade") and not mark.get("task"):
        return ""
    if cell["cell_type"] != "code" or mark.get("solution") or mark.get("task"):
        return "written"
    return "check" if has_code(cell["source"]) else "hidden"


def has_code(source: str) -> bool:
    """Return whether a cell holds more than comments; what can't be read is code."""
    try:
        return bool(ast.parse(source).body)
    except SyntaxError:
        return True


def is_answer(mark: Mapping[str, Any]) -> bool:
    """Return whether a cell is for code whose points a check gives."""
    return bool(mark.get("solution")) and not mark.get("grade")


def number_of(cell: Cell) -> str:
    """Return the number of the exercise, or of its part, that a text cell opens."""
    if cell["cell_type"] != "markdown":
        return ""
    found = HEADING.findall(cell["source"])
    return (found[-1][0] or found[-1][1]) if found else ""


def headed(cell: Cell) -> str:
    """Return the number in the heading of an exercise, nothing in other cells."""
    found = re.search(r"^##+ Exercise (\w+)", cell["source"], re.M)
    return found[1] if found and cell["cell_type"] == "markdown" else ""


def is_changed(cell: Cell, mark: Mapping[str, Any]) -> bool:
    """Return whether a cell differs from its checksum; a solution sheet has none."""
    return mark.get("checksum", checksum(cell, mark)) != checksum(cell, mark)


def is_blank(cell: Cell) -> bool:
    """Return whether a written answer is as it was handed out, or empty."""
    mark = cell["metadata"]["nbgrader"]
    return not cell["source"].strip() or mark.get("checksum") == checksum(cell, mark)


def checksum(cell: Cell, mark: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of a cell."""
    flags = [str(bool(mark.get(key))) for key in ("grade", "solution", "locked")]
    points = [str(float(mark["points"]))] if mark.get("grade") else []
    parts = [cell["source"], cell["cell_type"], *flags, mark["grade_id"], *points]
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
