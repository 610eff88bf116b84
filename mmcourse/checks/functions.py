"""Call a function: does it do it, also for what the learner has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding
from mmcourse.checks.mistakes import close
from mmcourse.checks.numbers import is_rounded, kind_of, to_number


def check_function(
    name: str,
    function: Any,
    right: Callable[..., Any],
    cases: Sequence[tuple[Any, ...]],
    *,
    mistakes: Mapping[str, Callable[..., Any]] | None = None,
    read: Callable[[Any], Any] = to_number,
    returns: str = "a number",
) -> Finding:
    """Compare a function with the right one, case by case.

    Parameters
    ----------
    name : str
        The function that the learner was to write.
    function : callable
        What they wrote.
    right : callable
        A function that is right.
    cases : sequence of tuples
        The arguments of each call.
    mistakes : mapping
        Sentence to a function that makes this mistake.
    read : function of one result
        What to compare of it; None when it has another form than is asked for.
    returns : str
        That form, in words.

    Returns
    -------
    Finding

    Examples
    --------
    >>> cases = [(1.0, 1.0), (3.0, 1.0)]
    >>> share = lambda between, within: between / (between + within)
    >>> check_function("share", lambda a, b: 0.5, share, cases).hint
    '`share` gives the same for every argument: it does not use what it is given.'
    >>> check_function("share", lambda a, b: [a, b], share, cases).hint
    '`share` returns a list, not a number.'
    """
    if function is None or function is ...:
        return Finding(f"`{name}` is not answered yet.")
    if not callable(function):
        return Finding(f"`{name}` is no function any more; define it with `def`.")
    try:
        got = [function(*case) for case in cases]
    except Exception as error:
        return Finding(f"`{name}` stops with {type(error).__name__}: {error}")
    if all(value is None or value is ... for value in got):
        return Finding(
            f"`{name}` returns nothing: is it still blank, without `return`?"
        )
    numbers = [read(value) for value in got]
    for value, number in zip(got, numbers, strict=True):
        if number is None:
            return Finding(f"`{name}` returns {kind_of(value)}, not {returns}.")
    return _judge(name, numbers, cases, right, mistakes or {})


def _judge(
    name: str,
    got: list[Any],
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., Any],
    mistakes: Mapping[str, Callable[..., Any]],
) -> Finding:
    """Say what the results show."""
    want = [right(*case) for case in cases]
    hits = [close(a, b) for a, b in zip(got, want, strict=True)]
    if all(hits):
        return RIGHT
    if len(got) > 1 and all(close(got[0], other) for other in got[1:]):
        return Finding(
            f"`{name}` gives the same for every argument: it does not use what it is "
            "given."
        )
    for sentence, wrong in mistakes.items():
        if all(close(a, wrong(*case)) for a, case in zip(got, cases, strict=True)):
            return Finding(sentence)
    if all(is_rounded(a, b) for a, b in zip(got, want, strict=True)):
        return Finding(f"`{name}` rounds what it returns. Keep all digits.", 0.5)
    share = float(np.mean(hits))
    return Finding(f"`{name}` is right in {sum(hits)} of {len(hits)} cases.", share / 2)
