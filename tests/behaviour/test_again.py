"""The same rows again: simulate, refit, refit_ml, update (behaviour.md 7)."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, SLOPES, assert_same_fit, sleep, sleep_data
from tests.invariants.compare import school

# simulate


def test_simulate_has_a_column_per_simulation_on_the_rows_used():
    sims = sleep().simulate(3, seed=1)
    assert list(sims.columns) == ["sim_1", "sim_2", "sim_3"]
    assert sims.index.equals(sleep().design.index)
    pd.testing.assert_frame_equal(sims, sleep().simulate(3, seed=1))
    assert not sims.equals(sleep().simulate(3, seed=2))
    # What comes later changes nothing before it.
    pd.testing.assert_frame_equal(sims[["sim_1"]], sleep().simulate(1, seed=1))
    holes = sleep_data()
    holes.loc[3, "Days"] = np.nan
    model = mm.lmer(INTERCEPTS, holes)
    assert 3 not in model.simulate(seed=1).index and len(model.simulate()) == 179


@pytest.mark.parametrize("weights", [None, "w"])
def test_moments_of_simulated_responses(weights):
    """Means X beta + offset; covariances of the model, marginal or conditional."""
    data = school(n=60).assign(o=np.linspace(0, 9, 60))
    model = mm.lmer("y ~ x + (x | g) + (1 | h)", data, weights=weights, offset="o")
    n = 20_000
    design, sigma2 = model.design, model.sigma**2
    w = np.ones(60) if weights is None else data["w"]
    V = np.diag(sigma2 / w)
    blocks = model.fit.relative_covariances()
    for term, block in zip(design.terms, blocks, strict=True):
        codes = design.groupings[term.grouping].codes
        same = codes[:, None] == codes
        V = V + same * (term.columns @ (sigma2 * block) @ term.columns.T)
    marginal = model.simulate(n, seed=1).to_numpy()
    kept = model.simulate(n, seed=1, re_form="all").to_numpy()
    one = model.simulate(n, seed=1, re_form="(x | g)").to_numpy()
    part = model.predict(re_form="(x | g)").to_numpy()
    codes = design.groupings[design.terms[1].grouping].codes
    V_h = np.diag(sigma2 / w) + sigma2 * blocks[1] * (codes[:, None] == codes)
    for sims, mean, cov in (
        (marginal, model.predict(re_form="none").to_numpy(), V),
        (kept, model.fitted.to_numpy(), np.diag(sigma2 / w)),
        (one, part, V_h),
    ):
        sd = np.sqrt(np.diag(cov))
        assert np.abs((sims.mean(axis=1) - mean) / sd).max() < 5 / np.sqrt(n)
        error = np.abs(np.cov(sims) - cov) / np.outer(sd, sd)
        assert error.max() < 5.5 * np.sqrt(2 / n)


def test_simulate_refuses():
    with pytest.raises(mm.InferenceError, match="n_sims is 0"):
        sleep().simulate(0)
    with pytest.raises(TypeError, match="seed is 'a'"):
        sleep().simulate(seed="a")
    with pytest.raises(mm.DesignError, match="no random effects for 'Batch'"):
        sleep().simulate(re_form="(1 | Batch)")


# refit


def test_refitting_the_original_response_returns_the_same_fit():
    for model in (sleep(SLOPES), mm.lmer("y ~ x + (x | g) + (1 | h)", school())):
        assert_same_fit(model.refit(model.design.y), model)


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("reml", [True, False])
def test_a_refit_is_what_lmer_finds(weights, reml):
    data = school().assign(o=np.linspace(0, 5, 160))
    options = {"weights": weights, "reml": reml, "offset": "o"}
    model = mm.lmer("y ~ x + (x | g) + (1 | h)", data, **options)
    y = 1e5 - 3 * data["y"] + data["z"]
    new = mm.lmer("y ~ x + (x | g) + (1 | h)", data.assign(y=y), **options)
    again = model.refit(y)
    assert again.criterion == pytest.approx(new.criterion, rel=1e-9)
    np.testing.assert_allclose(again.fixef, new.fixef, rtol=1e-6)
    np.testing.assert_allclose(again.fitted, new.fitted, atol=1e-5 * new.sigma)
    assert again.sigma == pytest.approx(new.sigma, rel=1e-6)


def test_adding_ten_to_y_adds_ten_to_the_intercept():
    again = sleep().refit(sleep_data()["Reaction"] + 10)
    assert list(again.fixef - sleep().fixef) == pytest.approx([10, 0], abs=1e-6)
    assert again.sigma == pytest.approx(sleep().sigma, rel=1e-9)
    assert again.theta == pytest.approx(sleep().theta, rel=1e-6)
    assert sleep().fixef["Intercept"] == pytest.approx(251.4051, abs=1e-3)  # unchanged


def test_what_a_response_may_be():
    model, y = sleep(), sleep_data()["Reaction"] * 2
    expected = model.refit(y.to_numpy())
    for given in (y, y.sample(frac=1, random_state=1), list(y), y.to_frame()):
        assert_same_fit(model.refit(given), expected)
    assert model.refit(model.simulate(seed=1)).status == "converged"


def test_rows_that_were_left_out_need_no_value():
    data = sleep_data()
    data.loc[[3, 8], "Reaction"] = np.nan
    model = mm.lmer(INTERCEPTS, data)
    for y in (data["Reaction"], data["Reaction"].to_numpy(), data["Reaction"].dropna()):
        assert_same_fit(model.refit(y), model)
    data.loc[4, "Reaction"] = np.nan
    with pytest.raises(mm.DesignError, match=r"no value in 1 row \(index 4\)"):
        model.refit(data["Reaction"])


@pytest.mark.parametrize(
    ("y", "error", "words"),
    [
        ([1.0, 2.0], mm.DesignError, r"shape \(2,\), but the model uses 180 rows"),
        (pd.Series([1.0, 2.0]), mm.DesignError, "lacks 178 rows"),
        (np.ones((180, 2)), mm.DesignError, r"shape \(180, 2\)"),
        (pd.DataFrame(np.ones((180, 2))), mm.DesignError, "one column at a time"),
        ("Reaction", TypeError, "y is 'Reaction'; it must hold a number"),
        (None, TypeError, "y is None"),
        (["a"] * 180, mm.DesignError, "holds text"),
        ([np.inf] * 180, mm.DesignError, "infinite"),
    ],
)
def test_refit_refuses(y, error, words):
    with pytest.raises(error, match=words):
        sleep().refit(y)


def test_a_constant_response_is_no_exception():
    again = sleep().refit(np.ones(180))
    assert again.sigma == 0 and again.status == "singular"


def test_refit_ml():
    ml = sleep(SLOPES).refit_ml()
    assert not ml.reml
    assert_same_fit(ml, sleep(SLOPES, reml=False))
    assert ml.refit_ml() is ml
    assert ml.update().reml is False


# update


def test_update_changes_the_formula():
    model = mm.lmer(SLOPES, sleep_data())
    null = model.update(". ~ . - Days")
    expected = mm.lmer("Reaction ~ 1 + (Days | Subject)", sleep_data())
    assert_same_fit(null, expected)
    both = mm.lmer(INTERCEPTS, sleep_data()).update(". ~ . + (0+Days|Subject)")
    assert_same_fit(both, mm.lmer("Reaction ~ Days + (Days || Subject)", sleep_data()))
    back = both.update("~ . - (0 + Days | Subject)")
    assert_same_fit(back, sleep())
    other = model.update("Reaction ~ 1 + (1 | Subject)")
    assert other.fixed_names == ["Intercept"]


def test_update_changes_the_arguments():
    data = sleep_data(w=np.linspace(1, 2, 180))
    model = mm.lmer(INTERCEPTS, data)
    assert_same_fit(model.update(reml=False), sleep(reml=False))
    weighted = model.update(weights="w")
    assert_same_fit(weighted, mm.lmer(INTERCEPTS, data, weights="w"))
    assert_same_fit(weighted.update(weights=None), model)
    half = data[data["Days"] < 5]
    assert_same_fit(model.update(data=half), mm.lmer(INTERCEPTS, half))
    assert_same_fit(
        model.update(". ~ . - Days", data=half, reml=False),
        mm.lmer("Reaction ~ 1 + (1 | Subject)", half, reml=False),
    )


def test_update_sees_new_columns_but_no_changed_ones():
    data = sleep_data()
    model = mm.lmer(INTERCEPTS, data)
    data["half"] = data["Days"] / 2
    assert model.update(". ~ . - Days + half").fixef["half"] == pytest.approx(
        2 * model.fixef["Days"]
    )
    data.loc[0, "Reaction"] = 0.0
    with pytest.raises(mm.DesignError, match="the data have changed since the fit"):
        model.update(". ~ . - Days")
    assert model.update(". ~ . - Days", data=data).n_obs == 180
    del data["Days"]
    with pytest.raises(mm.DesignError, match=r"changed since the fit.*'Days'"):
        model.update(reml=False)


def test_a_pickle_does_not_carry_the_data():
    data = sleep_data(unused=np.arange(180.0) ** 0.5)
    model = mm.lmer(INTERCEPTS, data)
    blob = pickle.dumps(model)
    assert b"unused" not in blob
    travelled = pickle.loads(blob)
    with pytest.raises(mm.DesignError, match=r"does not know its data.*\n.*update"):
        travelled.update(". ~ . - Days")
    again = travelled.update(". ~ . - Days", data=data)
    assert_same_fit(again, model.update(". ~ . - Days"))
    assert model.refit(data["Reaction"]).formula == model.formula
    with pytest.raises(mm.DesignError, match="another response"):
        model.refit(data["Reaction"]).update(reml=False)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: m.update(weight="w"), TypeError, "Did you mean 'weights'"),
        (lambda m: m.update(3), TypeError, "formula is of type int"),
        (lambda m: m.update("Days"), mm.FormulaError, "the change has no '~'"),
        (lambda m: m.update(". ~ . - ."), mm.FormulaError, "take away all"),
        (
            lambda m: m.update(". ~ . - (Days | Subject)"),
            mm.FormulaError,
            r"no random term \(1 \+ Days \| Subject\).*\n.*\(1 \| Subject\)",
        ),
        (lambda m: m.update(". ~ . + Hours"), mm.DesignError, "'Hours'"),
        (
            lambda m: m.update(". ~ . - (1 | Subject)"),
            mm.FormulaError,
            "no random effects",
        ),
    ],
)
def test_update_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call(mm.lmer(INTERCEPTS, sleep_data()))


def test_models_fitted_in_chunks_say_what_they_lack():
    data = mm.load_sleepstudy()
    model = mm.lmer(INTERCEPTS, [data[:90], data[90:]])
    whole = sleep()
    for call in (model.simulate, lambda: model.refit(data["Reaction"])):
        with pytest.raises(mm.InferenceError, match="were read in chunks"):
            call()
    with pytest.raises(mm.InferenceError, match="read in chunks"):
        mm.boot_mer(model, lambda m: m.sigma, n_sims=2)
    with pytest.raises(mm.InferenceError, match="read in chunks"):
        mm.predict_interval(model)
    with pytest.raises(mm.DesignError, match="fitted in chunks"):
        model.update(reml=False)
    # What the cross-products are enough for works without rows.
    boot = mm.boot_mer(model, n_sims=20, seed=1)
    same = mm.boot_mer(whole, n_sims=20, seed=1)
    np.testing.assert_allclose(boot.estimates, same.estimates, rtol=1e-5)
    assert_same_fit_numbers(model.refit_ml(), whole.refit_ml())
    one = mm.re_sim(model, 50, seed=1)
    np.testing.assert_allclose(one["sd"], mm.re_sim(whole, 50, seed=1)["sd"], rtol=1e-5)
    assert len(mm.predict_interval(model, data, n_sims=10, seed=1)) == 180


def assert_same_fit_numbers(one, other):
    assert one.criterion == pytest.approx(other.criterion, rel=1e-9)
    assert list(one.fixef) == pytest.approx(list(other.fixef), rel=1e-6)
