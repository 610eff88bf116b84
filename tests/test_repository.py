"""The repository as a stranger finds it: no traces of a machine, a map that is true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Paths of somebody's machine, and addresses of package indexes.
TRACES = re.compile(r"(?<![\w.*])/(?:home|Users|root|work|tmp)/\w|\bindex-url\b\s*[=h]")
BINARY = {".gz", ".png"}


def tracked_files() -> list[Path]:
    """The files under version control; without git, a layer is left out by name."""
    try:
        run = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("left out: no git checkout here; install git and clone")
    paths = [ROOT / name.decode() for name in run.stdout.split(b"\0") if name]
    return [path for path in paths if path.exists()]


def test_no_file_names_a_machine():
    found = []
    for path in tracked_files():
        if path.suffix in BINARY or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if TRACES.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line[:80]}")
    assert found == []


def test_no_python_file_is_too_long():
    python = [
        p for p in tracked_files() if p.suffix == ".py" and "course" not in p.parts
    ]
    lengths = {
        str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in python
    }
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_the_map_of_the_house_names_folders_that_exist_and_each_once():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    house = text.partition("## The map of the house")[2].partition("The package reads")
    named = [
        name
        for row in re.findall(r"^\| (`.*?) \|", house[0], re.M)
        for name in re.findall(r"`(.*?)`", row)
    ]
    assert len(named) == len(set(named)) > 8
    made = {"work/"}  # by `make lab`
    assert [n for n in named if n not in made and not (ROOT / n).is_dir()] == []


def test_the_map_of_the_house_names_every_folder_of_tests_and_module():
    house, package = (ROOT / "CONTRIBUTING.md").read_text().split("The package reads")
    package = package.partition("## What makes")[0]
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    modules = {
        path.stem if path.suffix else f"{path.name}/"
        for path in (ROOT / "mmcourse").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__", "__main__", "version"}
    assert {name for name in folders if f"`{name}/`" not in house} == set()
    assert {name for name in modules if f"`{name}`" not in package} == set()


def test_the_readme_names_commands_that_exist():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    named = re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text())
    assert {"lab", "test"} <= set(named) <= set(targets)
