"""The rows that a model uses: its columns read, incomplete rows dropped.

Layer: pandas in, named arrays out.

Conventions
    n rows used of n_given. A row is dropped if any column of the model misses a value
    in it: response, fixed, random, grouping, weights or offset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mmcourse.design.frames import take
from mmcourse.design.given import row_values
from mmcourse.design.grouping import Coded, encode
from mmcourse.design.plans import Plans
from mmcourse.design.values import (
    LARGEST,
    Array,
    Column,
    Mask,
    check_finite,
    missing_in,
    read_column,
    some_rows,
)
from mmcourse.errors import DesignError, listing

# The sum of larger weights may leave the range of a float.
LARGEST_WEIGHT = 1e290

Given = str | ArrayLike | None


@dataclass(frozen=True, slots=True, eq=False)
class UsedRows:
    """The columns of a model in the rows used.

    Attributes
    ----------
    values : dict of name -> array (n,) or Coded
        Columns of the expressions.
    groups : dict of name -> Coded
        Grouping columns.
    weights, offset : array (n,), or None
        The arguments.
    index : Index, (n,)
    n_given : int
    missing : dict of name -> int
        Rows in which a column has no value.
    casts : dict of name -> str
        Type of the columns whose numbers `C()` makes a factor of.
    keep : array of bool (n_given,), or None
        Which rows are used; None where all are.
    is_part : bool
        Whether there are more rows than these.
    """

    values: dict[str, Column]
    groups: dict[str, Coded]
    weights: Array | None
    offset: Array | None
    index: pd.Index
    n_given: int
    missing: dict[str, int]
    casts: dict[str, str]
    keep: Mask | None = None
    is_part: bool = False

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.index)


def read_used(
    plans: Plans, data: Any, weights: Given, offset: Given, missing: str
) -> UsedRows:
    """Read a model's columns and drop the rows in which one has no value.

    Parameters
    ----------
    plans : Plans
    data : data frame
    weights, offset : str, array or None
    missing : {"drop", "raise"}

    Raises
    ------
    DesignError
        If no row is left, a value is infinite, a weight is not positive, or a value is
        missing and `missing` is "raise".

    Examples
    --------
    >>> from mmcourse.formula import parse
    >>> from mmcourse.design.plans import make_plans
    >>> frame = pd.DataFrame({"y": [1.0, None, 3.0], "g": ["a", "b", "b"]})
    >>> plans = make_plans(parse("y ~ 1 + (1 | g)"), frame, {})
    >>> rows = read_used(plans, frame, None, None, "drop")
    >>> rows.values["y"].tolist(), rows.missing
    ([1.0, 3.0], {'y': 1})
    """
    rows = read_complete(plans, data, weights, offset)
    check_missing(rows.missing, rows.n_given, rows.n, missing)
    if rows.weights is not None:
        check_weights(rows.weights, rows.index)
    return rows


def read_complete(
    plans: Plans,
    data: Any,
    weights: Given,
    offset: Given,
    labels: Collection[str] | None = None,
) -> UsedRows:
    """Read the complete rows of a frame or of a chunk of it, of which none may be.

    Parameters
    ----------
    labels : set of str, optional
        The variables that hold labels, if that is known from other chunks. A column
        without any value in this one does not tell.
    """
    named = [v for v in (weights, offset) if isinstance(v, str)]
    frame = take(data, [*plans.variables, *plans.factors, *named])
    values = {name: _variable(frame[name], labels) for name in plans.variables}
    groups = {name: _group(name, values, frame) for name in plans.factors}
    extra = {
        what: row_values(given, frame, what)
        for what, given in (("weights", weights), ("offset", offset))
        if given is not None
    }
    counts, keep = _missing_rows([*values.items(), *groups.items(), *extra.values()])
    index = frame.index if keep is None else frame.index[keep]
    kept = {what: _keep(column, keep) for what, (_, column) in extra.items()}
    for name, column in [*values.items(), *extra.values()]:
        if not isinstance(column, Coded):
            check_finite(_keep(column, keep), name, index)
    casts = _casts(plans, frame)
    return UsedRows(
        values={k: _cast(_used(v, keep), casts.get(k)) for k, v in values.items()},
        groups={k: v.rows(keep) for k, v in groups.items()},
        weights=kept.get("weights"),
        offset=kept.get("offset"),
        index=index,
        n_given=len(frame),
        missing=counts,
        casts=casts,
        keep=keep,
        is_part=labels is not None,
    )


def _variable(series: pd.Series, labels: Collection[str] | None) -> Column:
    """Read a column of an expression."""
    if labels is None or not series.isna().all():
        return read_column(series)
    return encode(series) if series.name in labels else np.full(len(series), np.nan)


def _group(name: str, values: dict[str, Column], frame: pd.DataFrame) -> Coded:
    """Code a grouping column, unless that is done already."""
    known = values.get(name)
    return known if isinstance(known, Coded) else encode(frame[name])


def _missing_rows(
    columns: Iterable[tuple[str, Column]],
) -> tuple[dict[str, int], Mask | None]:
    """Rows without a value per column, and the rows that have them all."""
    counts: dict[str, int] = {}
    keep: Mask | None = None
    for name, column in columns:
        lost = missing_in(column)
        if lost is not None:
            counts[name] = int(lost.sum())
            keep = ~lost if keep is None else keep & ~lost
    return counts, keep


def check_missing(counts: dict[str, int], n_given: int, n: int, missing: str) -> None:
    """Refuse missing values if told to, and data without a complete row."""
    if n == n_given:
        return
    where = listing(f"{name} ({count})" for name, count in counts.items())
    if missing == "raise":
        raise DesignError(
            f"{n_given - n} of {n_given} rows miss a value, in {where}.\n"
            "  Fill them in, or drop these rows with missing='drop'."
        )
    if not n:
        raise DesignError(
            f"none of the {n_given} rows is complete: values are missing in {where}.\n"
            "  Leave a column out of the model, or fill in its values."
        )


def _keep(column: Array, keep: Mask | None) -> Array:
    return column if keep is None else column[keep]


def _used(column: Column, keep: Mask | None) -> Column:
    """Keep the rows used of a column, with the levels that occur in them."""
    return column.rows(keep) if isinstance(column, Coded) else _keep(column, keep)


def check_weights(weights: Array, index: pd.Index) -> None:
    """Refuse weights that are not positive, or too far apart to be added."""
    smallest, largest = float(weights.min()), float(weights.max())
    if smallest < 0:
        raise DesignError(
            f"weights are negative in {some_rows(index[weights < 0])}.\n"
            "  A weight w says that the residual variance is sigma^2 / w, so it "
            "is positive."
        )
    if smallest == 0:
        raise DesignError(
            f"weights are zero in {some_rows(index[weights == 0])}. Zero weights are "
            "refused, because such a row has an infinite variance.\n"
            "  Drop these rows, or give them a missing weight."
        )
    check_weight_range(smallest, largest)


def check_weight_range(smallest: float, largest: float) -> None:
    """Refuse weights that are too far apart to be added."""
    if largest / LARGEST > smallest or largest > LARGEST_WEIGHT:
        raise DesignError(
            f"weights lie between {smallest:.3g} and {largest:.3g}: they are too large "
            "or too far apart to compute with.\n"
            "  Divide them by a power of 10, or drop the rows whose weight is next to "
            "nothing beside the others."
        )


def _casts(plans: Plans, frame: pd.DataFrame) -> dict[str, str]:
    """Types of the integers and booleans that `C()` names levels by."""
    out = {}
    for name in {name for plan in plans.all for name in plan.exact}:
        dtype = frame[name].dtype
        if pd.api.types.is_bool_dtype(dtype):
            out[name] = "bool"
        elif pd.api.types.is_integer_dtype(dtype):
            out[name] = "int64"
    return out


def _cast(column: Column, dtype: str | None) -> Column:
    """Give numbers the type that `C()` names levels by."""
    if dtype is None or isinstance(column, Coded):
        return column
    return column.astype(dtype)
