"""`weights` and `offset` as a caller gives them: a column, an array or a Series.

Layer: pandas, no formula; above `frames`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mmcourse.design.frames import check_names
from mmcourse.design.values import Array, is_numeric, numbers, some_rows
from mmcourse.errors import DesignError, brief


def row_values(
    given: str | ArrayLike, frame: pd.DataFrame, what: str
) -> tuple[str, Array]:
    """Values of `weights` or `offset`, one per row of the data, and their name.

    Parameters
    ----------
    given : str or array
        A column's name, or values; a Series is matched by its index.
    what : str
        Name of the argument, for messages.

    Raises
    ------
    DesignError
        If there are no numbers, or not one for each row.
    """
    if isinstance(given, str):
        check_names([given], frame, what)
        series, name, who = frame[given], given, None
    else:
        series, name, who = _as_series(given, frame, what), what, what
    if not is_numeric(series, who):
        raise DesignError(f"{what} holds text; it must hold numbers, one per row.")
    return name, numbers(series, who)


def _as_series(given: ArrayLike, frame: pd.DataFrame, what: str) -> pd.Series:
    """Values in the order of the frame's rows."""
    n = len(frame)
    advice = "Give one value per row, or the name of a column."
    if isinstance(given, pd.Series) and not given.index.equals(frame.index):
        return _matched(given, frame.index, what)
    try:
        # A masked array stays one: what it masks is missing.
        values = given if isinstance(given, pd.Series) else np.asanyarray(given)
    except ValueError as error:
        raise DesignError(
            f"{what} is a list of parts that differ in length.\n  {advice}"
        ) from error
    if values.ndim == 0:
        raise DesignError(
            f"{what} is {brief(given)}, but the data has {n} rows.\n  {advice}"
        )
    if values.ndim != 1 or len(values) != n:
        raise DesignError(
            f"{what} has shape {values.shape}, but the data has {n} rows.\n  {advice}"
        )
    return pd.Series(values)


def _matched(given: pd.Series, index: pd.Index, what: str) -> pd.Series:
    """Series in the order of another index."""
    if not (given.index.is_unique and index.is_unique):
        raise DesignError(
            f"{what} can't be matched by its index, which has repeated labels and is "
            "not that of the data.\n  Give an array in the order of the rows instead."
        )
    lost = ~index.isin(given.index)
    if lost.any():
        raise DesignError(
            f"{what} is a Series of {len(given)} values, matched by its index, but "
            f"it lacks {some_rows(index[lost])} of the data.\n"
            "  Give it the data's index, or an array in the order of the rows."
        )
    return given.reindex(index)
