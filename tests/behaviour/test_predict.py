"""Section 6 of `table.md`: predictions for old and new rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, RUN, SLOPES, fit, sleep, sleep_data

SPLIT = "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)"
PENICILLIN = "diameter ~ 1 + (1 | plate) + (1 | sample)"
# Subject 308 on days 0 and 9.
ENDS = pd.DataFrame({"Days": [0, 9], "Subject": 308})


def test_without_new_data_predictions_are_the_fitted_values():
    for model in (sleep(), sleep(SLOPES), fit("penicillin", PENICILLIN)):
        np.testing.assert_allclose(model.predict(), model.fitted, rtol=1e-12)
    again = sleep(SLOPES).predict(sleep_data())
    np.testing.assert_allclose(again, sleep(SLOPES).fitted, rtol=1e-10)


# lme4 1.1-31: predict_reform0, predict_partial, predict_partial_slope
PARTS = {
    "none": [251.405104848485, 345.610678484849],
    "~0": [251.405104848485, 345.610678484849],
    "(1 | Subject)": [253.663655798386, 347.86922943475],
    "~ (1 | Subject)": [253.663655798386, 347.86922943475],
    "(0 + Days | Subject)": [251.405104848485, 428.401460374942],
}


@pytest.mark.parametrize("re_form", PARTS)
def test_part_of_the_random_effects(re_form):
    found = sleep(SLOPES).predict(ENDS, re_form=re_form)
    assert list(found) == pytest.approx(PARTS[re_form], rel=RUN)


@pytest.mark.parametrize("text", [SLOPES, SPLIT])
def test_the_parts_add_up(text):
    model = sleep(text)
    none = model.predict(ENDS, re_form="none")
    one = model.predict(ENDS, re_form="(1 | Subject)") - none
    two = model.predict(ENDS, re_form="(0 + Days | Subject)") - none
    both = model.predict(ENDS) - none  # random.only in lme4
    np.testing.assert_allclose(one + two, both, rtol=1e-9)
    if text == SLOPES:  # lme4 1.1-31: predict_random_only
        assert list(both) == pytest.approx([2.25855094990116, 85.04933284], rel=RUN)


def test_several_factors_in_any_order():
    model = fit("penicillin", PENICILLIN)
    new = mm.load("penicillin")[::13]
    plate = model.predict(new, re_form="(1 | plate)") - model.fixef["Intercept"]
    modes = model.ranef()["plate"]["Intercept"]
    np.testing.assert_allclose(plate, modes.loc[new["plate"]], rtol=1e-9, atol=1e-12)
    turned = model.predict(new, re_form="(1 | sample) + (1 | plate)")
    np.testing.assert_array_equal(turned, model.predict(new))


def test_a_term_that_is_not_in_the_model_is_refused():
    # lme4 1.1-31: predict_bad_reform
    with pytest.raises(mm.DesignError, match="no random effects for 'Days'"):
        sleep().predict(ENDS, re_form="(1 | Days)")
    with pytest.raises(mm.DesignError, match="no random effect of 'Days'"):
        sleep().predict(ENDS, re_form="(0 + Days | Subject)")


def test_only_the_columns_of_the_asked_for_part_are_needed():
    new = pd.DataFrame({"Days": [0, 1]})  # and no response
    # lme4 1.1-31: predict_no_group
    expected = [251.405104848485, 261.872390808081]
    assert list(sleep().predict(new, re_form="none")) == pytest.approx(expected)
    # predict_no_group2, predict_missing_x
    with pytest.raises(mm.DesignError, match="no column 'Subject'"):
        sleep().predict(new)
    with pytest.raises(mm.DesignError, match="no column 'Days'"):
        sleep().predict(pd.DataFrame({"Subject": [308]}))


def test_new_levels_are_named_or_get_the_population_value():
    new = pd.DataFrame({"Days": [0, 1, 6], "Subject": [999, 999, 308]})
    with pytest.raises(mm.DesignError, match=r"1 level of 'Subject'.* 999"):
        sleep().predict(new)  # lme4 1.1-31: newlevel_err
    found = sleep().predict(new, allow_new_levels=True)
    # newlevel_ok; the last is a known level
    expected = [251.405104848485, 261.872390808081, 354.992530445691]
    assert list(found) == pytest.approx(expected, rel=RUN)


def test_a_long_list_of_new_levels_is_cut():
    new = pd.DataFrame({"Days": 0, "Subject": np.arange(1000, 1100)})
    with pytest.raises(mm.DesignError, match=r"\(100 in all\)") as caught:
        sleep().predict(new)
    assert "1099" not in str(caught.value)


def test_a_missing_group_counts_as_a_new_level():
    new = pd.DataFrame({"Days": [0, 1], "Subject": [308, np.nan]})
    with pytest.raises(mm.DesignError, match="missing"):
        sleep(SLOPES).predict(new)  # lme4 1.1-31: predict_na_group
    found = sleep(SLOPES).predict(new, allow_new_levels=True)
    expected = [253.663655798386, 261.872390808081]  # predict_na_group_ok
    assert list(found) == pytest.approx(expected, rel=RUN)


def test_a_missing_covariate_gives_nan():
    new = pd.DataFrame({"Days": [0, np.nan], "Subject": 308})
    found = sleep(SLOPES).predict(new)
    # lme4 1.1-31: predict_na_x
    assert found.iloc[0] == pytest.approx(253.663655798386, rel=RUN)
    assert np.isnan(found.iloc[1])
    assert len(found.dropna()) == 1


def test_a_new_level_of_a_fixed_factor_is_refused():
    data = sleep_data(half=np.where(sleep_data()["Days"] < 5, "early", "late"))
    model = mm.lmer("Reaction ~ half + (1 | Subject)", data)
    # lme4 1.1-31: predict_new_fixed_level
    with pytest.raises(mm.DesignError, match=r"'half'.* not in the fit: 'noon'"):
        model.predict(pd.DataFrame({"half": ["noon"], "Subject": [308]}))


CAKE = "angle ~ recipe*temp + (1 | replicate)"


def test_predictions_do_not_depend_on_the_other_rows_or_the_type():
    # lme4 1.1-31: predict_dispersed_levels, day 6 of subject 308
    row = sleep().predict({"Days": 6, "Subject": 308})
    assert list(row) == pytest.approx([354.992530445691], rel=RUN)
    cake = mm.load("cake")
    model = fit("cake", CAKE)
    whole = model.predict(cake)
    some = cake[200:40:-37]
    turned = some["recipe"].cat.set_categories(["C", "X", "A", "B"])
    for new in (
        some,
        some.assign(recipe=some["recipe"].astype(str)),
        some.assign(recipe=turned),
        some.assign(replicate=some["replicate"].astype("category")),
        some.assign(recipe=some["recipe"].cat.remove_unused_categories()),
    ):
        np.testing.assert_allclose(model.predict(new), whole[some.index], rtol=1e-12)
    for i in some.index:
        alone = model.predict(cake.loc[[i]])
        assert list(alone) == pytest.approx([whole[i]], rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "Reaction ~ poly(Days, 3) + (1 | Subject)",
        "Reaction ~ scale(Days) + (scale(Days) | Subject)",
        "Reaction ~ center(Days) + (1 | Subject)",
        "Reaction ~ bs(Days, df=4) + (1 | Subject)",
        "Reaction ~ cr(Days, df=4, constraints='center') + (1 | Subject)",
        "Reaction ~ Days + (poly(Days, 2) | Subject)",
        "Reaction ~ C(Days) + (1 | Subject)",
        "Reaction ~ C(Days, contr.poly) + (1 | Subject)",
        "Reaction ~ C(Days, contr.sum) + (1 | Subject)",
    ],
)
def test_one_training_row_gives_its_fitted_value(text):
    model = sleep(text)
    for i in (0, 7, 179):
        row = model.predict(sleep_data()[i : i + 1])
        assert list(row) == pytest.approx([model.fitted[i]], rel=1e-9)


def test_the_offset_of_the_formula_is_part_of_predictions():
    data = sleep_data(o=np.arange(180.0) % 7)
    for model in (
        mm.lmer(f"{INTERCEPTS} + offset(2 * o)", data),
        mm.lmer(f"{INTERCEPTS} + offset(o)", data, offset="o"),
    ):
        np.testing.assert_allclose(model.predict(data), model.fitted, rtol=1e-10)
        moved = model.predict(data.assign(o=data["o"] + 12))  # offset_predict_formula
        np.testing.assert_allclose(moved, model.fitted + 24, rtol=1e-10)
        population = model.predict(data, re_form="none")
        line = model.fixef["Intercept"] + model.fixef["Days"] * data["Days"]
        np.testing.assert_allclose(population, line + 2 * data["o"], rtol=1e-10)


def test_an_offset_without_values_for_new_rows_is_refused():
    # lme4 1.1-31 leaves it out and is 12 off: offset_predict_arg
    model = mm.lmer(INTERCEPTS, sleep_data(), offset=np.full(180, 12.0))
    with pytest.raises(mm.DesignError, match="offset that was given as an array"):
        model.predict(ENDS)
    np.testing.assert_allclose(model.predict(), sleep().fitted, rtol=1e-9)
    with pytest.raises(mm.DesignError, match="no column 'o'"):
        mm.lmer(INTERCEPTS, sleep_data(o=1.0), offset="o").predict(ENDS)


def joint_covariance(model):
    """Covariance of (beta, b - b-hat), by inverting Henderson's equations."""
    X, term = model.design.X, model.design.terms[0]
    codes = model.design.groupings[0].codes
    n, c, m = len(X), term.columns.shape[1], len(model.ranef()["Subject"])
    Z = np.zeros((n, m, c))
    Z[np.arange(n), codes] = term.columns
    W = np.hstack([X, Z.reshape(n, m * c)])
    lam = np.zeros((c, c))
    lam.T[np.triu_indices(c)] = model.theta
    precision = np.zeros((W.shape[1],) * 2)
    p = X.shape[1]
    precision[p:, p:] = np.kron(np.eye(m), np.linalg.inv(lam @ lam.T))
    return model.sigma**2 * np.linalg.inv(W.T @ W + precision), p, c


