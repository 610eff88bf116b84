"""Criterion, gradient and Hessian of every structure against the full V."""

import numpy as np
import pytest

from mmcourse.crossproducts import ResponseProducts
from mmcourse.elimination import layout
from mmcourse.elimination.general import general
from mmcourse.elimination.shared import distinct_designs, shared_designs
from mmcourse.elimination.small import spd_inverse
from tests.unit.arrays import STRUCTURES, example, numeric_gradient

ONE_FACTOR = [s for s in STRUCTURES if s.startswith(("one", "intercept"))]


def forms(ex, structure, monkeypatch, sparse):
    """Every form the engine could evaluate this design in."""
    if sparse:
        monkeypatch.setattr(layout, "DENSE_ENTRIES", 0)
        monkeypatch.setattr(layout, "DENSE_SHARE", 2.0)
    out = [general(ex.sums)]
    if structure in ONE_FACTOR:
        out.append(shared_designs(ex.sums))
    return out


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_criterion_and_gradient(structure, weighted, reml, sparse, monkeypatch):
    ex = example(structure, 11, weighted)
    thetas = np.random.default_rng(4).normal(size=(3, ex.cov.n_theta))
    thetas[2, 0] = 0.0
    for form in forms(ex, structure, monkeypatch, sparse):
        batch = form.evaluate(ex.cov, thetas, reml, 1)
        for i, theta in enumerate(thetas):
            value, beta, pwrss = ex.dense(theta, reml)
            assert batch.criterion[i] == pytest.approx(value, rel=1e-11)
            assert batch.root.pwrss[i] == pytest.approx(pwrss, rel=1e-10)
            np.testing.assert_allclose(batch.root.beta[i], beta, atol=1e-9)
            alone = form.evaluate(ex.cov, theta, reml, 1)
            np.testing.assert_allclose(alone.gradient, batch.gradient[i], atol=1e-9)
            numeric = numeric_gradient(lambda t: ex.dense(t, reml)[0], theta)
            np.testing.assert_allclose(alone.gradient, numeric, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_hessian_is_the_derivative_of_the_gradient(structure, monkeypatch):
    ex = example(structure, 12)
    theta = np.random.default_rng(5).normal(size=ex.cov.n_theta)
    for form in forms(ex, structure, monkeypatch, sparse=False):
        found = form.evaluate(ex.cov, theta, True, 2).hessian
        numeric = numeric_gradient(
            lambda t, form=form: form.evaluate(ex.cov, t, True, 1).gradient, theta
        )
        size = np.abs(numeric).max()
        np.testing.assert_allclose(found, numeric, atol=2e-6 * size)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_sigma_held_fixed(structure, monkeypatch):
    ex = example(structure, 13)
    theta = np.random.default_rng(6).normal(size=ex.cov.n_theta)
    sigma = np.array(0.7)
    for form in forms(ex, structure, monkeypatch, sparse=False):
        ev = form.evaluate(ex.cov, theta, False, 1, sigma)
        assert ev.criterion == pytest.approx(ex.dense(theta, False, 0.7)[0], rel=1e-11)
        numeric = numeric_gradient(lambda t: ex.dense(t, False, 0.7)[0], theta)
        np.testing.assert_allclose(ev.gradient, numeric, rtol=1e-5, atol=1e-5)


def test_average_information_approaches_the_hessian_when_levels_are_many():
    ex = example("nested and crossed", 14, n=400)
    form = general(ex.sums)
    theta = np.concatenate([[1.0, *[1.0, 0.0, 1.0] * 3]])
    system_args = form, ex.cov, theta
    exact = form.evaluate(ex.cov, theta, True, 2).hessian
    information = _information(*system_args)
    values = np.linalg.eigvalsh(information)
    assert values.min() > 0
    # Same order of magnitude on the diagonal where the likelihood is curved.
    curved = np.diag(exact) > 5
    ratio = np.diag(information)[curved] / np.diag(exact)[curved]
    assert np.all((ratio > 0.3) & (ratio < 3))


def _information(form, cov, theta):
    """Average information, however small the model."""
    from unittest.mock import patch

    with patch("mmcourse.elimination.general.SMALL_WORK", 0.0):
        ev = form.evaluate(cov, theta, True, 2)
    assert not ev.is_exact
    return ev.hessian


@pytest.mark.parametrize("structure", ["intercept", "crossed", "nested"])
def test_replicates_of_the_response_run_as_one_batch(structure, monkeypatch):
    ex = example(structure, 15)
    rng = np.random.default_rng(7)
    y = ex.sums.response
    shift = rng.normal(size=3)
    batch = ResponseProducts(
        tuple(z * (1 + shift)[:, None, None] for z in y.z),
        y.x * (1 + shift)[:, None],
        y.square * (1 + shift) ** 2,
    )
    thetas = rng.normal(size=(3, ex.cov.n_theta))
    many = ex.sums.with_response(batch)
    pairs = [(general(many), general(ex.sums))]
    if structure == "intercept":
        pairs.append((shared_designs(many), shared_designs(ex.sums)))
    for together, one in pairs:
        ev = together.evaluate(ex.cov, thetas, True, 2)
        for i in range(3):
            alone = one.evaluate(ex.cov, thetas[i], True, 2)
            scale = (1 + shift[i]) ** 2
            assert ev.root.pwrss[i] == pytest.approx(alone.root.pwrss * scale)
            np.testing.assert_allclose(ev.gradient[i], alone.gradient, atol=1e-8)
            np.testing.assert_allclose(ev.hessian[i], alone.hessian, atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 7])
def test_inverse_of_small_matrices(k):
    A = np.random.default_rng(k).normal(size=(5, k, 2 * k))
    A = A @ A.swapaxes(-1, -2)
    inverse, logdet = spd_inverse(A)
    np.testing.assert_allclose(inverse, np.linalg.inv(A), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(logdet, np.linalg.slogdet(A)[1], rtol=1e-10)


def test_levels_with_the_same_design_are_found_up_to_rounding():
    base = np.random.default_rng(0).normal(size=(3, 2, 2))
    base = base @ base.swapaxes(-1, -2)
    which = np.array([0, 1, 2, 1, 0, 0])
    G = base[which] * (1 + 1e-15 * np.arange(6))[:, None, None]
    first, found, count = distinct_designs(G)
    assert len(first) == 3
    assert sorted(count.tolist()) == [1, 2, 3]
    assert [found[i] == found[j] for i, j in ((0, 4), (1, 3), (0, 1))] == [
        True,
        True,
        False,
    ]


def test_nested_factors_are_found_whatever_their_order():
    plan = layout.plan(example("nested and crossed", 3).sums)
    assert [stage.factor for stage in plan.stages] == [1, 2, 0]
    assert [item.factor for item in plan.tail] == [3]


def test_nothing_is_allocated_groups_by_groups_for_one_factor():
    ex = example("intercept", 1, n=90)
    plan = layout.plan(ex.sums)
    assert plan.ee.shape == (2, 2)
    assert plan.stages[0].H.shape == (15, 1, 2)
