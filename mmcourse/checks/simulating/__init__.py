"""Assignment 22: a mixed model simulated."""

from mmcourse.checks.simulating.exercises import (
    base_fit,
    first_look,
    guesses,
    parts,
    rows,
    simulation,
    unseen_simulation,
)
from mmcourse.checks.simulating.steps import (
    as_it_is,
    fewer_groups,
    longer_groups,
    many_seeds,
    other_spreads,
)

__all__ = [
    "as_it_is",
    "base_fit",
    "fewer_groups",
    "first_look",
    "guesses",
    "longer_groups",
    "many_seeds",
    "other_spreads",
    "parts",
    "rows",
    "simulation",
    "unseen_simulation",
]
