"""The README's picture can be drawn again and shows what its text says."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).resolve().parent.parent.parent / "docs/figures/overview.py"


def test_the_picture_of_the_readme():
    figure, lines = runpy.run_path(str(SCRIPT))["draw"]()
    left, right = figure.axes
    assert len(left.get_lines()) == 200 + 1 + 2  # students, average, two fitted
    assert lines.groupby("student")["gpa"].apply(np.ptp).round(3).tolist() == [
        0.532,  # 5 semesters at 0.1063, the slope that all share
        0.532,
    ]
    assert "student" in right.get_xlabel()
    assert SCRIPT.with_suffix(".png").stat().st_size < 400_000
