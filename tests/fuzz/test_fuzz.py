"""Odd formulas on odd frames: a right answer, or a sentence of our own.

300 cases in `make test`; `make test-slow` runs 10,000 others (MMCOURSE_FUZZ). What was
found this way is in `test_found.py`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import mmcourse as mm
from tests.fuzz.cases import EFFECTS, GROUPS, formulas, frames, mutated
from tests.fuzz.optimum import (
    GAIN,
    Surface,
    bases,
    below,
    dense,
    is_saturated,
    left_to_gain,
)

CASES = int(os.environ.get("MMCOURSE_FUZZ", "300"))
FUZZ = settings(
    deadline=None,
    derandomize=CASES <= 300,
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**32 - 1)
FEW_ROWS = 30
OURS = (mm.ConvergenceWarning, mm.RankWarning)


@contextmanager
def only_our_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in OURS:
            warnings.simplefilter("ignore", kind)
        yield


def fit(formula: str, data: Any, **options: Any) -> mm.MixedModel | None:
    """A fit, or None where it was refused in a sentence."""
    try:
        return mm.lmer(formula, data, **options)
    except mm.MMCourseError as error:
        assert_sentence(error)
        return None


def assert_sentence(error: Exception) -> None:
    assert len(str(error).split()) >= 5, str(error)


@settings(FUZZ, max_examples=CASES * 2 // 3)
@given(
    formula=formulas(),
    data=frames(),
    reml=st.booleans(),
    weights=st.sampled_from([None, None, None, "w"]),
    offset=st.sampled_from([None, None, None, "z"]),
    seed=SEEDS,
)
def test_a_right_answer_or_a_sentence(formula, data, reml, weights, offset, seed):
    with only_our_warnings():
        model = fit(formula, data, reml=reml, weights=weights, offset=offset)
        event("refused" if model is None else model.status)
        if model is None:
            return
        assert_complete(model, data)
        if model.status in ("stalled", "max_evaluations") or model.fit.no_residual:
            assert model.messages
        else:
            assert_optimal(model, np.random.default_rng(seed))


def assert_complete(model: mm.MixedModel, data: pd.DataFrame) -> None:
    """Everything that may be asked of a fit is there, and finite."""
    for values in (model.fixef, model.fitted, model.std_error, model.theta):
        assert np.isfinite(values).all()
    assert np.isfinite(model.criterion) or model.fit.no_residual
    assert len(repr(model)) > 50
    assert len(str(model.summary())) > 50
    assert np.isfinite(mm.extract_random_effects(model)["value"]).all()
    assert (mm.extract_vc(model, ci_level=0)["variance"] >= 0).all()
    if data.index.is_unique and model.design.memory.offset_column is None:
        again = model.predict(data.loc[model.fitted.index])
        scale = 1 + np.abs(model.fitted).max()
        np.testing.assert_allclose(again / scale, model.fitted / scale, atol=1e-8)


def assert_optimal(model: mm.MixedModel, rng: np.random.Generator) -> None:
    """The criterion is that of the density, and nothing near or far is lower."""
    basis = bases(model)
    if basis is None:
        return
    surface = Surface(model, basis)
    if is_saturated(surface):
        return
    expected = dense(model, model.theta)
    if np.isfinite(expected):
        assert abs(model.criterion - expected) <= 1e-8 * (1 + abs(expected))
    assert max(left_to_gain(surface, rng) for _ in range(6)) <= GAIN
    # A handful of rows may have several minima of nearly the same height.
    assert below(surface, rng) <= GAIN or model.n_obs < FEW_ROWS


TERMS = [f"({effects} | {group})" for effects in EFFECTS[:4] for group in GROUPS[:4]]
FITTED = ("y ~ x + f + (x | g)", "y ~ x*z + (1 | g/h)", "y ~ log(w) + (0 + x || h)")


@settings(FUZZ, max_examples=CASES // 6)
@given(
    formula=st.sampled_from(FITTED),
    seed=st.integers(0, 3),
    rows=frames(spoilt=(0, 1, 2, 3)),
    re_form=st.sampled_from(["all", "none", *TERMS]).flatmap(
        lambda text: st.one_of(st.just(text), mutated(text))
    ),
    new=st.booleans(),
    se=st.booleans(),
)
def test_predictions_for_odd_rows(formula, seed, rows, re_form, new, se):
    model = mm.lmer(formula, plain(seed))
    with only_our_warnings():
        try:
            found = model.predict(rows, re_form=re_form, allow_new_levels=new, se=se)
        except mm.MMCourseError as error:
            assert_sentence(error)
            return
    assert found.index.equals(rows.index)
    used = [c for c in rows if c != "y"]
    whole = rows[used].notna().all(axis=1).to_numpy()
    assert np.isfinite(np.asarray(found, dtype=float)[whole]).all()
    if se:
        assert (found["se"][whole] >= 0).all()


def plain(seed: int) -> pd.DataFrame:
    """A frame with nothing odd about it."""
    rng = np.random.default_rng(seed)
    n = 60
    g = np.arange(n) % 8
    return pd.DataFrame(
        {
            "y": rng.normal(size=8)[g] + rng.normal(size=n),
            "x": rng.normal(size=n),
            "z": rng.integers(0, 4, n).astype(float),
            "f": rng.choice(["a", "b", "c"], n),
            "g": g,
            "h": rng.choice(list("pqrst"), n),
            "w": rng.integers(1, 5, n) / 2,
        }
    )


LEVEL = st.sampled_from([0.95, 0.5, 0, 1, -1, 2, np.nan, None, "a", True, 1e-9])
WORD = st.sampled_from(
    [
        *("wald", "profile", "boot", "g", "x", "nope", "", None, 3, ["g"]),
        *("satterthwaite", "kenward_roger"),
    ]
)
CALLS = {
    "fixed": lambda m, a, b: mm.extract_fixed_effects(m, ci_level=a, p_value=b),
    "vc": lambda m, a, b: mm.extract_vc(m, a, b, n_sims=9),
    "effects": lambda m, a, b: mm.extract_random_effects(m, re=b, ci_level=a),
    "coefs": lambda m, a, b: mm.extract_random_coefs(m, re=b, ci_level=a),
    "se": lambda m, a, b: mm.extract_random_coefs(m, se_method=b, ci_level=a),
    "confint": lambda m, a, b: m.confint(b, level=a, method="wald"),
    "method": lambda m, a, b: m.confint("sigma", level=a, method=b),
    "theta": lambda m, a, b: m.criterion_at([a] * len(m.theta)),
    "tests": lambda m, a, b: mm.anova(m, ddf=b),
    "drops": lambda m, a, b: mm.ranova(m),
    "shares": lambda m, a, b: mm.r2(m),
    "form": lambda m, a, b: m.predict(re_form=b, se=a),
}


@settings(FUZZ, max_examples=CASES // 6)
@given(
    formula=st.sampled_from(FITTED),
    seed=st.integers(0, 3),
    call=st.sampled_from(sorted(CALLS)),
    level=LEVEL,
    word=WORD,
)
def test_tables_of_odd_arguments(formula, seed, call, level, word):
    model = mm.lmer(formula, plain(seed))
    with only_our_warnings():
        try:
            CALLS[call](model, level, word)
        except (mm.MMCourseError, TypeError, ValueError) as error:
            assert_sentence(error)
