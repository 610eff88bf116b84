"""What became of each exercise: its points, and the first thing to mend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmcourse.commands.running import Run
from mmcourse.commands.sheets import Cell, Task, is_blank


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one cell with points.

    Attributes
    ----------
    task : Task
    reached : float or None, points; None where they are given when it is graded
    hint : str, what to mend first; empty where nothing is
    """

    task: Task
    reached: float | None
    hint: str

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to do."""
        return not self.hint and self.reached in (None, self.task.points)


def judge(tasks: Sequence[Task], run: Run) -> list[Outcome]:
    """Return what became of the exercises of a sheet that was run.

    Parameters
    ----------
    tasks : sequence of Task
        The cells with points.
    run : Run
        The cells with their outputs.

    Returns
    -------
    list of Outcome, in the order of `tasks`

    Examples
    --------
    >>> output = {"output_type": "error", "ename": "NotYet", "evalue": "Which rows?"}
    >>> cell = {"cell_type": "code", "source": "check.x(x)", "outputs": [output]}
    >>> run = Run([cell], limit=60, finished=1)
    >>> outcome = judge([Task("1", "x", "check", 2, 0)], run)[0]
    >>> outcome.reached, outcome.hint
    (0.0, 'Which rows?')
    """
    return [_judge(task, run) for task in tasks]


def _judge(task: Task, run: Run) -> Outcome:
    """Return what became of one task."""
    cell = run.cells[task.place]
    if task.kind == "written":
        return Outcome(task, None, "not answered yet" if is_blank(cell) else "")
    lost = _what_stopped(task, run)
    if task.kind == "hidden":
        return Outcome(task, None, "")
    if task.place >= run.finished or task.place in run.late:
        return Outcome(task, 0.0, lost)
    reached = points_of(cell, task.points)
    if reached == task.points:
        return Outcome(task, reached, "")
    hints = [lost, *(_error_in(run.cells[place]) for place in task.answers)]
    return Outcome(task, reached, next(filter(None, hints), first_hint(cell)))


def _what_stopped(task: Task, run: Run) -> str:
    """Say which of the cells of a task took too long or was not run at all."""
    places = (*task.answers, task.place)
    if run.finished in places:
        return f"not finished: {run.problem}"
    if any(place in run.late for place in places):
        return f"stopped after {run.limit} s: does a loop never end?"
    return "not run" if task.place > run.finished else ""


def points_of(cell: Cell, most: float) -> float:
    """Return the points of a check, by nbgrader's rule.

    Parameters
    ----------
    cell : cell
        A check that was run.
    most : float
        What a right answer is worth.

    Returns
    -------
    float

    Examples
    --------
    >>> value = {"output_type": "execute_result", "data": {"text/plain": "1.5"}}
    >>> points_of({"outputs": [value]}, 2), points_of({"outputs": []}, 2)
    (1.5, 2)
    """
    for output in cell["outputs"]:
        if output["output_type"] == "error" or output.get("name") == "stderr":
            return 0.0
        if output["output_type"] == "execute_result":
            return _partial(output["data"].get("text/plain", ""), most)
    return most


def _partial(value: str, most: float) -> float:
    """Return the last value of a check as points; all of them where it is none."""
    try:
        points = float(value)
    except ValueError:
        return most
    return points if 0 <= points <= most else most


def first_hint(cell: Cell) -> str:
    r"""Return the first thing that a check which gave not all points says.

    Parameters
    ----------
    cell : cell
        A check that was run.

    Returns
    -------
    str

    Examples
    --------
    >>> text = "1 of 2 points.\n- Keep all digits.\n- Which rows?"
    >>> first_hint({"outputs": [{"output_type": "stream", "text": text}]})
    'Keep all digits.'
    """
    error = _error_in(cell)
    if error:
        return error.removeprefix("NotYet: ").removeprefix("AssertionError: ")
    streams = [out for out in cell["outputs"] if out["output_type"] == "stream"]
    lines = [line for out in streams for line in out["text"].splitlines() if line]
    hints = [line[2:] for line in lines if line.startswith("- ")]
    said = next(iter([*hints, *lines]), "the check does not say why")
    return re.sub(r"^\S+\.py:\d+: ", "", said)  # where in the kernel a warning arose


def _error_in(cell: Any) -> str:
    """Return the error that a cell ended with, in a line."""
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            said = output["evalue"].strip().partition("\n")[0]
            said = re.sub(r"\(\S+\.py, (line \d+)\)$", r"(\1)", said)
            return f"{output['ename']}: {said}" if said else str(output["ename"])
    return ""
