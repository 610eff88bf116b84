"""Modes of the random effects, their covariances, and variances of predictions.

Layer: arrays only; derived from a `Fit` on demand and kept. "Conditional" means given
theta and beta; "joint" lets beta be as uncertain as it is.

Conventions
    Effects of a grouping factor are in the user's basis, those of its terms side by
    side: m levels, K effects. All variances are in squared units of y.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmcourse.elimination import coupling
from mmcourse.elimination.blocked import Factored, Inverse
from mmcourse.elimination.general import General, general
from mmcourse.fit import Fit

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]

CHUNK_ENTRIES = 4_000_000


class Posterior:
    """What a fit says about the random effects, computed when first asked for."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit

    @cached_property
    def _form(self) -> General:
        return general(self._fit.products.sums)

    @cached_property
    def _system(self) -> Factored:
        return self._form.factored(self._fit.products.cov, self._fit.theta_conditioned)

    @cached_property
    def _joint(self) -> Inverse:
        return self._system.inverse(self._fit.evaluation.root.xx_inverse)

    @cached_property
    def conditioned_modes(self) -> dict[int, Array]:
        """Conditional modes of each factor in the conditioned basis, (m, k)."""
        reduced = self._system.reduce(self._form.response)
        return self._system.modes(reduced, self._fit.evaluation.root.beta).b

    @cached_property
    def modes(self) -> list[Array]:
        """Conditional modes of each term, (m, c), units y per column."""
        fit = self._fit
        sizes = [z.shape[0] for z in fit.products.sums.zz]
        out = []
        for slot in fit.products.cov.slots:
            blank = np.zeros((sizes[slot.factor], 0))
            part = self.conditioned_modes.get(slot.factor, blank)
            out.append(part[:, slot.place] @ slot.basis.to_user.T)
        return out

    def factor_modes(self, factor: int) -> Array:
        """Conditional modes of a factor, those of its terms side by side, (m, K)."""
        slots = self._fit.products.cov.slots
        pairs = zip(slots, self.modes, strict=True)
        own = [modes for slot, modes in pairs if slot.factor == factor]
        return np.concatenate(own, axis=1)

    @cached_property
    def conditional(self) -> list[Array]:
        """Conditional covariances of each factor's effects, (m, K, K)."""
        xx = np.zeros_like(self._fit.evaluation.root.xx_inverse)
        levels = self._system.inverse(xx).levels
        return [self._to_user(f, levels) for f in range(self._n_factors)]

    @cached_property
    def joint(self) -> list[Array]:
        """Covariances of each factor's effects with beta estimated, (m, K, K)."""
        levels = self._joint.levels
        return [self._to_user(f, levels) for f in range(self._n_factors)]

    @cached_property
    def with_fixed(self) -> list[Array]:
        """Covariances of each factor's effects with the kept fixed ones, (m, K, p)."""
        fit = self._fit
        A = fit.products.basis.to_user[list(fit.kept)]
        out = []
        for f in range(self._n_factors):
            m = fit.products.sums.zz[f].shape[0]
            cross = self._joint.with_x.get(f, np.zeros((m, 0, A.shape[1])))
            out.append(fit.engine_sigma**2 * self.user_map(f) @ cross @ A.T)
        return out

    @property
    def _n_factors(self) -> int:
        return len(self._fit.products.sums.zz)

    def user_map(self, factor: int) -> Array:
        """Map a factor's effects to the user's basis: block-diagonal, (K, k)."""
        cov = self._fit.products.cov
        slots = [slot for slot in cov.slots if slot.factor == factor]
        out = np.zeros((sum(s.n_user for s in slots), cov.n_cols[factor]))
        row = 0
        for slot in slots:
            out[row : row + slot.n_user, slot.place] = slot.basis.to_user
            row += slot.n_user
        return out

    def _to_user(self, factor: int, levels: dict[int, Array]) -> Array:
        A = self.user_map(factor)
        m = self._fit.products.sums.zz[factor].shape[0]
        blocks = levels.get(factor, np.zeros((m, 0, 0)))
        return self._fit.engine_sigma**2 * A @ blocks @ A.T

    def prediction_variance(
        self, X: Array, columns: list[Array | None], codes: list[Codes | None]
    ) -> Array:
        """Variance of x'beta + z'b at new rows, from the joint covariance.

        Parameters
        ----------
        X : array, (r, c)
            Fixed-effects columns in the user's basis; zeros to leave them out.
        columns : list of array (r, c_term) or None, one per term
            None leaves the term out.
        codes : list of array (r,) or None, one per factor
            Level of each row; -1 where it has none.

        Returns
        -------
        array, (r,), units y^2
        """
        r = X.shape[0]
        t = self._form.layout.ee.shape[0]
        step = max(1, CHUNK_ENTRIES // max(t, 1))
        out = np.empty(r)
        for i in range(0, r, step):
            rows = slice(i, i + step)
            z = self._conditioned_columns(columns, rows, min(i + step, r) - i)
            at = [None if c is None else c[rows] for c in codes]
            out[rows] = self._chunk_variance(X[rows], z, at)
        return np.maximum(out, 0.0) * self._fit.engine_sigma**2

    def _conditioned_columns(
        self, columns: list[Array | None], rows: slice, n: int
    ) -> list[Array]:
        """Columns of each factor in the conditioned basis, (r, k)."""
        cov = self._fit.products.cov
        out = [np.zeros((n, k)) for k in cov.n_cols]
        for slot, block in zip(cov.slots, columns, strict=True):
            if block is not None:
                out[slot.factor][:, slot.place] = block[rows] @ slot.basis.to_user
        return out

    def _chunk_variance(
        self, X: Array, z: list[Array], codes: list[Codes | None]
    ) -> Array:
        """Eliminate each row's own vector like a level, then use the rest's inverse."""
        fit, system, layout = self._fit, self._system, self._form.layout
        n, q = X.shape[0], layout.n_tail
        A = fit.products.basis.to_user[list(fit.kept)]
        e = np.zeros((n, layout.ee.shape[0]))
        e[:, q:] = X[:, list(fit.kept)] @ A
        for item in layout.tail:
            code = codes[item.factor]
            if code is not None:
                known = np.flatnonzero(code >= 0)
                first = item.first + code[known] * item.n_cols
                for j in range(item.n_cols):
                    e[known, first + j] += z[item.factor][known, j]
        variance = np.zeros(n)
        entries = [self._own_entries(s.factor, z, codes) for s in layout.stages]
        for i, stage in enumerate(layout.stages):
            row, level, value = _merge(entries[i], stage.G.shape[0])
            u = np.matmul(system.W[i][level], value[..., None])[..., 0]
            np.add.at(variance, row, np.sum(value * u, axis=1))
            H = coupling.take_levels(system.H[i], level, stage.G.shape[-1])
            np.subtract.at(e, row, np.matmul(u[:, None, :], H)[:, 0])
            for link in stage.links:
                B = system.B[i][link.stage][level]
                down = -np.matmul(u[:, None, :], B)[:, 0]
                more = (row, link.parent[level], down)
                entries[link.stage] = _append(entries[link.stage], more)
        return variance + np.sum((e @ self._joint.ee) * e, axis=1)

    def _own_entries(
        self, factor: int, z: list[Array], codes: list[Codes | None]
    ) -> tuple[Codes, Codes, Array]:
        """Rows, levels and columns of one factor in the rows asked for."""
        code = codes[factor]
        if code is None:
            nothing = np.zeros(0, dtype=np.intp)
            return nothing, nothing, z[factor][:0]
        known = np.flatnonzero(code >= 0)
        return known, code[known], z[factor][known]


def _append(
    a: tuple[Codes, Codes, Array], b: tuple[Codes, Codes, Array]
) -> tuple[Codes, Codes, Array]:
    return tuple(np.concatenate(pair) for pair in zip(a, b, strict=True))  # type: ignore


def _merge(
    entries: tuple[Codes, Codes, Array], n_levels: int
) -> tuple[Codes, Codes, Array]:
    """Add up entries of the same row and level."""
    row, level, value = entries
    key, which = np.unique(row * n_levels + level, return_inverse=True)
    if len(key) == len(row):
        return entries
    total = np.zeros((len(key), value.shape[1]))
    np.add.at(total, which, value)
    return key // n_levels, key % n_levels, total
