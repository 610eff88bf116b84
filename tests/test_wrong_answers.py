"""Answers that other engines were found to get wrong: a test by the name of each.

Numbers: R's lme4 1.1-31 for the GPA model, second routes for the rest.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm

SLOPES = "Reaction ~ Days + (Days | Subject)"


@pytest.fixture(scope="module")
def gpa_model():
    return mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())


@pytest.fixture(scope="module")
def sleep():
    return mm.load_sleepstudy()


def test_the_bootstrap_does_not_keep_the_random_effects_fixed(gpa_model):
    """The sd of the sd between students is .0147; with the effects fixed, .0070."""
    found = mm.boot_mer(gpa_model, n_sims=2000, seed=1).estimates
    spread = found["sd_Intercept|student"].std()
    assert spread == pytest.approx(0.0147, abs=0.0008)  # Monte Carlo: .00023


def test_the_interval_of_an_sd_is_not_that_of_theta_scaled(gpa_model):
    ends = gpa_model.confint("sd_Intercept|student").iloc[0].tolist()
    assert ends == pytest.approx([0.22517, 0.28246], abs=5e-6)
    assert abs(ends[0] - 0.22686) > 1e-3 and abs(ends[1] - 0.28047) > 1e-3


def test_a_random_slope_does_not_lose_its_intercept(sleep):
    model = mm.lmer(SLOPES, sleep)
    assert model.ranef()["Subject"].columns.tolist() == ["Intercept", "Days"]
    assert len(model.theta) == 3


def test_new_rows_may_lack_the_reference_level(sleep):
    data = sleep.assign(late=np.where(sleep["Days"] > 4, "late", "early"))
    model = mm.lmer("Reaction ~ late + (1 | Subject)", data)
    late = data[data["late"] == "late"]
    found = model.predict(late[["late", "Subject"]])
    np.testing.assert_allclose(found, model.fitted[late.index], rtol=1e-12)


@pytest.mark.parametrize("term", ["center(Days)", "scale(Days)", "poly(Days, 2)"])
def test_transforms_are_not_learned_again_from_new_rows(sleep, term):
    model = mm.lmer(f"Reaction ~ {term} + (1 | Subject)", sleep)
    one = sleep.iloc[[7]]
    np.testing.assert_allclose(model.predict(one), model.fitted.iloc[[7]], rtol=1e-12)


def test_redundant_columns_do_not_change_the_criterion_without_a_word(sleep):
    data = sleep.assign(Hours=24 * sleep["Days"] + 1)
    plain = mm.lmer(SLOPES, data, reml=False)
    with pytest.warns(mm.RankWarning, match="Hours"):
        model = mm.lmer("Reaction ~ Days + Hours + (Days | Subject)", data, reml=False)
    assert model.criterion == pytest.approx(plain.criterion, abs=1e-8)


def test_rows_with_a_missing_value_are_left_out_and_counted(sleep):
    holes = sleep.copy()
    holes.loc[[3, 50], "Days"] = np.nan
    model, rest = mm.lmer(SLOPES, holes), mm.lmer(SLOPES, sleep.drop([3, 50]))
    assert model.criterion == pytest.approx(rest.criterion, abs=1e-9)
    assert any("2 of 180 rows dropped" in text for text in model.messages)


def test_a_hundred_thousand_groups_need_no_square_matrix():
    """Groups x groups would be 80 GB; the rows are 6 MB."""
    m = 100_000
    rng = np.random.default_rng(0)
    g = np.repeat(np.arange(m), 2)
    y = rng.normal(size=m)[g] + rng.normal(size=2 * m)
    data = pd.DataFrame({"y": y, "x": rng.normal(size=2 * m), "g": g})
    tracemalloc.start()
    model = mm.lmer("y ~ x + (1 | g)", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.status == "converged" and peak < 100e6


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        (lambda days: days + 1000, 0.0),
        # REML: log |X'V^-1 X| grows by 2 log of the factor.
        (lambda days: days * 1e6, 2 * np.log(1e6)),
    ],
    ids=["plus 1000", "times 1e6"],
)
def test_a_shifted_or_scaled_slope_is_the_same_model(sleep, change, constant):
    plain = mm.lmer(SLOPES, sleep)
    other = mm.lmer(SLOPES, sleep.assign(Days=change(sleep["Days"].astype(float))))
    assert other.status == plain.status == "converged"
    assert other.criterion - constant == pytest.approx(plain.criterion, rel=1e-9)
    np.testing.assert_allclose(other.fitted, plain.fitted, rtol=1e-6)


THREADS = """
import glob
import time
import mmcourse as mm

def ticks():
    paths = glob.glob("/proc/self/task/*/stat")
    paths.sort(key=lambda path: int(path.split("/")[4]))
    fields = [open(path).read().rsplit(")", 1)[1].split() for path in paths[1:]]
    return sum(int(own[11]) + int(own[12]) for own in fields)

data = mm.load_gpa()
mm.lmer("gpa ~ occasion + (1 | student)", data)
time.sleep(0.5)  # threads that an import started come to rest
before = ticks()
for _ in range(50):
    mm.lmer("gpa ~ occasion + (1 | student)", data)
print(ticks() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="left out: no /proc here"
)
def test_small_fits_do_not_spin_the_threads_of_a_blas():
    """Clock ticks (10 ms) that all threads but the first have used in 50 fits."""
    run = subprocess.run(
        [sys.executable, "-c", THREADS], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) <= 1