@pytest.mark.parametrize("text", [INTERCEPTS, SLOPES])
@pytest.mark.parametrize("re_form", ["all", "none", "(1 | Subject)"])
def test_standard_errors_come_from_the_joint_covariance(text, re_form):
    model = sleep(text)
    cov, p, c = joint_covariance(model)
    found = model.predict(ENDS, re_form=re_form, se=True)
    for row, day in zip(found.itertuples(), ENDS["Days"], strict=True):
        a = np.zeros(len(cov))
        a[:p] = 1, day
        if re_form != "none":  # subject 308 is the first
            a[p : p + c] = [1, day][:c] if re_form == "all" else [1, 0][:c]
        assert row.se == pytest.approx(np.sqrt(a @ cov @ a), rel=1e-8)
    np.testing.assert_array_equal(found["fit"], model.predict(ENDS, re_form=re_form))


def test_a_new_level_has_the_standard_error_of_the_fixed_part():
    new = ENDS.assign(Subject=999)
    one = sleep(SLOPES).predict(new, allow_new_levels=True, se=True)
    other = sleep(SLOPES).predict(new, re_form="none", se=True)
    np.testing.assert_allclose(one, other, rtol=1e-10)
    X = np.array([[1, 0], [1, 9]])
    expected = np.sqrt(np.diag(X @ sleep(SLOPES).vcov.to_numpy() @ X.T))
    np.testing.assert_allclose(one["se"], expected, rtol=1e-10)
