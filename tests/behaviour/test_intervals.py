"""`predict_interval`: exact normal theory, shapes, new levels, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mmcourse as mm
from mmcourse.simulated import sampler
from tests.behaviour.fits import SLOPES, fit, sleep
from tests.invariants.compare import school

N = 20_000
ERRORS = 5.0


def crossed():
    return mm.lmer("y ~ x + (x | g) + (1 | h)", school())


@pytest.mark.parametrize("model", [sleep(SLOPES), crossed()], ids=["slopes", "crossed"])
def test_the_joint_method_is_exact_normal_theory(model):
    table, sims = mm.predict_interval(
        model, level=0.9, n_sims=N, include_resid_var=False, return_sims=True, seed=1
    )
    mean, se = model.predict(se=True)["fit"], model.predict(se=True)["se"]
    z = stats.norm.ppf(0.95)
    error = ERRORS * se / np.sqrt(N)
    assert np.all(np.abs(table["fit"] - mean) < 1.26 * error)
    for column, side in (("upr", z), ("lwr", -z)):
        assert np.all(np.abs(table[column] - mean - side * se) < 2.12 * error)
    assert np.all(np.abs(sims.std(axis=1) - se) < error)


def test_residuals_add_a_t_distributed_part():
    model = sleep()
    table = mm.predict_interval(model, level=0.8, n_sims=N, seed=2)
    se = model.predict(se=True)["se"]
    # Normal plus sigma times t: variances add, and 176 degrees are nearly normal.
    sd = np.sqrt(se**2 + model.sigma**2 * 178 / 174)
    half = stats.norm.ppf(0.9) * sd
    error = ERRORS * 1.75 * sd / np.sqrt(N) + 0.002 * sd
    assert np.all(np.abs(table["upr"] - model.fitted - half) < error)
    assert np.all(np.abs(table["lwr"] - model.fitted + half) < error)


def test_residuals_of_the_rows_used_have_their_weights():
    data = school()
    model = mm.lmer("y ~ x + (1 | g)", data, weights="w")
    table = mm.predict_interval(model, n_sims=4000, seed=3)
    width = table["upr"] - table["lwr"]
    light = data["w"] < data["w"].quantile(0.1)
    heavy = data["w"] > data["w"].quantile(0.9)
    ratio = np.sqrt(data["w"][heavy].mean() / data["w"][light].mean())
    assert width[light].mean() / width[heavy].mean() == pytest.approx(ratio, rel=0.1)
    new = mm.predict_interval(model, data, n_sims=4000, seed=3)
    assert (new["upr"] - new["lwr"]).std() < 0.05 * width.mean()


def test_shapes(recwarn):
    gpa = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    full = mm.predict_interval(gpa, n_sims=50, seed=1)
    assert list(full.columns) == ["fit", "upr", "lwr"]  # X19
    assert len(full) == 1200 and full.index.equals(gpa.design.index)
    assert full.attrs["level"] == 0.8
    every = mm.predict_interval(gpa, n_sims=50, which="all", seed=1)
    assert every.shape == (3600, 4) and every.columns[0] == "effect"
    assert list(every["effect"].unique()) == ["combined", "student", "fixed"]
    assert len(mm.predict_interval(gpa, n_sims=50, which="random", seed=1)) == 1200
    table, sims = mm.predict_interval(
        gpa, n_sims=50, which="all", seed=1, return_sims=True
    )
    assert sims.shape == (3600, 50)
    np.testing.assert_allclose(np.median(sims, axis=1), table["fit"], rtol=1e-12)
    np.testing.assert_allclose(np.quantile(sims, 0.9, axis=1), table["upr"], rtol=1e-12)
    assert not recwarn


def test_all_has_the_parts_that_are_had_alone():
    model = crossed()
    every = mm.predict_interval(model, which="all", n_sims=100, seed=4)
    for which, effect in (("full", "combined"), ("fixed", "fixed")):
        alone = mm.predict_interval(model, which=which, n_sims=100, seed=4)
        own = every[every["effect"] == effect].drop(columns="effect")
        np.testing.assert_allclose(own, alone, rtol=1e-9)
    _, sims = mm.predict_interval(
        model, which="all", n_sims=9, include_resid_var=False, return_sims=True, seed=4
    )
    combined, *parts = np.split(sims, 4)
    np.testing.assert_allclose(combined, sum(parts), atol=1e-9)


NEW = pd.DataFrame(
    {"Days": [0.0, 3, 3, 9, 5], "Subject": [308, -1, 309, -2, -1]}, index=list("abcde")
)


@pytest.mark.parametrize("method", ["joint", "independent"])
@pytest.mark.parametrize("new_levels", ["zero", "draw"])
def test_mixed_rows_equal_each_kind_on_its_own(method, new_levels):
    options = {"method": method, "new_levels": new_levels, "n_sims": 200, "seed": 5}
    model = sleep(SLOPES)
    mixed = mm.predict_interval(model, NEW, **options)
    assert list(mixed.index) == list("abcde")
    is_new = NEW["Subject"] < 0
    for rows in (is_new, ~is_new):
        alone = mm.predict_interval(model, NEW[rows], **options)
        np.testing.assert_allclose(mixed[rows], alone, rtol=1e-9)
    options["include_resid_var"] = False
    mixed = mm.predict_interval(model, NEW, **options)
    for label in NEW.index:
        alone = mm.predict_interval(model, NEW.loc[[label]], **options)
        np.testing.assert_allclose(mixed.loc[[label]], alone, rtol=1e-9)


def test_chunks_of_rows_change_nothing(monkeypatch):
    model = crossed()
    whole = mm.predict_interval(model, n_sims=100, seed=6)
    monkeypatch.setattr(sampler, "CHUNK_ENTRIES", 700)
    np.testing.assert_allclose(
        mm.predict_interval(model, n_sims=100, seed=6), whole, rtol=1e-9
    )
    monkeypatch.setattr(sampler, "KEPT_ENTRIES", 0)
    np.testing.assert_allclose(
        mm.predict_interval(model, n_sims=100, seed=6), whole, rtol=1e-9
    )


def test_new_levels_drawn_have_the_estimated_covariance():
    model = sleep(SLOPES)
    new = pd.DataFrame({"Days": [0.0, 9, 9], "Subject": [-1, -1, -2]})
    _, sims = mm.predict_interval(
        model, new, n_sims=N, which="random", new_levels="draw",
        include_resid_var=False, return_sims=True, seed=7,
    )  # fmt: skip
    block = model.sigma**2 * model.fit.relative_covariances()[0]
    Z = np.array([[1.0, 0.0], [1.0, 9.0]])
    expected = Z @ block @ Z.T
    found = np.cov(sims[:2])
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((found - expected) / size).max() < ERRORS * np.sqrt(2 / N)
    # Rows of one level share its effect, those of another do not.
    assert abs(np.corrcoef(sims[1], sims[2])[0, 1]) < ERRORS / np.sqrt(N)


def test_what_is_missing():
    new = {"Days": [1.0, np.nan, 2.0], "Subject": [308, 308, None]}
    table = mm.predict_interval(sleep(), new, n_sims=50, seed=1)
    assert table["fit"].isna().tolist() == [False, True, False]
    assert "(missing)" in table.attrs["notes"][0]
    # The fixed part needs no group.
    assert (
        len(mm.predict_interval(sleep(), {"Days": [1]}, which="fixed", n_sims=9)) == 1
    )


def test_an_offset_counts_in_sum_and_fixed_part():
    data = school().assign(o=100.0)
    model = mm.lmer("y ~ x + (1 | g)", data, offset="o")
    options = {"n_sims": 500, "seed": 1}
    for which, level in (("full", 100), ("fixed", 100), ("random", 0)):
        fit_ = mm.predict_interval(model, data, which=which, **options)["fit"]
        base = mm.lmer("y ~ x + (1 | g)", data.assign(y=data["y"] - 100))
        same = mm.predict_interval(base, data, which=which, **options)["fit"]
        np.testing.assert_allclose(fit_ - level, same, atol=1e-6)


def test_a_singular_model_has_intervals():
    model = fit("dyestuff2", "Yield ~ 1 + (1 | Batch)")
    table = mm.predict_interval(model, n_sims=2000, which="random", seed=1,
                                include_resid_var=False)  # fmt: skip
    assert np.all(table == 0)
    assert np.all(mm.re_sim(model, seed=1)["sd"] == 0)


def test_tables_of_simulated_effects():
    model = crossed()
    table = mm.re_sim(model, n_sims=50, seed=1)
    assert list(table.columns) == [
        "group_var",
        "group",
        "effect",
        "mean",
        "median",
        "sd",
    ]
    assert len(table) == 15 * 2 + 7
    assert table["effect"].tolist()[:16] == ["Intercept"] * 15 + ["x"]
    pd.testing.assert_frame_equal(table, mm.re_sim(model, n_sims=50, seed=1))
    fixed = mm.fe_sim(model, n_sims=50, seed=1)
    assert list(fixed.columns) == ["term", "mean", "median", "sd"]
    assert fixed["term"].tolist() == ["Intercept", "x"]
    assert mm.fe_sim(model, n_sims=1, seed=1)["sd"].tolist() == [0.0, 0.0]


REFUSED = {
    "no model": (lambda: mm.predict_interval(3), TypeError, "takes a model"),
    "a level of 80": (
        lambda: mm.predict_interval(sleep(), level=80),
        mm.InferenceError,
        "level is 80",
    ),
    "n_sims 0": (
        lambda: mm.predict_interval(sleep(), n_sims=0),
        mm.InferenceError,
        "n_sims is 0",
    ),
    "which": (
        lambda: mm.predict_interval(sleep(), which="both"),
        mm.InferenceError,
        "which is 'both'; it must be 'full', 'fixed', 'random' or 'all'",
    ),
    "method": (
        lambda: mm.predict_interval(sleep(), method="mertools"),
        mm.InferenceError,
        "'joint' or 'independent'",
    ),
    "new_levels": (
        lambda: mm.predict_interval(sleep(), new_levels=True),
        mm.InferenceError,
        "'zero' or 'draw'",
    ),
    "return_sims": (
        lambda: mm.predict_interval(sleep(), return_sims="yes"),
        TypeError,
        "return_sims",
    ),
    "seed": (lambda: mm.predict_interval(sleep(), seed=1.5), TypeError, "seed is 1.5"),
    "a missing column": (
        lambda: mm.predict_interval(sleep(), {"Days": [1]}),
        mm.DesignError,
        "no column 'Subject'",
    ),
    "re_sim of no model": (lambda: mm.re_sim(1), TypeError, "re_sim takes a model"),
    "fe_sim with no draws": (
        lambda: mm.fe_sim(sleep(), n_sims=0),
        mm.InferenceError,
        "at least 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()
