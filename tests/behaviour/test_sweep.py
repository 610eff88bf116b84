"""Whatever is passed, a refusal is one of ours, in a sentence.

Never a bare KeyError, LinAlgError or AttributeError, never a message of NumPy or
pandas. Python's own words for a wrong signature are left to Python.
"""

from __future__ import annotations

import re
import traceback
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.school import FORMULA, changed, school

# Words of Python, NumPy and pandas about their own affairs.
FOREIGN = re.compile(
    "inhomogeneous|truth value|could not convert|not supported between|ufunc"
    "|has no attribute|not iterable|must be a string or a real number"
)
PACKAGE = Path(mm.__file__).resolve().parent
N = 48


def assert_refused(call, *arguments, **keywords):
    """Expect an error of the package, whose text starts with a sentence."""
    with pytest.raises((mm.MMCourseError, TypeError, ValueError)) as caught:
        call(*arguments, **keywords)
    error, text = caught.value, str(caught.value)
    if isinstance(error, TypeError) and re.search(r"\(\) (got an|missing)", text):
        return
    origin = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    assert PACKAGE in origin.resolve().parents, f"raised in {origin.name}: {text}"
    assert not FOREIGN.search(text.split("\n")[0]), text
    found = re.match(r"[^\n]*?[a-z0-9')\]}]\.(?=\s|$)", text)
    assert found, f"no sentence: {text}"
    assert len(found.group().split()) >= 4, f"no sentence: {text}"


FORMULAS = """
score
~
score ~
~ day + (1 | pupil)
score ~ day
score ~ day | pupil
score ~ (1 | pupil
score ~ 1 | pupil)
score ~ (1 | )
score ~ ( | pupil)
score ~ (1 | pupil) (1 | school)
score ~ day + + (1 | pupil)
score ~ day ~ (1 | pupil)
score ~ (1 | pupil | school)
score ~ (1 | 3)
score ~ (1 | f(pupil))
score ~ (0 | pupil)
score ~ (1 | pupil) - (1 | school)
(1 | pupil) ~ score
score ~ I(day + (1 | pupil)
score ~ log() + (1 | pupil)
score ~ log(day, + (1 | pupil)
score ~ log(sex) + (1 | pupil)
score ~ log(day) + (1 | pupil)
score ~ I(day / 0) + (1 | pupil)
score ~ exp(day * 1e5) + (1 | pupil)
score ~ poly(day, -1) + (1 | pupil)
score ~ poly(day, 'a') + (1 | pupil)
score ~ bs(day, df=1) + (1 | pupil)
score ~ cr(day, df=1) + (1 | pupil)
score ~ scale(sex) + (1 | pupil)
score ~ C(sex, foo) + (1 | pupil)
score ~ C(sex, contr.foo) + (1 | pupil)
score ~ C(sex, Treatment('x')) + (1 | pupil)
score ~ C(sex, levels=['girl']) + (1 | pupil)
score ~ C() + (1 | pupil)
score ~ C + (1 | pupil)
score ~ np + (1 | pupil)
score ~ np.foo(day) + (1 | pupil)
score ~ np.linalg.inv(day) + (1 | pupil)
score ~ I(np.nan) + (1 | pupil)
score ~ np.sum(day) + (1 | pupil)
score ~ os.system('x') + (1 | pupil)
score ~ __import__('os') + (1 | pupil)
score ~ day.values + (1 | pupil)
score ~ day[0] + (1 | pupil)
score ~ I(day[999]) + (1 | pupil)
score ~ I('a') + (1 | pupil)
score ~ I(lambda: 3) + (1 | pupil)
score ~ I(*day) + (1 | pupil)
score ~ I() + (1 | pupil)
score ~ factor(sex) + (1 | pupil)
score ~ as.factor(sex) + (1 | pupil)
score ~ 'day' + (1 | pupil)
score ~ 3 + (1 | pupil)
score ~ 2*day + (1 | pupil)
score ~ day @ w + (1 | pupil)
score ~ day $ w + (1 | pupil)
score ~ day == 3 + (1 | pupil)
score ~ day and w + (1 | pupil)
score ~ day; (1 | pupil)
score ~ day/0 + (1 | pupil)
score ~ day^2.5 + (1 | pupil)
score ~ {} + (1 | pupil)
score ~ {day + } + (1 | pupil)
score ~ offset(sex) + (1 | pupil)
score ~ offset(nope) + (1 | pupil)
score ~ offset() + (1 | pupil)
score ~ `no such` + (1 | pupil)
`score ~ day + (1 | pupil)
score ~ . + (. | pupil)
cbind(score, day) ~ 1 + (1 | pupil)
np.sum(score) ~ day + (1 | pupil)
log(sex) ~ day + (1 | pupil)
""".strip().splitlines()


