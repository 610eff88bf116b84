"""The build of the lessons: stable, and its check bites."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import build as BUILD
import masters
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

MASTER = """\
# %% [markdown]
# # 00 · A lesson to try

# %%
value = 20 + 1
value

# %%
value * 2

# %%
value * 2
"""


def write(root: Path, text: str, name: str = "00_try.py") -> Path:
    """Write a master into a course of its own."""
    master = root / "course" / "lessons" / name
    master.parent.mkdir(parents=True, exist_ok=True)
    master.write_text(text)
    return master


def build(root: Path, *arguments: str) -> int:
    return BUILD.main([*arguments, "--root", str(root)])


def notebook(root: Path, name: str = "00_try") -> dict:
    return json.loads((root / "notebooks" / f"{name}.ipynb").read_text())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one lesson, built once."""
    root = tmp_path_factory.mktemp("built")
    write(root, MASTER)
    assert build(root) == 0
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    """A copy of the built course, to spoil."""
    return shutil.copytree(built, tmp_path / "course")


def test_nothing_in_this_repository_is_stale():
    assert BUILD.check(ROOT) == []


def test_a_course_without_lessons_is_no_course(tmp_path, capsys):
    assert build(tmp_path, "--check") == 1
    assert "holds no lesson" in capsys.readouterr().err


def test_outputs_are_kept_and_nothing_volatile(built):
    stored = notebook(built)
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"][0]["data"]["text/plain"] for cell in code] == [
        ["21"],
        ["42"],
        ["42"],
    ]
    assert [cell["metadata"] for cell in stored["cells"]] == [{}] * 4
    assert set(stored["metadata"]) == {"kernelspec", "language_info"}
    assert stored["metadata"]["language_info"] == {"name": "python"}


def test_building_again_gives_the_same_bytes(course):
    path = course / "notebooks" / "00_try.ipynb"
    before = path.read_bytes()
    assert build(course, "00") == 0
    assert path.read_bytes() == before


def test_what_is_in_step_is_not_built_again(course):
    path = course / "notebooks" / "00_try.ipynb"
    before = path.stat().st_mtime_ns
    assert build(course) == 0
    assert path.stat().st_mtime_ns == before


def test_inserting_a_cell_changes_no_other_id(course):
    master = course / "course" / "lessons" / "00_try.py"
    before = [cell["id"] for cell in notebook(course)["cells"]]
    master.write_text(
        MASTER.replace("# %%\nvalue * 2", "# %%\n0\n\n# %%\nvalue * 2", 1)
    )
    after = [cell.id for cell in masters.read_master(master).cells]
    assert [name for name in after if name in before] == before
    assert len(after) == len(set(after)) == len(before) + 1


SPOILED = {
    "another number in a cell": ("20 + 1", "20 + 2", "stale from cell 1 on"),
    "another word of prose": ("to try", "to fail", "stale from cell 0 on"),
    "a cell more": ("# %%\nvalue = ", "# %%\n3\n\n# %%\nvalue = ", "from cell 1 on"),
    "a cell less": ("\n# %%\nvalue * 2\n\n", "\n", "stale from cell 3 on"),
}


@pytest.mark.parametrize(("old", "new", "expected"), SPOILED.values(), ids=SPOILED)
def test_the_check_bites_on_a_changed_master(course, capsys, old, new, expected):
    changed = MASTER.replace(old, new, 1)
    assert changed != MASTER
    write(course, changed)
    assert build(course, "--check") == 1
    assert expected in capsys.readouterr().err


def test_the_check_bites_on_a_notebook_without_a_master(course, capsys):
    shutil.copy(
        course / "notebooks" / "00_try.ipynb", course / "notebooks" / "07_old.ipynb"
    )
    assert build(course, "--check") == 1
    assert "notebooks/07_old.ipynb has no master" in capsys.readouterr().err


