"""Practice sheet p2: batters of chocolate cake, for lessons 06 to 09."""

from mmcourse.checks.batters.exercises import (
    limits,
    middle,
    own_lines,
    predictions,
    random_intercepts,
    same_side,
    sides,
    spreads,
    standard_regression,
    unseen_same_side,
)

__all__ = [
    "limits",
    "middle",
    "own_lines",
    "predictions",
    "random_intercepts",
    "same_side",
    "sides",
    "spreads",
    "standard_regression",
    "unseen_same_side",
]
