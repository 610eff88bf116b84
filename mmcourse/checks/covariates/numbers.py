"""Numbers of assignment 21, compared with those of one of the three models."""

from __future__ import annotations

from typing import Any

from mmcourse.checks.covariates.fits import (
    BOTH,
    coefficients,
    components,
    fit,
    regression_se,
)
from mmcourse.checks.findings import RIGHT, Finding
from mmcourse.checks.mistakes import Mistake, close, value_is
from mmcourse.checks.numbers import check_number
from mmcourse.checks.reading import read_model
from mmcourse.checks.wrong_numbers import (
    aic_for_deviance,
    few_draws,
    flipped_sign,
    loglik_for_deviance,
    ml_for_reml,
    null_for_adjusted,
    other_for_this,
    p_for_chisq,
    percent_for_share,
    ratio_for_share,
    rest_for_share,
    sds_for_share,
    share_for_percent,
    variance_for_share,
)
from mmcourse.datasets import load_gpa
from mmcourse.extract import anova, icc, icc_null

NEAR = 0.25  # standard errors: so far apart are the methods, and a bootstrap's luck

LEFT_OUT = (
    "They differ in two things, and your model knows of both. One is left out here."
)
REFERENCE_LEVEL = (
    "A coefficient of sex belongs to one of the sexes and compares it with the other, "
    "the reference level. Which is the reference in your model?"
)
A_GRADE = "This is a grade; the difference of two is asked for."
EXCHANGED = "The limits are exchanged."
OTHER_LEVEL = (
    "This belongs to an interval of another level than 95 %. How many standard errors "
    "go to each side?"
)
INDEPENDENT_ROWS = (
    "This limit comes from a regression that takes all rows for independent. The "
    "covariate is known for students, not for grades."
)
OF_SDS = "This is the change of a standard deviation; that of a variance is asked for."
WHAT_IS_LEFT = "This is what is left, not what has changed."
DIVIDED = "This change is already divided by the variance before."
WHOLE = (
    "The whole, of which these are per cent, is not the variance that there was before."
)
SHARE_BEFORE = "This is the share before your covariate came in."
STILL_ZERO = "The intercept is still about a student whose `highgpa` is 0."
MOVED_TIME = (
    "Time was moved as well: the intercept is about the middle of the studies now, not "
    "about the first semester."
)
ELSEWHERE = "The intercept is not about a student whose `highgpa` is the average one."
SCALED = (
    "`highgpa` was divided by its standard deviation, too: its coefficient is not "
    "about a point of it any more."
)
REML_DIFFERENCE = (
    "This is a difference of REML criteria. They can't be compared between models with "
    "different fixed parts; which likelihood can?"
)
SQUARE_OF_T = (
    "This is the square of t, which tests the same in another way. The exercise asks "
    "to compare two fits."
)
OTHER_PAIR = "This compares another pair of models than the one that is asked for."


def difference(ada_ben: Any, covariates: str) -> Finding:
    """Compare the difference of two average students."""
    sex, high = coefficients(covariates)
    mistakes = [
        flipped_sign(sex + high),
        value_is(high - sex, REFERENCE_LEVEL, 0.5),
        value_is(sex, LEFT_OUT, 0.5),
        value_is(high, LEFT_OUT, 0.5),
        Mistake(A_GRADE, lambda got, want: 1.7 <= abs(got) <= 4),
    ]
    return check_number("ada_ben", ada_ben, sex + high, mistakes=mistakes)


def interval(answers: tuple[Any, Any], covariates: str, sign: int) -> list[Finding]:
    """Compare the limits, for one reference level; all methods are near the Wald one.

    With both covariates it is about sex.
    """
    name = "sex[T.female]" if "sex" in covariates else "highgpa"
    model = fit(covariates)
    value, se = sign * model.fixef[name], model.std_error[name]
    rows_se = regression_se(covariates, name)
    others = model.confint(["Intercept", "occasion"], method="wald").to_numpy().flat
    found = []
    for label, answer, side in zip(("lower", "upper"), answers, (-1, 1), strict=True):
        limit = value + side * 1.96 * se
        mistakes = [
            *map(other_for_this, others),
            value_is(value + side * 1.96 * rows_se, INDEPENDENT_ROWS),
            _near(value - side * 1.96 * se, se, EXCHANGED),
            *(_near(value + side * z * se, se, OTHER_LEVEL) for z in (1, 1.645, 2.576)),
            few_draws(0.6 * se),
        ]
        rtol = NEAR * se / abs(limit)
        found.append(check_number(label, answer, limit, rtol=rtol, mistakes=mistakes))
    return found


