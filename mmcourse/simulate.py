"""Draw responses of the rows used from a fitted model.

Layer: above `fit`, `posterior` and `design`.

Conventions
    s simulated responses of n rows, (s, n). Each takes its normal numbers from one
    stream, random effects first, so that it is the same whatever is drawn with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.covariance import fill_template
from mmcourse.design import Design
from mmcourse.fit import Fit
from mmcourse.posterior import Posterior
from mmcourse.responses import by_level

Array = NDArray[np.float64]
Selection = tuple[tuple[int, tuple[int, ...]], ...]


class Rows:
    """Draws responses, one after the other.

    Parameters
    ----------
    kept : Selection
        Random effects that stay at their modes; the others are drawn anew.
    """

    def __init__(
        self,
        fit: Fit,
        posterior: Posterior,
        design: Design,
        kept: Selection,
        rng: np.random.Generator,
    ) -> None:
        self._fit, self._design, self._rng = fit, design, rng
        self._modes = posterior.modes
        self._kept = dict(kept)
        self.fixed = design.X[:, list(fit.kept)] @ fit.beta
        self._roots = self._term_roots()
        m = [len(design.groupings[term.grouping].levels) for term in design.terms]
        self._shapes = [
            (levels, len(term.names) if self._draws(i) else 0)
            for i, (levels, term) in enumerate(zip(m, design.terms, strict=True))
        ]
        self._wide = [self._columns(i) for i in range(len(design.terms))]
        self._sd = np.full(len(design.y), fit.sigma)
        if design.weights is not None:
            self._sd = fit.sigma / np.sqrt(design.weights)

    @property
    def n_draws(self) -> int:
        """Normal numbers that one response takes."""
        return sum(m * c for m, c in self._shapes) + len(self._sd)

    def draw(self, s: int) -> Array:
        """Draw s responses without fixed part and offset, (s, n), units y."""
        z = self._rng.standard_normal((s, self.n_draws))
        out = z[:, -len(self._sd) :] * self._sd
        first = 0
        for i, (m, c) in enumerate(self._shapes):
            own = z[:, first : first + m * c].reshape(s, m, c)
            first += m * c
            b = self._effects(i, own)
            out += (self._wide[i] @ b.reshape(len(b), -1).T).T
        return out

    def complete(self, drawn: Array) -> Array:
        """Add fixed part and offset to what was drawn."""
        whole = drawn + self.fixed
        return whole if self._design.offset is None else whole + self._design.offset

    def _draws(self, i: int) -> bool:
        """Whether any effect of a term is drawn."""
        return len(self._kept.get(i, ())) < len(self._design.terms[i].names)

    def _effects(self, i: int, z: Array) -> Array:
        """Effects of one term, (s or 1, m, c)."""
        if not self._draws(i):
            return self._modes[i][None]
        b = z @ self._roots[i].T
        for j in self._kept.get(i, ()):
            b[..., j] = self._modes[i][:, j]
        return b

    def _term_roots(self) -> list[Array]:
        """Root (c, c) of each term's covariance, units y per column."""
        fit = self._fit
        slots = fit.products.cov.slots
        pieces = fit.products.cov.term_thetas(fit.theta, user=True)
        return [
            fit.sigma * fill_template(piece, slot.n_user)
            for piece, slot in zip(pieces, slots, strict=True)
        ]

    def _columns(self, i: int) -> sparse.csr_array:
        """Z of one term, sparse, (n, m c)."""
        term = self._design.terms[i]
        codes = self._design.groupings[term.grouping].codes
        return by_level(term.columns, codes, self._shapes[i][0])
