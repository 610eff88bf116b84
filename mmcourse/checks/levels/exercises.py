"""Checks of practice sheet p4: cakes and typists, for lessons 13 and 14."""

from __future__ import annotations

from typing import Any

from mmcourse.checks.choices import check_choice
from mmcourse.checks.findings import Finding, worth
from mmcourse.checks.given import texts
from mmcourse.checks.levels import cakes as baking
from mmcourse.checks.levels import typists
from mmcourse.checks.levels.typists import ONE, TWO, VARY, is_last, is_new, split_texts
from mmcourse.checks.levels.unseen import (
    check_error,
    error_unseen,
    per_cent_saved,
    wrong_savings,
)
from mmcourse.checks.mistakes import value_is
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.datasets import load_gpa, load_sleepstudy


@worth(3)
def predictions(temp_explains: Any, batter_sd: Any, better_for: Any) -> list[Finding]:
    """Exercise 1: what a covariate can explain, and who is predicted better."""
    within = (
        "every batter was baked at the same six temperatures. Could they make one "
        "batter better than another?"
    )
    useless = {
        "must fall": (
            "is that so for a covariate that explains next to nothing? In the lesson a "
            "coin was tossed for each student."
        ),
        "can't move": (
            "which of the two sds is out of reach for a covariate of the batter, and "
            "is it this one?"
        ),
    }
    stranger = "what can be known of a batter before one of its cakes is seen?"
    sds, groups = ("batter", "residual"), ("known", "new", "both")
    return [
        check_choice("temp_explains", temp_explains, "residual", within, sds),
        check_choice(
            "batter_sd", batter_sd, "may rise", useless, (*useless, "may rise")
        ),
        check_choice("better_for", better_for, "known", stranger, groups),
    ]


@worth(2)
def recipes(recipe_fit: Any) -> list[Finding]:
    """Exercise 2a: a covariate with three levels, and a level for each batter."""
    own = baking.RECIPE_AT_RANDOM, baking.REPLICATES, baking.NO_RECIPE
    return [check_model("recipe_fit", recipe_fit, baking.recipe_model(), mistakes=own)]


@worth(2)
def plans(se_batters: Any, se_cakes: Any) -> list[Finding]:
    """Exercise 2b: four times as many cakes, by two plans."""
    batters = 4 * baking.N_BATTERS, baking.N_CAKES
    cakes = baking.N_BATTERS, 4 * baking.N_CAKES
    by_batters, by_cakes = baking.planned_se(*batters), baking.planned_se(*cakes)
    for_batters = [value_is(by_cakes, baking.BATTERS_FOR_CAKES)]
    for_cakes = [value_is(by_batters, baking.CAKES_FOR_BATTERS)]
    for_batters += baking.wrong_plans(*batters)
    for_cakes += baking.wrong_plans(*cakes)
    return [
        check_number("se_batters", se_batters, by_batters, mistakes=for_batters),
        check_number("se_cakes", se_cakes, by_cakes, mistakes=for_cakes),
    ]


@worth(3)
def two_slopes(two_slopes: Any) -> list[Finding]:
    """Exercise 3a: the speed split in two."""
    own = typists.ONE_SLOPE, typists.OWN_ONLY, typists.USUAL_ONLY, typists.MEDIANS
    return [check_model("two_slopes", two_slopes, typists.fit(TWO), mistakes=own)]


@worth(3)
def faster(faster_text: Any, faster_typist: Any, same_speed: Any) -> list[Finding]:
    """Exercise 3b: one model, three comparisons."""
    answers = faster_text, faster_typist, same_speed
    return [
        check_number(name, answer, right, mistakes=typists.wrong_comparisons(name))
        for (name, right), answer in zip(
            typists.comparisons().items(), answers, strict=True
        )
    ]


@worth(4)
def slopes_vary(slopes_vary: Any, share_below: Any) -> list[Finding]:
    """Exercise 3c: the slopes differ, and some lie below 0."""
    own = typists.SLOPES_OF_SPEED, typists.SLOPES_OF_USUAL, typists.UNCORRELATED
    right = typists.share_below(*typists.slopes())
    wrong = typists.wrong_shares()
    return [
        check_model("slopes_vary", slopes_vary, typists.fit(VARY), mistakes=own),
        check_number("share_below", share_below, right, rtol=0.01, mistakes=wrong),
    ]


@worth(3)
def error(function: Any) -> list[Finding]:
    """Exercise 4a: texts of known typists and of new ones."""
    data = texts()
    cases = [(ONE, "errors", data, rows(data)) for rows in (is_last, is_new)]
    return [check_error(function, cases)]


@worth(2)
def unseen_error(function: Any) -> list[Finding]:
    """Exercise 4a, when it is graded: other outcomes, other groups."""
    gpa, sleep, cake = load_gpa(), load_sleepstudy(), baking.cakes()
    slopes = "Reaction ~ Days + (1 + Days | Subject)"
    sexes = "gpa ~ occasion + sex + (1 | student)"
    cases = [
        (slopes, "Reaction", sleep, sleep["Days"] == 9),
        (sexes, "gpa", gpa, gpa["student"] % 10 == 0),
        ("angle ~ recipe + (1 | batter)", "angle", cake, cake["temp"] == 225),
    ]
    return [check_error(function, cases)]


@worth(2)
def saved(new_typists: Any, last_texts: Any) -> list[Finding]:
    """Exercise 4b: which step helps whom."""
    data = split_texts()
    last, new = is_last(data), is_new(data)
    return [
        _saved("new_typists", new_typists, (ONE, TWO), new, last),
        _saved("last_texts", last_texts, (TWO, VARY), last, new),
    ]


def _saved(
    name: str, answer: Any, models: tuple[str, str], hidden: Any, other: Any
) -> Finding:
    """Compare the per cent that a step saves, when these rows are hidden."""
    data = split_texts()
    errors, exchanged = (
        [error_unseen(formula, "errors", data, rows) for formula in models]
        for rows in (hidden, other)
    )
    sentence = (
        "The models are the right ones, the hidden rows are not. Whom does this step "
        "have to help here?"
    )
    mistakes = [
        *wrong_savings(errors[0], errors[1]),
        value_is(per_cent_saved(exchanged[0], exchanged[1]), sentence),
    ]
    right = per_cent_saved(errors[0], errors[1])
    return check_number(name, answer, right, mistakes=mistakes)
