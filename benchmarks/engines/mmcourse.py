"""mmcourse, from the environment that runs the benchmark."""

from __future__ import annotations

from typing import Any

import pandas as pd

import mmcourse as mm
from engines.work import N_SIMS, Work

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


def bootstrap(model: Any, case: Any, frame: pd.DataFrame) -> mm.MixedModel:
    """Bootstrap sds, correlations, sigma and fixed effects."""
    return mm.boot_mer(model, n_sims=N_SIMS, seed=1)


def spreads(result: Any, case: Any) -> list[float]:
    """Return the sds of the replicates of sds and sigma."""
    names = [n for n in result.estimates if n.startswith("sd_") or n == "sigma"]
    return list(result.estimates[names].std())


WORK = {
    "boot": Work(bootstrap, spreads),
    "profile": Work(
        lambda model, case, frame: model.confint(),
        lambda result, case: result.iloc[0].tolist(),
    ),
    "predict": Work(
        lambda model, case, frame: mm.predict_interval(model, n_sims=N_SIMS, seed=1),
        lambda result, case: [(result["upr"] - result["lwr"]).mean()],
    ),
    "effects": Work(
        lambda model, case, frame: mm.re_sim(model, n_sims=N_SIMS, seed=1),
        lambda result, case: [result["sd"].mean()],
    ),
}
