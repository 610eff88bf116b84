"""The last step of every elimination: fixed effects and response.

Layer: arrays only. When all random effects are eliminated, what is left is the
cross-product of [X y] under V^-1. Its Cholesky factor gives beta, the penalised
residual sum of squares and the criterion [BMBW15, eqs. 34 and 41].

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.elimination.small import spd_inverse

Array = NDArray[np.float64]

# Rounding errors: of the criterion relative to itself, and of pwrss, a difference,
# relative to what it is taken from.
ROUNDING = 1e-13
CANCELLING = 1e-15
# At this part of y'y, pwrss is no more than rounding.
NO_RESIDUAL = 2e-12


@dataclass(frozen=True, slots=True)
class Root:
    """Criterion and fixed part at one theta, or at a batch of them (...)."""

    criterion: Array  # (...), -2 log (restricted) likelihood, conditioned basis
    beta: Array  # (..., p), units y
    pwrss: Array  # (...), units y^2
    weight: Array  # (...), 1 / sigma^2: the derivative of the criterion in pwrss
    xx_inverse: Array  # (..., p, p), (X'V^-1 X)^-1
    total: Array  # (...), y'y, of which pwrss is left; units y^2
    dof: int
    reml: bool

    @property
    def contrast(self) -> Array:
        """Return [-beta, 1], (..., p + 1): [X y] times it is the residual."""
        one = np.ones((*self.beta.shape[:-1], 1))
        return np.concatenate([-self.beta, one], axis=-1)

    @property
    def noise(self) -> Array:
        """What rounding may do to the criterion, (...)."""
        pwrss = CANCELLING * self.weight * self.total
        return ROUNDING * (1 + np.abs(self.criterion)) + pwrss

    @property
    def is_spent(self) -> NDArray[np.bool_]:
        """Whether so little is left that rounding hides it, (...)."""
        return np.asarray(self.pwrss <= NO_RESIDUAL * self.total)


def solve_root(
    xx: Array,
    xy: Array,
    yy: Array,
    total: Array,
    logdet_re: Array,
    dof: int,
    reml: bool,
    sigma: Array | None = None,
) -> Root:
    """Profile beta, and sigma where it is not given, out of the criterion.

    Parameters
    ----------
    xx, xy, yy : array, (..., p, p), (..., p), (...)
        X'V^-1 X, X'V^-1 y and y'V^-1 y, with V the covariance over sigma^2.
    total : array, (...)
        y'y, of which yy is what the random effects leave.
    logdet_re : array, (...)
        log |V|.
    dof : int
        n for ML, n - p for REML.
    sigma : array, (...), optional
        Residual sd to hold fixed, units y.
    """
    inverse, logdet_fe = spd_inverse(xx)
    beta = np.matmul(inverse, xy[..., None])[..., 0]
    pwrss = yy - np.sum(xy * beta, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = pwrss / dof if sigma is None else sigma**2
        fit = dof * np.log(2 * np.pi * variance) + pwrss / variance
        criterion = logdet_re + fit + (logdet_fe if reml else 0.0)
        total = np.broadcast_to(total, np.shape(pwrss))
        return Root(criterion, beta, pwrss, 1 / variance, inverse, total, dof, reml)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The criterion at theta with what was asked for: order 0, 1 or 2."""

    root: Root
    gradient: Array | None = None  # (..., q)
    hessian: Array | None = None  # (..., q, q)
    is_exact: bool = True  # whether the Hessian is that of the criterion

    @property
    def criterion(self) -> Array:
        """-2 log (restricted) likelihood, (...)."""
        return self.root.criterion

    @property
    def noise(self) -> Array:
        """What rounding may do to the criterion, (...)."""
        return self.root.noise

    @property
    def is_spent(self) -> NDArray[np.bool_]:
        """Whether rounding hides the residual, (...)."""
        return self.root.is_spent


def first_of(root: Root) -> Root:
    """Return the first problem along the last batch axis."""
    return Root(
        root.criterion[..., 0],
        root.beta[..., 0, :],
        root.pwrss[..., 0],
        root.weight[..., 0],
        root.xx_inverse[..., 0, :, :],
        root.total[..., 0],
        root.dof,
        root.reml,
    )


def stack(each: list[Evaluation], batch: tuple[int, ...]) -> Evaluation:
    """Join evaluations made one by one into a batch of the given shape."""

    def join(values: list[Array | None]) -> Array | None:
        if values[0] is None:
            return None
        return np.stack(values).reshape(*batch, *np.shape(values[0]))  # type: ignore

    roots = [e.root for e in each]
    parts = {
        name: join([getattr(r, name) for r in roots])
        for name in ("criterion", "beta", "pwrss", "weight", "xx_inverse", "total")
    }
    root = Root(**parts, dof=roots[0].dof, reml=roots[0].reml)  # type: ignore
    gradient = join([e.gradient for e in each])
    hessian = join([e.hessian for e in each])
    return Evaluation(root, gradient, hessian, all(e.is_exact for e in each))
