"""`boot_mer` and its intervals: what they promise, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mmcourse as mm
from mmcourse.bootstrap import run
from tests.behaviour.fits import SLOPES, sleep

PARAMETERS = ["sd_Intercept|Subject", "sigma", "Intercept", "Days"]


@pytest.fixture(scope="module")
def gpa():
    return mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())


def test_the_sd_of_the_gpa_intercept_sd_is_0147_not_0070(gpa):
    """A bootstrap that keeps the random effects fixed gives .0070 (performance.md)."""
    sd = mm.boot_mer(gpa, n_sims=4000, seed=1).std_error["sd_Intercept|student"]
    # Balanced data: MS_between is a chi-square with 199 degrees of freedom.
    mean_square = 6 * gpa.theta[0] ** 2 + 1
    tau2, sigma2 = (gpa.theta[0] * gpa.sigma) ** 2, gpa.sigma**2
    between, within = sigma2 * mean_square, sigma2
    var = (2 * between**2 / 199 + 2 * within**2 / 999) / 36
    theory = np.sqrt(var) / (2 * np.sqrt(tau2))
    assert theory == pytest.approx(0.0147, abs=1e-4)
    assert sd == pytest.approx(theory, rel=5 / np.sqrt(2 * 4000))
    fixed = mm.boot_mer(gpa, n_sims=2000, seed=1, use_u=True).std_error
    assert fixed["sd_Intercept|student"] < 0.008


def test_replicates_have_the_distribution_that_theory_gives(gpa):
    """sigma^2 is a chi-square with 999 degrees of freedom, occasion normal."""
    boot = mm.boot_mer(gpa, n_sims=4000, seed=3)
    values = 999 * (boot.estimates["sigma"] / gpa.sigma) ** 2
    assert stats.kstest(values, stats.chi2(999).cdf).pvalue > 1e-3
    z = (boot.estimates["occasion"] - gpa.fixef["occasion"]) / gpa.std_error["occasion"]
    assert stats.kstest(z, stats.norm.cdf).pvalue > 1e-3


def test_rows_and_columns():
    boot = mm.boot_mer(sleep(), n_sims=30, seed=1)
    assert list(boot.estimates.columns) == list(sleep().confint(method="wald").index)
    assert boot.estimates.index[0] == 1 and len(boot.estimates) == 30
    assert list(boot.original) == pytest.approx(
        [sleep().theta[0] * sleep().sigma, sleep().sigma, *sleep().fixef]
    )
    assert repr(boot).startswith("Parametric bootstrap, 30 replicates")
    interval = boot.confint(0.9, "basic")
    assert list(interval.columns) == ["lower", "upper"]
    assert interval.attrs["kind"] == "basic" and interval.attrs["n_sims"] == 30


def test_a_function_and_the_built_in_path_agree_in_distribution():
    model = sleep(SLOPES)

    def values(m):
        table = m.var_corr()["sd"]
        return {"sd": table[0], "cor": table[2], "sigma": m.sigma, **m.fixef}

    one = mm.boot_mer(model, values, n_sims=600, seed=1).estimates
    two = mm.boot_mer(model, n_sims=600, seed=2).estimates
    names = ["sd_Intercept|Subject", "cor_Days.Intercept|Subject", "sigma"]
    for a, b in zip([*one], [*names, "Intercept", "Days"], strict=True):
        p = stats.ks_2samp(one[a].dropna(), two[b].dropna()).pvalue
        assert p > 1e-4, (a, p)


def test_random_effects_of_chosen_factors():
    boot = mm.boot_mer(sleep(SLOPES), n_sims=200, seed=1, re="Subject")
    assert boot.original["Days|Subject[308]"] == pytest.approx(
        sleep(SLOPES).ranef()["Subject"].loc[308, "Days"]
    )
    column = boot.estimates["Days|Subject[308]"]
    # New effects are drawn: of mean 0, whatever the mode of this subject.
    assert abs(column.mean()) < 4 * column.std() / np.sqrt(200)
    kept = mm.boot_mer(sleep(SLOPES), n_sims=200, seed=1, re="Subject", use_u=True)
    assert kept.estimates["Days|Subject[308]"].mean() > 5  # the mode is 9.2


def test_a_seed_gives_the_same_whatever_the_number_of_workers():
    def both(m):
        return m.fixef

    one = mm.boot_mer(sleep(), both, n_sims=150, seed=7)
    two = mm.boot_mer(sleep(), both, n_sims=150, seed=7, n_jobs=3)
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    fewer = mm.boot_mer(sleep(), both, n_sims=40, seed=7)
    np.testing.assert_allclose(fewer.estimates, one.estimates[:40], rtol=1e-9)
    generator = np.random.default_rng(7)
    other = mm.boot_mer(sleep(), both, n_sims=40, seed=generator)
    np.testing.assert_allclose(other.estimates, fewer.estimates, rtol=1e-12)
    assert not mm.boot_mer(sleep(), both, n_sims=2).estimates.equals(
        mm.boot_mer(sleep(), both, n_sims=2).estimates
    )


@pytest.mark.parametrize(
    ("func", "columns"),
    [
        (lambda m: m.sigma, ["statistic"]),
        (lambda m: np.array(m.theta[0]), ["statistic"]),
        (lambda m: [m.sigma, 1], ["statistic_1", "statistic_2"]),
        (lambda m: m.fixef, ["Intercept", "Days"]),
        (lambda m: {"a": m.sigma, ("b", 1): 2.0}, ["a", "b.1"]),
    ],
)
def test_what_a_function_may_return(func, columns):
    boot = mm.boot_mer(sleep(), func, n_sims=3, seed=1)
    assert list(boot.estimates.columns) == columns
    assert boot.estimates.notna().all().all()


def test_the_model_of_a_replicate_is_a_whole_model():
    def look(m):
        left = m.design.y - m.fitted
        assert np.allclose(left, m.residuals)
        again = mm.lmer(m.formula, mm.load_sleepstudy().assign(Reaction=m.design.y))
        return abs(again.criterion - m.criterion) + abs(again.sigma - m.sigma)

    boot = mm.boot_mer(sleep(SLOPES), look, n_sims=6, seed=1)
    assert not len(boot.failures)
    assert boot.estimates["statistic"].max() < 1e-4


class Sometimes:
    """A statistic that fails now and then, in several ways."""

    def __init__(self):
        self.calls = -1  # the original comes first

    def __call__(self, model):
        self.calls += 1
        if self.calls == 2:
            raise ZeroDivisionError("nothing left")
        if self.calls == 3:
            return [1.0, np.nan]
        if self.calls == 4:
            return [1.0]
        return [model.sigma, 1.0]


def test_failures_are_reported_by_number_and_the_others_go_on():
    boot = mm.boot_mer(sleep(), Sometimes(), n_sims=6, seed=1)
    assert boot.failures.index.tolist() == [2, 3, 4]
    assert boot.failures[2] == "ZeroDivisionError: nothing left"
    assert "NaN for statistic_2" in boot.failures[3]
    assert "gave 1 values" in boot.failures[4] and "2 (" in boot.failures[4]
    assert boot.estimates.loc[[2, 4]].isna().all().all()
    assert boot.estimates.loc[[1, 5, 6]].notna().all().all()
    notes = boot.confint().attrs["notes"]
    assert notes == [
        "2 of 6 refits failed and were left out",
        "statistic_2 has no value in 1 of 6 replicates",
    ]


def test_what_was_done_is_returned_when_interrupted(monkeypatch):
    calls = []

    def stop(model):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return model.sigma

    boot = mm.boot_mer(sleep(), stop, n_sims=50, seed=1)
    assert boot.interrupted and len(boot.estimates) == 4
    whole = mm.boot_mer(sleep(), lambda m: m.sigma, n_sims=4, seed=1)
    np.testing.assert_allclose(boot.estimates, whole.estimates, rtol=1e-9)

    real, batches = run.replicates.refit, []

    def late(fit, response):
        batches.append(1)
        if len(batches) == 3:
            raise KeyboardInterrupt
        return real(fit, response)

    monkeypatch.setattr(run.replicates, "refit", late)
    monkeypatch.setattr(run.replicates, "batch_size", lambda *_: 10)
    boot = mm.boot_mer(sleep(), n_sims=50, seed=1)
    assert boot.interrupted and len(boot.estimates) == 20


def test_three_kinds_of_intervals():
    boot = mm.boot_mer(sleep(), n_sims=999, seed=1)
    values = np.sort(boot.estimates["Days"].to_numpy())
    t = boot.original["Days"]
    low, high = values[24], values[974]  # the 25th and 975th of 999
    ends = {kind: boot.confint(kind=kind).loc["Days"] for kind in run_kinds()}
    assert list(ends["percentile"]) == pytest.approx([low, high])
    assert list(ends["basic"]) == pytest.approx([2 * t - high, 2 * t - low])
    half = stats.norm.ppf(0.975) * values.std(ddof=1)
    centre = 2 * t - values.mean()
    assert list(ends["normal"]) == pytest.approx([centre - half, centre + half])


def run_kinds():
    return ("percentile", "basic", "normal")


def test_confint_takes_the_bootstrap():
    table = sleep().confint(method="boot", n_sims=99, seed=1, kind="normal")
    same = mm.boot_mer(sleep(), n_sims=99, seed=1).confint(kind="normal")
    pd.testing.assert_frame_equal(table, same)
    assert table.attrs["method"] == "boot" and table.attrs["n_sims"] == 99
    one = sleep().confint("sigma", method="boot", n_sims=99, seed=1, kind="normal")
    pd.testing.assert_frame_equal(one, table.loc[["sigma"]])
    wider = sleep().confint(method="boot", n_sims=99, seed=1, level=0.99)
    narrow = sleep().confint(method="boot", n_sims=99, seed=1, level=0.5)
    assert (wider["lower"] <= narrow["lower"]).all()
    assert (wider["upper"] >= narrow["upper"]).all()


REFUSED = {
    "no model": (lambda: mm.boot_mer(3), TypeError, "takes a model"),
    "no function": (lambda: mm.boot_mer(sleep(), 3), TypeError, "function of a model"),
    "a function that fails": (
        lambda: mm.boot_mer(sleep(), lambda m: 1 / 0),
        mm.InferenceError,
        "fails on the model itself.*ZeroDivisionError",
    ),
    "a frame": (
        lambda: mm.boot_mer(sleep(), lambda m: m.vcov),
        TypeError,
        "it must return a number",
    ),
    "words": (lambda: mm.boot_mer(sleep(), lambda m: "a"), TypeError, "must return"),
    "nothing": (
        lambda: mm.boot_mer(sleep(), lambda m: []),
        mm.InferenceError,
        "no value",
    ),
    "one name twice": (
        lambda: mm.boot_mer(sleep(), lambda m: pd.Series([1, 2], ["a", "a"])),
        mm.InferenceError,
        "the same name, 'a'",
    ),
    "n_sims 0": (
        lambda: mm.boot_mer(sleep(), n_sims=0),
        mm.InferenceError,
        "n_sims is 0; at least 1",
    ),
    "n_sims text": (lambda: mm.boot_mer(sleep(), n_sims="9"), TypeError, "n_sims"),
    "a seed that is none": (
        lambda: mm.boot_mer(sleep(), seed="x"),
        TypeError,
        "seed is 'x'; it must be a whole number",
    ),
    "a negative seed": (
        lambda: mm.boot_mer(sleep(), seed=-1),
        mm.InferenceError,
        "must not be negative",
    ),
    "n_jobs 0": (lambda: mm.boot_mer(sleep(), n_jobs=0), mm.InferenceError, "n_jobs"),
    "use_u text": (lambda: mm.boot_mer(sleep(), use_u="no"), TypeError, "use_u"),
    "an unknown factor": (
        lambda: mm.boot_mer(sleep(), re="Subjct"),
        mm.InferenceError,
        "Did you mean 'Subject'",
    ),
    "effects beside a function": (
        lambda: mm.boot_mer(sleep(), lambda m: 1, re="Subject"),
        mm.InferenceError,
        "let func return them",
    ),
    "a level of 95": (
        lambda: mm.boot_mer(sleep(), n_sims=2).confint(95),
        mm.InferenceError,
        "level is 95",
    ),
    "another kind": (
        lambda: sleep().confint(method="boot", kind="bca"),
        mm.InferenceError,
        "'percentile', 'basic' or 'normal'",
    ),
    "an unknown parameter": (
        lambda: sleep().confint("sigmaa", method="boot"),
        mm.InferenceError,
        "Did you mean 'sigma'",
    ),
    "no residual": (
        lambda: mm.boot_mer(
            mm.lmer("y ~ x + (1 | g)", {"y": [1.0] * 6, "x": range(6), "g": [1, 2] * 3})
        ),
        mm.InferenceError,
        "no residual variance",
    ),
    "failures only": (
        lambda: mm.boot_mer(sleep(), Always(), n_sims=3),
        mm.InferenceError,
        "all 3 replicates failed; the first: ValueError: again",
    ),
}


class Always:
    """A statistic that fails for every replicate."""

    calls = 0

    def __call__(self, model):
        self.calls += 1
        if self.calls > 1:
            raise ValueError("again")
        return 1.0


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()
