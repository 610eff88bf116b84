"""Grading once more: what a person decided stays, what is no longer true does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import nbformat
import pytest

from mmcourse.grading.assignment import grade_assignment
from mmcourse.grading.course import Course, keep_limits, last_limits
from mmcourse.grading.gradebook import enter_assignment, open_book
from mmcourse.grading.judging import SheetError
from mmcourse.grading.marks import Row
from mmcourse.grading.restoring import name_of
from tests.grading.submissions import answered, cell_of, course_in, hand_in


def give(course: Course, cell: str, points: float) -> None:
    """Give points as formgrader does."""
    with open_book(course) as book:
        grade = book.find_grade(cell, course.assignment, course.assignment, "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def marks(row: Row) -> dict[str, tuple[float, bool]]:
    """Points of each cell, and whether they wait."""
    return {mark.name: (mark.score, mark.waiting) for mark in row.marks}


def changed(course: Course, folder: Path, name: str, old: str, new: str) -> Course:
    """The course with another solution; `name` is the cell that changes."""
    notebook = nbformat.read(course.solution, as_version=4)
    cell = cell_of(notebook, name)
    if old:
        cell.source = cell.source.replace(old, new)
    else:
        cell.metadata.nbgrader["points"] = int(new)
    folder.mkdir()
    path = folder / course.solution.name
    nbformat.write(notebook, path)
    return dataclasses.replace(course, solution=path)


def test_points_given_by_hand_stay_until_the_answer_or_its_worth_changes(tmp_path):
    course = course_in(tmp_path / "grading", "p1")
    sheet = answered("p1")
    cell_of(sheet, "explain").source = "Pupils of a class are alike."
    submissions = hand_in(tmp_path / "in", "p1", ada=sheet)
    (row,) = grade_assignment(course, submissions).rows
    assert marks(row)["explain"] == (0, True)
    give(course, "explain", 3)
    give(course, "check_nested", 1)
    by_hand = {"explain": (3, False), "check_nested": (1, False)}

    other = changed(course, tmp_path / "rubric", "explain", "1 point", "One point")
    graded = grade_assignment(other, None)
    assert graded.fresh == 1
    assert by_hand.items() <= marks(graded.rows[0]).items()

    other = changed(course, tmp_path / "points", "explain", "", "5")
    waiting = marks(grade_assignment(other, None).rows[0])
    assert waiting["explain"] == (3, True)
    assert waiting["check_nested"] == (1, True)

    give(course, "explain", 3)
    give(course, "check_nested", 1)
    cell_of(sheet, "explain").source += " Or not."
    hand_in(tmp_path / "in", "p1", ada=sheet)
    waiting = marks(grade_assignment(other, submissions).rows[0])
    assert waiting["explain"] == (3, True)

    give(course, "explain", 3)
    page = course.notebook("feedback", "ada").with_suffix(".html")
    assert page.is_file()
    (submissions / "ada" / "p1.ipynb").write_text("broken")
    (row,) = grade_assignment(other, submissions).rows
    assert (row.status, row.points()) == ("not graded", 0)
    assert not page.exists()


def test_a_check_that_gives_other_points_than_its_cell_stops_before_grading(tmp_path):
    course = course_in(tmp_path / "grading", "p1")
    notebook = nbformat.read(course.solution, as_version=4)
    assert "check_n_draws" in {name_of(cell) for cell in notebook.cells}
    course = changed(course, tmp_path / "sheet", "check_n_draws", "", "2")
    words = '`check_n_draws` has `"points": 2`, but its check `draws` gives up to 1'
    with pytest.raises(SheetError, match=words):
        enter_assignment(course)


def test_limits_are_those_of_the_last_run(tmp_path):
    assert last_limits(tmp_path, "p1") == {}
    keep_limits(Course("p1", tmp_path, tmp_path, limit=120, memory=500))
    assert last_limits(tmp_path, "p1") == {"limit": 120, "memory": 500}
    (tmp_path / "state" / "p1.limits").write_text("{")
    assert last_limits(tmp_path, "p1") == {}


def test_the_folder_is_the_instructors_alone(tmp_path):
    course = course_in(tmp_path / "class" / "grading", "p1")
    handed_in = tmp_path / "in" / "ada"
    handed_in.mkdir(parents=True)
    (handed_in / "p1.ipynb").write_text("broken")
    grade_assignment(course, handed_in.parent)
    assert course.root.stat().st_mode & 0o777 == 0o700


def test_a_student_is_told_that_a_cell_was_stopped(tmp_path):
    course = dataclasses.replace(course_in(tmp_path / "grading", "p1"), limit=3)
    sheet = answered("p1")
    cell_of(sheet, "n_draws").source = "n_draws = 0\nwhile True:\n    n_draws += 1"
    grade_assignment(course, hand_in(tmp_path / "in", "p1", ada=sheet))
    page = course.notebook("feedback", "ada").with_suffix(".html")
    assert "This cell was stopped after 3 s" in page.read_text(encoding="utf-8")
