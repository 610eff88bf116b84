"""Compare a number with the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import Mistake, close, first


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
    >>> from mmcourse.checks.wrong_numbers import rest_for_share
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
        return Finding(f"`{name}` is {kind_of(answer)}, not a number.")
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


def kind_of(answer: Any) -> str:
    """Say what an answer is.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_of(pd.Index([1, 2])), kind_of({}), kind_of(0.5)
    ('an Index with 2 values', 'a dict', 'one number')
    """
    if to_number(answer) is not None:
        return "one number"
    size = getattr(answer, "size", None)
    many = f" with {size} values" if isinstance(size, int | np.integer) else ""
    name = type(answer).__name__
    return f"a{'n' * (name[0] in 'AEIO')} {name}{many}"


def _rounded(name: str, expected: float) -> Mistake:
    """Return the mistake of too few digits."""
    return Mistake(
        f"`{name}` agrees as far as it goes, but it was rounded. Keep all digits.",
        lambda got, want: is_rounded(got, expected),
        credit=0.5,
    )


def is_rounded(got: Any, want: Any) -> bool:
    """Return whether numbers are others, rounded, and within 5 % of them.

    Examples
    --------
    >>> is_rounded(0.59, 0.58931), is_rounded(0.58, 0.58931), is_rounded(1.0, 0.58931)
    (True, False, False)
    """
    near = close(got, want, 0.05)
    return near and any(close(got, np.round(want, k), 1e-12) for k in range(-3, 6))
