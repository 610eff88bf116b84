"""Submissions of every kind: what each earns, and what the report says of it.

No mark that was not earned, none lost that was; nobody missing, nothing of the machine
touched. The quick ones are always run, all of them in CI.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmcourse.grading.sandbox import NoSandbox, require_sandbox
from tests.grading import altered, sheets
from tests.grading.classroom import MARK, Classroom, Listener, processes_with
from tests.grading.hostile import ATTACKS, Case, chosen, read_attacks

ALL = [case for path in ATTACKS for case in read_attacks(path)] + altered.CASES
CASES = chosen(ALL)
NAMES = {case.name for case in CASES}


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    servers = Listener(tmp_path_factory.mktemp("servers"))
    yield servers
    servers.close()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Classroom:
    """A class of all of them, graded once."""
    try:
        require_sandbox()
    except NoSandbox as reason:
        pytest.skip(f"left out: {reason}")
    room = Classroom(tmp_path_factory.mktemp("class"))
    room.outside.mkdir()
    (room.outside / "canary.txt").write_text("sings")
    room.hand_in(CASES, room.facts(listener))
    run = room.grade("--submissions", str(room.handed_in))
    (room.folder / "said.txt").write_text(run.stdout + run.stderr)
    assert run.returncode == 1, run.stderr  # 1: read the report
    return room


def test_there_are_enough_of_them():
    assert len(ALL) >= 40
    assert len({case.name for case in ALL}) == len(ALL)
    assert {case.name for case in CASES} >= {"perfect", "endless_loop"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_mark_is_what_was_earned(graded: Classroom, case: Case):
    row = graded.marks()[case.name]
    if case.earned is None:
        assert (row["status"], float(row["score"])) == ("not graded", 0)
        return
    assert row["status"] == "to be marked by hand"
    got = {check: float(row[check]) for check in sheets.points()}
    assert got == case.earned
    assert float(row["code"]) == case.total
