"""The profiled criterion: -2 log (restricted) likelihood as a function of theta.

Layer: arrays only; the constants of the change of basis and of the weights are added
here, so that the value is that of the user's own model. The work is done by
`elimination`, in the form that suits the model: levels of equal design summed once
(one grouping factor), or elimination stage by stage (any number).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import CrossProducts
from mmcourse.elimination.general import General, general
from mmcourse.elimination.root import Evaluation
from mmcourse.elimination.shared import SharedDesigns, shared_designs

Array = NDArray[np.float64]

# Shared designs have an exact Hessian at a fraction of the cost. Even where no design
# repeats they pay, while their table is small or little larger than the levels' sums.
SHARED_ENTRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class Criterion:
    """The criterion of one model, ready to be evaluated anywhere.

    Attributes
    ----------
    cov : CovarianceModel
        Layout of theta.
    form : SharedDesigns or General
        Sufficient statistics, arranged for evaluation.
    reml : bool
    constant : float
        What the user's basis and the weights add to the conditioned criterion.
    unit : float
        The mean weight. The engine's weights are relative to it, and so is its sigma^2.
    """

    cov: CovarianceModel
    form: SharedDesigns | General
    reml: bool
    constant: float
    unit: float = 1.0

    def evaluate(
        self, theta: Array, order: int = 0, sigma: Array | None = None
    ) -> Evaluation:
        """Evaluate at conditioned theta (..., q); order 1 and 2 add derivatives.

        With `sigma` (...) the residual sd is held there instead of profiled out. The
        criterion in the result lacks `constant`.
        """
        return self.form.evaluate(self.cov, theta, self.reml, order, sigma)

    def at(self, theta: Array) -> float:
        """Return the criterion at theta in the user's basis, constants included."""
        return float(self.evaluate(self.to_engine(theta)).criterion) + self.constant

    def to_engine(self, theta: Array) -> Array:
        """Map theta from the user's basis and weights to the engine's."""
        return self.cov.to_conditioned(np.asarray(theta, float) * np.sqrt(self.unit))

    def to_user(self, theta: Array) -> Array:
        """Map theta back: undo `to_engine`."""
        return self.cov.to_user(theta) / np.sqrt(self.unit)


def build_criterion(
    sums: CrossProducts,
    cov: CovarianceModel,
    reml: bool,
    logdet_basis: float,
    unit: float = 1.0,
) -> Criterion:
    """Choose the form of evaluation and collect the constants.

    Parameters
    ----------
    logdet_basis : float
        log |det| of the map from the conditioned to the user's fixed columns.
    unit : float
        What the weights were divided by.
    """
    constant = -sums.sum_log_weights
    if reml:
        constant += 2 * logdet_basis
    return Criterion(cov, arrange(sums), reml, constant, unit)


def arrange(sums: CrossProducts) -> SharedDesigns | General:
    """Arrange the statistics in the form that is cheapest to evaluate."""
    if len(sums.zz) != 1 or sums.zz[0].shape[1] == 0:
        return general(sums)
    m, k = sums.zz[0].shape[:2]
    most = max(SHARED_ENTRIES, m * k * (sums.n_fixed + 1))
    return shared_designs(sums, most) or general(sums)


def with_response(criterion: Criterion, sums: CrossProducts) -> Criterion:
    """Return the criterion of the same design for the response held in `sums`."""
    return replace(criterion, form=arrange(sums))
