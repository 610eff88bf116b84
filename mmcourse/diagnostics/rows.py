"""What the fit says of each row: leverage, Cook's distance, residuals.

Layer: functions of a `MixedModel`. The variances are taken as known, as in lme4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import DesignError, listing
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.predict import training_rows

Array = NDArray[np.float64]


def hat_values(model: MixedModel) -> pd.Series:
    """Return the leverage of each row: d fitted / d observed, random effects included.

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    Series
        On the index of the rows used, no unit, 0 to 1. The sum is the effective number
        of parameters given the variances.

    Raises
    ------
    InferenceError
        If the rows were not kept, as those of a file are not.

    Notes
    -----
    As lme4's ``hatvalues``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.hat_values(model).head(3).round(4).tolist()
    [0.1075, 0.1021, 0.0981]
    """
    check_model(model, "hat_values")
    return pd.Series(_hat(model), index=model.fitted.index, name="hat")


def _hat(model: MixedModel) -> Array:
    """Diagonal of the hat matrix, (n,)."""
    design = model.design
    design.require_rows("hat values")
    everything = tuple(
        (i, tuple(range(term.columns.shape[1]))) for i, term in enumerate(design.terms)
    )
    rows = training_rows(design, everything)
    variance = model.posterior.prediction_variance(
        rows.X, list(rows.columns), list(rows.codes)
    )
    weights = 1.0 if design.weights is None else design.weights
    return variance * weights / model.sigma**2


def cooks_distance(model: MixedModel) -> pd.Series:
    """Return Cook's distance of each row, at the estimated variances.

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    Series
        On the index of the rows used, no unit: how far the fixed effects would move
        without the row, in units of their joint uncertainty.

    Raises
    ------
    InferenceError
        If the rows were not kept, as those of a file are not.

    Notes
    -----
    As lme4's ``cooks.distance``, with the hat values of fixed and random effects
    together.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.cooks_distance(model).head(3).round(4).tolist()
    [0.1276, 0.1273, 0.2437]
    """
    check_model(model, "cooks_distance")
    hat = _hat(model)
    scaled = _scaled_residuals(model) / (1 - hat)
    values = scaled**2 * hat / len(model.fit.beta)
    return pd.Series(values, index=model.fitted.index, name="cooks_distance")


def _scaled_residuals(model: MixedModel) -> Array:
    """Residuals times the root of their weight over sigma, (n,), no unit."""
    weights = 1.0 if model.design.weights is None else model.design.weights
    return model.residuals.to_numpy() * np.sqrt(weights) / model.sigma


def augment(model: MixedModel, data: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what the fit says of each row.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    data : DataFrame, optional
        The data of the fit; its columns come first. Rows are matched by their index,
        which must be unique.

    Returns
    -------
    DataFrame
        A row per row used:

        ============== ================================================
        fitted         with the random effects; units of the response
        fixed          without them
        residual       observed - fitted
        standardized   residual * sqrt(w) / (sigma sqrt(1 - hat))
        hat            leverage
        cooks_distance no unit
        ============== ================================================

    Raises
    ------
    DesignError
        If the rows of the data can't be matched.

    Notes
    -----
    As ``augment`` of R's broom.mixed, and lme4's ``fortify``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.augment(model)["standardized"].head(2).round(4).tolist()
    [-1.456, -1.4966]
    """
    check_model(model, "augment")
    hat = _hat(model)
    out = pd.DataFrame(
        {
            "fitted": model.fitted,
            "fixed": model.predict(re_form="none"),
            "residual": model.residuals,
            "standardized": _scaled_residuals(model) / np.sqrt(1 - hat),
            "hat": hat,
            "cooks_distance": cooks_distance(model).to_numpy(),
        },
        index=model.fitted.index,
    )
    return out if data is None else _joined(data, out)


def _joined(data: Any, out: pd.DataFrame) -> pd.DataFrame:
    """Put the user's columns before ours."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(
            f"data is of type {type(data).__name__}; augment takes the pandas frame of "
            "the fit."
        )
    twice = [name for name in out.columns if name in data.columns]
    if twice:
        raise DesignError(
            f"the data has columns {listing(twice)}, which augment adds. Rename them, "
            "or call augment(model) and join as you like."
        )
    if not (data.index.is_unique and out.index.isin(data.index).all()):
        raise DesignError(
            "the rows of the data can't be matched with those of the fit by their "
            "index.\n  Pass the frame that was fitted, with an index of unique labels."
        )
    return data.loc[out.index].join(out)
