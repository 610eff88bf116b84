"""lme-python: lme4's formulas, in Rust; pandas frames are converted at each call."""

from __future__ import annotations

from typing import Any

import lme_python
import pandas as pd

PACKAGE = "lme-python"


def reason_against(case: Any) -> str | None:
    """Nothing stands against any case."""
    return None


def fit(case: Any, frame: pd.DataFrame) -> Any:
    """Fit by REML."""
    return lme_python.lmer(case["formula"], data=frame, reml=True)


def criterion(model: Any) -> float | None:
    """REML criterion, from the restricted log-likelihood."""
    value = model.log_likelihood
    return None if value is None else -2.0 * float(value)
