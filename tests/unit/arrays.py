"""Small random designs as arrays, and the criterion from the full covariance matrix.

The engine's unit tests compare with this: V is formed in full, nothing is shared with
the engine but NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmcourse.conditioning import condition
from mmcourse.covariance import CovarianceModel, covariance_model
from mmcourse.crossproducts import (
    CrossProducts,
    Factor,
    form_crossproducts,
)


@dataclass(frozen=True)
class Example:
    """Conditioned arrays of a random design, with its cross-products."""

    y: np.ndarray
    X: np.ndarray
    factors: list[tuple[np.ndarray, int, np.ndarray]]  # codes, levels, columns
    weights: np.ndarray | None
    sums: CrossProducts
    cov: CovarianceModel

    def dense(self, theta, reml=True, sigma=None):
        """Criterion, beta and pwrss from the full V."""
        n, p = self.X.shape
        V = np.eye(n) if self.weights is None else np.diag(1 / self.weights)
        lams = self.cov.lambdas(theta)
        for (codes, _, Z), lam in zip(self.factors, lams, strict=True):
            same = codes[:, None] == codes[None, :]
            V = V + same * (Z @ lam @ lam.T @ Z.T)
        inverse = np.linalg.inv(V)
        A = self.X.T @ inverse @ self.X
        beta = np.linalg.solve(A, self.X.T @ inverse @ self.y)
        left = self.y - self.X @ beta
        pwrss = left @ inverse @ left
        dof = n - p if reml else n
        variance = pwrss / dof if sigma is None else sigma**2
        value = np.linalg.slogdet(V)[1] + dof * np.log(2 * np.pi * variance)
        value += pwrss / variance
        if reml:
            value += np.linalg.slogdet(A)[1]
        if self.weights is not None:
            value += np.log(self.weights).sum()  # the engine adds this constant later
        return value, beta, pwrss


def _levels(rng, n, m):
    """A level per row, each of m levels at least once."""
    codes = rng.integers(0, m, n)
    codes[:m] = np.arange(m)
    return codes.astype(np.intp)


def _one(rng, n):
    return [(_levels(rng, n, 12), 12, 2)]


def _intercept(rng, n):
    return [(_levels(rng, n, 15), 15, 1)]


def _three(rng, n):
    return [(_levels(rng, n, 10), 10, 3)]


def _crossed(rng, n):
    return [
        (_levels(rng, n, 7), 7, 1),
        (_levels(rng, n, 12), 12, 2),
        (_levels(rng, n, 5), 5, 2),
    ]


def _nested(rng, n):
    inner = _levels(rng, n, 20)
    middle = rng.permutation(np.arange(20) % 8)[inner]
    outer = rng.permutation(np.arange(8) % 3)[middle]
    return [(outer, 3, 1), (inner, 20, 2), (middle, 8, 2)]


def _nested_and_crossed(rng, n):
    return [*_nested(rng, n), (_levels(rng, n, 6), 6, 2)]


STRUCTURES = {
    "intercept": _intercept,
    "one factor, two columns": _one,
    "one factor, three columns": _three,
    "crossed": _crossed,
    "nested": _nested,
    "nested and crossed": _nested_and_crossed,
}


def example(structure: str, seed: int, weighted: bool = False, n: int = 60) -> Example:
    """Make a random design of one of `STRUCTURES`."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.5, 2.0, n) if weighted else None
    X = np.column_stack([np.ones(n), rng.normal(size=n)])
    basis = condition(X, weights)
    factors, columns, terms = [], [], []
    y = rng.normal(size=n)
    for f, (codes, m, k) in enumerate(STRUCTURES[structure](rng, n)):
        Z = np.column_stack([np.ones(n), X[:, 1], rng.normal(size=n)])[:, :k]
        own = condition(Z, weights)
        factors.append(Factor(codes, m, ((Z, own),)))
        columns.append((codes, m, own.apply(Z)))
        terms.append((f, own))
        y = y + rng.normal(size=m)[codes]
    C, w = basis.apply(X), np.ones(n) if weights is None else weights
    left = y - C @ (C.T @ (w * y)) / w.sum()
    sums = form_crossproducts(left, X, basis, tuple(factors), weights)
    cov = covariance_model(terms, len(factors))
    return Example(left, C, columns, weights, sums, cov)


def numeric_gradient(function, at, step=1e-5):
    """Central differences of a function of a vector, first axis the vector's."""
    out = []
    for i in range(len(at)):
        move = np.zeros(len(at))
        move[i] = step
        out.append((function(at + move) - function(at - move)) / (2 * step))
    return np.array(out)
