"""Frames on disk in the plainest form that both NumPy and R read without a package.

A folder: `columns.txt` has a line a column, "NAME KIND"; `NAME.f8` or `NAME.i4` holds
its values, little-endian; `NAME.levels` the labels of a text column or a Categorical,
whose values are then codes from 0. Each engine gets the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def write_frame(frame: pd.DataFrame, folder: Path) -> None:
    """Write the columns of a frame without missing values."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} {_write_column(frame[name], folder)}" for name in frame]
    (folder / "columns.txt").write_text("\n".join(lines) + "\n")


def _write_column(column: pd.Series, folder: Path) -> str:
    """Write one column; return its kind: real, whole, text or category."""
    path = folder / f"{column.name}"
    if isinstance(column.dtype, pd.CategoricalDtype):
        kind, codes, levels = "category", column.cat.codes, column.cat.categories
    elif pd.api.types.is_float_dtype(column.dtype):
        column.to_numpy("<f8").tofile(path.with_suffix(".f8"))
        return "real"
    elif pd.api.types.is_integer_dtype(column.dtype):
        column.to_numpy("<i4").tofile(path.with_suffix(".i4"))
        return "whole"
    else:
        kind = "text"
        codes, levels = pd.factorize(column, sort=True)
    np.asarray(codes, "<i4").tofile(path.with_suffix(".i4"))
    path.with_suffix(".levels").write_text("".join(f"{label}\n" for label in levels))
    return kind


def read_frame(folder: Path) -> pd.DataFrame:
    """Read what `write_frame` has written."""
    lines = (folder / "columns.txt").read_text().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines)
    return pd.DataFrame({name: _read_column(folder / name, k) for name, k in pairs})


def _read_column(path: Path, kind: str) -> object:
    """Read one column as pandas would have it from a file."""
    if kind == "real":
        return np.fromfile(path.with_suffix(".f8"), "<f8")
    values = np.fromfile(path.with_suffix(".i4"), "<i4")
    if kind == "whole":
        return values.astype(np.int64)
    levels = path.with_suffix(".levels").read_text().splitlines()
    if kind == "category":
        return pd.Categorical.from_codes(values, levels)
    return pd.Series(np.array(levels, dtype=object)[values]).astype("str")


def n_bytes(frame: pd.DataFrame) -> int:
    """Return what the frame's own columns take, text included."""
    return int(frame.memory_usage(index=False, deep=True).sum())
