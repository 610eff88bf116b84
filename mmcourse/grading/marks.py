"""The table of marks: a row a student, whatever became of the submission."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mmcourse.grading.course import Course
from mmcourse.grading.gradebook import Mark, marks_of, open_book
from mmcourse.grading.worker import Outcome

GRADED, WAITING = "graded", "to be marked by hand"
NOT_GRADED, NOTHING = "not graded", "no submission"
HEAD = ("student", "name", "status", "score", "most", "code", "written")


@dataclass(frozen=True, slots=True)
class Row:
    """What a student gets.

    Attributes
    ----------
    student, name : str, in the gradebook; as the learning platform wrote it
    status : str, one of the constants above
    marks : sequence of Mark, of all cells with points
    """

    student: str
    name: str
    status: str
    marks: Sequence[Mark]

    def points(self, *, by_hand: bool | None = None) -> float:
        """Return the points, of code, of written answers, or of both."""
        chosen = [m for m in self.marks if by_hand in (None, m.by_hand)]
        return sum(mark.score for mark in chosen)


def make_rows(
    course: Course, names: Mapping[str, str], outcomes: Mapping[str, Outcome]
) -> list[Row]:
    """Return a row for every student.

    Parameters
    ----------
    course : Course
    names : mapping
        Of all students: those who handed something in, and those on the list.
    outcomes : mapping
        Student to what became of the submission.

    Returns
    -------
    list of Row, by student
    """
    with open_book(course) as book:
        found = {student: marks_of(book, course, student) for student in names}
    rows = []
    for student, name in sorted(names.items()):
        status = _status(found[student], outcomes.get(student))
        marks = found[student] or []
        if status in (NOT_GRADED, NOTHING):  # points of an earlier version do not count
            marks = [replace(mark, score=0.0, waiting=False) for mark in marks]
        rows.append(Row(student, name, status, marks))
    return rows


def _status(marks: Sequence[Mark] | None, outcome: Outcome | None) -> str:
    if outcome is None:
        return NOTHING
    if outcome.problem or not marks:
        return NOT_GRADED
    return WAITING if any(mark.waiting for mark in marks) else GRADED


def write_marks(course: Course, rows: Sequence[Row]) -> None:
    """Write the table: sums first, then a column for each cell with points."""
    cells = list(dict.fromkeys(m.name for row in rows for m in row.marks))
    most = max((sum(m.most for m in row.marks) for row in rows), default=0.0)
    course.marks.parent.mkdir(parents=True, exist_ok=True)
    new = course.marks.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*HEAD, *cells])
        for row in rows:
            sums = (row.points(), most, row.points(by_hand=False))
            written = row.points(by_hand=True)
            scores = {m.name: "" if m.waiting else f"{m.score:g}" for m in row.marks}
            table.writerow(
                [_safe(row.student), _safe(row.name), row.status]
                + [f"{x:g}" for x in (*sums, written)]
                + [scores.get(cell, "0") for cell in cells]
            )
    new.replace(course.marks)


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
