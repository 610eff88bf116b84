"""Levels, counts, seeds and new rows that are none, given to all that takes one.

Whatever takes such an argument refuses it in words that name the argument and what was
given; new rows are refused by `predict_interval` in the words of `predict`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import sleep, sleep_data

OUTSIDE = [1, -0.1, 1.5, 95, np.nan, np.inf, "0.9", None, True, [0.9]]
LEVELS = {
    "profile": lambda v: sleep().confint(level=v),
    "wald": lambda v: sleep().confint(level=v, method="wald"),
    "boot": lambda v: sleep().confint(level=v, method="boot", n_sims=2),
    "boot_mer": lambda v: mm.boot_mer(sleep(), n_sims=2, seed=1).confint(v),
    "curves": lambda v: sleep().profile("sigma").confint(v),
    "predict_interval": lambda v: mm.predict_interval(sleep(), level=v, n_sims=2),
    "plot_random_effects": lambda v: mm.plot_random_effects(sleep(), ci_level=v),
    "plot_re_sim": lambda v: mm.plot_re_sim(sleep(), ci_level=v),
    "plot_coefficients": lambda v: mm.plot_coefficients(sleep(), ci_level=v),
    "lm_list": lambda v: separate().confint(v),
    "plot_lm_list": lambda v: mm.plot_lm_list(separate(), "Days", v),
}
# A ci_level of 0 means no interval to these, and is refused by those above.
TABLES = {
    "fixed": mm.extract_fixed_effects,
    "components": mm.extract_vc,
    "effects": mm.extract_random_effects,
    "coefficients": mm.extract_random_coefs,
    "both": mm.summarize_model,
}
DRAWS = {
    "boot_mer": lambda **given: mm.boot_mer(sleep(), **given),
    "confint": lambda **given: sleep().confint(method="boot", **given),
    "components": lambda **given: mm.extract_vc(sleep(), ci_method="boot", **given),
    "predict_interval": lambda **given: mm.predict_interval(sleep(), **given),
    "re_sim": lambda **given: mm.re_sim(sleep(), **given),
    "fe_sim": lambda **given: mm.fe_sim(sleep(), **given),
    "simulate": lambda **given: sleep().simulate(**given),
    "plot_re_sim": lambda **given: mm.plot_re_sim(sleep(), **given),
}


def separate() -> mm.LmList:
    return mm.lm_list("Reaction ~ Days | Subject", sleep_data())


def refused(word, call, value, **given) -> None:
    """A call raises an error of ours that names the argument."""
    with pytest.raises((mm.InferenceError, TypeError)) as caught:
        call(**given) if given else call(value)
    text = str(caught.value)
    assert text.startswith(word) and len(text.split()) > 5, text


@pytest.mark.parametrize("value", [0, *OUTSIDE], ids=repr)
@pytest.mark.parametrize("name", LEVELS)
def test_levels_that_are_none(name, value):
    refused(("level", "ci_level", "the table has no limits"), LEVELS[name], value)


@pytest.mark.parametrize("value", OUTSIDE, ids=repr)
@pytest.mark.parametrize("name", TABLES)
def test_levels_of_tables_that_are_none(name, value):
    refused("ci_level", lambda v: TABLES[name](sleep(), ci_level=v), value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "9", True, None, np.nan], ids=repr)
@pytest.mark.parametrize("name", DRAWS)
def test_numbers_of_draws_that_are_none(name, value):
    refused("n_sims", DRAWS[name], value, n_sims=value)


@pytest.mark.parametrize("value", [-1, 1.5, "x", True, [3], np.nan], ids=repr)
@pytest.mark.parametrize("name", DRAWS)
def test_seeds_that_are_none(name, value):
    refused("seed", DRAWS[name], value, seed=value)


ROWS = {
    "no covariate": lambda row: row.drop(columns="Days"),
    "no group": lambda row: row.drop(columns="Subject"),
    "text for numbers": lambda row: row.assign(Days="a"),
    "an infinite value": lambda row: row.assign(Days=np.inf),
    "a new level of a fixed factor": lambda row: row.assign(time="noon"),
    "a path": lambda row: "rows.csv",
    "a list": lambda row: [1],
    "one row as a column": lambda row: row.iloc[0],
    "columns of unequal length": lambda row: {
        "Days": [1, 2],
        "time": ["late"],
        "Subject": [308],
    },
}


@pytest.fixture(scope="module")
def model() -> mm.MixedModel:
    return mm.lmer("Reaction ~ time + Days + (1 | Subject)", with_time())


def with_time() -> pd.DataFrame:
    data = sleep_data()
    return data.assign(time=np.where(data["Days"] > 4, "late", "early"))


@pytest.mark.parametrize("case", ROWS)
def test_new_rows_are_refused_in_the_words_of_predict(model, case):
    rows = ROWS[case](with_time().head(1))
    with pytest.raises((mm.MMCourseError, TypeError)) as predicted:
        model.predict(rows)
    with pytest.raises(type(predicted.value)) as caught:
        mm.predict_interval(model, rows, n_sims=2)
    assert str(caught.value) == str(predicted.value)


PARAMETERS = {
    "confint": lambda parm: sleep().confint(parm),
    "wald": lambda parm: sleep().confint(parm, method="wald"),
    "boot": lambda parm: sleep().confint(parm, method="boot", n_sims=2),
    "profile": lambda parm: sleep().profile(parm),
}


@pytest.mark.parametrize("parm", ["sigmaa", "sd_Days|Subject", 99, -1, ["sigma", "x"]])
@pytest.mark.parametrize("name", PARAMETERS)
def test_unknown_parameters_list_the_known_ones(name, parm):
    with pytest.raises(mm.InferenceError) as caught:
        PARAMETERS[name](parm)
    known = "Parameters: sd_Intercept|Subject, sigma, Intercept, Days."
    assert known in str(caught.value)
