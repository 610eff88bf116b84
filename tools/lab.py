"""`make lab`: update the working copy, start JupyterLab on the first lesson.

Run by the Python of `.venv`. PORT= chooses the port, BROWSER=no opens no browser.
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
from pathlib import Path

import working_copy

ROOT = Path(__file__).resolve().parent.parent
FIRST_LESSON = "notebooks/00_start_here.ipynb"
PORTS = range(8888, 8988)
PATIENCE = 60  # seconds until the server must answer
# JupyterLab would ask a learner whether to fetch news; the course asks nothing.
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
# nbgrader, whose Validate button learners press, warns when it finds no such file.
NO_SETTINGS = "# Settings of nbgrader for learners: its defaults. By tools/lab.py.\n"


def main() -> int:
    """Update `work/`, start JupyterLab, print its address, wait for its end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the server too
    work = Path(os.environ.get("MMCOURSE_WORK") or ROOT / "work")
    say_report(working_copy.update(ROOT, work))
    try:
        port = choose_port(os.environ.get("PORT", ""))
    except ValueError as problem:
        print(f"mmcourse: {problem}", file=sys.stderr)
        return 1
    set_defaults()
    token = secrets.token_hex(16)
    page = f"/tree/{FIRST_LESSON}" if (work / FIRST_LESSON).exists() else ""
    server = start(work, port, token, page)
    try:
        if not answers(server, port):
            print("mmcourse: JupyterLab did not start; see above.", file=sys.stderr)
            return 1
        say(f"open http://127.0.0.1:{port}/lab{page}?token={token}")
        say("Ctrl-C here ends it; your work is in work/")
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        end(server)


def say(text: str) -> None:
    """Print one line of ours at once, marked as ours."""
    print(f"mmcourse: {text}", flush=True)


def say_report(report: working_copy.Report) -> None:
    """Say what came into the working copy and what was left alone."""
    if report.brought:
        say(f"{len(report.brought)} new or newer files in work/")
    for name in report.kept:
        say(f"work/{name} is yours and stays; rename it to get the newer version")


def set_defaults() -> None:
    """Write defaults of JupyterLab and of nbgrader into `.venv`; users' own win."""
    settings = Path(sys.prefix, "share", "jupyter", "lab", "settings")
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(NO_NEWS))
    jupyter = Path(sys.prefix, "etc", "jupyter")
    jupyter.mkdir(parents=True, exist_ok=True)
    (jupyter / "nbgrader_config.py").write_text(NO_SETTINGS)


def choose_port(wanted: str) -> int:
    """Return the port asked for, or the first free one from 8888 on."""
    if wanted:
        if not wanted.isdigit() or not 0 < int(wanted) < 65536:
            raise ValueError(f"PORT={wanted} is no port; use a number such as 8890.")
        if not is_free(int(wanted)):
            raise ValueError(
                f"port {wanted} is in use; choose another: make lab PORT=8890"
            )
        return int(wanted)
    for port in PORTS:
        if is_free(port):
            return port
    raise ValueError("no free port from 8888 on; name one: make lab PORT=9000")


def is_free(port: int) -> bool:
    """Return whether a server may listen on this port here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start(work: Path, port: int, token: str, page: str) -> subprocess.Popen[bytes]:
    """Start JupyterLab as a child that only this machine can reach."""
    command = [sys.executable, "-m", "jupyterlab"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={work}", f"--LabApp.default_url=/lab{page}"]
    command += ["--LabApp.news_url=None", "--log-level=WARN", "-y"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly"]
    if not wants_browser():
        command.append("--no-browser")
    if os.geteuid() == 0:
        command.append("--allow-root")
    # In the environment, not in the command line, which every user of a machine sees.
    environment = {**os.environ, "JUPYTER_TOKEN": token}
    if environment.get("BROWSER") in ("", "no"):
        del environment["BROWSER"]
    return subprocess.Popen(command, env=environment, cwd=work)


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


if __name__ == "__main__":
    sys.exit(main())
