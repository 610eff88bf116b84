"""mmcourse, from the environment that runs the benchmark."""

from __future__ import annotations

from typing import Any

import pandas as pd

import mmcourse as mm

PACKAGE = "mmcourse"


def reason_against(case: Any) -> str | None:
    """Nothing stands against any case."""
    return None


def fit(case: Any, frame: pd.DataFrame) -> Any:
    """Fit by REML."""
    return mm.lmer(case["formula"], frame)


def evaluate(model: Any) -> float:
    """Evaluate the criterion once more: what is left to do after the rows are read."""
    return float(model.criterion_at(model.theta))


def criterion(model: Any) -> float | None:
    """REML criterion."""
    return float(model.criterion)
