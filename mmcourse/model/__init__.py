"""The public face of the engine: `lmer` fits, `MixedModel` answers."""

from mmcourse.model.lmer import lmer
from mmcourse.model.mixed_model import MixedModel

__all__ = ["MixedModel", "lmer"]
