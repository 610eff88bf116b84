"""Modes and their covariances against the full mixed-model equations."""

import numpy as np
import pytest

from mmcourse.covariance import fill_template
from mmcourse.elimination import layout
from mmcourse.fit import ModelArrays, TermArrays, fit_model
from mmcourse.posterior import Posterior
from tests.unit.arrays import STRUCTURES


class Full:
    """The mixed-model equations in full, in the user's basis."""

    def __init__(self, arrays, theta, sigma):
        n = len(arrays.y)
        w = np.ones(n) if arrays.weights is None else arrays.weights
        self.places, blocks, precisions, first = [], [], [], 0
        position = 0
        for term in arrays.terms:
            codes, m = arrays.codes[term.factor], arrays.n_levels[term.factor]
            c = term.columns.shape[1]
            full = np.zeros((n, m, c))
            full[np.arange(n), codes] = term.columns
            size = c * (c + 1) // 2
            lam = fill_template(theta[position : position + size], c)
            position += size
            blocks.append(full.reshape(n, m * c))
            precisions.append(np.kron(np.eye(m), np.linalg.inv(lam @ lam.T)))
            self.places.append((first, m, c))
            first += m * c
        self.q = first
        Z = np.hstack(blocks)
        both = np.hstack([Z, arrays.X])
        penalty = np.zeros((both.shape[1],) * 2)
        at = 0
        for block in precisions:
            size = len(block)
            penalty[at : at + size, at : at + size] = block
            at += size
        system = (both.T * w) @ both + penalty
        self.joint = np.linalg.inv(system) * sigma**2
        q = self.q
        self.conditional = np.linalg.inv(system[:q, :q]) * sigma**2
        self.solution = np.linalg.solve(system, (both.T * w) @ arrays.y)

    def blocks(self, covariance, term):
        first, m, c = self.places[term]
        cut = covariance[first : first + m * c, first : first + m * c].reshape(
            m, c, m, c
        )
        return cut[np.arange(m), :, np.arange(m), :]

    def row(self, term, level, values):
        out = np.zeros(self.joint.shape[0])
        first, _, c = self.places[term]
        out[first + level * c : first + (level + 1) * c] = values
        return out


def fitted(structure, seed, weighted, sparse, monkeypatch):
    if sparse:
        monkeypatch.setattr(layout, "DENSE_ENTRIES", 0)
        monkeypatch.setattr(layout, "DENSE_SHARE", 2.0)
    rng = np.random.default_rng(seed)
    n = 150
    x, z = rng.normal(size=n) * 2 + 5, rng.normal(size=n)
    X = np.column_stack([np.ones(n), x])
    y = rng.normal(size=n)
    codes, sizes, terms = [], [], []
    for f, (c, m, k) in enumerate(STRUCTURES[structure](rng, n)):
        Z = np.column_stack([np.ones(n), x, z])[:, :k]
        codes.append(c)
        sizes.append(m)
        terms.append(TermArrays(f, Z))
        y = y + np.sum(Z * (rng.normal(size=(m, k)) * [1.5, 0.6, 0.7][:k])[c], axis=1)
    weights = rng.uniform(0.5, 2, n) if weighted else None
    arrays = ModelArrays(y, X, tuple(codes), tuple(sizes), tuple(terms), weights)
    return arrays, fit_model(arrays)


CASES = [
    ("intercept", 1, False, False),
    ("one factor, two columns", 2, True, False),
    ("one factor, three columns", 3, False, False),
    ("crossed", 5, True, False),
    ("crossed", 5, False, True),
    ("nested", 11, False, False),
    ("nested and crossed", 6, True, False),
    ("nested and crossed", 6, False, True),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{c[1:]}" for c in CASES])
def test_posterior_is_that_of_the_full_equations(case, monkeypatch):
    arrays, fit = fitted(*case, monkeypatch)
    if fit.singular_terms:
        pytest.fail("choose another seed: the full equations need regular covariances")
    full = Full(arrays, fit.theta, fit.sigma)
    posterior = Posterior(fit)
    np.testing.assert_allclose(fit.beta, full.solution[full.q :], rtol=1e-7)
    np.testing.assert_allclose(fit.vcov_beta, full.joint[full.q :, full.q :], rtol=1e-7)
    for i, term in enumerate(arrays.terms):
        first, m, c = full.places[i]
        modes = full.solution[first : first + m * c].reshape(m, c)
        np.testing.assert_allclose(posterior.modes[i], modes, rtol=1e-6, atol=1e-8)
        f = term.factor
        scale = np.abs(full.blocks(full.joint, i)).max()
        for mine, theirs in (
            (posterior.conditional[f], full.conditional),
            (posterior.joint[f], full.joint),
        ):
            np.testing.assert_allclose(mine, full.blocks(theirs, i), atol=1e-8 * scale)
        cross = full.joint[first : first + m * c, full.q :].reshape(m, c, -1)
        np.testing.assert_allclose(posterior.with_fixed[f], cross, atol=1e-8 * scale)


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{c[1:]}" for c in CASES])
def test_prediction_variance_is_the_quadratic_form(case, monkeypatch):
    arrays, fit = fitted(*case, monkeypatch)
    full = Full(arrays, fit.theta, fit.sigma)
    rng = np.random.default_rng(0)
    r = 12
    X = np.column_stack([np.ones(r), rng.normal(size=r)])
    columns = [rng.normal(size=(r, t.columns.shape[1])) for t in arrays.terms]
    # Levels at random: a nested level may turn up under a parent that is not its own.
    codes = [rng.integers(-1, m, r) for m in arrays.n_levels]
    found = Posterior(fit).prediction_variance(X, columns, codes)
    for i in range(r):
        vector = np.zeros(full.joint.shape[0])
        vector[full.q :] = X[i]
        for t, term in enumerate(arrays.terms):
            level = codes[term.factor][i]
            if level >= 0:
                vector += full.row(t, level, columns[t][i])
        assert found[i] == pytest.approx(vector @ full.joint @ vector, rel=1e-6)
