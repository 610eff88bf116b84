"""Is this the number? And the mistakes that make known wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import Mistake, close, first, value_is


def check_number(
    name: str,
    answer: Any,
    expected: float,
    *,
    rtol: float = 1e-3,
    mistakes: Sequence[Mistake] = (),
) -> Finding:
    """Compare a number with the expected one; the right number counts however found.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : object
        What it holds: a number, or an array, Series or frame that holds one.
    expected : float
        The right number.
    rtol : float
        Relative tolerance.
    mistakes : sequence of Mistake
        What may have gone wrong.

    Returns
    -------
    Finding

    Examples
    --------
    >>> check_number("share", 0.41, 0.59, mistakes=[rest_for_share(0.59)]).hint[:36]
    'This is the share of the other part:'
    >>> check_number("share", 0.59, 0.58931).hint
    '`share` agrees as far as it goes, but it was rounded. Keep all digits.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    got = to_number(answer)
    if got is None:
        return Finding(f"`{name}` is {_kind(answer)}, not a number.")
    if not np.isfinite(got):
        return Finding(f"`{name}` is {got}, which is no number to work with.")
    if close(got, expected, rtol):
        return RIGHT
    told = first([*mistakes, _rounded(name, expected)], got, expected)
    return told or Finding(f"`{name}` is {got:.4g}, which is not the number asked for.")


def to_number(answer: Any) -> float | None:
    """Return an answer as a number, None when it is none.

    Examples
    --------
    >>> to_number(np.array([[1.5]])), to_number("1.5"), to_number(True)
    (1.5, None, None)
    """
    if isinstance(answer, bool | str | bytes):
        return None
    try:
        array = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return None
    return float(array.reshape(-1)[0]) if array.size == 1 else None


def _kind(answer: Any) -> str:
    """What an answer is, in words."""
    size = getattr(answer, "size", None)
    many = f" with {size} values" if isinstance(size, int | np.integer) else ""
    return f"a {type(answer).__name__}{many}"


def _rounded(name: str, expected: float) -> Mistake:
    """The right number with too few digits; within 5 %, and one half of the credit."""
    return Mistake(
        f"`{name}` agrees as far as it goes, but it was rounded. Keep all digits.",
        lambda got, want: (
            close(got, expected, 0.05)
            and any(close(got, round(expected, k), 1e-12) for k in range(-3, 6))
        ),
        credit=0.5,
    )


def sd_for_variance(variance: float) -> Mistake:
    """A standard deviation where a variance was asked for."""
    return value_is(
        variance**0.5,
        "This is a standard deviation, and a variance is asked for.",
    )


def variance_for_sd(sd: float) -> Mistake:
    """A variance where a standard deviation was asked for."""
    return value_is(
        sd**2,
        "This is a variance, and a standard deviation is asked for: it has the unit "
        "of the outcome, not its square.",
    )


def percent_for_share(share: float) -> Mistake:
    """A percentage where a share was asked for."""
    return value_is(
        100 * share, "As a percentage it is right; a share is between 0 and 1.", 0.5
    )


def rest_for_share(share: float) -> Mistake:
    """What is left where the share was asked for."""
    return value_is(
        1 - share,
        "This is the share of the other part: of what differs inside of groups, or the "
        "other way round. Which of the variances stands on top?",
    )


def ratio_for_share(share: float) -> Mistake:
    """One variance over the other."""
    return value_is(
        share / (1 - share),
        "One variance was divided by the other. A share divides by the whole.",
    )


def sds_for_share(share: float) -> Mistake:
    """The share that comes from standard deviations."""
    between, within = share**0.5, (1 - share) ** 0.5
    return value_is(
        between / (between + within),
        "Standard deviations were added up. They don't add; what does?",
    )


def null_for_adjusted(share: float) -> Mistake:
    """The share of a model without covariates."""
    return value_is(
        share,
        "This is the share in a model without covariates. The one asked for is that of "
        "the model of this exercise.",
    )


def ml_for_reml(value: float) -> Mistake:
    """A number of the fit by maximum likelihood."""
    return value_is(
        value,
        "This number comes from a fit by maximum likelihood, which makes variances too "
        "small.",
        0.5,
    )


def flipped_sign(value: float) -> Mistake:
    """The right size, the other direction."""
    return value_is(
        -value,
        "The size is right, the direction is not: what is compared with what?",
        0.5,
    )


def population_for_conditional(value: float) -> Mistake:
    """The prediction of an average group where a certain one was asked for."""
    return value_is(
        value,
        "This is the prediction for an average group, without random effects. The "
        "exercise asks for a certain one, of which more is known.",
    )


def conditional_for_population(value: float) -> Mistake:
    """The prediction of a certain group where an average one was asked for."""
    return value_is(
        value,
        "This is the prediction for a group that is known. The exercise asks for an "
        "average one, without random effects.",
    )
