"""What `lmer` was asked for, and how it becomes a design and a fit.

A model remembers its request, so that `update` can change one part of it. The data are
remembered as a reference to the caller's own object, not as a copy, and are not
pickled; `update` looks whether they still hold what the fit saw.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from mmcourse import messages
from mmcourse.design import Design, build_design
from mmcourse.errors import (
    ConvergenceWarning,
    DesignError,
    RankWarning,
    did_you_mean,
    listing,
)
from mmcourse.fit import Fit, ModelArrays, TermArrays, fit_model
from mmcourse.formula import MixedFormula, parse, update_formula
from mmcourse.memory import TooLarge
from mmcourse.model.arguments import check_flag, check_limit, check_start


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Arguments of `lmer`; `data` is None where they are no longer known."""

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


def make(request: Request, stacklevel: int = 3) -> tuple[Design, Fit]:
    """Build the design and fit it; `stacklevel` is where warnings point to."""
    parsed = parse(request.formula)
    by_reml = check_flag(request.reml, "reml")
    limit = check_limit(request.max_evaluations)
    design = build_design(
        parsed, request.data, request.weights, request.offset, request.missing
    )
    first = check_start(request.start, design)
    try:
        fit = fit_model(as_arrays(design), by_reml, first, limit)
    except TooLarge as error:
        raise DesignError(messages.memory_text(design, error)) from error
    warn(design, fit, stacklevel + 1)
    return design, fit


def warn(design: Design, fit: Fit, stacklevel: int) -> None:
    """Warn of redundant columns, and of a search that did not end."""
    if len(fit.kept) < design.X.shape[1]:
        text = messages.rank_text(design, fit)
        warnings.warn(text, RankWarning, stacklevel=stacklevel)
    if fit.status in ("max_evaluations", "stalled"):
        text = messages.status_text(fit)
        warnings.warn(text, ConvergenceWarning, stacklevel=stacklevel)


def as_arrays(design: Design) -> ModelArrays:
    """Return the design as plain arrays."""
    y = design.y if design.offset is None else design.y - design.offset
    return ModelArrays(
        y=y,
        X=design.X,
        codes=tuple(g.codes for g in design.groupings),
        n_levels=tuple(len(g.levels) for g in design.groupings),
        terms=tuple(TermArrays(t.grouping, t.columns) for t in design.terms),
        weights=design.weights,
    )


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
    known = [f.name for f in fields(Request)]
    for name in changes:
        if name not in known:
            raise TypeError(
                f"update has no argument {name!r}. {did_you_mean(name, known)}"
                f"It takes those of lmer: {listing(known)}."
            )
    old: MixedFormula = design.formula
    text = request.formula if formula is None else update_formula(old, formula)
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
            f"pickled, or fitted to another response.\n  {advice}"
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
    pairs = [(a.y, b.y), (a.X, b.X), (a.weights, b.weights), (a.offset, b.offset)]
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
