"""The commands of the Makefile, and what they say when the machine lacks something."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of what setting up needs, without a `.venv`."""
    copy = tmp_path / "course copy"  # a blank in the path must not hurt
    (copy / "tools").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for name in ("setup.sh", "setup.py"):
        shutil.copy(ROOT / "tools" / name, copy / "tools")
    return copy


def make(folder: Path, *arguments: str, **environment: str) -> tuple[int, list[str]]:
    """Run make; return its status and what it said, without make's own last line."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    inherited.pop("PYTHON", None)
    run = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )
    lines = (run.stdout + run.stderr).splitlines()
    return run.returncode, [line for line in lines if not line.startswith("make")]


def fake_python(folder: Path, script: str, name: str = "python3") -> Path:
    """A command that stands in for Python, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def only_tools(folder: Path) -> str:
    """A PATH with the tools that make needs, and no Python."""
    folder.mkdir(exist_ok=True)
    for name in ("sh", "make", "dirname", "awk"):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def test_help_lists_every_target_with_a_line():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split())
    status, lines = make(ROOT, "help", "--no-print-directory")
    assert status == 0
    # Lines of make's own are cut by `make()`; those of help start with blanks.
    assert {line.split()[1] for line in lines} == targets == phony
    assert all(len(line.split(maxsplit=2)[2]) > 10 for line in lines)


def test_a_python_that_is_not_there(bare):
    status, lines = make(bare, "lab", "PYTHON=/nonexistent")
    assert status != 0
    assert lines == [
        "mmcourse: PYTHON=/nonexistent does not run; "
        "name a Python 3.11 or newer, or leave PYTHON away."
    ]


OLD = 'case "$2" in *python_version*) echo 3.9.6;; *) exit 1;; esac'


def test_a_named_python_that_is_too_old(bare, tmp_path):
    old = fake_python(tmp_path / "old", OLD)
    status, lines = make(bare, "lab", f"PYTHON={old}")
    assert status != 0
    assert len(lines) == 1
    assert "is Python 3.9.6, and 3.11 or newer is needed" in lines[0]


def test_only_an_old_python_on_the_path(bare, tmp_path):
    path = only_tools(tmp_path / "bin")
    fake_python(tmp_path / "bin", OLD)
    status, lines = make(bare, "test", PATH=path)
    assert status != 0
    assert len(lines) == 1
    assert "python3 is Python 3.9.6" in lines[0]
    assert "PYTHON=" in lines[0]


def test_no_python_on_the_path(bare, tmp_path):
    status, lines = make(bare, "test", PATH=only_tools(tmp_path / "bin"))
    assert status != 0
    assert len(lines) == 1
    assert "no Python was found" in lines[0]


def test_no_room_on_the_disk(bare):
    status, lines = make(bare, "lab", MMCOURSE_FREE_GB="0.3")
    assert status != 0
    assert len(lines) == 1
    assert "0.3 GB are free on the disk" in lines[0]
    assert "make room" in lines[0]
    assert not (bare / ".venv").exists()


def load_setup() -> ModuleType:
    """tools/setup.py as a module."""
    spec = importlib.util.spec_from_file_location("setup", ROOT / "tools" / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_python_without_its_venv_module(monkeypatch, tmp_path):
    setup = load_setup()
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda m: None if m == "ensurepip" else find(m)
    )
    assert "apt-get install python3-venv" in setup.reason_to_stop()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("Max retries exceeded with url", "check the network"),
        ("something else", "its own words are above"),
    ],
)
def test_what_pip_says_becomes_one_line(said, expected):
    line = load_setup().explain(said)
    assert expected in line
    assert "\n" not in line


def spoil_venv(monkeypatch, folder: Path, said: str, free: float) -> ModuleType:
    """tools/setup.py with a Python whose venv module fails, and so much disk."""
    setup = load_setup()
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda _: usage)
    python = fake_python(folder / "bad", f"echo '{said}'; exit 1")
    monkeypatch.setattr(setup.sys, "executable", str(python))
    monkeypatch.setattr(setup, "VENV", folder / ".venv")
    return setup


@pytest.mark.parametrize(
    ("said", "free"),
    [("[Errno 28] No space left on device", 5e10), ("ensurepip failed", 1e7)],
)
def test_a_disk_that_fills_up_while_venv_is_made(monkeypatch, tmp_path, said, free):
    setup = spoil_venv(monkeypatch, tmp_path, said, free)
    assert "the disk is full" in setup.make_venv()


def test_a_venv_that_cannot_be_made_says_so_in_one_line(monkeypatch, tmp_path, capsys):
    line = spoil_venv(monkeypatch, tmp_path, "ensurepip failed", 5e10).make_venv()
    assert "could not make .venv" in line
    assert "\n" not in line
    assert capsys.readouterr().err == "ensurepip failed\n"
