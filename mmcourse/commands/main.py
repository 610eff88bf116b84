"""The command line: `mmcourse check NOTEBOOK`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mmcourse.commands.outcomes import judge
from mmcourse.commands.reading import CommandError, read_notebook, require_jupyter
from mmcourse.commands.running import Run, run_notebook
from mmcourse.commands.sheets import find_problems, find_tasks
from mmcourse.commands.table import as_table

RIGHT, MISSING, NOT_RUN = 0, 1, 2
SECONDS = 60
STATUS = "exit status: 0 all right, 1 something is missing, 2 it can't be checked"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default, those of the command line.

    Returns
    -------
    int

    Examples
    --------
    >>> main(["check", "nowhere.ipynb"])  # says why on stderr
    2
    """
    options = read_arguments(arguments)
    try:
        return check(options.notebook, options.limit)
    except CommandError as problem:
        say(str(problem))
        return NOT_RUN


def check(path: Path, limit: int) -> int:
    """Run a sheet, print what its checks say; return the exit status."""
    require_jupyter()
    notebook = read_notebook(path)
    tasks = find_tasks(notebook.cells)
    if not tasks:
        raise CommandError(f"{path} has no exercise with points: it is not a sheet.")
    problems = find_problems(notebook.cells, tasks)
    print(f"{path.name}, as it is saved, run in a fresh kernel:\n", flush=True)
    run = run_notebook(notebook, path.resolve().parent, limit)
    outcomes = judge(tasks, run)
    print(as_table(outcomes))
    problems += what_stopped(run)
    for problem in problems:
        say(problem)
    if problems:
        return NOT_RUN
    return RIGHT if all(outcome.is_complete for outcome in outcomes) else MISSING


def what_stopped(run: Run) -> list[str]:
    """Return what kept cells from running to their end, a sentence each."""
    found = [
        f"Cell {prompt(run, place)} was stopped after {run.limit} s: "
        f"{first_line(run, place)}"
        for place in run.late
        if place != run.finished or not run.problem
    ]
    if run.problem:
        found.append(
            f"Cell {prompt(run, run.finished)} ended the run ({run.problem}): "
            f"{first_line(run, run.finished)}"
        )
    return found


def prompt(run: Run, place: int) -> str:
    """Return what Jupyter prints beside a cell of code: `[7]`, the seventh to run."""
    cells = run.cells[: place + 1]
    ran = [c for c in cells if c["cell_type"] == "code" and c["source"].strip()]
    return f"[{len(ran)}]"


def first_line(run: Run, place: int) -> str:
    """Return the first line of a cell, to recognise it."""
    return str(run.cells[place]["source"]).partition("\n")[0][:60]


def say(text: str) -> None:
    """Print a line to the learner, beside the results."""
    print(f"mmcourse: {text}", file=sys.stderr)


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="mmcourse", description="The course's tools.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sheet = commands.add_parser(
        "check",
        help="run a sheet of exercises and say what is right",
        description="Run a sheet of exercises, as it is saved, in a fresh kernel, and "
        "say which points were reached and what to mend first.",
        epilog=STATUS,
    )
    sheet.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    sheet.add_argument(
        *("--limit", "-l"),
        type=seconds,
        default=SECONDS,
        metavar="SECONDS",
        help="for a cell (%(default)s)",
    )
    return parser.parse_args(arguments)


def seconds(text: str) -> int:
    """Return a time limit, which is a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds from 1 on")
    return int(text)
