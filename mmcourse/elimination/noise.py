"""Products of white noise with all columns, drawn without the rows.

Layer: arrays only. Let M = [Z X]. For e ~ N(0, I), M'e ~ N(0, M'M), and e'e is the
square of what lies in the span of M plus a chi-square for the rest. M'M = L D L' is
factored block by block, as the criterion's system is, but without shrinkage; then
M'e = L D^1/2 z. M is never of full rank (indicators of levels add up to the
intercept), so D^-1 is a generalised inverse.

Conventions
    s draws z (s, n_random + p), one row after the other: stage, stage, tail, X.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmcourse.crossproducts import ResponseProducts
from mmcourse.elimination import coupling
from mmcourse.elimination.blocked import Factored
from mmcourse.elimination.layout import Layout, Stage

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Of a block's own size before anything was eliminated; what is left below is rounding.
NOTHING = 1e-10


class Noise(Factored):
    """The system of least squares, factored: what noise looks like to its columns."""

    def __init__(self, layout: Layout) -> None:
        self.roots: list[Array] = []
        self._seen: list[Bools] = []  # which of a block's directions exist
        self._forward(layout, ())

    def _shrink(self, i: int, stage: Stage) -> tuple[Array, Array]:
        """Generalised inverse of a stage's blocks instead of a shrunken one."""
        size = np.trace(stage.G, axis1=1, axis2=2)
        root, inverse, seen = _root(self.G[i], size[:, None])
        self.roots.append(root)
        self._seen.append(seen)
        return inverse, np.zeros(len(size))

    def _eliminate_tail(self, A: Array, N: Array, xx: Array) -> None:
        """Take the crossed factors out together, then X."""
        q = self.layout.n_tail
        diagonal = self.layout.ee.diagonal()
        scale = np.sqrt(np.maximum(diagonal[:q], np.finfo(float).tiny))
        root, inverse, seen = _root(A / np.outer(scale, scale), np.ones(1))
        self.tail_root = scale[:, None] * root
        self.Y = (inverse @ (N / scale[:, None])) / scale[:, None]
        left = xx - N.T @ self.Y
        self.x_root, _, x_seen = _root(left, diagonal[q:].max(initial=0.0)[None])
        self._seen += [seen, x_seen]

    @property
    def n_draws(self) -> int:
        """Normal numbers that one response needs."""
        return sum(seen.size for seen in self._seen)

    @property
    def rank(self) -> int:
        """Dimension of the span of all columns."""
        return int(sum(seen.sum() for seen in self._seen))

    def draw(self, z: Array, rest: Array) -> ResponseProducts:
        """Turn normal numbers into products of noise of sd 1.

        Parameters
        ----------
        z : array, (s, n_draws)
        rest : array, (s,)
            Chi-square numbers with n - rank degrees of freedom.
        """
        layout, q, s = self.layout, self.layout.n_tail, len(z)
        parts = np.split(z, np.cumsum([seen.size for seen in self._seen])[:-1], axis=1)
        seen = np.concatenate([which.ravel() for which in self._seen])
        h: list[Array] = [np.zeros(()) for _ in layout.stages]
        e = np.zeros((s, layout.ee.shape[0]))
        for i, stage in enumerate(layout.stages):
            m, k = stage.G.shape[:2]
            own = np.matmul(self.roots[i], parts[i].reshape(s, m, k, 1))
            h[i] = h[i] + own[..., 0]
            down = np.matmul(self.W[i], own)
            for link in stage.links:
                left = np.matmul(self.B[i][link.stage].swapaxes(-1, -2), down)
                h[link.stage] = h[link.stage] + link.sum_by_parent(left)[..., 0]
            e += coupling.transpose_times(self.H[i], down[..., 0])
        own_tail = parts[-2] @ self.tail_root.T
        tail = e[:, :q] + own_tail
        x = e[:, q:] + own_tail @ self.Y + parts[-1] @ self.x_root.T
        z_of = {stage.factor: h[i] for i, stage in enumerate(layout.stages)}
        for item in layout.tail:
            cut = tail[:, item.columns]
            z_of[item.factor] = cut.reshape(s, item.n_levels, item.n_cols)
        blank = np.zeros((s, 0, 0))
        n = max(z_of, default=-1) + 1
        square = z**2 @ seen.astype(float) + rest
        return ResponseProducts(tuple(z_of.get(f, blank) for f in range(n)), x, square)


def _root(G: Array, size: Array) -> tuple[Array, Array, Bools]:
    """Root R with RR' = G, G^+, and which directions exist, (..., k, k) and (..., k).

    `size` (..., 1) is what the eigenvalues are compared with.
    """
    values, vectors = np.linalg.eigh(G)
    seen = values > NOTHING * size
    root = vectors * np.sqrt(np.where(seen, values, 0.0))[..., None, :]
    with np.errstate(divide="ignore"):
        inverse = np.where(seen, 1 / values, 0.0)[..., None, :]
    return root, np.matmul(vectors * inverse, vectors.swapaxes(-1, -2)), seen
