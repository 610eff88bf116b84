"""A fit as one record of plain numbers and texts, for other programs."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from mmcourse.model import MixedModel
from mmcourse.version import __version__


def as_json(
    model: MixedModel, fixed: pd.DataFrame, intervals: pd.DataFrame | None
) -> str:
    """Return a fit as a JSON object; what is missing or infinite is null.

    Parameters
    ----------
    model : MixedModel
    fixed : DataFrame
        As `extract_fixed_effects` returns it.
    intervals : DataFrame or None
        As `MixedModel.confint` returns them.

    Returns
    -------
    str
        Keys are the names of `MixedModel` and of the columns of its tables. A variance
        has the keys variance and sd, a pair of effects covariance and correlation.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> record = json.loads(as_json(model, mm.extract_fixed_effects(model), None))
    >>> record["n_groups"], record["variance_components"][1]["group"]
    ({'Batch': 6}, 'Residual')
    """
    record = {
        "formula": model.formula,
        "method": "REML" if model.reml else "ML",
        "n_obs": model.n_obs,
        "n_groups": model.n_groups,
        "fixed_effects": fixed.to_dict("records"),
        "p_value": fixed.attrs["p_value"],
        "variance_components": [
            component(*row) for row in model.var_corr().itertuples(index=False)
        ],
        "sigma": model.sigma,
        "theta": model.theta.tolist(),
        "criterion": model.criterion,
        "loglik": model.loglik,
        "aic": model.aic,
        "bic": model.bic,
        "df_resid": model.df_resid,
        "status": model.status,
        "is_singular": model.is_singular,
        "messages": [*model.messages, *fixed.attrs.get("notes", [])],
        "confint": None if intervals is None else interval_record(intervals),
        "mmcourse": __version__,
    }
    return json.dumps(plain(record), indent=2, allow_nan=False)


def component(
    group: str, first: Any, second: Any, variance: float, sd: float
) -> dict[str, Any]:
    """Return a row of `MixedModel.var_corr`, its numbers called what they are."""
    if pd.isna(second):
        return {"group": group, "effect": first, "variance": variance, "sd": sd}
    pair = {"group": group, "effects": [first, second]}
    return {**pair, "covariance": variance, "correlation": sd}


def interval_record(intervals: pd.DataFrame) -> dict[str, Any]:
    """Return intervals, and what they are intervals of."""
    ends = intervals.rename_axis("parameter").reset_index()
    about = {str(key): value for key, value in intervals.attrs.items()}
    return {**about, "intervals": ends.to_dict("records")}


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
