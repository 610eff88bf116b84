"""mixedlm: lme4's formulas, with a core in Rust."""

from __future__ import annotations

from typing import Any

import mixedlm
import pandas as pd

from engines.work import N_SIMS, Work, spread_of_sds

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


WORK = {
    "boot": Work(
        lambda model, case, frame: mixedlm.bootMer(model, nsim=N_SIMS, seed=1),
        lambda result, case: spread_of_sds(
            result.theta_samples, result.sigma_samples, case
        ),
    ),
    "profile": Work(
        lambda model, case, frame: model.confint(method="profile"),
        lambda result, case: [],
        differs="the fixed effects only",
    ),
}
