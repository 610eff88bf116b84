"""`make lab` serves the first lesson, from the working copy, on the port asked for."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.lab_server import LAB, lab_environment, running_lab


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return lab_environment(tmp_path)


def test_the_printed_address_opens_the_first_lesson(environment, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as errors, running_lab(environment, log=errors) as address:
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
    assert "nbgrader_config" not in log.read_text()  # a warning on every start


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
