"""The website, built once a session, and a server of it."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from docs.website.serve import serve
from tests.browser.pages import find_chromium, open_browser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a built site; processes that run side by side share one."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    output, done = folder / "site", folder / "site.seconds"
    with (folder / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(str(build(output)))
    return output


def build(output: Path) -> float:
    """Build the site as `make site` does; return the seconds of processor time."""
    command = [sys.executable, "-m", "docs.website.build", "--output", str(output)]
    before = children_seconds()
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return children_seconds() - before


def children_seconds() -> float:
    """Processor time of the processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.fixture(scope="session")
def pages(built: Path) -> Path:
    """The folder of the site's pages."""
    return built / "html"


@pytest.fixture(scope="session")
def address(pages: Path) -> Iterator[str]:
    """Where the site is served while tests run, with a `/` at the end."""
    with serve(pages, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """A Chromium without a window, from the system."""
    paths = find_chromium()
    if paths is None:
        pytest.skip("left out: no browser; apt-get install chromium chromium-driver")
    browser = open_browser(paths, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()
