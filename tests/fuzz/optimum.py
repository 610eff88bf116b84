"""What holds at an optimum of any model, checked by values of the criterion alone.

Conventions
    A root of a term is any matrix M (c, c) with cov = M M' in a basis in which the
    term's columns are orthonormal: there 1 is a size that matters, whatever the units.
    The criterion is smooth in M everywhere, boundaries included, so that an optimum
    has gradient zero in M and no direction in which it falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import mmcourse as mm

Array = np.ndarray

# What one more Newton step may still gain, and how much lower another theta may be.
GAIN = 1e-6
# Relative to 1 + |criterion|: rounding of two evaluations.
ROUNDING = 1e-9
STEP = 1e-3
# A sd between groups of this many residual ones leaves few digits to the criterion.
LARGEST_ROOT = 1e3


@dataclass(frozen=True)
class Basis:
    """Of one term: the factor R of its columns, Z = Q R sqrt(n)."""

    R: Array

    @classmethod
    def of(cls, columns: Array) -> Basis | None:
        """The basis of columns (n, c); None if they are redundant."""
        size = np.sqrt((columns**2).mean(axis=0))
        if not (size > 0).all():
            return None
        R = np.linalg.qr(columns / size, mode="r") / np.sqrt(len(columns)) * size
        diagonal = np.abs(np.diag(R)) / size
        return cls(R) if diagonal.min() > 1e-7 else None

    def root(self, lam: Array) -> Array:
        return self.R @ lam

    def lam(self, root: Array) -> Array:
        """The lower triangle with the same covariance."""
        raw = np.linalg.solve(self.R, root)
        return np.linalg.qr(raw.T, mode="r").T


def bases(model: mm.MixedModel) -> list[Basis] | None:
    """The basis of every term, or None if one has redundant columns."""
    found = [Basis.of(term.columns) for term in model.design.terms]
    return None if any(b is None for b in found) else found


def unpack(theta: Array, sizes: list[int]) -> list[Array]:
    """Lower triangles of theta, columns first."""
    out, at = [], 0
    for c in sizes:
        lam = np.zeros((c, c))
        for j in range(c):
            lam[j:, j] = theta[at : at + c - j]
            at += c - j
        out.append(lam)
    return out


def pack(triangles: list[Array]) -> Array:
    return np.concatenate(
        [lam[j:, j] for lam in triangles for j in range(len(lam))] or [np.zeros(0)]
    )


class Surface:
    """The criterion of a model as a function of roots."""

    def __init__(self, model: mm.MixedModel, basis: list[Basis]) -> None:
        self.model, self.basis = model, basis
        sizes = [len(b.R) for b in basis]
        pairs = zip(basis, unpack(model.theta, sizes), strict=True)
        self.roots = [b.root(lam) for b, lam in pairs]
        self.noise = ROUNDING * (1 + abs(model.criterion))

    def theta(self, roots: list[Array]) -> Array:
        """The roots in the layout of the model."""
        pairs = zip(self.basis, roots, strict=True)
        return pack([b.lam(root) for b, root in pairs])

    def at(self, roots: list[Array]) -> float:
        """The criterion; infinite where rounding hides it."""
        try:
            return self.model.criterion_at(self.theta(roots))
        except mm.InferenceError:
            return np.inf

    def move(self, directions: list[Array], step: float) -> float:
        pairs = zip(self.roots, directions, strict=True)
        return self.at([root + step * way for root, way in pairs])

    def direction(self, rng: np.random.Generator) -> list[Array]:
        """A direction, of the size of each root, or a hundredth of a residual."""
        return [
            rng.normal(size=root.shape) * max(0.01, np.linalg.norm(root))
            for root in self.roots
        ]

    def anywhere(self, rng: np.random.Generator) -> list[Array]:
        """Roots of any size, some of a lower rank, some zero."""
        out = []
        for root in self.roots:
            found = rng.normal(size=root.shape) * np.exp(rng.normal(0, 2))
            if rng.random() < 0.3:
                found[:, rng.integers(len(found))] = 0.0
            out.append(found * (rng.random() > 0.15))
        return out


def left_to_gain(surface: Surface, rng: np.random.Generator) -> float:
    """How much lower the criterion is a little way along a random direction.

    Looked at are both sides, and the bottom of the parabola through them.
    """
    way = surface.direction(rng)
    here = surface.model.criterion
    above, below = surface.move(way, STEP), surface.move(way, -STEP)
    found = [above, below]
    bend = above - 2 * here + below
    if np.isfinite(bend) and bend > 10 * surface.noise:
        at = np.clip((below - above) / (2 * bend), -10, 10)
        found.append(surface.move(way, at * STEP))
    return here - min(found) - surface.noise


def below(surface: Surface, rng: np.random.Generator, n: int = 20) -> float:
    """How far the best of n random roots lies below the fit.

    Far from the fit rounding may be larger than what is asked for: the density decides.
    """
    found = [surface.anywhere(rng) for _ in range(n)]
    best = min(found, key=surface.at)
    gain = surface.model.criterion - surface.noise - surface.at(best)
    if gain > GAIN:
        exact = dense(surface.model, surface.theta(best))
        gain = min(gain, surface.model.criterion - surface.noise - exact)
    return gain


def is_saturated(surface: Surface) -> bool:
    """Whether next to nothing is left to the residuals, so that rounding shows."""
    return any(np.abs(root).max() > LARGEST_ROOT for root in surface.roots)


def dense(model: mm.MixedModel, theta: Array) -> float:
    """The criterion from V in full; NaN where that would lose its digits.

    The design is the model's own, everything after it is not.
    """
    design, n = model.design, model.n_obs
    w = np.ones(n) if design.weights is None else design.weights
    offset = 0.0 if design.offset is None else design.offset
    V = np.diag(1 / w)
    sizes = [term.columns.shape[1] for term in design.terms]
    for term, lam in zip(design.terms, unpack(theta, sizes), strict=True):
        ZL = term.columns @ lam
        codes = design.groupings[term.grouping].codes
        V = V + (ZL @ ZL.T) * (codes[:, None] == codes)
    if not np.isfinite(V).all() or np.linalg.cond(V) > 1e9:
        return np.nan
    L = np.linalg.cholesky(V)
    X = design.X[:, list(model.fit.kept)]
    white = np.linalg.solve(L, np.column_stack([X, design.y - offset]))
    size = np.linalg.norm(white[:, :-1], axis=0)
    Q, R = np.linalg.qr(white[:, :-1] / size)
    left = white[:, -1] - Q @ (Q.T @ white[:, -1])
    left = left - Q @ (Q.T @ left)
    dof = n - X.shape[1] * model.reml
    total = 2 * np.log(np.diag(L)).sum()
    if model.reml:
        total += 2 * np.log(np.abs(np.diag(R)) * size).sum()
    return total + dof * (1 + np.log(2 * np.pi * (left @ left) / dof))
