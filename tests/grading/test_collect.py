"""Which file of a student counts, what a class is, and what a second run does."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from mmcourse.grading.collecting.collect import CollectError, collect, find_strays
from tests.grading.handed_in import ASSIGNMENT, CELLS, NAME, packed, sheet

ROOT = Path(__file__).resolve().parents[2]
MOODLE = "Ada Lovelace_123456_assignsubmission_file_"

# -- which of several counts


def test_the_right_name_goes_before_a_better_fit(course):
    course.add(f"ada/{NAME}", sheet("right", CELLS[:2]))
    course.add("ada/Untitled.ipynb", sheet("wrong"))
    found = course.only()
    assert list(course.collected().values()) == [sheet("right", CELLS[:2])]
    assert found.notes == (f"left out: 'Untitled.ipynb': '{NAME}' counts",)


def test_of_wrong_names_the_best_fit_counts(course):
    course.add("ada/a.ipynb", sheet("half", CELLS[:2]))
    course.add("ada/b.ipynb", sheet("whole"))
    course.add("ada/c.ipynb", sheet("half", CELLS[2:]))
    course.add(f"eve/{NAME}", sheet("eve"))
    found = course.collect()["ada"]
    assert found.notebook.read_bytes() == sheet("whole")
    assert found.notes[0] == f"the file is called 'b.ipynb', not '{NAME}'"
    assert len(found.notes) == 3


def test_the_right_name_on_another_sheet_does_not_count(course):
    course.add(f"ada/{NAME}", sheet("other", ("setup", "x", "y", "z")))
    course.add("ada/mine.ipynb", sheet("mine"))
    found = course.only()
    assert found.notebook.read_bytes() == sheet("mine")
    assert any("the sheet of another assignment" in note for note in found.notes)


@pytest.mark.parametrize("suffix", ["-{}", "({})", " ({})"])
def test_a_copy_with_the_larger_number_is_newer(course, suffix):
    for number in (2, 10, 9):
        name = ASSIGNMENT + suffix.format(number)
        course.add(f"lovelaceada_1_4_{name}.ipynb", sheet(str(number)))
    course.add(f"lovelaceada_1_4_{NAME}", sheet("0"))
    assert course.only().notebook.read_bytes() == sheet("10")


def test_of_very_many_notebooks_the_right_name_is_read_first(course):
    for number in range(30):
        course.add(f"ada/{number}.ipynb", sheet(str(number), CELLS[:1]))
    course.add(f"ada/z/{NAME}", sheet("right"))
    course.add("eve.ipynb", sheet())
    found = course.collect()["ada"]
    assert found.notebook.read_bytes() == sheet("right")
    assert "21 more notebooks were not looked at" in found.notes


def test_a_newer_copy_counts_even_with_fewer_cells(course):
    course.add(f"lovelaceada_1_4_{NAME}", sheet("old"))
    course.add(f"lovelaceada_1_5_{ASSIGNMENT}-1.ipynb", sheet("new", CELLS[:3]))
    assert course.only().notebook.read_bytes() == sheet("new", CELLS[:3])


def test_jupyters_copy_is_no_newer_version(course):
    course.add(f"ada/{NAME}", sheet("right"))
    course.add(f"ada/{ASSIGNMENT}-Copy1.ipynb", sheet("copy"))
    assert course.only().notebook.read_bytes() == sheet("right")


def test_the_newest_attempt_counts_even_under_a_wrong_name(course):
    head = "20 Sleep study_ada_attempt_2026-11"
    course.add(f"{head}-09-10-20-33_{NAME}", sheet("old"))
    course.add(f"{head}-28-10-20-33_final.ipynb", sheet("new"))
    course.add(f"{head}-27-10-20-33_{NAME}", sheet("middle"))
    assert course.only().notebook.read_bytes() == sheet("new")


def test_an_attempt_that_can_not_be_graded_gives_way(course):
    head = f"{ASSIGNMENT}+2026-11"
    course.add(f"ada+{head}-27 10:20:33 UTC/{NAME}", sheet("old"))
    course.add(f"ada+{head}-28 10:20:33 UTC/{NAME}", b"{")
    found = course.only()
    assert found.notebook.read_bytes() == sheet("old")
    assert any("its JSON is broken" in note for note in found.notes)


def test_of_the_same_names_in_a_zip_the_newest_counts(course):
    def at(path, year):
        return zipfile.ZipInfo(path, (year, 1, 1, 0, 0, 0))

    files = [("ada/a/", 2025), ("ada/b/", 2027), ("ada/c/", 2026)]
    entries = [(at(f"{path}{NAME}", year), sheet(path)) for path, year in files]
    course.zipped([*entries, (at("eve.ipynb", 2026), sheet())])
    found = course.collect()["ada"]
    assert found.notebook.read_bytes() == sheet("ada/b/")
    assert f"left out: 'a/{NAME}': 'b/{NAME}' counts" in found.notes


def test_what_is_for_another_assignment_is_said(course):
    course.add(f"ada+p1+2026-11-28 10:20:33 UTC/{NAME}", sheet())
    course.add("eve/p1/p1.ipynb", sheet("other", ("x", "y")))
    course.add(f"eve/{ASSIGNMENT}/{NAME}", sheet())
    found = course.collect()
    assert "it is for assignment 'p1'" in found["ada"].problem
    assert found["eve"].problem == "" and found["eve"].notes == ()


def test_the_real_sheets_are_told_apart(course):
    real = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "exercises").glob("*/*.ipynb"))
    }
    assert len(real) > 3
    for name, content in real.items():
        course.add(f"{name}.ipynb", json.dumps(content).encode())
    marks = [c["metadata"].get("nbgrader", {}) for c in real[ASSIGNMENT]["cells"]]
    cells = {mark["grade_id"] for mark in marks if mark}
    found = collect(course.source, "20_sleepstudy", cells, course.into)
    right = [one.name for one in found if not one.problem]
    assert right == [ASSIGNMENT]
    assert all(
        one.problem.endswith("belong here") or one.problem.endswith("belongs here")
        for one in found
        if one.name != ASSIGNMENT
    )


# -- ZIPs of students, folders around all


@pytest.mark.parametrize("path", [f"{MOODLE}/work.zip", "ada.zip", "a_1_2_my.zip"])
@pytest.mark.parametrize("inner", [NAME, f"work/{NAME}", f"{ASSIGNMENT}/{NAME}"])
def test_a_zip_of_a_student_is_looked_into(course, path, inner):
    course.add(path, packed({inner: sheet(), "__MACOSX/._x.ipynb": b"\0"}))
    course.add("eve.ipynb", sheet("eve"))
    (found,) = (one for one in course.collect().values() if one.student != "eve")
    assert found.notebook.read_bytes() == sheet()
    assert found.notes == ()


def test_a_zip_in_a_zip_of_a_student_is_not(course):
    course.add("ada/work.zip", packed({"more.zip": packed({NAME: sheet()})}))
    found = course.only()
    assert (
        "'work.zip/more.zip': an archive in a ZIP is not looked into" in found.problem
    )


def test_other_archives_are_named(course):
    course.add("ada/work.7z", b"7z")
    course.add("eve.tar.gz", b"\x1f\x8b")
    found = course.collect()
    assert "'work.7z': only ZIPs are looked into" in found["ada"].problem
    assert "only ZIPs are looked into" in found["eve"].problem


@pytest.mark.parametrize("around", ["submissions", "a/b/c"])
def test_a_folder_around_all_is_no_person(course, around):
    course.zipped({f"{around}/{name}/{NAME}": sheet() for name in ("ada", "eve")})
    assert set(course.collect()) == {"ada", "eve"}


def test_a_class_of_one_is_that_student(course):
    course.add(f"ada/{NAME}", sheet())
    course.add("ada/notes.ipynb", sheet("notes"))
    assert course.only().student == "ada"


ONES = {
    MOODLE: ("a/x.ipynb", "b/y.ipynb", "z.ipynb"),
    "alovelace": (f"{ASSIGNMENT}/x.ipynb", "p1/p1.ipynb", "p2/p2.ipynb"),
}


@pytest.mark.parametrize("top", ONES)
def test_one_student_with_many_folders_is_no_class(course, top):
    for file in ONES[top]:
        course.add(f"{top}/{file}", sheet())
    assert "lovelace" in course.only().student.lower()


def test_an_export_in_a_folder_of_its_own_is_opened(course):
    files = {f"{name}_1_assignsubmission_file_/{NAME}": sheet() for name in "ab"}
    course.add("class.zip", packed({f"class/{path}": files[path] for path in files}))
    assert set(course.collect()) == {"a_1", "b_1"}


def test_an_export_among_others_is_not_taken_for_a_student(course):
    files = {f"{name}_1_assignsubmission_file_/{NAME}": sheet() for name in "ab"}
    course.add("group1.zip", packed(files))
    course.add(f"ada/{NAME}", sheet())
    found = course.collect()
    assert "what several people handed in" in found["group1"].problem
    assert "people: 'a_1', 'b_1'" in found["group1"].notes
    assert found["ada"].problem == ""


def test_what_is_nobodys_is_listed(course):
    course.add("alovelace.ipynb", sheet())
    for name in (
        "grades.csv",
        "readme.txt",
        ".DS_Store",
        "._alovelace.ipynb",
        ".git/x",
    ):
        course.add(name)
    assert set(course.collect()) == {"alovelace"}
    assert course.strays() == ["grades.csv", "readme.txt"]


def test_names_that_do_not_say_whose_the_file_is(course):
    course.add(NAME, sheet())
    course.add(f"{ASSIGNMENT} (1).ipynb", sheet("1"))
    found = course.collect()
    assert len(found) == 2
    assert all("does not say whose it is" in one.notes[0] for one in found.values())


# -- again, and what can't be used at all


def test_a_second_run_changes_nothing_that_is_the_same(course):
    ada, eve = course.add(f"ada/{NAME}", sheet()), course.add("eve/x.ipynb", sheet("e"))
    first = course.collect()
    times = {one.notebook: one.notebook.stat().st_mtime_ns for one in first.values()}
    inodes = {one.notebook: one.notebook.stat().st_ino for one in first.values()}
    eve.write_bytes(sheet("new"))
    assert course.collect() == first
    kept, changed = first["ada"].notebook, first["eve"].notebook
    assert kept.stat().st_mtime_ns == times[kept] and kept.stat().st_ino == inodes[kept]
    assert (
        changed.read_bytes() == sheet("new")
        and changed.stat().st_ino != inodes[changed]
    )
    assert ada.exists()


def test_a_notebook_that_no_longer_counts_is_removed(course):
    file = course.add(f"ada/{NAME}", sheet())
    (course.into / "ada" / ASSIGNMENT).mkdir(parents=True)
    (course.into / "ada" / ASSIGNMENT / "timestamp.txt").write_text("2026")
    course.collect()
    file.write_bytes(b"{")
    found = course.only()
    assert "the notebook of an earlier run was removed" in found.notes
    assert list(course.collected()) == [f"ada/{ASSIGNMENT}/timestamp.txt"]


def test_ids_stay_when_others_join(course):
    names = ["Ada", "a b", "ß", "Zoë", "x" * 200]
    for name in names:
        course.add(f"{name}/{NAME}", sheet(name))
    first = {one.name: one.student for one in course.collect().values()}
    for name in ("ada", "a_b", "ss", "Zoe", "a.b", "A b"):
        course.add(f"{name}/{NAME}", sheet(name))
    again = {one.name: one.student for one in course.collect().values()}
    assert first.items() <= again.items() and len(again) == 11
    assert len(course.collected()) == 11


@pytest.mark.parametrize("content", [None, {}, {"marks.csv": b""}, {"__MACOSX/x": b""}])
def test_a_source_without_submissions(course, content):
    if content is None:
        course.source.mkdir()
    else:
        course.zipped(content)
    with pytest.raises(CollectError, match="holds no submission"):
        course.collect()


def test_a_source_that_is_not_there_or_no_archive(course):
    with pytest.raises(CollectError, match=r"is not there\. Name the folder"):
        course.collect()
    with pytest.raises(CollectError, match="is not there"):
        find_strays(course.source, ASSIGNMENT)
    course.source.write_bytes(b"no ZIP")
    with pytest.raises(CollectError, match="can't be used: it is not a ZIP"):
        course.collect()


@pytest.mark.parametrize("into", [".", "inside", ".."])
def test_source_and_target_must_lie_apart(course, into):
    course.add(f"ada/{NAME}", sheet())
    with pytest.raises(CollectError, match="lie in each other"):
        collect(course.source, ASSIGNMENT, CELLS, course.source / into)


@pytest.mark.parametrize("assignment", ["../x", "", ".x", "a b", "a/b"])
def test_an_assignment_is_a_name(course, assignment):
    with pytest.raises(ValueError, match="`assignment` is"):
        collect(course.source, assignment, CELLS, course.into)
