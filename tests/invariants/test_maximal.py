"""A maximal model, all effects of a crossed design varying by both factors, is easy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm

N_ROWS, N_SUBJECTS, N_ITEMS, SIGMA = 100_000, 500, 200, 1.5
BY_SUBJECT, BY_ITEM = (1.0, 0.4, 0.3, 0.2), (0.6, 0.2, 0.3, 0.05)


def drawn(rng, sds, corr, levels):
    """Effects (levels, 4) with these sds and one correlation between any two."""
    R = np.where(np.eye(len(sds)) == 1, 1.0, corr)
    return rng.multivariate_normal(np.zeros(len(sds)), np.outer(sds, sds) * R, levels)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(5)
    subject = rng.integers(0, N_SUBJECTS, N_ROWS)
    item = rng.integers(0, N_ITEMS, N_ROWS)
    a, b = rng.choice([-0.5, 0.5], (2, N_ROWS))
    X = np.column_stack([np.ones(N_ROWS), a, b, a * b])
    y = X @ [1.0, 0.5, 0.2, 0.1] + rng.normal(0, SIGMA, N_ROWS)
    y += np.sum(X * drawn(rng, BY_SUBJECT, 0.3, N_SUBJECTS)[subject], axis=1)
    y += np.sum(X * drawn(rng, BY_ITEM, -0.2, N_ITEMS)[item], axis=1)
    data = pd.DataFrame({"y": y, "a": a, "b": b, "subject": subject, "item": item})
    return mm.lmer("y ~ a * b + (a * b | subject) + (a * b | item)", data)


def test_a_maximal_model_needs_few_evaluations(model):
    assert len(model.theta) == 20
    assert model.status == "converged"
    assert model.fit.n_evaluations < 60


def test_a_maximal_model_ends_where_the_criterion_is_flat(model):
    # A step of 1e-4 in any parameter would change the criterion by less than 1e-5.
    assert np.abs(model.fit.gradient).max() < 0.1


def test_a_maximal_model_finds_what_was_simulated(model):
    vc = mm.extract_vc(model, ci_level=0)
    for group, truth, levels in (
        ("subject", BY_SUBJECT, N_SUBJECTS),
        ("item", BY_ITEM, N_ITEMS),
    ):
        found = vc.loc[vc["group"] == group, "sd"].to_numpy()
        # Five standard errors of an sd, and what the residuals add to a slope's.
        noise = SIGMA * np.sqrt(16 * levels / N_ROWS)
        spread = 5 * (np.array(truth) + noise) / np.sqrt(2 * levels)
        assert np.all(np.abs(found - truth) < spread), group
    residual = float(vc.loc[vc["group"] == "Residual", "sd"].iloc[0])
    assert abs(residual - SIGMA) < 5 * SIGMA / np.sqrt(2 * N_ROWS)
