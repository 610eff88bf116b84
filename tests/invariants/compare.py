"""Data that every invariance starts from, and what "the same fit" means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

# Two fits of one model end within the search's tolerance of the same optimum: the
# criterion is flat there, so it agrees best.
CRITERION = 1e-9
REST = 1e-6  # relative, of a standard error, or of sigma

FORMULAS = [
    "y ~ x + (1 | g)",
    "y ~ x + (x | g)",
    "y ~ x + (x || g)",
    "y ~ x + f + (x | g) + (1 | h)",
    "y ~ x + (0 + f | h)",
    "y ~ z + (1 | h/g)",
]
EVERY = pytest.mark.parametrize("formula", FORMULAS)
EITHER = pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])


def school(seed: int = 20, n: int = 160) -> pd.DataFrame:
    """Rows with two crossed groups g, h, their own slopes, and covariates x, z, f."""
    rng = np.random.default_rng(seed)
    g, h = rng.integers(0, 15, n), rng.integers(0, 7, n)
    x, z = rng.normal(2.0, 1.5, n), rng.normal(size=n)
    f = rng.integers(0, 3, n)
    y = 5 + x + rng.normal(0, 1.5, 15)[g] + rng.normal(0, 0.8, 15)[g] * x
    y += rng.normal(0, 1.2, (7, 3))[h, f] + rng.normal(0, 1.0, (15, 7))[g, h]
    y += rng.normal(size=n)
    w = rng.uniform(0.4, 2.5, n)
    f = np.array(["low", "mid", "top"])[f]
    return pd.DataFrame({"y": y, "x": x, "z": z, "f": f, "g": g, "h": h, "w": w})


def same(found, expected, constant=0.0, fixef=True):
    """Assert that two models are one: criterion up to a known constant, estimates."""
    assert found.criterion == pytest.approx(
        expected.criterion + constant, rel=CRITERION, abs=1e-7
    )
    assert found.sigma == pytest.approx(expected.sigma, rel=REST)
    size = REST * expected.sigma
    rows = expected.fitted.index
    np.testing.assert_allclose(found.fitted.loc[rows], expected.fitted, atol=size)
    if fixef:
        same_fixed(found, expected)


def same_fixed(found, expected, factor=1.0):
    """Assert the fixed effects and their covariance, times a factor, in any order."""
    names = expected.fixef.index
    se = expected.std_error * factor
    error = np.abs(found.fixef[names] - expected.fixef * factor) / se
    assert error.max() < REST
    size = np.outer(se, se)
    wrong = np.abs(found.vcov.loc[names, names] - expected.vcov * factor**2) / size
    assert wrong.to_numpy().max() < 10 * REST


def same_modes(found, expected, rename=lambda level: level):
    """Assert the random effects level by level, given the new label of each."""
    for group, old in expected.ranef().items():
        new = found.ranef()[group]
        assert len(new) == len(old)
        matched = new.loc[[rename(level) for level in old.index], old.columns]
        np.testing.assert_allclose(matched, old, atol=10 * REST * expected.sigma)


def sd_of(model, group, effect):
    """Standard deviation of one effect."""
    table = model.var_corr()
    own = (table["group"] == group) & (table["effect_1"] == effect)
    return float(table.loc[own & table["effect_2"].isna(), "sd"].iloc[0])
