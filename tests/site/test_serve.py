"""`make site-serve`: an address that answers, and one line when it can't."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

from docs.website import serve
from tests.site.conftest import ROOT

COMMAND = "import sys, pathlib; from docs.website.serve import main; "
COMMAND += "sys.exit(main(pathlib.Path(sys.argv[1])))"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text("the start page")
    return tmp_path


def test_it_shows_the_start_page_until_it_is_interrupted(folder):
    run = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        try:
            address = run.stdout.readline().split()[2].rstrip(";")
            with urlopen(address, timeout=10) as answer:
                assert answer.read() == b"the start page"
        finally:
            run.send_signal(signal.SIGINT)
        assert run.wait(timeout=10) == 0


def test_a_port_that_is_taken(folder, monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert serve.main(folder) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"mmcourse: port {port} can't be had")
    assert said.count("\n") == 1


def test_a_port_that_is_none(folder, monkeypatch, capsys):
    monkeypatch.setenv("PORT", "http")
    assert serve.main(folder) == 1
    assert "PORT=http is no port; use a number" in capsys.readouterr().err


def test_a_site_that_is_not_built(tmp_path, capsys):
    assert serve.main(tmp_path) == 1
    assert "holds no site; build it: make site" in capsys.readouterr().err
