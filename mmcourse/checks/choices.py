"""Choices: true or false, one of some words, a set of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding, blank


def check_choice(
    name: str,
    answer: Any,
    expected: Any,
    hint: str | Mapping[Any, str],
    allowed: Iterable[Any] = (True, False),
) -> Finding:
    """Compare one choice with the right one.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : object
        What it holds; capitals and blanks around a word don't matter.
    expected : bool, str or number
        The right choice.
    hint : str or mapping
        What to think about; a mapping has a hint per wrong choice.
    allowed : iterable
        All choices.

    Returns
    -------
    Finding

    Examples
    --------
    >>> check_choice("smaller", True, False, "think of balance.").hint
    '`smaller`: think of balance.'
    >>> check_choice("smaller", "perhaps", False, "").hint
    '`smaller` is "perhaps"; write one of True, False.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    got = answer.strip().lower() if isinstance(answer, str) else answer
    got = got.item() if isinstance(got, np.generic) else got
    known = {_key(choice): choice for choice in allowed}
    if _key(got) not in known:
        choices = ", ".join(map(_typed, known.values()))
        return Finding(f"`{name}` is {_typed(answer)}; write one of {choices}.")
    if _key(got) == _key(expected):
        return RIGHT
    said = hint if isinstance(hint, str) else hint.get(known[_key(got)], "")
    return Finding(f"`{name}`: {said}")


def _typed(value: Any) -> str:
    """Return a choice as it is typed, of other things their kind."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return f'"{value}"'
    plain = isinstance(value, bool | int | float)
    return str(value) if plain else f"a {type(value).__name__}"


def _key(choice: Any) -> tuple[str, str]:
    """Return a choice with its kind: True is not 1; words in small letters."""
    kind = "number" if isinstance(choice, int | float) else "word"
    kind = "bool" if isinstance(choice, bool) else kind
    return kind, str(choice).lower()


def check_labels(
    name: str, answer: Any, expected: Iterable[Any], known: Iterable[Any] = ()
) -> Finding:
    """Compare a set of labels with the right one; order and type don't matter.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : iterable of labels
        A list, set, array, Index, or a Series whose values are the labels.
    expected : iterable of labels
    known : iterable of labels, optional
        All labels that there are, so that what is none can be named.

    Returns
    -------
    Finding
        Half of the credit when one of the labels is missing or too many.

    Examples
    --------
    >>> check_labels("who", [308, 335], [308, 309]).hint
    '`who` misses 1 label and has 1 too many.'
    >>> check_labels("who", np.array(["309", "308"]), [308, 309]).credit
    1.0
    """
    missing = blank(name, answer)
    if missing:
        return missing
    kind = type(answer).__name__
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return Finding(f"`{name}` is a {kind}, not a list of labels.")
    if hasattr(answer, "columns"):
        return Finding(f"`{name}` is a {kind}, a whole table: keep the labels alone.")
    values = np.asarray([*answer], dtype=object).ravel()
    got = {_label(value): value for value in values}
    want, there = ({_label(value) for value in some} for some in (expected, known))
    strange = [value for label, value in got.items() if label not in want | there]
    if there and strange:
        return Finding(f"`{name}` holds {_typed(strange[0])}, which is no label here.")
    return _compare_labels(name, {*got}, want)


def _compare_labels(name: str, got: set[str], want: set[str]) -> Finding:
    """Count what is missing and what is too many."""
    if got == want:
        return RIGHT
    lost, extra = len(want - got), len(got - want)
    parts = [f"misses {lost} label{'s' * (lost > 1)}"] * bool(lost)
    parts += [f"has {extra} too many"] * bool(extra)
    half = 0.5 if lost + extra == 1 and len(want) > 2 else 0.0
    return Finding(f"`{name}` {' and '.join(parts)}.", half)


def _label(value: Any) -> str:
    """Return a label as text; 308.0 is 308."""
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if whole else str(value)
