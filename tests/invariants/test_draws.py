"""Draws of effects have exactly the covariance that the dense equations give.

A draw is linear in its normal numbers. Given unit vectors in their place, the draws
are a root R of the covariance, and RR' is compared with the inverse of the mixed-model
equations written out in full. No random numbers, no Monte-Carlo error.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings

import mmcourse as mm
from mmcourse.draws import IndependentDraws, JointDraws
from mmcourse.elimination.general import general
from mmcourse.elimination.noise import Noise
from tests.invariants.designs import Design, designs
from tests.invariants.oracle import Term

MODEST = settings(deadline=None, derandomize=True, max_examples=60)
# Of the sds: two routes through systems whose condition is up to 1e4.
EXACT = 1e-8


class Units:
    """Streams of unit vectors: every number that is asked for has its own axis."""

    def __init__(self, size: int) -> None:
        self.size, self.places = size, {}

    def normals(self, places, shape, kind):
        out = np.zeros((len(places), *shape))
        assert shape[-1] == self.size
        for i, place in enumerate(places):
            for j in range(shape[0]):
                axis = self.places.setdefault((int(place), kind, j), len(self.places))
                out[i, j, axis] = 1.0
        return out


def dense(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of (beta, b) and of b given beta, b term by term, level by level."""
    model, oracle = design.model, design.oracle
    roots = []
    pieces = model.fit.products.cov.term_thetas(model.theta, user=True)
    for labels, piece, term in zip(oracle.labels, pieces, oracle.terms, strict=True):
        c = len(term.effects)
        lam = np.zeros((c, c))
        lam.T[np.triu_indices(c)] = piece
        roots.append(np.kron(np.eye(len(labels)), lam))
    q, p = sum(len(root) for root in roots), oracle.X.shape[1]
    Lam = np.zeros((p + q, p + q))
    Lam[:p, :p] = np.eye(p)
    at = p
    for root in roots:
        Lam[at : at + len(root), at : at + len(root)] = root
        at += len(root)
    M = np.hstack([oracle.X, *oracle.Z]) @ Lam
    C = M.T @ (M * oracle.w[:, None])
    C[p:, p:] += np.eye(q)
    given_beta = Lam[p:, p:] @ np.linalg.inv(C[p:, p:]) @ Lam[p:, p:].T
    joint = Lam @ np.linalg.inv(C) @ Lam.T
    return model.sigma**2 * joint, model.sigma**2 * given_beta


def root_of(model: mm.MixedModel, draws, design: Design) -> np.ndarray:
    """Deviations of all draws, (p + q, axes), in the order of `dense`."""
    parts = [draws.fixed - model.fixef.to_numpy()[:, None]]
    column = [0] * len(model.design.groupings)
    for term, labels in zip(model.design.terms, design.oracle.labels, strict=True):
        f, c = term.grouping, len(term.names)
        levels = list(model.design.groupings[f].levels)
        codes = np.array([levels.index(label) for label in labels])
        modes = model.posterior.factor_modes(f)[codes][..., None]
        own = (draws.levels(f, codes) - modes)[:, column[f] : column[f] + c]
        column[f] += c
        parts.append(own.reshape(-1, own.shape[-1]))
    return np.concatenate(parts)


def close(found, expected, sigma):
    """Relative to the sds of the two that a covariance belongs to, if not tiny."""
    sd = np.sqrt(np.maximum(np.diag(expected), 0.0)) + 1e-3 * sigma
    assert np.abs((found - expected) / np.outer(sd, sd)).max(initial=0.0) < EXACT


def check(design: Design) -> None:
    model = design.model
    joint, given_beta = dense(design)
    p = design.oracle.X.shape[1]
    draws = JointDraws(model.fit, model.posterior, len(joint), Units(len(joint)))
    R = root_of(model, draws, design)
    close(R @ R.T, joint, model.sigma)

    alone = IndependentDraws(model.fit, model.posterior, len(joint), Units(len(joint)))
    R = root_of(model, alone, design)
    found = R @ R.T
    if p:
        close(found[:p, :p], joint[:p, :p], model.sigma)
        assert not found[:p, p:].any()
    np.testing.assert_allclose(
        np.diag(found)[p:],
        np.diag(given_beta),
        rtol=1e-7,
        atol=1e-9 * model.sigma**2,
    )


@MODEST
@given(design=designs())
def test_draws_have_the_covariance_of_the_dense_equations(design):
    assume(not design.model.fit.no_residual)
    assume(len(design.model.fit.kept) == design.oracle.X.shape[1])
    check(design)


@pytest.mark.parametrize(
    ("data", "response", "formula", "fixed", "terms"),
    [
        ("penicillin", "diameter", "y ~ 1 + (1 | plate) + (1 | sample)", ("1",),
         (Term(("plate",), ("1",)), Term(("sample",), ("1",)))),
        ("sleepstudy", "Reaction", "y ~ Days + (Days | Subject)", ("1", "Days"),
         (Term(("Subject",), ("1", "Days")),)),
        ("pastes", "strength", "y ~ 1 + (1 | batch/cask)", ("1",),
         (Term(("batch",), ("1",)), Term(("cask", "batch"), ("1",)))),
    ],
)  # fmt: skip
def test_arms_defect_is_not_copied(data, response, formula, fixed, terms):
    """Crossed, nested and correlated effects: arm mixes up levels of the first."""
    frame = mm.load(data).rename(columns={response: "y"})
    check(Design(formula, frame, fixed, terms))


@MODEST
@given(design=designs())
def test_noise_has_the_cross_products_of_the_columns(design):
    """For white noise e, the products M'e have the covariance M'M, M = [Z X]."""
    sums = design.model.fit.products.sums
    noise = Noise(general(sums).layout)
    n = noise.n_draws
    drawn = noise.draw(np.eye(n), np.zeros(n))
    M = [z.reshape(n, -1) for z in drawn.z] + [drawn.x]
    used = [f for f, z in enumerate(sums.zz) if z.shape[1]]
    assert [m.shape[1] for m in M] == [
        sums.zz[f].shape[0] * sums.zz[f].shape[1] for f in used
    ] + [sums.n_fixed]
    found = np.hstack(M).T @ np.hstack(M)
    expected = full_products(sums, used)
    np.testing.assert_allclose(found, expected, atol=1e-9 * expected.max())
    assert noise.rank == np.linalg.matrix_rank(expected, tol=1e-7 * expected.max())
    assert drawn.square.sum() == noise.rank


def full_products(sums, used) -> np.ndarray:
    """M'M from the cross-products of a fit."""
    sizes = [sums.zz[f].shape[0] * sums.zz[f].shape[1] for f in used] + [sums.n_fixed]
    at = np.concatenate([[0], np.cumsum(sizes)])
    out = np.zeros((at[-1], at[-1]))
    for i, f in enumerate(used):
        m, k = sums.zz[f].shape[:2]
        here = slice(at[i], at[i + 1])
        for level in range(m):
            own = slice(at[i] + level * k, at[i] + (level + 1) * k)
            out[own, own] = sums.zz[f][level]
        out[here, at[-2] :] = sums.zx[f].reshape(m * k, -1)
        for j in range(i + 1, len(used)):
            out[here, at[j] : at[j + 1]] = sums.pairs[f, used[j]].toarray()
    out[at[-2] :, at[-2] :] = sums.xx
    return np.triu(out) + np.triu(out, 1).T
