"""Every assignment, from the sheet to the feedback: model answers, and the blank."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmcourse.grading.box.sandbox import NoSandbox, require_sandbox
from tests.grading.attacks.classroom import environment
from tests.grading.submissions import ROOT, answered, hand_in, sheet_of

ALL = sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir())
QUICK = ("p1", "20_sleepstudy")
CHOSEN = ALL if os.environ.get("CI") else QUICK


@pytest.fixture(scope="module")
def into(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all are graded into, as in a term."""
    try:
        require_sandbox()
    except NoSandbox as reason:
        pytest.skip(f"left out: {reason}")
    return tmp_path_factory.mktemp("grading")


@pytest.mark.parametrize("assignment", CHOSEN)
def test_model_answers_get_all_points_and_a_blank_none(assignment, into, tmp_path):
    folder = hand_in(
        tmp_path / "in", assignment, ada=answered(assignment), ben=sheet_of(assignment)
    )
    command = [sys.executable, "-m", "mmcourse", "grade", assignment]
    command += ["--submissions", str(folder), "--into", str(into)]
    command += ["--course", str(ROOT)]
    run = subprocess.run(
        command, env=environment(tmp_path / "tmp"), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr

    with (into / "marks" / f"{assignment}.csv").open(newline="") as file:
        ada, ben = csv.DictReader(file)
    cells = [cell.metadata.nbgrader for cell in sheet_of(assignment).cells if own(cell)]
    checks = {m.grade_id: m.points for m in cells if not m.solution}
    assert {name: float(ada[name]) for name in checks} == checks
    assert float(ada["code"]) == sum(checks.values())
    assert float(ben["score"]) == 0
    assert (ada["status"], ben["status"]) == ("to be marked by hand", "graded")
    for student in ("ada", "ben"):
        page = into / "feedback" / student / assignment / f"{assignment}.html"
        assert len(page.read_text(encoding="utf-8")) > 10_000


def own(cell) -> bool:
    """Whether a cell gives points."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)
