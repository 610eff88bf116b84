"""Fitted values and predictions: functions of a fit, its posterior and a design.

Layer: above `fit` and `posterior`. What is asked for is a selection of effects: all
random terms, none, or some of them, as `Design.match_re_form` reads it.

Conventions
    A selection is a tuple of (term, columns): positions among the design's terms and
    among that term's columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design import Design, NewRows
from mmcourse.fit import Fit
from mmcourse.posterior import Posterior

Array = NDArray[np.float64]
Selection = tuple[tuple[int, tuple[int, ...]], ...]


def fitted(fit: Fit, posterior: Posterior, design: Design) -> Array:
    """Return X beta + Z b + offset for the rows used, (n,), units y."""
    design.require_rows("fitted and residuals")
    out = design.X[:, list(fit.kept)] @ fit.beta
    if design.offset is not None:
        out = out + design.offset
    for term, modes in zip(design.terms, posterior.modes, strict=True):
        codes = design.groupings[term.grouping].codes
        out = out + np.einsum("nc,nc->n", term.columns, modes[codes])
    return out


def predict(
    fit: Fit,
    posterior: Posterior,
    design: Design,
    newdata: Any = None,
    re_form: str = "all",
    allow_new_levels: bool = False,
    se: bool = False,
) -> pd.Series | pd.DataFrame:
    """Predict the rows of `newdata`, or those used in fitting (see `MixedModel`)."""
    selection = design.match_re_form(re_form)
    if newdata is None:
        design.require_rows("predict() without new data")
        rows = training_rows(design, selection)
    else:
        terms = tuple(term for term, _ in selection)
        rows = design.rows(newdata, terms, allow_new_levels)
    columns = selected_columns(rows, selection)
    mean = linear_predictor(fit, posterior, design, rows, columns)
    mean = np.where(rows.complete, mean, np.nan)
    if not se:
        return pd.Series(mean, index=rows.index, name=design.response_name)
    variance = posterior.prediction_variance(rows.X, columns, list(rows.codes))
    sd = np.where(rows.complete, np.sqrt(variance), np.nan)
    return pd.DataFrame({"fit": mean, "se": sd}, index=rows.index)


def training_rows(design: Design, selection: Selection) -> NewRows:
    """Return the rows used in fitting, in the shape that `Design.rows` gives."""
    used = {term for term, _ in selection}
    n = len(design.y)
    groupings = {design.terms[i].grouping for i in used}
    return NewRows(
        X=design.X,
        offset=np.zeros(n) if design.offset is None else design.offset,
        columns=tuple(
            term.columns if i in used else None for i, term in enumerate(design.terms)
        ),
        codes=tuple(
            g.codes if i in groupings else None for i, g in enumerate(design.groupings)
        ),
        index=design.index,
        complete=np.ones(n, dtype=bool),
    )


def selected_columns(rows: NewRows, selection: Selection) -> list[Array | None]:
    """Columns of each term with those outside the selection set to zero."""
    chosen = dict(selection)
    out: list[Array | None] = []
    for i, block in enumerate(rows.columns):
        if block is None or i not in chosen:
            out.append(None)
            continue
        keep = np.isin(np.arange(block.shape[1]), chosen[i])
        out.append(np.where(keep, block, 0.0))
    return out


def linear_predictor(
    fit: Fit,
    posterior: Posterior,
    design: Design,
    rows: NewRows,
    columns: list[Array | None],
) -> Array:
    """Add fixed part, offset and selected effects, (r,); new levels add zero."""
    out = rows.X[:, list(fit.kept)] @ fit.beta + rows.offset
    for i, block in enumerate(columns):
        if block is None:
            continue
        codes = rows.codes[design.terms[i].grouping]
        assert codes is not None  # `rows` fills what the selection needs
        effects = np.where((codes >= 0)[:, None], posterior.modes[i][codes], 0.0)
        out = out + np.einsum("nc,nc->n", block, effects)
    return out
