"""Coordinates of a model's covariance in which one parameter of interest is one axis.

Layer: arrays only. A profile holds one sd, one correlation or sigma and lets all else
move. Let T be the Cholesky factor of a term's covariance (not relative to sigma) with
its effects in an order that starts with those of interest. Then T_11 is the sd of the
first, and with T_21 = rho s, T_22 = sqrt(1 - rho^2) s the correlation of the first two
is rho and s the sd of the second. All other terms keep their conditioned basis.

Conventions
    phi (..., q + 1): the entries of T of all terms, then log sigma. The engine takes
    theta = T / sigma; lambda is linear in it (`CovarianceModel.directions`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmcourse.covariance import (
    CovarianceModel,
    fill_template,
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
    corner : (int, int) or None
        For a correlation: the places of T_21 and T_22, where phi has rho and s.
    """

    problem: Criterion
    target: int
    corner: tuple[int, int] | None

    def entries(self, phi: Array) -> tuple[Array, Array]:
        """Return T's entries (..., q) and sigma (...)."""
        T, sigma = phi[..., :-1], np.exp(phi[..., -1])
        if self.corner is None:
            return T, sigma
        a, b = self.corner
        T = T.copy()
        rho, s = phi[..., a], phi[..., b]
        T[..., a] = rho * s
        T[..., b] = np.sqrt(np.maximum(1 - rho**2, 0.0)) * s
        return T, sigma

    def value_and_gradient(self, phi: Array) -> tuple[Array, Array]:
        """-2 log (restricted) likelihood at phi (...), and its gradient."""
        T, sigma = self.entries(phi)
        theta = T / sigma[..., None]
        ev = self.problem.evaluate(theta, 1, sigma)
        assert ev.gradient is not None
        d_T = ev.gradient / sigma[..., None]
        root = ev.root
        d_log_sigma = 2 * root.dof - 2 * root.pwrss * root.weight
        d_log_sigma = d_log_sigma - np.sum(ev.gradient * theta, axis=-1)
        gradient = np.concatenate([d_T, d_log_sigma[..., None]], axis=-1)
        return ev.criterion, self._through_corner(phi, gradient)

    def _through_corner(self, phi: Array, gradient: Array) -> Array:
        """Chain rule from (T_21, T_22) to (rho, s)."""
        if self.corner is None:
            return gradient
        a, b = self.corner
        rho, s = phi[..., a], phi[..., b]
        root = np.sqrt(np.maximum(1 - rho**2, 1e-300))
        g_a, g_b = gradient[..., a].copy(), gradient[..., b].copy()
        gradient[..., a] = s * (g_a - g_b * rho / root)
        gradient[..., b] = rho * g_a + root * g_b
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
    cov = problem.cov
    if parameter.kind == "sigma":
        phi = np.append(theta * sigma, np.log(sigma))
        return Coordinates(problem, len(theta), None), phi
    slot = cov.slots[parameter.term]
    c = slot.n_user
    interest = (
        [parameter.row] if parameter.kind == "sd" else [parameter.col, parameter.row]
    )
    order = [*interest, *(j for j in range(c) if j not in interest)]
    first = int(_first_theta(cov, parameter.term))
    # In the user's basis with the effects reordered: lambda_c = recover P' T / sigma.
    to_conditioned = slot.basis.recover[:, order]
    lam = slot.basis.to_user[order] @ cov.term_lambdas(theta)[parameter.term]
    T = lower_factor(lam)
    moved = _redirect(cov, parameter.term, to_conditioned)
    phi = theta * sigma
    n = c * (c + 1) // 2
    phi[first : first + n] = walk_template(T) * sigma
    phi = np.append(phi, np.log(sigma))
    corner = None
    target = first
    if parameter.kind == "cor":
        corner = (first + 1, first + c)  # T_21 and, c entries on, T_22
        target = first + 1
        s = float(np.hypot(phi[corner[0]], phi[corner[1]]))
        phi[corner[0]] = phi[corner[0]] / s if s > 0 else 0.0
        phi[corner[1]] = s
    return Coordinates(replace(problem, cov=moved), target, corner), phi


def _first_theta(cov: CovarianceModel, term: int) -> int:
    """Position of a term's first theta."""
    return sum(slot.rank * (slot.rank + 1) // 2 for slot in cov.slots[:term])


def _redirect(
    cov: CovarianceModel, term: int, to_conditioned: Array
) -> CovarianceModel:
    """Return the model with one term's lambda = to_conditioned @ T."""
    slot, places = cov.slots[term], cov.term_places()[term]
    directions = list(cov.directions)
    moved = directions[slot.factor].copy()
    block = fill_template(np.eye(len(places)), slot.rank)
    moved[places, slot.place, slot.place] = to_conditioned @ block
    directions[slot.factor] = moved
    return replace(cov, directions=tuple(directions))
