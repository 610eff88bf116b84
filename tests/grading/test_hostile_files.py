"""What a submission may be instead of a sheet: nobody is lost, nothing gets out."""

from __future__ import annotations

import copy
import os
import stat
import struct
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmcourse.grading.collecting import archives, collect, entries
from tests.grading.handed_in import ASSIGNMENT, NAME, Course, packed, sheet

SECRET = sheet("secret")
CLASS = f"eve/{NAME}"  # somebody else, who must be graded all the same


def ada_beside_eve(course: Course, why: str) -> None:
    """Hold that Ada gets a problem and no notebook, and Eve her notebook."""
    found = course.collect()
    assert set(found) == {"ada", "eve"}
    ada, eve = found["ada"], found["eve"]
    assert ada.notebook is None and why in ada.problem, ada
    assert eve.problem == "" and eve.notes == ()
    assert list(course.collected()) == [f"eve/{ASSIGNMENT}/{NAME}"]


@pytest.fixture
def secret(course: Course) -> Path:
    """Return a file outside the export."""
    course.add(CLASS, sheet("eve"))
    file = course.root / "secret.ipynb"
    file.write_bytes(SECRET)
    return file


# -- in a folder


@pytest.mark.parametrize("place", [NAME, "sub/x.ipynb", "work.zip"])
def test_a_symbolic_link_is_not_followed(course, secret, place):
    link = course.source / "ada" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    ada_beside_eve(course, f"'{place}': it is a link")


@pytest.mark.parametrize("target", ["/", ".", "../..", "nowhere"])
@pytest.mark.parametrize("place", ["ada", "ada/more"])
def test_a_link_to_a_folder_is_not_followed(course, secret, place, target):
    link = course.source / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(target)
    ada_beside_eve(course, "it is a link")


def test_a_hard_link_may_be_a_file_outside(course, secret):
    (course.source / "ada").mkdir()
    os.link(secret, course.source / "ada" / NAME)
    ada_beside_eve(course, "it is a hard link")


@pytest.mark.parametrize("place", [NAME, "work.zip"])
def test_a_pipe_is_never_opened(course, secret, place):
    (course.source / "ada").mkdir()
    os.mkfifo(course.source / "ada" / place)
    ada_beside_eve(course, f"'{place}': it is not an ordinary file")


