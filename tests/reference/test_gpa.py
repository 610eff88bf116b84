"""The document's own numbers: R30 to R50, and R's full precision where it is known.

Sources: the tables printed in the document (three digits), and the same models fitted
by lme4 1.1-31 on the original records (all digits). The shipped rows are reconstructed
to give the same sufficient statistics, so every digit must come out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import minimize_scalar

import mmcourse as mm

# This lme4 run stopped where its optimiser did, a few 1e-9 from the optimum.
LME4 = 1e-8


@pytest.fixture(scope="module")
def gpa():
    return mm.load_gpa()


@pytest.fixture(scope="module")
def model(gpa):
    return mm.lmer("gpa ~ occasion + (1 | student)", gpa)


def rounded(table, columns):
    return table[columns].round(3).to_numpy().tolist()


def test_the_standard_regression(gpa):  # R30, R31
    fit = smf.ols("gpa ~ occasion", gpa).fit()
    np.testing.assert_allclose(fit.params, [2.5992142857, 0.1063142857], atol=1e-9)
    np.testing.assert_allclose(fit.bse, [0.0178455, 0.0058942], atol=5e-8)
    np.testing.assert_allclose(fit.tvalues, [145.6509, 18.03717], rtol=1e-6)
    assert fit.nobs == 1200
    assert np.sqrt(fit.scale) == pytest.approx(0.3487043, abs=5e-8)
    assert fit.rsquared == pytest.approx(0.2135699, abs=5e-8)
    assert fit.rsquared_adj == pytest.approx(0.2129134, abs=5e-8)


def test_fixed_effects_table(model):  # R39
    table = mm.extract_fixed_effects(model)
    assert list(table.columns) == [
        "term",
        "value",
        "se",
        "t",
        "p_value",
        "lower_2.5",
        "upper_97.5",
    ]
    assert table["term"].tolist() == ["Intercept", "occasion"]
    assert rounded(
        table, ["value", "se", "t", "p_value", "lower_2.5", "upper_97.5"]
    ) == [
        [2.599, 0.022, 119.800, 0.0, 2.557, 2.642],
        [0.106, 0.004, 26.096, 0.0, 0.098, 0.114],
    ]
    np.testing.assert_allclose(table["value"], [2.5992142857, 0.1063142857], atol=1e-9)
    np.testing.assert_allclose(table["se"], [0.021696341093, 0.004073908015], rtol=LME4)
    np.testing.assert_allclose(table["t"], [119.79965998, 26.09638836], rtol=LME4)


def test_random_part(model):  # R40
    table = mm.extract_vc(model, ci_level=0)
    assert list(table.columns) == ["group", "effect", "variance", "sd", "var_prop"]
    variances = [0.06371891142, 0.05808854279]
    np.testing.assert_allclose(table["variance"], variances, rtol=LME4)
    np.testing.assert_allclose(table["sd"], np.sqrt(variances), rtol=LME4)
    assert model.theta[0] == pytest.approx(1.047342996, rel=LME4)
    assert model.criterion == pytest.approx(408.8928808, abs=1e-6)
    assert model.aic == pytest.approx(416.8928808, abs=1e-6)
    assert model.bic == pytest.approx(437.2531881, abs=1e-6)


def test_same_line_other_standard_errors(gpa, model):  # R41, R42
    fit = smf.ols("gpa ~ occasion", gpa).fit()
    np.testing.assert_allclose(fit.params, model.fixef, atol=1e-9)
    assert model.std_error["Intercept"] > fit.bse["Intercept"]
    assert model.std_error["occasion"] < fit.bse["occasion"]


def test_maximum_likelihood(gpa):
    fit = mm.lmer("gpa ~ occasion + (1 | student)", gpa, reml=False)
    np.testing.assert_allclose(
        fit.var_corr()["variance"], [0.06336159, 0.05803045], atol=5e-9
    )
    assert fit.loglik == pytest.approx(-196.8245885, abs=1e-6)
    assert fit.aic == pytest.approx(401.649177, abs=1e-5)
    assert fit.bic == pytest.approx(422.0094843, abs=1e-5)
    assert fit.criterion == pytest.approx(393.649177, abs=1e-5)


def test_interval_table(model):  # R44
    table = mm.extract_vc(model)
    assert list(table.columns) == [
        "group",
        "effect",
        "variance",
        "sd",
        "sd_2.5",
        "sd_97.5",
        "var_prop",
    ]
    assert table["group"].tolist() == ["student", "Residual"]
    assert table["effect"].iloc[0] == "Intercept"
    assert pd.isna(table["effect"].iloc[1])
    assert rounded(table, ["variance", "sd", "sd_2.5", "sd_97.5", "var_prop"]) == [
        [0.064, 0.252, 0.225, 0.282, 0.523],
        [0.058, 0.241, 0.231, 0.252, 0.477],
    ]


PROFILE = {
    "sd_Intercept|student": (0.22517422702, 0.2824603937),
    "sigma": (0.23071112942, 0.2518509582),
    "Intercept": (2.55665145271, 2.6417771187),
    "occasion": (0.09832589475, 0.1143026767),
}


def test_profile_intervals(model):  # R44
    found = model.confint()
    assert list(found.index) == list(PROFILE)
    np.testing.assert_allclose(found, list(PROFILE.values()), atol=2e-7)


def test_profile_of_an_sd_is_not_that_of_theta_scaled(model):
    """Scaling theta's interval by sigma gives .22686 to .28047, which is wrong."""
    found = model.confint("sd_Intercept|student").to_numpy()[0]
    assert found.round(4).tolist() == [0.2252, 0.2825]


