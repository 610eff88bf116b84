"""What a batch of refits estimates: parameters and random effects.

Layer: arrays only; reads what `replicates` has found, in the user's basis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import ResponseProducts
from mmcourse.elimination.general import General, general
from mmcourse.fit import Fit
from mmcourse.replicates import Refits, part

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimates:
    """What s refits estimate, in the user's basis."""

    beta: Array  # (s, p), the kept columns
    sigma: Array  # (s,)
    covariances: list[Array]  # one per term, (s, c, c)


def estimates(fit: Fit, refits: Refits) -> Estimates:
    """Read the parameters off a batch of refits."""
    root, cov = refits.evaluation.root, refits.problem.cov
    A = fit.products.basis.to_user[list(fit.kept)]
    variance = np.maximum(root.pwrss, 0.0) / max(root.dof, 1)
    blocks = []
    lams = cov.lambdas(refits.theta)
    for slot in cov.slots:
        lam = lams[slot.factor][:, slot.place, slot.place]
        half = slot.basis.to_user @ lam
        block = half @ half.swapaxes(-1, -2)
        blocks.append(variance[:, None, None] * block)
    sigma = np.sqrt(variance * fit.products.unit)
    return Estimates(fit.beta + root.beta @ A.T, sigma, blocks)


def random_effects(fit: Fit, refits: Refits, response: ResponseProducts) -> list[Array]:
    """Modes of each term's effects in every refit, (s, m, c), user's basis."""
    form, cov = general(fit.products.sums), refits.problem.cov
    beta = refits.evaluation.root.beta
    if not form.layout.is_sparse:
        b = _modes(form, cov, refits.theta, response, beta)
    else:
        each = []
        for i in range(len(beta)):
            one = part(response, i)
            each.append(_modes(form, cov, refits.theta[i], one, beta[i]))
        b = {f: np.stack([modes[f] for modes in each]) for f in each[0]}
    out = []
    for slot in cov.slots:
        m = fit.products.sums.zz[slot.factor].shape[0]
        own = b.get(slot.factor, np.zeros((len(beta), m, 0)))
        out.append(own[..., slot.place] @ slot.basis.to_user.T)
    return out


def _modes(
    form: General, cov: CovarianceModel, theta: Array, y: ResponseProducts, beta: Array
) -> dict[int, Array]:
    """Conditioned modes of every factor for one response, or a batch of them."""
    system = form.factored(cov, theta)
    return system.modes(system.reduce(y), beta).b
