"""Rows for the tests of streams, ways to cut them, and what "the same model" means."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

# Sums in another order differ by rounding; the models must not differ by more.
SAME = 1e-10


def rows(n: int = 300) -> pd.DataFrame:
    """Two crossed groups, one within the other, factors, weights, missing values."""
    rng = np.random.default_rng(11)
    g, h = rng.integers(0, 18, n), rng.integers(0, 7, n)
    x, z = rng.normal(40.0, 3.0, n), rng.normal(size=n)
    y = 5 + 0.3 * x + rng.normal(0, 1.5, 18)[g] + rng.normal(0, 0.8, 18)[g] * z
    y += rng.normal(0, 1.2, 7)[h] + rng.normal(0, 0.9, (7, 18))[h, g]
    frame = pd.DataFrame({"y": y + rng.normal(size=n), "x": x, "z": z, "g": g})
    frame["h"] = np.array(list("abcdefg"))[h]
    frame["f"] = pd.Categorical(rng.choice(["low", "mid", "top"], n))
    frame["f"] = frame["f"].cat.reorder_categories(["mid", "low", "top"])
    frame["k"] = rng.integers(1, 5, n)
    frame["w"], frame["o"] = rng.uniform(0.4, 2.5, n), rng.normal(size=n)
    frame.loc[frame.index[::41], "x"] = np.nan
    frame.loc[frame.index[7], "h"] = None
    return frame


def cut(frame: pd.DataFrame, *at: int) -> list[pd.DataFrame]:
    """Cut a frame before these rows."""
    ends = [0, *at, len(frame)]
    return [frame[a:b] for a, b in pairwise(ends)]


def same(found, expected, near: float = SAME):
    """Assert that all that models say of themselves is the same."""
    assert found.criterion == pytest.approx(expected.criterion, rel=near)
    assert found.sigma == pytest.approx(expected.sigma, rel=near)
    close(found.theta, expected.theta, near)
    assert list(found.fixef.index) == list(expected.fixef.index)
    close(found.fixef, expected.fixef, near)
    close(found.std_error, expected.std_error, near)
    close(found.vcov, expected.vcov, near)
    assert found.n_obs == expected.n_obs
    assert found.status == expected.status
    for group, table in expected.ranef().items():
        assert list(found.ranef()[group].index) == list(table.index)
        close(found.ranef()[group], table, near)


def close(found, expected, near: float):
    """Assert numbers to a part of the largest of them."""
    expected = np.asarray(expected)
    size = np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=near * size)
