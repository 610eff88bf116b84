"""The study of coverage: it simulates what it says, counts right and reports it."""

from __future__ import annotations

import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "tests" / "reference"


def part(name: str) -> ModuleType:
    """A module of the study; `benchmarks` is not installed with the package."""
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(f"benchmarks.coverage.{name}")
    finally:
        sys.path.remove(str(ROOT))


designs, summary, reading = part("designs"), part("summary"), part("reading")
predictions, one = part("predictions"), part("one")
NAMES = ("gpa", "small", "crossed")


def study(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the study as `make study` does."""
    command = [sys.executable, "-m", "benchmarks.coverage.run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(
    "name", ["designs", "predictions", "reading", "summary", "theory"]
)
def test_the_examples_in_its_docstrings(name):
    found = doctest.testmod(part(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0


# ---- what is simulated


def test_the_gpa_design_has_the_parameters_of_the_document():
    # The document's first mixed model, to the three digits that it prints.
    model = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    truth = designs.gpa().truth
    assert list(truth) == list(model.confint(method="wald").index)
    estimates = [*model.var_corr()["sd"], *model.fixef]
    assert list(truth.values()) == [round(float(v), 3) for v in estimates]


def test_the_crossed_design_has_the_parameters_of_penicillin():
    reference = json.loads((REFERENCE / "penicillin_reml.json").read_text())
    truth = designs.crossed().truth
    sds = [term["sd"][0] for term in reference["varcorr"]]
    expected = [*sds, reference["sigma"], *reference["fixef"]["estimate"]]
    assert list(truth.values()) == pytest.approx(expected, abs=0.005)


def test_the_small_design_has_groups_of_two_to_nine():
    data = designs.small().data
    assert data.groupby("group").size().tolist() == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("name", NAMES)
def test_idle_covariates_are_constant_within_what_is_said(name):
    design = designs.designs()[name]
    for covariate, within in design.idle.items():
        group = within.removeprefix("a ")
        values = design.data.groupby(group)[covariate] if within != "nothing" else None
        if values is not None:
            assert (values.nunique() == 1).all()
        assert design.data[covariate].nunique() > 5
        assert design.fixed.get(covariate, 0.0) == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_draws_have_the_mean_and_the_variance_of_the_model(name):
    design = designs.designs()[name]
    Y = np.array([designs.draw(design, i).y for i in range(4000)])
    known = designs.known_part(design, design.data, {})
    variance = design.sigma**2 + sum(sd**2 for sd in design.sds.values())
    spread = Y[:, 0] - known[0]
    assert abs(spread.mean()) < 4 * np.sqrt(variance / 4000)
    # The variance of a normal's sample variance is 2 variance^2 / n.
    assert spread.var() == pytest.approx(variance, abs=4 * variance * np.sqrt(2 / 4000))
    # Rows 0 and 1 share a group in all three designs.
    shared = sum(
        sd**2
        for group, sd in design.sds.items()
        if design.data[group].iloc[0] == design.data[group].iloc[1]
    )
    covariance = np.cov(Y[:, 0], Y[:, 1])[0, 1]
    error = np.sqrt((variance**2 + shared**2) / 4000)
    assert shared > 0
    assert covariance == pytest.approx(shared, abs=4 * error)


def test_a_data_set_gives_the_same_numbers_again():
    first, again = (one.study("small", 3) for _ in range(2))
    first.pop("seconds"), again.pop("seconds")
    assert json.dumps(first) == json.dumps(again)


# ---- what is counted


def test_the_rows_of_a_case_are_of_known_or_of_new_groups():
    for design in designs.designs().values():
        for case, rows in design.cases.items():
            sd = designs.unknown_sd(design, rows, with_residual=False)
            assert np.all(sd > 0) == np.any(sd > 0) == ("new" in case)


@pytest.mark.parametrize("case", ["a known group", "a new group"])
def test_the_chance_of_an_interval_is_the_share_of_draws_in_it(case):
    design = designs.small()
    data = designs.draw(design, 1)
    rows = design.cases[case].iloc[:1]
    (mean, sd) = predictions.true_values(design, rows, data)["response"]
    lower, upper = mean - 0.7 * sd, mean + 1.5
    chance = predictions.chances(lower, upper, mean, sd)[0]
    # The other way: a fresh group where it is new, a fresh residual, counted.
    rng, n = np.random.default_rng(1), 40_000
    known = data.effects["group"].get(rows["group"].iloc[0])
    b = rng.normal(0, 0.7, n) if known is None else np.full(n, known)
    y = 10.0 + b + rng.normal(0, 1.0, n)
    share = np.mean((y >= lower) & (y <= upper))
    assert chance == pytest.approx(share, abs=4 * np.sqrt(chance * (1 - chance) / n))


def test_the_ends_are_those_of_predict_interval():
    design = designs.small()
    rows = design.cases["a known group"]
    model = one.templates("small").true.refit(designs.draw(design, 1).y)
    for level in predictions.LEVELS:
        table = mm.predict_interval(model, rows, level=level, seed=5)
        draws = predictions._draws(model, rows, "response", "joint", "", 5)
        lower, upper = predictions.ends(draws, level)
        np.testing.assert_allclose(table["lwr"], lower, rtol=1e-12)
        np.testing.assert_allclose(table["upr"], upper, rtol=1e-12)


def test_the_share_that_quantiles_of_draws_hold():
    # Of uniform draws the share between two numbers is their distance.
    draws = np.random.default_rng(1).uniform(size=(20_000, 20))
    lower, upper = predictions.ends(draws, 0.8)
    width = upper - lower
    error = width.std() / np.sqrt(len(width))
    assert width.mean() == pytest.approx(reading.held(0.8, 20), abs=4 * error)


def test_what_failed_counts_as_not_covering_and_on_neither_side():
    found = {"wald": {"b": (0.0, 2.0)}}
    lost = {"wald": {"b": (float("nan"), 2.0)}}
    missing = {"wald": {}}
    records = [{"intervals": r} for r in (found, lost, missing, found)]
    (row,) = summary.interval_rows({"b": 1.0}, records)
    assert (row["n"], row["covered"], row["failed"]) == (4, 2, 2)
    assert row["below"] == row["above"] == 0
    assert row["mean_width"] == 2.0


def test_likelihood_ratio_and_ml_profile_are_the_same_test():
    # The profile's interval holds 0 exactly where the rise from 0 is below 1.96^2.
    for i in range(1, 9):
        record = one.study("small", i)
        for name in ("x", "w"):
            low, high = record["intervals"]["profile_ml"][name]
            p = record["p_values"]["likelihood_ratio"][name]
            assert (low <= 0 <= high) == (p >= 0.05)


# ---- what is reported


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of four data sets of each design."""
    out = tmp_path_factory.mktemp("study")
    run = study("--sets", "4", "--out", str(out))
    assert run.returncode == 0, run.stderr
    return out


def test_the_page_has_its_sections_and_its_picture(folder):
    text = (folder / "COVERAGE.md").read_text()
    headings = [s[3:] for s in text.splitlines() if s.startswith("## ")]
    titles = [design.title for design in designs.designs().values()]
    last = ["Predictions", "How it is done", "Machine"]
    assert headings == ["What this says", *titles, *last]
    assert "![A panel for each design" in text
    assert (folder / "coverage.png").stat().st_size > 5_000
    assert "nan" not in text
    assert text.count("\n- **") > 9


def test_a_run_that_was_stopped_goes_on(folder):
    path = folder / "coverage" / "small.jsonl"
    whole = json.loads((folder / "coverage.json").read_text())["designs"]["small"]
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:3]) + lines[3][:40])  # two, and a torn third
    arguments = ("--sets", "4", "--designs", "small", "--out", str(folder / "again"))
    (folder / "again").mkdir()
    (folder / "again" / "coverage").symlink_to(folder / "coverage")
    run = study(*arguments)
    assert "4 data sets, 2 of them done before" in run.stdout, run.stderr
    results = json.loads((folder / "again" / "coverage.json").read_text())
    again = results["designs"]["small"]
    whole.pop("seconds"), again.pop("seconds")
    assert again == whole


