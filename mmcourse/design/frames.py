"""Data frames of any make -> the columns of them that a model uses, in pandas.

Layer: pandas, no formula. Frames of other libraries are read by narwhals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.errors import DesignError, did_you_mean, listing


def open_frame(data: Any, what: str = "the data") -> Any:
    """Return a pandas or narwhals data frame with the user's columns.

    Parameters
    ----------
    data : data frame or dict of columns
    what : str
        What messages call it.

    Raises
    ------
    TypeError
        If the data is no kind of frame.
    DesignError
        If the columns of a dict differ in length.

    Examples
    --------
    >>> open_frame({"x": [1, 2]}).shape
    (2, 1)
    """
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, Mapping):
        return _from_mapping(data, what)
    if isinstance(data, np.ndarray) and data.dtype.names:
        return pd.DataFrame.from_records(data)
    # Only frames of other libraries need it.
    import narwhals as nw

    try:
        return nw.from_native(data, eager_only=True)
    except TypeError as error:
        advice = "Put its columns into a data frame."
        if hasattr(data, "collect"):
            advice = "Collect it first."
        elif isinstance(data, pd.Series):
            advice = "For one row of a frame use frame.iloc[[i]], with two brackets."
        raise TypeError(
            f"{what} is of type {type(data).__name__}; it must be a data frame "
            f"(pandas, polars, pyarrow) or a dict of columns. {advice}"
        ) from error


def _from_mapping(data: Mapping[Any, Any], what: str) -> pd.DataFrame:
    """Frame from a dict of columns; of single values, one row."""
    columns = dict(data)
    if columns and all(np.ndim(v) == 0 for v in columns.values()):
        return pd.DataFrame(columns, index=[0])
    try:
        return pd.DataFrame(columns)
    except ValueError as error:
        sizes = {k: np.size(v) for k, v in columns.items()}
        raise DesignError(
            f"the columns of {what} differ in length: "
            f"{listing(f'{k} {size}' for k, size in sizes.items())}."
        ) from error


def take(frame: Any, names: Iterable[str]) -> pd.DataFrame:
    """Return a pandas frame with at least these columns."""
    if isinstance(frame, pd.DataFrame):
        return frame
    chosen = frame.select(list(names))
    try:
        out: pd.DataFrame = chosen.to_pandas()
    except ImportError:  # polars hands over through pyarrow, if it is there
        out = pd.DataFrame({n: chosen.get_column(n).to_numpy() for n in chosen.columns})
    # Without a column the rows would be lost.
    return (
        out.set_axis(pd.RangeIndex(len(frame)), axis=0)
        if len(out.columns)
        else (pd.DataFrame(index=pd.RangeIndex(len(frame))))
    )


def check_names(names: Iterable[str], frame: Any, what: str = "the formula") -> None:
    """Refuse a name that is no column, and a column that occurs twice.

    Raises
    ------
    DesignError
        With the nearest name and the list of columns.
    """
    names = list(names)
    check_single(names, frame)
    for name in names:
        if name not in frame.columns:
            raise DesignError(
                f"{what} uses {name!r}, which is not a column of the data.\n"
                f"  {columns_hint(name, frame)}"
            )


def check_single(names: Iterable[str], frame: Any, what: str = "the data") -> None:
    """Refuse columns that have no name of their own."""
    if not isinstance(frame, pd.DataFrame):
        return  # other libraries have none
    if frame.columns.nlevels > 1:
        raise DesignError(
            f"the columns of {what} have several levels of names.\n"
            f"  Give them single names first, for example with {what.split()[-1]}"
            ".columns = [...]."
        )
    if frame.columns.is_unique:
        return
    for name in names:
        if (frame.columns == name).sum() > 1:
            raise DesignError(
                f"{what} has more than one column {name!r}. Rename or drop one."
            )


def columns_hint(name: str, frame: Any) -> str:
    """Say which columns there are, the nearest to a name first."""
    known = list(frame.columns)
    if isinstance(frame, pd.DataFrame) and name in frame.index.names:
        return "It is a level of the index: make it a column with reset_index()."
    if not known:
        return "It has no columns."
    other = [key for key in known if key != name and str(key) == name]
    if other:
        return (
            f"The column {name} has a name of type {type(other[0]).__name__}; names "
            "in a formula are text. Rename the columns: data.rename(columns=str)."
        )
    return f"{did_you_mean(name, known)}Columns: {listing(known)}."
