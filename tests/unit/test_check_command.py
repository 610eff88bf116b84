"""`mmcourse check`: small sheets made here, and what nbgrader says about the same."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum, determine_grade

from mmcourse.commands import running
from mmcourse.commands.main import main
from mmcourse.commands.outcomes import judge
from mmcourse.commands.sheets import checksum, find_problems, find_tasks
from tests.unit.small_sheets import (
    MIXED_SHEET,
    RIGHT_SHEET,
    answer,
    check,
    heading,
    saved,
)

ROOT = Path(__file__).resolve().parent.parent.parent


def run(path: Path, *options: str) -> int:
    return main(["check", str(path), *options])


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """What was printed: the lines of the table without its blanks, and stderr."""
    monkeypatch.setenv("COLUMNS", "400")

    def read() -> tuple[list[str], str]:
        out, err = capsys.readouterr()
        table = out.partition("first hint\n")[2].splitlines()
        return [" ".join(line.split()) for line in table], err

    return read


def graded_by_nbgrader(cells: list[Any]) -> list[float | None]:
    """The points of nbgrader for every cell that has any; None is for a person."""
    graded = [c for c in cells if c.metadata.get("nbgrader", {}).get("grade")]
    return [determine_grade(cell)[0] for cell in graded]


def points_of(path: Path) -> tuple[list[float | None], list[float | None]]:
    """The points of a sheet, ours and nbgrader's, from the same run."""
    notebook = nbformat.read(path, as_version=4)
    done = running.run_notebook(notebook, path.parent, limit=60)
    ours = judge(find_tasks(notebook.cells), done)
    return [outcome.reached for outcome in ours], graded_by_nbgrader(done.cells)


def test_a_right_sheet_ends_with_0_and_is_not_written_to(tmp_path, printed):
    path = saved(tmp_path, *RIGHT_SHEET)
    before = path.read_bytes()
    assert run(path) == 0
    rows, err = printed()
    assert path.read_bytes() == before
    assert err == ""
    assert rows == [
        "1 x 2 of 2 all right",
        "1 x 2 of 2 all right",
        "1 x - of 2 when graded",
        "2 why - of 3 when graded",
        "total 4 of 4 and 5 more when graded",
    ]


def test_what_is_missing_is_named_and_ends_with_1(tmp_path, printed):
    assert run(saved(tmp_path, *MIXED_SHEET)) == 1
    rows, err = printed()
    assert err == ""
    said = dict(
        row.removeprefix("2b ").removeprefix("1 ").split(" ", 1) for row in rows
    )
    assert said.pop("bracket").startswith("0 of 2 SyntaxError: closing parenthesis ')'")
    assert said.pop("late").startswith("0 of 2 ValueError: invalid literal for int()")
    assert said == {
        "blank": "0 of 2 Which one is it?",
        "partly": "1 of 2 Keep all digits.",
        "loud": "0 of 2 UserWarning: overflow",
        "bare": "0 of 2 AssertionError",
        "right": "2 of 2 all right",
        "why": "- of 3 when graded; not answered yet",
        "total": "3 of 14 and 3 more when graded",
    }


def test_points_are_those_of_nbgrader(tmp_path):
    ours, theirs = points_of(saved(tmp_path, *MIXED_SHEET))
    assert ours[:-1] == theirs[:-1] == [0, 1, 0, 0, 0, 0, 2]
    # Nobody has to read an answer that is blank: nbgrader gives 0 at once.
    assert (ours[-1], theirs[-1]) == (None, 0)


def test_an_endless_loop_is_stopped_and_the_rest_runs(tmp_path, printed):
    path = saved(
        tmp_path,
        heading(1),
        answer("x", "x = ...\nwhile True:\n    pass"),
        check("x", "check(x, 1, 'Which?')"),
        answer("y", "y = 1"),
        check("y", "check(y, 1, 'Which?')"),
    )
    assert run(path, "--limit", "1") == 2
    rows, err = printed()
    assert rows == [
        "1 x 0 of 2 stopped after 1 s: does a loop never end?",
        "1 y 2 of 2 all right",
        "total 2 of 4",
    ]
    assert err == "mmcourse: Cell [2] was stopped after 1 s: x = ...\n"


