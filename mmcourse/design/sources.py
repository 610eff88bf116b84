"""Data that is not a frame in memory: where its rows come from, chunk by chunk.

Layer: knows pandas; files of Parquet and what pyarrow has are read by `arrow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.design.arrow import from_arrow, from_path
from mmcourse.design.chunks import Chunks, DaskFrame, Names, Source
from mmcourse.design.frames import check_single, columns_hint, open_frame
from mmcourse.errors import DesignError

FRAMES_AGAIN = (
    "Its rows are read more than once. Pass a function without arguments that returns "
    "a new iterator each time it is called, or a list of frames."
)


def open_source(data: Any) -> Source | None:
    """Return the source that some data is, or None if it is a frame in memory.

    Raises
    ------
    DesignError
        If a file can't be read, or the rows could be read only once.
    ImportError
        If a package that reads them is not installed.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1, 2]})
    >>> open_source(frame) is None
    True
    >>> open_source([frame, frame]).fold(["x"], len, int.__add__)
    4
    """
    if isinstance(data, pd.DataFrame | pd.Series | Mapping | np.ndarray):
        return None
    if isinstance(data, str | Path):
        return from_path(Path(data))
    package = type(data).__module__.partition(".")[0]
    if package == "pyarrow":
        return from_arrow(data)
    if package == "dask" and hasattr(data, "to_delayed"):
        return DaskFrame(data) if hasattr(data, "_meta") else None
    if hasattr(data, "__next__"):
        raise DesignError(
            f"the data is of type {type(data).__name__}, which can be read only once.\n"
            f"  {FRAMES_AGAIN}"
        )
    if callable(data) and not isinstance(data, type):
        return _from_frames(_Called(data), "what the function returns")
    is_sequence = isinstance(data, list | tuple)
    if is_sequence or (isinstance(data, Iterable) and not _is_frame(data)):
        return _from_frames(data, "the frames")
    return None


@dataclass(frozen=True, slots=True)
class _Called:
    """What iterates anew by calling a function."""

    function: Callable[[], Iterable[Any]]

    def __iter__(self) -> Iterator[Any]:
        made = self.function()
        if isinstance(made, Iterable) and not isinstance(made, str | pd.DataFrame):
            return iter(made)
        raise TypeError(
            f"the function given as data returns {type(made).__name__}; it must return "
            "an iterator over data frames."
        )


def _is_frame(data: Any) -> bool:
    """Whether data is a frame of some library, in memory or not."""
    import narwhals as nw

    made = nw.from_native(data, pass_through=True)
    return isinstance(made, nw.DataFrame | nw.LazyFrame)


def _from_frames(frames: Iterable[Any], name: str) -> Source:
    """Return the source of an iterable of frames."""
    first = next(iter(frames), None)
    if first is None:
        raise DesignError("the data has no rows: there is no frame in it.")
    try:
        head = open_frame(first)
    except TypeError as error:
        raise TypeError(
            f"the data is of type {type(frames).__name__}, and holds "
            f"{type(first).__name__}; it must be a data frame (pandas, polars, "
            "pyarrow), a dict of columns, or a list of such frames. Put its columns "
            "into a data frame."
        ) from error
    return Chunks(name, head, lambda names: _checked(frames, names))


def _checked(frames: Iterable[Any], names: Names) -> Iterator[Any]:
    """Frames that have the columns asked for."""
    for i, native in enumerate(frames, 1):
        frame = open_frame(native)
        check_single(names, frame, f"frame {i}")
        for name in names:
            if name not in frame.columns:
                raise DesignError(
                    f"frame {i} of the data has no column {name!r}, which the model "
                    f"uses.\n  {columns_hint(name, frame)}"
                )
        yield frame
