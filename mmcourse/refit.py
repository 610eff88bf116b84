"""Fit the model of a `Fit` to other responses of the same rows.

Layer: arrays only. The columns' own products are not formed again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.conditioning import chunks
from mmcourse.criterion import with_response
from mmcourse.crossproducts import Factor, ResponseProducts
from mmcourse.fit import Fit, ModelArrays, estimate, record
from mmcourse.prepare import Products
from mmcourse.replicates import Refits, part, take
from mmcourse.responses import form_responses
from mmcourse.search import Found

Array = NDArray[np.float64]

# Projections of y: the first leaves rounding of a large mean, and a little more where
# columns are nearly redundant.
ROUNDS = 3


def refit(fit: Fit, arrays: ModelArrays) -> Fit:
    """Fit the same model, by the same criterion, to the response held in `arrays`."""
    w = arrays.weights_in(fit.products.unit)
    coef, left = _least_squares(fit, arrays, w)
    response = part(products_of(fit, arrays, left[None]), 0)
    total = float(arrays.y @ (arrays.y if w is None else arrays.y * w))
    products = replace(
        fit.products,
        sums=fit.products.sums.with_response(response),
        least_squares=coef,
        total_square=total,
    )
    return estimate(products, with_response(fit.problem, products.sums))


def products_of(fit: Fit, arrays: ModelArrays, Y: Array) -> ResponseProducts:
    """Products of responses Y (s, n) with the conditioned columns of the fit."""
    slots = fit.products.cov.slots
    factors = tuple(
        Factor(
            codes,
            m,
            tuple(
                (term.columns, slot.basis)
                for term, slot in zip(arrays.terms, slots, strict=True)
                if term.factor == f
            ),
        )
        for f, (codes, m) in enumerate(zip(arrays.codes, arrays.n_levels, strict=True))
    )
    w = arrays.weights_in(fit.products.unit)
    return form_responses(Y, arrays.X, fit.products.basis, factors, w)


def nth_fit(
    fit: Fit, refits: Refits, response: ResponseProducts, i: int, total: float
) -> Fit:
    """Return one of a batch of refits as a `Fit`.

    The responses are those of the batch, X beta taken out; `total` is the weighted
    square of the i-th with it.
    """
    at = fit.evaluation.root.beta + fit.products.least_squares
    problem = replace(refits.problem, form=take(refits.problem, np.array(i)).form)
    products: Products = replace(
        fit.products,
        sums=fit.products.sums.with_response(part(response, i)),
        cov=problem.cov,
        least_squares=at,
        total_square=total,
    )
    status = str(refits.status[i])
    found = Found(problem, refits.theta[i], status, refits.n_evaluations)
    return record(products, found)


def _least_squares(
    fit: Fit, arrays: ModelArrays, w: Array | None
) -> tuple[Array, Array]:
    """Coefficients (p,) of y on the conditioned columns, and what they leave of y."""
    basis, n = fit.products.basis, len(arrays.y)
    coef, left = np.zeros(basis.rank), arrays.y.copy()
    for _ in range(ROUNDS):
        weighted = left if w is None else left * w
        step = np.zeros(basis.rank)
        for rows in chunks(*arrays.X.shape):
            step += weighted[rows] @ basis.apply(arrays.X[rows])
        step /= n  # C'WC is n times the identity, nearly
        for rows in chunks(*arrays.X.shape):
            left[rows] -= basis.apply(arrays.X[rows]) @ step
        coef += step
    return coef, left
