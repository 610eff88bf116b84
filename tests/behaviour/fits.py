"""Models that several tests of this folder look at, fitted once a session.

Numbers marked "lme4 1.1-31" in the tests are outcomes of runs of R's lmer with its
default optimizer, which stops a little early: theta is good to about 1e-5.
"""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

import mmcourse as mm

RUN = 1e-5  # relative; see above
SAME = 1e-9  # relative, of two of our own routes to one model

INTERCEPTS = "Reaction ~ Days + (1 | Subject)"
SLOPES = "Reaction ~ Days + (Days | Subject)"


@cache
def fit(data: str, formula: str, reml: bool = True) -> mm.MixedModel:
    """A model of a bundled data set."""
    return mm.lmer(formula, mm.load(data), reml=reml)


def sleep(formula: str = INTERCEPTS, reml: bool = True) -> mm.MixedModel:
    """A model of sleepstudy."""
    return fit("sleepstudy", formula, reml)


def sleep_data(**columns: object) -> pd.DataFrame:
    """The sleepstudy data, with other columns."""
    return mm.load("sleepstudy").assign(**columns)


def assert_same_fit(one: mm.MixedModel, other: mm.MixedModel) -> None:
    """Two ways to one model: criterion, fixed effects, sigma, fitted values."""
    assert one.criterion == pytest.approx(other.criterion, rel=SAME)
    assert list(one.fixef) == pytest.approx(list(other.fixef), rel=1e-6)
    assert one.sigma == pytest.approx(other.sigma, rel=1e-6)
    assert list(one.fitted) == pytest.approx(list(other.fitted), rel=1e-6)


def assert_run(model: mm.MixedModel, fixef: list[float], sigma: float, theta) -> None:
    """Compare with the outcome of a run of lme4."""
    assert list(model.fixef) == pytest.approx(fixef, rel=RUN)
    assert model.sigma == pytest.approx(sigma, rel=RUN)
    assert list(model.theta) == pytest.approx(theta, rel=RUN)
