"""Two ways to write a model, to hand over its rows, or to ask it for predictions."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.invariants.compare import (
    EITHER,
    EVERY,
    REST,
    same,
    same_fixed,
    same_modes,
    school,
)

DATA = school()
ALIKE = [
    ("y ~ x + (x | g) + (1 | h)", "y ~ x + (1 | h) + (x | g)"),
    ("y ~ x + z + f + (1 | g)", "y ~ f + z + x + (1 | g)"),
    ("y ~ x + (x || g)", "y ~ x + (1 | g) + (0 + x | g)"),
    ("y ~ x + (x + z || g)", "y ~ x + (1 | g) + (0 + x | g) + (0 + z | g)"),
    ("y ~ x + (f || h)", "y ~ x + (1 | h) + (0 + f | h)"),
    ("y ~ x + (x | g)", "y ~ 1 + x + (1 + x | g)"),
    ("y ~ x + (0 + x | g)", "y ~ x + (x - 1 | g)"),
    ("y ~ x + (1 | h/g)", "y ~ x + (1 | h) + (1 | h:g)"),
    ("y ~ x + (x | f/h)", "y ~ x + (x | f) + (x | h:f)"),
    ("y ~ f * x + (1 | g)", "y ~ f + x + f:x + (1 | g)"),
]


@EITHER
@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_ways_to_write_a_model(one, other, reml):
    found, expected = mm.lmer(one, DATA, reml=reml), mm.lmer(other, DATA, reml=reml)
    same(found, expected)
    if ":" not in one + other and "/" not in one + other:
        same_modes(found, expected)


@EITHER
def test_an_offset_is_a_known_part_of_the_response(reml):
    expected = mm.lmer("y ~ x + (x | g)", DATA.assign(y=DATA["y"] - DATA["z"]), reml)
    ways = [
        mm.lmer("y ~ x + offset(z) + (x | g)", DATA, reml),
        mm.lmer("y ~ x + (x | g)", DATA, reml, offset="z"),
        mm.lmer("y ~ x + (x | g)", DATA, reml, offset=DATA["z"][::-1]),
    ]
    for found in ways:
        same_fixed(found, expected)
        same_modes(found, expected)
        assert found.criterion == pytest.approx(expected.criterion, rel=1e-10)
        np.testing.assert_allclose(found.fitted - DATA["z"], expected.fitted)
        np.testing.assert_allclose(found.residuals, expected.residuals, atol=1e-8)


def test_order_of_theta_is_that_of_the_levels_not_of_writing():
    """The factor with most levels first; its covariance goes down the columns."""
    model = mm.lmer("y ~ x + (1 | h) + (x | g)", DATA)
    assert list(model.n_groups) == ["g", "h"]
    lam = np.array([[model.theta[0], 0.0], [model.theta[1], model.theta[2]]])
    covariance = model.sigma**2 * lam @ lam.T
    table = model.var_corr()
    assert table["group"].tolist() == ["g", "g", "g", "h", "Residual"]
    pairs = table[table["effect_2"].notna()]["variance"]
    alone = table[table["effect_2"].isna()]["variance"].to_numpy()
    np.testing.assert_allclose(alone[:2], np.diag(covariance), rtol=1e-10)
    np.testing.assert_allclose(pairs, covariance[1, 0], rtol=1e-10)
    assert alone[2] == pytest.approx(model.sigma**2 * model.theta[3] ** 2)


@pytest.mark.parametrize("gap", ["y", "x", "g", "h", "w"])
@EVERY
def test_an_appended_row_with_a_missing_value(formula, gap):
    longer = pd.concat([DATA, DATA.iloc[[0]].assign(y=1e6)], ignore_index=True)
    used = gap in "yw" or gap in formula.split("~")[1]
    if not used:
        gap = "y"
    longer[gap] = longer[gap].where(longer.index < len(DATA))
    found = mm.lmer(formula, longer, weights="w")
    expected = mm.lmer(formula, DATA, weights="w")
    same(found, expected)
    assert found.n_obs == len(DATA)
    assert found.fitted.index.tolist() == DATA.index.tolist()
    assert any("1 " in text and "missing" in text for text in found.messages)
    with pytest.raises(mm.DesignError):
        mm.lmer(formula, longer, weights="w", missing="raise")


LADDERS = [
    ["y ~ x + (1 | g)", "y ~ x + (x || g)", "y ~ x + (x | g)", "y ~ x + (x + z | g)"],
    ["y ~ 1 + (1 | g)", "y ~ x + (1 | g)", "y ~ x + z + (1 | g)", "y ~ x*z + (1 | g)"],
    ["y ~ x + (1 | h)", "y ~ x + (1 | h/g)", "y ~ x + (1 | h/g) + (0 + x | h)"],
    ["y ~ x + (1 | g)", "y ~ x + (1 | g) + (1 | h)", "y ~ x + (x | g) + (x | h)"],
    ["y ~ x + (0 + f || h)", "y ~ x + (0 + f | h)", "y ~ x + (0 + f | h) + (1 | g)"],
]


@pytest.mark.parametrize("ladder", LADDERS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_larger_model_has_no_larger_deviance(ladder, seed):
    data = school(seed, n=70)
    deviance = [mm.lmer(formula, data, reml=False).criterion for formula in ladder]
    for smaller, larger in itertools.pairwise(deviance):
        assert larger <= smaller + 1e-9 * abs(smaller)


TRANSFORMED = [
    "y ~ poly(x, 2) + (1 | g)",
    "y ~ scale(x) + (scale(x) | g)",
    "y ~ center(x) + (center(x) | g)",
    "y ~ bs(x, df=4) + (1 | h)",
    "y ~ f + (0 + f | h)",
    "y ~ C(f, contr.sum) * scale(z) + (1 | h/g)",
    "y ~ I(x**2) + np.exp(-x) + (poly(x, 2) | g)",
    "y ~ f + offset(z) + (x || g)",
]


@pytest.mark.parametrize("formula", TRANSFORMED)
def test_new_rows_keep_the_basis_of_the_fit(formula):
    """The mean, the knots and the levels are those of the rows of the fit."""
    model = mm.lmer(formula, DATA)
    np.testing.assert_allclose(model.predict(DATA), model.fitted, atol=1e-9)
    few = DATA[DATA["f"] != "low"].sample(9, random_state=1).drop(columns="y")
    for rows in (few, few.iloc[[0]], few.iloc[[4]]):
        found = model.predict(rows)
        assert found.index.equals(rows.index)
        np.testing.assert_allclose(found, model.fitted[rows.index], atol=1e-9)


@pytest.mark.parametrize("form", ["all", "none", "(1 | g)"])
def test_one_row_is_predicted_as_in_a_batch(form):
    model = mm.lmer("y ~ poly(x, 2) + f + (x | g) + (1 | h)", DATA, weights="w")
    batch = model.predict(DATA, re_form=form, se=True)
    for i in range(0, len(DATA), 13):
        alone = model.predict(DATA.iloc[[i]], re_form=form, se=True)
        np.testing.assert_allclose(alone, batch.iloc[[i]], rtol=1e-10)
    strange = DATA.iloc[:3].assign(g=[-1, 0, 99])
    mixed = model.predict(strange, re_form=form, allow_new_levels=True)
    known = model.predict(DATA.iloc[:3].assign(g=0), re_form=form)
    assert mixed.iloc[1] == pytest.approx(known.iloc[1], rel=1e-12)


def test_parts_of_a_prediction_add_up():
    model = mm.lmer("y ~ x + (x | g) + (1 | h)", DATA)
    fixed = model.predict(DATA, re_form="none")
    parts = ["(1 | g)", "(0 + x | g)", "(1 | h)"]
    added = sum(model.predict(DATA, re_form=part) - fixed for part in parts)
    np.testing.assert_allclose(fixed + added, model.fitted, atol=1e-9)
    coef, row = model.coef()["g"], DATA.iloc[0]
    line = coef.loc[row["g"], "Intercept"] + coef.loc[row["g"], "x"] * row["x"]
    line += model.ranef()["h"].loc[row["h"], "Intercept"]
    assert line == pytest.approx(model.fitted.iloc[0], rel=1e-10)


def test_standard_errors_of_predictions_come_from_the_joint_covariance():
    """Of a whole new level's population value: x' vcov x."""
    model = mm.lmer("y ~ x + (x | g)", DATA)
    table = model.predict(DATA, re_form="none", se=True)
    X = np.column_stack([np.ones(len(DATA)), DATA["x"]])
    expected = np.sqrt(np.einsum("ij,jk,ik->i", X, model.vcov.to_numpy(), X))
    np.testing.assert_allclose(table["se"], expected, rtol=REST)


def test_the_start_changes_nothing():
    model = mm.lmer("y ~ x + (x | g) + (1 | h)", DATA)
    for start in (model.theta, np.full(4, 3.0), np.array([0.1, -1.0, 0.1, 5.0])):
        same(mm.lmer("y ~ x + (x | g) + (1 | h)", DATA, start=start), model)


@pytest.mark.parametrize("kind", ["dict", "float32", "nullable", "polars", "arrow"])
def test_kind_of_the_data(kind):
    expected = mm.lmer("y ~ x + f + (x | g)", DATA)
    forms = {
        "dict": lambda: DATA.to_dict("list"),
        "float32": lambda: DATA.astype({"z": "float32", "g": "int8"}),
        "nullable": DATA.convert_dtypes,
        "polars": lambda: pytest.importorskip("polars").from_pandas(DATA),
        "arrow": lambda: pytest.importorskip("pyarrow").Table.from_pandas(DATA),
    }
    same(mm.lmer("y ~ x + f + (x | g)", forms[kind]()), expected)
