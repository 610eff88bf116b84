"""Odd arguments, data and formulas, refused in the words of whoever wrote them.

What a sweep of calls has found, beside the plain mistakes of `test_bad_input` and
`test_bad_calls`; and the odd arguments that are none, because they are meant well.
"""

from __future__ import annotations

import signal
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.school import FORMULA, changed, school
from tests.behaviour.test_sweep import N, assert_refused


def fit(formula=FORMULA, data=None, **arguments):
    return mm.lmer(formula, school() if data is None else data, **arguments)


def model():
    return fit()


REFUSED = {
    "integers too large for a float": lambda: fit(data=school(day=[10**400] * N)),
    "a response too large for a float": lambda: fit(
        data=school(score=[10**400 + i for i in range(N)])
    ),
    "new rows with a column twice": lambda: model().predict(
        pd.concat([school(), school()[["day"]]], axis=1)
    ),
    "theta: None": lambda: model().criterion_at(None),
    "theta: text": lambda: model().criterion_at("a"),
    "a plot of no model": lambda: mm.plot_random_effects(3),
    "a formula nested too deeply": lambda: fit(
        f"score ~ I({'-' * 3000}day) + (1 | pupil)"
    ),
    "weights: ragged": lambda: fit(weights=[[1], [1, 2]]),
    "start: ragged": lambda: fit(start=[[1], [1, 2]]),
    "start: text": lambda: fit(start="a"),
    "start: a dict": lambda: fit(start={"theta": 1}),
    "start: complex": lambda: fit(start=[1j]),
    "max_evaluations: text": lambda: fit(max_evaluations="many"),
    "max_evaluations: a list": lambda: fit(max_evaluations=[1]),
    "max_evaluations: NaN": lambda: fit(max_evaluations=np.nan),
    "max_evaluations: a fraction": lambda: fit(max_evaluations=2.5),
    "reml: an array": lambda: fit(reml=np.array([True, False])),
    "reml: text": lambda: fit(reml="no"),
    "level: text": lambda: model().confint(level="a"),
    "level: None": lambda: model().confint(level=None),
    "level: true": lambda: model().confint(level=True),
    "method: an array": lambda: model().confint(method=np.array(["wald", "wald"])),
    "missing: an array": lambda: fit(missing=np.array(["drop", "drop"])),
    "theta out of reach": lambda: model().criterion_at([1e20]),
    "max_evaluations: true": lambda: fit(max_evaluations=True),
    "reml: 2": lambda: fit(reml=2),
    "start: too large a number": lambda: fit(start=[10**400]),
    "weights too far apart": lambda: fit(weights=np.geomspace(1, 1e200, N)),
    "weights whose sum is infinite": lambda: fit(weights=np.full(N, 1.7e308)),
    "an offset out of range": lambda: fit(offset=np.full(N, 1e200)),
    "an array among the numbers": lambda: fit(data=mixed(np.ones(2))),
    "new rows with a word among the numbers": lambda: model().predict(mixed("ill")),
    "pictures of a dict": lambda: mm.plot_trajectories({}, "day", "score", "pupil"),
    "a picture with a line through words": lambda: mm.plot_trajectories(
        school(), "day", "sex", "pupil"
    ),
    "a picture of another table": lambda: mm.plot_random_effects(school()),
    "brackets without end": lambda: fit(f"score ~ day + {'(' * 99}1 | pupil{')' * 99}"),
    "a response nested too deeply": lambda: fit(f"{'-' * 3000}score ~ 1 + (1 | pupil)"),
    "parm: a fraction": lambda: model().confint(1.5),
    "parm: None in a list": lambda: model().confint([None]),
    "parm: an empty dict": lambda: model().confint({}, method="wald"),
    "predict: se of text": lambda: model().predict(se="no"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_refused_in_a_sentence(call):
    assert_refused(call)


# What is said, and a piece that it should have.
SAID = {
    "a word among numbers is the fault, not the numbers": (
        lambda: fit(data=changed("score", "ill")),
        "'ill'",
    ),
    "a word among numbers makes no factor": (
        lambda: fit(data=changed("day", "ill")),
        "'ill'",
    ),
    "a response is shown as it was written": (
        lambda: fit("log(sex) ~ day + (1 | pupil)"),
        "'log(sex)'",
    ),
    "as.factor is known": (
        lambda: fit("score ~ as.factor(sex) + (1 | pupil)"),
        "Use C(x)",
    ),
    "what stands in for ns has no second intercept": (
        lambda: fit("score ~ ns(day, 3) + (1 | pupil)"),
        "constraints='center'",
    ),
    "one number for all rows": (
        lambda: fit("score ~ np.sum(day) + (1 | pupil)"),
        "48 rows",
    ),
    "the response is one number": (
        lambda: fit("np.sum(score) ~ day + (1 | pupil)"),
        "48 rows",
    ),
    "one word of labels": (
        lambda: fit("score ~ log(sex) + (1 | pupil)"),
        "'sex' holds labels",
    ),
    "values of their own number": (
        lambda: fit("score ~ np.unique(day) + (1 | pupil)"),
        "gives 4 values",
    ),
    "offsets of their own number": (
        lambda: fit("score ~ day + offset(3) + (1 | pupil)"),
        "'3' gives 1 value,",
    ),
    "weights are not the offset": (lambda: fit(weights="nope"), "weights uses 'nope'"),
    "theta is not start": (lambda: model().criterion_at([1, 2]), "theta has"),
    "start with a NaN": (lambda: fit(start=[np.nan]), "nan"),
    "complex weights have a name": (lambda: fit(weights=np.full(N, 1j)), "weights"),
    "complex numbers are no dates": (lambda: fit(data=school(day=1j)), "real"),
    "new rows with names on two levels": (
        lambda: model().predict(pd.concat({"a": school()}, axis=1)),
        "several levels",
    ),
    "several responses": (
        lambda: fit("[score, day] ~ w + (1 | pupil)"),
        "'[score, day]' is several columns",
    ),
    "numbers written as text": (
        lambda: fit(data=school(score=school()["score"].astype(str))),
        "pandas.to_numeric",
    ),
    "a column in the index": (
        lambda: fit(data=school().set_index("pupil")),
        "level of the index: make it a column with reset_index()",
    ),
    "a column in the index of new rows": (
        lambda: model().predict(school().set_index(["pupil", "day"])),
        "level of the index",
    ),
    "new rows are called so": (lambda: model().predict([1]), "newdata is of type list"),
    "new rows of unequal length": (
        lambda: model().predict({"day": [1, 2], "sex": ["boy"]}),
        "columns of newdata differ",
    ),
    "an infinite value of a new row": (
        lambda: model().predict(changed("day", np.inf)),
        "for a missing prediction",
    ),
    "one weight": (lambda: fit(weights=2), "weights is 2, but the data has 48 rows"),
    "a level in percent": (lambda: model().confint(level=95), "Did you mean 0.95?"),
    "capitals": (lambda: model().confint("DAY"), "Did you mean 'day'?"),
    "p_value: an array": (
        lambda: mm.extract_fixed_effects(model(), p_value=np.array(["wald", "x"])),
        "p_value is array",
    ),
    "re: an array": (
        lambda: mm.extract_random_effects(model(), np.array(["a", "b"])),
        "re is array",
    ),
    "digits: text": (
        lambda: mm.summarize_model(model(), digits="a"),
        "digits is 'a'; it must be a whole number",
    ),
    "digits: negative": (
        lambda: mm.summarize_model(model(), digits=-1),
        "digits is -1; it must be 0 or more",
    ),
    "no columns": (lambda: model().predict(pd.DataFrame()), "no columns"),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID)
def test_said_in_the_words_of_the_user(case):
    call, piece = case
    with pytest.raises((mm.MMCourseError, TypeError, ValueError)) as caught:
        call()
    assert piece in str(caught.value)


# Names of parameters, counts and flags as NumPy and pandas have them.
ACCEPTED = {
    "reml: NumPy's False": lambda: not fit(reml=np.bool_(False)).reml,
    "reml: 0": lambda: not fit(reml=0).reml,
    "max_evaluations: NumPy's 200": lambda: fit(max_evaluations=np.int64(200)),
    "start: a column": lambda: fit(start=pd.Series([1.0])),
    "start: a number": lambda: fit(start=1),
    "level: half precision": lambda: model().confint("day", level=np.float16(0.5)),
    "parm: NumPy's 0": lambda: list(model().confint(np.int64(0)).index) == SD,
    "parm: a range": lambda: list(model().confint(range(1)).index) == SD,
    "ci_level: single precision": lambda: (
        "upper_75" in mm.extract_fixed_effects(model(), np.float32(0.5))
    ),
    "ci_level: NumPy's 0": lambda: "sd_2.5" not in mm.extract_vc(model(), np.int64(0)),
    "re_form: with a blank": lambda: model().predict(re_form=" all").notna().all(),
    "parm: an array": lambda: list(model().confint(np.array([0])).index) == SD,
    "parm: an index": lambda: list(model().confint(pd.Index(SD)).index) == SD,
    "decimals and floats": lambda: fit(data=mixed(Decimal("1.5"))),
    "mostly words": lambda: (
        "sex[T.a]" in fit(data=school(sex=["a", "b", 1] * 16)).fixef
    ),
}
SD = ["sd_Intercept|pupil"]


def mixed(value):
    """The data with an object among the numbers of a covariate."""
    return school(day=[value, *school()["day"][1:]])


@pytest.mark.parametrize("call", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_as_it_is_meant(call):
    made = call()
    assert made is not False


POWERS = ["(day + sex)^99", "(day + sex)**(10)", "(day + w + sex + school + score)^8"]


@pytest.mark.parametrize("power", POWERS)
def test_a_high_power_of_a_sum_is_refused_at_once(power):
    def too_long(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(mm.FormulaError, match="is too high"):
            fit(f"score ~ {power} + (1 | pupil)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_power_of_a_sum_is_its_interactions():
    assert "day:w" in fit("score ~ (day + w)^2 + (1 | pupil)").fixef
