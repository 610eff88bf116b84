"""What a check finds, and how findings become points.

nbgrader gives a test cell no point when it raises, and the number that is its last
value when there is one. So an exercise with nothing right raises `NotYet`, and
otherwise the check returns the points and prints what is still wrong.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """How much of one answer is right, 0 to 1, and a hint where something is not."""

    hint: str = ""
    credit: float = 0.0


RIGHT = Finding(credit=1.0)
WIDTH = 80  # nbgrader's Validate wraps nothing, and its command cuts longer lines off


class NotYet(AssertionError):
    """Nothing of an exercise is right yet; the message is the hint."""

    def _render_traceback_(self) -> list[str]:
        """Show the hint alone: IPython asks for this, and a traceback helps nobody."""
        lines = f"Not yet. {self}".split("\n")
        return ["\n".join(textwrap.fill(line, WIDTH) for line in lines)]


class Check:
    """One exercise that can be checked: call it with the answers.

    Attributes
    ----------
    points : float, what a right answer is worth
    """

    def __init__(self, exercise: Callable[..., Sequence[Finding]], points: float):
        wraps(exercise)(self)
        self.exercise = exercise
        self.points = points

    def __call__(self, *answers: Any, **named: Any) -> float:
        """Return the points; print, or raise when there are none, what is wrong."""
        try:
            with warnings.catch_warnings():
                # nbgrader gives no points to a check that writes to stderr.
                warnings.simplefilter("ignore")
                findings = self.exercise(*answers, **named)
        except Exception as error:
            raise NotYet(
                f"The check stumbled over this answer ({type(error).__name__}: "
                f"{error}). Look at what your answer is: show it in a cell of its own."
            ) from None
        return settle(findings, self.points)


def worth(points: float) -> Callable[[Callable[..., Sequence[Finding]]], Check]:
    """Make a check of a function that returns the findings of an exercise.

    Parameters
    ----------
    points : float
        What a right answer is worth; each finding has an equal share of it.

    Returns
    -------
    decorator
        It makes a `Check`, which returns the points and says what is wrong.

    Examples
    --------
    >>> @worth(2)
    ... def parity(n):
    ...     return [RIGHT, RIGHT if n % 2 else Finding("`n` is even.")]
    >>> parity(4)
    1 of 2 points.
    - `n` is even.
    1.0
    >>> parity(5)
    All right: 2 of 2 points.
    2.0
    """
    return lambda exercise: Check(exercise, points)


def settle(findings: Sequence[Finding], points: float) -> float:
    """Return the points that the findings make, and say what is wrong."""
    earned = round(points * sum(f.credit for f in findings) / len(findings), 2)
    hints = [*dict.fromkeys(f.hint for f in findings if f.hint)]  # each said once
    if earned == 0:
        raise NotYet("\n".join(hints))
    if earned == points and not hints:
        print(f"All right: {points:g} of {points:g} points.")
    else:
        print(f"{earned:g} of {points:g} points.", *hints, sep="\n- ")
    return earned


def best(*tries: list[Finding]) -> list[Finding]:
    """Return the findings that earn most, where several answers are right.

    Examples
    --------
    >>> best([RIGHT, Finding("no")], [RIGHT, RIGHT]) == [RIGHT, RIGHT]
    True
    """
    return max(tries, key=lambda findings: sum(f.credit for f in findings))


def blank(name: str, answer: object) -> Finding | None:
    """Return the finding of an answer that was not given, None when it was.

    Examples
    --------
    >>> blank("icc", ...).hint
    '`icc` is not answered yet.'
    """
    if answer is None or answer is ...:
        return Finding(f"`{name}` is not answered yet.")
    return None
