"""Wald intervals: estimate -+ z standard errors.

Layer: functions of a `Fit`. Fixed effects only: a variance has no symmetric interval,
so its ends are NaN (lme4 does the same).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmcourse.fit import Fit
from mmcourse.inference.names import Parameter
from mmcourse.normal import two_sided_z

Array = NDArray[np.float64]


def wald_intervals(fit: Fit, chosen: Sequence[Parameter], level: float) -> Array:
    """Return lower and upper ends, (len(chosen), 2), in the units of each parameter."""
    z = two_sided_z(level)
    se = np.sqrt(np.diag(fit.vcov_beta))
    out = np.full((len(chosen), 2), np.nan)
    for i, parameter in enumerate(chosen):
        if parameter.kind == "fixed":
            at = parameter.position
            out[i] = fit.beta[at] + np.array([-z, z]) * se[at]
    return out
