"""What a user's function of a model returns -> one row of named numbers.

Layer: knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief, listing

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A function with the names that its values had for the original model."""

    func: Callable[[Any], Any]
    names: tuple[str, ...]
    named: bool

    def row(self, model: Any) -> Array:
        """Values for another model, in the order of the names.

        Raises
        ------
        InferenceError
            If there are other values than for the original.
        """
        names, values = _read(self.func(model))
        if self.named and names is not None and set(names) == set(self.names):
            found = dict(zip(names, values, strict=True))
            return np.array([found[name] for name in self.names])
        if self.named != (names is not None) or len(values) != len(self.names):
            what = listing(names, 5) if names is not None else len(values)
            raise InferenceError(
                f"func gave {len(values)} values ({what}), where it gave "
                f"{len(self.names)} ({listing(self.names, 5)}) for the model itself"
            )
        if self.named:
            raise InferenceError(
                f"func gave the values {listing(names or (), 5)}, where it gave "
                f"{listing(self.names, 5)} for the model itself"
            )
        return values


def first_look(func: Any, model: Any) -> tuple[Statistic, Array]:
    """Apply a function to the original model; return it with names, and its values.

    Raises
    ------
    TypeError
        If it is no function, or does not return numbers.
    InferenceError
        If it fails.

    Examples
    --------
    >>> statistic, values = first_look(lambda model: {"twice": 2 * model}, 3)
    >>> statistic.names, values
    (('twice',), array([6.]))
    """
    if not callable(func):
        raise TypeError(
            f"func is {brief(func)}; it must be a function of a model, for example "
            "lambda model: model.fixef, or None for the model's own parameters."
        )
    try:
        given = func(model)
    except Exception as error:
        raise InferenceError(
            f"func fails on the model itself, before any refit: {said(error)}"
        ) from error
    names, values = _read(given)
    if not len(values):
        raise InferenceError("func returns no value for the model itself.")
    if names is not None:
        return Statistic(func, names, True), values
    made = (
        ["statistic"]
        if np.ndim(given) == 0
        else [f"statistic_{i + 1}" for i in range(len(values))]
    )
    return Statistic(func, tuple(made), False), values


def said(error: BaseException) -> str:
    """Type and words of an exception."""
    return f"{type(error).__name__}: {error}"


def _read(given: Any) -> tuple[tuple[str, ...] | None, Array]:
    """Names, if it has any, and values of what a function returned."""
    if isinstance(given, pd.Series):
        names = tuple(_name(label) for label in given.index)
        return _check_unique(names), _numbers(given.to_numpy(), given)
    if isinstance(given, Mapping):
        names = tuple(_name(key) for key in given)
        return _check_unique(names), _numbers(list(given.values()), given)
    if isinstance(given, Real) or np.ndim(given) == 0:
        return None, _numbers([given], given)
    return None, _numbers(given, given)


def _name(label: Any) -> str:
    """Label of a value as one word."""
    return ".".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _check_unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InferenceError(f"func gives two values the same name, {twice!r}.")
    return names


def _numbers(values: Any, given: Any) -> Array:
    """Return values as an array (k,), or refuse them."""
    try:
        out = np.asarray(values)
        if out.ndim == 1 and out.dtype.kind in "fiubO":
            return out.astype(np.float64)
    except (TypeError, ValueError):
        pass  # ragged, or objects that are no numbers
    raise TypeError(
        f"func returns {brief(given)}; it must return a number, or a Series, dict or "
        "one-dimensional array of numbers."
    )
