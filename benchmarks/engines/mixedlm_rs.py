"""mixedlm-rs: statsmodels' interface for one grouping factor, in Rust."""

from __future__ import annotations

from typing import Any

import mixedlm_rs
import pandas as pd

PACKAGE = "mixedlm-rs"


def reason_against(case: Any) -> str | None:
    """One grouping factor only."""
    return None if len(case["terms"]) == 1 else "it has one grouping factor only"


def fit(case: Any, frame: pd.DataFrame) -> Any:
    """Fit by REML."""
    ((effects, group),) = case["terms"]
    model = mixedlm_rs.mixedlm(
        case["fixed"], frame, groups=group, re_formula=f"~ {effects}"
    )
    return model.fit()


def criterion(model: Any) -> float | None:
    """REML criterion, from the restricted log-likelihood."""
    return -2.0 * float(model.llf)
