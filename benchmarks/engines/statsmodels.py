"""statsmodels' MixedLM; crossed factors as variance components of one group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

PACKAGE = "statsmodels"


def reason_against(case: Any) -> str | None:
    """Crossed factors need matrices of rows x rows and of rows x levels."""
    if len(case["terms"]) > 1 and case["n_rows"] > 5_000:
        n = case["n_rows"]
        return (
            "crossed factors take a dense matrix of rows x rows: "
            f"{8 * n * n / 1e9:,.0f} GB"
        )
    return None


def fit(case: Any, frame: pd.DataFrame) -> Any:
    """Fit by REML."""
    terms = case["terms"]
    if len(terms) == 1:
        ((effects, group),) = terms
        model = smf.mixedlm(
            case["fixed"], frame, groups=group, re_formula=f"~ {effects}"
        )
        return model.fit()
    parts = {group: f"0 + C({group})" for _, group in terms}
    one = np.ones(len(frame))
    model = smf.mixedlm(
        case["fixed"], frame, groups=one, re_formula="0", vc_formula=parts
    )
    return model.fit()


def criterion(model: Any) -> float | None:
    """REML criterion, from the restricted log-likelihood."""
    return -2.0 * float(model.llf)
