"""mixedlm: lme4's formulas, with a core in Rust."""

from __future__ import annotations

from typing import Any

import mixedlm
import pandas as pd

PACKAGE = "mixedlm"


def reason_against(case: Any) -> str | None:
    """Nothing stands against any case."""
    return None


def fit(case: Any, frame: pd.DataFrame) -> Any:
    """Fit by REML, without the checks of a summary."""
    return mixedlm.lmer(case["formula"], frame)


def criterion(model: Any) -> float | None:
    """REML criterion."""
    return float(model.REMLcrit())
