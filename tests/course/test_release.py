"""The release step: what nbgrader itself would cut, and nothing of a solution."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import build as BUILD
import pytest
from masters import find_sheets, notebook_of, sheet_of

ROOT = Path(__file__).resolve().parent.parent.parent
META = (
    'nbgrader={{"grade": {grade}, "grade_id": "{name}", "locked": {locked}, '
    '{points}"schema_version": 3, "solution": {solution}, "task": false}}'
)


def meta(name: str, *, points: int | None = None, solution: bool = False) -> str:
    """The metadata of an answer or, with points, of a check."""
    return META.format(
        name=name,
        grade=str(points is not None).lower(),
        points="" if points is None else f'"points": {points}, ',
        solution=str(solution).lower(),
        locked=str(not solution).lower(),
    )


MASTER = f"""\
# %% [markdown]
# # 90 · A sheet to try

# %% {meta("double", solution=True)}
def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% {meta("check", points=1)}
assert double(2) == 4

# %% {meta("hidden", points=1)}
# Tried with other numbers.
### BEGIN HIDDEN TESTS
assert double(7) == 14
### END HIDDEN TESTS

# %% [markdown] {meta("why", points=2, solution=True)}
# <!-- BEGIN SOLUTION -->
# Because two is two.
# <!-- END SOLUTION -->
"""
LESSON = "# %% [markdown]\n# # 00 · A lesson\n"


def write(root: Path, text: str) -> Path:
    """A course of a lesson and a sheet."""
    master = root / "course" / "exercises" / "90_try" / "90_try.py"
    master.parent.mkdir(parents=True, exist_ok=True)
    master.write_text(text)
    (root / "course" / "lessons").mkdir(exist_ok=True)
    (root / "course" / "lessons" / "00_try.py").write_text(LESSON)
    return master


def build(root: Path, *arguments: str) -> int:
    return BUILD.main([*arguments, "--root", str(root)])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course, built once."""
    root = tmp_path_factory.mktemp("built")
    write(root, MASTER)
    assert build(root) == 0
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    """A copy of the built course, to spoil."""
    return shutil.copytree(built, tmp_path / "course")


def cells(root: Path, folder: str) -> dict[str, dict]:
    path = root / folder / "90_try" / "90_try.ipynb"
    found = json.loads(path.read_text())["cells"]
    return {c["metadata"].get("nbgrader", {}).get("grade_id", ""): c for c in found}


def test_the_solution_is_run_and_whole(built):
    found = cells(built, "solutions")
    assert "return 2 * x" in "".join(found["double"]["source"])
    assert "double(7)" in "".join(found["hidden"]["source"])
    assert [found[n]["execution_count"] for n in ("double", "check", "hidden")] == [
        *(1, 2, 3)
    ]


def test_the_sheet_is_blank(built):
    found = cells(built, "exercises")
    assert "".join(found["double"]["source"]).endswith('x."""\n    # YOUR CODE HERE')
    assert "".join(found["hidden"]["source"]) == "# Tried with other numbers."
    assert "".join(found["why"]["source"]) == "YOUR ANSWER HERE"
    assert "".join(found["check"]["source"]) == "assert double(2) == 4"


def test_checks_can_not_be_edited_and_an_error_does_not_stop_the_rest(built):
    found = cells(built, "exercises")
    assert found["check"]["metadata"]["editable"] is False
    assert "editable" not in found["double"]["metadata"]
    for name in ("double", "check"):
        assert found[name]["metadata"]["deletable"] is False
        assert found[name]["metadata"]["tags"] == ["raises-exception"]


def test_building_again_gives_the_same_bytes(course):
    paths = [*course.rglob("90_try.ipynb")]
    before = [path.read_bytes() for path in paths]
    assert len(before) == 2
    assert build(course, "90_try") == 0
    assert [path.read_bytes() for path in paths] == before


def test_the_check_bites_on_a_changed_master(course, capsys):
    write(course, MASTER.replace("2 * x", "x + x"))
    assert build(course, "--check") == 1
    assert "solutions/90_try/90_try.ipynb is stale" in capsys.readouterr().err


def test_the_check_bites_on_an_edited_sheet(course, capsys):
    path = course / "exercises" / "90_try" / "90_try.ipynb"
    path.write_text(path.read_text().replace("# YOUR CODE HERE", "return x * 2"))
    assert build(course, "--check") == 1
    assert "is not what its solution makes" in capsys.readouterr().err
    assert build(course) == 0
    assert "return x * 2" not in path.read_text()


@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_the_check_bites_on_a_notebook_that_is_missing_or_left_over(
    course, capsys, folder
):
    path = course / folder / "90_try" / "90_try.ipynb"
    shutil.copy(path, path.with_name("old.ipynb"))
    path.unlink()
    assert build(course, "--check") == 1
    said = capsys.readouterr().err
    assert f"{folder}/90_try/90_try.ipynb is not built" in said
    assert f"{folder}/90_try/old.ipynb has no master" in said


REFUSED = {
    "a wrong solution": ("2 * x", "3 * x", "a cell fails"),
    "a mark that is not closed": ("    ### END SOLUTION\n", "", "no end solution"),
    "a name that is there twice": ('"grade_id": "check"', '"grade_id": "hidden"', "id"),
    "a solution in a text": (
        "# # 90 · A sheet to try",
        "# ### BEGIN SOLUTION\n# ### END SOLUTION",
        "non-solution cell",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_sheet_that_goes_wrong_is_not_built(course, capsys, old, new, expected):
    before = {path: path.read_bytes() for path in course.rglob("90_try.ipynb")}
    changed = MASTER.replace(old, new, 1)
    assert changed != MASTER
    write(course, changed)
    assert build(course) == 1
    assert expected in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("master", find_sheets(ROOT), ids=lambda path: path.stem)
def test_the_sheet_is_what_nbgrader_itself_makes(master, tmp_path, monkeypatch):
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from release import settings

    solution = notebook_of(ROOT, master)
    name = master.parent.name
    shutil.copytree(solution.parent, tmp_path / "solutions" / name)
    config = settings()
    config.CourseDirectory.root = str(tmp_path)
    config.GenerateAssignment.no_database = True  # what its --no-db does
    config.SaveCells.enabled = False
    monkeypatch.chdir(tmp_path)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    result = api.generate_assignment(name)
    assert result["success"], result["error"] or result["log"]
    made = json.loads((tmp_path / "exercises" / name / solution.name).read_text())
    ours = json.loads(sheet_of(ROOT, master).read_text())
    for cell in ours["cells"]:
        tags = [t for t in cell["metadata"].pop("tags", []) if t != "raises-exception"]
        cell["metadata"] |= {"tags": tags} if tags else {}
    assert [*map(meaning, made["cells"])] == [*map(meaning, ours["cells"])]


def meaning(cell: dict) -> dict:
    """A cell without its id, which nbgrader makes anew where there are equals."""
    return {k: v for k, v in cell.items() if k != "id"}
