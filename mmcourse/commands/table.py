"""The outcomes as text: a line an exercise, as wide as the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

from mmcourse.commands.outcomes import Outcome

HEAD = ("exercise", "", "points", "first hint")
LATER = "when graded"
NARROWEST = 24  # columns of a hint


def as_table(outcomes: Sequence[Outcome], width: int | None = None) -> str:
    """Return a table of exercises, points and first hints.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What became of the exercises.
    width : int, optional
        Columns of text; by default, those of the terminal.

    Returns
    -------
    str

    Examples
    --------
    >>> from mmcourse.commands.sheets import Task
    >>> task = Task("3b", "share", "check", 2, place=0)
    >>> print(as_table([Outcome(task, 1.0, "Keep all digits.")], width=80))
    exercise          points    first hint
    3b        share   1 of 2    Keep all digits.
    total             1 of 2
    """
    rows = [HEAD, *map(_row, outcomes), _total(outcomes)]
    widths = [max(len(row[k]) for row in rows) + 2 for k in range(3)]
    left = sum(widths)
    room = max((width or shutil.get_terminal_size().columns) - left, NARROWEST)
    lines = []
    for *short, hint in rows:
        start = "".join(x.ljust(n) for x, n in zip(short, widths, strict=True))
        wrapped = textwrap.wrap(hint, room, break_on_hyphens=False) or [""]
        lines += [start + wrapped[0], *(" " * left + rest for rest in wrapped[1:])]
    return "\n".join(line.rstrip() for line in lines)


def _row(outcome: Outcome) -> tuple[str, str, str, str]:
    """Return the texts of one exercise."""
    task, reached = outcome.task, outcome.reached
    if reached is None:
        hint = "; ".join(filter(None, [LATER, outcome.hint]))
        return task.exercise, task.name, f"- of {task.points:g}", hint
    points = f"{reached:g} of {task.points:g}"
    return task.exercise, task.name, points, outcome.hint or "all right"


def _total(outcomes: Sequence[Outcome]) -> tuple[str, str, str, str]:
    """Return the sums: what was reached now, and what is given later."""
    now = [outcome for outcome in outcomes if outcome.reached is not None]
    later = sum(o.task.points for o in outcomes if o.reached is None)
    reached = sum(outcome.reached or 0 for outcome in now)
    points = f"{reached:g} of {sum(o.task.points for o in now):g}"
    return "total", "", points, f"and {later:g} more {LATER}" if later else ""
