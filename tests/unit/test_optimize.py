"""The search on functions whose minima are known."""

import numpy as np

from mmcourse.elimination.root import Evaluation, Root
from mmcourse.optimize import minimize


def evaluation(f, g, H):
    """Wrap values as the engine returns them."""
    zero = np.zeros_like(f)
    return Evaluation(Root(f, zero, zero + 1, zero, zero, zero, 1, True), g, H)


def double_well(theta, _):
    """(x^2 - 1)^2 + y^2: a saddle at zero, minima at x = -1 and 1."""
    x, y = theta[:, 0], theta[:, 1]
    f = (x**2 - 1) ** 2 + y**2
    g = np.stack([4 * x * (x**2 - 1), 2 * y], axis=1)
    H = np.zeros((len(x), 2, 2))
    H[:, 0, 0] = 12 * x**2 - 4
    H[:, 1, 1] = 2
    return evaluation(f, g, H)


def rosenbrock(theta, _):
    x, y = theta[:, 0], theta[:, 1]
    f = 100 * (y - x**2) ** 2 + (1 - x) ** 2
    g = np.stack([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)], axis=1)
    H = np.empty((len(x), 2, 2))
    H[:, 0, 0] = 1200 * x**2 - 400 * y + 2
    H[:, 0, 1] = H[:, 1, 0] = -400 * x
    H[:, 1, 1] = 200
    return evaluation(f, g, H)


def test_a_saddle_is_left():
    found = minimize(double_well, np.array([[0.0, 0.0], [0.0, 3.0], [0.4, -2.0]]))
    assert found.status.tolist() == ["converged"] * 3
    np.testing.assert_allclose(np.abs(found.theta[:, 0]), 1.0, atol=1e-7)
    np.testing.assert_allclose(found.theta[:, 1], 0.0, atol=1e-7)


def test_a_curved_valley_is_followed_from_several_starts_at_once():
    starts = np.array([[-1.2, 1.0], [5.0, -5.0], [0.0, 0.0]])
    found = minimize(rosenbrock, starts)
    np.testing.assert_allclose(found.theta, 1.0, atol=1e-6)
    alone = minimize(rosenbrock, starts[:1])
    np.testing.assert_allclose(alone.theta[0], found.theta[0], atol=1e-12)


def test_a_limit_on_evaluations_is_kept_and_said():
    found = minimize(rosenbrock, np.array([[-1.2, 1.0]]), max_evaluations=3)
    assert found.status.tolist() == ["max_evaluations"]
    assert found.n_evaluations == 3


def test_points_that_cannot_be_evaluated_are_stepped_back_from():
    def half_line(theta, _):
        x = theta[:, 0]
        with np.errstate(invalid="ignore"):
            f = x - np.log(x)
        return evaluation(f, (1 - 1 / x)[:, None], (1 / x**2)[:, None, None])

    found = minimize(half_line, np.array([[8.0]]))
    np.testing.assert_allclose(found.theta, 1.0, atol=1e-7)
