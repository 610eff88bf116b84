"""Sections 8 and 9 of `table.md`: comparisons, intervals, separate regressions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, RUN, SLOPES, fit, sleep, sleep_data

NULL = "Reaction ~ 1 + (1 | Subject)"


def test_fits_to_different_rows_are_not_compared():
    fewer = mm.lmer(INTERCEPTS, sleep_data().iloc[:-1])
    # lme4 1.1-31: anova_sizes
    with pytest.raises(mm.InferenceError, match="180 rows and model 2 to 179"):
        mm.anova(sleep(SLOPES), fewer)


def test_reml_fits_are_refitted_by_ml_on_request():
    found = mm.anova(sleep(), sleep(SLOPES), refit=True)
    # lme4 1.1-31: anova_refits
    assert found["n_par"].tolist() == [4, 6]
    assert found["aic"].tolist() == pytest.approx([1802.07864300523, 1763.93934446321])
    assert found["chisq"].iloc[1] == pytest.approx(42.1392985420164, rel=RUN)
    assert found["p_value"].iloc[1] == pytest.approx(7.07241254723003e-10, rel=1e-4)
    assert "refitted by maximum likelihood" in found.attrs["messages"][0]


def test_reml_fits_with_one_fixed_part_are_compared_as_they_are():
    found = mm.anova(sleep(), sleep(SLOPES))
    # lme4 1.1-31: anova_norefit
    assert found["aic"].tolist() == pytest.approx([1794.46508539492, 1755.62827195995])
    assert found["chisq"].iloc[1] == pytest.approx(42.8368134349691, rel=RUN)


def test_reml_fits_with_other_fixed_parts_are_not_compared_as_they_are():
    with pytest.raises(mm.InferenceError, match="only model 1 has 'Days'"):
        mm.anova(sleep(), sleep(NULL), refit=False)


def test_models_are_sorted_by_their_number_of_parameters():
    found = mm.anova(sleep(SLOPES), sleep())
    assert list(found.index) == ["model 2", "model 1"]
    # lme4 1.1-31: anova_equal_df
    same = mm.anova(
        sleep(), sleep("Reaction ~ 1 + (1 | Subject) + (0 + Days | Subject)")
    )
    assert same["n_par"].tolist() == [4, 4] and same["p_value"].isna().all()


def test_an_ordinary_regression_is_not_among_the_models():
    lm = pytest.importorskip("statsmodels.formula.api")
    ols = lm.ols("Reaction ~ Days", sleep_data()).fit()
    with pytest.raises(TypeError, match="not RegressionResultsWrapper"):
        mm.anova(sleep(reml=False), ols)
    # lme4 1.1-31: anova_lm; the test of the random effects is that of ranova
    found = mm.ranova(sleep(reml=False))
    assert found["chisq"].iloc[0] == pytest.approx(106.214413351138, rel=RUN)
    assert found["n_par"].iloc[0] == 3


def test_a_single_model_is_tested_term_by_term():
    found = mm.anova(sleep())
    assert list(found.index) == ["Days"]
    assert found["p_value"].between(0, 1).all()


def test_leaving_out_a_term_is_a_comparison_of_two_models():
    found = mm.anova(sleep(NULL, reml=False), sleep(reml=False))
    # lme4 1.1-31: drop1
    assert found["aic"].tolist() == pytest.approx([1916.54105807306, 1802.07864300523])
    assert found["chisq"].iloc[1] == pytest.approx(116.462415067833, rel=RUN)
    assert found["p_value"].iloc[1] == pytest.approx(3.76446147654564e-27, rel=1e-4)


def test_intervals_by_name_position_and_group():
    wald = sleep().confint(method="wald")
    # lme4 1.1-31: confint_wald_theta, confint_parm
    assert wald.isna().all(axis=1).tolist() == [True, True, False, False]
    both = sleep().confint("beta_", method="wald").to_numpy().T.ravel()
    expected = [232.301891993303, 8.89104092326795, 270.508317703665, 12.043530995924]
    assert list(both) == pytest.approx(expected, rel=RUN)
    assert sleep().confint("theta_").index.tolist() == ["sd_Intercept|Subject", "sigma"]
    one = sleep().confint([1])
    pd.testing.assert_frame_equal(one, sleep().confint("sigma"))


def test_a_profile_of_no_variance_begins_at_zero():
    found = fit("dyestuff2", "Yield ~ 1 + (1 | Batch)").confint()
    # lme4 1.1-31: confint_sing_zero
    expected = [0, 2.8928310201022, 4.31210021673831]
    expected += [2.08404348901022, 4.81583255245072, 7.01909234683741]
    assert list(found.to_numpy().T.ravel()) == pytest.approx(expected, abs=2e-3)


def test_an_interval_of_half_lies_inside():
    wide, narrow = sleep(SLOPES).confint(), sleep(SLOPES).confint(level=0.5)
    assert (wide["lower"] < narrow["lower"]).all()
    assert (narrow["upper"] < wide["upper"]).all()


def test_separate_regressions_pool_their_residuals():
    found = mm.lm_list("Reaction ~ Days | Subject", sleep_data())
    assert found.sigma == pytest.approx(25.5918156, abs=5e-8)
    assert found.coef.shape == (18, 2)
    np.testing.assert_allclose(found.coef.mean(), sleep(SLOPES).fixef)


def test_a_group_that_cannot_be_fitted_does_not_stop_the_others():
    data = sleep_data()
    data.loc[data["Subject"] == 308, "Days"] = 4
    found = mm.lm_list("Reaction ~ Days | Subject", data)
    whole = mm.lm_list("Reaction ~ Days | Subject", sleep_data())
    assert np.isnan(found.coef.loc[308, "Days"])
    pd.testing.assert_frame_equal(found.coef.iloc[1:], whole.coef.iloc[1:])
    assert found.df_resid == whole.df_resid + 1
    assert ": 308." in found.messages[0]
