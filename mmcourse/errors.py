"""Exceptions, warnings and the helpers that word them.

Layer: lowest. A message says what was found, what was expected, what to do, in the
user's own names. Faults of a formula or of data are `MMCourseError`s, which are
ValueErrors too; a wrong call (an argument of another type) stays a plain TypeError.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

# More names than this make a message hard to read.
MAX_LISTED = 20
# A value with more characters than this is named by its type.
LONGEST_SHOWN = 60

STATUS = {
    "converged": "the search converged after {n_evaluations} evaluation(s).",
    "singular": (
        "the fit lies on the boundary: a variance is estimated as 0, or a correlation "
        "as -1 or 1. The search converged after {n_evaluations} evaluation(s)."
    ),
    "max_evaluations": (
        "the search stopped at its limit of {n_evaluations} evaluation(s) of the "
        "criterion, so the estimates are not the best ones. Raise max_evaluations, or "
        "pass theta of this fit as start."
    ),
    "stalled": (
        "the search could make no further progress after {n_evaluations} "
        "evaluation(s), though the criterion is not flat there. Check for columns on "
        "very different scales and for groups with few rows, or try a simpler random "
        "part."
    ),
}


class MMCourseError(Exception):
    """Base of the package's errors."""


class FormulaError(MMCourseError, ValueError):
    """The formula can't be read."""


class DesignError(MMCourseError, ValueError):
    """The formula and the data don't fit together."""


class DownloadError(MMCourseError, OSError):
    """A file can't be downloaded, is another than expected, or can't be kept."""


class InferenceError(MMCourseError, ValueError):
    """What was asked of a fit can't be had from it."""


class ConvergenceWarning(UserWarning):
    """The search ended before its optimum."""


class RankWarning(UserWarning):
    """Redundant fixed-effects columns were left out."""


def caret(formula: str, position: int, hint: str) -> str:
    """Show the formula with a caret under one character, and a hint below it.

    Parameters
    ----------
    formula : str
        As the user wrote it; of several lines only the one at fault is shown.
    position : int
        Index of the character at fault; the length of the formula for its end.
    hint : str
        What to do.

    Returns
    -------
    str
        Three lines.

    Examples
    --------
    >>> print(caret("y ~ x + (1 | )", 13, "Write the column of the groups."))
        y ~ x + (1 | )
                     ^
      Write the column of the groups.
    """
    start = formula.rfind("\n", 0, position) + 1
    line = formula[start:].split("\n", 1)[0]
    pad = "".join(_blank(char) for char in line[: position - start])
    return f"    {line}\n    {pad}^\n  {hint}"


def _blank(char: str) -> str:
    """Whitespace as wide as the character on a screen."""
    if char == "\t" or unicodedata.combining(char):
        return char if char == "\t" else ""
    return "  " if unicodedata.east_asian_width(char) in "WF" else " "


def listing(names: Iterable[object], limit: int = MAX_LISTED) -> str:
    """Join names by commas, a long list cut with its total.

    Examples
    --------
    >>> listing(["a", "b", "c"], limit=2)
    'a, b, ... (3 in all)'
    """
    words = [str(name) for name in names]
    if len(words) <= limit:
        return ", ".join(words)
    return f"{', '.join(words[:limit])}, ... ({len(words)} in all)"


def shown(value: object) -> str:
    """Write a value of the data as the user would: numbers plain, text in quotes.

    Examples
    --------
    >>> shown("a"), shown(3)
    ("'a'", '3')
    """
    single = getattr(value, "ndim", None) == 0  # a number or word of NumPy
    return repr(value.item() if single else value)  # type: ignore[attr-defined]


def brief(value: object) -> str:
    """Write a wrong argument: a short one as it is, a long one by its type.

    Examples
    --------
    >>> brief("no"), brief(list(range(99)))
    ("'no'", 'of type list')
    """
    text = repr(value)
    short = len(text) <= LONGEST_SHOWN and "\n" not in text
    return text if short else f"of type {type(value).__name__}"


def percent_hint(level: float) -> str:
    """Return a space and a sentence for a level given in percent, or nothing.

    Examples
    --------
    >>> percent_hint(95)
    ' Did you mean 0.95?'
    """
    return f" Did you mean {level / 100:g}?" if 1 < level < 100 else ""


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """Return a sentence with the nearest known name and a space, or nothing.

    Examples
    --------
    >>> did_you_mean("pupli", ["day", "pupil"])
    "Did you mean 'pupil'? "
    """
    words = [str(word) for word in known]
    near = difflib.get_close_matches(name, words, n=1)
    if not near:
        folded = {word.casefold(): word for word in reversed(words)}
        found = difflib.get_close_matches(name.casefold(), folded, n=1)
        near = [folded[word] for word in found]
    return f"Did you mean {near[0]!r}? " if near else ""
