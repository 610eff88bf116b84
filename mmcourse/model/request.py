"""What `lmer` was asked for, so that `update` can ask again with a change.

The data are remembered as a reference to the caller's own object, not as a copy, and
are not pickled; `update` looks whether they still hold what the fit saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from mmcourse.design import Design, build_design
from mmcourse.errors import DesignError, did_you_mean, listing
from mmcourse.formula import update_formula


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Arguments of `lmer`, and `lmer` itself, which is no layer below.

    `data` is None where they are no longer known.
    """

    fitter: Callable[..., Any]
    formula: str
    data: Any
    reml: Any = True
    weights: Any = None
    offset: Any = None
    missing: Any = "drop"
    start: Any = None
    max_evaluations: Any = None

    def without_data(self) -> Request:
        """Forget the data."""
        return replace(self, data=None)

    def ask(self) -> Any:
        """Return the model that is asked for."""
        arguments = {name: getattr(self, name) for name in _names()}
        return self.fitter(**arguments)


def _names() -> list[str]:
    """Arguments of `lmer`."""
    return [field.name for field in fields(Request) if field.name != "fitter"]


def change(
    request: Request, design: Design, formula: str | None, changes: dict[str, Any]
) -> Request:
    """Return the request with a changed formula and other changed arguments.

    Raises
    ------
    TypeError
        If `lmer` has no such argument.
    DesignError
        If the data are needed, but are no longer what they were.
    """
    known = _names()
    for name in changes:
        if name not in known:
            raise TypeError(
                f"update has no argument {name!r}. {did_you_mean(name, known)}"
                f"It takes those of lmer: {listing(known)}."
            )
    text = request.formula
    if formula is not None:
        text = update_formula(design.formula, formula)
    if "data" not in changes:
        _check_data(request, design)
    # A start belongs to one model and its data.
    return replace(request, formula=text, **{"start": None, **changes})


def _check_data(request: Request, design: Design) -> None:
    """Refuse to go on from data that are gone, or are no longer those of the fit."""
    advice = "Pass the data again: update(..., data=...)."
    if request.data is None:
        raise DesignError(
            "the model does not know its data: they are not kept when a model is "
            f"pickled, fitted in chunks, or fitted to another response.\n  {advice}"
        )
    given = (request.weights, request.offset, request.missing)
    try:
        now = build_design(design.formula, request.data, *given)
    except (DesignError, TypeError) as error:
        raise DesignError(
            f"the data have changed since the fit: {error}\n  {advice}"
        ) from error
    if not _same(now, design):
        raise DesignError(
            "the data have changed since the fit: the rows, or the values of a column "
            f"of the model, are not what they were.\n  {advice}"
        )


def _same(a: Design, b: Design) -> bool:
    """Whether two designs of one formula hold the same numbers."""
    if a.y.shape != b.y.shape or a.X.shape != b.X.shape:
        return False
    pairs: list[tuple[Any, Any]] = [
        (a.y, b.y),
        (a.X, b.X),
        (a.weights, b.weights),
        (a.offset, b.offset),
    ]
    pairs += [(s.columns, t.columns) for s, t in zip(a.terms, b.terms, strict=True)]
    for g, h in zip(a.groupings, b.groupings, strict=True):
        if not g.levels.equals(h.levels):
            return False
        pairs.append((g.codes, h.codes))
    return all(
        x is None and y is None
        if x is None or y is None
        else np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        for x, y in pairs
    )
