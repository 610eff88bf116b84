"""The package against the model written out in full, for random designs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mmcourse as mm
from tests.invariants.designs import designs, random_theta
from tests.invariants.oracle import Oracle, Term

SEEDS = st.integers(0, 2**32 - 1)
MODEST = settings(deadline=None, derandomize=True, max_examples=40)
# Of the criterion: rounding of two routes of a few hundred operations each.
CRITERION = 1e-8
# Estimates at one theta by two routes, of their standard error or sigma.
ESTIMATE = 1e-7


def close(found, expected, size):
    """Within ESTIMATE of `size`, the scale on which a difference would matter."""
    difference = np.abs(np.asarray(found, float) - np.asarray(expected, float))
    assert np.all(difference <= ESTIMATE * np.asarray(size)), difference.max()


# From lme4: the criterion of Dyestuff as a function of theta, and deviances.
@pytest.mark.parametrize(
    ("theta", "expected"), [(1.0, 319.792389042), (0.0, 326.023232156)]
)
def test_the_oracle_has_lme4s_criterion(theta, expected):
    frame = mm.load("dyestuff").rename(columns={"Yield": "y"})
    oracle = Oracle(frame, ["1"], [Term(("Batch",), ("1",))])
    assert oracle.criterion(np.array([theta])) == pytest.approx(expected, abs=5e-9)


def test_the_oracle_has_lme4s_estimates():
    frame = mm.load("dyestuff").rename(columns={"Yield": "y"})
    oracle = Oracle(frame, ["1"], [Term(("Batch",), ("1",))])
    solution = oracle.solve(np.array([0.848330]))
    assert solution.beta == pytest.approx([1527.5])
    assert solution.sigma == pytest.approx(49.5101, abs=2e-4)


@settings(MODEST, max_examples=15)
@given(design=designs(), seed=SEEDS)
def test_the_oracle_agrees_with_the_density_of_error_contrasts(design, seed):
    oracle = Oracle(design.frame, design.fixed, design.terms, weights="w")
    theta = random_theta(np.random.default_rng(seed), oracle)
    found = oracle.contrasts_criterion(theta, oracle.solve(theta).sigma)
    assert found == pytest.approx(oracle.criterion(theta), rel=1e-9)


@MODEST
@given(design=designs(), seed=SEEDS)
def test_the_criterion_at_any_theta(design, seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        theta = random_theta(rng, design.oracle)
        found = design.model.criterion_at(theta)
        expected = design.oracle.criterion(theta)
        assert found == pytest.approx(expected, rel=CRITERION, abs=CRITERION)


@MODEST
@given(design=designs())
def test_estimates_at_the_optimum(design):
    model = design.model
    expected = design.oracle.solve(model.theta)
    assert model.criterion == pytest.approx(expected.criterion, rel=CRITERION)
    assert model.sigma == pytest.approx(expected.sigma, rel=1e-8)
    se = np.sqrt(np.diag(expected.vcov))
    close(model.fixef, expected.beta, se)
    close(model.std_error, se, se)
    close(model.vcov, expected.vcov, np.outer(se, se))
    size = expected.sigma + np.abs(expected.fitted).max()
    close(model.fitted, expected.fitted, size)
    close(model.residuals, design.frame["y"] - expected.fitted, size)


@MODEST
@given(design=designs())
def test_random_effects_at_the_optimum(design):
    model = design.model
    modes = design.oracle.solve(model.theta).modes
    found = model.ranef()
    for group in {term.name for term in design.terms}:
        own = [modes[i] for i, t in enumerate(design.oracle.terms) if t.name == group]
        expected = pd.concat(own, axis=1)
        frame = found[group]
        assert len(frame) == len(expected)
        size = model.sigma + np.abs(expected.to_numpy()).max()
        close(frame.loc[expected.index], expected, size)


@MODEST
@given(design=designs(), seed=SEEDS)
def test_no_other_theta_is_better(design, seed):
    model, rng = design.model, np.random.default_rng(seed)
    assert model.status in ("converged", "singular")
    limit = model.criterion - CRITERION * (1 + abs(model.criterion))
    for _ in range(20):
        assert model.criterion_at(random_theta(rng, design.oracle)) >= limit
    for step in (1e-4, 1e-3, 1e-2, 0.1):
        for _ in range(5):
            move = step * rng.normal(size=len(model.theta))
            assert model.criterion_at(model.theta + move) >= limit


@MODEST
@given(design=designs(sizes=(1.0,)))
def test_the_gradient_is_zero_at_an_interior_optimum(design):
    """Where the criterion is curved by H, a slope of s leaves s^2 / 2H to gain."""
    model = design.model
    if model.is_singular:
        return  # there the surface may have a kink; the test above covers it
    step = 1e-4
    for i in range(len(model.theta)):
        move = np.zeros(len(model.theta))
        move[i] = step
        above = model.criterion_at(model.theta + move)
        below = model.criterion_at(model.theta - move)
        slope = (above - below) / (2 * step)
        curvature = (above - 2 * model.criterion + below) / step**2
        assert curvature > 0
        assert slope**2 / (2 * curvature) < 1e-9
