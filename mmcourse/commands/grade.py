"""`mmcourse grade ASSIGNMENT`: grade a class, in a sandbox."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcourse.commands.common import (
    FINE,
    LOOK,
    CommandError,
    Commands,
    add_command,
    say,
    seconds,
)

if TYPE_CHECKING:
    from mmcourse.grading.assignment import Graded
    from mmcourse.grading.course import Course

LIMIT = 30  # seconds for a cell
MEMORY = 3072  # megabytes for a submission
DESCRIPTION = """\
Grade what a class handed in: the folder or the ZIP that a learning platform gives.
Code of students runs in a sandbox, the checks run outside of it. Marks, feedback and a
report of what went wrong with whom go into the folder `grading`. The same command again
grades what is new or has changed, takes over marks given by hand, and goes on after a
stop.
"""
EPILOG = """\
examples:
  mmcourse grade 20_sleepstudy --submissions export.zip
  mmcourse grade p1 --submissions handed_in --students class.csv --workers 4
  mmcourse grade p1                              after marking by hand: marks, feedback

exit status: 0 graded, 1 graded, but read the report, 2 it can't be done
"""
UNSAFE = (
    "no sandbox: code of students runs with your rights, your files and your network, "
    "and may change the gradebook. Do this only in a machine that you can lose."
)
NEEDS = (
    'grading needs more packages; install them with: pip install "mmcourse[grading]"'
)


def register(commands: Commands) -> None:
    """Add `grade` to the command line."""
    parser = add_command(
        commands,
        "grade",
        run,
        help="grade what a class handed in",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    for flag, metavar, help in (
        (
            "--submissions",
            "PATH",
            "folder or ZIP; by default, those of the last run",
        ),
        ("--into", "DIR", "where everything goes (grading)"),
        ("--course", "DIR", "where `solutions` is (this folder or one above it)"),
        (
            "--students",
            "CSV",
            "all students, columns student and name (those of the last run)",
        ),
    ):
        parser.add_argument(flag, type=Path, metavar=metavar, help=help)
    parser.add_argument(
        "--pattern", help="how a file's name holds the student's: a group `student`"
    )
    parser.add_argument(
        *("--limit", "-l"),
        type=seconds,
        metavar="SECONDS",
        help=f"for a cell ({LIMIT}, or as in the last run)",
    )
    parser.add_argument(
        "--memory",
        type=int,
        metavar="MB",
        help=f"for a submission ({MEMORY}, or as in the last run)",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="submissions at a time (one a core)"
    )
    parser.add_argument("--again", action="store_true", help="also what did not change")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run code of students unprotected"
    )


def run(options: argparse.Namespace) -> int:
    """Grade; print what came of it; return the exit status."""
    try:
        from mmcourse.grading.assignment import grade_assignment
    except ImportError as problem:
        raise CommandError(f"{NEEDS} ({problem})") from None
    course = course_of(options)
    if not course.sandbox:
        say(UNSAFE)
    graded = grade_assignment(
        course,
        options.submissions,
        roster=options.students,
        pattern=options.pattern,
        workers=options.workers or os.cpu_count() or 1,
        again=options.again,
        progress=show_progress,
    )
    print(summary(course, graded))
    troubled = any(outcome.notes or outcome.problem for outcome in _all(graded))
    return LOOK if troubled or len(graded.outcomes) < len(graded.rows) else FINE


def course_of(options: argparse.Namespace) -> Course:
    """Return what is to be graded, and where."""
    from mmcourse.grading.course import Course, find_solution, last_limits

    root = (options.into or Path("grading")).resolve()
    solution = find_solution(options.assignment, options.course or Path())
    last = last_limits(root, options.assignment)
    return Course(
        assignment=options.assignment,
        solution=solution,
        root=root,
        sandbox=not options.no_sandbox,
        limit=options.limit or last.get("limit", LIMIT),
        memory=options.memory or last.get("memory", MEMORY),
    )


def show_progress(outcomes: Iterable[Any], total: int) -> Iterable[Any]:
    """Show a bar while submissions are graded."""
    from tqdm import tqdm

    return tqdm(outcomes, total=total, unit="submission", disable=not total)


def summary(course: Course, graded: Graded) -> str:
    """Say how many were graded, and where to look."""
    from mmcourse.grading.marks import WAITING

    by_status: dict[str, int] = {}
    for row in graded.rows:
        by_status[row.status] = by_status.get(row.status, 0) + 1
    counts = ", ".join(f"{n} {status}" for status, n in sorted(by_status.items()))
    troubled = sum(bool(o.notes or o.problem) for o in _all(graded))
    lines = [
        f"{_students(len(graded.rows))}: {counts or 'none'}; "
        f"{graded.fresh} graded now.",
        f"marks     {_short(course.marks)}",
        f"feedback  {_short(course.root / 'feedback')}",
        f"report    {_short(course.report)}"
        + f": {troubled} to look at" * bool(troubled),
    ]
    if by_status.get(WAITING):
        lines.append(
            "Mark the written answers with `make formgrader`, then repeat this."
        )
    return "\n".join(lines)


def _students(number: int) -> str:
    return f"{number} student{'s' * (number != 1)}"


def _all(graded: Graded) -> list[Any]:
    return [*graded.outcomes.values()]


def _short(path: Path) -> str:
    """Return a path as seen from here, where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
