"""A sheet without a kernel: its cells are executed here, with other answers put in.

The solution runs once. Before every answer cell the names that exist are remembered, so
that another answer starts from there and costs its own time only.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
from matplotlib import pyplot
from nbformat import NotebookNode
from release import release

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = Path(__file__).resolve().parent / "cases"
MASTERS = sorted((ROOT / "course" / "exercises").glob("*/*.py"))


@dataclass
class Outcome:
    """What a check cell says: points, what it prints or the hint that it raises."""

    points: float
    text: str


@dataclass
class Sheet:
    """One master, with the names that exist before each of its answers."""

    master: Path
    cells: list[NotebookNode]
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> list[str]:
        """Names of the answer cells that hold code, in order."""
        return [name_of(c) for c in self.cells if is_answer(c)]

    def checks(self, answer: str) -> list[NotebookNode]:
        """The check cells of an answer: those up to the next answer."""
        at = next(i for i, c in enumerate(self.cells) if name_of(c) == answer)
        found = []
        for cell in self.cells[at + 1 :]:
            if is_answer(cell):
                break
            if is_check(cell):
                found.append(cell)
        return found

    def outcomes(self, answer: str, code: str) -> list[Outcome]:
        """What the checks of an answer say about other code in its place."""
        names = dict(self.before[answer])
        execute(code, names)
        return [outcome(cell.source, names) for cell in self.checks(answer)]

    def blank(self, answer: str) -> str:
        """What stands in an answer cell of the sheet for students."""
        sheet = release(jupytext.read(self.master, fmt="py:percent"), self.master.stem)
        return next(c.source for c in sheet.cells if name_of(c) == answer)


def meta(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def name_of(cell: NotebookNode) -> str:
    return meta(cell).get("grade_id", "")


def is_answer(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and meta(cell).get("solution", False)


def is_check(cell: NotebookNode) -> bool:
    return meta(cell).get("grade", False) and not meta(cell)["solution"]


def is_written(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and meta(cell).get("grade", False)


@cache
def load_sheet(master: Path) -> Sheet:
    """Read a master and run its solution up to the end."""
    sheet = Sheet(master, jupytext.read(master, fmt="py:percent").cells)
    for cell in sheet.cells:
        if is_answer(cell):
            sheet.before[name_of(cell)] = dict(sheet.names)
        if cell.cell_type == "code" and not is_check(cell):
            execute(cell.source, sheet.names)
    pyplot.close("all")
    return sheet


@dataclass(frozen=True)
class Case:
    """What a learner writes for an answer, and what becomes of it."""

    answer: str
    kind: str  # "mistake", "right", or "hidden": only the hidden check finds it
    code: str
    points: float = 0.0
    words: str = ""


def read_cases(master: Path) -> list[Case]:
    """The cases of a sheet; the numbers of its solution are a case too."""
    path = CASES / f"{master.stem}.txt"
    parts = re.split(
        r"^# %% (\w+) ?(.*)\n", path.read_text(encoding="utf-8"), flags=re.M
    )
    return [read_case(*parts[i : i + 3]) for i in range(1, len(parts), 3)]


def read_case(answer: str, head: str, code: str) -> Case:
    """One case: its head is points and words, or `right`, or `hidden` and words."""
    kind, _, words = (part.strip() for part in head.partition(":"))
    if answer == "numbers" or kind in ("right", "hidden"):
        return Case(answer.rstrip(":"), kind, code, words=words)
    return Case(answer, "mistake", code, float(kind), words)


def execute(code: str, names: dict[str, Any]) -> None:
    """Run a cell; what it warns of is the learner's affair."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        exec(compile(code, "<cell>", "exec"), names)


def outcome(code: str, names: dict[str, Any]) -> Outcome:
    """Run a check cell as nbgrader would: its last value are the points."""
    *lines, last = ast.parse(code).body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(ast.Module(lines, []), "<check>", "exec"), names)
            points = eval(compile(ast.Expression(last.value), "<check>", "eval"), names)
        except AssertionError as hint:
            return Outcome(0.0, str(hint))
    return Outcome(points, printed.getvalue())
