"""Ids of students: for any names safe, distinct, and the same when others join."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmcourse.grading.collecting.archives import split_path
from mmcourse.grading.collecting.entries import Entry, is_junk, readable
from mmcourse.grading.collecting.ids import give_ids, own_id
from mmcourse.grading.collecting.naming import Label, read_label
from mmcourse.grading.collecting.people import sort_out
from tests.grading.handed_in import ASSIGNMENT, NAME, Course, packed, sheet

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*", re.A)
LONGEST = 120  # a folder's name has 255 bytes at the most

# Letters that are likely to clash.
NAMES = st.text(alphabet="aAbB _.-/\\äÄ\u0308é\u202e1", max_size=6) | st.text(
    max_size=30
)
NUMBERS = st.just("") | st.from_regex(r"[0-9]{1,20}", fullmatch=True)
PEOPLE = st.lists(st.tuples(NAMES, NUMBERS), max_size=7, unique=True)


def labels(people):
    return [Label(f"{name}_{number}", name, number=number) for name, number in people]


def unique(people):
    """Return labels with distinct keys."""
    return list({label.key: label for label in labels(people)}.values())


@settings(deadline=None, derandomize=True)
@given(PEOPLE)
@example([("Ada", ""), ("ada", ""), ("ADA", "")])
@example([("CON", ""), ("nul.txt", ""), ("..", ""), (".", ""), ("", ""), ("-x", "")])
@example([("x" * 5000, ""), ("x" * 5001, ""), ("é" * 400, "1" * 400)])
def test_ids_are_safe_and_distinct(people):
    ids = list(give_ids(unique(people)).values())
    assert len({one.casefold() for one in ids}) == len(ids) == len(unique(people))
    for one in ids:
        assert SAFE.fullmatch(one) and len(one) <= LONGEST, one
        assert one.rstrip(".") == one and one.casefold() not in ("con", "nul", "aux")


@settings(deadline=None, derandomize=True)
@given(PEOPLE, PEOPLE, st.randoms())
def test_ids_do_not_depend_on_the_order_or_on_who_joins_later(people, more, random):
    first = give_ids(unique(people))
    everybody = unique([*people, *more])
    random.shuffle(everybody)
    again = give_ids(everybody, taken=first.values())
    alike = {own_id(label).casefold() for label in unique(people)}
    crowded = len(alike) < len(unique(people))
    if not crowded:
        assert first.items() <= again.items()
    assert give_ids(everybody[::-1], taken=first.values()) == again


@settings(deadline=None, derandomize=True)
@given(PEOPLE, PEOPLE)
def test_only_those_who_differ_by_case_alone_look_at_each_other(people, more):
    """In a fresh folder, too: a code comes from the name, not from who is there."""
    first, again = give_ids(unique(people)), give_ids(unique([*people, *more]))
    own = [own_id(label).casefold() for label in unique([*people, *more])]
    for key, one in first.items():
        assert one == again[key] or own.count(one.casefold()) > 1


def test_both_ways_to_write_an_accent_are_the_same_person_in_another_run():
    forms = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
    one, other = (give_ids([Label(form, form)])[form] for form in forms)
    assert one == other
    assert len(set(give_ids([Label(form, form) for form in forms]).values())) == 2


def test_who_has_an_id_keeps_it_when_another_case_of_it_joins():
    for name in ("bob", "BOB"):
        first = give_ids([Label(name, name)])
        both = [Label(other, other) for other in ("BOB", "bob")]
        again = give_ids(both, taken=first.values())
        assert again[name] == first[name] == name
        assert give_ids(both, taken=again.values()) == again


CLASHES = [("Ada", "ada"), ("a b", "a_b"), ("a+b", "a b"), ("Zoë", "Zoe"), ("ß", "ss")]


@pytest.mark.parametrize("pair", CLASHES)
def test_names_that_look_alike_are_both_kept_and_said(course, pair):
    for name in pair:
        course.add(f"{name}/{NAME}", sheet(name))
    found = {one.name: one for one in course.collect().values()}
    for name, other in (pair, pair[::-1]):
        assert found[name].notebook.read_bytes() == sheet(name)
        assert f"is told apart from that of '{other}'" in found[name].notes[0]


FOLDERS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(FOLDERS, min_size=1, max_size=6, unique=True))
@example([f"Ada_1_assignsubmission_file_{i}" for i in range(2)])
@example([".git", "__MACOSX", "..", "/", "\\", "C:", "~$x", "a.csv", ".ada", "a/../b"])
def test_everybody_in_a_zip_is_in_the_list(names):
    """Whoever a folder is called, its notebook is collected, or it is said why not."""
    with tempfile.TemporaryDirectory() as folder:
        files = [(f"{name}/{NAME}", sheet(name)) for name in names]
        course = Course(Path(folder)).zipped([*files, ("eve.ipynb", sheet("eve"))])
        found = course.collect()
        assert course.collect() == found
        kept = course.collected().values()
    for student, one in found.items():
        assert SAFE.fullmatch(student)
        assert one.name == readable(one.name) and one.name
        assert (one.notebook is None) == bool(one.problem)
    for path, data in files:
        parts, _ = split_path(path)
        if any(is_junk(part) or part.startswith(".") for part in parts):
            continue
        label = read_label(parts[0], ASSIGNMENT)
        name = readable(label.name) or own_id(label)
        (owner, *_) = [one for one in found.values() if one.name == name]
        said = owner.problem or any("left out" in note for note in owner.notes)
        assert data in kept or said


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60), st.sampled_from(["", ".ipynb", ".zip", ".pdf"]))
def test_any_name_has_a_label(top, ending):
    label = read_label(top + ending, ASSIGNMENT)
    assert SAFE.fullmatch(own_id(label))
    people, strays = sort_out([Entry((top + ending, NAME))], ASSIGNMENT)
    assert len(people) + len(strays) <= 1


def test_long_names_are_read_fast():
    """A pattern that goes back and forth would take minutes."""
    for long in ("a_" * 30_000, "_" * 60_000, "1_" * 30_000, "_attempt_2026-" * 5_000):
        for name in (long, long[:990], f"{long}.ipynb", f"{long[:990]}.ipynb"):
            assert SAFE.fullmatch(own_id(read_label(name, ASSIGNMENT)))


def test_what_people_read_can_not_fool_them(course):
    name = "Ada\u202eecalevoL\x1b[31m\n\u200b_5_assignsubmission_file_"
    course.zipped([(f"{name}/x\u202ebpyni.ipynb", sheet())])
    found = course.only()
    assert found.name == "Ada ecalevoL [31m"
    assert found.student == "Ada_ecalevoL_31m_5"
    assert "\u202e" not in str(found.notes)


def test_a_nested_archive_keeps_its_owner(course):
    course.add("Ada Lovelace.zip", packed({NAME: sheet()}))
    course.add("eve.ipynb", sheet("eve"))
    names = {one.name for one in course.collect().values()}
    assert names == {"Ada Lovelace", "eve"}
