"""Compare a table with the one that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import close


def check_table(
    name: str,
    answer: Any,
    *expected: pd.DataFrame,
    rtol: float = 1e-3,
    mistakes: Mapping[str, pd.DataFrame] | None = None,
) -> Finding:
    """Compare a table of numbers with the expected one.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : DataFrame
        What it holds; rows in any order, further columns don't matter.
    *expected : DataFrame
        The right table; with several, any of them will do.
    rtol : float
        Relative tolerance.
    mistakes : mapping
        Sentence to the table that comes about by this mistake.

    Returns
    -------
    Finding
        With the share of cells that are right as its credit, at most one half.

    Examples
    --------
    >>> right = pd.DataFrame({"lower": [1.0, 2.0]}, index=["a", "b"])
    >>> check_table("ci", right.iloc[::-1], right).credit
    1.0
    >>> check_table("ci", right.iloc[:1], right).hint
    '`ci` has no row b.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    if not isinstance(answer, pd.DataFrame):
        return Finding(f"`{name}` is a {type(answer).__name__}, not a DataFrame.")
    if any(agreement(answer, table, rtol) == 1 for table in expected):
        return RIGHT
    for sentence, table in (mistakes or {}).items():
        if agreement(answer, table, rtol) == 1:
            return Finding(sentence)
    want = expected[0]
    for what, have, need in (
        ("row", answer.index, want.index),
        ("column", answer.columns, want.columns),
    ):
        lost = [str(label) for label in need if label not in have]
        if lost:
            return Finding(f"`{name}` has no {what} {lost[0]}.")
    share = agreement(answer, want, rtol)
    text = f"`{name}` has the right form, but not all of its numbers are right."
    return Finding(text, min(0.5, share))


def agreement(answer: pd.DataFrame, want: pd.DataFrame, rtol: float) -> float:
    """Return the share of cells that agree; 0 when labels are missing.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0]})
    >>> agreement(table.replace(2.0, 3.0), table, 1e-3)
    0.5
    """
    rows_there = want.index.isin(answer.index).all() and answer.index.is_unique
    if not (rows_there and want.columns.isin(answer.columns).all()):
        return 0.0
    got = answer.loc[want.index, want.columns].to_numpy()
    pairs = zip(got.ravel(), want.to_numpy().ravel(), strict=True)
    return float(np.mean([close(a, b, rtol) for a, b in pairs]))
