"""The change of basis: columns well scaled, maps in both directions exact."""

import numpy as np
import pytest

from mmcourse.conditioning import condition

RNG = np.random.default_rng(3)
N = 400
ONE = np.ones(N)
X = RNG.normal(size=N) * 3 + 1e6
Z = RNG.normal(size=N)
W = RNG.uniform(0.3, 3.0, N)

BLOCKS = {
    "intercept": (np.column_stack([ONE]), (0,)),
    "shifted slope": (np.column_stack([ONE, X]), (0, 1)),
    "scaled slope": (np.column_stack([ONE, Z * 1e9]), (0, 1)),
    "no intercept": (np.column_stack([Z, X]), (0, 1)),
    "constant that is not one": (np.column_stack([3 * ONE, X, Z]), (0, 1, 2)),
    "redundant in the middle": (np.column_stack([ONE, Z, 2 * Z - 1, X]), (0, 1, 3)),
    "zero column": (np.column_stack([ONE, 0 * Z, Z]), (0, 2)),
    "powers": (np.column_stack([Z**j for j in range(6)]), tuple(range(6))),
    "nearly the same": (
        np.column_stack([ONE, Z, Z + 1e-3 * (np.arange(N) == 5)]),
        (0, 1, 2),
    ),
    "no columns": (np.zeros((N, 0)), ()),
}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("weights", [None, W], ids=["unweighted", "weighted"])
def test_conditioned_columns_are_orthonormal_and_span_the_same(name, weights):
    block, kept = BLOCKS[name]
    basis = condition(block, weights)
    assert basis.kept == kept
    columns = basis.apply(block)
    w = ONE if weights is None else weights
    gram = (columns.T * w) @ columns / w.sum()
    np.testing.assert_allclose(gram, np.eye(len(kept)), atol=1e-10)
    size = np.abs(block).max(axis=0, initial=1.0)
    assert np.all(np.abs(columns @ basis.recover - block) <= 1e-12 * size)
    # Coefficients: the same linear predictor in both bases.
    coef = np.arange(1.0, len(kept) + 1)
    user = basis.to_user @ coef
    scale = np.abs(block) @ np.abs(user) + 1
    assert np.all(np.abs(block @ user - columns @ coef) <= 1e-13 * scale)


def test_logdet_of_the_map_is_that_of_the_gram_matrices():
    block = np.column_stack([ONE, 5 * Z, Z**2 + 7])
    basis = condition(block)
    columns = basis.apply(block)
    direct = (
        np.linalg.slogdet(block.T @ block)[1]
        - np.linalg.slogdet(columns.T @ columns)[1]
    )
    assert 2 * basis.logdet_recover() == pytest.approx(direct, rel=1e-10)
