"""`mmcourse check` on the real sheets: blank, and with answers of their solutions.

The points that a solution is worth stand in its cells; what a run is worth, nbgrader
says by its own rule.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from sheets.sheet import ROOT, is_answer, is_check, is_written, meta, name_of

from mmcourse.commands.main import main

SLEEP = "20_sleepstudy/20_sleepstudy.ipynb"
FEW = ["lm_fit", "ri_fit", "share"]
EXERCISES = [
    *("1 predictions", "2a lm_fit", "2b ri_fit", "2c ci", "3a spreads", "3b share"),
    *("3b share", "3c subjects", "4 rs_fit", "5 explain"),
]


@cache
def read(folder: str) -> NotebookNode:
    return nbformat.read(ROOT / folder / SLEEP, as_version=4)


def filled_in(folder: Path, answers: list[str]) -> Path:
    """A sheet in which some answers are those of the solution."""
    solution = {name_of(cell): cell.source for cell in read("solutions").cells}
    sheet = nbformat.from_dict(read("exercises"))
    for cell in sheet.cells:
        if name_of(cell) in answers:
            cell.source = solution[name_of(cell)]
    path = folder / "20_sleepstudy.ipynb"
    nbformat.write(sheet, path)
    return path


def most(cells: list[NotebookNode]) -> dict[str, float]:
    """Points of the first check after each answer, by the name of the answer."""
    points: dict[str, float] = {}
    name = ""
    for cell in cells:
        name = name_of(cell) if is_answer(cell) else name
        if is_check(cell):
            points.setdefault(name, meta(cell)["points"])
    return points


def rows(text: str) -> list[str]:
    table = text.partition("first hint\n")[2].splitlines()
    return [" ".join(line.split()) for line in table]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def test_the_blank_sheet(capsys, wide):
    assert main(["check", str(ROOT / "exercises" / SLEEP)]) == 1
    printed = capsys.readouterr()
    *lines, total = rows(printed.out)
    assert printed.err == ""
    assert [" ".join(line.split()[:2]) for line in lines] == EXERCISES
    assert all("not answered yet" in x or "blank" in x for x in lines if "0 of" in x)
    graded = [c for c in read("exercises").cells if meta(c).get("grade")]
    later = [c for c in graded if is_written(c) or c.source.startswith("#")]
    now, rest = (
        sum(meta(c)["points"] for c in cells)
        for cells in ([c for c in graded if c not in later], later)
    )
    assert total == f"total 0 of {now:g} and {rest:g} more when graded"


def test_a_few_answers_of_the_solution(tmp_path, capsys, wide):
    path = filled_in(tmp_path, [*FEW, "explain"])
    before = path.read_bytes()
    assert main(["check", str(path)]) == 1
    printed = capsys.readouterr()
    *lines, total = rows(printed.out)
    assert path.read_bytes() == before
    assert printed.err == ""
    points = most(read("solutions").cells)
    for name in FEW:
        full = f"{name} {points[name]:g} of {points[name]:g} all right"
        assert any(line.endswith(full) for line in lines), name
    assert lines[-1].endswith("explain - of 6 when graded")
    reached = sum(points[name] for name in FEW)
    assert total.startswith(f"total {reached:g} of {sum(points.values()):g} and ")


def test_the_solution_gets_all_points_hidden_checks_too(capsys, wide):
    assert main(["check", str(ROOT / "solutions" / SLEEP)]) == 0
    printed = capsys.readouterr()
    *lines, total = rows(printed.out)
    assert [line for line in lines if "all right" not in line] == [
        "5 explain - of 6 when graded"
    ]
    checks: list[Any] = [c for c in read("solutions").cells if is_check(c)]
    # As stored: the build has run them, and nbgrader reads their outputs.
    stored = sum(determine_grade(cell)[0] for cell in checks)
    assert total == f"total {stored:g} of {stored:g} and 6 more when graded"
