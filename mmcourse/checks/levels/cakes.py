"""Cakes of three recipes: the model of practice sheet p4, and plans for more cakes."""

from __future__ import annotations

from functools import cache

from mmcourse.checks.batters.fits import cakes
from mmcourse.checks.mistakes import Mistake, value_is
from mmcourse.checks.wrong_numbers import SDS_ADDED, variance_for_sd
from mmcourse.model import MixedModel, lmer

N_BATTERS, N_CAKES = 15, 6  # of a recipe; of a batter

NO_RECIPE = Mistake(
    "The model has a line for temperature. Where does it say by which recipe a cake "
    "was made?",
    lambda got, want: got.n_fixed == 2,
)
RECIPE_AT_RANDOM = Mistake(
    "Recipes are among the random effects here. Are they drawn from many, or are these "
    "three the ones to compare?",
    lambda got, want: 3 in got.levels.values(),
)
REPLICATES = Mistake(
    "Replicate 1 of every recipe was taken for one batter, and so on. How many batters "
    "are there?",
    lambda got, want: N_BATTERS in got.levels.values(),
)


@cache
def recipe_model() -> MixedModel:
    """Return the model of the cakes, with recipes."""
    return lmer("angle ~ temp + recipe + (1 | batter)", cakes())


def planned_se(n_batters: int, n_cakes: int) -> float:
    """Return the standard error of the difference of two recipes.

    Examples
    --------
    >>> as_it_was = recipe_model().std_error["recipe[T.B]"]
    >>> f"{planned_se(15, 6):.4f} {as_it_was:.4f}"
    '2.4563 2.4563'
    """
    between, within = recipe_model().var_corr()["variance"]
    return float(((between + within / n_cakes) * 2 / n_batters) ** 0.5)


def wrong_plans(n_batters: int, n_cakes: int) -> list[Mistake]:
    """Return how the standard error of a plan goes wrong."""
    between, within = recipe_model().var_corr()["variance"]
    right, of_two = planned_se(n_batters, n_cakes), 2 / n_batters
    added = between**0.5 + (within / n_cakes) ** 0.5
    return [
        value_is(((between + within) * of_two / n_cakes) ** 0.5, INDEPENDENT_CAKES),
        value_is(right / 2**0.5, ONE_RECIPE),
        value_is(((between + within) * of_two) ** 0.5, SINGLE_CAKE),
        value_is(right * (2 / 3) ** 0.5, ALL_RECIPES),
        value_is(added * of_two**0.5, SDS_ADDED),
        value_is(planned_se(N_BATTERS, N_CAKES), AS_IT_WAS),
        variance_for_sd(right),
    ]


INDEPENDENT_CAKES = (
    "All cakes were taken for independent. Which variance is divided by the number of "
    "cakes, and which by that of batters only?"
)
ONE_RECIPE = (
    "This is the standard error of one recipe's mean. How uncertain is a difference of "
    "two such means?"
)
SINGLE_CAKE = (
    "A batter's mean was taken to scatter like a single cake. How many cakes is it a "
    "mean of?"
)
ALL_RECIPES = (
    "The batters of all three recipes were counted. How many recipes are compared?"
)
AS_IT_WAS = "This is the standard error of the study as it was. What do new cakes do?"
CAKES_FOR_BATTERS = (
    "This is what more batters would do. Here the cakes are new and the batters stay "
    "the same: which of the two variances is averaged over more of them?"
)
BATTERS_FOR_CAKES = (
    "This is what more cakes of the same batters would do. What is averaged over more, "
    "when the batters are new?"
)
