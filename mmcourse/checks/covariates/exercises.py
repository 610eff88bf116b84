"""Checks of assignment 21: covariates of the student.

Three models are right: with `sex`, with `highgpa`, with both. Which one a learner chose
is read off the model, and the numbers that follow are expected from that one.
"""

from __future__ import annotations

from typing import Any

from mmcourse.checks.choices import check_choice
from mmcourse.checks.covariates import numbers as compare
from mmcourse.checks.covariates.fits import BOTH, OWN_MISTAKES, fit, meant
from mmcourse.checks.findings import RIGHT, Finding, best, worth
from mmcourse.checks.models import check_model

CANDIDATES = ("age at entry", "days ill", "home town")


@worth(3)
def predictions(student_variance: Any, sex_se: Any, independent: Any) -> list[Finding]:
    """Exercise 1: what a covariate of the student changes, and what it rests on."""
    words = ("smaller", "same", "larger")
    level = (
        "something that was a student's own level gets a name. Is more or less left "
        "without one?"
    )
    rows = (
        "the regression takes each grade for a new piece of news about sex. Does that "
        "make it too sure or too modest?"
    )
    news = (
        "how often was a sex drawn and then kept for all that followed? Grades, "
        "semesters and sexes are other counts."
    )
    return [
        check_choice("student_variance", student_variance, "smaller", level, words),
        check_choice("sex_se", sex_se, "larger", rows, words),
        check_choice("independent", independent, 200, news, (2, 6, 200, 1200)),
    ]


@worth(4)
def covariate_model(cov_fit: Any) -> list[Finding]:
    """Exercise 2a: sex, highgpa or both beside time."""
    wanted = fit(meant(cov_fit)[-1])
    return [check_model("cov_fit", cov_fit, wanted, mistakes=OWN_MISTAKES)]


@worth(2)
def difference(ada_ben: Any, cov_fit: Any) -> list[Finding]:
    """Exercise 2b: two average students who differ in both covariates."""
    return best(*[[compare.difference(ada_ben, v)] for v in meant(cov_fit)])


@worth(2)
def interval(lower: Any, upper: Any, cov_fit: Any) -> list[Finding]:
    """Exercise 2c: a 95 % interval, by whichever method, for either reference level."""
    tries = [
        compare.interval((lower, upper), variant, sign)
        for variant in meant(cov_fit)
        for sign in ((1, -1) if "sex" in variant else (1,))
    ]
    return best(*tries)


@worth(4)
def student_variance(
    variance_change: Any, percent_change: Any, cov_fit: Any
) -> list[Finding]:
    """Exercise 3a: what became of the student variance."""
    tries = [
        [
            compare.change(variance_change, variant),
            compare.percentage(percent_change, variant),
        ]
        for variant in meant(cov_fit)
    ]
    return best(*tries)


@worth(2)
def share(icc_now: Any, cov_fit: Any) -> list[Finding]:
    """Exercise 3b: the intraclass correlation beside the covariate."""
    return best(*[[compare.share(icc_now, v)] for v in meant(cov_fit)])


@worth(5)
def unchanged(
    residual_changed: Any,
    occasion_changed: Any,
    occasion_se_changed: Any,
    intercept_changed: Any,
    could_help: Any,
) -> list[Finding]:
    """Exercise 3c: what a covariate of the student can't change, and what could."""
    residual = (
        "the residual variance is about the grades of one student. In what does your "
        "covariate differ between those?"
    )
    slope = (
        "students of either sex, of whatever `highgpa`, have the same six semesters. "
        "Could a covariate of theirs stand in for time?"
    )
    slope_se = (
        "the slope compares grades of one student. Did their scatter around the "
        "student's line change?"
    )
    intercept = "whose grade in the first semester is it now? Compare the two tables."
    constant = "can it be another one in each semester of a student?"
    return [
        check_choice("residual_changed", residual_changed, False, residual),
        check_choice("occasion_changed", occasion_changed, False, slope),
        check_choice("occasion_se_changed", occasion_se_changed, False, slope_se),
        check_choice("intercept_changed", intercept_changed, True, intercept),
        check_choice("could_help", could_help, "days ill", constant, CANDIDATES),
    ]


@worth(4)
def centred(
    centred_fit: Any, slope_changed: Any, variance_changed: Any
) -> list[Finding]:
    """Exercise 4a: an intercept that belongs to somebody."""
    model = check_model("centred_fit", centred_fit, fit(BOTH), mistakes=OWN_MISTAKES)
    slope = (
        "a point of `highgpa` more is a point more, wherever its zero lies. Compare "
        "the coefficients of both models."
    )
    variance = "does one of the two models predict better? Compare their variances."
    return [
        model,
        compare.intercept(centred_fit) if model is RIGHT else Finding(),
        check_choice("slope_changed", slope_changed, False, slope),
        check_choice("variance_changed", variance_changed, False, variance),
    ]


@worth(2)
def comparison(chisq: Any) -> list[Finding]:
    """Exercise 4b: whether sex is needed beside highgpa."""
    return [compare.chisq(chisq)]
