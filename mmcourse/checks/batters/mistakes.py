"""How the wrong numbers of practice sheet p2 come about, a function for each number."""

from __future__ import annotations

from mmcourse.checks.batters.fits import (
    MIDDLE,
    N_BATTERS,
    N_CAKES,
    SPREAD,
    fit,
    n_stepped_down,
    n_unsure_alone,
    regression,
    separate,
)
from mmcourse.checks.mistakes import Mistake, value_is
from mmcourse.checks.wrong_numbers import ml_for_reml, other_for_this, variance_for_sd


def wrong_founds(n: int, above: int, by_chance: float) -> list[Mistake]:
    """Return what goes wrong in counting the n batters on one side of the line."""
    one_side = "These lie all on one certain side of the line. Do others agree, too?"
    return [
        value_is(above, one_side),
        value_is(n - above, one_side),
        value_is(
            n * N_CAKES, "So many cakes, it seems. How many batters are they from?"
        ),
        value_is(N_BATTERS - n, "These lie on both sides. Which are left?"),
        value_is(n / N_BATTERS, "This is their share. How many batters are they?"),
        other_for_this(by_chance),
    ]


def wrong_chances(pattern: float, found: int) -> list[Mistake]:
    """Return what goes wrong in how many of them chance makes."""
    batter = "That is the chance for one batter. How many are there?"
    students = "That is for 200 students. How many batters are there?"
    return [
        value_is(N_BATTERS * pattern, "That is one side. Where else can all six be?"),
        value_is(2 * pattern, batter),
        value_is(pattern, "That is one pattern, for one batter. Are there others?"),
        value_is(200 * 2 * pattern, students),
        value_is(N_BATTERS / 2, "That is for one cake a batter. How many are there?"),
        other_for_this(found),
    ]


def wrong_falling(fell: int, below: int) -> list[Mistake]:
    """Return what goes wrong in counting the lines that fall."""
    whole = "Here a whole interval had to be below 0. Is a line that falls so sure?"
    zigzag = (
        "In so many batters some angle is smaller than the one before. Does that make "
        "the line through all six fall?"
    )
    return [
        value_is(N_BATTERS - fell, "These lines rise. Which are left?"),
        value_is(below, whole),
        value_is(n_stepped_down(), zigzag),
    ]


def wrong_unsure(fell: int, sure: int) -> list[Mistake]:
    """Return what goes wrong in counting the slopes that could be 0."""
    intercepts = "Intercepts were counted, too. Which rows are about slopes?"
    alone = "Each batter had a residual sd of its own. Whose do `confint`'s share?"
    return [
        value_is(sure, "For so many one can tell. Where does 0 lie for the others?"),
        value_is(sure + N_BATTERS, intercepts),
        value_is(n_unsure_alone(), alone, 0.5),
        other_for_this(fell),
    ]


def wrong_spreads(found: float, noise: float) -> list[Mistake]:
    """Return what goes wrong in the sd of the slopes."""
    by_n = (
        "The squares were divided by the number of batters. By what, when their mean "
        "was estimated too?"
    )
    one_mean = "So sure is one of their mean. How far do single slopes spread?"
    return [
        variance_for_sd(found),
        value_is(found * ((N_BATTERS - 1) / N_BATTERS) ** 0.5, by_n, 0.5),
        value_is(
            separate().coef["Intercept"].std(),
            "That is how intercepts spread. Which column has the slopes?",
        ),
        value_is(found / N_BATTERS**0.5, one_mean),
        other_for_this(noise),
    ]


def wrong_noise(found: float, noise: float) -> list[Mistake]:
    """Return what goes wrong in the sd that noise gives to slopes."""
    sigma, of_all = separate().sigma, regression().scale ** 0.5
    return [
        variance_for_sd(noise),
        value_is(sigma, "So far cakes lie from their line. How sure is its slope?"),
        value_is(
            sigma / N_CAKES**0.5,
            "That is the noise in a mean of six. What is under the root for a slope?",
        ),
        value_is(
            sigma / SPREAD,
            "The residual sd was divided by a sum of squares. Do the units agree?",
        ),
        value_is(
            of_all / SPREAD**0.5,
            "That residual sd is from one line for all. What is in it beside noise?",
        ),
        value_is(
            noise / N_BATTERS**0.5,
            "That is the noise in the slope of all batters together. How many cakes "
            "does one batter have?",
        ),
        other_for_this(found),
    ]


LABELS_USED_AGAIN = Mistake(
    "`replicate` has 15 labels, used again in each recipe. How many batters are there?",
    lambda got, want: 15 in got.levels.values(),
)


def wrong_levels() -> list[Mistake]:
    """Return what goes wrong in the angle at the middle temperature."""
    start, slope = fit().fixef
    beside = "Nothing was baked at 200 °F. How many steps is it above 175?"
    return [
        value_is(start, "This is still the angle at 175 °F. Where is `heat` 0 now?"),
        value_is(start - MIDDLE * slope, "`heat` was moved the wrong way. Where is 0?"),
        value_is(start + 2 * slope, beside),
        value_is(start + 3 * slope, beside),
        value_is(
            start - 17.5 * slope,
            "This is the angle at 0 °F, far from all data. Where was 0 to be?",
        ),
    ]


def wrong_level_ses(se: float) -> list[Mistake]:
    """Return what goes wrong in its standard error."""
    independent = (
        "This is a regression's. How many independent pieces of news does it count?"
    )
    batters_only = (
        "This is from the sd of the batters alone. What else is in the mean of a "
        "batter's cakes?"
    )
    return [
        value_is(fit().std_error.iloc[0], "This is the one at 175 °F. Did 0 move?"),
        value_is(regression(MIDDLE).bse.iloc[0], independent),
        value_is(regression().bse.iloc[0], independent),
        value_is(fit().var_corr()["sd"].iloc[0] / N_BATTERS**0.5, batters_only),
        value_is(
            fit().std_error.iloc[1], "This one is the slope's. Whose is asked for?"
        ),
        ml_for_reml(fit(MIDDLE, reml=False).std_error.iloc[0]),
        variance_for_sd(se),
    ]


def wrong_limits(end: int) -> list[Mistake]:
    """Return what goes wrong in a limit of the batters' sd; end 0 or 1."""
    sd, sigma, level, slope = fit().confint().to_numpy()
    return [
        variance_for_sd(sd[end]),
        value_is(level[end], "This is a limit of the level. Which row is an sd?"),
        value_is(slope[end], "This is a limit of the slope. Which row is an sd?"),
        value_is(sigma[end], "This is for cakes of one batter. Whose sd is asked for?"),
        value_is(
            fit().confint(level=0.9).to_numpy()[0, end],
            "This is a limit of a 90 % interval. Which level was asked for?",
        ),
        value_is(
            fit().var_corr()["sd"].iloc[0],
            "This is the estimate. How far off may it be?",
        ),
        value_is(sd[1 - end], "This is the other limit. Which is the smaller one?"),
    ]