def test_a_loop_that_does_not_heed_the_interrupt_ends_the_run(
    tmp_path, printed, monkeypatch
):
    monkeypatch.setattr(running, "PATIENCE", 1)
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    path = saved(
        tmp_path,
        heading(1),
        answer("x", deaf + "while True:\n    pass"),
        check("x", "check(x, 1, 'Which?')"),
        answer("y", "y = 1"),
        check("y", "check(y, 1, 'Which?')"),
    )
    assert run(path, "--limit", "1") == 2
    rows, err = printed()
    assert rows[0] == "1 x 0 of 2 not finished: it does not stop when told to"
    assert rows[1] == "1 y 0 of 2 not run"
    assert err.startswith("mmcourse: Cell [2] ended the run (it does not stop when")


def test_a_kernel_that_dies(tmp_path, printed):
    path = saved(
        tmp_path,
        heading(1),
        answer("x", "x = 1"),
        check("x", "check(x, 1, 'Which?')"),
        answer("y", "import os\nos._exit(1)"),
        check("y", "check(y, 1, 'Which?')"),
    )
    assert run(path) == 2
    rows, err = printed()
    assert rows == [
        "1 x 2 of 2 all right",
        "1 y 0 of 2 not finished: the kernel died",
        "total 2 of 4",
    ]
    assert err == "mmcourse: Cell [4] ended the run (the kernel died): import os\n"


def test_a_deleted_check_is_named(tmp_path, printed):
    cells = [heading(1), answer("x", "x = 1"), answer("y", "y = 1")]
    path = saved(tmp_path, *cells, check("y", "check(y, 1, 'Which?')"))
    assert run(path) == 2
    rows, err = printed()
    assert rows == ["1 y 2 of 2 all right", "total 2 of 2"]
    assert "The check of `x` is gone." in err


def problems(*cells: nbformat.NotebookNode) -> list[str]:
    return find_problems(cells, find_tasks(cells))


def test_an_exercise_without_cells_is_named():
    rest = answer("y", "y = 1"), check("y", "y")
    assert (
        "Exercise 1 has no cell with points"
        in problems(heading(1), heading(2), *rest)[0]
    )
    assert problems(heading(1), new_markdown_cell("**1a.** What?"), *rest) == []


def test_a_changed_check_is_named_and_a_solution_has_no_checksum():
    changed = check("y", "check(y, 1, 'Which?')")
    changed.source = "2"
    assert "The check of `y` was changed" in problems(answer("y", ""), changed)[0]
    del changed.metadata["nbgrader"]["checksum"]
    assert problems(answer("y", ""), changed) == []


def test_a_copied_check_counts_once():
    cells = [answer("y", "y = 1"), check("y", "y"), check("y", "y")]
    assert [task.place for task in find_tasks(cells)] == [2]


def test_checksums_are_those_of_nbgrader():
    for cell in (*RIGHT_SHEET, *MIXED_SHEET):
        mark = cell.metadata.get("nbgrader")
        if mark:
            assert checksum(cell, mark) == compute_checksum(cell)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is not there. Sheets lie in work/exercises/."),
        ("", "is not a notebook"),
        ("no notebook", "is not a notebook"),
        ("[1, 2]", "is not a notebook"),
        ("\udcff", "is not a notebook"),
        (json.dumps(new_notebook(cells=[heading(1)])), "it is not a sheet"),
    ],
)
def test_what_is_no_sheet_ends_with_2(tmp_path, printed, content, words):
    path = tmp_path / "sheet.ipynb"
    if content is not None:
        path.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert run(path) == 2
    err = printed()[1]
    assert err.startswith("mmcourse: ")
    assert err.count("\n") == 1
    assert words in err


def test_a_folder_is_no_sheet(tmp_path, printed):
    assert run(tmp_path) == 2
    assert "is a folder. Name the notebook in it." in printed()[1]


@pytest.mark.parametrize("name", ["nbclient", "nbformat", "ipykernel"])
def test_what_is_not_installed_is_named_with_its_extra(printed, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    assert run(Path("sheet.ipynb")) == 2
    err = printed()[1]
    assert f"{name} is not installed" in err
    assert "pip install 'mmcourse[course]'" in err


def test_a_limit_is_a_number_from_1_on(printed):
    with pytest.raises(SystemExit, match="2"):
        run(Path("sheet.ipynb"), "--limit", "0")
    assert "0 is no number of seconds from 1 on" in printed()[1]


def test_the_command_is_installed_and_python_m_is_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["scripts"]["mmcourse"].partition(":")
    assert getattr(importlib.import_module(module), name) is main
    command = [sys.executable, "-m", "mmcourse"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: mmcourse")


def test_importing_the_package_does_not_import_the_command():
    code = "import sys, mmcourse; print([m for m in sys.modules if 'commands' in m])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "[]\n"
