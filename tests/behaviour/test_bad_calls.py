"""Calls of a model, and formulas, refused in words: with the user's own names."""

from __future__ import annotations

import numpy as np
import pytest

import mmcourse as mm
from tests.behaviour.school import FORMULA, changed, school


@pytest.fixture(scope="module")
def model() -> mm.MixedModel:
    return mm.lmer(FORMULA, school())


CALLS = {
    "new level of a fixed factor": (
        lambda m: m.predict(school(sex="other")[:2]),
        ["'sex'", "not in the fit: 'other'", "'boy', 'girl'"],
    ),
    "misspelt group in re_form": (
        lambda m: m.predict(re_form="(1 | pupli)"),
        ["'pupli'", "Did you mean 'pupil'?", "(1 | pupil)"],
    ),
    "an effect that does not vary": (
        lambda m: m.predict(re_form="(day | pupil)"),
        ["no random effect of 'day' for 'pupil'", "Terms: (1 | pupil)"],
    ),
    "re_form that is a word": (
        lambda m: m.predict(re_form="some"),
        ["re_form is 'some'", "'all', 'none'", "(1 | pupil)"],
    ),
    "no group column": (
        lambda m: m.predict(school().drop(columns="pupil")),
        ["no column 'pupil'", "Columns: score, day", "re_form"],
    ),
    "no covariate": (
        lambda m: m.predict(school().rename(columns={"day": "Day"})),
        ["no column 'day'", "Did you mean 'Day'?"],
    ),
    "missing group": (
        lambda m: m.predict(changed("pupil", None)),
        ["'pupil'", "missing", "allow_new_levels=True"],
    ),
    "new group": (
        lambda m: m.predict(changed("pupil", "p99")),
        ["1 level of 'pupil'", "p99", "The fit has p00, p01", "allow_new_levels=True"],
    ),
    "text for numbers": (
        lambda m: m.predict(school(day="Monday")),
        ["'day'", "holds text", "numbers"],
    ),
    "infinite covariate": (
        lambda m: m.predict(changed("day", np.inf)),
        ["'day' is infinite in 1 row (index 5)"],
    ),
    "unknown parameter": (
        lambda m: m.confint("dayy"),
        ["no parameter 'dayy'", "sd_Intercept|pupil", "sigma", "day"],
    ),
    "level in percent": (
        lambda m: m.confint(level=95),
        ["level is 95", "between 0 and 1", "0.95"],
    ),
    "unknown method": (
        lambda m: m.confint(method="walt"),
        ["method is 'walt'", "'profile', 'wald' or 'boot'"],
    ),
    "unknown group of a table": (
        lambda m: mm.extract_random_effects(m, re="pupils"),
        ["'pupils'", "Did you mean 'pupil'?"],
    ),
    "theta of another length": (
        lambda m: m.criterion_at([1, 2]),
        ["(2,)", "needs 1 finite value", "pupil.Intercept"],
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_call_that_is_refused(model, case):
    call, pieces = CALLS[case]
    with pytest.raises(mm.MMCourseError) as caught:
        call(model)
    text = str(caught.value)
    assert [piece for piece in pieces if piece not in text] == [], text


# Formula -> what stands at the caret, and a piece of the text.
CARETS = {
    "score ~ day + (1 | )": (")", "no grouping factor after '|'"),
    "score ~ day + (1 | pupil": ("(", "'(' is not closed"),
    "score ~ day + 1 | pupil": ("|", "outside parentheses"),
    "score ~ I(day^2) + (1 | pupil)": ("^", "exclusive or"),
    "score ~ day ~ (1 | pupil)": ("~ (", "second '~'"),
    "score ~ day sex + (1 | pupil)": ("sex", "operator is missing"),
    "score ~ day + (1 | pupil + school)": ("+ school", "can't be made with '+'"),
    "score ~ day * (1 | pupil)": ("(1", "joined to the others by '+'"),
}


@pytest.mark.parametrize("formula", CARETS)
def test_the_caret_stands_under_the_fault(formula):
    place, text = CARETS[formula]
    with pytest.raises(mm.FormulaError) as caught:
        mm.lmer(formula, school())
    first, shown, pointer, *_ = str(caught.value).split("\n")
    assert text in first
    assert shown.strip() == formula
    assert shown[pointer.index("^") :].startswith(place)


def test_variables_of_the_caller_are_not_captured():
    dayy = school()["day"]
    with pytest.raises(mm.DesignError, match=r"'dayy'.* not a column"):
        mm.lmer("score ~ dayy + (1 | pupil)", school())
    with pytest.raises(mm.DesignError, match="'school' holds labels"):
        mm.lmer("school ~ day + (1 | pupil)", school())
    assert len(dayy) == 48


def test_an_array_offset_can_not_be_had_for_new_rows():
    model = mm.lmer(FORMULA, school(), offset=np.ones(48))
    with pytest.raises(mm.DesignError, match="given as an array") as caught:
        model.predict(school())
    assert "offset='column'" in str(caught.value)
