"""The function of practice sheet p2: right, and wrong in known ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.findings import Finding
from mmcourse.checks.functions import check_function


def one_sided(residuals: pd.Series, groups: pd.Series) -> int:
    """Return how many groups have residuals on one side of 0 only.

    Examples
    --------
    >>> one_sided(pd.Series([1, -1, 2, 3]), pd.Series(["a", "a", "b", "b"]))
    1
    """
    return int(_part_above(residuals, groups).isin([0, 1]).sum())


def _part_above(residuals: pd.Series, groups: pd.Series) -> pd.Series:
    """Share of residuals above 0, a row a group."""
    return (residuals > 0).groupby(groups).mean()


def _above(residuals: pd.Series, groups: pd.Series) -> int:
    return int((_part_above(residuals, groups) == 1).sum())


def _below(residuals: pd.Series, groups: pd.Series) -> int:
    return int((_part_above(residuals, groups) == 0).sum())


def _two_sided(residuals: pd.Series, groups: pd.Series) -> int:
    return groups.nunique() - one_sided(residuals, groups)


def _share(residuals: pd.Series, groups: pd.Series) -> float:
    return one_sided(residuals, groups) / groups.nunique()


def _none_or_six(residuals: pd.Series, groups: pd.Series) -> int:
    return int((residuals > 0).groupby(groups).sum().isin([0, 6]).sum())


def _rows(residuals: pd.Series, groups: pd.Series) -> int:
    part = _part_above(residuals, groups)
    return int(groups.map(part).isin([0, 1]).sum())


def _sixes(residuals: pd.Series, groups: pd.Series) -> int:
    return _in_blocks(residuals, 6)


def _equal_blocks(residuals: pd.Series, groups: pd.Series) -> int:
    return _in_blocks(residuals, len(residuals) // groups.nunique())


def _in_blocks(residuals: pd.Series, n_rows: int) -> int:
    """Count one-sided blocks of rows that follow each other, whatever their group."""
    above = residuals.to_numpy().reshape(-1, n_rows) > 0
    return int(np.isin(above.mean(axis=1), [0, 1]).sum())


WRONG_COUNTS: dict[str, Callable[..., Any]] = {
    "This counts the groups that lie wholly above 0. Do residuals agree in others, "
    "too?": _above,
    "This counts the groups that lie wholly below 0. Do residuals agree in others, "
    "too?": _below,
    "This counts the groups whose residuals don't agree. Which are left?": _two_sided,
    "This is a share of the groups; how many are they?": _share,
    "This counts rows. How many groups do they belong to?": _rows,
    "Groups of six rows are counted rightly. When does one of four lie on one side?": (
        _none_or_six
    ),
    "The rows were cut into blocks of six. Which column says what belongs together?": (
        _sixes
    ),
    "The rows were cut into equal blocks, as many as groups. Which column says what "
    "belongs together?": _equal_blocks,
}


def residuals_of(
    data: pd.DataFrame, x: str, y: str, group: str
) -> tuple[pd.Series, pd.Series]:
    """Return the residuals around one line for all rows, and the groups."""
    line = np.polyfit(data[x], data[y], 1)
    return data[y] - np.polyval(line, data[x]), data[group]


def check_count(function: Any, *cases: tuple[pd.Series, pd.Series]) -> Finding:
    """Compare a function with `one_sided`.

    Examples
    --------
    >>> rows = pd.Series([1] * 6 + [1, -1] * 3), pd.Series(["a"] * 6 + ["b"] * 6)
    >>> check_count(lambda residuals, groups: 6, rows).hint
    'This counts rows. How many groups do they belong to?'
    """
    return check_function(
        "one_sided", function, one_sided, cases, mistakes=WRONG_COUNTS
    )
