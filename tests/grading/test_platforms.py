"""What learning platforms export: whose a submission is, by its name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mmcourse.grading.collecting.collect import CollectError
from tests.grading.handed_in import ASSIGNMENT, NAME, sheet

ROOT = Path(__file__).resolve().parents[2]


def code(name: str) -> str:
    """Return what an id ends in when the name had to be changed for it."""
    return hashlib.sha256(name.encode()).hexdigest()[:6]


MOODLE = "Ada Lovelace_123456_assignsubmission_file_"

# What lies in the export -> the id, the name.
PLATFORMS = {
    f"{MOODLE}/{NAME}": ("Ada_Lovelace_123456", "Ada Lovelace"),
    f"{MOODLE[:-1]}/{NAME}": ("Ada_Lovelace_123456", "Ada Lovelace"),
    f"{MOODLE}/my answers/{NAME}": ("Ada_Lovelace_123456", "Ada Lovelace"),
    f"{MOODLE}{NAME}": ("Ada_Lovelace_123456", "Ada Lovelace"),
    f"Gruppe A-Zoë Øre_7_assignsubmission_file_{NAME}": (
        "Gruppe_A-Zoe_Ore_7",
        "Gruppe A-Zoë Øre",
    ),
    f"Participant_88_assignsubmission_file_/{NAME}": ("Participant_88", "Participant"),
    f"王芳_9_assignsubmission_file_/{NAME}": ("9", "王芳"),
    f"lovelaceada_12345_678901_{NAME}": ("lovelaceada_12345", "lovelaceada"),
    f"lovelaceada_LATE_12345_678901_{NAME}": ("lovelaceada_12345", "lovelaceada"),
    f"anon_x7Kq2_LATE_678901_{NAME}": ("anon_x7Kq2", "anon"),
    f"20 Sleep study_alovelace_attempt_2026-11-28-10-20-33_{NAME}": (
        "alovelace",
        "alovelace",
    ),
    f"20 Sleep study_alovelace_poging_2026-11-28-10-20-33_{NAME}": (
        "alovelace",
        "alovelace",
    ),
    f"alovelace/{ASSIGNMENT}/{NAME}": ("alovelace", "alovelace"),
    f"submitted/alovelace/{ASSIGNMENT}/{NAME}": ("alovelace", "alovelace"),
    f"a+l+{ASSIGNMENT}+2026-11-28 10:20:33.123456 UTC/{NAME}": (
        f"a_l-{code('a+l')}",
        "a+l",
    ),
    f"ada+{ASSIGNMENT}+2026-11-28 10:20:33 UTC+9f8e/{NAME}": ("ada", "ada"),
    "alovelace.ipynb": ("alovelace", "alovelace"),
    f"alovelace_{NAME}": ("alovelace", "alovelace"),
    f"{ASSIGNMENT}-alovelace.ipynb": ("alovelace", "alovelace"),
    f"alovelace/{NAME}": ("alovelace", "alovelace"),
    "alovelace.IPYNB.txt": ("alovelace", "alovelace"),
}


@pytest.mark.parametrize("path", PLATFORMS)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_names_of_platforms(course, kind, path):
    if kind == "zip":
        course.zipped({path: sheet()})
    else:
        course.add(path, sheet())
    found = course.only()
    assert (found.student, found.name) == PLATFORMS[path]
    assert found.notebook == course.into / found.student / ASSIGNMENT / NAME
    assert found.problem == ""
    assert course.collected() == {f"{found.student}/{ASSIGNMENT}/{NAME}": sheet()}


def test_moodle_exports_text_beside_the_file(course):
    course.add(f"{MOODLE}/{NAME}", sheet())
    course.add("Ada Lovelace_123456_assignsubmission_onlinetext_/onlinetext.html")
    found = course.only()
    assert found.notes == ("other files were left out: 'onlinetext.html'",)


def test_lateness_is_noted(course):
    course.add(f"lovelaceada_LATE_12345_678901_{NAME}", sheet())
    assert "the platform marks it as late" in course.only().notes


def test_blackboards_note_tells_the_name_and_a_user_with_an_underscore(course):
    for user, name in {
        "a_lovelace": "Ada Lovelace",
        "b_lovelace": "Bo Lovelace",
    }.items():
        head = f"20 Sleep study_{user}_attempt_2026-11-28-10-20-33"
        course.add(f"{head}.txt", f"Name: {name} ({user})\nAssignment: x\n".encode())
        course.add(f"{head}_{NAME}", sheet(user))
    found = course.collect()
    assert {one.student: one.name for one in found.values()} == {
        "a_lovelace": "Ada Lovelace",
        "b_lovelace": "Bo Lovelace",
    }
    assert all(one.notes == () for one in found.values())


def test_blackboard_without_notes_loses_nobody(course):
    for user in ("a_lovelace", "b_lovelace"):
        name = f"20 Sleep study_{user}_attempt_2026-11-28-10-20-33_{NAME}"
        course.add(name, sheet(user))
    found = course.collect()
    assert len(found) == 2
    assert sorted(course.collected().values()) == [
        sheet("a_lovelace"),
        sheet("b_lovelace"),
    ]


def test_a_students_own_file_name_can_not_pass_for_somebody_else(course):
    bob = f"Bob_2_assignsubmission_file_{NAME}"
    course.add(f"Ada_1_assignsubmission_file_{bob}", sheet("ada"))
    course.add(f"eveeve_3_4_bobbob_5_6_{NAME}", sheet("eve"))
    time = "attempt_2026-11-28-10-20-33"
    course.add(f"Sleep_joe_{time}_Sleep_bob_{time}_{NAME}", sheet("joe"))
    assert set(course.collect()) == {"Ada_1", "eveeve_3", "joe"}


def test_only_the_text_of_a_platform_is_still_a_person(course):
    course.add("lovelaceada_12345_text.html", b"<p>I could not do it</p>")
    course.add("babbagecharles_LATE_2_777_report.pdf", b"%PDF")
    course.add("20 Sleep study_eve_attempt_2026-11-28-10-20-33.txt", b"Name: E (eve)")
    found = course.collect()
    assert set(found) == {"lovelaceada_12345", "babbagecharles_2", "eve"}
    problem = "there is no notebook in what was handed in"
    assert {one.problem for one in found.values()} == {problem}
    assert {one.notebook for one in found.values()} == {None}
    assert course.collected() == {}


def test_the_users_pattern_goes_first(course):
    course.add(f"12-34 - Ada Lovelace - Nov 28, 2026 1020 AM/{NAME}", sheet())
    course.add(f"12-35 - Ada Lovelace - Nov 29, 2026 1020 AM/{NAME}", sheet("2"))
    course.add(f"babbage/{NAME}", sheet())
    found = course.collect(r"^\d+-\d+ - (?P<student>.+?) - ")
    ada, babbage = sorted(found.values(), key=lambda one: one.name)
    assert (ada.name, babbage.student) == ("Ada Lovelace", "babbage")
    assert "the pattern for names finds no student in 'babbage'" in babbage.notes


def test_the_users_pattern_may_name_the_file(course):
    course.add("hw1--ada--notes.ipynb", sheet("notes"))
    course.add(f"hw1--ada--{NAME}", sheet("right"))
    course.collect(r"--(?P<student>\w+)--(?P<file>.*)")
    assert list(course.collected().values()) == [sheet("right")]


@pytest.mark.parametrize("pattern", ["(", r"(?P<name>\w+)"])
def test_a_pattern_that_can_not_be_used(course, pattern):
    course.add(f"ada/{NAME}", sheet())
    with pytest.raises(CollectError, match=r"^The pattern .* Write one such as"):
        course.collect(pattern)
