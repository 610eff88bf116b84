"""lme-python: lme4's formulas, in Rust; pandas frames are converted at each call."""

from __future__ import annotations

from typing import Any

import lme_python
import pandas as pd

from engines.work import N_SIMS, Work, spread_of_sds

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


def bootstrap(model: Any, case: Any, frame: pd.DataFrame) -> Any:
    """Bootstrap fixed effects, theta and sigma."""
    return model.boot(case["formula"], frame, nsim=N_SIMS, seed=1)


def spreads(result: Any, case: Any) -> list[float]:
    """Return the sds of the replicates of sds and sigma."""
    theta = [replicate.theta for replicate in result.replicates]
    sigma = [replicate.sigma2**0.5 for replicate in result.replicates]
    return spread_of_sds(theta, sigma, case)


WORK = {
    "boot": Work(bootstrap, spreads, differs="keeps the random effects fixed"),
    "profile": Work(
        lambda model, case, frame: model.confint(
            method="profile", data=frame, which="all"
        ),
        lambda result, case: [result.lower[0], result.upper[0]],
        differs="the ends for an sd are those of theta",
    ),
}
