"""Columns spoilt at random: an answer, or a sentence about what is wrong with them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mmcourse as mm

N = 24
SPOIL = {
    "as it is": lambda v: v,
    "constant": lambda v: np.full_like(v, 3.0),
    "zero": lambda v: 0 * v,
    "huge": lambda v: 1e60 * v,
    "tiny": lambda v: 1e-60 * v,
    "far": lambda v: v + 1e9,
    "almost constant": lambda v: 1 + 1e-9 * v,
    "one row stands out": lambda v: np.where(np.arange(N) == 5, 1e10, 0.0),
    "two values": lambda v: (v > 0) * 1.0,
    "one value in a group": lambda v: np.repeat(v[:6], 4),
    "missing in part": lambda v: np.where(np.arange(N) % 7 == 0, np.nan, v),
}
FORMULAS = [
    "y ~ 1 + (1 | g)",
    "y ~ 0 + (1 | g)",
    "y ~ x + (x | g)",
    "y ~ x + (x || g)",
    "y ~ 0 + x + (0 + x | g)",
    "y ~ x + z + (1 | g) + (1 | h)",
    "y ~ x + (x | h) + (0 + z | g)",
    "y ~ x*z + (x + z | h)",
    "y ~ poly(x, 2) + (1 | g/h)",
    "y ~ scale(x) + (1 | h) + (1 | h)",
]
GROUPS = {
    "balanced": np.repeat(np.arange(6), 4),
    "one large": np.r_[np.zeros(19), np.arange(1, 6)].astype(int),
    "two": np.r_[0, np.ones(23)].astype(int),
    "one": np.zeros(N, dtype=int),
    "as many as rows": np.arange(N),
}


def fit(formula, data, **options):
    """A fit with its warnings, or the sentence of its refusal."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return mm.lmer(formula, data, **options), caught, ""
        except mm.MMCourseError as error:
            return None, caught, str(error)


def finite(values):
    return bool(np.isfinite(np.asarray(values, dtype=float)).all())


def check_numbers(model):
    """No estimate is NaN; a criterion of -inf is explained."""
    for series in (model.fixef, model.std_error, model.theta, [model.sigma]):
        assert finite(series)
    for frame in [*model.ranef().values(), *model.ranef_sd().values()]:
        assert finite(frame)
    assert finite(model.fitted) and finite(model.residuals)
    table = model.var_corr()
    assert finite(table[["variance"]])
    assert finite(table.loc[table["effect_2"].isna(), "sd"])
    assert np.isfinite(model.criterion) or model.criterion == -np.inf
    if model.criterion == -np.inf:
        assert any("residual variance is 0" in text for text in model.messages)
    assert model.status == "converged" or model.messages


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    formula=st.sampled_from(FORMULAS),
    how=st.tuples(*[st.sampled_from(sorted(SPOIL))] * 3),
    group=st.sampled_from(sorted(GROUPS)),
    weights=st.sampled_from([None, "w"]),
    reml=st.booleans(),
    seed=st.integers(0, 999),
)
def test_a_number_or_a_word(formula, how, group, weights, reml, seed):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(N, 3)), columns=["y", "x", "z"])
    for name, kind in zip(data.columns, how, strict=True):
        data[name] = SPOIL[kind](data[name].to_numpy())
    data["g"], data["h"] = GROUPS[group], np.arange(N) % 5
    data["w"] = 10.0 ** rng.uniform(-3, 3, N)
    model, caught, refusal = fit(formula, data, weights=weights, reml=reml)
    allowed = (mm.ConvergenceWarning, mm.RankWarning)
    assert all(issubclass(w.category, allowed) and str(w.message) for w in caught)
    if model is None:
        assert len(refusal) > 20
        return
    check_numbers(model)
    if len(model.fixef):
        assert repr(model) and str(model.summary())
    assert finite(model.predict(re_form="none"))


REFUSED = {
    "infinite response": {"y": np.inf},
    "infinite covariate": {"x": -np.inf},
    "all missing": {"y": np.nan},
    "text as a response": {"y": "high"},
    "one group": {"g": 1},
    "a group per row": {"g": np.arange(N)},
    "zero weight": {"w": 0.0},
    "negative weight": {"w": -1.0},
    "infinite weight": {"w": np.inf},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_model_can_use_is_refused(kind):
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(N, 2)), columns=["y", "x"])
    data = data.assign(g=GROUPS["balanced"], w=1.0).assign(**REFUSED[kind])
    with pytest.raises(mm.DesignError, match=r"\w+ .* \w+"):
        mm.lmer("y ~ x + (1 | g)", data, weights="w")


@pytest.mark.parametrize(
    "options",
    [
        {"weights": np.ones(3)},
        {"offset": np.ones(3)},
        {"start": [1.0, 2.0]},
        {"start": [np.nan]},
        {"max_evaluations": 0},
        {"missing": "ignore"},
        {"weights": "nowhere"},
    ],
)
def test_wrong_calls(options):
    data = mm.load("dyestuff")
    with pytest.raises((ValueError, TypeError), match=r"\w+ \w+"):
        mm.lmer("Yield ~ 1 + (1 | Batch)", data, **options)


def test_a_search_that_is_cut_short_says_so():
    data = mm.load_sleepstudy()
    formula = "Reaction ~ Days + (Days | Subject)"
    with pytest.warns(mm.ConvergenceWarning, match="limit of 2 evaluation"):
        model = mm.lmer(formula, data, max_evaluations=2)
    assert model.status == "max_evaluations"
    assert any("limit" in text for text in model.messages)
    assert model.criterion == pytest.approx(model.criterion_at(model.theta), rel=1e-12)
