"""The oldest versions that pyproject.toml allows, with the oldest Python, do the same.

The tests of the reference models run there, on the wheel, and those of what a model
shares with its caller: pandas 2 copies less than pandas 3.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.package.environments import (
    LOCK,
    PROJECT,
    ROOT,
    build_wheel,
    install,
    make_environment,
    outside,
)

OLDEST = dict(line.split(">=") for line in PROJECT["dependencies"])
PYTHON = PROJECT["requires-python"].removeprefix(">=")
CORE = ("reference/test_models.py", "frames/test_models_travel.py")
INI = """\
[pytest]
pythonpath = . tests
addopts = -q --import-mode=importlib -p no:cacheprovider
filterwarnings = error
"""


def pins_of_the_rest() -> str:
    """The lock without the dependencies whose oldest version is wanted."""
    pins = re.findall(r"^([\w.-]+)(==[^\\\n]+)", LOCK.read_text(), re.M)
    return "\n".join(name + pin for name, pin in pins if name not in OLDEST)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the core tests, away from the source of the package."""
    folder = tmp_path_factory.mktemp("oldest")
    (folder / "pytest.ini").write_text(INI)
    for name in ("__init__.py", "tolerances.py", "frames/__init__.py", *CORE):
        (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    reference = folder / "tests" / "reference"
    shutil.copytree(ROOT / "tests" / "reference", reference, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """The Python of an environment with the oldest versions."""
    found = make_environment(folder, PYTHON)
    oldest = [f"{name}=={version}" for name, version in OLDEST.items()]
    wheel = build_wheel(folder)
    install(found, folder, pins_of_the_rest(), wheel, "pytest", *oldest)
    return found


def test_the_versions_are_the_oldest(python, folder):
    code = (
        "import json, platform\n"
        "from importlib.metadata import version\n"
        f"names = {list(OLDEST)!r}\n"
        "found = {name: version(name) for name in names}\n"
        "print(json.dumps([platform.python_version(), found]))"
    )
    run = outside([python, "-I", "-c", code], folder)
    interpreter, found = json.loads(run.stdout)
    assert interpreter.startswith(f"{PYTHON}.")
    for name, version in OLDEST.items():
        assert f"{found[name]}.".startswith(f"{version}."), name


def test_the_reference_models_are_those_of_lme4_there_too(python, folder):
    tests = [f"tests/{name}" for name in CORE]
    few = ["-k", "not insteval and not loop"]  # those two take as long as all others
    run = outside([python, "-I", "-m", "pytest", *few, *tests], folder)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr
    assert int(re.search(r"^(\d+) passed", run.stdout, re.M)[1]) > 300
    where = "import mmcourse; print(mmcourse.__file__)"
    used = outside([python, "-I", "-c", where], folder).stdout
    assert "site-packages" in used