@pytest.mark.parametrize("formula", ["", *FORMULAS])
def test_formulas(formula):
    assert_refused(mm.lmer, formula, school())


@pytest.mark.parametrize("formula", [None, 3, b"y ~ x", ["y ~ x"], {}, np.ones(3)])
def test_formulas_of_other_types(formula):
    assert_refused(mm.lmer, formula, school())


FRAMES = {
    "nothing": None,
    "a path": "school.csv",
    "a list": [1, 2],
    "an array": np.ones((4, 3)),
    "a column": pd.Series([1.0, 2.0]),
    "no columns": pd.DataFrame(),
    "no rows": school()[:0],
    "an empty dict": {},
    "one row": school()[:1],
    "a dict of scalars": {"score": 1, "day": 2, "sex": "girl", "pupil": "p01"},
    "lengths": {"score": [1, 2], "day": [1], "sex": [1, 2], "pupil": [1, 2]},
    "a response of text": school(score="a"),
    "a response with a word": changed("score", "ill"),
    "a response of dates": school(score=pd.Timestamp("2024-01-01")),
    "a complex response": school(score=1j),
    "a complex covariate": school(day=1j),
    "durations": school(day=pd.to_timedelta(range(N))),
    "lists": school(day=[[1, 2]] * N),
    "lists as groups": school(pupil=[[1]] * N),
    "dicts as groups": school(pupil=[{}] * N),
    "names on two levels": pd.concat({"a": school()}, axis=1),
    "names that are numbers": school().set_axis(range(6), axis=1),
    "a column twice": pd.concat([school(), school()[["pupil"]]], axis=1),
    "groups all missing": school(pupil=None),
    "no response": school(score=np.nan),
    "infinite decimals": school(score=[Decimal("Infinity")] + [Decimal(1)] * (N - 1)),
}


@pytest.mark.parametrize("case", FRAMES)
def test_frames(case):
    assert_refused(mm.lmer, FORMULA, FRAMES[case])


