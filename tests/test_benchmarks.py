"""The benchmark's machinery, on small data: that it runs, never how fast it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = ("gpa", "a", "boot-gpa", "profile-gpa", "growth", "cold", "stream")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a quick run of mmcourse alone."""
    out = tmp_path_factory.mktemp("benchmark")
    run = bench("--rows", " ".join(ROWS), "--engines", "mmcourse", "--out", str(out))
    assert run.returncode == 0, run.stderr
    return out


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmark quickly."""
    command = [sys.executable, ROOT / "benchmarks" / "run.py", "--quick", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_numbers_have_time_memory_and_criterion(folder):
    results = json.loads((folder / "results.json").read_text())
    gpa, intercepts = (row["engines"]["mmcourse"] for row in results["fits"])
    # The REML criterion of the document's first model (tests/reference).
    assert gpa["criterion"] == pytest.approx(408.8929, abs=1e-4)
    assert len(gpa["wall"]) == len(gpa["cpu"]) > 1
    assert intercepts["resident_peak"] >= intercepts["resident_before"] > 0
    assert intercepts["data_bytes"] == 10_000 * 5 * 8
    assert [row["n_rows"] for row in results["growth"]] == [1_000, 10_000]
    assert all(row["engines"]["mmcourse"]["evaluation"] for row in results["growth"])
    assert results["cold"]["mmcourse"]["status"] == "ok"
    assert results["stream"]["n_rows"] == 200_000
    assert results["stream"]["resident_peak"] > results["stream"]["resident_before"]


def test_inference_has_times_and_numbers_that_tell_whose_work_it_was(folder):
    results = json.loads((folder / "results.json").read_text())
    boot, profile = (row["engines"]["mmcourse"] for row in results["inference"])
    # R: with the random effects kept fixed, the sd of the sd would be .0070.
    assert boot["numbers"][0] == pytest.approx(0.0147, abs=0.001)
    # R's confint of the sd between students.
    assert profile["numbers"] == pytest.approx([0.22517, 0.28246], abs=5e-6)
    assert all(len(one["wall"]) == len(one["cpu"]) > 0 for one in (boot, profile))


def test_the_last_reading_of_many_rows_is_quoted(tmp_path):
    run = bench("--rows", "gpa", "--engines", "mmcourse", "--out", str(tmp_path))
    assert run.returncode == 0, run.stderr
    kept = json.loads((ROOT / "benchmarks" / "stream.json").read_text())
    text = (tmp_path / "RESULTS.md").read_text()
    assert f"| rows | {kept['n_rows']:,} |" in text
    assert f"| measured | {kept['machine']['date']}" in text


def test_the_profile_accounts_for_all_the_time(folder):
    results = json.loads((folder / "results.json").read_text())
    for row in results["fits"] + results["growth"]:
        assert sum(row["profile"]["stages"].values()) == pytest.approx(1)


def test_the_page_has_its_sections_and_rows(folder):
    text = (folder / "RESULTS.md").read_text()
    headings = [s[3:] for s in text.splitlines() if s.startswith("## ")]
    assert headings == [
        "Fits",
        "Inference",
        "Memory",
        "Cold start",
        "Growth",
        "Data that does not fit in memory",
        "Grading a class",
        "Where the time goes",
        "How it is measured",
    ]
    for row in (
        "| `gpa` GPA",
        "| `a` (a)",
        "| `boot-gpa` ",
        "| 10,000 |",
        "| its imports alone |",
    ):
        assert row in text
    assert "![Wall time of model (a)" in text
    assert (folder / "growth.png").stat().st_size > 5_000


def test_a_row_that_is_not_there_is_named():
    run = bench("--rows", "gap")
    assert run.returncode != 0
    assert run.stderr.startswith("mmcourse: no row 'gap'; there are: gpa sleepstudy")
