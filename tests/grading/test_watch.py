"""A watch over processes: what they take, and that they end."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from mmcourse.grading.box.watch import Limits, Watch, family, resident, stored

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what it reads is Linux's own"
)
HOG = "hog = bytearray(200_000_000); import time; time.sleep(60)"
MANY = (
    "import subprocess, time\n"
    "more = [subprocess.Popen(['sleep', '60']) for _ in range(6)]\n"
    "time.sleep(60)"
)
QUIET = "import time; time.sleep(60)"


def watched(code: str, limits: Limits, folders: tuple[str, ...] = ()) -> Watch:
    """Run code until its watch is over; return the watch."""
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        watch = Watch(process.pid, limits, folders)
        watch.start()
        watch.join(timeout=30)
        children = family(process.pid)
        process.kill()
    for pid in children[1:]:
        os.kill(pid, 9)
    assert process.returncode == -9
    return watch


@pytest.mark.parametrize(
    ("code", "limits", "reason"),
    [
        (HOG, Limits(memory=100 << 20), "it took more than 100 MB of memory"),
        (MANY, Limits(processes=3), "it started more than 3 processes"),
        (QUIET, Limits(seconds=0.5), "it took more than 0 s in all"),
    ],
)
def test_who_takes_too_much_is_ended_and_it_says_why(code, limits, reason):
    watch = watched(code, limits)
    assert watch.reason == reason
    assert watch.peak > 0


def test_files_are_counted():
    limits = Limits(memory=1 << 60, files=0)
    watch = watched(QUIET, limits, ("/dev/shm", "/tmp"))
    assert watch.reason == "it made more than 0 files"


def test_who_takes_little_is_left_alone_until_it_stops():
    with subprocess.Popen([sys.executable, "-c", QUIET]) as process:
        watch = Watch(process.pid, Limits())
        watch.start()
        time.sleep(0.5)
        watch.stop()
        watch.join(timeout=5)
        assert (watch.reason, process.poll()) == ("", None)
        assert watch.peak > 1 << 20
        process.kill()


def test_a_process_that_is_gone_takes_nothing_and_no_other_is_ended():
    process = subprocess.Popen([sys.executable, "-c", ""])
    watch = Watch(process.pid, Limits(seconds=0))
    process.wait()
    watch.start()
    watch.join(timeout=5)
    assert resident(process.pid) == 0
    assert family(process.pid) == [process.pid]
    assert stored([]) == (0, 0)