def restricted_deviance(gpa, model):
    """-2 log restricted likelihood of both sds, for balanced data: two mean squares."""
    left = gpa["gpa"] - model.predict(re_form="none")
    means = left.groupby(gpa["student"]).mean()
    between = 6 * np.sum(means**2)
    within = np.sum(left**2) - between

    def value(sd, sigma):
        mean_square = 6 * sd**2 + sigma**2
        value = 999 * np.log(sigma**2) + within / sigma**2
        return value + 199 * np.log(mean_square) + between / mean_square

    return value


def test_profile_on_the_restricted_likelihood(gpa, model):  # X4
    found = model.confint("theta_", criterion="reml")
    # lme4's ends are read off a grid: good to a unit or two in the fifth digit.
    np.testing.assert_allclose(
        found, [[0.22576, 0.28332], [0.23083, 0.25198]], atol=2e-5
    )
    value = restricted_deviance(gpa, model)
    lowest = value(*model.var_corr()["sd"])
    for end in found.loc["sigma"]:
        best = minimize_scalar(lambda sd, s=end: value(sd, s), bounds=(0.1, 0.5))
        assert best.fun - lowest == pytest.approx(1.959963984540054**2, abs=1e-6)
    for end in found.loc["sd_Intercept|student"]:
        best = minimize_scalar(lambda s, sd=end: value(sd, s), bounds=(0.1, 0.5))
        assert best.fun - lowest == pytest.approx(1.959963984540054**2, abs=1e-6)


def test_wald_intervals(model):
    found = model.confint("beta_", method="wald")
    expected = [[2.55669023858, 2.6417383329], [0.09832957273, 0.1142989987]]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_variance_components_read(model):  # R45 to R48
    sd = model.var_corr()["sd"].iloc[0]
    assert round(sd / model.fixef["occasion"], 2) == 2.37
    icc = mm.icc(model)["icc"]
    assert icc.round(5).tolist() == [0.52311, 0.52311]
    # The correlation of two rows of one student under the marginal covariance.
    variance = model.var_corr()["variance"]
    assert icc.iloc[0] == pytest.approx(variance[0] / variance.sum())


RANEF = [-0.07089492281, -0.21557843874, 0.08825694472, -0.18664173555, 0.03038353835]


def test_random_effects(model):  # R49
    table = mm.extract_random_effects(model).head()
    columns = ["value", "se", "lower_2.5", "upper_97.5"]
    assert list(table.columns) == ["group_var", "effect", "group", *columns]
    np.testing.assert_allclose(table["value"], RANEF, rtol=1e-8)
    np.testing.assert_allclose(table["se"], 0.09167581255, rtol=1e-9)
    assert rounded(table, columns) == [
        [-0.071, 0.092, -0.251, 0.109],
        [-0.216, 0.092, -0.395, -0.036],
        [0.088, 0.092, -0.091, 0.268],
        [-0.187, 0.092, -0.366, -0.007],
        [0.030, 0.092, -0.149, 0.210],
    ]


def test_random_coefficients(model):  # R50, X1
    table = mm.extract_random_coefs(model).head()
    assert rounded(table, ["value", "se", "lower_2.5", "upper_97.5"]) == [
        [2.528, 0.094, 2.344, 2.713],
        [2.384, 0.094, 2.199, 2.568],
        [2.687, 0.094, 2.503, 2.872],
        [2.413, 0.094, 2.228, 2.597],
        [2.630, 0.094, 2.445, 2.814],
    ]
    joint = mm.extract_random_coefs(model, se_method="joint").head()
    assert joint["se"].round(4).tolist() == [0.0923] * 5  # X2


def test_the_documents_coefficient_table_is_rounded_twice(model):  # X1
    """All 20 printed cells follow when the parts are rounded before they are added."""
    effects = mm.extract_random_effects(model).head()
    fixed = mm.extract_fixed_effects(model).iloc[0]
    value = effects["value"].round(3) + round(fixed["value"], 3)
    se = np.sqrt(effects["se"].round(3) ** 2 + round(fixed["se"], 3) ** 2)
    cells = np.column_stack([value, se, value - 1.959964 * se, value + 1.959964 * se])
    assert cells.round(3).tolist() == [
        [2.528, 0.095, 2.343, 2.713],
        [2.383, 0.095, 2.198, 2.568],
        [2.687, 0.095, 2.502, 2.872],
        [2.412, 0.095, 2.227, 2.597],
        [2.629, 0.095, 2.444, 2.814],
    ]


