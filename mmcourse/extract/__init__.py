"""Tidy tables of a fitted model: one verb, the same arguments, flat frames.

Layer: above `model`; asks a `MixedModel` and arranges the answers. Nothing is rounded
or printed here. `attrs` of a table say how its interval was made: method, level and,
for a profile, the criterion that was profiled.

Conventions
    The columns of an interval carry their level: lower_2.5 and upper_97.5 for 0.95,
    lower_5 and upper_95 for 0.9. A level of 0 leaves them out.
"""

from mmcourse.extract.compare import anova
from mmcourse.extract.drops import ranova
from mmcourse.extract.effects import (
    extract_fixed_effects,
    extract_random_coefs,
    extract_random_effects,
)
from mmcourse.extract.model_data import extract_model_data
from mmcourse.extract.shares import icc_null, r2
from mmcourse.extract.typical import expected_rank, find_typical
from mmcourse.extract.variances import extract_vc, icc, summarize_model

__all__ = [
    "anova",
    "expected_rank",
    "extract_fixed_effects",
    "extract_model_data",
    "extract_random_coefs",
    "extract_random_effects",
    "extract_vc",
    "find_typical",
    "icc",
    "icc_null",
    "r2",
    "ranova",
    "summarize_model",
]
