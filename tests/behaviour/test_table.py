"""`table.md` has every line, and each line the tests or the reason that it needs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

# Lines of each section.
SECTIONS = {1: 21, 2: 8, 3: 8, 4: 15, 5: 10, 6: 9, 7: 6, 8: 7, 9: 1, 10: 1}
# Files whose tests are of no line: refusals in words, whatever the section.
APART = (
    "test_table.py",
    "test_bad_input.py",
    "test_bad_calls.py",
    "test_sweep.py",
    "test_refusals.py",
    "test_precision.py",
    "test_bootstrap.py",
    "test_intervals.py",
    "test_inference_input.py",
)
STATUS = {"here", "not offered"}


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    key: str
    behaviour: str
    status: str
    tests: tuple[str, ...]
    reason: str


def lines() -> list[Line]:
    """The rows of the table."""
    out = []
    for row in (HERE / "table.md").read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d", row):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            key, behaviour, status, tests, reason = cells
            names = tuple(name.strip() for name in tests.split(",") if name.strip())
            out.append(Line(key, behaviour, status, names, reason))
    return out


def written(*apart: str) -> set[str]:
    """Names of the test functions of this folder, some files apart."""
    return {
        node.name
        for path in HERE.glob("test_*.py")
        if path.name not in apart
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_line_has_an_entry():
    keys = [line.key for line in lines()]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    expected = {f"{s}.{i + 1}" for s, n in SECTIONS.items() for i in range(n)}
    assert {key.rstrip("abcd") for key in keys} == expected


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.key)
def test_an_entry_says_where_or_why(line):
    assert line.behaviour
    assert line.status in STATUS
    assert set(line.tests) <= written()
    if line.status == "here":
        assert line.tests
    else:
        assert len(line.reason.split()) >= 2


def test_every_test_of_a_section_stands_in_the_table():
    named = {name for line in lines() for name in line.tests}
    assert written(*APART) - named == set()
