"""Section 1 of `table.md`: what a formula means, and which data it takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import (
    INTERCEPTS,
    RUN,
    SLOPES,
    assert_run,
    assert_same_fit,
    fit,
    sleep,
    sleep_data,
)

# lme4 1.1-31, sleepstudy, Reaction ~ Days + (1 | Subject)
FIXEF, SIGMA, THETA = [251.405104848484, 10.467285959596], 30.9912338986441, 1.197881533


def test_a_formula_without_random_terms_is_refused():
    with pytest.raises(mm.FormulaError, match="no random effects terms"):
        mm.lmer("Reaction ~ Days", sleep_data())


def test_the_formula_is_a_string():
    assert_run(sleep(), FIXEF, SIGMA, [THETA])  # lme4 1.1-31: string_formula
    assert sleep().formula == INTERCEPTS


def test_a_bar_outside_parentheses_is_refused_with_the_form_that_is_meant():
    with pytest.raises(mm.FormulaError) as caught:
        mm.lmer("Reaction ~ Days + 1 | Subject", sleep_data())
    assert "Reaction ~ Days + (1 | Subject)" in str(caught.value)


# Spellings of one model.
SAME = {
    "(x | g) is (1 + x | g)": (SLOPES, "Reaction ~ Days + (1 + Days | Subject)"),
    "(x - 1 | g) is (0 + x | g)": (
        "Reaction ~ Days + (0 + Days | Subject)",
        "Reaction ~ Days + (Days - 1 | Subject)",
    ),
    "(-1 + x | g) is (0 + x | g)": (
        "Reaction ~ Days + (0 + Days | Subject)",
        "Reaction ~ Days + (-1 + Days | Subject)",
    ),
    "(x || g) is (1 | g) + (0 + x | g)": (
        "Reaction ~ Days + (Days || Subject)",
        "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)",
    ),
}


def assert_same_terms(one, other):
    assert_same_fit(one, other)
    assert list(one.theta) == pytest.approx(list(other.theta), rel=1e-6)
    pd.testing.assert_frame_equal(one.var_corr(), other.var_corr(), rtol=1e-6)


@pytest.mark.parametrize("case", [c for c in SAME if "||" not in c])
def test_the_intercept_of_a_random_term_is_implied_or_left_out(case):
    assert_same_terms(*(sleep(text) for text in SAME[case]))


def test_a_term_without_intercept_has_only_its_slope():
    assert sleep(SAME["(x - 1 | g) is (0 + x | g)"][1]).theta.shape == (1,)


def test_a_double_bar_means_uncorrelated_terms():
    one, other = (sleep(t) for t in SAME["(x || g) is (1 | g) + (0 + x | g)"])
    assert_same_terms(one, other)
    # lme4 1.1-31: update_add_random
    assert list(one.theta) == pytest.approx([0.979896528, 0.234231225], rel=RUN)
    assert one.sigma == pytest.approx(25.5652792015696, rel=RUN)


def test_a_double_bar_keeps_the_block_of_a_factor():
    one = fit("cake", "angle ~ temp + (recipe || replicate)")
    other = fit("cake", "angle ~ temp + (1 | replicate) + (0 + recipe | replicate)")
    assert one.theta.shape == (1 + 6,)  # lme4: an intercept and a 3 x 3 block
    assert one.criterion == pytest.approx(other.criterion, rel=1e-9)
    assert list(one.var_corr()["group"]) == ["replicate"] * 7 + ["Residual"]


def test_nested_groups_are_named_inner_first_and_fit_alike():
    nested = fit("pastes", "strength ~ 1 + (1 | batch/cask)")
    crossed = fit("pastes", "strength ~ 1 + (1 | batch) + (1 | batch:cask)")
    single = fit("pastes", "strength ~ 1 + (1 | batch) + (1 | sample)")
    # lme4 1.1-31: nest_equiv
    assert nested.n_groups == {"cask:batch": 30, "batch": 10}
    assert crossed.n_groups == {"batch:cask": 30, "batch": 10}
    assert_same_fit(nested, crossed)
    assert_same_fit(nested, single)


@pytest.mark.parametrize("kind", [str, "category", float, "Int64", object])
def test_groups_of_any_type_give_the_same_fit(kind):
    model = mm.lmer(
        INTERCEPTS, sleep_data(Subject=sleep_data()["Subject"].astype(kind))
    )
    assert_run(model, FIXEF, SIGMA, [THETA])
    assert model.n_groups == {"Subject": 18}  # lme4 1.1-31: group_numeric


def test_numbers_are_groups_in_both_parts_of_a_nesting():
    pastes = mm.load("pastes")
    coded = pastes.assign(
        batch=pastes["batch"].cat.codes, cask=pastes["cask"].cat.codes
    )
    model = mm.lmer("strength ~ 1 + (1 | batch/cask)", coded)
    assert_same_fit(model, fit("pastes", "strength ~ 1 + (1 | batch/cask)"))


def test_levels_that_do_not_occur_are_dropped():
    data = sleep_data(Subject=sleep_data()["Subject"].astype("category"))
    model = mm.lmer(INTERCEPTS, data[data["Subject"] != 308])
    # lme4 1.1-31: unused_levels
    assert model.n_groups == {"Subject": 17}
    assert len(model.ranef()["Subject"]) == 17


def test_combinations_of_many_levels_are_never_written_out():
    m, n = 10_000, 20_100  # 10^8 combinations, of which few occur
    i = np.arange(n)
    data = pd.DataFrame({"y": np.cos(i * 0.7), "a": i % m, "b": (i * i) % m})
    data["b"] = np.where(i >= m, data["b"].to_numpy()[i - m], data["b"])
    model = mm.lmer("y ~ 1 + (1 | a:b)", data)
    seen = data.drop_duplicates(["a", "b"]).sort_values(["a", "b"])
    assert model.n_groups == {"a:b": len(seen)}
    labels = [f"{a}:{b}" for a, b in zip(seen["a"], seen["b"], strict=True)]
    assert list(model.ranef()["a:b"].index) == labels  # by a's levels, then b's


def test_random_terms_go_by_falling_number_of_levels():
    one = fit("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
    other = fit("penicillin", "diameter ~ 1 + (1 | sample) + (1 | plate)")
    # lme4 1.1-31: term_order
    assert list(one.n_groups) == list(other.n_groups) == ["plate", "sample"]
    assert_same_terms(one, other)


def test_unknown_columns_are_named():
    # lme4 1.1-31: unknown_var, unknown_group
    for text, name in {
        "Reaction ~ Dayz + (1 | Subject)": "Dayz",
        "Reaction ~ Days + (1 | Sbj)": "Sbj",
        "Reaction ~ Days + (Dayz | Subject)": "Dayz",
        "Reation ~ Days + (1 | Subject)": "Reation",
    }.items():
        with pytest.raises(mm.DesignError, match=f"'{name}'.* not a column"):
            mm.lmer(text, sleep_data())


@pytest.mark.parametrize("name", ["junk", "family", "REML", "subset", "control"])
def test_unknown_arguments_are_refused(name):
    with pytest.raises(TypeError, match=f"'{name}'"):
        mm.lmer(INTERCEPTS, sleep_data(), **{name: "binomial"})


def test_the_response_is_one_column_of_numbers():
    with pytest.raises(mm.DesignError, match="'sort' holds labels"):
        mm.lmer("sort ~ Days + (1 | Subject)", sleep_data(sort=["a", "b"] * 90))
    with pytest.raises(mm.DesignError, match="one response"):
        mm.lmer("cbind(Reaction, Days) ~ 1 + (1 | Subject)", sleep_data())
    with pytest.raises(mm.DesignError, match="2 columns"):
        mm.lmer("poly(Reaction, 2) ~ 1 + (1 | Subject)", sleep_data())


def test_a_constant_response_has_no_residual():
    model = mm.lmer("Reaction ~ 1 + (1 | Subject)", sleep_data(Reaction=1.0))
    # lme4 1.1-31: constant_response, without its complaints about convergence
    assert model.fixef["Intercept"] == pytest.approx(1)
    assert model.sigma == pytest.approx(0, abs=1e-12)
    assert model.status == "singular"
    assert any("'Reaction' unexplained" in text for text in model.messages)


def stepped():
    """A model of a response that is constant in each group; balanced."""
    data = sleep_data()
    data["Reaction"] = data["Subject"].rank(method="dense") ** 1.5
    return mm.lmer("Reaction ~ 1 + (1 | Subject)", data), data["Reaction"]


def test_a_response_constant_in_each_group_leaves_no_residual():
    model, response = stepped()
    # lme4 1.1-31 (const_in_groups): sigma 3e-07 and an enormous theta, no crash
    assert model.sigma < 1e-4 * response.std()
    assert model.theta[0] > 1e4
    assert list(model.fitted) == pytest.approx(list(response), abs=1e-3)
    assert any("unexplained" in text for text in model.messages)


def test_the_intercept_is_the_mean_when_no_residual_is_left():
    model, response = stepped()
    # Balanced: the mean, whatever theta is.
    near = 1e-5 * model.std_error["Intercept"]
    assert model.fixef["Intercept"] == pytest.approx(response.mean(), abs=near)


# A function in the formula -> the same as a column made beforehand.
def made(data):
    x = data["Days"]
    centred = (x - x.mean()) / x.std()
    basis = np.linalg.qr(np.vander(x, 3, increasing=True))[0]
    return data.assign(
        sq=x**2, ln=np.log(x + 1), z=centred, q1=basis[:, 1], q2=basis[:, 2]
    )


FUNCTIONS = {
    "I(Days**2)": "sq",
    "log(Days + 1)": "ln",
    "scale(Days)": "z",
    "poly(Days, 2)": "q1 + q2",
    "poly(Days, 3)": "Days + sq + I(Days**3)",
    "bs(Days, df=3)": "Days + sq + I(Days**3)",  # one piece: a cubic
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_functions_in_the_fixed_part(text):
    data = made(sleep_data())
    one = mm.lmer(f"Reaction ~ {text} + (1 | Subject)", data, reml=False)
    other = mm.lmer(f"Reaction ~ {FUNCTIONS[text]} + (1 | Subject)", data, reml=False)
    assert one.criterion == pytest.approx(other.criterion, rel=1e-9)
    assert list(one.fitted) == pytest.approx(list(other.fitted), rel=1e-6)


def test_functions_in_a_random_term_and_of_the_response():
    data = made(sleep_data(**{"log y": np.log(sleep_data()["Reaction"])}))
    one = mm.lmer("log(Reaction) ~ Days + (poly(Days, 2) | Subject)", data)
    other = mm.lmer("`log y` ~ Days + (q1 + q2 | Subject)", data)
    assert one.criterion == pytest.approx(other.criterion, rel=1e-9)


def test_back_quoted_names_and_the_dot():
    data = sleep_data()[["Reaction", "Days", "Subject"]]
    quoted = mm.lmer(
        "Reaction ~ `the day` + (1 | Subject)", data.rename(columns={"Days": "the day"})
    )
    assert list(quoted.fixef.index) == ["Intercept", "the day"]
    assert_run(quoted, FIXEF, SIGMA, [THETA])
    assert_run(mm.lmer("Reaction ~ . + (1 | Subject)", data), FIXEF, SIGMA, [THETA])


def test_an_offset_is_a_known_part_of_the_response():
    data = sleep_data(o=np.sin(np.arange(180)) * 20)
    data["less"] = data["Reaction"] - data["o"]
    expected = mm.lmer("less ~ Days + (1 | Subject)", data)
    for model in (
        mm.lmer(f"{INTERCEPTS} + offset(o)", data),
        mm.lmer(INTERCEPTS, data, offset="o"),
        mm.lmer(INTERCEPTS, data, offset=data["o"].to_numpy()),
        mm.lmer(f"{INTERCEPTS} + offset(o / 2)", data, offset=data["o"] / 2),
    ):
        assert model.criterion == pytest.approx(expected.criterion, rel=1e-9)
        assert list(model.fixef) == pytest.approx(list(expected.fixef), rel=1e-7)
        with_offset = expected.fitted + data["o"]
        assert list(model.fitted) == pytest.approx(list(with_offset), rel=1e-7)


def test_rows_are_selected_by_filtering_the_frame():
    model = mm.lmer(INTERCEPTS, sleep_data().query("Days > 2"))
    assert model.n_obs == 126  # lme4 1.1-31: subset_arg
    fixef = [247.702080555555, 11.0632117063491]
    assert_run(model, fixef, 29.6008076714883, [1.52851569750727])


def test_a_model_without_fixed_effects():
    model = mm.lmer("Reaction ~ 0 + (1 | Subject)", sleep_data())
    assert len(model.fixef) == 0
    # lme4 1.1-31: fixed_nonexistent_intercept
    assert model.sigma == pytest.approx(44.2590690372944, rel=RUN)
    assert model.theta[0] == pytest.approx(6.78968726494689, rel=RUN)
    assert "Fixed effects" in str(model.summary())


def test_the_same_term_twice_fits_and_says_so():
    model = sleep(f"{INTERCEPTS} + (1 | Subject)")
    assert model.criterion == pytest.approx(sleep().criterion, rel=1e-9)
    # lme4 1.1-31: dup_term; only the sum of the two variances is determined
    assert np.hypot(*model.theta) == pytest.approx(1.19787669, rel=RUN)
    assert any("occurs twice" in text for text in model.messages)


def test_scales_of_the_predictors_do_not_matter():
    model = mm.lmer(INTERCEPTS, sleep_data(Days=sleep_data()["Days"] * 1e6))
    # lme4 1.1-31: scale_warning; no warning here, as columns are scaled in the engine
    assert_run(model, [251.405104848485, 1.0467285959596e-05], SIGMA, [THETA])
