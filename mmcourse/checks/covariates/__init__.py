"""Assignment 21: covariates of the student."""

from mmcourse.checks.covariates.exercises import (
    centred,
    comparison,
    covariate_model,
    difference,
    interval,
    predictions,
    share,
    student_variance,
    unchanged,
)

__all__ = [
    "centred",
    "comparison",
    "covariate_model",
    "difference",
    "interval",
    "predictions",
    "share",
    "student_variance",
    "unchanged",
]
