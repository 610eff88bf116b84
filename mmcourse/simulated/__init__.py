"""What a fit says when its uncertainty is simulated: predictions and effects.

Layer: above `model`. Variances are taken as estimated; beta, b and sigma are drawn.
"""

from mmcourse.simulated.effects import fe_sim, re_sim
from mmcourse.simulated.intervals import predict_interval

__all__ = ["fe_sim", "predict_interval", "re_sim"]
