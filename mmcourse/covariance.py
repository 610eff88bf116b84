"""theta, lambda and Sigma: the parameters of the random terms in two bases.

Layer: arrays only. A term with c columns has a lower-triangular lambda (c, c); theta
walks down its columns, term by term, as in lme4. The engine works in the conditioned
basis (module `conditioning`), where a term has r <= c columns; users see their own.

Conventions
    Sigma = lambda lambda' is the covariance of a term's effects over sigma^2.
    b_conditioned = recover @ b_user, so lambda_c lambda_c' = recover Sigma recover'.
    Terms of one grouping factor stand side by side in that factor's lambda (k, k).
    A term's lambda is turn @ T with T lower triangular, its entries theta, and turn
    orthogonal: only lambda lambda' counts, and a search goes best along its axes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mmcourse.conditioning import Basis

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TermSlot:
    """Where one random term sits: its factor, its columns there, its basis."""

    factor: int
    first: int  # first of its columns among the factor's conditioned columns
    basis: Basis
    turn: Array  # (r, r), orthogonal

    @property
    def rank(self) -> int:
        """Columns in the conditioned basis."""
        return self.basis.rank

    @property
    def n_user(self) -> int:
        """Columns in the user's basis."""
        return len(self.basis.center)

    @property
    def place(self) -> slice:
        """Its columns among the factor's conditioned columns."""
        return slice(self.first, self.first + self.rank)


@dataclass(frozen=True, slots=True)
class CovarianceModel:
    """Maps between theta and the lambdas of all grouping factors.

    Attributes
    ----------
    slots : tuple of TermSlot
        In the order of theta.
    n_cols : tuple of int
        Conditioned columns k of each factor.
    where : tuple of arrays (q_f,), one per factor
        Which thetas make up the factor's lambda,
    directions : tuple of arrays (q_f, k, c), one per factor
        and the derivative of lambda in each of them: lambda is linear in theta. It
        need be neither triangular nor square: only lambda lambda' counts.
    """

    slots: tuple[TermSlot, ...]
    n_cols: tuple[int, ...]
    where: tuple[NDArray[np.intp], ...]
    directions: tuple[Array, ...]
    n_theta: int

    def lambdas(self, theta: Array) -> list[Array]:
        """Return lambda (..., k, c) of each factor for theta (..., q)."""
        out = []
        for where, d_lam in zip(self.where, self.directions, strict=True):
            k, c = d_lam.shape[1:]
            flat = theta[..., where] @ d_lam.reshape(len(where), k * c)
            out.append(flat.reshape(*theta.shape[:-1], k, c))
        return out

    def pull_back(self, slopes: dict[int, Array], theta: Array) -> Array:
        """Return the gradient (..., q), given lambda' d criterion / d Sigma."""
        out = np.zeros(theta.shape)
        for f, slope in slopes.items():
            c, k = slope.shape[-2:]
            d_lam = self.directions[f].swapaxes(-1, -2).reshape(-1, c * k)
            flat = slope.reshape(*slope.shape[:-2], c * k)
            out[..., self.where[f]] = 2 * flat @ d_lam.T
        return out

    def term_thetas(self, theta: Array, user: bool = False) -> list[Array]:
        """Cut theta (..., q) into one piece per term."""
        sizes = [_n_theta(s.n_user if user else s.rank) for s in self.slots]
        return np.split(theta, np.cumsum(sizes)[:-1], axis=-1)

    def term_lambdas(self, theta: Array) -> list[Array]:
        """Return each term's lambda (r, r) in the conditioned basis for theta (q,)."""
        lams = self.lambdas(theta)
        return [lams[slot.factor][slot.place, slot.place] for slot in self.slots]

    def to_conditioned(self, theta: Array) -> Array:
        """Map theta from the user's to the conditioned basis, (n_user,) -> (q,)."""
        parts = []
        pieces = self.term_thetas(np.asarray(theta, float), user=True)
        for slot, piece in zip(self.slots, pieces, strict=True):
            lam = slot.basis.recover @ fill_template(piece, slot.n_user)
            parts.append(walk_template(lower_factor(slot.turn.T @ lam)))
        return np.concatenate(parts) if parts else np.zeros(0)

    def to_user(self, theta: Array) -> Array:
        """Map theta from the conditioned to the user's basis, (q,) -> (n_user,).

        Effects of redundant columns get variance zero.
        """
        parts = []
        for slot, lam in zip(self.slots, self.term_lambdas(theta), strict=True):
            parts.append(walk_template(lower_factor(slot.basis.to_user @ lam)))
        return np.concatenate(parts) if parts else np.zeros(0)

    def turned(self, roots: list[Array]) -> tuple[CovarianceModel, Array]:
        """Lay the axes of every term along the principal ones of its covariance.

        Given each term's lambda (r, r) in any form, return the model whose `turn` is
        that of lambda's singular vectors, and theta there: singular values, falling,
        on each diagonal. Where a variance vanishes in these axes, so do the
        derivatives with respect to its column alone; elsewhere none does by symmetry.
        """
        if all(slot.rank == 1 for slot in self.slots):
            return self, np.abs(np.concatenate(roots)[:, 0])
        slots, parts = [], []
        for slot, root in zip(self.slots, roots, strict=True):
            left, size, _ = np.linalg.svd(root)
            slots.append(replace(slot, turn=left))
            parts.append(walk_template(np.diag(size)))
        moved = self.redirected({i: slot.turn for i, slot in enumerate(slots)})
        theta = np.concatenate(parts) if parts else np.zeros(0)
        return replace(moved, slots=tuple(slots)), theta

    def redirected(self, roots: dict[int, Array]) -> CovarianceModel:
        """Return the model with lambda = root @ T for some terms, theta the T's."""
        directions = [d.copy() for d in self.directions]
        places = self.term_places()
        for i, root in roots.items():
            slot = self.slots[i]
            T = fill_template(np.eye(len(places[i])), slot.rank)
            directions[slot.factor][places[i], slot.place, slot.place] = root @ T
        return replace(self, directions=tuple(directions))

    def term_places(self) -> list[NDArray[np.intp]]:
        """Where each term's thetas stand among those of its factor."""
        out, first = [], 0
        for slot in self.slots:
            n = _n_theta(slot.rank)
            out.append(np.searchsorted(self.where[slot.factor], first + np.arange(n)))
            first += n
        return out

    @property
    def n_theta_user(self) -> int:
        """Length of theta in the user's basis."""
        return sum(_n_theta(slot.n_user) for slot in self.slots)


