"""The table of marks: everybody is in it, and no spreadsheet computes with it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mmcourse.grading.assignment import grade_assignment
from mmcourse.grading.course import Course, GradingError
from mmcourse.grading.marks import NOTHING, Row, write_marks
from mmcourse.grading.roster import read_roster
from tests.grading.attacks import sheets

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")')


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(
        sheets.ASSIGNMENT, sheets.SOLUTION, tmp_path / "grading", sandbox=False
    )


def table(course: Course) -> list[dict[str, str]]:
    with course.marks.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_name_is_taken_for_a_formula(course, text):
    write_marks(course, [Row(text, text, NOTHING, [])])
    (row,) = table(course)
    assert row["student"] == row["name"] == f"'{text}"


@pytest.mark.parametrize("text", ["Ada, Countess", 'the "Great"', "two\nlines", "Ünü"])
def test_other_names_stay_as_they_are(course, text):
    write_marks(course, [Row("ada", text, NOTHING, [])])
    assert table(course)[0]["name"] == text


def test_who_handed_in_nothing_is_in_the_table_and_in_the_report(course, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("student,name\nada,Ada\nben,Ben\n,\n", encoding="utf-8-sig")
    handed_in = tmp_path / "handed_in" / "ada"
    handed_in.mkdir(parents=True)
    (handed_in / sheets.FILE).write_text("broken")
    graded = grade_assignment(course, handed_in.parent, roster=roster)
    assert [row.student for row in graded.rows] == ["ada", "ben"]
    ada, ben = table(course)
    assert (ada["status"], ada["score"]) == ("not graded", "0")
    assert (ben["status"], ben["score"]) == ("no submission", "0")
    assert ada["most"] == ben["most"]
    assert {ben[check] for check in sheets.points()} == {"0"}
    report = course.report.read_text(encoding="utf-8")
    assert "## ben (Ben)\n\n- There is no submission." in report


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name\nAda\n", "has no column `student`"),
        (b"", "has no column `student`"),
        (b"student\n\xff\n", "can't be read"),
    ],
)
def test_a_list_that_is_none_is_told(tmp_path, text, words):
    path = tmp_path / "class.csv"
    path.write_bytes(text)
    with pytest.raises(GradingError, match=words):
        read_roster(path)
    with pytest.raises(GradingError, match="can't be read"):
        read_roster(tmp_path / "nowhere.csv")
