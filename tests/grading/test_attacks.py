"""Submissions of every kind: what each earns, and what the report says of it.

No mark that was not earned, none lost that was; nobody missing, nothing of the machine
touched. The quick ones are always run, all of them in CI.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmcourse.grading.box.sandbox import NoSandbox, require_sandbox
from tests.grading.attacks import altered, sheets
from tests.grading.attacks.cases import (
    ATTACKS,
    Case,
    chosen,
    only_in_ci,
    read_attacks,
)
from tests.grading.attacks.classroom import (
    MARK,
    Classroom,
    Listener,
    as_somebody,
    digest_of_course,
    processes_with,
)

ALL = [case for path in ATTACKS for case in read_attacks(path)] + altered.CASES
CASES = chosen(ALL)

FOR_SOMEBODY = (
    *("perfect", "fork_bomb", "thread_bomb", "memory_bomb", "memory_without_owner"),
    *("disk_bomb", "many_small_files", "leaves_the_sandbox", "kills_all_it_can"),
    *("writes_outside", "background_processes", "calls_out", "output_past_the_kernel"),
)

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    with Listener(tmp_path_factory.mktemp("servers")) as servers:
        yield servers


@pytest.fixture(scope="module")
def sandboxed() -> None:
    try:
        require_sandbox()
    except NoSandbox as reason:
        pytest.skip(f"left out: {reason}")


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory, listener: Listener, sandboxed: None
) -> Classroom:
    """A class of all of them, graded once."""
    room = Classroom(tmp_path_factory.mktemp("class"))
    room.set_up(CASES, listener)
    run = room.grade("--submissions", str(room.handed_in))
    assert run.returncode == 1, run.stderr  # 1: read the report
    return room


def named(*names: str) -> list[Case]:
    return [case for case in ALL if case.name in names]


def test_there_are_enough_of_them():
    assert len(ALL) >= 40
    assert len({case.name for case in ALL}) == len(ALL)
    quick = {case.name for case in ALL if case.is_quick}
    assert {"perfect", "blank", "json_is_broken", "reads_solutions"} <= quick


def check_mark(room: Classroom, case: Case) -> None:
    """Fail unless the table says what a submission has earned."""
    row = room.marks()[case.name]
    if case.earned is None:
        assert (row["status"], float(row["score"])) == ("not graded", 0)
        return
    assert row["status"] in ("graded", "to be marked by hand")
    got = {check: float(row[check]) for check in sheets.points()}
    assert got == case.earned, (case.name, room.remarks().get(case.name))
    assert float(row["code"]) == sum(case.earned.values())


def check_remarks(room: Classroom, case: Case) -> None:
    """Fail unless the report says what it must."""
    remarks = room.remarks().get(case.name, [])
    if not case.says:
        assert remarks == []
    for words in case.says:
        wanted = words.replace("<limit>", str(room.limit))
        assert any(re.search(wanted, line) for line in remarks), remarks


@each_case
def test_the_mark_is_what_was_earned(graded: Classroom, case: Case):
    check_mark(graded, case)


@each_case
def test_the_report_has_its_lines(graded: Classroom, case: Case):
    check_remarks(graded, case)


def test_nobody_is_missing(graded: Classroom):
    names = {case.name for case in CASES}
    assert {*graded.marks()} == names
    marked = {case.name for case in CASES if case.earned is not None}
    pages = {path.parts[-3] for path in graded.root.glob("feedback/*/*/*.html")}
    assert pages == marked


def test_the_gradebook_is_whole_and_says_what_the_table_says(graded: Classroom):
    with sqlite3.connect(graded.root / "gradebook.db") as book:
        assert book.execute("pragma integrity_check").fetchall() == [("ok",)]
        scores = book.execute(
            "select assignment.student_id, sum(grade.auto_score) from grade"
            " join submitted_notebook on submitted_notebook.id = grade.notebook_id"
            " join submitted_assignment as assignment"
            " on assignment.id = submitted_notebook.assignment_id"
            " group by assignment.student_id"
        ).fetchall()
    table = {name: float(row["code"]) for name, row in graded.marks().items()}
    assert {name: score or 0 for name, score in scores} == table


def test_nothing_of_the_machine_was_touched(graded: Classroom, listener: Listener):
    assert [path.name for path in graded.outside.iterdir()] == ["canary.txt"]
    assert (graded.outside / "canary.txt").read_text() == "sings"
    assert digest_of_course() == graded.course
    assert listener.reached == []


def test_nothing_survives(graded: Classroom):
    assert processes_with(MARK) == []
    assert processes_with(str(graded.folder)) == []
    assert [*(graded.folder / "tmp").iterdir()] == []


def test_nothing_of_theirs_reaches_the_terminal(graded: Classroom):
    assert "past the kernel" not in graded.said
    assert "Warning" not in graded.said
    assert "Traceback" not in graded.said


def test_no_script_of_theirs_is_in_the_feedback(graded: Classroom):
    pages = [*graded.root.glob("feedback/script_*/*/*.html")]
    assert pages
    for path in pages:
        alerts = rf"<script[^>]*>[^<]*{MARK}|<[^>]+(on\w+|href|src)=[^>]*{MARK}"
        assert re.search(alerts, path.read_text(encoding="utf-8")) is None


@only_in_ci
@pytest.mark.skipif(os.getuid() != 0, reason="whoever runs this is one already")
def test_the_limits_hold_for_an_ordinary_user(listener: Listener, sandboxed: None):
    cases = named(*FOR_SOMEBODY)
    with tempfile.TemporaryDirectory(prefix="mmcourse-test-") as folder:
        room = Classroom(Path(folder), user=as_somebody())
        room.set_up(cases, listener)
        for path in (room.folder, room.outside):
            path.chmod(0o777)
        run = room.grade("--submissions", str(room.handed_in))
        assert run.returncode == 1, run.stderr
        for case in cases:
            check_mark(room, case)
            check_remarks(room, case)
        test_nothing_of_the_machine_was_touched(room, listener)
        test_nothing_survives(room)
        test_nothing_of_theirs_reaches_the_terminal(room)


@only_in_ci
def test_without_the_sandbox_they_would_do_harm(tmp_path: Path):
    """Attacks that do nothing anywhere would prove nothing."""
    with Listener(tmp_path) as listener:
        room = Classroom(tmp_path)
        room.set_up(named("reads_solutions", "calls_out"), listener)
        room.grade("--submissions", str(room.handed_in), "--no-sandbox")
        assert "with your rights, your files and your network" in room.said
        assert float(room.marks()["reads_solutions"]["code"]) > 0
        assert listener.reached != []
