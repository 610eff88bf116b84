"""How the rows of a data set are grouped: levels, balance, nested or crossed.

Layer: above `design`, which reads the columns; no model is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design.frames import check_names, open_frame, take
from mmcourse.design.grouping import (
    Coded,
    Grouping,
    compress,
    encode,
    make_grouping,
    pair_keys,
)
from mmcourse.errors import DesignError, brief, listing, shown

COLUMNS = [
    *("group", "relation", "other"),
    *("n_levels", "fewest", "most", "balanced", "filled"),
]
EXAMPLE = "Write for example describe_structure(data, ['school', 'pupil'])."


def describe_structure(data: Any, groups: str | Sequence[str]) -> pd.DataFrame:
    """Describe how grouping factors cut up the rows, each alone and two by two.

    Parameters
    ----------
    data : data frame or dict of columns
        Holds the columns of the groups.
    groups : str or sequence of str
        Columns that define the groups, or combinations of columns such as "batch:cask".

    Returns
    -------
    DataFrame
        First a row per factor, then a row per pair:

        ======== ==========================================================
        group    the factor; of a nested pair the inner one
        relation "nested in", "crossed with", "partly crossed with",
                 "same as"; missing for a single factor
        other    the second factor; missing for a single factor
        n_levels levels that occur; of a pair, combinations that occur
        fewest   rows of the smallest of them
        most     rows of the largest
        balanced whether all have the same number of rows
        filled   part of all combinations that occurs, 0 to 1; missing for a
                 single factor
        ======== ==========================================================

    Raises
    ------
    TypeError
        If the data is no frame, or the groups are not given by name.
    DesignError
        If a column is missing or has missing values, or there are no rows.

    Notes
    -----
    *Nested*: each level of one factor occurs with a single level of the other.
    *Crossed*: all combinations occur. *Partly crossed*: some do, and they are not
    nested. A pair is balanced if its combinations and both factors are; partly crossed
    ones never are, since a combination without rows has fewer than the others.

    Labels that are used again say nothing about which objects are the same: casks a, b
    and c of every batch look crossed with the batches. Name the combination then.

    Examples
    --------
    >>> import mmcourse as mm
    >>> table = mm.describe_structure(mm.load("pastes"), ["sample", "batch"])
    >>> table[["group", "relation", "other", "n_levels", "balanced"]].tail(1)
        group   relation  other  n_levels  balanced
    2  sample  nested in  batch        30      True
    """
    frame = open_frame(data)
    factors = _read(frame, _names(groups))
    rows = [_alone(factor) for factor in factors]
    rows += [_together(a, b) for a, b in combinations(factors, 2)]
    out = pd.DataFrame(rows, columns=COLUMNS)
    return out.astype({name: object for name in COLUMNS[:3]})


def _names(groups: Any) -> list[str]:
    """Names of the factors as a list."""
    names = [groups] if isinstance(groups, str) else groups
    try:
        names = list(names)
    except TypeError:
        names = [names]
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise TypeError(
            f"groups has {brief(wrong[0])}; a grouping factor is given by the name of "
            f"its column. {EXAMPLE}"
        )
    if not names:
        raise DesignError(f"groups names no column. {EXAMPLE}")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise DesignError(
            f"groups names {listing(map(shown, twice))} more than once. "
            "Name each factor once."
        )
    return names


def _read(frame: Any, names: list[str]) -> list[Grouping]:
    """Return the factors, coded; a name that is no column may be a combination."""
    parts = {
        name: (name,)
        if name in frame.columns
        else tuple(map(str.strip, name.split(":")))
        for name in names
    }
    wanted = list(dict.fromkeys(part for own in parts.values() for part in own))
    check_names(wanted, frame, "the list of groups")
    if not len(frame):
        raise DesignError("the data has no rows, so there is no structure to describe.")
    pandas = take(frame, wanted)
    columns = {name: encode(pandas[name]) for name in wanted}
    _check_complete(columns)
    columns = {name: column.rows(None) for name, column in columns.items()}
    return [
        make_grouping(own, [columns[name] for name in own]) for own in parts.values()
    ]


def _check_complete(columns: dict[str, Coded]) -> None:
    """Refuse rows without a group."""
    missing = {name: int((column.codes < 0).sum()) for name, column in columns.items()}
    missing = {name: count for name, count in missing.items() if count}
    if missing:
        n = len(next(iter(columns.values())).codes)
        where = listing(f"{name} ({count})" for name, count in missing.items())
        raise DesignError(
            f"of {n} rows some belong to no group; values are missing in {where}.\n"
            "  Drop these rows with data.dropna(subset=[...]), or give them a label of "
            "their own."
        )


def _alone(factor: Grouping) -> dict[str, Any]:
    """Row of one factor."""
    counts = np.bincount(factor.codes)
    return {"group": factor.name, **_sizes(counts)}


def _together(a: Grouping, b: Grouping) -> dict[str, Any]:
    """Row of a pair of factors."""
    counts = np.bincount(compress(pair_keys(a.codes, b.codes, len(b.levels)))[0])
    relation = _relation(len(counts), len(a.levels), len(b.levels))
    if relation == "nested in" and len(counts) == len(b.levels):
        a, b = b, a
    row = {"group": a.name, "relation": relation, "other": b.name, **_sizes(counts)}
    factors = all(_alone(factor)["balanced"] for factor in (a, b))
    row["balanced"] &= factors and relation != "partly crossed with"
    row["filled"] = len(counts) / (len(a.levels) * len(b.levels))
    return row


def _relation(n_pairs: int, n_a: int, n_b: int) -> str:
    """Relation of two factors, from the number of combinations that occur."""
    if n_pairs in (n_a, n_b):
        return "same as" if n_a == n_b else "nested in"
    return "crossed with" if n_pairs == n_a * n_b else "partly crossed with"


def _sizes(counts: NDArray[np.intp]) -> dict[str, Any]:
    """Count groups and their rows."""
    fewest, most = int(counts.min()), int(counts.max())
    return {
        "n_levels": len(counts),
        "fewest": fewest,
        "most": most,
        "balanced": fewest == most,
    }
