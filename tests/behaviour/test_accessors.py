"""Section 5 of `table.md`: what a fitted model can be asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, RUN, SLOPES, fit, sleep, sleep_data
from tests.invariants.compare import school

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


def test_random_effects_are_a_table_per_group():
    modes, sds = sleep(SLOPES).ranef(), sleep(SLOPES).ranef_sd()
    assert list(modes) == list(sds) == ["Subject"]
    assert modes["Subject"].shape == sds["Subject"].shape == (18, 2)
    assert list(modes["Subject"].columns) == ["Intercept", "Days"]
    assert modes["Subject"].index[0] == 308  # in the type of the data


def test_conditional_covariances_are_a_matrix_per_level():
    covariances = sleep(SLOPES).ranef_cov()["Subject"]
    assert covariances.shape == (18, 2, 2)
    # lme4's own tests: the first subject
    expected = np.array([[145.71, -21.44], [-21.44, 5.31]])
    np.testing.assert_allclose(covariances[0], expected, atol=0.006)
    split = sleep("Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)")
    diagonal = np.einsum("mii->mi", split.ranef_cov()["Subject"])
    np.testing.assert_allclose(diagonal, [[149.79, 5.4544]] * 18, rtol=4e-5)
    sds = split.ranef_sd()["Subject"].to_numpy()
    np.testing.assert_allclose(sds**2, diagonal)


def test_random_effects_in_long_format():
    table = mm.extract_random_effects(sleep(SLOPES), ci_level=0)
    # lme4 1.1-31 (as_df_ranef): grpvar, term, grp, condval, condsd; 36 rows
    assert list(table.columns) == ["group_var", "effect", "group", "value", "se"]
    assert len(table) == 36
    wide = table.pivot(index="group", columns="effect", values="value")
    modes = sleep(SLOPES).ranef()["Subject"]
    np.testing.assert_array_equal(wide[modes.columns], modes)


def test_accessors_take_no_stray_arguments():
    with pytest.raises(TypeError, match="condVar"):
        sleep().ranef(condVar=True)


def test_coefficients_are_fixed_plus_random():
    model = sleep(SLOPES)
    coef, modes = model.coef()["Subject"], model.ranef()["Subject"]
    for name in ("Intercept", "Days"):  # lme4 1.1-31: coef_sum
        expected = model.fixef[name] + modes[name]
        np.testing.assert_allclose(coef[name], expected, rtol=1e-12)


def test_an_effect_without_fixed_partner_stands_alone():
    model = sleep("Reaction ~ 1 + (0 + Days | Subject)")
    coef = model.coef()["Subject"]
    # lme4 1.1-31: coef_re_not_in_fixed
    assert set(coef.columns) == {"Intercept", "Days"}
    np.testing.assert_array_equal(coef["Days"], model.ranef()["Subject"]["Days"])
    np.testing.assert_array_equal(coef["Intercept"], model.fixef["Intercept"])


def test_variance_components_in_long_format():
    table = sleep(SLOPES).var_corr()
    # lme4 1.1-31 (as_df_varcorr): two variances, a covariance, the residual
    columns = ["group", "effect_1", "effect_2", "variance", "sd"]
    assert list(table.columns) == columns
    assert list(table["group"]) == ["Subject"] * 3 + ["Residual"]
    assert list(table["effect_1"][:3]) == ["Intercept", "Days", "Intercept"]
    assert pd.isna(table["effect_1"][3])
    assert list(table["effect_2"].isna()) == [True, True, False, True]
    assert table["effect_2"][2] == "Days"
    sd = table["sd"]
    assert list(table["variance"][[0, 1, 3]]) == pytest.approx(list(sd[[0, 1, 3]] ** 2))
    assert table["variance"][2] == pytest.approx(sd[2] * sd[0] * sd[1])


def test_covariance_of_the_fixed_effects():
    model = sleep()
    # lme4 1.1-31: profile_se
    assert list(model.std_error) == pytest.approx([9.746716269, 0.804221429], rel=RUN)
    np.testing.assert_allclose(np.sqrt(np.diag(model.vcov)), model.std_error)
    # sigma^2 (X'V^-1 X)^-1 with V = I + theta^2 ZZ'
    X, codes = model.design.X, model.design.groupings[0].codes
    V = np.eye(180) + model.theta[0] ** 2 * (codes[:, None] == codes)
    expected = model.sigma**2 * np.linalg.inv(X.T @ np.linalg.solve(V, X))
    np.testing.assert_allclose(model.vcov, expected, rtol=1e-9)


def test_fitted_values_are_the_sum_of_their_parts():
    data = sleep_data(o=np.arange(180.0))
    model = mm.lmer(SLOPES, data, offset="o")
    modes = model.ranef()["Subject"].loc[data["Subject"]].to_numpy()
    b = model.fixef.to_numpy() + modes
    parts = b[:, 0] + b[:, 1] * data["Days"].to_numpy() + data["o"].to_numpy()
    np.testing.assert_allclose(model.fitted, parts, rtol=1e-12)
    np.testing.assert_allclose(model.residuals, data["Reaction"] - parts, atol=1e-9)


def test_pearson_residuals_are_weighted_by_hand():
    reference = json.loads((REFERENCE / "sim_weights_reml.json").read_text())
    data = pd.read_csv(REFERENCE / "data" / "sim_weights.csv")
    model = mm.lmer(reference["formula"], data, weights="w")
    pearson = model.residuals * np.sqrt(data["w"])
    expected = reference["residuals"]
    assert list(model.residuals[:20]) == pytest.approx(expected["response"], abs=1e-5)
    assert list(pearson[:20]) == pytest.approx(expected["pearson"], abs=1e-5)
    scaled = list(pearson[:20] / model.sigma)
    assert scaled == pytest.approx(expected["scaled_pearson"], abs=1e-5)


def test_weights_of_the_rows_used():
    weights = np.arange(1.0, 181)
    data = sleep_data(w=weights)
    data.loc[0, "Reaction"] = np.nan
    model = mm.lmer(INTERCEPTS, data, weights="w")
    np.testing.assert_array_equal(model.design.weights, weights[1:])
    assert sleep().design.weights is None


def test_leverage_distance_and_standardized_residuals():
    table = mm.augment(sleep()).head(3)
    # lme4 1.1-31: hatvalues, cooks.distance, rstudent
    hat = [0.1074833, 0.1020961, 0.0980557]
    assert table["hat"].tolist() == pytest.approx(hat, abs=5e-8)
    distance = [0.127646, 0.127347, 0.243725]
    assert table["cooks_distance"].tolist() == pytest.approx(distance, abs=5e-7)
    scaled = [-1.455983, -1.496645, -2.117474]
    assert table["standardized"].tolist() == pytest.approx(scaled, abs=5e-7)


def test_influence_leaves_out_one_group_at_a_time():
    data = sleep_data()
    found = mm.influence(sleep(), levels=[308, 330])
    for subject in (308, 330):
        without = mm.lmer(INTERCEPTS, data[data["Subject"] != subject])
        np.testing.assert_allclose(found.fixef.loc[subject], without.fixef, rtol=1e-6)


def test_the_model_frame_has_the_rows_and_columns_of_the_model():
    data = sleep_data().assign(note="x")
    data.loc[7, "Days"] = np.nan
    model = mm.lmer(INTERCEPTS, data)
    expected = data[["Reaction", "Days", "Subject"]].drop(7)
    pd.testing.assert_frame_equal(mm.extract_model_data(model), expected)


def test_sizes_formula_and_matrices():
    model = fit("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
    # lme4's help page of Penicillin: 24 plates, 6 samples, 144 rows
    assert model.n_groups == {"plate": 24, "sample": 6}
    assert model.n_obs == 144
    assert model.formula == "diameter ~ 1 + (1 | plate) + (1 | sample)"
    slopes = sleep(SLOPES)
    days = sleep_data()["Days"].to_numpy()
    expected = np.column_stack([np.ones(180), days])
    np.testing.assert_array_equal(slopes.design.X, expected)
    np.testing.assert_array_equal(slopes.design.terms[0].columns, expected)
    assert slopes.theta.shape == (3,)


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize("weights", [None, "w"])
def test_the_matrices_of_a_model_give_its_criterion_and_estimates(reml, weights):
    data = school()
    formula = "y ~ x + (1 + x | g) + (1 | h)"
    model = mm.lmer(formula, data, reml=reml, weights=weights)
    found = mm.model_matrices(model)
    n, p = found.X.shape
    dof = n - p if reml else n
    criterion = found.logdet_L + dof * (1 + np.log(2 * np.pi * found.pwrss / dof))
    criterion += found.logdet_RX if reml else 0.0
    criterion -= np.log(data["w"]).sum() if weights else 0.0
    assert criterion == pytest.approx(model.criterion, rel=1e-10)
    np.testing.assert_allclose(found.beta, model.fixef, rtol=1e-8)
    half = np.linalg.inv(found.RX)
    np.testing.assert_allclose(model.sigma**2 * half @ half.T, model.vcov, 1e-8)
    fitted = found.X @ found.beta + found.Z @ found.b
    np.testing.assert_allclose(fitted, model.fitted, rtol=1e-8)
    modes = model.ranef()
    there = [modes[group].loc[level, effect] for group, level, effect in found.effects]
    np.testing.assert_allclose(found.b, there, rtol=1e-6, atol=1e-8)


def test_matrices_that_would_be_too_large_are_refused():
    g = np.repeat(np.arange(6000), 2)
    data = pd.DataFrame({"y": np.sin(np.arange(12000.0)), "g": g})
    with pytest.raises(mm.InferenceError, match=r"6,000 random effects.*288 MB"):
        mm.model_matrices(mm.lmer("y ~ 1 + (1 | g)", data))


def test_relative_covariance_is_theta_filled_by_columns():
    model = sleep(SLOPES)
    lam = np.zeros((2, 2))
    lam[0, 0], lam[1, 0], lam[1, 1] = model.theta
    cov = model.sigma**2 * lam @ lam.T
    table = model.var_corr()
    expected = [cov[0, 0], cov[1, 1], cov[1, 0], model.sigma**2]
    assert list(table["variance"]) == pytest.approx(expected)


def test_a_summary_has_lme4s_parts_and_no_p_values():
    summary = sleep(SLOPES).summary()
    text = str(summary)
    # lme4 1.1-31, from the print of the same model
    for part in (
        "Formula: Reaction ~ Days + (Days | Subject)",
        "1743.6",
        "Scaled residuals",
        "Number of obs: 180, groups: Subject, 18",
        "Correlation of Fixed Effects",
    ):
        assert part in text
    assert "-0.138" in text  # the correlation of intercept and slope
    assert list(summary.fixed.columns) == ["term", "value", "se", "t"]
    assert "Pr(" not in text and "p_value" not in text
    assert "boundary" not in text
    assert "boundary" in str(fit("dyestuff2", "Yield ~ 1 + (1 | Batch)").summary())


def test_the_print_of_many_coefficients_does_not_fail():
    data = sleep_data()
    n_columns = 20
    rng = np.random.default_rng(2)
    for i in range(n_columns):
        data[f"x{i}"] = rng.normal(size=180)
    few = " + ".join(f"x{i}" for i in range(11))  # 12 coefficients, correlations shown
    many = " + ".join(f"x{i}" for i in range(n_columns))
    shown = {
        text: str(mm.lmer(f"Reaction ~ {text} + (1 | Subject)", data).summary())
        for text in (few, many)
    }
    assert "Correlation of Fixed Effects" in shown[few]
    assert "Correlation of Fixed Effects" not in shown[many]
    assert f"x{n_columns - 1}" in shown[many]
    assert repr(mm.lmer(f"Reaction ~ {many} + (1 | Subject)", data))
