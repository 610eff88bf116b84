"""Every requirement is shown in a lesson or a sheet, and the map of them is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import build as BUILD
import pytest
from requirements import BEGIN, END, find_places, read_requirements, table_problems

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = read_requirements(ROOT)
WANTED = [f"R{number}" for number in range(1, 90)]

MASTER = """\
# %% [markdown] tags=["R1"]
# # 00 · A lesson to try

# %% tags=["R2"]
value = 20 + 1

# %% [markdown]
# ## 3 · A section

# %% tags=["R2", "other"]
value * 2

# %% tags=["R2"]
value * 2
"""


def test_every_requirement_is_shown_in_a_lesson_or_a_sheet():
    places = find_places(ROOT)
    assert [name for name in WANTED if name not in places] == []


def test_every_requirement_is_listed_once_and_in_order():
    assert [requirement.name for requirement in REQUIREMENTS][:89] == WANTED


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_a_requirement_is_named_in_a_few_words(requirement):
    assert 2 <= len(requirement.what.split()) <= 10
    assert "|" not in requirement.what


def functions(path: Path) -> set[str]:
    """Names of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_tests_that_are_named_exist():
    named = [test for requirement in REQUIREMENTS for test in requirement.tests]
    assert len(named) > 20
    for name in named:
        file, test = name.split("::")
        assert test in functions(ROOT / "tests" / file), name


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one lesson, with a map that was never filled."""
    lessons = tmp_path / "course" / "lessons"
    lessons.mkdir(parents=True)
    (lessons / "00_try.py").write_text(MASTER)
    (tmp_path / "course" / "requirements.csv").write_text(
        "R,what,tests\nR1,one thing,\nR2,another thing,a.py::test_b\nR3,a third,\n"
    )
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "README.md").write_text(f"Before\n{BEGIN}\n{END}\nAfter")
    return tmp_path


def page(course: Path) -> str:
    return (course / "notebooks" / "README.md").read_text()


def test_the_table_says_where_and_keeps_what_is_around_it(course, capsys):
    assert BUILD.main(["--root", str(course)]) == 0
    rows = re.findall(r"^\| R.*$", page(course), re.M)
    link = "[00](00_try.ipynb)"
    assert rows == [
        "| R | what | lesson, section, cells | tests |",
        f"| R1 | one thing | {link}, opening: text |  |",
        f"| R2 | another thing | {link}, opening: [1]; section 3: [2], [3] "
        "| `a.py::test_b` |",
        "| R3 | a third | not there yet |  |",
    ]
    assert page(course).startswith("Before\n") and page(course).endswith("\nAfter")
    assert table_problems(course) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"R2", "other"', '"R2", "R3"', "notebooks/README.md is stale: its table"),
        ('"R1"', '"R4"', "R4 (00_try, opening) is not in course/requirements.csv"),
    ],
)
def test_the_check_bites_on_another_tag(course, old, new, expected):
    assert BUILD.main(["--root", str(course)]) == 0
    (course / "course" / "lessons" / "00_try.py").write_text(MASTER.replace(old, new))
    assert table_problems(course) == [expected]


def test_a_page_without_the_markers_is_refused(course):
    (course / "notebooks" / "README.md").write_text("no table here")
    assert "needs the lines" in table_problems(course)[0]
