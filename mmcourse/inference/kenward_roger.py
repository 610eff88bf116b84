"""Kenward-Roger: standard errors and degrees of freedom for small samples.

Layer: functions of a `Fit`. The covariance of the fixed effects is corrected for the
variances being estimates, and an F statistic is scaled to agree with an F distribution
in two moments [KR97]. As in pbkrtest, the covariance of the rows is linear in its
parameters: the entries of each term's Sigma, and the residual variance.

Conventions
    M = V / sigma^2 = I + Z Sigma Z'.  The linear family {I, Z E_r Z'} is the same as
    {M, Z E_r Z'}, with M at the estimate: with M for the first, the sums over rows
    that it needs are known, and no n x n matrix is ever formed. R parameters, that one
    first.
    P_r = X'M^-1 G_r M^-1 X,  Q_rs = X'M^-1 G_r M^-1 G_s M^-1 X.

References
----------
    [KR97] Kenward, Roger (1997), Biometrics 53: 983-997.
    [HH14] Halekoh, Hojsgaard (2014), J. Stat. Softw. 59(9).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmcourse.errors import InferenceError
from mmcourse.fit import Fit
from mmcourse.inference.contrasts import FTest, check_testable
from mmcourse.inference.traces import Traces, information_sums

Array = NDArray[np.float64]

# Eigenvalues of the scaled information below this are directions without any.
FLAT = 1e-10
SINGULAR_NOTE = (
    "the fit is singular: a variance is estimated as 0 or a correlation as -1 or 1. "
    "The correction takes the estimates as free to move either way."
)


class KenwardRoger:
    """Adjusted covariance and degrees of freedom.

    Raises
    ------
    InferenceError
        If the fit is by maximum likelihood, leaves no residual variance, or its random
        effects are too many for the memory.
    """

    def __init__(self, fit: Fit) -> None:
        check_testable(fit)
        if not fit.problem.reml:
            raise InferenceError(
                "the model was fitted by maximum likelihood, but the Kenward-Roger "
                "correction is made for REML fits.\n"
                "  Fit with reml=True, or use 'satterthwaite'."
            )
        self._map = fit.products.basis.to_user[list(fit.kept)]
        self._beta = fit.beta
        self._phi = fit.evaluation.root.xx_inverse
        sums = _with_whole(information_sums(fit), self._phi, fit.n_obs)
        self._P, Q = sums.P, sums.Q
        self._PPhi = self._P @ self._phi  # (R, p, p)
        self._W = _inverse(_information(sums.K, self._PPhi, Q, self._phi))
        adjusted = self._phi + 2 * self._phi @ self._bias(Q) @ self._phi
        self._sigma2 = fit.engine_sigma**2
        self._adjusted = self._sigma2 * adjusted
        vcov = self._map @ self._adjusted @ self._map.T
        self.vcov: Array = (vcov + vcov.T) / 2
        notes = [SINGULAR_NOTE] if fit.singular_terms else []
        self.notes: tuple[str, ...] = tuple(notes)

    def _bias(self, Q: Array) -> Array:
        """Sum of W_rs (Q_rs - P_r Phi P_s), (p, p)."""
        second = np.einsum("rs,rab,sbc->ac", self._W, self._PPhi, self._P)
        total = np.einsum("rs,rsab->ab", self._W, Q) - second
        return np.asarray((total + total.T) / 2)

    def df(self, L: Array) -> Array:
        """Degrees of freedom (q,) of the t tests of each row of L (q, p)."""
        return np.array([self._moments(row[None] @ self._map)[0] for row in L])

    def f_test(self, L: Array) -> FTest:
        """Test all rows of L (q, p) together, F scaled [KR97]."""
        Lc = L @ self._map
        den_df, scale = self._moments(Lc)
        effect = L @ self._beta
        f = float(effect @ np.linalg.solve(Lc @ self._adjusted @ Lc.T, effect))
        return FTest(scale * f / len(L), len(L), den_df)

    def _moments(self, Lc: Array) -> tuple[float, float]:
        """Denominator degrees of freedom and scale of F, for conditioned L (q, p)."""
        q = len(Lc)
        theta = Lc.T @ np.linalg.solve(Lc @ self._phi @ Lc.T, Lc)
        u = theta @ self._phi @ self._PPhi  # (R, p, p)
        traces = np.einsum("raa->r", u)
        A1 = float(traces @ self._W @ traces)
        A2 = float(np.einsum("rs,rab,sba->", self._W, u, u))
        if A2 <= 0:
            return float("inf"), 1.0
        return _two_moments(q, A1, A2)


def _two_moments(q: int, A1: float, A2: float) -> tuple[float, float]:
    """Solve for the degrees of freedom and the scale of F [HH14, section 3]."""
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    d = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / d, (q - g) / d, (q + 2 - g) / d
    V0, V1, V2 = 1 + c1 * B, 1 - c2 * B, 1 - c3 * B
    V0 = 0.0 if abs(V0) < 1e-10 else V0
    rho = _ratio(1 - A2 / q, V1) ** 2 * V0 / V2 / q
    if q * rho == 1:
        return float("inf"), 1 - A2 / q
    df = 4 + (q + 2) / (q * rho - 1)
    scale = 1.0 if abs(df - 2) < 1e-2 else df * (1 - A2 / q) / (df - 2)
    return df, scale


def _ratio(a: float, b: float) -> float:
    """Divide a by b; 1 where both are no more than rounding (balanced designs)."""
    return 1.0 if abs(a) < 1e-14 and abs(b) < 1e-14 else a / b


def _with_whole(sums: Traces, phi: Array, n: int) -> Traces:
    """Put M itself before the parameters: M^-1 G_0 M^-1 is M^-1."""
    R, p = len(sums.P), len(phi)
    whole = np.linalg.inv(phi)
    P = np.concatenate([whole[None], sums.P])
    Q = np.empty((R + 1, R + 1, p, p))
    Q[1:, 1:], Q[0], Q[:, 0] = sums.Q, P, P
    K = np.empty((R + 1, R + 1))
    K[1:, 1:], K[0, 1:], K[1:, 0], K[0, 0] = sums.K, sums.trace, sums.trace, n
    return Traces(P, Q, K, np.concatenate([[float(n)], sums.trace]))


def _information(K: Array, PPhi: Array, Q: Array, phi: Array) -> Array:
    """Twice the expected information of the parameters, (R, R) [HH14, eq. 23]."""
    own = np.einsum("ab,rsba->rs", phi, Q)
    cross = np.einsum("rab,sba->rs", PPhi, PPhi)
    total = K - own - own.T + cross
    return np.asarray((total + total.T) / 2)


def _inverse(information: Array) -> Array:
    """Covariance of the parameters; directions without information are left out."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    size = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    known = values > FLAT
    half = vectors[:, known] / np.sqrt(values[known]) / size[:, None]
    return np.asarray(2 * half @ half.T)
