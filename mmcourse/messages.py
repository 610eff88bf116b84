"""The sentences that go with a fit: what a reader of its numbers should know.

Layer: above `fit` and `design`. Each sentence says what was found, then what to do.
"""

from __future__ import annotations

import numpy as np

from mmcourse.covariance import TermSlot
from mmcourse.crossproducts import CrossProducts
from mmcourse.design import Design, TermColumns
from mmcourse.design.selection import pieces
from mmcourse.errors import STATUS
from mmcourse.fit import Fit
from mmcourse.memory import GIB, TooLarge

# Of the products of a term's columns: what rounding may make of equal ones.
SAME_COLUMNS = 1e-12


def all_messages(design: Design, fit: Fit) -> list[str]:
    """Collect every message of a fit: data, design, search, result, in this order."""
    out = list(design.messages)
    if len(fit.kept) < design.X.shape[1]:
        out.append(rank_text(design, fit))
    out += _redundant_effects(design, fit)
    if fit.status in ("max_evaluations", "stalled"):
        out.append(status_text(fit))
    if fit.no_residual:
        out.append(_no_residual_text(design))
    elif fit.singular_terms:
        out += _singular_texts(design, fit)
    out += _duplicate_texts(design, fit)
    return out


def memory_text(design: Design, error: TooLarge) -> str:
    """Say which grouping factors make a fit too large for the memory."""
    names = " and ".join(repr(design.groupings[f].name) for f in error.factors)
    return (
        f"this model needs about {error.needed / GIB:.1f} GiB of memory, and "
        f"{error.available / GIB:.1f} GiB are free: the {error.size} random effects of "
        f"{names} are crossed with those of another grouping factor, so every pair of "
        "them counts.\n"
        "  Leave out levels with few rows, fit on part of the data, or use a machine "
        "with more memory."
    )


def rank_text(design: Design, fit: Fit) -> str:
    """Which fixed columns were left out."""
    left = [n for i, n in enumerate(design.fixed_names) if i not in fit.kept]
    many = len(left) > 1
    return (
        f"{len(left)} column{'s' if many else ''} of the fixed effects "
        f"{'are' if many else 'is'} a combination of the others and "
        f"{'were' if many else 'was'} left out: {', '.join(left)}. The fit is that of "
        f"the model without {'them' if many else 'it'}."
    )


def status_text(fit: Fit) -> str:
    """Say what a status other than `converged` means."""
    return STATUS[fit.status].format(n_evaluations=fit.n_evaluations)


def _no_residual_text(design: Design) -> str:
    return (
        f"the model leaves nothing of {design.response_name!r} unexplained: the "
        "residual variance is 0, or too small to be told from rounding, so standard "
        "errors and intervals mean nothing. Check whether the response is constant, or "
        "computed from columns of the model."
    )


def _redundant_effects(design: Design, fit: Fit) -> list[str]:
    """Random terms some of whose columns are combinations of others."""
    out = []
    for term, slot in zip(design.terms, fit.products.cov.slots, strict=True):
        if slot.rank < slot.n_user:
            left = [n for i, n in enumerate(term.names) if i not in slot.basis.kept]
            out.append(_redundant_text(term, left))
    return out


def _redundant_text(term: TermColumns, left: list[str]) -> str:
    """One term's redundant effects in words."""
    if len(left) > 1:
        return (
            f"in {term.text} the effects {', '.join(left)} are combinations of the "
            "others (or zero): their variances are not determined by the data and are "
            "set to 0."
        )
    return (
        f"in {term.text} the effect {left[0]} is a combination of the others (or "
        "zero): its variance is not determined by the data and is set to 0."
    )


def _singular_texts(design: Design, fit: Fit) -> list[str]:
    """Which variances are zero, which correlations +-1, term by term."""
    out = []
    relative = fit.relative_covariances()
    for i in fit.singular_terms:
        slot = fit.products.cov.slots[i]
        if slot.rank == slot.n_user:
            cov = relative[i] * fit.products.unit
            squares = np.diag(fit.products.squares[i])
            out.append(_singular_text(design.terms[i], cov, squares))
    return out


def _singular_text(term: TermColumns, relative: np.ndarray, squares: np.ndarray) -> str:
    """One term's boundary in words; `squares`: mean squares of its columns."""
    sd = np.sqrt(np.diag(relative))
    # What an effect adds to a row, over sigma: no matter in what units its column is.
    size = sd * np.sqrt(squares)
    zero = [name for name, s in zip(term.names, size, strict=True) if s < 1e-4]
    advice = "The fit is usable, but the data do not support that term"
    if zero:
        names = " and ".join(repr(name) for name in zero)
        return (
            f"boundary fit: the sd of {names} within {term.group!r} is estimated as "
            f"0. {advice}; compare with a model without it."
        )
    if len(sd) == 2:
        corr = relative[0, 1] / (sd[0] * sd[1])
        return (
            f"boundary fit: the correlation of {term.names[0]!r} and "
            f"{term.names[1]!r} within {term.group!r} is estimated as {round(corr)}. "
            f"{advice}; compare with a model without it."
        )
    return (
        f"boundary fit: the covariance of the effects in {term.text} has less than "
        f"full rank. {advice}; compare with fewer effects or with '||'."
    )


def _duplicate_texts(design: Design, fit: Fit) -> list[str]:
    """Pairs of terms on the same groups that have the same columns."""
    out = []
    slots = fit.products.cov.slots
    for i, a in enumerate(design.terms):
        for j, b in enumerate(design.terms[i + 1 :], i + 1):
            same = pieces(a.group) == pieces(b.group)
            if same and _are_same(slots[i], slots[j], fit.products.sums):
                again = "" if a.text == b.text else f", the other time as {b.text}"
                out.append(
                    f"the term {a.text} occurs twice{again}: only the sum of the two "
                    "variances is determined by the data. Leave one out."
                )
    return out


def _are_same(a: TermSlot, b: TermSlot, sums: CrossProducts) -> bool:
    """Whether the columns of two terms are equal; their products over all rows tell."""
    if not np.array_equal(a.basis.to_user, b.basis.to_user):
        return False
    one, other = (slice(slot.first, slot.first + slot.rank) for slot in (a, b))
    within_a = sums.zz[a.factor].sum(axis=0)[one, one]
    within_b = sums.zz[b.factor].sum(axis=0)[other, other]
    across = _products_of(a.factor, b.factor, sums)[one, other]
    near = SAME_COLUMNS * np.trace(within_a)
    return all(np.allclose(within_a, x, rtol=0, atol=near) for x in (within_b, across))


def _products_of(f: int, g: int, sums: CrossProducts) -> np.ndarray:
    """Products of the columns of two factors over all rows, (k_f, k_g)."""
    if f == g:
        return np.asarray(sums.zz[f].sum(axis=0))
    if f > g:
        return _products_of(g, f, sums).T
    k_f, k_g = sums.zz[f].shape[1], sums.zz[g].shape[1]
    pair = sums.pairs[f, g].tocoo()
    out = np.zeros((k_f, k_g))
    np.add.at(out, (pair.coords[0] % k_f, pair.coords[1] % k_g), pair.data)
    return out
