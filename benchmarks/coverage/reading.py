"""Looking up counts, and saying whether a share is what it should be."""

from __future__ import annotations

import math
from typing import Any

Row = dict[str, Any]

# Shares further from the nominal one than this many standard errors are called
# different: one in a hundred would be so by chance.
Z = 2.576


def share(count: float, n: int) -> str:
    """Show a share of n in percent, with one decimal.

    Examples
    --------
    >>> share(1899, 2000)
    '95.0'
    """
    return f"{100 * count / n:.1f}"


def share_error(p: float, n: int) -> float:
    """Return the Monte-Carlo standard error of a share p of n.

    Examples
    --------
    >>> round(share_error(0.95, 2000), 4)
    0.0049
    """
    return math.sqrt(p * (1 - p) / n)


def verdict(p: float, nominal: float, se: float) -> int:
    """Return -1, 0 or 1: too small, as it should be to Monte-Carlo error, too large.

    Examples
    --------
    >>> verdict(0.90, 0.95, 0.005), verdict(0.951, 0.95, 0.005)
    (-1, 0)
    """
    if abs(p - nominal) <= Z * se:
        return 0
    return 1 if p > nominal else -1


def held(level: float, n_draws: int) -> float:
    """Return what an interval between quantiles of draws holds on average.

    Between the k-th smallest and the k-th largest of n draws lies n + 1 - 2 k parts of
    n + 1 of their distribution; R's quantiles (type 7) take k = 1 + (n - 1) (1 - level)
    / 2.

    Examples
    --------
    >>> round(held(0.95, 1000), 4)
    0.9481
    """
    return level * (n_draws - 1) / (n_draws + 1)


def covers(row: Row, nominal: float = 0.95) -> int:
    """Return the verdict on a row of counted intervals."""
    p = row["covered"] / row["n"]
    return verdict(p, nominal, share_error(nominal, row["n"]))


def rejects(row: Row, nominal: float = 0.05) -> int:
    """Return the verdict on a row of counted rejections."""
    p = row["rejected"] / row["n"]
    return verdict(p, nominal, share_error(nominal, row["n"]))


def select(rows: list[Row], **wanted: Any) -> list[Row]:
    """Return the rows that have these values.

    Examples
    --------
    >>> select([{"a": 1, "b": 2}, {"a": 1, "b": 3}], a=1, b=3)
    [{'a': 1, 'b': 3}]
    """
    return [r for r in rows if all(r[k] == v for k, v in wanted.items())]


def one(rows: list[Row], **wanted: Any) -> Row:
    """Return the only row that has these values."""
    (row,) = select(rows, **wanted)
    return row


def kind(parameter: str) -> str:
    """Return "sd", "sigma" or "fixed" for a name of `confint`."""
    if parameter == "sigma":
        return "sigma"
    return "sd" if parameter.startswith("sd_") else "fixed"


def joined(words: list[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
