"""What code in the sandbox sees and may do: as root, and as an ordinary user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from mmcourse.grading.box import sandbox
from mmcourse.grading.box.launch import STRANGERS
from mmcourse.grading.box.sandbox import NoSandbox, require_sandbox
from tests.grading.attacks.classroom import as_somebody, environment
from tests.grading.submissions import ROOT

# Starts a process as a kernel is started, but without one.
START = """
import os, subprocess, sys, tempfile
from pathlib import Path
from mmcourse.grading.box.sandbox import SEALED, furnished, pipe_with, require_sandbox
from mmcourse.grading.box.syscalls import system_filter

require_sandbox()
with tempfile.TemporaryDirectory() as folder:
    rules = pipe_with(system_filter())
    command = [*furnished(Path(folder) / "checks"), *SEALED, "--seccomp", str(rules)]
    command += [sys.executable, "-c", *sys.argv[1:]]
    sys.exit(subprocess.run(command, pass_fds=[rules]).returncode)
"""
DEVICES = "full null random tty urandom zero stdin ptmx pts/ptmx"
LOOK = (Path(__file__).parent / "attacks" / "look_around.py").read_text()
USERS = [pytest.param([], id="as whoever runs the tests")]
if not os.getuid():
    USERS.append(pytest.param(as_somebody(), id="as an ordinary user"))


@pytest.fixture(scope="module", params=USERS)
def seen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What code sees that looks around in the sandbox."""
    try:
        require_sandbox()
    except NoSandbox as reason:
        pytest.skip(f"left out: {reason}")
    # Not below pytest's own folder, which is for one user.
    with tempfile.TemporaryDirectory(prefix="mmcourse-test-") as folder:
        Path(folder).chmod(0o777)
        run = subprocess.run(
            [*request.param, sys.executable, "-c", START, LOOK, str(ROOT)],
            env=environment(Path(folder)),
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    found["is_root"] = not os.getuid() and not request.param
    return found


def test_the_course_is_not_there(seen):
    parts = {Path(path).relative_to(ROOT).parts for path in seen["files"]["course"]}
    assert {top for top, *_ in parts} <= {"data", "mmcourse", ".venv"}
    own = [names[-1] for names in parts if names[0] != ".venv"]
    assert "describing.py" in own  # it looks at something
    assert not [name for name in own if name.endswith(".ipynb")]
    assert {path.split("/")[2] for path in seen["files"]["own"]} <= {
        "matplotlib",
        "here",
    }
    assert seen["files"]["others"] == []


def test_no_check_is_there(seen):
    assert seen["pupils"] == [288, 3]  # what a sheet hands out is
    assert seen["check"] is None
    assert "Stands in for checks" in seen["checks"]
    assert "worth(" not in seen["checks"]
    assert "crossed" not in seen["checks"]


def test_nothing_can_be_written_but_in_three_folders(seen):
    written = {path for path in seen["written"] if not path.startswith("/dev/")}
    assert {path.split("/")[1] for path in written} == {"tmp", "course"}
    devices = {path for path in seen["written"] if path.startswith("/dev/")}
    harmless = {f"/dev/{name}" for name in DEVICES.split()}
    assert "/dev/shm/new" in devices
    assert devices - {"/dev/shm/new"} <= harmless


def test_it_is_nobody_and_alone(seen):
    mine = STRANGERS + 7 if seen["is_root"] else 1000
    assert seen["user"][:2] == [mine, mine]
    assert 0 not in seen["user"][2]
    assert seen["host"] == "grader"
    assert len(seen["processes"]) <= 3
    assert seen["networks"] == ["lo"]
    assert "WORD" not in seen["environment"]
    rights = {
        name: int(seen["status"][name], 16) for name in ("CapPrm", "CapEff", "CapAmb")
    }
    assert rights == {"CapPrm": 0, "CapEff": 0, "CapAmb": 0}
    assert int(seen["status"]["NoNewPrivs"]) == 1


def test_its_limits_can_not_be_raised(seen):
    assert seen["limits"] == {
        "NPROC": [128, 128],
        "AS": [4 << 30, 4 << 30],
        "FSIZE": [64 << 20, 64 << 20],
        "NOFILE": [512, 512],
        "CPU": [600, 600],
        "CORE": [0, 0],
    }
    assert seen["room"] == {"/dev/shm": 64, "/tmp": 256, "/course": 256}


def test_what_gets_around_the_limits_is_refused(seen):
    assert seen["refused"] == {
        "memfd_create": "EPERM",
        "shmget": "EPERM",
        "unshare": "EPERM",
        "clone3": "ENOSYS",
        "vsock": "EAFNOSUPPORT",
        "fork into a namespace": "EPERM",
    }


def test_what_sheets_need_works(seen):
    assert seen["works"] == ["a thread", "a process", "a socket"]


@pytest.mark.parametrize(
    ("platform", "found", "why"),
    [
        ("darwin", "/usr/bin/bwrap", "this is darwin"),
        ("linux", None, "there is no command bwrap"),
        ("linux", "/usr/bin/false", "bwrap says: it fails"),
    ],
)
def test_without_a_sandbox_it_says_what_to_install(monkeypatch, platform, found, why):
    monkeypatch.setattr(sandbox.sys, "platform", platform)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: found)
    monkeypatch.setattr(sandbox, "box", lambda: ["false"])
    with pytest.raises(NoSandbox, match=why) as caught:
        require_sandbox()
    assert "sudo apt install bubblewrap" in str(caught.value)
    assert "--no-sandbox" in str(caught.value)
