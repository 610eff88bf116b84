"""A model fitted to chunks is the one fitted to their rows together."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.streams.rows import cut, rows, same

MODELS = {
    "intercepts": ("y ~ x + (1 | g)", {}),
    "slopes": ("y ~ x + z + (z | g)", {}),
    "uncorrelated slopes": ("y ~ x + z + (z || g)", {"reml": False}),
    "factors": ("y ~ x * f + (1 | h)", {}),
    "without an intercept": ("y ~ 0 + f + x + (0 + z | g)", {}),
    "crossed": ("y ~ x + (1 | g) + (1 | h)", {}),
    "nested": ("y ~ z + (1 | h/g)", {}),
    "effects of a factor": ("y ~ f + (0 + f | g)", {}),
    "weights and offsets": (
        "y ~ x + offset(o) + (z | g)",
        {"weights": "w", "offset": "z"},
    ),
    "transforms": ("y ~ scale(x) + center(z) + standardize(o) + (scale(z) | g)", {}),
    "transforms of transforms": ("y ~ center(poly(x, 2)) + (1 | g)", {}),
    "polynomials and splines": ("y ~ poly(x, 3) + bs(z, df=5) + (1 | g)", {}),
    "expressions": ("log(y**2 + 1) ~ np.exp(z) + I(x**2) + (1 | g)", {}),
    "numbers as a factor": ("y ~ C(k) + x:f + (1 | g)", {"weights": "w"}),
    "redundant columns": ("y ~ x + I(2 * x) + z + (1 | g)", {}),
    "nearly redundant columns": (
        "y ~ x + I(x + 1e-5 * z) + (1 | g)",
        {"weights": "w"},
    ),
    "all columns": ("y ~ . + (1 | h)", {}),
}
CUTS = {
    "one chunk": (),
    "two": (117,),
    "empty ones": (0, 0, 100, 100, 300),
    "a row each, then the rest": tuple(range(1, 60)),
}


def both(formula, data, frames, **arguments):
    """Model of the rows together, and of the chunks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mm.RankWarning)
        return mm.lmer(formula, data, **arguments), mm.lmer(
            formula, frames, **arguments
        )


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("at", CUTS.values(), ids=CUTS)
def test_chunks_give_the_model_of_all_rows(name, at):
    formula, arguments = MODELS[name]
    data = rows()
    whole, chunked = both(formula, data, cut(data, *at), **arguments)
    # Coefficients of columns that differ by 1e-5 have 5 digits less.
    same(chunked, whole, 1e-8 if name == "nearly redundant columns" else 1e-10)
    told = [m for m in chunked.messages if "were read in" not in m]
    assert told == whole.messages


def test_a_term_that_occurs_twice_is_seen_without_rows():
    data = rows()
    whole, chunked = both("y ~ x + (1 | g) + (1 | g)", data, cut(data, 50, 200))
    assert chunked.criterion == pytest.approx(whole.criterion, rel=1e-10)
    assert chunked.messages[-1] == whole.messages[-1]
    assert "occurs twice" in whole.messages[-1]


def test_a_large_mean_is_no_obstacle():
    data = rows().assign(y=lambda d: d["y"] + 1e8)
    whole, chunked = both("y ~ x + (1 | g)", data, cut(data, 50, 51, 200))
    # 1e8 has 8 digits left for residuals of about 1.
    same(chunked, whole, 1e-6)


def test_a_level_may_appear_in_the_last_chunk_only():
    data = rows().sort_values(["h", "g"])
    whole, chunked = both("y ~ x + f + (1 | h/g)", data, cut(data, 120, 290))
    same(chunked, whole)


KINDS = {
    "whole numbers, then fractions": lambda d: d.astype({"k": float}),
    "missing ones among whole numbers": lambda d: d.assign(
        k=d["k"].where(d["k"] > 1).astype(float)
    ),
    "float32": lambda d: d.assign(z=d["z"].round(2).astype(np.float32)),
    "text for a category": lambda d: d.astype({"f": str}),
    "nullable": lambda d: d.astype({"k": "Int64", "y": "Float64"}),
}


@pytest.mark.parametrize("change", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("formula", ["y ~ z + C(k) + f + (1 | g)", "y ~ z + (1 | k)"])
def test_types_may_differ_between_chunks(change, formula):
    first, second = cut(rows(), 140)
    second = change(second)
    data = pd.concat([first, second])
    whole, chunked = both(formula, data, [first, second])
    same(chunked, whole)
    assert chunked.fixed_names == whole.fixed_names


def test_different_categories_go_in_sorted_order_and_a_message_says_so():
    parts = cut(rows(), 140)
    parts[1] = parts[1].assign(f=parts[1]["f"].cat.add_categories("new"))
    model = mm.lmer("y ~ f + (1 | g)", parts)
    assert model.fixed_names == ["Intercept", "f[T.mid]", "f[T.top]"]
    same(model, mm.lmer("y ~ f + (1 | g)", pd.concat(parts)))
    assert "categories of f are not the same in all chunks" in model.messages[-1]


def test_a_chunk_without_a_value_does_not_tell_the_type_of_its_column():
    first, second = cut(rows(), 140)
    hole = first[:3].assign(f=np.nan, h=None, z=pd.Series([None] * 3, dtype=object))
    data = pd.concat([first, second, hole.astype({"f": object})])
    whole, chunked = both(
        "y ~ z + f + (1 | h)", data.astype({"z": float}), [hole, first, hole, second]
    )
    assert chunked.n_obs == whole.n_obs
    assert chunked.messages[0].endswith("missing values in z (6), f (6), h (7).")


def test_all_but_the_rows_can_be_asked_for():
    data = rows()
    whole, chunked = both("y ~ x + (z | g)", data, cut(data, 99), weights="w")
    new = data.head(9)
    for ask in (
        lambda m: m.predict(new),
        lambda m: m.predict(new, se=True)["se"],
        lambda m: m.confint(),
        lambda m: m.confint(method="wald"),
        lambda m: m.coef()["g"],
        lambda m: m.coef_sd()["g"],
        lambda m: m.ranef_sd()["g"],
        lambda m: mm.icc(m)["icc"],
        lambda m: mm.extract_vc(m).drop(columns=["group", "effect"]),
        lambda m: mm.extract_random_coefs(m)["se"],
        lambda m: m.criterion_at(0.9 * m.theta),
    ):
        np.testing.assert_allclose(ask(chunked), ask(whole), rtol=1e-6)
    assert "Number of obs: 292" in str(chunked.summary())
    assert "chunks" not in repr(whole)


def test_models_of_streams_are_compared_and_tested_like_others():
    """Also with one whose rows are in memory: the response is told by its squares."""
    data, small = rows().dropna(), "y ~ x + (1 | g)"
    whole = mm.lmer("y ~ x + (x | g)", data)
    parts = mm.lmer("y ~ x + (x | g)", cut(data, 90))
    expected = mm.anova(mm.lmer(small, data), whole)
    for other in (mm.lmer(small, data), mm.lmer(small, cut(data, 5, 77))):
        pd.testing.assert_frame_equal(mm.anova(other, parts), expected, rtol=1e-8)
    for p_value in ("satterthwaite", "kenward_roger"):
        tables = [mm.extract_fixed_effects(m, p_value=p_value) for m in (parts, whole)]
        pd.testing.assert_frame_equal(*tables, rtol=1e-6)
    moved = data.assign(y=data["y"] + 1)
    with pytest.raises(mm.InferenceError, match="different values of 'y'"):
        mm.anova(mm.lmer(small, cut(moved, 9)), parts)
