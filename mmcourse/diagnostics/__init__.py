"""Looking at a fit: leverage, influence of rows and of whole groups."""

from mmcourse.diagnostics.groups import Influence, influence
from mmcourse.diagnostics.rows import augment, cooks_distance, hat_values

__all__ = ["Influence", "augment", "cooks_distance", "hat_values", "influence"]
