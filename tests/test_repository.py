"""The repository as a stranger finds it: no traces of a machine, a wheel that works."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
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


def test_the_readme_names_commands_that_exist():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    named = re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text())
    assert {"lab", "test"} <= set(named) <= set(targets)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this repository, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    pip += ["--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_all_data(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {path.name for path in (ROOT / "data").glob("*.csv*")}
    assert {f"mmcourse/data/{name}" for name in data} <= names
    assert not {name for name in names if name.startswith(("tests/", "course/"))}
    assert {Path(n).name for n in names} >= {"LICENSE", "LICENSE-lessons", "py.typed"}


def test_an_installed_wheel_loads_every_data_set(wheel, tmp_path):
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(wheel)], check=True)
    names = sorted(
        path.name.split(".csv")[0] for path in (ROOT / "data").glob("*.csv*")
    )
    code = (
        "import mmcourse as mm\n"
        f"assert mm.__file__.startswith({str(site)!r}), mm.__file__\n"
        f"for name in {names!r}:\n"
        "    print(name, len(mm.load(name)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert [line.split()[0] for line in run.stdout.splitlines()] == names
