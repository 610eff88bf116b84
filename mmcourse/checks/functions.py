"""Call a function: does it do it, also for what the learner has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding
from mmcourse.checks.mistakes import close
from mmcourse.checks.numbers import to_number

Compare = Callable[[Any, Any], bool]


def numbers_agree(got: Any, want: Any) -> bool:
    """Return whether two results are the same number."""
    number = to_number(got)
    return number is not None and close(number, want)


def check_function(
    name: str,
    function: Any,
    right: Callable[..., Any],
    cases: Sequence[tuple[Any, ...]],
    *,
    mistakes: Mapping[str, Callable[..., Any]] | None = None,
    agree: Compare = numbers_agree,
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
    agree : function of two results
        Whether they are the same; by default, as numbers.

    Returns
    -------
    Finding

    Examples
    --------
    >>> cases = [(1.0, 1.0), (3.0, 1.0)]
    >>> share = lambda between, within: between / (between + within)
    >>> check_function("share", lambda a, b: 0.5, share, cases).hint
    '`share` gives the same for every argument: it does not use what it is given.'
    """
    if function is None or function is ...:
        return Finding(f"`{name}` is not answered yet.")
    if not callable(function):
        return Finding(f"`{name}` is no function any more; define it with `def`.")
    got = []
    for case in cases:
        try:
            got.append(function(*case))
        except Exception as error:
            return Finding(f"`{name}` stops with {type(error).__name__}: {error}")
    return _judge(name, got, cases, right, mistakes or {}, agree)


def _judge(
    name: str,
    got: list[Any],
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., Any],
    mistakes: Mapping[str, Callable[..., Any]],
    agree: Compare,
) -> Finding:
    """Say what the results show."""
    if all(value is None or value is ... for value in got):
        return Finding(
            f"`{name}` returns nothing: is it still blank, without `return`?"
        )
    hits = [agree(a, right(*case)) for a, case in zip(got, cases, strict=True)]
    if all(hits):
        return RIGHT
    if len(cases) > 1 and all(agree(got[0], value) for value in _plain(got[1:])):
        return Finding(
            f"`{name}` gives the same for every argument: it does not use what it is "
            "given."
        )
    for sentence, wrong in mistakes.items():
        if all(agree(a, wrong(*case)) for a, case in zip(got, cases, strict=True)):
            return Finding(sentence)
    share = float(np.mean(hits))
    return Finding(f"`{name}` is right in {sum(hits)} of {len(hits)} cases.", share / 2)


def _plain(values: list[Any]) -> list[Any]:
    """Numbers as floats, so that results can stand on the right of a comparison."""
    return [v if to_number(v) is None else to_number(v) for v in values]
