"""nbgrader's gradebook: an assignment goes in, marks come out."""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment

from mmcourse.grading.converting import convert
from mmcourse.grading.course import FORMGRADER, Course, GradingError, settings_for
from mmcourse.grading.restoring import name_of
from mmcourse.grading.steps import find_questions


@dataclass(frozen=True, slots=True)
class Mark:
    """What one cell of a submission got.

    Attributes
    ----------
    name : str, of the cell
    score, most : float, points reached and to be reached
    by_hand : bool, whether a person gives the points
    waiting : bool, whether that person still has to
    """

    name: str
    score: float
    most: float
    by_hand: bool
    waiting: bool


def open_book(course: Course) -> Gradebook:
    """Return the gradebook, to be used in a `with`."""
    settings = settings_for(course)
    return Gradebook(settings.CourseDirectory.db_url, "mmcourse")


def enter_assignment(course: Course) -> None:
    """Put an assignment into the gradebook, or its changes.

    Raises
    ------
    GradingError
        If cells came or went although submissions were graded.
    SheetError
        If a cell with points is not one call of a check.
    """
    find_questions(nbformat.read(course.solution, as_version=4))
    course.source.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(course.solution, course.source)
    (course.root / "nbgrader_config.py").write_text(FORMGRADER, encoding="utf-8")
    log = course.root / "log" / f"{course.assignment}.txt"
    # nbgrader calls the command `alembic` to make a gradebook.
    commands = str(Path(sys.executable).parent)
    if commands not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([commands, os.environ.get("PATH", "")])
    problem = convert(GenerateAssignment, course, ".", log)
    if problem:
        raise GradingError(
            f"nbgrader can't take {course.assignment} in: {problem}. If exercises were "
            "added or removed after the first submissions were graded, grade into a "
            "new folder (--into)."
        )


def names_of(course: Course) -> list[str]:
    """Return the names of the cells of a sheet."""
    sheet = nbformat.read(course.sheet, as_version=4)
    return [name for cell in sheet.cells if (name := name_of(cell))]


def marks_of(book: Gradebook, course: Course, student: str) -> list[Mark] | None:
    """Return the marks of a student, None without a submission in the gradebook."""
    try:
        submission = book.find_submission_notebook(
            course.assignment, course.assignment, student
        )
    except MissingEntry:
        return None
    order = {cell.name: i for i, cell in enumerate(submission.notebook.source_cells)}
    written = {cell.name for cell in submission.notebook.solution_cells}
    marks = [
        Mark(
            name=grade.name,
            score=float(grade.score or 0),
            most=float(grade.max_score),
            by_hand=grade.name in written,
            waiting=bool(grade.needs_manual_grade),
        )
        for grade in submission.grades
    ]
    return sorted(marks, key=lambda mark: order.get(mark.name, 0))


def said_of(book: Gradebook, course: Course, student: str) -> str:
    """Return all that a student's feedback says: points and comments, as text."""
    submission = book.find_submission_notebook(
        course.assignment, course.assignment, student
    )
    points = sorted((g.name, g.score, g.needs_manual_grade) for g in submission.grades)
    comments = sorted((c.name, c.comment) for c in submission.comments)
    return json.dumps([points, comments])


def by_hand(book: Gradebook, course: Course, student: str) -> list[str]:
    """Return the names of the cells whose points a person gave, and are settled."""
    try:
        submission = book.find_submission_notebook(
            course.assignment, course.assignment, student
        )
    except MissingEntry:
        return []
    grades = [g for g in submission.grades if g.manual_score is not None]
    return [grade.name for grade in grades if not grade.needs_manual_grade]


def settle(
    book: Gradebook, course: Course, student: str, names: Collection[str]
) -> None:
    """Have points that a person gave count as they are."""
    submission = book.find_submission_notebook(
        course.assignment, course.assignment, student
    )
    for grade in submission.grades:
        if grade.name in names:
            grade.needs_manual_grade = False
    book.db.commit()


def give_nothing(course: Course, student: str) -> None:
    """Enter a submission that can't be graded: no points, nothing to mark by hand."""
    with open_book(course) as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, of nbgrader's own code
        book.update_or_create_student(student)
        book.update_or_create_submission(course.assignment, student)
        submission = book.find_submission_notebook(
            course.assignment, course.assignment, student
        )
        for grade in submission.grades:
            grade.auto_score, grade.needs_manual_grade = 0, False
        book.db.commit()
