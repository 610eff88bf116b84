"""Every lesson keeps the limits that make it readable, and has its parts."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MASTERS = sorted((ROOT / "course" / "lessons").glob("[0-9][0-9]_*.py"))
LESSONS = [master for master in MASTERS if not master.stem.startswith("00")]

MOST_CODE_LINES = 15
MOST_SETUP_LINES = 10
MOST_WORDS = 90
MOST_TABLE_ROWS = 12
MOST_FIGURES = 6
MOST_FUNCTIONS = 3
CLOSING = ("summary", "common mistakes", "in the code", "references", "next")
FORBIDDEN = {
    r"^\s*[!%]": "a shell escape or a magic",
    r"^\s*from \S+ import \*": "a star import",
    r"https?://": "the network",
    r"[\"'](?:/|~/|[A-Z]:\\)\w": "an absolute path",
    r"^\s*print\(.*\)\s*\Z": "a print at the end; show the value itself",
}

every_lesson = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
each_taught = pytest.mark.parametrize("master", LESSONS, ids=lambda path: path.stem)


def cells(master: Path, kind: str) -> list[str]:
    """Sources of the cells of one kind, in order."""
    found = jupytext.read(master, fmt="py:percent").cells
    return [cell.source for cell in found if cell.cell_type == kind]


def code_lines(source: str) -> int:
    """Lines that hold code."""
    lines = [line.strip() for line in source.splitlines()]
    return len([line for line in lines if line and not line.startswith("#")])


def words(source: str) -> int:
    """Words of prose: tables, formulas and code blocks do not count."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$|\$.*?\$|`.*?`", "x", source, flags=re.S)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("|")]
    return len(re.findall(r"\w[\w'’.-]*", " ".join(lines)))


def built(master: Path) -> list[dict]:
    """The cells of the built notebook."""
    path = ROOT / "notebooks" / f"{master.stem}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs(master: Path) -> list[dict]:
    """All outputs of the built notebook."""
    return [out for cell in built(master) for out in cell.get("outputs", [])]


def test_there_are_lessons():
    assert MASTERS
    assert LESSONS


@every_lesson
def test_cells_of_code_are_short(master):
    setup, *others = cells(master, "code")
    assert code_lines(setup) <= MOST_SETUP_LINES, "the first cell of code"
    assert [source for source in others if code_lines(source) > MOST_CODE_LINES] == []


@every_lesson
def test_cells_of_prose_are_short(master):
    # The title cell and the close hold lists that belong together.
    middle = cells(master, "markdown")[1:-1]
    found = {text[:40]: words(text) for text in middle}
    assert {start: n for start, n in found.items() if n > MOST_WORDS} == {}


@every_lesson
@pytest.mark.parametrize("pattern", FORBIDDEN, ids=FORBIDDEN.values())
def test_nothing_forbidden_in_code(master, pattern):
    found = [s for s in cells(master, "code") if re.search(pattern, s, re.M)]
    assert found == []


@every_lesson
def test_functions_are_few_short_and_explained(master):
    trees = [ast.parse(source) for source in cells(master, "code")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    assert len(functions) <= MOST_FUNCTIONS
    for function in functions:
        assert ast.get_docstring(function), function.name
        assert function.end_lineno - function.lineno < 20, function.name


@every_lesson
def test_tables_and_figures_are_small_enough_to_read(master):
    shown = [out.get("data", {}) for out in outputs(master)]
    assert len([data for data in shown if "image/png" in data]) <= MOST_FIGURES
    tables = ["".join(data["text/html"]) for data in shown if "text/html" in data]
    bodies = [
        body for t in tables for body in re.findall(r"<tbody>.*?</tbody>", t, re.S)
    ]
    assert [b for b in bodies if b.count("<tr") > MOST_TABLE_ROWS] == []


@every_lesson
def test_figures_are_described_for_those_who_cannot_see_them(master):
    for cell in built(master):
        if any("image/png" in out.get("data", {}) for out in cell.get("outputs", [])):
            described = cell["metadata"].get("alt", "")
            assert 8 <= len(described.split()) <= 60, (
                f'say in 8 to 60 words what it shows, # %% alt="...":\n{cell["source"]}'
            )


@every_lesson
def test_the_first_cell_is_the_title(master):
    title = cells(master, "markdown")[0]
    assert title.startswith(f"# {master.stem[:2]} · ")
    lines = {
        "*About 40 minutes. ...*": r"^\*About \d+ minutes\b",
        "**The question:** ...?": r"^\*\*The question:\*\*[^*]*\?",
    }
    lacking = [line for line, form in lines.items() if not re.search(form, title, re.M)]
    assert lacking == [], "the title cell lacks these lines"


@each_taught
def test_the_title_says_what_for(master):
    title = cells(master, "markdown")[0]
    _, found, promises = title.partition("After this lesson you can")
    assert found, "the first cell needs 'After this lesson you can' and a list"
    assert 3 <= len(re.findall(r"^- ", promises, re.M)) <= 4, "three or four points"


@each_taught
def test_the_reader_guesses_before_running(master):
    guesses = re.findall(r"[Gg]uess before", "\n".join(cells(master, "markdown")))
    assert len(guesses) >= 3, "'Guess before you run' stands in three cells or more"


@each_taught
def test_the_close_has_all_its_parts(master):
    close = "\n".join(cells(master, "markdown")[-5:]).lower()
    lacking = [part for part in CLOSING if part not in close]
    assert lacking == [], "the last cells lack these parts"


@each_taught
def test_the_length_is_that_of_a_lesson(master):
    number = len(jupytext.read(master, fmt="py:percent").cells)
    assert 30 <= number <= 70, f"{number} cells"
