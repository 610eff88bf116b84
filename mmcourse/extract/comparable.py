"""Which models' likelihoods can be compared, and what tells them apart."""

from __future__ import annotations

import numpy as np

from mmcourse.errors import InferenceError, listing
from mmcourse.model import MixedModel

# Sums over the same rows, in chunks of other sizes, agree to this.
SAME_SUM = 1e-9


def check_same_data(models: dict[str, MixedModel]) -> None:
    """Refuse models of different rows, responses or weights.

    Raises
    ------
    InferenceError
        With the names of two that differ.
    """
    (first, a), *others = models.items()
    for name, b in others:
        if a.n_obs != b.n_obs:
            raise InferenceError(
                f"{first} was fitted to {a.n_obs} rows and {name} to {b.n_obs}, so "
                "their likelihoods are of different data.\n"
                "  Drop the rows that miss a value in any column of either model, then "
                "fit both again."
            )
        if not _same_weights(a, b):
            raise InferenceError(
                f"{first} and {name} have different weights, so their likelihoods are "
                "of different models of the residuals.\n"
                "  Fit both with the same weights."
            )
        one, two = a.design.response_name, b.design.response_name
        if not _same_response(a, b):
            raise InferenceError(_response_text(first, name, one, two))


def _response_text(first: str, second: str, one: str, two: str) -> str:
    """Say that two responses differ."""
    if one != two:
        return (
            f"the response of {first} is {one!r} and that of {second} is {two!r}: "
            "likelihoods of different responses can't be compared.\n"
            "  Fit both to the same response."
        )
    return (
        f"{first} and {second} were fitted to different values of {one!r}, in other "
        "rows or in another order, so their likelihoods are of different data.\n"
        "  Fit both to the same data frame."
    )


def _have_rows(a: MixedModel, b: MixedModel) -> bool:
    """Whether both models kept their rows; those read in chunks did not."""
    return a.design.has_rows and b.design.has_rows


def _same_response(a: MixedModel, b: MixedModel) -> bool:
    """Whether two models have the same response in the same rows."""
    if _have_rows(a, b):
        return np.array_equal(a.design.y, b.design.y)
    if a.design.response_name != b.design.response_name:
        return False
    if _has_offset(a) or _has_offset(b):
        return True  # of the sums, the offset is taken out already
    one, two = (m.fit.products.total_square * m.fit.products.unit for m in (a, b))
    return bool(np.isclose(one, two, rtol=SAME_SUM, atol=0))


def _has_offset(model: MixedModel) -> bool:
    memory = model.design.memory
    return bool(memory.offsets) or memory.offset_column is not None


def _same_weights(a: MixedModel, b: MixedModel) -> bool:
    """Whether two models weigh the rows alike; no weights are weights of 1."""
    if not _have_rows(a, b):
        near = SAME_SUM * a.n_obs
        return abs(_sum_of_logs(a) - _sum_of_logs(b)) <= near
    v, w = a.design.weights, b.design.weights
    if v is None and w is None:
        return True
    # An array is compared with 1 where the other model has no weights.
    one, two = (np.float64(1.0) if x is None else x for x in (v, w))
    return bool(np.all(one == two))


def _sum_of_logs(model: MixedModel) -> float:
    """Sum of the logarithms of the weights."""
    products = model.fit.products
    return products.sums.sum_log_weights + model.n_obs * float(np.log(products.unit))


def different_effects(models: dict[str, MixedModel]) -> str:
    """Say how the fixed parts differ; an empty text where they are the same."""
    (first, a), *others = models.items()
    for name, b in others:
        ours, theirs = a.fixed_names, b.fixed_names
        only_a = [effect for effect in ours if effect not in theirs]
        only_b = [effect for effect in theirs if effect not in ours]
        if only_a or only_b:
            parts = [
                f"only {model} has {listing(map(repr, effects), 5)}"
                for model, effects in ((first, only_a), (name, only_b))
                if effects
            ]
            return ", ".join(parts)
        if not _same_columns(a, b):
            return f"columns of {first} and {name} have the same names, other values"
    return ""


def _same_columns(a: MixedModel, b: MixedModel) -> bool:
    """Whether two models with effects of the same names have the same columns.

    Without rows the names have to do.
    """
    if not _have_rows(a, b):
        return True
    places = [b.fixed_names.index(name) for name in a.fixed_names]
    for i, j in zip(a.fit.kept, places, strict=True):
        if not np.array_equal(a.design.X[:, i], b.design.X[:, b.fit.kept[j]]):
            return False
    return True
