"""What lessons 10 and 12 quote of the coverage study is what the study found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LESSONS = ROOT / "course" / "lessons"


@pytest.fixture(scope="module")
def designs() -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks" / "coverage.json").read_text())["designs"]


def share(rows: list[dict[str, Any]], **wanted: str) -> float:
    """Percentage that the one row with these entries covers."""
    (row,) = [r for r in rows if all(r[key] == wanted[key] for key in wanted)]
    return 100 * row["covered"] / row["n"]


def profiles(design: dict[str, Any], parameter: str) -> list[int]:
    """Coverage of the profiles of ML and REML, in whole percent."""
    return [
        round(share(design["intervals"], parameter=parameter, method=method))
        for method in ("profile_ml", "profile_reml")
    ]


def predicted(design: dict[str, Any], case: str, target: str, new: str = "") -> float:
    """Coverage in percent of the joint interval of 95 %."""
    (row,) = [
        r
        for r in design["predictions"]
        if (r["case"], r["target"], r["method"], r["new_levels"], r["level"])
        == (case, target, "joint", new, 0.95)
    ]
    return 100 * row["coverage"]


def test_lesson_10_quotes_the_profiles(designs):
    assert set(profiles(designs["gpa"], "sd_Intercept|student")) <= {94, 95}
    assert profiles(designs["small"], "sd_Intercept|group") == [86, 95]
    text = (LESSONS / "10_variance_components.py").read_text(encoding="utf-8")
    assert "94 to 95 %" in text and "86 %" in text
    assert all(design["sets"] >= 2000 for design in designs.values())


def test_lesson_12_quotes_the_predictions(designs):
    student = "a new student", "response"
    assert round(predicted(designs["gpa"], *student, "draw")) == 95
    assert round(predicted(designs["gpa"], *student, "zero")) == 82
    assert 89 <= predicted(designs["small"], "a known group", "mean") <= 90
    text = (LESSONS / "12_prediction.py").read_text(encoding="utf-8")
    assert "95 % of the responses" in text and "only 82 %" in text
    assert "89 to 90 %" in text
