"""theta in both bases, and lower-triangular factors of singular matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmcourse.conditioning import condition
from mmcourse.covariance import (
    covariance_model,
    fill_template,
    lower_factor,
    walk_template,
)

ENTRIES = st.floats(-5, 5).map(lambda x: 0.0 if abs(x) < 1e-6 else x)


@given(arrays(float, (3, 3), elements=ENTRIES))
def test_lower_factor_is_lower_has_no_negative_diagonal_and_squares_back(root):
    L = lower_factor(root)
    np.testing.assert_allclose(L @ L.T, root @ root.T, atol=1e-10)
    assert np.all(np.triu(L, 1) == 0)
    assert np.all(np.diag(L) >= 0)


@pytest.mark.parametrize("n_cols", [1, 2, 4])
def test_template_is_walked_column_by_column(n_cols):
    theta = np.arange(1.0, n_cols * (n_cols + 1) / 2 + 1)
    lam = fill_template(theta, n_cols)
    assert lam[:, 0].tolist() == theta[:n_cols].tolist()
    assert np.array_equal(walk_template(lam), theta)


def test_theta_maps_to_the_conditioned_basis_and_back():
    rng = np.random.default_rng(1)
    x = rng.normal(size=50) + 100
    slope = condition(np.column_stack([np.ones(50), x]))
    single = condition((x * 7)[:, None])
    cov = covariance_model([(1, slope), (0, single)], 2)
    theta = np.array([1.2, -0.4, 0.3, 0.8])
    there = cov.to_conditioned(theta)
    np.testing.assert_allclose(cov.to_user(there), theta, rtol=1e-9)
    # The covariance of the linear predictor is the same in both bases.
    user = np.column_stack([np.ones(50), x]) @ fill_template(theta[:3], 2)
    own = slope.apply(np.column_stack([np.ones(50), x])) @ fill_template(there[:3], 2)
    np.testing.assert_allclose(user @ user.T, own @ own.T, rtol=1e-8, atol=1e-8)


def test_gradient_pulls_back_to_the_entries_of_lambda():
    rng = np.random.default_rng(2)
    basis = condition(rng.normal(size=(30, 2)))
    cov = covariance_model([(0, basis), (0, basis)], 1)
    theta = rng.normal(size=cov.n_theta)
    M = rng.normal(size=(4, 4))
    M = M + M.T
    (lam,) = cov.lambdas(theta)

    def value(t):
        (at,) = cov.lambdas(t)
        return np.sum(M * (at @ at.T))

    found = cov.pull_back({0: lam.T @ M}, theta)
    step = 1e-6
    numeric = [
        (value(theta + step * e) - value(theta - step * e)) / (2 * step)
        for e in np.eye(len(theta))
    ]
    np.testing.assert_allclose(found, numeric, rtol=1e-6, atol=1e-8)
