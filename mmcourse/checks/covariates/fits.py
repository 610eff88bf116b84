"""The three models that assignment 21 accepts, their numbers and their mistakes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.checks.mistakes import Mistake
from mmcourse.checks.models import same
from mmcourse.checks.reading import Reading, read_model
from mmcourse.checks.wrong_models import OTHER_ROWS, variables
from mmcourse.datasets import load_gpa
from mmcourse.model import MixedModel, lmer

BOTH = "sex + highgpa"
VARIANTS = ("sex", "highgpa", BOTH)


@cache
def fit(covariates: str = "", reml: bool = True) -> MixedModel:
    """Return the model with these covariates of the student; without, the base."""
    fixed = " + ".join(["occasion", covariates] if covariates else ["occasion"])
    return lmer(f"gpa ~ {fixed} + (1 | student)", load_gpa(), reml=reml)


def meant(answer: Any) -> tuple[str, ...]:
    """Return which of the three models an answer is or tries to be; all if unclear."""
    reading = read_model(answer)
    if reading is None:
        return VARIANTS
    exact = [v for v in VARIANTS if same(reading, read_model(fit(v)))]
    sex, high = _has(reading, "sex", "male"), _has(reading, "highgpa")
    named = [v for v in VARIANTS if (("sex" in v), ("highgpa" in v)) == (sex, high)]
    return tuple(exact or named or VARIANTS)


def _has(reading: Reading, *words: str) -> bool:
    """Return whether one of the words is part of the name of a fixed effect."""
    return any(word in name for word in words for name in variables(reading))


def coefficients(covariates: str) -> tuple[float, float]:
    """Return female minus male, and one point of highgpa; 0 when not in the model."""
    values = fit(covariates).fixef
    return float(values.get("sex[T.female]", 0)), float(values.get("highgpa", 0))


def components(covariates: str = "", reml: bool = True) -> NDArray[np.float64]:
    """Return the variances of students and residual."""
    return np.asarray(fit(covariates, reml).var_corr()["variance"], dtype=float)


@cache
def regression_se(covariates: str, name: str) -> float:
    """Return the standard error that a regression of all rows gives a covariate."""
    from statsmodels.formula.api import ols

    return float(ols(f"gpa ~ occasion + {covariates}", load_gpa()).fit().bse[name])


NO_TIME = Mistake(
    "Time is not in the model any more. The covariate was to come beside `occasion`, "
    "not in its place.",
    lambda got, want: got.n_fixed < want.n_fixed and not _has(got, "occas"),
)
NO_COVARIATE = Mistake(
    "This is the model from before: nothing in it says how students differ but their "
    "random effects.",
    lambda got, want: got.n_fixed == 2 and not _has(got, "sex", "male", "highgpa"),
)
JOB = Mistake(
    "`job` or `admitted` is in the model. They carry no meaning in these data; the "
    "exercise names the covariates to choose from.",
    lambda got, want: _has(got, "job", "admitted"),
)
PRODUCT = Mistake(
    "There is a product in the fixed part: the effect of one variable depends on "
    "another. The exercise asks for covariates that shift a student's level only.",
    lambda got, want: any(":" in str(name) for name in got.fixed.index),
)

OWN_MISTAKES = (JOB, OTHER_ROWS, NO_TIME, NO_COVARIATE, PRODUCT)
