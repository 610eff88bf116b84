"""The cakes of practice sheet p2, and what can be fitted to them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.datasets import load
from mmcourse.lm_list import LmList, lm_list
from mmcourse.model import MixedModel, lmer

N_BATTERS, N_CAKES = 45, 6
MIDDLE = 2.5  # of the temperatures, in steps of 10 degrees above the lowest
SPREAD = 17.5  # sum of squares of six temperatures around it


@cache
def cakes(zero: float = 0.0) -> pd.DataFrame:
    """Return the cakes with the columns that the sheet adds, `heat` from `zero`.

    Examples
    --------
    >>> cakes()["batter"].nunique()
    45
    """
    data = load("cake")
    batter = data["recipe"].astype(str) + data["replicate"].astype(str)
    return data.assign(batter=batter, heat=(data["temp"] - 175) / 10 - zero)


@cache
def fit(zero: float = 0.0, reml: bool = True) -> MixedModel:
    """Return the model of the batters."""
    return lmer("angle ~ heat + (1 | batter)", cakes(zero), reml=reml)


@cache
def regression(zero: float = 0.0) -> Any:
    """Return the ordinary regression."""
    from statsmodels.formula.api import ols

    return ols("angle ~ heat", cakes(zero)).fit()


@cache
def separate() -> LmList:
    """Return the lines of the batters."""
    return lm_list("angle ~ heat | batter", cakes())


def angles() -> pd.DataFrame:
    """Return a row a batter, a column a temperature."""
    return cakes().pivot(index="batter", columns="heat", values="angle")


def n_stepped_down() -> int:
    """Return how many batters have a weaker cake after a stronger one."""
    return int((angles().diff(axis=1) < 0).any(axis=1).sum())


def n_unsure_alone() -> int:
    """Return how many slopes could be 0, with a residual sd of each batter's own.

    Examples
    --------
    >>> n_unsure_alone()
    35
    """
    from scipy.stats import t

    at = np.arange(N_CAKES) - MIDDLE
    rest = angles().sub(angles().mean(axis=1), axis=0).to_numpy()
    slopes = rest @ at / SPREAD
    rest = rest - np.outer(slopes, at)
    own_variance = np.sum(rest**2, axis=1) / (N_CAKES - 2)
    halves = t.ppf(0.975, N_CAKES - 2) * np.sqrt(own_variance / SPREAD)
    return int((np.abs(slopes) < halves).sum())
