"""Compare a column of numbers with the one that was asked for, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import Mistake, close, first


def check_values(
    name: str,
    answer: Any,
    expected: Any,
    *,
    rtol: float = 1e-6,
    mistakes: Sequence[Mistake] = (),
) -> Finding:
    """Compare many numbers with the expected ones, in their order.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : array, Series or list
        What it holds.
    expected : array-like
        The right numbers.
    rtol : float
        Relative tolerance.
    mistakes : sequence of Mistake
        What may have gone wrong; they compare arrays.

    Returns
    -------
    Finding

    Examples
    --------
    >>> check_values("x", [2.0, 1.0], [1.0, 2.0]).hint
    '`x` has the right numbers in another order.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    try:
        got = np.asarray(answer, dtype=float).ravel()
    except (TypeError, ValueError):
        return Finding(f"`{name}` holds something that is no number.")
    want = np.asarray(expected, dtype=float).ravel()
    if len(got) != len(want):
        return Finding(f"`{name}` has {len(got)} numbers; {len(want)} are asked for.")
    if close(got, want, rtol):
        return RIGHT
    if close(np.sort(got), np.sort(want), rtol):
        return Finding(f"`{name}` has the right numbers in another order.", 0.5)
    told = first(mistakes, got, want)
    return told or Finding(f"`{name}` has other numbers than those asked for.")
