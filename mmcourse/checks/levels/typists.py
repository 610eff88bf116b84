"""Typists, whose speed is a covariate of texts and of typists: models and numbers."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Literal

import pandas as pd

from mmcourse.checks.given import texts
from mmcourse.checks.mistakes import Mistake, close, value_is
from mmcourse.checks.reading import Reading, read_model
from mmcourse.checks.wrong_numbers import (
    flipped_sign,
    other_for_this,
    percent_for_share,
    rest_for_share,
)
from mmcourse.lm_list import lm_list
from mmcourse.model import MixedModel, lmer

FASTER = 10  # words per minute
ONE = "errors ~ speed + (1 | typist)"
TWO = "errors ~ own + usual + (1 | typist)"
VARY = "errors ~ own + usual + (1 + own | typist)"
Middle = Literal["mean", "median"]


def split_texts(middle: Middle = "mean") -> pd.DataFrame:
    """Return the texts with a typist's usual speed and the distance from it.

    Examples
    --------
    >>> bool((split_texts().groupby("typist")["own"].mean().abs() < 1e-9).all())
    True
    """
    frame = texts()
    frame["usual"] = frame.groupby("typist")["speed"].transform(middle)
    return frame.assign(own=frame["speed"] - frame["usual"])


def is_last(data: pd.DataFrame) -> pd.Series:
    """Return which rows are the last text of a typist."""
    return ~data.duplicated("typist", keep="last")


def is_new(data: pd.DataFrame) -> pd.Series:
    """Return which rows belong to the last ten typists."""
    return data["typist"] > data["typist"].max() - 10


@cache
def fit(formula: str, middle: Middle = "mean") -> MixedModel:
    """Return a model of the texts."""
    return lmer(formula, split_texts(middle))


def line_of(formula: str, sentence: str, middle: Middle = "mean") -> Mistake:
    """Return the mistake of a model with the line that this formula draws."""

    def applies(got: Reading, want: Reading) -> bool:
        other = read_model(fit(formula, middle))
        return other is not None and close(got.line, other.line)

    return Mistake(sentence, applies)


ONE_SLOPE = line_of(
    ONE,
    "There is one slope, and two questions for it to answer: what a faster text does "
    "and what a faster typist does. Which two columns is the speed made of?",
)
OWN_ONLY = line_of(
    "errors ~ own + (1 | typist)",
    "The model knows how fast a text is for its typist. Where does it say how fast the "
    "typist is?",
)
USUAL_ONLY = line_of(
    "errors ~ usual + (1 | typist)",
    "The model knows how fast a typist is. Where does it say what makes one text of a "
    "typist differ from another?",
)
MEDIANS = line_of(
    TWO,
    "The speed was split at the typist's median. Which middle makes the two parts "
    "uncorrelated?",
    middle="median",
)
SLOPES_OF_SPEED = line_of(
    "errors ~ own + usual + (1 + speed | typist)",
    "The slopes of `speed` vary here, so a typist's random intercept is about a text "
    "of 0 words per minute. Whose slopes does the exercise name?",
)
SLOPES_OF_USUAL = line_of(
    "errors ~ own + usual + (1 + usual | typist)",
    "A slope of `usual` for each typist: how many values of `usual` has one typist to "
    "draw it through?",
)
UNCORRELATED = line_of(
    "errors ~ own + usual + (1 + own || typist)",
    "Two bars leave something out. May typists with many errors have steeper slopes in "
    "this model?",
)


def comparisons() -> dict[str, float]:
    """Return what 10 words per minute are worth, in three comparisons.

    Examples
    --------
    >>> [f"{errors:.1f}" for errors in comparisons().values()]
    ['4.0', '-5.9', '-9.9']
    """
    own, usual = FASTER * fit(TWO).fixef[["own", "usual"]]
    return {"faster_text": own, "faster_typist": usual, "same_speed": usual - own}


def wrong_comparisons(name: str) -> list[Mistake]:
    """Return how one of the comparisons goes wrong."""
    right = comparisons()[name]
    others = [value for other, value in comparisons().items() if other != name]
    return [
        value_is(
            right / FASTER, "This is for one word per minute. How many are there?"
        ),
        value_is(FASTER * fit(ONE).fixef["speed"], FROM_ONE_SLOPE),
        *map(other_for_this, others),
        value_is(FASTER * fit(TWO).fixef[["own", "usual"]].sum(), BOTH_FASTER),
        flipped_sign(right),
    ]


FROM_ONE_SLOPE = (
    "This comes from the model with one slope. Can it tell which comparison is meant?"
)
BOTH_FASTER = (
    "Here the typist is faster, and so is the text for that typist. Which of the two "
    "columns differs in this comparison, and in which direction?"
)


def share_below(mean: float, sd: float) -> float:
    """Return the share of a normal distribution below 0.

    Examples
    --------
    >>> share_below(0, 1)
    0.5
    """
    return NormalDist(mean, sd).cdf(0)


def slopes() -> tuple[float, float]:
    """Return mean and sd of the slopes within typists.

    Examples
    --------
    >>> [round(number, 2) for number in slopes()]
    [0.41, 0.35]
    """
    model = fit(VARY)
    return float(model.fixef["own"]), float(model.var_corr()["sd"].iloc[1])


def wrong_shares() -> list[Mistake]:
    """Return how the share of slopes below 0 goes wrong."""
    mean, sd = slopes()
    right = share_below(mean, sd)
    fitted = fit(VARY).coef()["typist"]["own"]
    separate = lm_list("errors ~ own | typist", split_texts()).coef["own"]
    return [
        value_is(share_below(mean, sd**2), VARIANCE_OF_SLOPES),
        value_is(share_below(mean, fit(VARY).std_error["own"]), SE_FOR_SD),
        value_is(share_below(mean, fit(VARY).sigma), RESIDUAL_SD),
        value_is(float((fitted < 0).mean()), FITTED_SLOPES, 0.5),
        value_is(float((separate < 0).mean()), SEPARATE_SLOPES),
        percent_for_share(right),
        rest_for_share(right),
    ]


VARIANCE_OF_SLOPES = (
    "The variance of the slopes was used. Which number of theirs has the unit of a "
    "slope?"
)
SE_FOR_SD = (
    "The standard error says how surely the mean slope is known. What says how far the "
    "slopes of typists lie apart?"
)
RESIDUAL_SD = (
    "The residual sd is about texts. What says how far the slopes of typists lie apart?"
)
FITTED_SLOPES = (
    "The fitted slopes were counted. They are drawn towards their mean: what does that "
    "do to those near 0?"
)
SEPARATE_SLOPES = (
    "The slopes of separate lines were counted. What makes these differ, beside the "
    "typists?"
)
