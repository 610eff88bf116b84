"""Coordinates of a model's covariance in which one parameter of interest is one axis.

Layer: arrays only. A profile holds one sd, one correlation or sigma and lets all else
move. Let T be the Cholesky factor of a term's covariance (not relative to sigma) in a
basis that starts with the effects of interest. Then T_11 is the sd of the first, and
with T_21 = s sin(a), T_22 = s cos(a) the correlation of the first two is sin(a) and s
the sd of the second. All other terms keep their conditioned basis.

Searches and differences need axes of a like size whatever the user's units are. So T
is in units of the estimated sigma, each effect of interest in those of its conditioned
columns, and what else varies within its term in a basis orthogonal to it.

Conventions
    phi (..., q + 1): the entries of T of all terms, in those units, then log sigma. The
    engine takes theta = T / sigma; lambda is linear in it
    (`CovarianceModel.directions`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import (
    CovarianceModel,
    lower_factor,
    walk_template,
)
from mmcourse.criterion import Criterion
from mmcourse.inference.names import Parameter

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """phi for one parameter of interest.

    Attributes
    ----------
    problem : Criterion
        With lambda linear in T / sigma.
    target : int
        The axis of the parameter in phi.
    sigma : float
        The estimate, the unit of T.
    corner : (int, int) or None
        For a correlation: the places of T_21 and T_22, where phi has the angle and s.
    size : float
        Of the first effect of interest: its sd is phi[target] * size * sigma.
    """

    problem: Criterion
    target: int
    sigma: float
    corner: tuple[int, int] | None = None
    size: float = 1.0

    def entries(self, phi: Array) -> tuple[Array, Array]:
        """Return T's entries (..., q) and sigma (...), both in the engine's units."""
        T, sigma = phi[..., :-1] * self.sigma, np.exp(phi[..., -1])
        if self.corner is not None:
            a, b = self.corner
            angle, s = phi[..., a], T[..., b].copy()
            T[..., a], T[..., b] = s * np.sin(angle), s * np.cos(angle)
        return T, sigma

    def value_and_gradient(self, phi: Array) -> tuple[Array, Array]:
        """-2 log (restricted) likelihood at phi (...), and its gradient."""
        T, sigma = self.entries(phi)
        theta = T / sigma[..., None]
        ev = self.problem.evaluate(theta, 1, sigma)
        assert ev.gradient is not None
        d_T = ev.gradient * (self.sigma / sigma)[..., None]
        root = ev.root
        d_log_sigma = 2 * root.dof - 2 * root.pwrss * root.weight
        d_log_sigma = d_log_sigma - np.sum(ev.gradient * theta, axis=-1)
        gradient = np.concatenate([d_T, d_log_sigma[..., None]], axis=-1)
        return ev.criterion, self._through_corner(phi, gradient)

    def _through_corner(self, phi: Array, gradient: Array) -> Array:
        """Chain rule from (T_21, T_22) to (angle, s)."""
        if self.corner is None:
            return gradient
        a, b = self.corner
        sine, cosine, s = np.sin(phi[..., a]), np.cos(phi[..., a]), phi[..., b]
        g_a, g_b = gradient[..., a].copy(), gradient[..., b].copy()
        gradient[..., a] = s * (g_a * cosine - g_b * sine)
        gradient[..., b] = g_a * sine + g_b * cosine
        return gradient


def coordinates(
    problem: Criterion, theta: Array, sigma: float, parameter: Parameter
) -> tuple[Coordinates, Array]:
    """Build the coordinates for a parameter; return them with phi of the estimate.

    Parameters
    ----------
    problem : Criterion
        In the conditioned basis.
    theta : array, (q,)
        Conditioned estimate.
    sigma : float
    """
    cov, phi = problem.cov, np.append(theta, np.log(sigma))
    if parameter.kind == "sigma":
        return Coordinates(problem, len(theta), sigma), phi
    slot = cov.slots[parameter.term]
    is_sd = parameter.kind == "sd"
    interest = [parameter.row] if is_sd else [parameter.col, parameter.row]
    first = _first_theta(cov, parameter.term)
    basis, size = _basis_of_interest(slot.basis.to_user[interest])
    lam = np.linalg.solve(basis, cov.term_lambdas(theta)[parameter.term])
    T = walk_template(lower_factor(np.asarray(lam)))
    phi[first : first + len(T)] = T
    moved = replace(problem, cov=cov.redirected({parameter.term: basis}))
    if is_sd:
        return Coordinates(moved, first, sigma, size=size), phi
    a, b = first + 1, first + slot.rank  # T_21 and, a column on, T_22
    phi[a], phi[b] = np.arctan2(phi[a], phi[b]), np.hypot(phi[a], phi[b])
    return Coordinates(moved, a, sigma, (a, b)), phi


def _basis_of_interest(rows: Array) -> tuple[Array, float]:
    """Basis (r, r) in which the first coefficients are the effects of interest.

    Parameters
    ----------
    rows : array, (m, r)
        What makes each effect of interest of the conditioned coefficients.

    Returns
    -------
    basis : array, (r, r)
        b_conditioned = basis @ z, where z_i is the effect i over the size of its row,
        and the rest of z is orthogonal to them.
    size : float
        Of the first row.
    """
    m = len(rows)
    Q, R = np.linalg.qr(rows.T, mode="complete")  # rows = R' Q', R' (m, m) and zeros
    sizes = np.linalg.norm(rows, axis=1)
    basis = Q.copy()
    basis[:, :m] = Q[:, :m] @ np.linalg.solve(R[:m].T, np.diag(sizes))
    return basis, float(sizes[0])


def _first_theta(cov: CovarianceModel, term: int) -> int:
    """Position of a term's first theta."""
    return sum(slot.rank * (slot.rank + 1) // 2 for slot in cov.slots[:term])
