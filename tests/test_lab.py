"""`make lab` serves the first lesson, from the working copy, on the port asked for."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAB = [sys.executable, str(ROOT / "tools" / "lab.py")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home and a working copy of its own, so that nobody's settings matter."""
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "MMCOURSE_WORK": str(tmp_path / "work")}
    return {**os.environ, **own, "BROWSER": "no", "PORT": str(free_port())}


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A running `make lab`, ended as Ctrl-C ends it."""
    run = subprocess.Popen(
        LAB,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with run:
        yield run
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(timeout=30) == 0


def test_the_printed_address_opens_the_first_lesson(server, environment, tmp_path):
    lines = iter(server.stdout.readline, "")
    address = next(line.split()[-1] for line in lines if "open http" in line)
    start, token = re.fullmatch(
        r"(http://127\.0\.0\.1:\d+)/lab/tree/notebooks/00_start_here\.ipynb"
        r"\?token=(\w+)",
        address,
    ).groups()
    assert start.endswith(":" + environment["PORT"])
    with urllib.request.urlopen(address, timeout=20) as page:
        assert "JupyterLab" in page.read().decode()
    lesson = f"{start}/api/contents/notebooks/00_start_here.ipynb?token={token}"
    with urllib.request.urlopen(lesson, timeout=20) as answer:
        cells = json.load(answer)["content"]["cells"]
    assert cells[0]["source"].startswith("# 00")
    assert (tmp_path / "work" / "notebooks" / "00_start_here.ipynb").exists()


def refused(environment: dict[str, str]) -> str:
    """What it says when it does not start."""
    run = subprocess.run(LAB, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    return run.stderr


def test_a_port_in_use_is_named(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        said = refused(environment)
    assert said == (
        f"mmcourse: port {environment['PORT']} is in use; "
        "choose another: make lab PORT=8890\n"
    )


def test_a_port_that_is_none(environment):
    assert "PORT=lots is no port" in refused({**environment, "PORT": "lots"})
