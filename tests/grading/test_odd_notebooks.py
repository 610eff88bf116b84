"""Notebooks that nbgrader would stumble over are mended, or refused with a reason."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmcourse.grading.collecting.notebooks import MOST_PARTS, read_sheet
from tests.grading.handed_in import CELLS, NAME, cell, notebook, sheet

TEXT = sheet("x = 'Zoë'").decode()


def read(content):
    """Return a sheet from what JSON is to hold."""
    return read_sheet(json.dumps(content).encode(), CELLS)


def test_what_is_right_stays_byte_for_byte():
    data = json.dumps(json.loads(TEXT), ensure_ascii=False, indent=3).encode()
    found = read_sheet(data, CELLS)
    assert (found.data, found.fit, found.notes, found.problem) == (data, 4, (), "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(encoding):
    text = json.dumps(json.loads(TEXT), ensure_ascii=False)
    found = read_sheet(text.encode(encoding), CELLS)
    assert json.loads(found.data.decode("utf-8")) == json.loads(TEXT)
    assert found.notes[0].startswith("it was written as UTF-")
    assert found.notes[0].endswith("and is read as UTF-8")


BROKEN = {
    b"": "it is empty",
    b" \n": "it is empty",
    TEXT.encode()[:-3]: "its JSON is broken (line 1, column",
    b"[1, 2": "its JSON is broken",
    b"\xff\xfe": "its JSON is broken",
    "x = 'Zoë'".encode("latin-1"): "it is not text (byte 8 is not UTF-8)",
    TEXT.encode().replace(b"setup", b"\xed\xa0\x80"): "it is not text (byte",
    b"\0" * 100: "its JSON is broken",
    b"<!DOCTYPE html><title>Log in</title>": "it is a web page, not a notebook",
    b"PK\x03\x04 and so on": "it is a ZIP",
    b"%PDF-1.7": "it is a PDF",
    b"[" * 100_000: "its JSON is nested deeper than 100 levels",
    b"[" * 150 + b"]" * 150: "its JSON is nested deeper than 100 levels",
    b"[" + b"[]," * MOST_PARTS + b"[]]": "it holds more than 500000 lists",
    b'{"a": %s}' % (b"9" * 5000): "it holds a number with thousands of digits",
    b"[]": "it is JSON, but not a notebook",
    b"null": "it is JSON, but not a notebook",
    b'{"cells": []}': "it names no format",
}


@pytest.mark.parametrize("data", BROKEN, ids=lambda data: repr(data[:12]))
def test_files_that_are_no_notebook(data):
    found = read_sheet(data, CELLS)
    assert found.problem.startswith("it") and BROKEN[data] in found.problem
    assert found.data == b""


WRONG = {
    "old": {"nbformat": 3, "worksheets": [{"cells": []}]},
    "new": notebook(nbformat=5),
    "true": notebook(nbformat=True),
    "no cells": {"nbformat": 4},
    "cells": notebook() | {"cells": {"a": 1}},
    "text": notebook("text"),
    "type": notebook(cell("setup", cell_type="heading")),
    "list": notebook(cell("setup", cell_type=["code"])),
    "source": notebook(cell("setup", source=None)),
    "lines": notebook(cell("setup", source=["a", 1])),
    "deep": notebook(cell("setup", metadata=json.loads("[" * 99 + "]" * 99))),
}


@pytest.mark.parametrize("name", WRONG)
def test_notebooks_that_can_not_be_graded(name):
    assert read(WRONG[name]).problem


def test_an_old_notebook_says_what_to_do():
    assert read(WRONG["old"]).problem == (
        "it is in notebook format 3, and sheets are in format 4: open and save it in "
        "JupyterLab"
    )


@pytest.mark.parametrize("metadata", [None, [], "x", 1])
def test_cells_without_metadata_are_mended(metadata):
    bare = {"cell_type": "code", "source": "1"}
    odd = {"cell_type": "markdown", "source": ["a"], "metadata": metadata}
    marked = cell("setup", metadata={"nbgrader": {"grade_id": "setup"}, "x": metadata})
    none = cell(metadata={"nbgrader": metadata})
    content = {"nbformat": 4, "cells": [bare, odd, marked, none]}
    found = read(content)
    assert found.problem == "" and len(found.notes) == 1
    mended = nbformat.reads(found.data.decode(), as_version=4)
    nbformat.validate(mended)
    assert mended.cells[3].metadata == {}
    assert [one.source for one in mended.cells] == ["1", "a", "1", "1"]


def test_outputs_that_are_none_are_left_out():
    found = read(notebook(cell("setup", outputs=["text"]), cell("x", outputs=None)))
    assert [one["outputs"] for one in json.loads(found.data)["cells"]] == [[], []]


def test_numbers_that_json_has_not():
    content = notebook(cell("setup", outputs=[{"data": [1.5, float("nan")]}]))
    data = json.dumps(content).replace("1.5", "1.5, -Infinity").encode()
    found = read_sheet(data, CELLS)
    values = json.loads(found.data, parse_constant=pytest.fail)["cells"][0]["outputs"]
    assert values == [{"data": [1.5, None, None]}]
    assert found.notes == (
        "numbers that are none in JSON (NaN, Infinity) are read as null",
    )


@pytest.mark.parametrize("escape", ["\\ud800", "\\uDC00x", "\\uD83D \\uDE00"])
def test_halves_of_characters_would_stop_nbgrader_from_writing(escape):
    data = TEXT.replace("x = ", f"# {escape} x = ").encode()
    found = read_sheet(data, CELLS)
    assert found.notes == ("halves of characters are read as '?'",)
    assert "# ?" in found.data.decode("utf-8")


def test_whole_characters_in_escapes_stay():
    data = TEXT.replace("x = ", "# \\ud83d\\ude00 x = ").encode()
    assert read_sheet(data, CELLS).data == data


def test_other_sheets_and_no_sheets():
    other = read(notebook(*map(cell, ("setup", "a", "b"))))
    assert other.problem == (
        "it is the sheet of another assignment: of its 3 marked cells 1 belongs here"
    )
    assert (
        read(notebook(cell())).problem
        == "it is not a sheet: no cell is marked for grading"
    )
    odd = notebook(cell(metadata={"nbgrader": {"grade_id": ["setup"]}}))
    assert "no cell is marked" in read(odd).problem
    assert read(notebook(cell("setup"), cell("mine"))).problem == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "metadata", "nbgrader", "grade_id", "source"])
            | st.sampled_from(["cell_type", "outputs", "nbformat", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, derandomize=True)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_json_is_mended_or_refused(metadata, outputs, more):
    content = notebook(cell("setup"), cell(metadata=metadata, outputs=outputs))
    for thing in (content, content | {"metadata": more, "x": more}, more, [more]):
        found = read(thing)
        if found.problem:
            assert found.data == b""
        else:
            for one in json.loads(found.data, parse_constant=pytest.fail)["cells"]:
                assert isinstance(one["metadata"].get("nbgrader", {}), dict)
                assert all(isinstance(output, dict) for output in one["outputs"])


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data):
    assert read_sheet(data, CELLS).problem


def test_the_problem_is_that_of_the_person(course):
    course.add(f"ada/{NAME}", b"\xef\xbb\xbf" + TEXT.encode())
    course.add(f"eve/{NAME}", b"{")
    found = course.collect()
    assert found["ada"].notes == (
        "it was written as UTF-8 with a byte order mark and is read as UTF-8",
    )
    assert json.loads(found["ada"].notebook.read_text("utf-8")) == json.loads(TEXT)
    assert found["eve"].problem.startswith(f"'{NAME}': its JSON is broken (line 1")
