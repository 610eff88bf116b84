"""Names and order of the parameters that an interval can be asked for.

Layer: lowest of `inference`. lme4's order: for each random term, most levels first,
down the columns of its lower triangle; then sigma; then the fixed effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.errors import InferenceError, brief, did_you_mean, listing


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, and where it sits.

    kind : "sd", "cor", "sigma" or "fixed"; term, row, col place the first two in the
    term's lower triangle; position counts the fixed effects.
    """

    name: str
    kind: str
    term: int = -1
    row: int = -1
    col: int = -1
    position: int = -1


def parameters(
    terms: Sequence[tuple[str, Sequence[str]]], fixed: Sequence[str]
) -> tuple[Parameter, ...]:
    """List all parameters of a model.

    Parameters
    ----------
    terms : sequence of (group, effect names)
        In the order of theta.
    fixed : sequence of str

    Examples
    --------
    >>> found = parameters([("Subject", ("Intercept", "Days"))], ["Intercept"])
    >>> [p.name for p in found][:3]
    ['sd_Intercept|Subject', 'cor_Days.Intercept|Subject', 'sd_Days|Subject']
    """
    out = []
    for t, (group, names) in enumerate(terms):
        for j, column in enumerate(names):
            out.append(Parameter(f"sd_{column}|{group}", "sd", t, j, j))
            for i in range(j + 1, len(names)):
                name = f"cor_{names[i]}.{column}|{group}"
                out.append(Parameter(name, "cor", t, i, j))
    out.append(Parameter("sigma", "sigma"))
    for i, name in enumerate(fixed):
        out.append(Parameter(name, "fixed", position=i))
    return tuple(out)


def choose(
    every: Sequence[Parameter], parm: str | int | Sequence[str | int] | None
) -> tuple[Parameter, ...]:
    """Pick parameters by name, by position, or by "theta_" or "beta_" for a group.

    Raises
    ------
    TypeError
        If what is asked for is neither a name nor a position.
    InferenceError
        If a name or a position is not one of the model's.
    """
    if parm is None:
        return tuple(every)
    out: list[Parameter] = []
    for item in _asked(parm):
        out.extend(_find(every, item))
    return tuple(dict.fromkeys(out))


def _asked(parm: Any) -> list[str | int]:
    """Names and positions, one or several, as a list."""
    items = [parm]
    if isinstance(parm, np.ndarray):
        items = parm.ravel().tolist()
    elif isinstance(parm, list | tuple | range | pd.Index | pd.Series):
        items = list(parm)
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | Integral):
            raise TypeError(
                f"parm is {brief(parm)}; it must be the name of a parameter, its "
                "position, or a list of these, for example 'sigma' or [0, 1]."
            )
    return items


def _find(every: Sequence[Parameter], item: str | int) -> list[Parameter]:
    """Parameters that one name or position stands for."""
    if item == "theta_":
        return [p for p in every if p.kind != "fixed"]
    if item == "beta_":
        return [p for p in every if p.kind == "fixed"]
    if isinstance(item, str):
        found = [p for p in every if p.name == item]
        if found:
            return found
        raise InferenceError(
            f"the model has no parameter {item!r}.\n"
            f"  {did_you_mean(item, [p.name for p in every])}{_known(every)}"
        )
    if not 0 <= item < len(every):
        raise InferenceError(
            f"there is no parameter number {item}: the model has {len(every)}, "
            f"counted from 0.\n  {_known(every)}"
        )
    return [every[item]]


def _known(every: Sequence[Parameter]) -> str:
    return f"Parameters: {listing(p.name for p in every)}."
