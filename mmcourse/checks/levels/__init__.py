"""Practice sheet p4: cakes and typists, for lessons 13 and 14."""

from mmcourse.checks.given import texts
from mmcourse.checks.levels.exercises import (
    error,
    faster,
    plans,
    predictions,
    recipes,
    saved,
    slopes_vary,
    two_slopes,
    unseen_error,
)

__all__ = [
    "error",
    "faster",
    "plans",
    "predictions",
    "recipes",
    "saved",
    "slopes_vary",
    "texts",
    "two_slopes",
    "unseen_error",
]
