"""The inverse of the whole system, where it is needed: backward along the chain [T73].

Layer: arrays only; see `blocked` for the conventions.

References
----------
    [T73] Takahashi, Fagan, Chin (1973): the inverse on the pattern of its factor.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmcourse.elimination import coupling
from mmcourse.elimination.layout import Coupling, Layout

Array = NDArray[np.float64]


class System(Protocol):
    """What the forward pass left of each stage."""

    layout: Layout
    W: list[Array]
    B: list[dict[int, Array]]
    H: list[Coupling]


class ChainInverse:
    """Backward recursion for the chain's blocks of the inverse."""

    def __init__(self, system: System, ee: Array) -> None:
        self.system, self.ee = system, ee
        self.T: dict[int, Array] = {}
        self.ss: dict[int, Array] = {}
        self.se: dict[int, Array] = {}  # not for the first stage, where it may be huge
        self.sr: dict[tuple[int, int], Array] = {}

    def step(self, i: int) -> None:
        """Blocks of stage i from those of the stages after it."""
        s, stage = self.system, self.system.layout.stages[i]
        H, W, k = s.H[i], s.W[i], stage.G.shape[-1]
        T = coupling.quadratic(H, self.ee, k)
        for link in stage.links:
            B = s.B[i][link.stage]
            X = coupling.cross(H, link.parent, self.se[link.stage], k)
            V = X + self._times_chain(i, link.stage)
            B_t = np.swapaxes(B, -1, -2)
            T = T + np.matmul(V, B_t) + np.matmul(B, np.swapaxes(X, -1, -2))
            self.sr[i, link.stage] = -np.matmul(W, V)
        self.T[i] = T
        self.ss[i] = W + np.matmul(np.matmul(W, T), W)
        if i > 0:
            V = coupling.columns(H, self.ee, k)
            for link in stage.links:
                up = self.se[link.stage][..., link.parent, :, :]
                V = V + np.matmul(s.B[i][link.stage], up)
            self.se[i] = -np.matmul(W, V)

    def _times_chain(self, i: int, r: int) -> Array:
        """Sum over links r' of B_ir' U_r'r, (..., m, k, k_r)."""
        out = np.zeros(())
        for link in self.system.layout.stages[i].links:
            n, parent = link.stage, link.parent
            if n == r:
                U = self.ss[r][..., parent, :, :]
            elif n < r:
                U = self.sr[n, r][..., parent, :, :]
            else:
                up = self._parent(i, r)
                U = np.swapaxes(self.sr[r, n][..., up, :, :], -1, -2)
            out = out + np.matmul(self.system.B[i][n], U)
        return out

    def _parent(self, i: int, r: int) -> NDArray[np.intp]:
        """Level of stage r that holds each level of stage i."""
        links = self.system.layout.stages[i].links
        return next(link.parent for link in links if link.stage == r)

    def with_x(self, i: int, q: int) -> Array:
        """Block of stage i with the fixed effects, (..., m, k, p)."""
        if i in self.se:
            return self.se[i][..., q:]
        s, stage = self.system, self.system.layout.stages[i]
        V = coupling.columns(s.H[i], self.ee[..., q:], stage.G.shape[-1])
        for link in stage.links:
            up = self.se[link.stage][..., link.parent, :, q:]
            V = V + np.matmul(s.B[i][link.stage], up)
        return -np.matmul(s.W[i], V)
