"""Data that is not a frame in memory: where its rows come from, chunk by chunk.

Layer: knows pandas, and pyarrow and Dask where data of theirs is given. What is to be
known of the rows is a sum over chunks: a source applies a function to each of its
chunks and adds up what that returns. Chunks of files and iterables are read one after
the other; those of a Dask frame stay with its workers, and only sums travel.

Conventions
    Only the columns that are asked for are read. A source can be read again and again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from mmcourse.design.frames import check_single, columns_hint, open_frame
from mmcourse.errors import DesignError, MMCourseError

T = TypeVar("T")
Names = list[str]
Work = Callable[[Any], T]
Add = Callable[[T, T], T]

# Rows of a file that are held at a time.
CHUNK_ROWS = 1 << 18
# Passes that take less than so many seconds show no progress.
PATIENCE = 3.0
FRAMES_AGAIN = (
    "Its rows are read more than once. Pass a function without arguments that returns "
    "a new iterator each time it is called, or a list of frames."
)


class Source(Protocol):
    """Rows that can be read in chunks, as often as needed."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    @property
    def head(self) -> Any:
        """A frame with the columns, and no matter which rows."""
        ...

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each chunk; None if there is no chunk."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Chunks:
    """A source whose chunks are read one after the other.

    Attributes
    ----------
    name : str
    head : data frame
    read : callable
        Takes names of columns, returns an iterator over frames that have them.
    n_rows : int or None
        For the display of progress.
    """

    name: str
    head: Any
    read: Callable[[Names], Iterator[Any]]
    n_rows: int | None = None

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each chunk; None if there is no chunk."""
        total: T | None = None
        with progress(self.n_rows) as advance:
            for frame in self.read(names):
                found = work(frame)
                total = found if total is None else add(total, found)
                advance(len(frame))
        return total


@dataclass(frozen=True, slots=True, eq=False)
class DaskFrame:
    """A Dask frame: its workers form the sums of their partitions and add them up."""

    frame: Any

    @property
    def name(self) -> str:
        """What messages call it."""
        return "the Dask frame"

    @property
    def head(self) -> Any:
        """Frame with the columns, without rows."""
        return self.frame._meta

    def fold(self, names: Names, work: Work[T], add: Add[T]) -> T | None:
        """Add up what `work` returns for each partition, two by two."""
        from dask import compute, delayed

        # The work may carry all the levels of a factor: one copy for all partitions.
        shared, apply = delayed(work, traverse=False), delayed(_apply, pure=False)
        sums = [apply(shared, part) for part in self.frame[names].to_delayed()]
        while len(sums) > 1:
            pairs = zip(sums[::2], sums[1::2], strict=False)
            odd = sums[len(sums) - len(sums) % 2 :]
            sums = [delayed(add, pure=False)(a, b) for a, b in pairs] + odd
        try:
            return compute(sums[0])[0] if sums else None
        except MMCourseError as error:
            # Of a worker's error, only what it says; not where it was raised.
            raise getattr(error, "exception", error) from None


def _apply(work: Work[T], frame: Any) -> T:
    return work(frame)


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
        return _from_path(Path(data))
    package = type(data).__module__.partition(".")[0]
    if package == "pyarrow":
        return _from_arrow(data)
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


def _from_path(path: Path) -> Source:
    """Return the source of a Parquet file, or of a folder of them."""
    dataset = _arrow_datasets()
    if not path.exists():
        raise DesignError(
            f"there is no file or folder {str(path)!r}.\n"
            "  As text, data is the path of a Parquet file, or of a folder of them."
        )
    try:
        found = dataset.dataset(path, format="parquet", partitioning="hive")
        if not found.files:
            raise DesignError(f"the folder {str(path)!r} holds no Parquet file.")
        found.head(0)
    except (OSError, ValueError) as error:
        if isinstance(error, DesignError):
            raise
        raise DesignError(
            f"{str(path)!r} can't be read as Parquet.\n"
            "  Read other files with the library that knows them; rows of a CSV file "
            "that is too large come in chunks by: data=lambda: pandas.read_csv(path, "
            "chunksize=500_000)."
        ) from error
    return _from_dataset(found, repr(path.name))


def _arrow_datasets() -> Any:
    """Return the module of pyarrow that reads files."""
    try:
        from pyarrow import dataset
    except ImportError as error:
        raise ImportError(
            "reading Parquet files needs pyarrow, which is not installed. Install it "
            "with: pip install 'mmcourse[data]'"
        ) from error
    return dataset


def _from_arrow(data: Any) -> Source | None:
    """Return the source of what pyarrow reads from; None for a table."""
    if hasattr(data, "read_next_batch"):
        raise DesignError(
            f"the data is a {type(data).__name__} of pyarrow, which can be read only "
            "once.\n  Pass the dataset or the file that it reads from."
        )
    if hasattr(data, "to_batches") and hasattr(data, "scanner"):
        return _from_dataset(data, "the dataset")
    if hasattr(data, "iter_batches"):  # a ParquetFile
        return Chunks(
            "the Parquet file",
            data.schema_arrow.empty_table().to_pandas(ignore_metadata=True),
            lambda names: _frames(data.iter_batches(CHUNK_ROWS, columns=names)),
            data.metadata.num_rows,
        )
    return None


def _from_dataset(dataset: Any, name: str) -> Source:
    """Return the source of a pyarrow dataset."""

    def read(names: Names) -> Iterator[Any]:
        return _frames(_batches(dataset, names))

    head = dataset.schema.empty_table().to_pandas(ignore_metadata=True)
    return Chunks(name, head, read, dataset.count_rows())


def _batches(dataset: Any, names: Names) -> Iterator[Any]:
    """Read the batches of a dataset, one row group after the other.

    Left to itself the reader would hold much of a large file ahead of us.
    """
    how = {"columns": names, "batch_size": CHUNK_ROWS}
    try:
        fragments = dataset.get_fragments()
    except ValueError:  # the rows are filtered, and those of a fragment would not be
        yield from dataset.to_batches(batch_readahead=1, fragment_readahead=1, **how)
        return
    for fragment in fragments:
        has_groups = hasattr(fragment, "split_by_row_group")
        for part in fragment.split_by_row_group() if has_groups else [fragment]:
            yield from part.to_batches(schema=dataset.schema, **how)


def _frames(batches: Iterable[Any]) -> Iterator[pd.DataFrame]:
    """Batches as frames of enough rows, numbered as in the whole."""
    first = 0
    held: list[Any] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= CHUNK_ROWS:
            yield _frame(held, first)
            first, held = first + sum(map(len, held)), []
    if held:
        yield _frame(held, first)


def _frame(batches: list[Any], first: int) -> pd.DataFrame:
    import pyarrow as pa

    # The metadata would make an index of columns that were one.
    frame = pa.Table.from_batches(batches).to_pandas(ignore_metadata=True)
    return frame.set_axis(pd.RangeIndex(first, first + len(frame)), axis=0)


@contextmanager
def progress(n_rows: int | None) -> Iterator[Callable[[int], object]]:
    """Show how many rows are read, where someone looks on and it takes long."""
    bar = _bar(n_rows) if _is_watched() else None
    if bar is None:
        yield lambda rows: None
        return
    with bar:
        yield bar.update


def _bar(n_rows: int | None) -> Any:
    """Return a bar that appears once the wait is long; None without tqdm."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(
        total=n_rows, unit=" rows", unit_scale=True, delay=PATIENCE, leave=False
    )


def _is_watched() -> bool:
    """Whether what is written to the screen is seen: in a terminal or a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return sys.stderr.isatty() or hasattr(shell, "kernel")