def test_records_of_other_code_are_not_taken(folder):
    run = part("run")
    path = folder / "other.jsonl"
    path.write_text('{"made_by": "other code"}\n{"i": 1}\n')
    assert run.read_records(path) == {}


def test_a_design_that_is_not_there_is_named():
    run = study("--designs", "big")
    assert run.returncode != 0
    assert run.stderr == ("mmcourse: no design 'big'; there are: gpa small crossed\n")


def counted(method: str, parameter: str, covered: int, below: int = 0) -> dict:
    """A row of 2000 intervals."""
    row = {"parameter": parameter, "method": method, "n": 2000, "covered": covered}
    above = 2000 - covered - below
    return row | {"below": below, "above": above, "failed": 0, "mean_width": 1.0}


def test_sentences_follow_the_counts():
    saying = part("saying")
    good = [counted(m, "sigma", 1900, 50) for m in ("profile_ml", "profile_reml")]
    bad = [counted("profile_ml", "sigma", 1700, 200), good[1]]
    assert "all 2 cover as they should, 95.0 %" in saying.judged(good)
    assert saying.judged(bad) == (
        "not as they should: ML profile for `sigma` 85.0 %; the other 1 do"
    )
    test = {"coefficient": "w", "n": 2000}
    rows = [
        test | {"test": "wald", "rejected": 240},
        test | {"test": "kenward_roger", "rejected": 98},
    ]
    said = saying.sized({"tests": rows}, "w", "8 groups")
    assert "Wald z rejects too often, 12.0 %" in said
    assert "Kenward-Roger keeps its level, 4.9 %" in said


# ---- the statistics, on fewer data sets


@pytest.mark.slow
def test_intervals_cover_and_tests_keep_their_level_in_the_gpa_design():
    # Theory: exact or nearly so with 200 balanced groups.
    n = 300
    records = [one.study("gpa", i) for i in range(5001, 5001 + n)]
    counts = summary.summarize(designs.gpa(), records)
    bound = 4 * np.sqrt(0.95 * 0.05 / n)
    for row in counts["intervals"]:
        assert row["covered"] / n == pytest.approx(0.95, abs=bound), row
        assert row["failed"] == 0
    for row in counts["tests"]:
        assert row["rejected"] / n == pytest.approx(0.05, abs=bound), row
    for row in pd.DataFrame(counts["predictions"]).itertuples():
        if row.new_levels != "zero":
            held = reading.held(row.level, predictions.N_SIMS)
            assert row.coverage == pytest.approx(held, abs=4 * row.se), row