def _near(wrong: float, se: float, sentence: str) -> Mistake:
    """Return the mistake of a limit that comes about in a known wrong way."""
    return Mistake(sentence, lambda got, want: abs(got - wrong) < 0.06 * se)


def change(answer: Any, covariates: str) -> Finding:
    """Compare the change of the student variance, after minus before."""
    before, after = components()[0], components(covariates)[0]
    ml = components(covariates, reml=False)[0] - components("", reml=False)[0]
    right = float(after - before)
    mistakes = [
        flipped_sign(right),
        value_is(after**0.5 - before**0.5, OF_SDS),
        value_is(after, WHAT_IS_LEFT),
        value_is(right / before, DIVIDED),
        ml_for_reml(ml),
    ]
    return check_number("variance_change", answer, right, rtol=0.02, mistakes=mistakes)


def percentage(answer: Any, covariates: str) -> Finding:
    """Compare the change in per cent of the student variance before."""
    ratio = components(covariates)[0] / components()[0]
    ml = components(covariates, reml=False)[0] / components("", reml=False)[0]
    right = float(100 * (ratio - 1))
    mistakes = [
        flipped_sign(right),
        share_for_percent(right),
        value_is(100 * (1 - 1 / ratio), WHOLE),
        value_is(100 * (1 / ratio - 1), WHOLE),
        value_is(100 * (ratio**0.5 - 1), OF_SDS),
        value_is(100 * ratio, WHAT_IS_LEFT),
        ml_for_reml(100 * (ml - 1)),
    ]
    return check_number("percent_change", answer, right, rtol=0.02, mistakes=mistakes)


def share(answer: Any, covariates: str) -> Finding:
    """Compare the intraclass correlation."""
    before, right = (float(icc(fit(v))["icc"].iloc[0]) for v in ("", covariates))
    mistakes = [
        value_is(before, SHARE_BEFORE),
        variance_for_share(components(covariates)[0]),
        null_for_adjusted(icc_null("gpa", "student", load_gpa())),
        percent_for_share(right),
        rest_for_share(right),
        ratio_for_share(right),
        sds_for_share(right),
        other_for_this(right - before),
    ]
    return check_number("icc_now", answer, right, rtol=0.004, mistakes=mistakes)


def intercept(centred_fit: Any) -> Finding:
    """Tell whether the intercept is about an average student, of either sex."""
    reading = read_model(centred_fit)
    assert reading is not None  # it was found to be the right model
    sex, high = coefficients(BOTH)
    zero, time = fit(BOTH).fixef[["Intercept", "occasion"]]
    average = zero + high * load_gpa()["highgpa"].mean()
    got = float(reading.fixed.iloc[0])

    def about(value: float) -> bool:  # male, sum contrasts, female
        return any(close(got, value + part * sex) for part in (0, 0.5, 1))

    if about(zero):
        return Finding(STILL_ZERO)
    if about(average + 2.5 * time):
        return Finding(MOVED_TIME)
    if not about(average):
        return Finding(ELSEWHERE)
    per_point = any(close(value, high) for value in reading.fixed)
    return RIGHT if per_point else Finding(SCALED, 0.5)


def chisq(answer: Any) -> Finding:
    """Compare the likelihood-ratio statistic of sex beside highgpa."""
    small, large = fit("highgpa"), fit(BOTH)
    row = anova(small, large).iloc[1]
    right = float(row["chisq"])
    others = (fit("sex"), large), (fit(), fit("sex")), (fit(), large)
    t = large.fixef["sex[T.female]"] / large.std_error["sex[T.female]"]
    mistakes = [
        flipped_sign(right),
        value_is(small.criterion - large.criterion, REML_DIFFERENCE),
        value_is(small.aic - large.aic, REML_DIFFERENCE),
        aic_for_deviance(right, 1),
        loglik_for_deviance(right),
        p_for_chisq(float(row["p_value"])),
        value_is(t**2, SQUARE_OF_T, 0.5),
        *(value_is(anova(*pair)["chisq"].iloc[1], OTHER_PAIR) for pair in others),
    ]
    return check_number("chisq", answer, right, mistakes=mistakes)
