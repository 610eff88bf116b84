"""The working copy: what is new comes in, what a learner wrote stays."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load_tool(name: str) -> ModuleType:
    """A file of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name while it is being made.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, name, module)
        spec.loader.exec_module(module)
    return module


COPY = load_tool("working_copy")
LESSON = "notebooks/00_start_here.ipynb"


def write_notebook(path: Path, source: str, output: str = "") -> None:
    """A notebook of one cell."""
    cell = {"cell_type": "code", "source": [source], "outputs": [output]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [cell]}))


def source_of(path: Path) -> str:
    return json.loads(path.read_text())["cells"][0]["source"][0]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with one lesson, one exercise sheet and the data beside it."""
    write_notebook(tmp_path / LESSON, "1 + 1")
    write_notebook(tmp_path / "exercises/sleep/01_fit.ipynb", "fit = ...")
    (tmp_path / "exercises/sleep/sleep.csv").write_text("a,b\n")
    (tmp_path / "notebooks/README.md").write_text("about")
    return tmp_path


@pytest.fixture
def work(root: Path) -> Path:
    """The working copy, made once."""
    COPY.update(root, root / "work")
    return root / "work"


def test_the_first_run_brings_everything(root):
    report = COPY.update(root, root / "work")
    assert sorted(report.brought) == [
        "exercises/sleep/01_fit.ipynb",
        "exercises/sleep/sleep.csv",
        LESSON,
    ]
    assert report.kept == []


def test_a_second_run_brings_nothing(root, work):
    report = COPY.update(root, work)
    assert (report.brought, report.kept) == ([], [])


def test_an_edit_survives(root, work):
    write_notebook(work / LESSON, "my own thoughts")
    report = COPY.update(root, work)
    assert (report.brought, report.kept) == ([], [])
    assert source_of(work / LESSON) == "my own thoughts"


def test_an_edit_survives_a_newer_version_and_is_named_each_time(root, work):
    write_notebook(work / LESSON, "my own thoughts")
    write_notebook(root / LESSON, "2 + 2")
    for _ in range(2):
        assert COPY.update(root, work).kept == [LESSON]
        assert source_of(work / LESSON) == "my own thoughts"


def test_an_unedited_file_is_brought_up_to_date(root, work):
    write_notebook(root / LESSON, "2 + 2")
    assert COPY.update(root, work).brought == [LESSON]
    assert source_of(work / LESSON) == "2 + 2"


def test_running_a_lesson_is_not_editing_it(root, work):
    write_notebook(work / LESSON, "1 + 1", output="2, in my time zone")
    assert COPY.update(root, work).brought == []
    write_notebook(root / LESSON, "2 + 2")
    assert COPY.update(root, work).brought == [LESSON]


def test_a_new_lesson_comes_in(root, work):
    write_notebook(root / "notebooks/01_next.ipynb", "3")
    assert COPY.update(root, work).brought == ["notebooks/01_next.ipynb"]


def test_a_deleted_file_comes_back(root, work):
    (work / LESSON).unlink()
    assert COPY.update(root, work).brought == [LESSON]


def test_a_lost_or_broken_manifest_costs_no_edit(root, work):
    write_notebook(work / LESSON, "my own thoughts")
    (work / COPY.MANIFEST).write_text("{ broken")
    COPY.update(root, work)
    assert source_of(work / LESSON) == "my own thoughts"


def test_a_learners_own_files_are_left_alone(root, work):
    (work / "notebooks/mine.ipynb").write_text("not even a notebook")
    COPY.update(root, work)
    assert (work / "notebooks/mine.ipynb").read_text() == "not even a notebook"


def test_a_lesson_that_is_gone_goes_unless_it_was_edited(root, work):
    write_notebook(work / "exercises/sleep/01_fit.ipynb", "fit = 1")
    (root / LESSON).unlink()
    (root / "exercises/sleep/01_fit.ipynb").unlink()
    COPY.update(root, work)
    assert not (work / LESSON).exists()
    assert source_of(work / "exercises/sleep/01_fit.ipynb") == "fit = 1"
