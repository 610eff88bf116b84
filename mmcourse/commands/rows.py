"""Rows for a model: from a file, from stdin, or a data set of the course."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmcourse import datasets
from mmcourse.commands.common import CommandError
from mmcourse.errors import did_you_mean

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET = (".parquet", ".pq")
PACKED = (".gz", ".bz2", ".xz", ".zip")
ENDINGS = ".csv, .tsv (also packed, such as .csv.gz) and .parquet"


def open_rows(name: str, separator: str | None = None, decimal: str = ".") -> Any:
    """Return what `lmer` takes as data.

    Parameters
    ----------
    name : str
        Of a file, of a folder of Parquet files, of a data set; "-" for stdin. A data
        set comes before a file of the same name, which may be given as "./gpa".
    separator : str, optional
        What stands between columns; by default a comma, in a .tsv file a tab.
    decimal : str
        What stands before the decimals of a number.

    Returns
    -------
    DataFrame; or str, the path of Parquet, whose rows are read in chunks

    Raises
    ------
    CommandError
        If there is no such file, or it can't be read.

    Examples
    --------
    >>> open_rows("dyestuff").shape
    (30, 2)
    >>> open_rows("sleepstudi")
    Traceback (most recent call last):
    mmcourse.commands.common.CommandError: there is no file 'sleepstudi', and no ...
    """
    how = {"decimal": decimal, "low_memory": False}
    if name == "-":
        return read_text(sys.stdin, "stdin", {"sep": separator or ",", **how})
    if name.casefold() in datasets.NAMES:
        return datasets.load(name)
    path = Path(name)
    if not name or not path.exists():
        raise CommandError(no_file(path, name))
    ending = ending_of(path)
    if path.is_dir() and not any(ending_of(p) in PARQUET for p in path.rglob("*")):
        raise CommandError(f"the folder {name!r} holds no Parquet file; name a file.")
    if path.is_dir() or ending in PARQUET:
        return name
    between = separator or SEPARATORS.get(ending)
    if between is None:
        raise CommandError(
            f"{name!r} is none of {ENDINGS}. Of another file of text, say what stands "
            "between its columns: --sep ';'"
        )
    return read_text(path, repr(name), {"sep": between, **how})


def ending_of(path: Path) -> str:
    """Return how the name of a file ends, compression left aside.

    Examples
    --------
    >>> ending_of(Path("rows.v2.CSV.gz"))
    '.csv'
    """
    packed = path.suffix.lower() in PACKED
    return (path.with_suffix("") if packed else path).suffix.lower()


def no_file(path: Path, name: str) -> str:
    """Say that there is no file of a name, and which name it may have been."""
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    known = [p.name for p in beside if ending_of(p) in (*SEPARATORS, *PARQUET)]
    near = did_you_mean(path.name, [*sorted(known), *datasets.NAMES])
    return (
        f"there is no file {name!r}, and no data set of that name. {near}"
        "`mmcourse data` lists the data sets."
    )


def read_text(source: Any, name: str, how: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a text file."""
    try:
        frame = pd.read_csv(source, **how)
    except Exception as problem:  # whatever a file that is none may lead to
        said = " ".join(str(problem).split())
        if isinstance(problem, UnicodeDecodeError):
            said += ". Save it as UTF-8"
        raise CommandError(f"{name} can't be read as rows of text: {said}.") from None
    first = str(frame.columns[0])
    found = next((mark for mark in ";\t|" if mark in first), None)
    if len(frame.columns) == 1 and found:
        raise CommandError(
            f"{name} has a single column, {first!r}. If {found!r} stands between its "
            f"columns, add --sep {found!r}, and --decimal ',' for decimal commas."
        )
    return frame
