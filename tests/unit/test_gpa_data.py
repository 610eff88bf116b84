"""The reconstructed GPA rows: every aggregate figure exactly, and rows that look real.

Figures are those of data/gpa_figures.json. Bounds of the plausibility checks come from
the model that the figures imply (below), not from the file itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
FIGURES = json.loads((DATA / "gpa_figures.json").read_text(encoding="utf-8"))
OCCASION = np.arange(FIGURES["n_occasions"])

# Random intercept and slope model, fitted by lme4 to the original data: variances of
# intercept, slope and residual, covariance; grade points squared.
INTERCEPT, SLOPE, COVARIANCE, RESIDUAL = 0.0452, 0.00450, -0.0014, 0.0424


def tenths(column: pd.Series) -> np.ndarray:
    """Values in tenths; they must be whole."""
    values = 10 * column.to_numpy()
    assert np.abs(values - np.rint(values)).max() < 1e-9
    return np.rint(values).astype(int)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(DATA / "gpa.csv")


@pytest.fixture(scope="module")
def students(rows) -> pd.DataFrame:
    return rows[rows["occasion"] == 0]


@pytest.fixture(scope="module")
def y(rows) -> np.ndarray:
    """Marks in tenths, students x occasions."""
    return tenths(rows["gpa"]).reshape(FIGURES["n_students"], len(OCCASION))


def test_columns_and_balance(rows):
    n, n_occasions = FIGURES["n_students"], FIGURES["n_occasions"]
    assert list(rows.columns) == FIGURES["original"]["columns"].split(",")
    assert rows["student"].tolist() == np.repeat(np.arange(1, n + 1), 6).tolist()
    assert rows["occasion"].tolist() == list(range(n_occasions)) * n
    assert (rows["year"] == 1 + rows["occasion"] // 2).all()
    assert (rows["semester"] == 1 + rows["occasion"] % 2).all()
    label = (
        "year " + rows["year"].astype(str) + " semester " + rows["semester"].map(str)
    )
    assert (rows["occas"] == label).all()


def test_student_columns_do_not_vary_within_a_student(rows):
    columns = ["sex", "highgpa", "admitted"]
    assert (rows.groupby("student")[columns].nunique(dropna=False) == 1).all(axis=None)


def test_every_sum_is_that_of_the_figures(y, students):
    S, T = y.sum(axis=1), y @ OCCASION
    sex = (students["sex"] == "female").to_numpy().astype(int)
    h = tenths(students["highgpa"])
    found = {
        "sum_y": y.sum(),
        "sum_occasion_y": T.sum(),
        "sum_y2": (y**2).sum(),
        "sum_S2": S @ S,
        "sum_T2": T @ T,
        "sum_ST": S @ T,
        "n_female": sex.sum(),
        "sum_h": h.sum(),
        "sum_h2": h @ h,
        "sum_sex_h": sex @ h,
        "sum_sex_S": sex @ S,
        "sum_h_S": h @ S,
    }
    wanted = {name for name in FIGURES if name.startswith("sum_")} | {"n_female"}
    assert found.keys() == wanted
    assert found == {name: FIGURES[name] for name in found}


def test_first_five_students_keep_their_totals(y):
    assert y[:5].sum(axis=1).tolist() == FIGURES["S_first_five_students"]


def test_ranges_are_reached(y, students):
    h = tenths(students["highgpa"])
    assert [y.min(), y.max()] == FIGURES["y_range"]
    assert [h.min(), h.max()] == FIGURES["h_range"]


def test_job_counts_and_means(rows):
    jobs = rows.groupby("job")["gpa"]
    assert jobs.size().to_dict() == FIGURES["job_counts_over_rows"]
    assert jobs.mean().round(3).to_dict() == FIGURES["job_mean_gpa"]


def test_admission_counts(students):
    counts = students["admitted"].fillna("missing").value_counts().to_dict()
    assert counts == FIGURES["admitted_counts_over_students"]


def test_rebuilds_byte_for_byte_with_the_standard_library(tmp_path):
    path = tmp_path / "gpa.csv"
    # -S leaves the installed packages out, -B writes nothing beside the script.
    command = [sys.executable, "-S", "-B", str(DATA / "make_gpa.py"), str(path)]
    subprocess.run(command, check=True, timeout=120)
    assert path.read_bytes() == (DATA / "gpa.csv").read_bytes()


# Numbers of the course (lme4 on the original data), here by the closed forms that hold
# for balanced data, without the package


def test_random_intercept_model_gives_the_numbers_of_lme4(y):
    gpa = y / 10
    slope, intercept = np.polyfit(OCCASION, gpa.mean(axis=0), 1)
    assert [intercept, slope] == pytest.approx([2.5992142857, 0.1063142857], abs=5e-11)
    residual = gpa - gpa.mean(axis=1)[:, None] - slope * (OCCASION - 2.5)
    residual_variance = (residual**2).sum() / (y.size - len(y) - 1)
    student_variance = gpa.mean(axis=1).var(ddof=1) - residual_variance / 6
    found = [student_variance, residual_variance]
    # lme4 stops its search for the student variance 3e-9 (relative) from the optimum.
    assert found == pytest.approx([0.06371891142, 0.05808854279], rel=1e-8)


def test_random_slope_model_gives_the_numbers_of_lme4(y):
    slopes, starts = np.polyfit(OCCASION, y.T / 10, 1)
    residual = y.T / 10 - starts - np.outer(OCCASION, slopes)
    residual_variance = (residual**2).sum() / (4 * len(y))
    X = np.column_stack([np.ones(6), OCCASION])
    cov = np.cov(starts, slopes) - residual_variance * np.linalg.inv(X.T @ X)
    found = [cov[0, 0], cov[1, 1], cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])]
    assert [*found, residual_variance] == pytest.approx(
        [0.0452, 0.00450, -0.098, 0.0424], rel=0.005
    )


def test_covariate_effects_are_those_of_lme4(y, students):
    """Balanced data: regression of the students' means on their covariates."""
    sex = (students["sex"] == "female").to_numpy().astype(float)
    X = np.column_stack([np.ones(len(y)), sex, students["highgpa"]])
    means = y.mean(axis=1) / 10
    found = np.linalg.lstsq(X, means, rcond=None)[0]
    trend = 2.5 * 0.1063142857
    assert found == pytest.approx([2.2414 + trend, 0.1558, 0.0924], abs=6e-5)


