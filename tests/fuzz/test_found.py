"""What the fuzz has found in the search, each case by the name of what a user saw.

Faults of frames and columns that it found are in `tests/frames`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.fuzz.optimum import GAIN, Surface, bases, below, left_to_gain


def rows(seed: int, m: int, n: int = 60) -> pd.DataFrame:
    """Rows in m groups g with slopes of x of their own; f, h and z say nothing."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.integers(0, 4, n).astype(float),
            "f": rng.choice(list("abc"), n),
            "g": rng.integers(0, m, n),
            "h": rng.choice(list("pqrst"), n),
        }
    )
    u = rng.normal(size=(m, 2))[data["g"]]
    return data.assign(y=u[:, 0] + (1 + u[:, 1]) * data["x"] + rng.normal(size=n))


# An intercept without variance beside a slope with one: in the search's layout the
# correlation has no first derivative there, in the canonical one it has.
TRAPPED = [
    ("y ~ 1 + (1 | g) + (x | f)", 62),
    ("y ~ 1 + (1 | g) + (x | f)", 111),
    ("y ~ 1 + (x | f)", 47),
    ("y ~ 1 + (x | f)", 75),
]


@pytest.mark.parametrize(("formula", "seed"), TRAPPED)
def test_an_intercept_without_variance_and_its_correlation(formula, seed):
    model = mm.lmer(formula, rows(seed, 8), reml=False)
    assert model.status in ("converged", "singular")
    surface = Surface(model, bases(model))
    rng = np.random.default_rng(0)
    assert max(left_to_gain(surface, rng) for _ in range(50)) <= GAIN


TWO_MINIMA = [
    ("y ~ z + (0 + x | z) + (0 + x | h)", 3, 31),
    ("y ~ z + (0 + x | z) + (0 + x | h)", 3, 19),
]


@pytest.mark.parametrize(("formula", "m", "seed"), TWO_MINIMA)
def test_the_lower_of_two_minima(formula, m, seed):
    """Slopes that vary over either of two factors, without a fixed slope."""
    model = mm.lmer(formula, rows(seed, m), reml=False)
    surface = Surface(model, bases(model))
    assert below(surface, np.random.default_rng(0), 500) <= GAIN


def test_a_group_that_is_a_fixed_factor_too():
    """The restricted likelihood does not depend on the sd of f: any is an answer."""
    found = {mm.lmer("y ~ f + x + (1 | f)", rows(seed, 5)).status for seed in range(10)}
    assert found <= {"converged", "singular"}


def test_a_response_that_its_own_slopes_explain():
    model = mm.lmer("x ~ f + (x | g)", rows(0, 5), reml=False)
    assert model.status == "singular"
    assert any("residual variance is 0" in text for text in model.messages)
