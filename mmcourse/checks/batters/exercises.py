"""Checks of practice sheet p2: batters of chocolate cake, for lessons 06 to 09."""

from __future__ import annotations

from typing import Any

from mmcourse.checks.batters import mistakes as known
from mmcourse.checks.batters.fits import (
    MIDDLE,
    N_BATTERS,
    N_CAKES,
    SPREAD,
    cakes,
    fit,
    regression,
    separate,
)
from mmcourse.checks.batters.one_side import check_count, one_sided, residuals_of
from mmcourse.checks.choices import check_choice
from mmcourse.checks.findings import Finding, best, worth
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.datasets import load_gpa


@worth(3)
def predictions(first_range: Any, near_line: Any, less_sure: Any) -> list[Finding]:
    """Exercise 1: what the picture shows, and what a mixed model makes of it."""
    ends = (
        "what takes more room on the vertical axis: all lines where they start, or the "
        "red one from its start to its end?"
    )
    follow = "follow one of the dark lines. Is every corner of it that near?"
    tilt = (
        "a batter that breaks late does so at all six temperatures. Does that make it "
        "harder to see how steep lines are?"
    )
    news = (
        "if cakes of one batter are alike, how many independent pieces of news about "
        "the level are there?"
    )
    hints = {"slope": tilt, "both": tilt, "neither": news}
    return [
        check_choice("first_range", first_range, "larger", ends, ("smaller", "larger")),
        check_choice("near_line", near_line, "few", follow, ("few", "half", "most")),
        check_choice("less_sure", less_sure, "intercept", hints, ("intercept", *hints)),
    ]


@worth(2)
def standard_regression(line: Any) -> list[Finding]:
    """Exercise 2a: one line, rows independent."""
    return [check_model("line", line, regression())]


@worth(3)
def same_side(function: Any) -> list[Finding]:
    """Exercise 2b: the batters, and the students of lesson 07."""
    batters = residuals_of(cakes(), "heat", "angle", "batter")
    students = residuals_of(load_gpa(), "occasion", "gpa", "student")
    return [check_count(function, batters, students)]


@worth(2)
def unseen_same_side(function: Any) -> list[Finding]:
    """Exercise 2b, when it is graded: rows in another order, groups of other sizes.

    180 rows can be cut into blocks of six and into 45 equal ones, so that an answer
    which does so comes to an end, and can be told what it did.
    """
    some = cakes().sample(180, random_state=3)
    cases = cakes().sort_values(["heat", "batter"]), some
    rows = [residuals_of(data, "heat", "angle", "batter") for data in cases]
    return [check_count(function, *rows)]


@worth(2)
def sides(found: Any, by_chance: Any) -> list[Finding]:
    """Exercise 2c: batters on one side of the line, and what tosses of a coin do."""
    pattern = 0.5**N_CAKES
    right = 2 * pattern * N_BATTERS
    above = regression().resid.groupby(cakes()["batter"]).min().gt(0).sum()
    n = one_sided(regression().resid, cakes()["batter"])
    return [
        check_number("found", found, n, mistakes=known.wrong_founds(n, above, right)),
        check_number(
            "by_chance", by_chance, right, mistakes=known.wrong_chances(pattern, n)
        ),
    ]


@worth(2)
def own_lines(falling: Any, unsure: Any) -> list[Finding]:
    """Exercise 3a: lines that fall, and intervals that hold 0."""
    table = separate().confint()
    table = table[table["effect"] == "heat"]
    above = int((table["lower_2.5"] > 0).sum())
    below = int((table["upper_97.5"] < 0).sum())
    fell = int((table["value"] < 0).sum())
    return [
        check_number(
            "falling", falling, fell, mistakes=known.wrong_falling(fell, below)
        ),
        check_number(
            "unsure",
            unsure,
            N_BATTERS - above - below,
            mistakes=known.wrong_unsure(fell, above + below),
        ),
    ]


@worth(2)
def spreads(sd_slopes: Any, sd_noise: Any) -> list[Finding]:
    """Exercise 3b: the spread of the slopes, and that of noise."""
    found = float(separate().coef["heat"].std())
    noise = separate().sigma / SPREAD**0.5
    return [
        check_number(
            "sd_slopes", sd_slopes, found, mistakes=known.wrong_spreads(found, noise)
        ),
        check_number(
            "sd_noise", sd_noise, noise, mistakes=known.wrong_noise(found, noise)
        ),
    ]


@worth(2)
def random_intercepts(batter_fit: Any) -> list[Finding]:
    """Exercise 4a: a level of its own for each batter."""
    return [
        check_model("batter_fit", batter_fit, fit(), mistakes=[known.LABELS_USED_AGAIN])
    ]


@worth(2)
def middle(level: Any, level_se: Any) -> list[Finding]:
    """Exercise 4b: the intercept where the temperatures have their middle."""
    right, se = fit(MIDDLE).fixef.iloc[0], fit(MIDDLE).std_error.iloc[0]
    return [
        check_number("level", level, right, mistakes=known.wrong_levels()),
        check_number("level_se", level_se, se, mistakes=known.wrong_level_ses(se)),
    ]


@worth(2)
def limits(sd_lower: Any, sd_upper: Any) -> list[Finding]:
    """Exercise 4c: profile limits of the batters' sd; from either criterion."""
    names = {"sd_lower": sd_lower, "sd_upper": sd_upper}
    tries = []
    for criterion in ("ml", "reml"):
        ends = fit().confint(criterion=criterion).to_numpy()[0]
        tries.append(
            [
                check_number(name, answer, ends[i], mistakes=known.wrong_limits(i))
                for i, (name, answer) in enumerate(names.items())
            ]
        )
    return best(*tries)