def test_a_file_that_became_a_pipe_or_link_is_not_read(tmp_path):
    """Between listing and reading; reading a pipe would wait forever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(entries.UnreadableError, match="not an ordinary file"):
        entries.read_file(tmp_path / "pipe", 100)
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(entries.UnreadableError, match="can't be read"):
        entries.read_file(tmp_path / "link", 100)


def test_an_empty_folder_is_a_person(course, secret):
    (course.source / "ada").mkdir()
    ada_beside_eve(course, "there is no notebook in what was handed in")


@pytest.mark.parametrize("hidden", [".hidden", ".ipynb_checkpoints", "__MACOSX"])
def test_hidden_files_do_not_count(course, secret, hidden):
    course.add(f"ada/{hidden}/{NAME}", SECRET)
    course.add("ada/._x.ipynb", SECRET)
    ada_beside_eve(course, "there is no notebook")


def test_a_notebook_that_is_a_folder(course, secret):
    (course.source / "ada" / NAME).mkdir(parents=True)
    ada_beside_eve(course, f"'{NAME}': it is a folder, not a notebook")


def test_what_may_not_be_read_is_said(course, secret, monkeypatch):
    course.add(f"ada/{NAME}", sheet())
    (course.source / "bob").mkdir()
    real_open, real_scandir = os.open, os.scandir

    def refuse(real, name):
        def call(path, *rest):
            if name in str(path):
                raise PermissionError(13, "Permission denied")
            return real(path, *rest)

        return call

    monkeypatch.setattr(os, "open", refuse(real_open, "export/ada"))
    monkeypatch.setattr(os, "scandir", refuse(real_scandir, "export/bob"))
    found = course.collect()
    assert f"'{NAME}': it can't be read (Permission denied)" in found["ada"].problem
    assert "it can't be listed (Permission denied)" in found["bob"].problem
    assert found["eve"].problem == ""


def test_a_file_that_is_too_large(course, secret):
    with course.add(f"ada/{NAME}").open("r+b") as file:
        file.truncate(20_000_001)
    ada_beside_eve(course, f"'{NAME}': it is larger than 20 MB")


def test_too_many_files_of_one_hide_nobody_else(tmp_path):
    for name in ("ada", "eve"):
        (tmp_path / name).mkdir()
    for number in range(9):
        (tmp_path / "ada" / f"{number}.txt").touch()
    (tmp_path / "eve" / NAME).touch()
    found = entries.list_folder(tmp_path, most=5)
    assert [e.where for e in found if e.fault] == ["ada/4.txt"]
    assert f"eve/{NAME}" in [entry.where for entry in found]
    assert len(found) == 8


def test_folders_in_folders_end(course, secret):
    place = course.source / "ada" / "/".join("d" * 40)
    place.mkdir(parents=True)
    (place / NAME).write_bytes(SECRET)
    ada_beside_eve(course, "there is no notebook")


def test_only_the_notebook_is_kept(course):
    for name in (NAME, "mmcourse.py", "data/gpa.csv", "a.so", "b", "c", "d"):
        course.add(f"ada/{name}", sheet())
    found = course.only()
    assert list(course.collected()) == [f"ada/{ASSIGNMENT}/{NAME}"]
    assert found.notes == (
        "other files were left out: 'a.so', 'b', 'c', 'd', 'mmcourse.py', "
        "... (6 in all)",
    )


# -- in a ZIP


PATHS = {
    f"../../ada/{NAME}": archives.OUTSIDE,
    f"/ada/{NAME}": archives.OUTSIDE,
    f"C:\\ada\\{NAME}": archives.OUTSIDE,
    f"\\\\ada\\{NAME}": archives.OUTSIDE,
    f"ada/../../../{NAME}": archives.OUTSIDE,
    f"ada\\..\\{NAME}": archives.OUTSIDE,
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("nested", [False, True])
def test_paths_that_lead_out_of_a_zip(course, path, nested):
    if nested:
        course.add(CLASS, sheet("eve"))
        course.add("ada/work.zip", packed({path: SECRET}))
    else:
        course.zipped({CLASS: sheet("eve"), path: SECRET})
    before = {file for file in course.root.rglob("*") if file.is_file()}
    ada_beside_eve(course, PATHS[path])
    written = {file for file in course.root.rglob("*") if file.is_file()} - before
    assert written == {course.into / "eve" / ASSIGNMENT / NAME}


def test_a_backslash_of_windows_is_a_slash(course):
    course.zipped({f"ada\\{NAME}": sheet(), "eve\\empty\\": b""})
    found = course.collect()
    assert found["ada"].problem == "" and "no notebook" in found["eve"].problem


def test_a_nul_in_a_name(course):
    data = packed({f"ada/{NAME}#.txt": SECRET, CLASS: sheet("eve")})
    course.source.write_bytes(data.replace(b"#.txt", b"\0.txt"))
    ada_beside_eve(course, "its name holds a NUL")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_an_entry_that_is_no_file(course, kind):
    info = zipfile.ZipInfo(f"ada/{NAME}")
    info.external_attr = (kind | 0o777) << 16
    course.zipped([(info, b"/etc/passwd"), (CLASS, sheet("eve"))])
    ada_beside_eve(
        course, "it is a link" if kind == stat.S_IFLNK else "not an ordinary"
    )


def nested(course: Course, data: bytes) -> Course:
    """Put a ZIP of Ada's beside Eve's sheet."""
    course.add(CLASS, sheet("eve"))
    course.add("ada/work.zip", data)
    return course


def test_a_zip_bomb_of_one_file(course):
    bomb = packed({NAME: b" " * 19_000_000})
    assert len(bomb) < 20_000
    ada_beside_eve(nested(course, bomb), "it unpacks to more than 200 times its size")


def test_a_zip_of_a_file_that_is_too_large(course):
    data = packed({NAME: b" " * 20_000_001})
    ada_beside_eve(nested(course, data), f"'work.zip/{NAME}': it is larger than 20 MB")


def test_a_zip_that_lies_about_sizes(course):
    """The list says 1 byte, so 1 byte is unpacked, and its checksum is wrong."""
    data = packed({NAME: b" " * 3_000_000})
    found = struct.pack("<L", 3_000_000)
    assert data.count(found) == 2
    lies = data.replace(found, struct.pack("<L", 1))
    ada_beside_eve(nested(course, lies), "the archive is damaged there (BadZipFile)")


def test_a_zip_that_would_unpack_to_very_much(course, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 2_000_000)
    data = packed({NAME: sheet(), "a": b" " * 10**6, "b": b" " * 10**6})
    ada_beside_eve(nested(course, data), "it would unpack to more than 2 MB")


def test_a_zip_of_very_many_files_is_not_even_listed(course, monkeypatch):
    data = packed({f"{number}.txt": b"" for number in range(10_001)})
    course = nested(course, data)
    monkeypatch.setattr(archives, "_opened", lambda file: pytest.fail("was opened"))
    ada_beside_eve(course, "'work.zip': it holds more than 10000 files")


def test_a_zip_whose_entries_overlap(course):
    """Two names in the list for the same bytes, as in the bombs of Fifield."""
    with zipfile.ZipFile(course.root / "x.zip", "w") as archive:
        archive.writestr(NAME, sheet())
        (first,) = archive.filelist
        second = copy.copy(first)
        second.filename = "b" + NAME[1:]
        archive.filelist.append(second)
    data = (course.root / "x.zip").read_bytes()
    ada_beside_eve(nested(course, data), "its entries overlap")


def test_a_zip_with_a_password(course):
    data = bytearray(packed({NAME: sheet()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    ada_beside_eve(nested(course, bytes(data)), "it is locked with a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_packed_otherwise(course, method):
    with zipfile.ZipFile(course.root / "x.zip", "w", method) as archive:
        archive.writestr(NAME, sheet())
    data = (course.root / "x.zip").read_bytes()
    ada_beside_eve(nested(course, data), "packed in a way that is not read here")


def test_a_zip_with_a_wrong_checksum(course):
    with zipfile.ZipFile(course.root / "x.zip", "w") as archive:
        archive.writestr(NAME, sheet("right"))
    data = (course.root / "x.zip").read_bytes().replace(b"right", b"wrong")
    ada_beside_eve(nested(course, data), "the archive is damaged there (BadZipFile)")


def test_no_zip_at_all(course):
    ada_beside_eve(nested(course, b"PK\x03\x04..."), "it is not a ZIP, or damaged")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_a_damaged_zip_stops_nobody(data):
    """Any bytes changed or cut off: Ada is in the list, Eve is graded."""
    whole = bytearray(packed({NAME: sheet(), "more/x.ipynb": sheet("more")}))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        course = nested(Course(Path(folder)), bytes(whole[:cut]))
        found = course.collect()
        assert set(found) == {"ada", "eve"} and found["eve"].problem == ""
        assert (found["ada"].notebook is None) == bool(found["ada"].problem)
        assert "could not be collected" not in found["ada"].problem


def test_the_same_name_twice_in_a_zip(course):
    with pytest.warns(UserWarning, match="Duplicate name"):
        course.zipped([(f"ada/{NAME}", sheet("1")), (f"ada/{NAME}", sheet("2"))])
    found = course.only()
    assert found.problem == "" and len(found.notes) == 1


def test_an_export_that_is_damaged_or_a_bomb_is_refused(course):
    course.source.write_bytes(packed({CLASS: sheet()})[:-30])
    with pytest.raises(collect.CollectError, match="Export the submissions once more"):
        course.collect()


def test_names_of_macos_that_do_not_say_they_are_utf8(course):
    name = unicodedata.normalize("NFD", "Zoë_3_assignsubmission_file_")
    data = packed({f"{name}/{NAME}": sheet(), CLASS: sheet("eve")})
    flag = struct.pack("<H", 0x800)
    assert data.count(b"\x14\x00" + flag) == 2  # in the entry and in the list
    course.source.write_bytes(data.replace(b"\x14\x00" + flag, b"\x14\x00\0\0"))
    assert course.collect()["Zoe_3"].name == "Zoë"


# -- where it is written


@pytest.mark.parametrize("level", ["ada", f"ada/{ASSIGNMENT}"])
def test_a_link_among_the_collected_is_not_written_through(course, secret, level):
    course.add(f"ada/{NAME}", sheet())
    outside = course.root / "outside"
    outside.mkdir()
    link = course.into / level
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    found = course.collect()
    assert "it could not be written" in found["ada"].problem
    assert "is a link" in found["ada"].problem and found["ada"].notebook is None
    assert list(outside.iterdir()) == [] and found["eve"].problem == ""


def test_a_link_in_the_notebooks_place_is_replaced(course, secret):
    course.add(f"ada/{NAME}", sheet("new"))
    file = course.into / "ada" / ASSIGNMENT / NAME
    file.parent.mkdir(parents=True)
    file.symlink_to(secret)
    file.with_name(f".{ASSIGNMENT}.part").symlink_to(
        secret
    )  # of a run that was stopped
    course.collect()
    assert not file.is_symlink() and file.read_bytes() == sheet("new")
    assert secret.read_bytes() == SECRET


def test_a_folder_in_the_notebooks_place_stops_nobody(course, secret):
    course.add(f"ada/{NAME}", sheet())
    (course.into / "ada" / ASSIGNMENT / NAME / "x").mkdir(parents=True)
    found = course.collect()
    assert "it could not be written" in found["ada"].problem
    assert found["eve"].problem == ""


def test_what_nobody_thought_of_stops_nobody(course, secret, monkeypatch):
    course.add(f"ada/{NAME}", sheet())
    real = collect.choose

    def stumble(person, *rest):
        if person.label.name == "ada":
            raise MemoryError("full")
        return real(person, *rest)

    monkeypatch.setattr(collect, "choose", stumble)
    ada_beside_eve(course, "it could not be collected (MemoryError: full)")
