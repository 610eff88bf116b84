"""Degrees of freedom by name: which method, for which model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmcourse.inference.contrasts import SmallSample
from mmcourse.inference.kenward_roger import KenwardRoger
from mmcourse.inference.satterthwaite import Satterthwaite
from mmcourse.model import MixedModel

Array = NDArray[np.float64]

DDF = ("satterthwaite", "kenward_roger")


def small_sample(model: MixedModel, ddf: str) -> SmallSample:
    """Return the method of that name, one of `DDF`, at work on a model.

    Raises
    ------
    InferenceError
        If the method does not apply to the fit.
    """
    if ddf == "satterthwaite":
        return Satterthwaite(model.fit)
    return KenwardRoger(model.fit)


def t_table(model: MixedModel, ddf: str) -> tuple[Array, Array, tuple[str, ...]]:
    """Return standard errors (p,), degrees of freedom (p,) and notes."""
    method = small_sample(model, ddf)
    se = np.sqrt(np.diag(method.vcov))
    return se, method.df(np.eye(len(se))), method.notes
