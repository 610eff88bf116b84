"""The stored study against theory, and theory against simulation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from test_study import ROOT, part

theory = part("theory")
Z2 = stats.norm.ppf(0.975) ** 2
# Standard errors; some sixty numbers are compared.
FAR = 4.0
# What the residual's share of a mean square may do: see `theory`.
ROUGH = 0.004


@pytest.fixture(scope="module")
def results() -> dict:
    return json.loads((ROOT / "benchmarks" / "coverage.json").read_text())["designs"]


def near(count: int, n: int, expected: float) -> None:
    """A share is that of theory, to Monte-Carlo error."""
    error = np.sqrt(expected * (1 - expected) / n)
    assert count / n == pytest.approx(expected, abs=FAR * error + ROUGH)


def test_at_least_two_thousand_data_sets_of_each_design(results):
    assert list(results) == ["gpa", "small", "crossed"]
    assert all(design["sets"] >= 2000 for design in results.values())


def test_intervals_cover_as_often_as_theory_says(results):
    compared = 0
    for name, design in results.items():
        for row in design["intervals"]:
            expected = theory.of_interval(name, row["parameter"], row["method"])
            if expected is not None:
                near(row["covered"], row["n"], expected)
                compared += 1
    assert compared == 3 * 3 + 4


def test_intervals_of_sds_miss_on_the_side_that_theory_says(results):
    for name, factors in theory.LEVELS.items():
        for factor, m in factors.items():
            for row in results[name]["intervals"]:
                if row["parameter"] == f"sd_Intercept|{factor}":
                    tails = theory.sd_tails(m, row["method"])
                    if tails is not None:
                        near(row["below"], row["n"], tails[0])
                        near(row["above"], row["n"], tails[1])


def test_tests_between_levels_reject_as_often_as_theory_says(results):
    compared = 0
    for name, design in results.items():
        for row in design["tests"]:
            within, test = row["constant_within"], row["test"]
            expected = theory.of_test(name, within, test)
            if expected is not None:
                near(row["rejected"], row["n"], expected)
                compared += 1
    assert compared == 3 * 4


def test_residual_sds_and_the_gpa_line_are_covered(results):
    rows = [r for r in results["gpa"]["intervals"] if "student" not in r["parameter"]]
    rows += [r for r in results["crossed"]["intervals"] if r["parameter"] == "sigma"]
    for row in rows:
        # With 115 degrees of freedom ML and percentiles may lose half a percent.
        near(row["covered"], row["n"], 0.95)


def test_new_students(results):
    # With the new effect left out, 1.96 sds of the residual hold this much of both.
    sigma, sd = 0.241, 0.252
    share = 2 * stats.norm.cdf(1.96 * sigma / np.hypot(sigma, sd)) - 1
    for row in results["gpa"]["predictions"]:
        if row["case"] == "a new student" and row["level"] == 0.95:
            expected = share if row["new_levels"] == "zero" else 0.95
            assert row["coverage"] == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("m", [6, 24])
def test_theory_of_sds_is_what_simulated_values_show(m):
    n = 200_000
    S = np.random.default_rng(m).chisquare(m - 1, n)  # of a variance 1
    held = {
        "profile_ml": S - m * np.log(S / m) - m <= Z2,
        "profile_reml": S - (m - 1) * np.log(S / (m - 1)) - (m - 1) <= Z2,
    }
    for method, inside in held.items():
        below, above = theory.sd_tails(m, method)
        error = np.sqrt(0.1 / n)
        assert np.mean(~inside & (S < m - 1)) == pytest.approx(below, abs=4 * error)
        assert np.mean(~inside & (S > m)) == pytest.approx(above, abs=4 * error)


def test_theory_of_a_mean_is_what_simulated_values_show():
    m, n = 6, 200_000
    y = np.random.default_rng(1).normal(size=(n, m))
    squares = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    rise = m * np.log((y**2).sum(axis=1) / squares)
    t = y.mean(axis=1) / np.sqrt(squares / (m - 1) / m)
    shares = {"profile_ml": rise <= Z2, "wald": t**2 <= Z2}
    for method, inside in shares.items():
        expected = theory.inside_t(method, m, 1, 0.95)
        assert inside.mean() == pytest.approx(expected, abs=4 * np.sqrt(0.1 / n))
