"""Sources of rows that pyarrow reads: Parquet files, datasets.

Layer: knows pyarrow and pandas; pyarrow is imported inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from mmcourse.design.chunks import Chunks, Names, Source
from mmcourse.errors import DesignError

# Rows of a file that are held at a time.
CHUNK_ROWS = 1 << 18


def from_path(path: Path) -> Source:
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


def from_arrow(data: Any) -> Source | None:
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
