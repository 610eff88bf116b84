"""Fresh environments: a wheel of this repository, installed as a stranger would.

Conventions: uv installs what its cache has without asking the network; what it lacks,
it downloads. Where neither helps, the tests are left out by name.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
UV = (sys.executable, "-m", "uv")
NO_NETWORK = "Failed to fetch"  # as uv says it


def outside(command: Sequence[object], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that knows nothing of this repository and its environment."""
    ours = ("PYTHON", "VIRTUAL_ENV", "COVERAGE", "PYTEST")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )


def build_wheel(folder: Path) -> Path:
    """Build the source distribution, and from that the wheel."""
    options = ["--quiet", "--no-build-isolation", "--python", sys.executable]
    run = outside([*UV, "build", *options, "--out-dir", folder, ROOT], folder)
    assert run.returncode == 0, run.stderr
    return next(folder.glob("*.whl"))


def make_environment(folder: Path, version: str = sys.executable) -> Path:
    """Make an empty environment; return its Python."""
    options = ["--quiet", "--no-python-downloads", "--python", version]
    run = outside([*UV, "venv", *options, folder / "env"], folder)
    if run.returncode and version != sys.executable:
        pytest.skip(
            f"left out: no Python {version} here for the oldest dependencies; install "
            f"it with: .venv/bin/python -m uv python install {version}"
        )
    assert run.returncode == 0, run.stderr
    return folder / "env" / "bin" / "python"


def install(python: Path, folder: Path, pins: str, *what: object) -> None:
    """Install packages; `pins` holds down the versions of what they bring along."""
    constraints = folder / "constraints.txt"
    constraints.write_text(pins)
    options = ["--quiet", "--python", python, "--constraint", constraints]
    for network in (["--offline"], []):
        run = outside([*UV, "pip", "install", *options, *network, *what], folder)
        if run.returncode == 0:
            return
    if NO_NETWORK in run.stderr:
        pytest.skip(
            "left out: packages for a fresh environment are not in the cache of uv "
            "and can't be downloaded; connect to the network"
        )
    pytest.fail(run.stderr)
