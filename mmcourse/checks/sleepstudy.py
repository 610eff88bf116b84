"""Checks of assignment 20: the sleep study.

What was asked for is computed here from the same data, with functions of the package.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.choices import check_choice, check_labels
from mmcourse.checks.findings import Finding, worth
from mmcourse.checks.functions import check_function
from mmcourse.checks.mistakes import value_is
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.checks.tables import check_table
from mmcourse.checks.wrong_numbers import (
    aic_for_deviance,
    flipped_sign,
    loglik_for_deviance,
    ml_for_reml,
    observed_for_predicted,
    other_for_this,
    p_for_chisq,
    population_for_conditional,
    spread_of_predictions,
    spread_of_residuals,
    variance_for_sd,
)
from mmcourse.datasets import load, load_sleepstudy
from mmcourse.extract import anova, extract_random_effects, icc, icc_null
from mmcourse.model import MixedModel, lmer

INTERCEPTS = "Reaction ~ Days + (1 | Subject)"
SLOPES = "Reaction ~ Days + (1 + Days | Subject)"


@cache
def fit(formula: str = INTERCEPTS, reml: bool = True) -> MixedModel:
    """Return a model of the sleep study."""
    return lmer(formula, load_sleepstudy(), reml=reml)


@cache
def regression() -> Any:
    """Return the ordinary regression."""
    from statsmodels.formula.api import ols

    return ols("Reaction ~ Days", load_sleepstudy()).fit()


@worth(3)
def predictions(
    same_coefficients: Any, slope_se_smaller: Any, intercept_se_smaller: Any
) -> list[Finding]:
    """Exercise 1: what a mixed model changes on balanced data."""
    return [
        check_choice(
            "same_coefficients",
            same_coefficients,
            True,
            "every subject has the same ten days. Could one subject pull the common "
            "line more than another?",
        ),
        check_choice(
            "slope_se_smaller",
            slope_se_smaller,
            True,
            "a slow subject is slow on all ten days, which shifts a line and does not "
            "tilt it. Which model counts such differences as noise?",
        ),
        check_choice(
            "intercept_se_smaller",
            intercept_se_smaller,
            False,
            "at the start of the study, are there 180 independent pieces of news, or "
            "as many as there are subjects?",
        ),
    ]


@worth(2)
def standard_regression(lm_fit: Any) -> list[Finding]:
    """Exercise 2a: one line, rows independent."""
    return [check_model("lm_fit", lm_fit, regression())]


@worth(3)
def random_intercepts(ri_fit: Any) -> list[Finding]:
    """Exercise 2b: a level of its own for each subject."""
    return [check_model("ri_fit", ri_fit, fit())]


@worth(2)
def intervals(ci: Any) -> list[Finding]:
    """Exercise 2c: 95 % profile intervals; from either criterion."""
    model = fit()
    mistakes = {
        "These are Wald intervals: estimate plus and minus 1.96 standard errors. The "
        "exercise asks for those that follow the likelihood.": model.confint(
            ["Intercept", "Days"], method="wald"
        ),
        "These are intervals of another level than 95 %.": model.confint(level=0.9),
    }
    right = model.confint(), model.confint(criterion="reml")
    return [check_table("ci", ci, *right, mistakes=mistakes)]


RELATIVE = "This is theta, the sd of subjects in residual sds. Ms are asked for."
BOTH_SPREADS = (
    "This is the residual sd of the regression: subjects and single days together."
)


@worth(2)
def spreads(sd_subject: Any, sd_residual: Any) -> list[Finding]:
    """Exercise 3a: how far subjects and single days are from the line."""
    model, ml = fit(), fit(reml=False).var_corr()["sd"]
    subject, residual = model.var_corr()["sd"]
    predicted = model.ranef()["Subject"]["Intercept"]
    return [
        check_number(
            "sd_subject",
            sd_subject,
            subject,
            mistakes=[
                variance_for_sd(subject),
                other_for_this(residual),
                ml_for_reml(ml[0]),
                *(spread_of_predictions(predicted.std(ddof=k)) for k in (0, 1)),
                value_is(model.theta[0], RELATIVE),
            ],
        ),
        check_number(
            "sd_residual",
            sd_residual,
            residual,
            mistakes=[
                variance_for_sd(residual),
                other_for_this(subject),
                ml_for_reml(ml[1]),
                *(spread_of_residuals(model.residuals.std(ddof=k)) for k in (0, 1)),
                value_is(regression().scale ** 0.5, BOTH_SPREADS),
            ],
        ),
    ]


def share(model: MixedModel) -> float:
    """Return the share of the variance that lies between groups: what 3b asks for."""
    return float(icc(model)["icc"].iloc[0])


def _share_of_sds(model: MixedModel) -> float:
    between, within = model.var_corr()["sd"]
    return float(between / (between + within))


def _ratio(model: MixedModel) -> float:
    return share(model) / (1 - share(model))


def _null(model: MixedModel) -> float:
    outcome = model.formula.partition("~")[0].strip()
    request: Any = model.request
    return icc_null(outcome, next(iter(model.n_groups)), request.data)


WRONG_SHARES = {
    "Standard deviations were added up. They don't add; what does?": _share_of_sds,
    "This is the share of what differs inside of subjects. Which variance stands on "
    "top?": lambda model: 1 - share(model),
    "One variance was divided by the other. A share divides by the whole.": _ratio,
    "This is a variance: what rows of one group have in common. What is it a share "
    "of?": lambda model: float(model.var_corr()["variance"].iloc[0]),
    "This is a percentage; the exercise asks for a share between 0 and 1.": (
        lambda model: 100 * share(model)
    ),
    "This is the share of a model without covariates. The exercise asks for that of "
    "the model which is given.": _null,
}


@worth(3)
def subject_share(function: Any) -> list[Finding]:
    """Exercise 3b: the intraclass correlation, for this model and for half the data."""
    sleep = load_sleepstudy()
    half = lmer(INTERCEPTS, sleep[sleep["Subject"] < 335])
    return [_check_share(function, fit(), half)]


@worth(2)
def unseen_share(function: Any) -> list[Finding]:
    """Exercise 3b, when it is graded: data that the learner has not seen."""
    dyes = lmer("Yield ~ 1 + (1 | Batch)", load("dyestuff"))
    grades = lmer("gpa ~ occasion + sex + (1 | student)", load("gpa"))
    return [_check_share(function, dyes, grades)]


def _check_share(function: Any, *models: MixedModel) -> Finding:
    cases = [(model,) for model in models]
    return check_function("share", function, share, cases, mistakes=WRONG_SHARES)


@worth(4)
def subjects(stand_out: Any, reaction_337: Any) -> list[Finding]:
    """Exercise 3c: which subjects differ from the line, and a prediction for one."""
    table = extract_random_effects(fit())
    outside = (table["lower_2.5"] > 0) | (table["upper_97.5"] < 0)
    day = pd.DataFrame({"Days": [5], "Subject": [337]})
    known = float(np.asarray(fit().predict(day))[0])
    average = float(np.asarray(fit().predict(day, re_form="none"))[0])
    measured = float(load_sleepstudy().merge(day)["Reaction"].iloc[0])
    start = known - 5 * fit().fixef["Days"]
    return [
        check_labels(
            "stand_out", stand_out, table.loc[outside, "group"], table["group"]
        ),
        check_number(
            "reaction_337",
            reaction_337,
            known,
            mistakes=[
                population_for_conditional(average),
                observed_for_predicted(measured),
                value_is(start, "This is where the line starts, on day 0."),
                other_for_this(2 * average - known),
                other_for_this(known - average),
            ],
        ),
    ]


@worth(3)
def random_slopes(rs_fit: Any, chisq: Any) -> list[Finding]:
    """Exercise 4: a slope of its own for each subject, and whether it is needed."""
    by_ml = anova(fit(), fit(SLOPES), refit=True).iloc[1]
    by_reml = anova(fit(), fit(SLOPES)).iloc[1]
    right, also = by_reml["chisq"], by_ml["chisq"]
    tested = [
        check_number(
            "chisq",
            chisq,
            value,
            mistakes=[
                *map(flipped_sign, (right, also)),
                *map(loglik_for_deviance, (right, also, -right, -also)),
                *(aic_for_deviance(statistic, 2) for statistic in (right, also)),
                *map(p_for_chisq, (by_reml["p_value"], by_ml["p_value"])),
            ],
        )
        for value in (right, also)
    ]
    slopes = check_model("rs_fit", rs_fit, fit(SLOPES))
    return [slopes, slopes, max(tested, key=lambda finding: finding.credit)]
