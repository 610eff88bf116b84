"""Runs that are stopped, that meet, and whose processes die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mmcourse.grading.assignment import take_in
from mmcourse.grading.box import sandbox
from mmcourse.grading.box.sandbox import NoSandbox, require_sandbox
from mmcourse.grading.box.watch import family
from mmcourse.grading.course import Course, GradingError
from mmcourse.grading.gradebook import enter_assignment
from mmcourse.grading.locking import locked
from mmcourse.grading.run import run_apart
from mmcourse.grading.worker import FAILED, grade_one, log_of
from tests.grading.attacks import sheets
from tests.grading.attacks.cases import only_in_ci, packed
from tests.grading.attacks.classroom import Classroom, environment, processes_with
from tests.grading.attacks.work import work

BARE = ("--dev-bind", "/dev", "/dev")  # a box without Python
STUDENTS = ("ada", "ben", "cem", "dora")


def done(folder: Path, *students: str, workers: int = 2) -> dict[str, str | None]:
    jobs = {student: (student, str(folder)) for student in students}
    return dict(run_apart(work, jobs, workers))


def test_a_process_that_dies_takes_nobody_with_it(tmp_path):
    names = ("a", "dies", "b", "c", "hangs", "d", "e", "f")
    found = done(tmp_path, *names)
    lost = {"dies": None, "hangs": None}
    assert found == {name: name.upper() for name in names} | lost
    assert "in work" in (tmp_path / "log").read_text()
    times = {name: len((tmp_path / name).read_text()) for name in names}
    assert times["dies"] == times["hangs"] == 2  # once more, alone
    assert max(times.values()) == 2


def test_an_error_of_ours_is_not_swallowed(tmp_path):
    with pytest.raises(ValueError, match="fails"):
        done(tmp_path, "fails")


def test_nothing_to_do_takes_no_process(tmp_path):
    assert done(tmp_path) == {}


def test_who_stops_asking_waits_for_nobody(tmp_path):
    began = time.monotonic()
    jobs = {name: (name, str(tmp_path)) for name in ("a", "sleeps", "b", "c")}
    results = run_apart(work, jobs, workers=2)
    assert next(results) == ("a", "A")
    results.close()
    assert time.monotonic() - began < 30


def test_a_second_run_refuses_and_names_the_first(tmp_path):
    course = Course(sheets.ASSIGNMENT, sheets.SOLUTION, tmp_path)
    with locked(course):
        with pytest.raises(GradingError, match=f"process {os.getpid()}"):
            with locked(course):
                pass
    with locked(course):
        pass


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    try:
        require_sandbox()
    except NoSandbox as reason:
        pytest.skip(f"left out: {reason}")
    found = Classroom(tmp_path, limit=30)
    for student in STUDENTS:
        for name, data in packed(sheets.right()).items():
            path = found.handed_in / student / name
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
    return found


def begun(room: Classroom, until: Callable[[], bool]) -> subprocess.Popen[bytes]:
    """Start a run of one process, and wait until it has come so far."""
    command = room.command("--submissions", str(room.handed_in), "--workers", "1")
    with (room.folder / "said.txt").open("w") as said:
        run = subprocess.Popen(
            command,
            env=environment(room.folder / "tmp"),
            cwd=room.folder,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    end = time.monotonic() + 120
    while not until():
        assert run.poll() is None, said_by(room)
        assert time.monotonic() < end
        time.sleep(0.02)
    return run


def said_by(room: Classroom) -> str:
    return (room.folder / "said.txt").read_text()


def states(room: Classroom) -> dict[str, tuple[bytes, int]]:
    """What is kept of each submission, and when it was written."""
    paths = (room.root / "state" / sheets.ASSIGNMENT).glob("*.json")
    return {p.stem: (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


def kernel_runs(room: Classroom) -> bool:
    return bool(states(room)) and bool(processes_with(str(room.folder / "tmp")))


def is_over(room: Classroom) -> bool:
    """Whether nothing of the run is left, within a while."""
    end = time.monotonic() + 10
    while processes_with(str(room.folder)):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@only_in_ci
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_goes_on_where_it_was(room: Classroom, how: int):
    run = begun(room, lambda: kernel_runs(room))
    os.killpg(run.pid, how)  # as Ctrl-C in a terminal does
    assert run.wait(timeout=30) == (130 if how == signal.SIGINT else -how)
    assert "Traceback" not in said_by(room)
    assert is_over(room)
    before = states(room)
    assert 0 < len(before) < len(STUDENTS)

    again = room.grade()
    assert again.returncode == 0, again.stderr
    left = len(STUDENTS) - len(before)
    assert f"{left} graded now" in again.stdout
    after = states(room)
    assert {name: after[name] for name in before} == before
    most = sum(sheets.points().values())
    assert {r["student"]: float(r["code"]) for r in room.marks().values()} == (
        dict.fromkeys(STUDENTS, most)
    )
    assert room.remarks() == {}


@only_in_ci
def test_a_worker_that_is_told_to_end_costs_nobody_a_point(room: Classroom):
    run = begun(room, lambda: kernel_runs(room))
    workers = [pid for pid in family(run.pid) if "spawn_main" in line_of(pid)]
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    assert workers
    assert run.wait(timeout=300) == 0, said_by(room)
    most = sum(sheets.points().values())
    assert [float(row["code"]) for row in room.marks().values()] == [most] * 4
    assert room.remarks() == {}


def line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


@only_in_ci
def test_two_runs_at_once_the_second_refuses(room: Classroom):
    first = begun(room, lambda: kernel_runs(room))
    second = room.grade("--submissions", str(room.handed_in))
    assert second.returncode == 2
    assert f"another run (process {first.pid}) is grading" in second.stderr
    assert first.wait(timeout=300) == 0, said_by(room)
    assert (
        json.loads((room.root / "state" / "p1" / "ada.json").read_text())["notes"] == []
    )
    assert len(room.marks()) == len(STUDENTS)


def test_a_kernel_that_never_starts_is_told_and_tried_again(
    room: Classroom, monkeypatch
):
    course = Course(sheets.ASSIGNMENT, sheets.SOLUTION, room.root)
    enter_assignment(course)
    take_in(course, room.handed_in, None)
    monkeypatch.setattr(tempfile, "tempdir", str(room.folder))
    monkeypatch.setattr(sandbox, "furnished", lambda checks: ["bwrap", *BARE])
    began = time.monotonic()
    outcome = grade_one(course, "ada", "mark", (), "")
    assert outcome.problem == FAILED
    assert time.monotonic() - began < 40
    assert not course.state("ada").exists()  # so that the next run does it again
    assert "The kernel did not start" in log_of(course, "ada").read_text()
    assert [*Path(tempfile.gettempdir()).glob("mmcourse-kernel-*")] == []