# Plausibility


def implied_covariance() -> np.ndarray:
    """Covariance of the six marks of a student under the model of the figures."""
    t = OCCASION[:, None]
    random = INTERCEPT + COVARIANCE * (t + t.T) + SLOPE * t * t.T
    return random + RESIDUAL * np.eye(len(OCCASION))


def test_occasion_means_rise_along_the_line(y):
    """Each mean within four standard errors of the fitted line."""
    means = y.mean(axis=0) / 10
    line = 2.5992142857 + 0.1063142857 * OCCASION
    se = np.sqrt(np.diag(implied_covariance()) / len(y))
    assert (np.abs(means - line) < 4 * se).all()
    assert (np.diff(means) > 0).all()


def test_spread_grows_as_slopes_differ(y):
    """Spread of an occasion near the model's; its residual variance is one average."""
    sd = y.std(axis=0, ddof=1) / 10
    implied = np.sqrt(np.diag(implied_covariance()))
    assert (np.abs(sd / implied - 1) < 0.2).all()
    assert sd[-1] > sd[0]


def test_near_occasions_correlate_more_than_far_ones(y):
    correlation = np.corrcoef(y.T)
    by_lag = [np.diag(correlation, lag).mean() for lag in range(1, len(OCCASION))]
    assert (np.diff(by_lag) < 0).all()
    # Model: 0.61 and 0.30; a correlation of 200 pairs has a standard error below 0.07.
    cov = implied_covariance()
    model = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    assert by_lag[0] == pytest.approx(np.diag(model, 1).mean(), abs=0.1)
    assert by_lag[-1] == pytest.approx(model[0, -1], abs=0.2)


def test_some_students_fall(y):
    """Separate slopes: normal, mean 0.106, sd 0.083, so 20 of 200 below zero, sd 4."""
    slopes = np.polyfit(OCCASION, y.T / 10, 1)[0]
    assert slopes.std(ddof=1) == pytest.approx(0.0832, abs=5e-5)  # from the figures
    assert 8 <= (slopes < 0).sum() <= 32


def test_no_student_looks_manufactured(y):
    coefficients = np.polyfit(OCCASION, y.T / 10, 1)
    residuals = y.T / 10 - (coefficients[1] + OCCASION[:, None] * coefficients[0])
    sd = np.sqrt((residuals**2).sum(axis=0) / 4)  # 4 degrees of freedom
    # Largest of 200 chi-square(4) / 4: above 6.5 about once in 100 such data sets.
    assert sd.max() < np.sqrt(6.5 * RESIDUAL)
    assert (np.ptp(y, axis=1) > 0).all()
    assert len(np.unique(y, axis=0)) > 195


@pytest.fixture(scope="module")
def simulated() -> np.ndarray:
    """400 data sets from the model, marks in tenths."""
    rng = np.random.default_rng(1)
    line = 2.5992142857 + 0.1063142857 * OCCASION
    shape = 400, FIGURES["n_students"]
    marks = rng.multivariate_normal(line, implied_covariance(), size=shape)
    return np.rint(10 * marks).astype(int)


def test_marks_turn_as_often_as_independent_residuals_would(y, simulated):
    turns = mean_turns(simulated)
    assert abs(mean_turns(y) - turns.mean()) < 4 * turns.std()


def mean_turns(marks: np.ndarray) -> np.ndarray:
    """Turns up-down or down-up per student, mean over students."""
    steps = np.sign(np.diff(marks, axis=-1))
    return (steps[..., 1:] * steps[..., :-1] < 0).sum(axis=-1).mean(axis=-1)


def test_last_digits_are_as_even_as_rounded_draws(y, simulated):
    counts = np.array([np.bincount(d.ravel() % 10, minlength=10) for d in simulated])
    expected = counts.mean(axis=0)
    uneven = ((counts - expected) ** 2 / expected).sum(axis=1)
    found = np.bincount(y.ravel() % 10, minlength=10)
    assert ((found - expected) ** 2 / expected).sum() < uneven.max()


def test_numbering_says_nothing_about_marks(y):
    """Totals of neighbours in the file don't correlate; standard error 0.07."""
    S = y.sum(axis=1)
    assert abs(np.corrcoef(S[:-1], S[1:])[0, 1]) < 0.25
    assert abs(np.corrcoef(S, np.arange(len(S)))[0, 1]) < 0.25
