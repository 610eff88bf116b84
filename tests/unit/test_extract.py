"""The tidy tables: columns, labels, arithmetic; numbers are in tests/reference."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mmcourse as mm


@pytest.fixture(scope="module")
def sleep():
    return mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())


@pytest.fixture(scope="module")
def penicillin():
    data = mm.load("penicillin")
    return mm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", data)


def test_fixed_effects_are_wald(sleep):
    table = mm.extract_fixed_effects(sleep, ci_level=0.9)
    assert table.columns[-2:].tolist() == ["lower_5", "upper_95"]
    np.testing.assert_allclose(table["t"], sleep.fixef / sleep.std_error)
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(abs(table["t"])))
    half = stats.norm.ppf(0.95) * table["se"]
    np.testing.assert_allclose(table["upper_95"] - table["value"], half)
    assert table.attrs["method"] == "wald"
    assert table.attrs["level"] == 0.9
    assert "p_value" not in mm.extract_fixed_effects(sleep, p_value=None)


def test_variance_components_leave_correlations_out(sleep):
    table = mm.extract_vc(sleep)
    assert table["effect"].tolist()[:2] == ["Intercept", "Days"]
    assert pd.isna(table["effect"].iloc[2])
    np.testing.assert_allclose(table["variance"], table["sd"] ** 2)
    assert table["var_prop"].sum() == pytest.approx(1)
    ends = sleep.confint("theta_").drop("cor_Days.Intercept|Subject")
    np.testing.assert_allclose(table[["sd_2.5", "sd_97.5"]], ends)
    assert table.attrs["criterion"] == "ml"


def test_variance_components_with_bootstrap_intervals(sleep):
    table = mm.extract_vc(sleep, 0.9, ci_method="boot", n_sims=99, seed=1)
    how = {"level": 0.9, "method": "boot", "n_sims": 99, "seed": 1}
    ends = sleep.confint("theta_", **how).drop("cor_Days.Intercept|Subject")
    np.testing.assert_allclose(table[["sd_5", "sd_95"]], ends)
    assert table.attrs["method"] == "boot" and table.attrs["n_sims"] == 99
    assert "criterion" not in table.attrs
    with pytest.raises(mm.InferenceError, match="n_sims is 0"):
        mm.extract_vc(sleep, ci_method="boot", n_sims=0)


def test_random_effects_keep_the_labels_of_the_data(sleep):
    table = mm.extract_random_effects(sleep)
    assert table["group"].dtype.kind == "i"
    assert table.shape == (36, 7)
    days = table[table["effect"] == "Days"].set_index("group")
    np.testing.assert_allclose(days["value"], sleep.ranef()["Subject"]["Days"])
    np.testing.assert_allclose(days["se"], sleep.ranef_sd()["Subject"]["Days"])


def test_one_grouping_factor_of_two(penicillin):
    table = mm.extract_random_effects(penicillin, re="sample")
    assert set(table["group_var"]) == {"sample"}
    assert table["group"].tolist() == list("ABCDEF")
    both = mm.extract_random_effects(penicillin)
    assert both["group_var"].drop_duplicates().tolist() == ["plate", "sample"]
    with pytest.raises(mm.InferenceError, match=r"'samplee'.*'sample'"):
        mm.extract_random_effects(penicillin, re="samplee")


def test_coefficients_add_and_so_do_their_variances(sleep):
    table = mm.extract_random_coefs(sleep).set_index(["effect", "group"])
    effects = mm.extract_random_effects(sleep).set_index(["effect", "group"])
    for name in ("Intercept", "Days"):
        value = effects["value"][name] + sleep.fixef[name]
        se = np.hypot(effects["se"][name], sleep.std_error[name])
        np.testing.assert_allclose(table["value"][name], value)
        np.testing.assert_allclose(table["se"][name], se)


def test_joint_errors_are_those_of_the_prediction(sleep):
    table = mm.extract_random_coefs(sleep, se_method="joint")
    own = table[table["effect"] == "Intercept"]
    rows = pd.DataFrame({"Days": 0, "Subject": own["group"]})
    predicted = sleep.predict(rows, se=True)
    np.testing.assert_allclose(own["value"], predicted["fit"])
    np.testing.assert_allclose(own["se"], predicted["se"])


def test_an_effect_without_a_fixed_partner_stands_alone():
    model = mm.lmer("Reaction ~ 1 + (Days | Subject)", mm.load_sleepstudy())
    coefs = mm.extract_random_coefs(model)
    effects = mm.extract_random_effects(model)
    is_days = coefs["effect"] == "Days"
    np.testing.assert_allclose(
        coefs[is_days][["value", "se"]], effects[is_days][["value", "se"]]
    )


def test_icc_of_two_factors(penicillin):
    table = mm.icc(penicillin).set_index("group")["icc"]
    variance = penicillin.var_corr().set_index("group")["variance"]
    np.testing.assert_allclose(table["plate"], variance["plate"] / variance.sum())
    assert table["all"] == pytest.approx(table["plate"] + table["sample"])


def test_icc_with_slopes_is_the_mean_over_the_rows(sleep):
    cov = sleep.var_corr()["variance"]
    days = mm.load_sleepstudy()["Days"]
    between = (cov[0] + 2 * days * cov[2] + days**2 * cov[1]).mean()
    table = mm.icc(sleep)
    assert table["group"].tolist() == ["all"]
    assert table["icc"].item() == pytest.approx(between / (between + sleep.sigma**2))


@pytest.mark.parametrize(
    "function",
    [
        mm.extract_fixed_effects,
        mm.extract_vc,
        mm.extract_random_effects,
        mm.extract_random_coefs,
        mm.summarize_model,
    ],
)
def test_a_level_in_percent_is_refused_with_the_right_one(sleep, function):
    with pytest.raises(mm.InferenceError, match=r"95.*Did you mean 0\.95"):
        function(sleep, ci_level=95)
    with pytest.raises(TypeError, match="a model that lmer returned, not DataFrame"):
        function(pd.DataFrame())


def test_unknown_kinds_are_refused_with_the_known_ones(sleep):
    with pytest.raises(mm.InferenceError, match=r"'welch'.*'wald'"):
        mm.extract_fixed_effects(sleep, p_value="welch")
    with pytest.raises(mm.InferenceError, match=r"'wald'.*no symmetric.*'profile'"):
        mm.extract_vc(sleep, ci_method="wald")
    with pytest.raises(mm.InferenceError, match=r"'both'.*'independent' or 'joint'"):
        mm.extract_random_coefs(sleep, se_method="both")


def test_nothing_is_rounded_and_the_model_stays(sleep):
    table = mm.extract_random_effects(sleep)
    table["value"] = 0.0
    assert not (mm.extract_random_effects(sleep)["value"] == 0).any()


def test_the_data_of_a_model_are_its_rows_and_columns():
    data = mm.load_sleepstudy().assign(note="x", w=1.5, o=2.0)
    data.index = data.index + 1000
    data.loc[1003, "Days"] = np.nan
    formula = "log(Reaction) ~ scale(Days) + offset(o) + (1 | Subject)"
    model = mm.lmer(formula, data, weights="w")
    found = mm.extract_model_data(model)
    expected = data[["Reaction", "Days", "o", "Subject", "w"]].drop(1003)
    pd.testing.assert_frame_equal(found, expected, check_like=True)
    assert found.index.equals(model.fitted.index)
    found["Days"] = 0.0
    assert data["Days"].max() == 9.0
    again = mm.lmer(formula, mm.extract_model_data(model), weights="w")
    assert again.criterion == pytest.approx(model.criterion, abs=1e-9)


def test_data_that_are_not_known_are_asked_for(sleep):
    again = pickle.loads(pickle.dumps(sleep))
    with pytest.raises(mm.DesignError, match="does not know its data"):
        mm.extract_model_data(again)
    data = mm.load_sleepstudy()
    assert mm.extract_model_data(again, data).shape == (180, 3)
    with pytest.raises(mm.DesignError, match=r"has 179 rows.*fitted to 180"):
        mm.extract_model_data(again, data[1:])
    chunks = mm.lmer("Reaction ~ Days + (1 | Subject)", [data[:90], data[90:]])
    with pytest.raises(mm.InferenceError, match="read in chunks and not kept"):
        mm.extract_model_data(chunks)
