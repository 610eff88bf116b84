"""`mmcourse check NOTEBOOK`: run a sheet, and say what is right."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mmcourse.commands.common import (
    FAILED,
    FINE,
    LOOK,
    CommandError,
    Commands,
    add_command,
    say,
    seconds,
)

if TYPE_CHECKING:
    from mmcourse.commands.running import Run

SECONDS = 60
DESCRIPTION = """\
Run a sheet of exercises, as it is saved, in a fresh kernel, and say which points were
reached and what to mend first. The sheet itself stays as it is.
"""
EPILOG = """\
examples:
  mmcourse check work/exercises/p1/p1.ipynb
  mmcourse check sheet.ipynb --limit 300         for answers that compute for long

exit status: 0 all right, 1 something is missing, 2 it can't be checked
"""


def register(commands: Commands) -> None:
    """Add `check` to the command line."""
    parser = add_command(
        commands,
        "check",
        run,
        help="run a sheet of exercises and say what is right",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument(
        *("--limit", "-l"),
        type=seconds,
        default=SECONDS,
        metavar="SECONDS",
        help="for a cell (%(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Run a sheet, print what its checks say; return the exit status."""
    from mmcourse.commands.outcomes import judge
    from mmcourse.commands.reading import read_notebook, require_jupyter
    from mmcourse.commands.running import run_notebook
    from mmcourse.commands.sheets import find_problems, find_tasks
    from mmcourse.commands.table import as_table

    path: Path = options.notebook
    require_jupyter()
    notebook = read_notebook(path)
    tasks = find_tasks(notebook.cells)
    if not tasks:
        raise CommandError(f"{path} has no exercise with points: it is not a sheet.")
    problems = find_problems(notebook.cells, tasks)
    print(f"{path.name}, as it is saved, run in a fresh kernel:\n", flush=True)
    done = run_notebook(notebook, path.resolve().parent, options.limit)
    outcomes = judge(tasks, done)
    print(as_table(outcomes))
    problems += what_stopped(done)
    for problem in problems:
        say(problem)
    if problems:
        return FAILED
    return FINE if all(outcome.is_complete for outcome in outcomes) else LOOK


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
