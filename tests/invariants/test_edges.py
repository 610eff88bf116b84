"""Data on the edge of what a mixed model can say: never a crash, never silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

import mmcourse as mm
from tests.invariants.compare import EITHER, same
from tests.invariants.oracle import Oracle, Term

SLOPES = "y ~ x + (x | g)"


def panel(seed=7, m=8, k=5):
    """m groups with the same k values of x; noise e with no trend in any group."""
    rng = np.random.default_rng(seed)
    x = np.arange(k) - 1.0
    basis = np.linalg.qr(np.column_stack([np.ones(k), x]))[0]
    e = rng.normal(size=(m, k))
    e -= e @ basis @ basis.T
    g = np.repeat(np.arange(m), k)
    return pd.DataFrame({"x": np.tile(x, m), "g": g, "e": e.ravel()})


def told(model, *words):
    """Assert a singular fit that says so in words, in a message and in print."""
    assert model.status == "singular"
    assert model.is_singular
    text = " ".join(model.messages)
    for word in words:
        assert word in text
    assert repr(model) and str(model.summary())


@EITHER
def test_dyestuff2_has_no_batch_variance(reml):
    """Theta 0 leaves least squares; the numbers are lme4's (REML)."""
    data = mm.load("dyestuff2")
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", data, reml=reml)
    told(model, "estimated as 0", "'Batch'")
    assert model.theta.tolist() == [0.0]
    assert model.fixef["Intercept"] == pytest.approx(data["Yield"].mean(), rel=1e-14)
    sd = data["Yield"].std(ddof=1 if reml else 0)
    assert model.sigma == pytest.approx(sd, rel=1e-13)
    assert model.std_error["Intercept"] == pytest.approx(sd / np.sqrt(30), rel=1e-13)
    assert not model.ranef()["Batch"].to_numpy().any()
    if reml:
        assert model.fixef["Intercept"] == pytest.approx(5.6656, abs=5e-5)
        assert model.sigma == pytest.approx(3.71568, abs=5e-6)


@EITHER
@pytest.mark.parametrize("sign", [1, -1])
def test_intercepts_and_slopes_on_one_line(sign, reml):
    """Correlation +-1: one effect on the column cos a + x sin a, a the best angle."""
    data = panel()
    u = np.random.default_rng(1).normal(0, 2, 8)[data["g"]]
    data["y"] = 1 + data["x"] + u * (1 + sign * 0.6 * data["x"]) + data["e"]
    model = mm.lmer(SLOPES, data, reml=reml)
    told(model, f"correlation of 'Intercept' and 'x' within 'g' is estimated as {sign}")
    table = model.var_corr()
    correlation = table.loc[table["effect_2"].notna(), "sd"].item()
    assert correlation == pytest.approx(sign, abs=1e-9)

    def along(angle):
        column = np.cos(angle) + np.sin(angle) * data["x"]
        one = mm.lmer("y ~ x + (0 + c | g)", data.assign(c=column), reml=reml)
        return one.criterion

    near = sign * np.arctan(0.6)
    best = minimize_scalar(along, bounds=(near - 0.3, near + 0.3), method="bounded")
    assert model.criterion == pytest.approx(best.fun, abs=1e-8)


@EITHER
@pytest.mark.parametrize("value", [0.0, 1.0, -1e8, 0.1])
@pytest.mark.parametrize("formula", ["y ~ 1 + (1 | g)", SLOPES])
def test_a_constant_response(formula, value, reml):
    model = mm.lmer(formula, panel().assign(y=value), reml=reml)
    told(model, "residual variance is 0")
    assert model.sigma == 0
    assert model.fixef["Intercept"] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(model.fitted, value, rtol=1e-12)
    assert not np.any(model.ranef()["g"])
    assert model.criterion == -np.inf
    assert np.isfinite(model.predict(panel(), se=True)).all(axis=None)


@EITHER
def test_a_response_that_the_fixed_part_explains_in_full(reml):
    data = panel().assign(y=lambda d: 2 + 3 * d["x"])
    model = mm.lmer(SLOPES, data, reml=reml)
    told(model, "residual variance is 0")
    assert model.sigma == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(model.fixef, [2, 3], rtol=1e-12)
    np.testing.assert_allclose(model.fitted, data["y"], atol=1e-12)


@EITHER
@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_response_that_the_groups_explain_in_full(slope, reml):
    """Constant inside groups, or a line of its own in each: theta has no limit."""
    data, rng = panel(), np.random.default_rng(2)
    own = rng.normal(size=(8, 2))[data["g"]]
    data["y"] = own[:, 0] + slope * own[:, 1] * data["x"]
    formula = SLOPES if slope else "y ~ 1 + (1 | g)"
    model = mm.lmer(formula, data, reml=reml)
    told(model, "residual variance is 0")
    np.testing.assert_allclose(model.fitted, data["y"], atol=1e-4)
    assert model.sigma < 1e-3
    mean = data.groupby("g")["y"].mean().mean() if not slope else own[::5, 0].mean()
    assert model.fixef["Intercept"] == pytest.approx(mean, abs=1e-4)