def test_coefficients_are_fixed_plus_random(model):  # R51, R52
    coef, effects = model.coef()["student"], model.ranef()["student"]
    np.testing.assert_allclose(
        coef["Intercept"], model.fixef["Intercept"] + effects["Intercept"]
    )
    assert coef["occasion"].nunique() == 1
    assert coef["occasion"].iloc[0] == pytest.approx(0.1063142857, abs=1e-9)


def test_shrinkage_in_closed_form(model, gpa):
    """Balanced data: the effect is a fixed part of the student's mean residual."""
    weight = 6 * model.theta[0] ** 2 / (6 * model.theta[0] ** 2 + 1)
    assert weight == pytest.approx(0.86810, abs=5e-6)
    left = gpa["gpa"] - model.predict(re_form="none")
    means = left.groupby(gpa["student"]).mean()
    np.testing.assert_allclose(
        model.ranef()["student"]["Intercept"], weight * means, rtol=1e-7
    )


def test_population_predictions(model, gpa):  # R59, R60
    found = model.predict(re_form="none").head(6)
    expected = [2.599214, 2.705529, 2.811843, 2.918157, 3.024471, 3.130786]
    assert found.round(6).tolist() == expected
    fit = smf.ols("gpa ~ occasion", gpa).fit()
    np.testing.assert_allclose(
        model.predict(re_form="none"), fit.fittedvalues, atol=1e-12
    )


def test_conditional_predictions(model):  # R61, R62
    found = model.predict().head(12).round(2).tolist()
    assert found[:6] == [2.53, 2.63, 2.74, 2.85, 2.95, 3.06]
    assert found[6:] == [2.38, 2.49, 2.60, 2.70, 2.81, 2.92]
    ends = model.predict().iloc[[0, 5, 6, 11]].round(4).tolist()
    assert ends == [2.5283, 3.0599, 2.3836, 2.9152]


def test_null_model_share(gpa):  # R12, X13
    null = mm.lmer("gpa ~ 1 + (1 | student)", gpa)
    assert mm.icc(null)["icc"].iloc[0] == pytest.approx(0.369269, abs=5e-7)


# exercises: intercept, its se; occasion; sex; highgpa; student variance; icc; AIC
COVARIATES = {
    "sex": (
        [2.5216, 0.1063, 0.1479],
        [0.0287, 0.00407, 0.0370],
        0.05858,
        0.5021,
        408.21,
    ),
    "highgpa": (
        [2.3514, 0.1063, 0.0829],
        [0.0973, 0.00407, 0.0318],
        0.06163,
        0.5148,
        417.22,
    ),
    "sex + highgpa": (
        [2.2414, 0.1063, 0.1558, 0.0924],
        [0.0968, 0.00407, 0.0364, 0.0305],
        0.05588,
        0.4903,
        406.35,
    ),
}


@pytest.mark.parametrize("covariates", COVARIATES)
def test_cluster_level_covariates(gpa, model, covariates):
    values, se, variance, icc, aic = COVARIATES[covariates]
    fit = mm.lmer(f"gpa ~ occasion + {covariates} + (1 | student)", gpa)
    assert fit.fixef.round(4).tolist() == values
    np.testing.assert_allclose(fit.std_error, se, atol=5e-5)
    assert round(fit.var_corr()["variance"].iloc[0], 5) == variance
    assert round(mm.icc(fit)["icc"].iloc[0], 4) == icc
    assert round(fit.aic, 2) == aic
    # A covariate that is constant within students leaves the rest alone.
    assert fit.sigma == pytest.approx(model.sigma, rel=1e-9)
    assert fit.std_error["occasion"] == pytest.approx(
        model.std_error["occasion"], rel=1e-9
    )


def test_random_slopes(gpa):
    fit = mm.lmer("gpa ~ occasion + (1 + occasion | student)", gpa)
    table = fit.var_corr()
    assert table["sd"].round(4).iloc[:2].tolist() == [0.2126, 0.0671]
    assert round(table["sd"].iloc[2], 3) == -0.098
    assert round(table["variance"].iloc[3], 4) == 0.0424
    np.testing.assert_allclose(fit.std_error, [0.01836, 0.005885], atol=5e-6)
    assert round(fit.criterion, 2) == 260.96
    assert round(fit.aic, 2) == 272.96


def test_sleep_exercise():
    """F1: the numbers of a full-mark answer."""
    sleep = mm.load_sleepstudy()
    fit = mm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
    assert fit.fixef.round(4).tolist() == [251.4051, 10.4673]
    assert fit.std_error.round(4).tolist() == [9.7467, 0.8042]
    assert fit.var_corr()["variance"].round(2).tolist() == [1378.18, 960.46]
    assert mm.icc(fit)["icc"].round(3).iloc[0] == 0.589
    assert round(fit.criterion, 2) == 1786.47
    ends = fit.confint().round(3)
    assert ends.loc["sd_Intercept|Subject"].tolist() == [26.007, 52.936]
    assert ends.loc["sigma"].tolist() == [27.814, 34.591]
    table = mm.extract_random_effects(fit)
    clear = table[(table["lower_2.5"] > 0) | (table["upper_97.5"] < 0)]
    assert clear["group"].tolist() == [308, 309, 310, 335, 337, 349, 352]
    assert table["se"].round(3).unique().tolist() == [9.476]
