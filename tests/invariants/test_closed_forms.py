"""Balanced data, where REML and ML have known solutions; and intervals by definition.

With n rows in each of m groups, and mean squares between (MSB) and within (MSW), the
REML estimates are those of the analysis of variance, sigma^2 = MSW and
sigma_b^2 = (MSB - MSW) / n, when this is positive (Searle, Casella and McCulloch 1992,
4.8); ML divides the sum of squares between by m.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

import mmcourse as mm
from tests.invariants.compare import EITHER, school, sd_of
from tests.invariants.oracle import Oracle, Term, minus_twice_log_density


@EITHER
@pytest.mark.parametrize(("m", "n"), [(6, 5), (40, 2), (100_000, 2)])
def test_one_way(m, n, reml):
    """Also of 100,000 groups, which dense engines answer with 80 GB."""
    rng = np.random.default_rng(m)
    y = 3 + rng.normal(0, 2, (m, 1)) + rng.normal(size=(m, n))
    data = pd.DataFrame({"y": y.ravel(), "g": np.repeat(np.arange(m), n)})
    model = mm.lmer("y ~ 1 + (1 | g)", data, reml=reml)
    means = y.mean(axis=1)
    within = ((y - means[:, None]) ** 2).sum() / (m * (n - 1))
    between = n * means.var(ddof=1 if reml else 0)
    variance = (between - within) / n
    assert model.sigma**2 == pytest.approx(within, rel=1e-7)
    assert sd_of(model, "g", "Intercept") ** 2 == pytest.approx(variance, rel=1e-7)
    assert model.fixef["Intercept"] == pytest.approx(y.mean(), rel=1e-12)
    se = np.sqrt(between / (m * n))
    assert model.std_error["Intercept"] == pytest.approx(se, rel=1e-7)
    shrink = n * variance / between
    modes = model.ranef()["g"]["Intercept"]
    np.testing.assert_allclose(modes, shrink * (means - y.mean()), atol=1e-6)


@EITHER
@pytest.mark.parametrize("m", [12, 100_000])
def test_a_line_per_group(m, reml):
    """Covariance of the lines fitted apart, less what their own errors add."""
    rng = np.random.default_rng(m + 1)
    x = np.array([-1.0, 0.0, 1.0, 4.0])
    Z = np.column_stack([np.ones(4), x])
    lines = [2.0, 1.0] + rng.normal(size=(m, 2)) @ np.array([[2.0, 0.7], [0.0, 1.5]])
    y = lines @ Z.T + rng.normal(size=(m, 4))
    g = np.repeat(np.arange(m), 4)
    data = pd.DataFrame({"y": y.ravel(), "x": np.tile(x, m), "g": g})
    model = mm.lmer("y ~ x + (x | g)", data, reml=reml)
    apart = y @ np.linalg.pinv(Z).T
    variance = ((y - apart @ Z.T) ** 2).sum() / (2 * m)
    S = np.cov(apart.T, ddof=1 if reml else 0)
    expected = S - variance * np.linalg.inv(Z.T @ Z)
    assert np.linalg.eigvalsh(expected).min() > 0
    assert model.sigma**2 == pytest.approx(variance, rel=1e-7)
    lam = np.array([[model.theta[0], 0.0], [model.theta[1], model.theta[2]]])
    np.testing.assert_allclose(model.sigma**2 * lam @ lam.T, expected, rtol=1e-5)
    np.testing.assert_allclose(model.fixef, apart.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(model.vcov, S / m, rtol=1e-6)


def test_two_way_without_replicates():
    rng = np.random.default_rng(11)
    a, b = 9, 14
    y = rng.normal(0, 2, (a, 1)) + rng.normal(0, 1, b) + rng.normal(0, 0.7, (a, b))
    rows, cols = np.indices(y.shape).reshape(2, -1)
    data = pd.DataFrame({"y": y.ravel(), "a": rows, "b": cols})
    model = mm.lmer("y ~ 1 + (1 | a) + (1 | b)", data)
    effect_a, effect_b = y.mean(axis=1) - y.mean(), y.mean(axis=0) - y.mean()
    left = y - y.mean() - effect_a[:, None] - effect_b
    error = (left**2).sum() / ((a - 1) * (b - 1))
    var_a = effect_a.var(ddof=1) - error / b
    var_b = effect_b.var(ddof=1) - error / a
    assert model.sigma**2 == pytest.approx(error, rel=1e-7)
    assert sd_of(model, "a", "Intercept") ** 2 == pytest.approx(var_a, rel=1e-6)
    assert sd_of(model, "b", "Intercept") ** 2 == pytest.approx(var_b, rel=1e-6)
    se = np.sqrt(var_a / a + var_b / b + error / (a * b))
    assert model.std_error["Intercept"] == pytest.approx(se, rel=1e-7)


def test_batches_within_batches():
    rng = np.random.default_rng(12)
    a, b, n = 10, 4, 3
    y = rng.normal(0, 2, (a, 1, 1)) + rng.normal(0, 1, (a, b, 1))
    y = y + rng.normal(0, 0.7, (a, b, n))
    outer, inner, _ = np.indices(y.shape).reshape(3, -1)
    data = pd.DataFrame({"y": y.ravel(), "a": outer, "b": inner})
    model = mm.lmer("y ~ 1 + (1 | a/b)", data)
    cells = y.mean(axis=2)
    within = y.var(axis=2, ddof=1).mean()
    middle = cells.var(axis=1, ddof=1).mean() - within / n
    outermost = cells.mean(axis=1).var(ddof=1) - cells.var(axis=1, ddof=1).mean() / b
    assert model.sigma**2 == pytest.approx(within, rel=1e-7)
    assert sd_of(model, "b:a", "Intercept") ** 2 == pytest.approx(middle, rel=1e-6)
    assert sd_of(model, "a", "Intercept") ** 2 == pytest.approx(outermost, rel=1e-6)


CHI_SQUARE = 1.959963984540054**2  # 95% point with one degree of freedom


def deviance(oracle, sd, sigma):
    """Full likelihood at given sds, only beta at its best."""
    V = oracle.V(np.array([sd / sigma]))
    beta = oracle.solve(np.array([sd / sigma])).beta
    return minus_twice_log_density(oracle.y - oracle.X @ beta, sigma**2 * V)


@pytest.mark.parametrize("held", ["sd_Intercept|g", "sigma"])
def test_profile_interval_of_a_sd_is_that_of_its_own_profile(held):
    """Not theta's scaled: at each end the sd held there costs 1.96 squared."""
    data = school(n=60)
    oracle = Oracle(data, ["1", "x"], [Term(("g",), ("1",))], reml=False)
    model = mm.lmer("y ~ x + (1 | g)", data)
    best = mm.lmer("y ~ x + (1 | g)", data, reml=False)
    for end in model.confint().loc[held]:

        def cost(log_other, end=end):
            other = np.exp(log_other)
            sds = (end, other) if held != "sigma" else (other, end)
            return deviance(oracle, *sds)

        least = minimize_scalar(cost, bounds=(-4, 4), method="bounded")
        rise = least.fun - best.criterion
        assert rise == pytest.approx(CHI_SQUARE, abs=1e-4)


def test_a_random_slope_keeps_its_intercept():
    model = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    effects = model.ranef()["Subject"]
    assert effects.columns.tolist() == ["Intercept", "Days"]
    assert len(model.theta) == 3