ARGUMENTS = {
    "weights: too few": {"weights": [1, 2]},
    "weights: one number": {"weights": 2.0},
    "weights: two columns": {"weights": np.ones((N, 2))},
    "weights: a dict": {"weights": {}},
    "weights: text": {"weights": ["a"] * N},
    "weights: no column": {"weights": "nope"},
    "weights: all missing": {"weights": [None] * N},
    "weights: all zero": {"weights": np.zeros(N)},
    "weights: infinite": {"weights": np.full(N, np.inf)},
    "weights: complex": {"weights": np.full(N, 1j)},
    "offset: too few": {"offset": [1]},
    "offset: no column": {"offset": "nope"},
    "offset: infinite": {"offset": np.full(N, np.inf)},
    "missing: None": {"missing": None},
    "missing: a list": {"missing": ["drop"]},
    "start: empty": {"start": []},
    "start: too many": {"start": [1, 2]},
    "start: two axes": {"start": [[1.0]]},
    "start: NaN": {"start": [np.nan]},
    "max_evaluations: 0": {"max_evaluations": 0},
    "max_evaluations: -1": {"max_evaluations": -1},
    "unknown": {"junk": 1},
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments_of_a_fit(case):
    assert_refused(mm.lmer, FORMULA, school(), **ARGUMENTS[case])


CALLS = {
    "rows: a number": lambda m: m.predict(3),
    "rows: a path": lambda m: m.predict("new.csv"),
    "rows: a list": lambda m: m.predict([1]),
    "rows: one row as a column": lambda m: m.predict(school().iloc[0]),
    "rows: no columns": lambda m: m.predict(pd.DataFrame()),
    "rows: an empty dict": lambda m: m.predict({}),
    "rows: dates": lambda m: m.predict(school(day=pd.Timestamp("2024-01-01"))),
    "rows: lists": lambda m: m.predict(school(day=[[1]] * N)),
    "rows: lists as groups": lambda m: m.predict(school(pupil=[[1]] * N)),
    "rows: names on two levels": lambda m: m.predict(
        pd.concat({"a": school()}, axis=1)
    ),
    "re_form: None": lambda m: m.predict(re_form=None),
    "re_form: a number": lambda m: m.predict(re_form=0),
    "re_form: a list": lambda m: m.predict(re_form=["(1 | pupil)"]),
    "re_form: empty": lambda m: m.predict(re_form=""),
    "re_form: a fixed part": lambda m: m.predict(re_form="~ day + (1 | pupil)"),
    "re_form: not closed": lambda m: m.predict(re_form="(1 | pupil"),
    "re_form: a bare bar": lambda m: m.predict(re_form="1 | pupil"),
    "re_form: combinations": lambda m: m.predict(re_form="(1 | pupil:school)"),
    "theta: too many": lambda m: m.criterion_at([1, 2]),
    "theta: NaN": lambda m: m.criterion_at([np.nan]),
    "level: NaN": lambda m: m.confint(level=np.nan),
    "level: 0": lambda m: m.confint(level=0),
    "method: None": lambda m: m.confint(method=None),
    "criterion": lambda m: m.confint(criterion="aic"),
    "parm: a position": lambda m: m.confint(99),
    "table of a string": lambda m: mm.extract_fixed_effects("model"),
    "table: level of text": lambda m: mm.extract_fixed_effects(m, ci_level="a"),
    "table: p values": lambda m: mm.extract_fixed_effects(m, p_value="exact"),
    "table: a list of groups": lambda m: mm.extract_random_effects(m, re=["pupil"]),
    "table: method": lambda m: mm.extract_vc(m, ci_method="wald"),
    "icc of a frame": lambda m: mm.icc(school()),
    "r2 of a frame": lambda m: mm.r2(school()),
    "anova of a text": lambda m: mm.anova("m"),
    "anova of a list": lambda m: mm.anova([m, m]),
    "anova: ddf": lambda m: mm.anova(m, ddf=None),
    "anova: refit": lambda m: mm.anova(m, m, refit=np.array([True, False])),
    "ranova of nothing": lambda m: mm.ranova(None),
    "regressions: a mixed formula": lambda m: mm.lm_list(FORMULA, school()),
    "regressions: no data": lambda m: mm.lm_list("score ~ day | pupil", None),
    "regressions: no column": lambda m: mm.lm_list("score ~ day | pupli", school()),
    "null model: swapped": lambda m: mm.icc_null("pupil", "score", school()),
    "simulation: no groups": lambda m: mm.simulate_random_intercepts(0),
    "seed: a fraction": lambda m: mm.r_random.set_seed(1.5),
    "summary of nothing": lambda m: mm.summarize_model(None),
    "data set: misspelt": lambda m: mm.load("slepstudy"),
    "data set: a number": lambda m: mm.load(3),
}


@pytest.fixture(scope="module")
def model() -> mm.MixedModel:
    return mm.lmer(FORMULA, school())


@pytest.mark.parametrize("case", CALLS)
def test_calls_of_a_model(model, case):
    assert_refused(CALLS[case], model)
