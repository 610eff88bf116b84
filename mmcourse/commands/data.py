"""`mmcourse data [NAME]`: the data sets of the course, what they are, their rows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmcourse.commands.common import (
    FINE,
    CommandError,
    Commands,
    add_command,
)

if TYPE_CHECKING:
    import pandas as pd

    from mmcourse.commands.card import Entry

DESCRIPTION = """\
List the data sets of the course; of one, show where it comes from, what its columns
are, and its first rows. Or write its rows as CSV, for another program.
"""
EPILOG = """\
examples:
  mmcourse data
  mmcourse data sleepstudy
  mmcourse data sleepstudy --csv | head -3
  mmcourse data insteval --output insteval.csv.gz

exit status: 0 all right, 2 it can't be done
"""
FIRST = 5  # rows that are shown


def register(commands: Commands) -> None:
    """Add `data` to the command line."""
    parser = add_command(
        commands,
        "data",
        run,
        help="list the data sets of the course, show one, write its rows",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--csv", action="store_true", help="print all rows as CSV")
    parser.add_argument(
        *("--output", "-o"),
        type=Path,
        metavar="FILE",
        help="write all rows as CSV to a file (packed if it ends in .gz)",
    )


def run(options: argparse.Namespace) -> int:
    """List, show or write; return the exit status."""
    from mmcourse.commands.card import read_card

    entries = read_card()
    if options.name is None:
        if options.csv or options.output:
            raise CommandError("which data set? `mmcourse data` lists them.")
        print(as_list(entries))
    elif options.csv or options.output:
        write(options.name, options.output)
    else:
        print(described(options.name, entries))
    return FINE


def as_list(entries: list[Entry]) -> str:
    """Return a line a data set: name, rows, what it is."""
    names = max(len(entry.name) for entry in entries)
    rows = max(len(str(entry.n_rows)) for entry in entries)
    return "\n".join(
        f"{entry.name:<{names}}  {entry.n_rows:>{rows}} rows  {entry.title}"
        for entry in entries
    )


def described(name: str, entries: list[Entry]) -> str:
    """Return what the card says of a data set, and its first rows."""
    frame = loaded(name)
    entry = next(e for e in entries if e.name == name.strip().casefold())
    return "\n".join(
        [
            f"{entry.name}: {entry.title}",
            f"{entry.n_rows} rows\n",
            f"{entry.text}\n",
            frame.head(FIRST).to_string(index=False),
        ]
    )


def write(name: str, path: Path | None) -> None:
    """Write the rows of a data set as CSV to a file, or else to stdout."""
    frame = loaded(name)
    if path is None:
        frame.to_csv(sys.stdout, index=False)
        return
    try:
        frame.to_csv(path, index=False)
    except OSError as problem:
        raise CommandError(
            f"{str(path)!r} can't be written: {problem.strerror or problem}."
        ) from None


def loaded(name: str) -> pd.DataFrame:
    """Return a data set; say which there are if there is none of that name."""
    from mmcourse.datasets import load

    try:
        return load(name)
    except ValueError as problem:
        raise CommandError(str(problem)) from None
