"""The catalogue of wrong numbers: how each comes about from the right one.

Each function takes what is needed to make the wrong number, and returns the `Mistake`.
`NUMPY_FOR_R` compares whole columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mmcourse.checks.mistakes import Mistake, value_is

SDS_ADDED = "Standard deviations were added up. They don't add; what does?"


def variance_for_sd(sd: float) -> Mistake:
    """Return the mistake: a variance where a standard deviation was asked for."""
    return value_is(
        sd**2,
        "This is a variance, and a standard deviation is asked for: it has the unit "
        "of the outcome, not its square.",
    )


def percent_for_share(share: float) -> Mistake:
    """Return the mistake: a percentage where a share was asked for."""
    return value_is(
        100 * share, "As a percentage it is right; a share is between 0 and 1.", 0.5
    )


def share_for_percent(percent: float) -> Mistake:
    """Return the mistake: a share where a percentage was asked for."""
    return value_is(
        percent / 100, "As a share it is right; per cent are asked for.", 0.5
    )


def rest_for_share(share: float) -> Mistake:
    """Return the mistake: what is left where the share was asked for."""
    return value_is(
        1 - share,
        "This is the share of the other part: of what differs inside of groups, or the "
        "other way round. Which of the variances stands on top?",
    )


def ratio_for_share(share: float) -> Mistake:
    """Return the mistake: one variance over the other."""
    return value_is(
        share / (1 - share),
        "One variance was divided by the other. A share divides by the whole.",
    )


def sds_for_share(share: float) -> Mistake:
    """Return the mistake: a share that comes from standard deviations."""
    between, within = share**0.5, (1 - share) ** 0.5
    return value_is(
        between / (between + within),
        SDS_ADDED,
    )


def variance_for_share(variance: float) -> Mistake:
    """Return the mistake: what groups share, not divided by the whole."""
    return value_is(
        variance,
        "This is a variance: what rows of one group have in common. What is it a "
        "share of?",
    )


def null_for_adjusted(share: float) -> Mistake:
    """Return the mistake: the share of a model without covariates."""
    return value_is(
        share,
        "This is the share in a model without covariates. The one asked for is that of "
        "the model of this exercise.",
    )


def ml_for_reml(value: float) -> Mistake:
    """Return the mistake: a number of the fit by maximum likelihood."""
    return value_is(
        value,
        "This number comes from a fit by maximum likelihood, which makes variances too "
        "small.",
        0.5,
    )


def flipped_sign(value: float) -> Mistake:
    """Return the mistake: the right size, the other direction."""
    return value_is(
        -value,
        "The size is right, the direction is not: what is compared with what?",
        0.5,
    )


def spread_of_predictions(sd: float) -> Mistake:
    """Return the mistake: the spread of predicted effects for that of effects."""
    return value_is(
        sd,
        "This is how far the *predicted* effects spread. They were pulled towards 0, "
        "so they spread less than the effects themselves.",
    )


def spread_of_residuals(sd: float) -> Mistake:
    """Return the mistake: the spread of the fit's residuals for the residual sd."""
    return value_is(
        sd,
        "This is how far the rows spread around lines that were fitted to them. Around "
        "the true lines they spread more; the model estimates by how much.",
    )


def observed_for_predicted(value: float) -> Mistake:
    """Return the mistake: what was measured where a prediction was asked for."""
    return value_is(
        value, "This is what was measured. What does the model predict there?"
    )


def aic_for_deviance(chisq: float, df: int) -> Mistake:
    """Return the mistake: a difference of AIC for one of deviances."""
    return value_is(
        chisq - 2 * df,
        "This is a difference of AIC, which also counts the parameters.",
    )


def few_draws(margin: float) -> Mistake:
    """Return the mistake: the end of an interval, blurred by too few draws."""
    return Mistake(
        "It is near, not near enough. If it was simulated: the ends of few draws are "
        "shaky; take more of them.",
        lambda got, want: abs(got - want) < margin,
        credit=0.5,
    )


def population_for_conditional(value: float) -> Mistake:
    """Return the mistake: the average group's prediction for a certain one's."""
    return value_is(
        value,
        "This is the prediction for an average group, without random effects. The "
        "exercise asks for a certain one, of which more is known.",
    )


def conditional_for_population(value: float) -> Mistake:
    """Return the mistake: a certain group's prediction for the average one's."""
    return value_is(
        value,
        "This is the prediction for a group that is known. The exercise asks for an "
        "average one, without random effects.",
    )


def other_for_this(value: float) -> Mistake:
    """Return the mistake: a number that answers another question of the exercise."""
    return value_is(
        value,
        "This number exists, but it answers another question. Read once more what it "
        "is to be.",
    )


def loglik_for_deviance(chisq: float) -> Mistake:
    """Return the mistake: a difference of log likelihoods, without the factor two."""
    return value_is(
        chisq / 2,
        "This is the difference of the log likelihoods. The statistic that follows a "
        "chi-square distribution is a multiple of it.",
        0.5,
    )


def p_for_chisq(p: float) -> Mistake:
    """Return the mistake: the p-value where the statistic was asked for."""
    return value_is(p, "This is the p-value. The exercise asks for the statistic.")


def _draws_of_the_same_kind(got: Any, want: Any) -> bool:
    """Tell whether means and sds differ by chance only; five standard errors."""
    margin = 5 * np.std(want) / np.sqrt(len(want))
    close_mean = abs(np.mean(got) - np.mean(want)) < 1.5 * margin
    return bool(close_mean and abs(np.std(got) - np.std(want)) < margin)


NUMPY_FOR_R = Mistake(
    "These are draws of the right kind, but not those that R makes with this seed. "
    "NumPy's generators give other numbers for the same seed.",
    _draws_of_the_same_kind,
    credit=0.5,
)
