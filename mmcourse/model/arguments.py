"""Checks of what a caller passes to `lmer` and to the methods of a model.

A wrong type is a TypeError, a wrong value a DesignError, InferenceError or ValueError.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.design import Design
from mmcourse.errors import DesignError, InferenceError, brief, percent_hint

Array = NDArray[np.float64]


def check_flag(given: Any, name: str) -> bool:
    """Return True or False; words and arrays would count as true.

    Examples
    --------
    >>> check_flag(np.bool_(False), "reml")
    False
    """
    if isinstance(given, Integral | np.bool_) and given in (0, 1):
        return bool(given)
    raise TypeError(f"{name} is {brief(given)}; it must be True or False.")


def check_limit(given: Any) -> int | None:
    """Return max_evaluations, a count that leaves at least one evaluation."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(
            f"max_evaluations is {brief(given)}; it must be a whole number, for "
            "example 200, or None for no limit of your own."
        )
    if given < 1:
        raise ValueError(
            f"max_evaluations is {given}; at least 1 evaluation is needed."
        )
    return int(given)


def check_start(given: Any, design: Design) -> Array | None:
    """Return the start of the search, or None where it is left to `lmer`."""
    return None if given is None else check_theta(given, design, "start")


def check_theta(given: Any, design: Design, name: str = "theta") -> Array:
    """Return relative covariance parameters as an array of the model's length.

    Raises
    ------
    TypeError
        If they are no numbers.
    DesignError
        If there are too few or too many, or one is not finite.
    """
    names = theta_names(design)
    theta = _as_numbers(given, name, len(names))
    order = f"Their order: {', '.join(names)}."
    if theta.shape != (len(names),):
        raise DesignError(
            f"{name} has shape {theta.shape}, but this model needs "
            f"{_finite_values(len(names))}.\n  {order}"
        )
    for value, entry in zip(theta, names, strict=True):
        if not np.isfinite(value):
            raise DesignError(
                f"{name} holds {value} for {entry}, but this model needs "
                f"{_finite_values(len(names))}.\n  {order}"
            )
    return theta


def check_computed(criterion: float, theta: Array) -> float:
    """Return the criterion, which rounding may have swallowed at a far theta."""
    if not np.isnan(criterion):
        return criterion
    raise InferenceError(
        "the criterion can't be computed where theta has values of "
        f"{abs(theta).max():.3g}: rounding hides the residual beside such random "
        "effects.\n  Choose values nearer to those of the fit."
    )


def _as_numbers(given: Any, name: str, n: int) -> Array:
    """Return real numbers as an array of at least one axis; refuse all else."""
    try:
        found = np.asarray(given)
        # Numbers as text would be converted, and complex ones cut, without a word.
        if given is not None and found.dtype.kind in "fiuO":
            return np.atleast_1d(found.astype(np.float64))
    except (TypeError, ValueError, OverflowError):
        pass  # lists of unequal length, or objects that are no numbers
    raise TypeError(
        f"{name} is {brief(given)}; it must be a list or an array of real numbers, "
        f"and this model needs {_finite_values(n)}."
    )


def _finite_values(n: int) -> str:
    return f"{n} finite value{'s' if n > 1 else ''}"


def theta_names(design: Design) -> list[str]:
    """Names of theta's entries: group, then the effects of row and column."""
    out = []
    for term in design.terms:
        for j, column in enumerate(term.names):
            out.append(f"{term.group}.{column}")
            out += [f"{term.group}.{row}.{column}" for row in term.names[j + 1 :]]
    return out


def check_interval(level: Any, method: Any, criterion: Any) -> None:
    """Refuse what `confint` does not know."""
    check_level(level)
    if not _is_one_of(method, "profile", "wald", "boot"):
        raise InferenceError(
            f"method is {brief(method)}; intervals are made by 'profile', 'wald' or "
            "'boot'."
        )
    check_criterion(criterion)


def check_criterion(criterion: Any) -> None:
    """Refuse a likelihood that is none of the two."""
    if not _is_one_of(criterion, "ml", "reml"):
        raise InferenceError(
            f"criterion is {brief(criterion)}; it must be 'ml' or 'reml'."
        )


def check_level(level: Any) -> None:
    """Refuse a level that is not a number between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, Real):
        raise TypeError(
            f"level is {brief(level)}; it must be a number between 0 and 1, for "
            "example 0.95."
        )
    if not 0 < float(level) < 1:
        raise InferenceError(
            f"level is {level}; it must lie between 0 and 1, for example 0.95."
            f"{percent_hint(float(level))}"
        )


def _is_one_of(given: Any, *words: str) -> bool:
    # An array compared with a word gives an array, not an answer.
    return isinstance(given, str) and given in words
