"""A model with fewer random effects, from the sufficient statistics of the larger one.

Layer: arrays only, above `fit`. The columns of a smaller term are combinations of those
of the larger: its cross-products are too, and no row is read again.

Conventions
    A factor's conditioned columns (k) become those of the smaller model (k') by
    Z' = Z B, with B (k, k') orthonormal within each term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.conditioning import REDUNDANT, Basis
from mmcourse.covariance import TermSlot, covariance_model
from mmcourse.criterion import build_criterion
from mmcourse.crossproducts import CrossProducts
from mmcourse.fit import Fit, estimate
from mmcourse.prepare import Products

Array = NDArray[np.float64]


def without_effects(fit: Fit, term: int, effects: Sequence[int]) -> Fit:
    """Fit the model in which some effects of a random term do not vary.

    Parameters
    ----------
    fit : Fit
    term : int
        In the order of theta.
    effects : sequence of int
        Columns of the term, in the user's basis; all of them to drop the term.
    """
    products, problem = _reduced(fit.products, term, effects), fit.problem
    smaller = build_criterion(
        products.sums,
        products.cov,
        problem.reml,
        products.basis.logdet_recover(),
        products.unit,
    )
    return estimate(products, smaller)


def _reduced(products: Products, term: int, effects: Sequence[int]) -> Products:
    """Statistics and covariance of the smaller model."""
    cov = products.cov
    maps: list[list[Array]] = [[] for _ in cov.n_cols]
    terms: list[tuple[int, Basis]] = []
    squares: list[Array] = []
    for i, slot in enumerate(cov.slots):
        kept = [j for j in range(slot.n_user) if i != term or j not in effects]
        wide = np.zeros((cov.n_cols[slot.factor], 0))
        if kept:
            B, basis = _smaller_basis(slot, kept)
            wide = np.zeros((cov.n_cols[slot.factor], B.shape[1]))
            wide[slot.place] = B
            terms.append((slot.factor, basis))
            squares.append(products.squares[i][np.ix_(kept, kept)])
        maps[slot.factor].append(wide)
    joined = [np.concatenate(own, axis=1) for own in maps]
    left = [f for f, B in enumerate(joined) if B.shape[1]]
    place = {f: i for i, f in enumerate(left)}
    kept_terms = [(place[f], basis) for f, basis in terms if f in place]
    return replace(
        products,
        sums=_transformed(products.sums, [joined[f] for f in left], left),
        cov=covariance_model(kept_terms, len(left)),
        squares=tuple(squares),
    )


def _smaller_basis(slot: TermSlot, kept: list[int]) -> tuple[Array, Basis]:
    """Return B (r, r') and the basis of a term's kept columns."""
    recover = slot.basis.recover[:, kept]  # the user's columns are Z @ recover
    left, size, right = np.linalg.svd(recover / _norms(recover), full_matrices=False)
    known = size > np.sqrt(REDUNDANT)
    B = left[:, known]
    ours = B.T @ recover
    to_user = (right[known].T / size[known]) / _norms(recover)[:, None]
    n = len(kept)
    basis = Basis(np.zeros(n), np.ones(n), to_user, to_user, ours, tuple(range(n)))
    return B, basis


def _norms(columns: Array) -> Array:
    """Length of each column, 1 for a column of zeros."""
    size = np.linalg.norm(columns, axis=0)
    return np.where(size > 0, size, 1.0)


def _transformed(
    sums: CrossProducts, maps: list[Array], left: list[int]
) -> CrossProducts:
    """Cross-products of the factors that are left, in the smaller columns."""
    place = {f: i for i, f in enumerate(left)}
    wide = [
        sparse.kron(sparse.eye_array(sums.zz[f].shape[0]), B, format="csr")
        for f, B in zip(left, maps, strict=True)
    ]
    pairs = {}
    for (a, b), pair in sums.pairs.items():
        if a in place and b in place:
            i, j = place[a], place[b]
            made = sparse.csr_array(wide[i].T @ pair @ wide[j])
            made.sort_indices()
            pairs[i, j] = made
    y = sums.response
    together = list(zip(left, maps, strict=True))
    return replace(
        sums,
        zz=tuple(B.T @ sums.zz[f] @ B for f, B in together),
        zx=tuple(B.T @ sums.zx[f] for f, B in together),
        pairs=pairs,
        response=replace(y, z=tuple(y.z[f] @ B for f, B in together)),
    )
