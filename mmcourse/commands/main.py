"""The command line: `mmcourse COMMAND ...`.

A command is a module with a function `register`, which says what the command is called,
which options it has, and what runs it. What it needs to run, it imports then: `--help`
waits for none of it. A new command, such as one that grades, needs its line in
`COMMANDS`, no more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from mmcourse.commands import check, data, fit, grade
from mmcourse.commands.common import FAILED, Parser, say
from mmcourse.errors import MMCourseError
from mmcourse.version import __version__

# In the order of the help.
COMMANDS = (fit, data, check, grade)

# As the shell reports a program that a signal ended: 128 and its number.
INTERRUPTED, CLOSED = 130, 141

DESCRIPTION = "Linear mixed models with lme4's answers, and the course on them."
EPILOG = """\
examples:
  mmcourse fit rows.csv "y ~ x + (1 | group)"    fit a model to rows of a file
  mmcourse data                                  list the data sets of the course
  mmcourse check work/exercises/p1/p1.ipynb      see how far a sheet is
  mmcourse grade p1 --submissions export.zip     grade a class
  mmcourse fit --help                            all about one command

exit status: 0 all right, 1 it was done, but look at what was said, 2 it can't be done
"""


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
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help(sys.stderr)
        return FAILED
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except MMCourseError as problem:
        say(str(problem))
        return FAILED
    except KeyboardInterrupt:
        say("stopped.")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has enough
        forget_output()
        return CLOSED
    except OSError as problem:
        if problem.filename is None:
            forget_output()
        where = problem.filename or "the output can't be written"
        say(f"{where}: {problem.strerror or problem}.")
        return FAILED


def forget_output() -> None:
    """Keep Python from writing the rest of the output when it ends, and failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_parser() -> Parser:
    """Return the parser of the command line, with every command's options."""
    parser = Parser(prog="mmcourse", description=DESCRIPTION, epilog=EPILOG)
    version = f"mmcourse {__version__}"
    parser.add_argument("--version", action="version", version=version)
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.register(commands)
    return parser
