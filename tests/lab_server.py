"""`make lab`, `make formgrader` for tests: a home of its own, a free port, an end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
LAB = [sys.executable, str(ROOT / "tools" / "lab.py")]
FORMGRADER = [sys.executable, str(ROOT / "tools" / "formgrader.py")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lab_environment(folder: Path) -> dict[str, str]:
    """An environment in which nobody's settings matter."""
    home = folder / "home"
    home.mkdir()
    own = {"HOME": str(home), "MMCOURSE_WORK": str(folder / "work")}
    return {**os.environ, **own, "BROWSER": "no", "PORT": str(free_port())}


@contextmanager
def running_lab(
    environment: dict[str, str],
    command: list[str] = LAB,
    log: int | IO[str] = subprocess.DEVNULL,
) -> Iterator[str]:
    """JupyterLab's address while it runs; ended as Ctrl-C ends it."""
    run = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    with run:
        try:
            lines = iter(run.stdout.readline, "")
            yield next(line.split()[-1] for line in lines if "open http" in line)
        finally:
            os.killpg(run.pid, signal.SIGINT)
            status = run.wait(timeout=30)
        assert status == 0
