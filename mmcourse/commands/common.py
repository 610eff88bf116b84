"""What all commands share: how they are read, how they fail, what they say beside.

Layer: lowest of `commands`; the standard library and `errors` alone.

Conventions: results go to stdout, all else to stderr in lines that start with
"mmcourse: ". A command ends with `FINE`, `LOOK` or `FAILED`; its help says what these
mean for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from mmcourse.errors import MMCourseError

# What commands are added to; argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

FINE, LOOK, FAILED = 0, 1, 2


class CommandError(MMCourseError):
    """The command can't do what was asked; the message says why."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and whose help keeps the lines it is given.

    Examples
    --------
    >>> Parser(prog="mmcourse").parse_args(["--colour"])  # says why on stderr
    Traceback (most recent call last):
    SystemExit: 2
    """

    def __init__(self, **settings: Any) -> None:
        plain = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=plain, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end."""
        self.exit(FAILED, f"mmcourse: {message}. See: {self.prog} --help\n")


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    epilog: str,
) -> Parser:
    """Add a command; return the parser that its options go to.

    Parameters
    ----------
    commands : what `add_subparsers` returned
    name : str
        What the user types.
    run : callable
        Does it, given the options; returns the exit status. It imports what it needs.
    help : str
        A line in the list of commands.
    description, epilog : str
        What stands above and below the options: what it does; examples, exit statuses.

    Returns
    -------
    Parser

    Examples
    --------
    >>> commands = Parser(prog="mmcourse").add_subparsers()
    >>> about = {"help": "say hello", "description": "Say hello.", "epilog": ""}
    >>> add_command(commands, "greet", lambda options: FINE, **about).prog
    'mmcourse greet'
    """
    parser = commands.add_parser(
        name, help=help, description=description, epilog=epilog
    )
    parser.set_defaults(run=run)
    return parser


def say(text: str) -> None:
    """Tell the user something beside the results."""
    print(f"mmcourse: {text}", file=sys.stderr)


def seconds(text: str) -> int:
    """Return a time limit, which is a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds from 1 on")
    return int(text)
