"""Draws of the fixed and random effects, given the variances.

Layer: arrays only; derived from a `Fit`. "Joint" draws have the exact joint covariance
of (beta, b): they go back through the factor of the system, b_tail and beta first,
then stage by stage each level given what it lies in. "Independent" draws take every
level by itself, and beta by itself, as merTools does.

Conventions
    s draws; effects of a grouping factor in the user's basis, those of its terms side
    by side, (levels, K, s). A level's random numbers are its own, whichever other
    levels are asked for.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.elimination.blocked import Factored
from mmcourse.elimination.general import general
from mmcourse.fit import Fit
from mmcourse.posterior import Posterior
from mmcourse.randomness import Streams

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger]

# Kinds of streams: one for the fixed effects, one for the tail, one per factor, ...
FIXED, TAIL, LEVELS = 0, 1, 100


class Draws(Protocol):
    """What can be drawn: fixed effects, and random effects of some levels."""

    fixed: Array  # (p, s), the kept columns

    def levels(self, factor: int, codes: Codes) -> Array:
        """Effects of some levels of a factor, (codes, K, s)."""
        ...


class JointDraws:
    """Draws from the joint distribution of all effects.

    Parameters
    ----------
    scale : array, (s,) or float
        Residual sd of a row of mean weight; the fit's own where not given.
    """

    def __init__(
        self,
        fit: Fit,
        posterior: Posterior,
        s: int,
        streams: Streams,
        scale: Array | float | None = None,
    ) -> None:
        self._posterior, self._streams, self._s = posterior, streams, s
        self._scale = np.asarray(fit.engine_sigma if scale is None else scale)
        # Not the posterior's system: that may have turned into its inverse.
        form, self._cov = general(fit.products.sums), fit.products.cov
        self._system: Factored = form.factored(self._cov, fit.theta_conditioned)
        xx = fit.evaluation.root.xx_inverse
        x = _root(xx) @ streams.normals([0], (len(xx), s), FIXED)[0]
        self._e = self._with_tail(x)
        A = fit.products.basis.to_user[list(fit.kept)]
        self.fixed: Array = fit.beta[:, None] + A @ (x * self._scale)

    def levels(self, factor: int, codes: Codes) -> Array:
        """Effects of some levels of a factor, (codes, K, s)."""
        modes = self._posterior.factor_modes(factor)[codes][..., None]
        A = self._posterior.user_map(factor)
        return modes + A @ (self._deviations(factor, codes) * self._scale)

    def _with_tail(self, x: Array) -> Array:
        """Deviations of e = [b_tail beta] over sigma, (t, s), given those of beta."""
        tail, q = self._system.tail, self._system.layout.n_tail
        if tail is None:
            return x
        own = tail.draw(self._streams.normals([0], (q, self._s), TAIL)[0])
        return np.concatenate([own - self._system.Y @ x, x])

    def _deviations(self, factor: int, codes: Codes) -> Array:
        """Deviations from the modes over sigma, conditioned basis, (codes, k, s)."""
        layout = self._system.layout
        for item in layout.tail:
            if item.factor == factor:
                k, s = item.n_cols, self._s
                return self._e[item.columns].reshape(-1, k, s)[codes]
        for i, stage in enumerate(layout.stages):
            if stage.factor == factor:
                return self._stage(i, codes)
        return np.zeros((len(codes), 0, self._s))  # a factor without effects

    def _stage(self, i: int, codes: Codes) -> Array:
        """Draw some levels of a stage, given all that comes after it, (codes, k, s)."""
        system, stage = self._system, self._system.layout.stages[i]
        k = stage.G.shape[-1]
        w = _coupled(system.H[i], codes, k, self._e)
        for link in stage.links:
            parents, which = np.unique(link.parent[codes], return_inverse=True)
            up = self._stage(link.stage, parents)[which]
            w = w + np.matmul(system.B[i][link.stage][codes], up)
        z = self._streams.normals(codes, (k, self._s), LEVELS + stage.factor)
        root = _shrunken_root(system.lam[stage.factor], system.G[i][codes])
        return np.matmul(root, z) - np.matmul(system.W[i][codes], w)


class IndependentDraws:
    """Every level and the fixed effects drawn by themselves, as merTools does."""

    def __init__(
        self, fit: Fit, posterior: Posterior, s: int, streams: Streams
    ) -> None:
        self._posterior, self._streams, self._s = posterior, streams, s
        z = streams.normals([0], (len(fit.beta), s), FIXED)[0]
        self.fixed: Array = fit.beta[:, None] + _root(fit.vcov_beta) @ z

    def levels(self, factor: int, codes: Codes) -> Array:
        """Effects of some levels of a factor, (codes, K, s)."""
        cov = self._posterior.conditional[factor][codes]
        z = self._streams.normals(codes, (cov.shape[-1], self._s), LEVELS + factor)
        modes = self._posterior.factor_modes(factor)[codes][..., None]
        return modes + np.matmul(_root(cov), z)


def _root(cov: Array) -> Array:
    """R with RR' = cov, which may be singular, (..., k, k)."""
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.asarray(root)


def _shrunken_root(lam: Array, G: Array) -> Array:
    """R with RR' = lambda (I + lambda'G lambda)^-1 lambda', (m, k, k)."""
    D = lam.T @ G @ lam + np.eye(lam.shape[-1])
    half = np.linalg.inv(np.linalg.cholesky(D))
    return np.asarray(lam @ np.swapaxes(half, -1, -2))


def _coupled(H: Array | sparse.csr_array, codes: Codes, k: int, e: Array) -> Array:
    """H e of some levels, (codes, k, s), for e (t, s)."""
    if not sparse.issparse(H):
        return np.matmul(H[codes], e)
    rows = (codes[:, None] * k + np.arange(k)).ravel()
    return np.asarray(H[rows] @ e).reshape(len(codes), k, -1)
