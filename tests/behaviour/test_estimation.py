"""Section 4 of `table.md`: criterion, optimum, and what is said about a fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, RUN, SLOPES, fit, sleep, sleep_data

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
DYESTUFF = "Yield ~ 1 + (1 | Batch)"


def test_reml_is_the_default():
    assert sleep().reml
    assert not sleep(reml=False).reml
    assert mm.lmer(INTERCEPTS, sleep_data()).criterion == sleep().criterion
    # lme4 1.1-31: aic_reml_ml (AIC less 2 x 4 parameters), refitML
    assert sleep().criterion == pytest.approx(1794.46508539492 - 8, rel=1e-10)
    assert sleep(reml=False).criterion == pytest.approx(1794.07864300523, rel=1e-10)


def test_the_criterion_has_all_its_constants():
    model = fit("dyestuff", DYESTUFF)
    # lme4's own tests
    assert model.criterion == pytest.approx(319.65428, abs=5e-6)
    assert model.criterion_at([1]) == pytest.approx(319.792389042, abs=1e-9)
    assert model.criterion_at([0]) == pytest.approx(326.023232156, abs=1e-9)
    ml = fit("dyestuff", DYESTUFF, reml=False)
    assert ml.criterion == pytest.approx(327.32706, abs=5e-6)


def test_at_theta_zero_the_criterion_is_that_of_least_squares():
    y = mm.load("dyestuff")["Yield"].to_numpy(float)
    n, rss = len(y), ((y - y.mean()) ** 2).sum()
    ml = n * (1 + np.log(2 * np.pi * rss / n))
    reml = np.log(n) + (n - 1) * (1 + np.log(2 * np.pi * rss / (n - 1)))
    assert fit("dyestuff", DYESTUFF, reml=False).criterion_at([0]) == pytest.approx(ml)
    assert fit("dyestuff", DYESTUFF).criterion_at([0]) == pytest.approx(reml)


def test_information_criteria_follow_the_fit():
    # lme4 1.1-31: aic_reml_ml; extractAIC of Dyestuff refits by ML: 333.32706
    assert sleep().aic == pytest.approx(1794.46508539492, rel=1e-10)
    assert sleep(reml=False).aic == pytest.approx(1802.07864300523, rel=1e-10)
    dyestuff = fit("dyestuff", DYESTUFF, reml=False)
    assert dyestuff.aic == pytest.approx(333.32706, abs=5e-6)
    assert dyestuff.n_parameters == 3  # one fixed effect, one theta, sigma
    for model in (sleep(), sleep(SLOPES), dyestuff):
        n, k = model.n_obs, len(model.fixef) + len(model.theta) + 1
        assert model.loglik == pytest.approx(-model.criterion / 2)
        assert model.aic == pytest.approx(-2 * model.loglik + 2 * k)
        assert model.bic == pytest.approx(-2 * model.loglik + np.log(n) * k)


def test_the_other_criterion_at_these_estimates():
    reml, ml = sleep(), sleep(reml=False)
    # lme4 1.1-31: REMLcrit_ml, the REML criterion at the ML theta
    assert reml.criterion_at(ml.theta) == pytest.approx(1786.48533265302, rel=1e-9)
    # deviance(REML = FALSE): the ML criterion at the REML theta, from the reference
    reference = json.loads((REFERENCE / "sleepstudy_ri_reml.json").read_text())
    expected = -2 * reference["criteria"]["logLik_ML_at_these_estimates"]
    assert ml.criterion_at(reml.theta) == pytest.approx(expected, rel=1e-9)


def test_residual_degrees_of_freedom():
    # lme4 1.1-31: df_residual
    assert (sleep().df_resid, sleep(SLOPES).df_resid) == (176, 174)


def test_known_estimates():
    model = fit("dyestuff", DYESTUFF)
    # lme4's own tests
    assert model.fixef["Intercept"] == pytest.approx(1527.5)
    assert model.sigma == pytest.approx(49.5101, abs=5e-5)
    assert model.theta[0] == pytest.approx(0.848330, abs=1e-5)
    # Balanced one-way layout: the ANOVA estimates.
    data = mm.load("dyestuff")
    groups = data.groupby("Batch", observed=True)["Yield"]
    within, between = groups.var().mean(), 5 * groups.mean().var()
    assert model.sigma == pytest.approx(np.sqrt(within))
    assert model.theta[0] == pytest.approx(np.sqrt((between / within - 1) / 5))


@pytest.mark.parametrize("factor", [2.0, 1e-6, 1e6])
def test_constant_weights_change_sigma_and_theta_only(factor):
    model = mm.lmer(INTERCEPTS, sleep_data(), weights=np.full(180, factor))
    root = np.sqrt(factor)
    # lme4 1.1-31 (weights_const, for 2): sigma x 1.41421, theta x 0.70711
    assert list(model.fixef) == pytest.approx(list(sleep().fixef))
    assert model.sigma == pytest.approx(root * sleep().sigma)
    assert model.theta[0] == pytest.approx(sleep().theta[0] / root)
    assert model.loglik == pytest.approx(sleep().loglik, rel=1e-10)


def test_the_mean_of_two_rows_has_weight_two():
    """Var(e_i) = sigma^2 / w_i, so at one theta means and rows give one beta."""
    data = sleep_data(pair=sleep_data()["Days"] // 2, w=2.0)
    alone = data["pair"] == 1  # of these only one row is kept
    data = data[~alone | (data["Days"] == 2)]
    means = data.groupby(["Subject", "pair"], as_index=False).mean()
    means.loc[means["pair"] == 1, "w"] = 1.0
    fixef = []
    for frame, weights in ((data, None), (means, "w")):
        with pytest.warns(mm.ConvergenceWarning):  # stopped at theta = 1
            model = mm.lmer(
                "Reaction ~ pair + (1 | Subject)",
                frame,
                weights=weights,
                start=[1],
                max_evaluations=1,
            )
        assert list(model.theta) == [1]
        fixef.append(list(model.fixef))
    assert fixef[0] == pytest.approx(fixef[1], rel=1e-9)


def test_a_singular_fit_is_a_result_with_a_message():
    model = fit("dyestuff2", DYESTUFF)  # warnings are errors in these tests
    # lme4 1.1-31: singular
    assert list(model.theta) == [0]
    assert model.fixef["Intercept"] == pytest.approx(5.6656)
    assert model.sigma == pytest.approx(3.71568427447573)
    assert model.is_singular
    assert model.status == "singular"
    assert any("boundary" in text and "'Batch'" in text for text in model.messages)


@pytest.mark.parametrize(("theta", "singular"), [(5e-5, True), (2e-4, False)])
def test_a_theta_below_one_ten_thousandth_is_singular(theta, singular):
    # lme4 1.1-31: isSingular_tol; a fit that stops where it starts
    with pytest.warns(mm.ConvergenceWarning):
        model = mm.lmer(INTERCEPTS, sleep_data(), start=[theta], max_evaluations=1)
    assert model.theta[0] == pytest.approx(theta)
    assert model.is_singular == singular


def test_a_block_may_be_singular_with_no_zero_and_no_perfect_correlation():
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(40), 12)
    x, z = rng.normal(size=(2, 480))
    b = rng.normal(size=(40, 2)) @ np.array([[1.0, 0.5, 0.6], [0.0, 0.8, -0.7]])
    y = b[g, 0] + b[g, 1] * x + b[g, 2] * z + rng.normal(size=480)
    data = pd.DataFrame({"y": y, "x": x, "z": z, "g": g})
    model = mm.lmer("y ~ x + z + (x + z | g)", data)
    table = model.var_corr()[:-1]
    alone = table["effect_2"].isna()
    lam = np.zeros((3, 3))
    lam[np.tril_indices(3)] = model.theta[[0, 1, 3, 2, 4, 5]]
    assert np.linalg.svd(lam)[1][2] < 1e-6
    assert model.is_singular
    assert table.loc[alone, "sd"].min() > 0.5
    assert table.loc[~alone, "sd"].abs().max() < 0.99


def test_too_few_evaluations_are_a_warning_and_a_result():
    with pytest.warns(mm.ConvergenceWarning, match=r"limit of 2 evaluation\(s\)"):
        model = mm.lmer(SLOPES, sleep_data(), max_evaluations=2)
    assert model.status == "max_evaluations"
    assert model.fixef.notna().all()
    assert model.criterion >= sleep(SLOPES).criterion
    assert any("2 evaluation(s)" in text for text in model.messages)


def test_a_start_of_the_wrong_length_is_refused():
    with pytest.raises(mm.DesignError, match=r"\(2,\).* needs 1 .*\n.*Subject.Interc"):
        mm.lmer(INTERCEPTS, sleep_data(), start=[1, 1])  # lme4 1.1-31: bad_start


@pytest.mark.parametrize("start", [[1, 0, 1], [10, -3, 0.1], [0, 0, 0], [0.01, 5, 30]])
def test_the_start_does_not_change_the_optimum(start):
    model = mm.lmer(SLOPES, sleep_data(), start=start)
    assert model.criterion == pytest.approx(sleep(SLOPES).criterion, rel=1e-10)
    assert list(model.theta) == pytest.approx(list(sleep(SLOPES).theta), abs=1e-5)


def test_no_better_theta_is_found_by_another_optimizer():
    from scipy.optimize import minimize

    model = sleep(SLOPES)
    found = minimize(model.criterion_at, [1, 0, 1], method="Nelder-Mead")
    assert found.fun == pytest.approx(model.criterion, abs=1e-6)
    assert found.fun >= model.criterion - 1e-9


def test_groups_of_one_row_are_fine():
    rng = np.random.default_rng(11)
    g = np.r_[np.repeat(np.arange(8), 6), np.arange(8, 20)]  # twelve groups of one
    x = rng.normal(size=len(g))
    b = rng.normal(size=(2, 20))
    y = x + b[0, g] + b[1, g] * x + rng.normal(size=len(g))
    data = pd.DataFrame({"y": y, "x": x, "g": g})
    model = mm.lmer("y ~ x + (x | g)", data, reml=False)
    # The density of y, written out at the estimates.
    X, Z = np.c_[np.ones_like(x), x], np.zeros((len(g), 40))
    Z[np.arange(len(g)), 2 * g], Z[np.arange(len(g)), 2 * g + 1] = 1, x
    lam = np.array([[model.theta[0], 0], [model.theta[1], model.theta[2]]])
    V = np.eye(len(g)) + Z @ np.kron(np.eye(20), lam @ lam.T) @ Z.T
    beta = np.linalg.solve(X.T @ np.linalg.solve(V, X), X.T @ np.linalg.solve(V, y))
    left = y - X @ beta
    ss = left @ np.linalg.solve(V, left)
    n = len(y)
    deviance = np.linalg.slogdet(V)[1] + n * (1 + np.log(2 * np.pi * ss / n))
    assert model.criterion == pytest.approx(deviance, rel=1e-10)
    assert list(model.fixef) == pytest.approx(list(beta), rel=1e-8)


def test_models_are_fitted_from_anywhere_with_the_data_passed():
    def inside(text, frame):
        return mm.lmer(text, data=frame).criterion

    frame = sleep_data()
    texts = [INTERCEPTS, SLOPES]
    expected = [sleep(text).criterion for text in texts]
    assert [inside(text, frame) for text in texts] == expected
    assert list(map(mm.lmer, texts, [frame] * 2))[1].criterion == expected[1]
    assert mm.lmer(**{"formula": SLOPES, "data": frame}).criterion == expected[1]


def test_variables_of_the_caller_are_not_seen():
    Reaction = Days = centre = np.arange(180.0)
    with pytest.raises(mm.DesignError, match=r"'centre'.* not a column"):
        mm.lmer("Reaction ~ I(Days - centre) + (1 | Subject)", sleep_data())
    assert len(Reaction) == len(Days) == len(centre)
    assert sleep().sigma == pytest.approx(30.9912338986441, rel=RUN)