def covariance_model(terms: list[tuple[int, Basis]], n_factors: int) -> CovarianceModel:
    """Lay out the terms, given as (factor, basis) in the order of theta."""
    n_cols = [0] * n_factors
    slots: list[TermSlot] = []
    entries: list[list[tuple[int, int]]] = [[] for _ in range(n_factors)]
    where: list[list[int]] = [[] for _ in range(n_factors)]
    position = 0
    for factor, basis in terms:
        slot = TermSlot(factor, n_cols[factor], basis, np.eye(basis.rank))
        for col in range(slot.rank):
            for row in range(col, slot.rank):
                entries[factor].append((slot.first + row, slot.first + col))
                where[factor].append(position)
                position += 1
        n_cols[factor] += slot.rank
        slots.append(slot)
    directions = tuple(
        _unit_matrices(e, k) for e, k in zip(entries, n_cols, strict=True)
    )
    positions = tuple(np.array(w, dtype=np.intp) for w in where)
    return CovarianceModel(tuple(slots), tuple(n_cols), positions, directions, position)


def _unit_matrices(entries: list[tuple[int, int]], k: int) -> Array:
    """One matrix (k, k) per entry, 1 there and 0 elsewhere."""
    out = np.zeros((len(entries), k, k))
    for i, (row, col) in enumerate(entries):
        out[i, row, col] = 1.0
    return out


def _n_theta(n_cols: int) -> int:
    return n_cols * (n_cols + 1) // 2


@cache
def _lower_walk(n_cols: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of a lower triangle, down column 1, then column 2, ..."""
    col, row = np.triu_indices(n_cols)
    return row, col


def fill_template(theta: Array, n_cols: int) -> Array:
    """Place the theta of one term in its lower triangle, column by column.

    Examples
    --------
    >>> fill_template(np.array([1.0, 0.5, 2.0]), n_cols=2)
    array([[1. , 0. ],
           [0.5, 2. ]])
    """
    lam = np.zeros((*theta.shape[:-1], n_cols, n_cols))
    row, col = _lower_walk(n_cols)
    lam[..., row, col] = theta
    return lam


def walk_template(lam: Array) -> Array:
    """Read theta off a lower triangle, column by column: undo `fill_template`."""
    row, col = _lower_walk(lam.shape[-1])
    return lam[..., row, col]


def lower_factor(root: Array) -> Array:
    """Return the lower-triangular L with LL' = root root' and diagonal >= 0.

    By an orthogonal factorisation, so that a singular covariance needs no care and
    zeros stay zeros. `root` is (..., c, r), L is (..., c, c).

    Examples
    --------
    >>> lower_factor(np.array([[0.0, 2.0], [0.0, -1.0]]))
    array([[ 2.,  0.],
           [-1.,  0.]])
    >>> lower_factor(np.array([[0.0, 0.0], [3.0, 4.0]]))
    array([[0., 0.],
           [0., 5.]])
    """
    c, r = root.shape[-2:]
    if c == 0 or r == 0:
        return np.zeros((*root.shape[:-1], c))
    upper = np.asarray(np.linalg.qr(np.swapaxes(root, -1, -2), mode="r"))
    L = np.zeros((*root.shape[:-2], c, c))
    L[..., : upper.shape[-2]] = np.swapaxes(upper, -1, -2)
    diagonal = np.einsum("...ii->...i", L)
    L = L * np.where(diagonal < 0, -1.0, 1.0)[..., None, :]
    size = np.sqrt(np.sum(L**2, axis=-1, keepdims=True))
    L[np.abs(L) <= 1e-14 * size] = 0.0
    for j in range(c - 1):
        # A zero pivot with entries below it: fold them into the later columns, as a
        # Cholesky factor of a singular matrix has them.
        if L.ndim == 2 and L[j, j] == 0 and np.any(L[j + 1 :, j]):
            L[j + 1 :, j + 1 :] = lower_factor(L[j + 1 :, j:])
            L[j + 1 :, j] = 0.0
            break
    return L + 0.0