def test_the_check_bites_on_a_notebook_that_was_not_run(course, capsys):
    stored = notebook(course)
    stored["cells"][2]["execution_count"] = None
    (course / "notebooks" / "00_try.ipynb").write_text(json.dumps(stored))
    assert build(course, "--check") == 1
    assert "was not run from top to bottom" in capsys.readouterr().err


REFUSED = {
    "an error": ("value * 2", "1 / 0", "ZeroDivisionError"),
    "a warning": (
        "value * 2",
        "import warnings\nwarnings.warn('mind the step')",
        "mind the step",
    ),
    "an address": ("value * 2", "object()", "a memory address"),
    "a hidden value": ("value * 2", "value * 2;", "write `_ = ...`"),
}


@pytest.mark.parametrize(("old", "new", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_lesson_that_goes_wrong_is_not_built(course, capsys, old, new, expected):
    before = notebook(course)
    write(course, MASTER.replace(old, new))
    assert build(course) == 1
    assert expected in capsys.readouterr().err
    assert notebook(course) == before


WIDGET = """\
# %% [markdown]
# # 00 · A lesson to move

# %%
import ipywidgets as widgets
import warnings


def draw(share=0.5):
    warnings.warn("too much") if share > 1 else None
    return 1 / share


draw()

# %% tags=["widget"]
widgets.interact(draw, share=(0.5, 1.0, 0.1))
"""


def test_what_a_widget_shows_is_not_stored(tmp_path, capsys):
    write(tmp_path, WIDGET)
    assert build(tmp_path) == 0
    _, still, moved = notebook(tmp_path)["cells"]
    assert still["outputs"][0]["data"]["text/plain"] == ["2.0"]
    assert moved["outputs"] == []
    assert moved["execution_count"] == 2
    # nbval runs the cell again but has no output to compare with.
    assert moved["metadata"]["tags"] == ["widget", "nbval-ignore-output"]
    assert "widget-state" not in json.dumps(notebook(tmp_path))
    assert build(tmp_path, "--check") == 0


def test_the_check_bites_on_a_widget_that_kept_its_outputs(tmp_path, capsys):
    write(tmp_path, WIDGET)
    assert build(tmp_path) == 0
    stored = notebook(tmp_path)
    stored["cells"][2]["outputs"] = stored["cells"][1]["outputs"]
    (tmp_path / "notebooks" / "00_try.ipynb").write_text(json.dumps(stored))
    assert build(tmp_path, "--check") == 1
    assert "keeps the outputs of a widget" in capsys.readouterr().err


SPOILED_WIDGETS = {
    "an error in the cell": ("share=(0.5", "share=(hundred", "NameError"),
    # Widgets catch what goes wrong inside and show it in their box only.
    "an error in what it calls": ("(0.5, 1.0, 0.1)", "(0, 0)", "ZeroDivisionError"),
    "a warning in what it calls": ("(0.5, 1.0, 0.1)", "(2, 2)", "too much"),
    "an error at the end of a slider": ("1 / share", "1 / (1 - share)", "ZeroDivision"),
    "a warning at the end of a slider": ("(0.5, 1.0", "(0.5, 1.5", "too much"),
    "a warning in the cell": ("widgets.inter", "draw(2)\nwidgets.inter", "too much"),
    "no tag": (' tags=["widget"]', "", "shows a widget; tag it"),
}


@pytest.mark.parametrize(
    ("old", "new", "expected"), SPOILED_WIDGETS.values(), ids=SPOILED_WIDGETS
)
def test_a_widget_that_goes_wrong_is_not_built(tmp_path, capsys, old, new, expected):
    write(tmp_path, WIDGET.replace(old, new))
    assert build(tmp_path) == 1
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "notebooks" / "00_try.ipynb").exists()


def test_an_unknown_lesson_is_named(course, capsys):
    assert build(course, "42") == 1
    assert "no lesson or sheet '42'; there are: 00_try" in capsys.readouterr().err
