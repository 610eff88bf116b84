"""Start JupyterLab for this machine alone, say where it is, wait for its end.

What `make lab` and `make formgrader` share. PORT= chooses the port, BROWSER=no opens
no browser.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PORTS = range(8888, 8988)
PATIENCE = 60  # seconds until the server must answer
# JupyterLab would ask a learner whether to fetch news; the course asks nothing.
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
NBGRADER = ("assignment_list", "course_list", "formgrader", "validate_assignment")


@dataclass(frozen=True, slots=True)
class Lab:
    """A JupyterLab to be started.

    Attributes
    ----------
    target : str, of the Makefile
    folder : Path, what it shows
    page : str, what it opens with, after the address of JupyterLab
    settings : Path, the folder with its defaults
    disabled : tuple of str, extensions of the page that are off
    extensions : tuple of str, extensions of the server that are on; nbgrader's are off
    options : tuple of str, more for the command line
    bye : str, what to know when ending it
    """

    target: str
    folder: Path
    page: str
    settings: Path
    disabled: tuple[str, ...]
    extensions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    bye: str = ""


def serve(lab: Lab) -> int:
    """Start a JupyterLab, print its address, wait for its end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the server too
    try:
        port = choose_port(os.environ.get("PORT", ""), lab.target)
    except ValueError as problem:
        return stop(str(problem))
    set_defaults(lab.settings, lab.disabled)
    token = secrets.token_hex(16)
    server = start(lab, port, token)
    try:
        if not answers(server, port):
            return stop("JupyterLab did not start; see above.")
        say(f"open http://127.0.0.1:{port}/lab{lab.page}?token={token}")
        say(f"Ctrl-C here ends it; {lab.bye}")
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        end(server)


def say(text: str) -> None:
    """Print one line of ours at once, marked as ours."""
    print(f"mmcourse: {text}", flush=True)


def stop(problem: str) -> int:
    """Print the one line that says what to do; return the exit status."""
    print(f"mmcourse: {problem}", file=sys.stderr)
    return 1


def set_defaults(folder: Path, disabled: Iterable[str]) -> None:
    """Write the defaults of JupyterLab's settings; users' own win."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overrides.json").write_text(json.dumps(NO_NEWS))
    off = {"disabledExtensions": dict.fromkeys(disabled, True)}
    (folder / "page_config.json").write_text(json.dumps(off))


def choose_port(wanted: str, target: str) -> int:
    """Return the port asked for, or the first free one from 8888 on."""
    if wanted:
        if not wanted.isdigit() or not 0 < int(wanted) < 65536:
            raise ValueError(f"PORT={wanted} is no port; use a number such as 8890.")
        if not is_free(int(wanted)):
            raise ValueError(
                f"port {wanted} is in use; choose another: make {target} PORT=8890"
            )
        return int(wanted)
    for port in PORTS:
        if is_free(port):
            return port
    raise ValueError(f"no free port from 8888 on; name one: make {target} PORT=9000")


def is_free(port: int) -> bool:
    """Return whether a server may listen on this port here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start(lab: Lab, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start JupyterLab as a child that only this machine can reach."""
    off = dict.fromkeys([f"nbgrader.server_extensions.{n}" for n in NBGRADER], False)
    extensions = {**off, **dict.fromkeys(("jupyterlab", *lab.extensions), True)}
    command = [sys.executable, "-m", "jupyterlab", *lab.options]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={lab.folder}"]
    command += [f"--ServerApp.jpserver_extensions={extensions}"]
    command += [f"--LabApp.default_url=/lab{lab.page}"]
    command += [f"--LabApp.app_settings_dir={lab.settings}"]
    command += ["--LabApp.news_url=None", "--log-level=WARN", "-y"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly"]
    return subprocess.Popen(command + machine(), env=environment(token), cwd=lab.folder)


def machine() -> Sequence[str]:
    """Return what this machine asks for."""
    quiet = [] if wants_browser() else ["--no-browser"]
    return quiet + ["--allow-root"] * (os.geteuid() == 0)


def environment(token: str) -> dict[str, str]:
    """Return the server's environment.

    The token is in it, not in the command line, which every user of a machine sees.
    """
    found = {**os.environ, "JUPYTER_TOKEN": token}
    if found.get("BROWSER") in ("", "no"):
        del found["BROWSER"]
    return found


def wants_browser() -> bool:
    """Return whether to open a browser: not if told so, not without a screen."""
    if os.environ.get("BROWSER"):
        return os.environ["BROWSER"] != "no"
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Return whether the server answers within our patience."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # it answers, even if only to ask for the token
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
