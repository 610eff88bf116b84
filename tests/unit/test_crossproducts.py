"""The sufficient statistics against products formed directly, and over chunks."""

import numpy as np
import pytest

from mmcourse import crossproducts
from mmcourse.conditioning import condition
from mmcourse.crossproducts import Factor, add, form_crossproducts
from mmcourse.prepare import ModelArrays, TermArrays, prepare
from tests.unit.arrays import STRUCTURES, example


def indicator(codes, m, Z):
    """Z of one factor in full, (n, m k)."""
    out = np.zeros((len(codes), m, Z.shape[1]))
    out[np.arange(len(codes)), codes] = Z
    return out.reshape(len(codes), -1)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_are_the_products_of_the_full_matrices(structure, weighted):
    ex = example(structure, 5, weighted)
    root = np.ones(len(ex.y)) if ex.weights is None else np.sqrt(ex.weights)
    X, y = ex.X * root[:, None], ex.y * root
    full = [indicator(c, m, Z) * root[:, None] for c, m, Z in ex.factors]
    np.testing.assert_allclose(ex.sums.xx, X.T @ X, atol=1e-10)
    np.testing.assert_allclose(ex.sums.response.square, y @ y)
    for f, (_, m, Z) in enumerate(ex.factors):
        k = Z.shape[1]
        blocks = (full[f].T @ full[f]).reshape(m, k, m, k)
        np.testing.assert_allclose(
            ex.sums.zz[f], blocks[np.arange(m), :, np.arange(m), :], atol=1e-10
        )
        np.testing.assert_allclose(
            ex.sums.zx[f].reshape(m * k, -1), full[f].T @ X, atol=1e-10
        )
        np.testing.assert_allclose(
            ex.sums.response.z[f].ravel(), full[f].T @ y, atol=1e-10
        )
    for (a, b), pair in ex.sums.pairs.items():
        np.testing.assert_allclose(pair.toarray(), full[a].T @ full[b], atol=1e-10)


def test_sums_over_chunks_are_the_sums_over_all_rows(monkeypatch):
    whole = example("nested and crossed", 8, weighted=True).sums
    monkeypatch.setattr(crossproducts, "CHUNK", 17)
    chunked = example("nested and crossed", 8, weighted=True).sums
    for left, right in zip(whole.zz + whole.zx, chunked.zz + chunked.zx, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-11)
    for key, pair in whole.pairs.items():
        np.testing.assert_allclose(
            pair.toarray(), chunked.pairs[key].toarray(), atol=1e-11
        )
    assert chunked.n_obs == whole.n_obs
    assert chunked.sum_log_weights == pytest.approx(whole.sum_log_weights)


def test_sums_of_two_halves_add():
    ones = np.ones((6, 1))
    y = np.arange(6.0)
    codes = np.array([0, 1, 0, 1, 2, 2])
    basis = condition(ones)

    def part(rows):
        g = Factor(codes[rows], 3, ((ones[rows], basis),))
        return form_crossproducts(y[rows], ones[rows], basis, (g,))

    both = add(part(slice(0, 3)), part(slice(3, 6)))
    assert both.zz[0].ravel().tolist() == [2, 2, 2]
    assert both.response.z[0].ravel().tolist() == [2, 4, 9]


def test_a_huge_mean_is_taken_out_of_the_response():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(500), rng.normal(size=500)])
    noise = rng.normal(size=500)
    term = TermArrays(0, X[:, :1])
    codes = np.arange(500) % 7
    products = prepare(ModelArrays(noise + 1e9, X, (codes,), (7,), (term,)))
    left = noise - X @ np.linalg.lstsq(X, noise, rcond=None)[0]
    by_level = np.bincount(codes, left)
    # 1e9 has 1e-7 left of a double, and a level has 72 rows.
    np.testing.assert_allclose(products.sums.response.z[0][:, 0], by_level, atol=1e-5)
    assert products.sums.response.square == pytest.approx(left @ left, rel=1e-6)
    user = products.basis.to_user @ products.least_squares
    assert user[0] == pytest.approx(1e9, rel=1e-8)