SPARSE = {
    "one row in each level but one": np.r_[np.zeros(6), np.arange(1, 25)],
    "one row in half of the levels": np.r_[np.arange(12), np.arange(6).repeat(4) + 20],
    "two levels": np.arange(30) % 2,
    "two levels, one of one row": np.r_[1, np.zeros(29)],
    "a level with nearly all rows": np.r_[np.arange(5).repeat(2), np.full(30, 9)],
}


ONE_THETA = {
    "y ~ x + (1 | g)": (("1", "x"), ("1",)),
    "y ~ 0 + (1 | g)": ((), ("1",)),
    "y ~ 0 + x + (0 + x | g)": (("x",), ("x",)),
}


@EITHER
@pytest.mark.parametrize("formula", ONE_THETA)
@pytest.mark.parametrize("kind", SPARSE)
def test_few_rows_or_levels(kind, formula, reml):
    g, rng = SPARSE[kind].astype(int), np.random.default_rng(8)
    x, own = rng.normal(size=len(g)), rng.normal(size=50)
    y = 1 + 2 * own[g] + rng.normal(size=len(g))
    data = pd.DataFrame({"x": x, "g": g, "y": y})
    model = mm.lmer(formula, data, reml=reml)
    fixed, effects = ONE_THETA[formula]
    oracle = Oracle(data, fixed, [Term(("g",), effects)], reml=reml)
    assert model.criterion == pytest.approx(oracle.criterion(model.theta), rel=1e-9)
    grid = np.r_[0.0, np.geomspace(1e-3, 1e3, 61)]
    best = min(oracle.criterion([theta]) for theta in grid)
    assert model.criterion <= best + 1e-8
    assert len(model.fixef) == len(fixed)


def test_the_same_term_twice():
    """Only the sum of the two variances counts."""
    data = panel()
    data["y"] = np.random.default_rng(3).normal(size=8)[data["g"]] + data["e"]
    once = mm.lmer("y ~ x + (1 | g)", data)
    twice = mm.lmer("y ~ x + (1 | g) + (1 | g)", data)
    assert twice.criterion == pytest.approx(once.criterion, rel=1e-10)
    assert (twice.theta**2).sum() == pytest.approx(once.theta[0] ** 2, rel=1e-5)
    np.testing.assert_allclose(twice.fitted, once.fitted, atol=1e-6)
    assert any("occurs twice" in text for text in twice.messages)
    split = mm.lmer("y ~ x + (x || g) + (1 | g)", data)
    known = mm.lmer("y ~ x + (x || g)", data)
    assert split.criterion == pytest.approx(known.criterion, rel=1e-10)
    assert any("occurs twice" in text for text in split.messages)


@pytest.mark.parametrize("other", ["2 * x", "x + 5", "0 * x", "3 - x"])
def test_slopes_that_are_combinations_of_others(other):
    data, rng = panel(), np.random.default_rng(4)
    own = rng.normal(size=(8, 2))[data["g"]]
    data["y"] = own[:, 0] + own[:, 1] * data["x"] + data["e"]
    data["again"] = data.eval(other)
    model = mm.lmer("y ~ x + (x + again | g)", data)
    same(model, mm.lmer(SLOPES, data))
    told(model, "again", "combination")


@EITHER
def test_wild_weights(reml):
    """From 1e-8 to 1e8; the criterion is compared with the density itself."""
    data, rng = panel(m=12), np.random.default_rng(9)
    data["w"] = 10.0 ** rng.uniform(-8, 8, len(data))
    data["y"] = rng.normal(size=12)[data["g"]] + data["x"] + data["e"]
    for formula, terms in {
        "y ~ x + (1 | g)": [Term(("g",), ("1",))],
        SLOPES: [Term(("g",), ("1", "x"))],
    }.items():
        model = mm.lmer(formula, data, weights="w", reml=reml)
        assert np.isfinite([*model.fixef, *model.std_error, model.sigma]).all()
        oracle = Oracle(data, ("1", "x"), terms, reml=reml, weights="w")
        for factor in (0.01, 0.5, 1.0, 2.0, 20.0):
            found = model.criterion_at(factor * model.theta)
            expected = oracle.criterion(factor * model.theta)
            assert found == pytest.approx(expected, rel=1e-8)
            assert model.criterion <= found + 1e-9
