"""Rows that learners simulate: chance raises no false alarm and hides no mistake."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse.checks.densities import is_density
from mmcourse.checks.findings import RIGHT
from mmcourse.checks.simulating.drawn_rows import Setting, check_parts, read_parts
from mmcourse.checks.simulating.exercises import LARGE, UNSEEN

# What the exercise asks for, and what learners may choose in step 3.1.
SETTINGS = [
    *(Setting(), LARGE, *UNSEEN.values(), Setting(n_groups=50), Setting(n_per=10)),
    *(Setting(sd_u=0.1, sd_e=1), Setting(sd_u=1), Setting(sd_e=1), Setting(sd_e=0.5)),
]


def simulate(
    setting: Setting, seed: int, rng: str = "numpy", **changes
) -> pd.DataFrame:
    sizes = setting.n_groups, setting.n_per, setting.sd_u, setting.sd_e
    return mm.simulate_random_intercepts(*sizes, seed=seed, rng=rng, **changes)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_right_rows_are_right_for_any_seed(setting):
    for seed in range(100):
        found = check_parts(simulate(setting, seed), setting)
        assert found == RIGHT, (seed, found.hint)


@pytest.mark.parametrize("rng", ["r", "numpy"])
def test_a_new_u_for_every_row_is_seen_in_all_seeds(rng):
    for seed in range(1, 51):
        rows = simulate(Setting(n_groups=LARGE.n_groups, n_per=5), seed, rng, slope=0.5)
        u = np.random.default_rng(seed).normal(0, LARGE.sd_u, len(rows))
        e = np.random.default_rng(seed + 99).normal(0, LARGE.sd_e, len(rows))
        rows["y"] = 2 + 0.5 * rows["x"] + u + e
        assert "a `u` of its own" in check_parts(rows, LARGE).hint


def test_parts_are_those_that_the_truth_has():
    rows = simulate(Setting(4000, 5, 0.6, 0.4), 1)
    parts = read_parts(rows)
    u, e = np.array(rows.attrs["u"]), np.array(rows.attrs["e"])
    # The draws' own variances; their means are no part of them.
    assert parts.u_var == pytest.approx(u.var(), rel=0.02)
    assert parts.e_var == pytest.approx(e.var(), rel=0.02)
    assert parts.intercept == pytest.approx(2 + u.mean() + e.mean(), abs=0.01)


def test_a_density_of_other_numbers_is_another_density():
    pytest.importorskip("scipy")
    from scipy.stats import gaussian_kde

    x = np.linspace(-3, 3, 200)
    values = np.random.default_rng(22).normal(0, 0.5, 100)
    assert is_density(x, gaussian_kde(values)(x), values)
    assert not is_density(x, gaussian_kde(1.5 * values)(x), values)
    assert not is_density(x, gaussian_kde(values + 2)(x), values)
