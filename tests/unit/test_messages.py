"""The sentences that go with a fit name what was found, in the user's own words."""

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm


@pytest.fixture
def sleep():
    return mm.load_sleepstudy()


def only(model):
    (message,) = model.messages
    return message


def test_a_plain_fit_has_no_messages(sleep):
    assert mm.lmer("Reaction ~ Days + (1 | Subject)", sleep).messages == []


def test_a_variance_of_zero():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    assert model.status == "singular"
    assert "sd of 'Intercept' within 'Batch' is estimated as 0" in only(model)


def test_a_small_sd_of_a_large_column_is_not_zero():
    rng = np.random.default_rng(1)
    effect, x = np.repeat(rng.normal(size=30), 8), np.tile(np.arange(8.0), 30)
    y = effect * (5 + x) + rng.normal(size=240)
    data = pd.DataFrame({"y": y, "x": 1e7 * x, "class": np.repeat(np.arange(30), 8)})
    model = mm.lmer("y ~ x + (x | `class`)", data)
    assert "correlation of 'Intercept' and 'x'" in only(model)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_correlation_of_one(sign):
    rng = np.random.default_rng(1)
    effect, x = np.repeat(rng.normal(size=30), 8), np.tile(np.arange(8.0), 30)
    y = effect * (5 + sign * x) + rng.normal(size=240)
    data = pd.DataFrame({"y": y, "x": x, "class": np.repeat(np.arange(30), 8)})
    model = mm.lmer("y ~ x + (x | `class`)", data)
    assert model.is_singular
    text = f"'Intercept' and 'x' within 'class' is estimated as {sign}"
    assert text in only(model)


def test_nothing_left_unexplained(sleep):
    sleep["flat"] = 3.0
    model = mm.lmer("flat ~ Days + (1 | Subject)", sleep)
    assert "leaves nothing of 'flat' unexplained" in only(model)


def test_redundant_effects_of_a_term(sleep):
    sleep["Hours"] = 24 * sleep["Days"]
    model = mm.lmer("Reaction ~ Days + (Days + Hours | Subject)", sleep)
    expected = "in (1 + Days + Hours | Subject) the effect Hours is a combination"
    assert expected in only(model)


def test_the_same_term_twice(sleep):
    model = mm.lmer("Reaction ~ Days + (1 | Subject) + (1 | Subject)", sleep)
    assert any("(1 | Subject) occurs twice" in m for m in model.messages)


def test_columns_left_out_are_named_and_warned_about(sleep):
    sleep["Hours"] = 24 * sleep["Days"]
    with pytest.warns(mm.RankWarning, match="1 column .* left out: Hours"):
        model = mm.lmer("Reaction ~ Days + Hours + (1 | Subject)", sleep)
    assert "left out: Hours" in only(model)
    assert model.fixef.index.tolist() == ["Intercept", "Days"]


def test_a_search_that_was_cut_short():
    data = mm.load("cake").iloc[:-7]
    with pytest.warns(mm.ConvergenceWarning, match="limit of 1 evaluation"):
        model = mm.lmer(
            "angle ~ temp + (temp | replicate) + (1 | recipe)", data, max_evaluations=1
        )
    assert model.status == "max_evaluations"
    assert any("max_evaluations" in m for m in model.messages)


def test_dropped_rows_are_counted(sleep):
    sleep.loc[[3, 5], "Days"] = np.nan
    model = mm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
    assert "2" in only(model)
    assert "Days" in only(model)
