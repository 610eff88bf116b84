"""Simulated intervals for rows of known and of new groups.

Whether an interval holds a freshly drawn response is a matter of chance, even when all
parameters are known. That chance is computed from the true parameters, not drawn: the
mean over data sets is the same, with less Monte-Carlo error.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mmcourse as mm
from benchmarks.coverage.designs import DataSet, Design, known_part, unknown_sd
from mmcourse.normal import normal_cdf

Array = NDArray[np.float64]

LEVELS = (0.8, 0.95)
N_SIMS = 1000
METHODS = ("joint", "independent")
# What is predicted, and what becomes of new levels: for known and for new groups.
KNOWN = (("response", ""), ("mean", ""))
NEW = (("response", "zero"), ("response", "draw"))

# case, target, method, new_levels, level, coverage, width
Outcome = tuple[str, str, str, str, float, float, float]


def all_predictions(
    model: mm.MixedModel, design: Design, data: DataSet
) -> tuple[list[Outcome], list[str]]:
    """Return coverage and width, averaged over the rows of a case; and problems."""
    seed = int(data.rng.integers(2**32))
    out: list[Outcome] = []
    problems = []
    for case, rows in design.cases.items():
        truth = true_values(design, rows, data)
        asked = NEW if np.any(truth["mean"][1] > 0) else KNOWN
        for (target, new_levels), method in product(asked, METHODS):
            label = (case, target, method, new_levels)
            try:
                draws = _draws(model, rows, target, method, new_levels, seed)
            except mm.MMCourseError as error:
                problems.append(f"prediction, {method}: {type(error).__name__}")
                out += [(*label, level, np.nan, np.nan) for level in LEVELS]
                continue
            for level in LEVELS:
                lower, upper = ends(draws, level)
                coverage = float(chances(lower, upper, *truth[target]).mean())
                width = float((upper - lower).mean())
                out.append((*label, level, coverage, width))
    return out, problems


def true_values(
    design: Design, rows: pd.DataFrame, data: DataSet
) -> dict[str, tuple[Array, Array]]:
    """Return what is predicted -> its mean and sd in each row, given the truth."""
    mean = known_part(design, rows, data.effects)
    sd = {t: unknown_sd(design, rows, t == "response") for t in ("response", "mean")}
    return {target: (mean, sd[target]) for target in sd}


def _draws(
    model: mm.MixedModel,
    rows: pd.DataFrame,
    target: str,
    method: str,
    new_levels: str,
    seed: int,
) -> Array:
    """Draws behind `predict_interval`, (rows, N_SIMS)."""
    _, draws = mm.predict_interval(
        model,
        rows,
        n_sims=N_SIMS,
        method=method,
        include_resid_var=target == "response",
        new_levels=new_levels or "zero",
        return_sims=True,
        seed=seed,
    )
    return np.asarray(draws)


def ends(draws: Array, level: float) -> tuple[Array, Array]:
    """Return the ends at a level, as `predict_interval` takes them from draws."""
    lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return lower, upper


def chances(lower: Array, upper: Array, mean: Array, sd: Array) -> Array:
    """Chance that a normal value lies in each row's interval, (rows,).

    0 or 1 where nothing is left to chance (sd 0): the expected value of a known group.

    Examples
    --------
    >>> chances(np.array([-1.96]), np.array([1.96]), np.zeros(1), np.ones(1)).round(3)
    array([0.95])
    """
    if not np.any(sd > 0):
        return np.asarray((lower <= mean) & (mean <= upper), dtype=float)
    return normal_cdf((upper - mean) / sd) - normal_cdf((lower - mean) / sd)
