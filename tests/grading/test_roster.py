"""The list of students: whose submission is whose, on this run and the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmcourse.grading.collecting.collect import Submission
from mmcourse.grading.course import Course
from mmcourse.grading.roster import everybody, students_of


def handed_in(**names: str) -> list[Submission]:
    return [Submission(student, name, None) for student, name in names.items()]


ADA = handed_in(Ada_Lovelace_17="Ada Lovelace")


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("Ada_Lovelace_17", "Ada"),
        ("17", "Ada"),
        ("s4711", "Ada Lovelace"),
        ("s4711", "Lovelace, Ada"),
        ("s4711", "ADA  lovelace"),
    ],
)
def test_a_student_is_known_by_id_number_or_name(student, name):
    assert everybody({student: name}, ADA) == ({"Ada_Lovelace_17": name}, [])


def test_who_is_on_the_list_under_no_such_name_is_told(student="s4711"):
    names, unlisted = everybody({student: "Ben"}, ADA)
    assert names == {"Ada_Lovelace_17": "Ada Lovelace", student: "Ben"}
    assert unlisted == ["Ada_Lovelace_17"]


def test_of_two_with_one_name_nobody_is_taken_for_the_other():
    found = handed_in(Ada_1="Ada", Ada_2="Ada")
    names, unlisted = everybody({"x": "Ada"}, found)
    assert (set(names), unlisted) == ({"x", "Ada_1", "Ada_2"}, ["Ada_1", "Ada_2"])
    names, unlisted = everybody({"x": "Ada", "y": "ada"}, ADA)
    assert (set(names), unlisted) == ({"x", "y", "Ada_Lovelace_17"}, [*names][:1])


def test_an_id_goes_before_a_name():
    found = handed_in(ada="Ben", ben="Ada")
    names, unlisted = everybody({"ada": "Ada", "ben": "Ben"}, found)
    assert (names, unlisted) == ({"ada": "Ada", "ben": "Ben"}, [])


def test_without_a_list_all_are_who_they_are():
    assert everybody({}, ADA) == ({"Ada_Lovelace_17": "Ada Lovelace"}, [])


def test_the_list_is_there_on_the_next_run_and_a_new_one_takes_its_place(tmp_path):
    course = Course("p1", Path("p1.ipynb"), tmp_path / "grading")
    course.root.mkdir()
    assert students_of(course, None) == {}
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("student,name\nada,Ada\n")
    second.write_text("student\nben\n")
    for path, students in ((first, {"ada": "Ada"}), (second, {"ben": ""})):
        assert students_of(course, path) == students
        assert students_of(course, None) == students
    assert students_of(course, course.root / "students.csv") == {"ben": ""}
