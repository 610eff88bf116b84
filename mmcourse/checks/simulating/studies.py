"""Simulated studies: the model on a learner's own rows, or on those that R makes.

What is expected comes from the rows that a learner has, so that any seed will do, of
any generator; where there are none, from the rows of R.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.findings import RIGHT, Finding
from mmcourse.checks.models import check_model
from mmcourse.checks.reading import read_model
from mmcourse.checks.simulating.drawn_rows import (
    COLUMNS,
    INTERCEPT,
    SLOPE,
    Setting,
    check_form,
    check_parts,
)
from mmcourse.extract import icc
from mmcourse.model import MixedModel, lmer
from mmcourse.simulations import simulate_random_intercepts

FORMULA = "y ~ x + (1 | groups)"
BASE = Setting()  # as in the text; what step 3 changes
FEWER, LONGER = Setting(n_groups=50), Setting(n_per=10)
SEED = 1234
N_SEEDS = 20  # of the grader's own studies

Simulate = Callable[[int, int, float, float, int], pd.DataFrame]


def rows_of(setting: Setting, seed: int = SEED) -> pd.DataFrame:
    """Return the rows that R makes."""
    s = setting
    return simulate_random_intercepts(s.n_groups, s.n_per, s.sd_u, s.sd_e, seed=seed)


@cache
def fit_of_r(setting: Setting) -> MixedModel:
    """Return the model on the rows that R makes."""
    return lmer(FORMULA, rows_of(setting))


def frame_of(answer: Any) -> pd.DataFrame | None:
    """Return the rows that a model was fitted to, None when they are not known."""
    reading = read_model(answer)
    frame = reading.frame if reading else None
    return frame if frame is not None and {*COLUMNS} <= {*frame.columns} else None


def study(answer: Any, setting: Setting) -> MixedModel:
    """Return the right model: on the rows of a learner's model, or on those of R."""
    frame = frame_of(answer)
    if frame is None or check_form("", frame, setting) != RIGHT:
        return fit_of_r(setting)
    return lmer(FORMULA, frame)


def check_study(name: str, answer: Any, setting: Setting) -> Finding:
    """Compare a model with the one asked for; its rows have to be right too.

    Examples
    --------
    >>> check_study("fit", fit_of_r(Setting(50)), Setting()).hint
    '`fit` has 50 different groups; 100 are asked for.'
    """
    frame = frame_of(answer)
    if frame is None:
        return check_model(name, answer, fit_of_r(setting))
    form = check_form(name, frame, setting)
    if form != RIGHT:
        return form
    parts = check_parts(frame, setting)
    if parts != RIGHT:
        return Finding(f"The rows of `{name}`: {parts.hint}")
    return check_model(name, answer, lmer(FORMULA, frame))


def share(model: MixedModel) -> float:
    """Return the intraclass correlation of a model."""
    return float(icc(model)["icc"].iloc[0])


def effects_of(model: MixedModel) -> pd.Series:
    """Return the random effects of the groups."""
    return model.ranef()["groups"]["Intercept"]


def widths(model: MixedModel, criterion: str = "ml") -> pd.Series:
    """Return how wide the profile intervals of the parameters are."""
    table = model.confint(criterion=criterion)
    return table["upper"] - table["lower"]


def truth(setting: Setting) -> pd.Series:
    """Return the true parameters, named as the rows of `confint`."""
    values = [setting.sd_u, setting.sd_e, INTERCEPT, SLOPE]
    return pd.Series(values, ["sd_Intercept|groups", "sigma", "Intercept", "x"])


def many_studies(simulate: Simulate, setting: Setting) -> tuple[pd.Series, float]:
    """Return mean widths of intervals and the mean ICC over the grader's seeds."""
    s, found, shares = setting, [], []
    for seed in range(1, N_SEEDS + 1):
        model = lmer(FORMULA, simulate(s.n_groups, s.n_per, s.sd_u, s.sd_e, seed))
        found.append(widths(model))
        shares.append(share(model))
    return pd.DataFrame(found).mean(), float(np.mean(shares))
