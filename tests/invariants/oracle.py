"""A slow second route: the model written out in full, evaluated as a normal density.

Shares nothing with the package. The design is read from a data frame and a plain
description of the terms; y, X, Z, Lambda and V are dense arrays; the likelihood is the
density of y (restricted: integrated over beta) with beta and sigma at their best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Term:
    """One block of random effects.

    group: the columns whose combinations are the levels; effects: "1", a column, or
    "f=b" for the indicator of the level b of f.
    """

    group: tuple[str, ...]
    effects: tuple[str, ...]

    @property
    def name(self) -> str:
        return ":".join(self.group)

    @property
    def n_theta(self) -> int:
        c = len(self.effects)
        return c * (c + 1) // 2


@dataclass(frozen=True)
class Solution:
    """Everything that theta determines; covariances in units of y."""

    criterion: float
    beta: np.ndarray
    vcov: np.ndarray
    sigma: float
    modes: list[pd.DataFrame]  # one per term, levels x effects
    fitted: np.ndarray


def columns(frame: pd.DataFrame, effects: Sequence[str]) -> np.ndarray:
    """The columns (n, c) of a list of effects."""
    out = np.zeros((len(frame), len(effects)))
    for j, effect in enumerate(effects):
        if effect == "1":
            out[:, j] = 1.0
        elif "=" in effect:
            name, level = effect.split("=")
            out[:, j] = frame[name].astype(str) == level
        else:
            out[:, j] = frame[effect]
    return out


def levels(frame: pd.DataFrame, term: Term) -> pd.Series:
    """The level of every row: the value itself, or the text "b:a" of a combination."""
    if len(term.group) == 1:
        return frame[term.group[0]]
    parts = [frame[name].astype(str) for name in term.group]
    return parts[0].str.cat(parts[1:], sep=":")


class Oracle:
    """A model with nothing left to the imagination.

    The terms are put in the order of theta: by falling number of levels, ties in the
    order given.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        fixed: Sequence[str],
        terms: Sequence[Term],
        reml: bool = True,
        weights: str | None = None,
        offset: str | None = None,
    ) -> None:
        n = len(frame)
        self.offset = np.zeros(n) if offset is None else frame[offset].to_numpy(float)
        self.y = frame["y"].to_numpy(float) - self.offset
        self.X = columns(frame, fixed)
        self.w = np.ones(n) if weights is None else frame[weights].to_numpy(float)
        self.reml = reml
        self.terms = sorted(terms, key=lambda t: -levels(frame, t).nunique())
        self.labels = [sorted(levels(frame, t).unique()) for t in self.terms]
        pairs = zip(self.terms, self.labels, strict=True)
        self.Z = [self._block(frame, t, labels) for t, labels in pairs]
        self.n_theta = sum(t.n_theta for t in self.terms)

    def _block(self, frame: pd.DataFrame, term: Term, labels: list) -> np.ndarray:
        """Z of one term, (n, levels x effects), the effects of a level side by side."""
        own, small = levels(frame, term), columns(frame, term.effects)
        return np.hstack([(own == x).to_numpy()[:, None] * small for x in labels])

    def covariances(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance of each term's effects over sigma^2, (c, c)."""
        out, at = [], 0
        for term in self.terms:
            c = len(term.effects)
            lam = np.zeros((c, c))
            for col in range(c):
                for row in range(col, c):
                    lam[row, col] = theta[at]
                    at += 1
            out.append(lam @ lam.T)
        return out

    def V(self, theta: np.ndarray) -> np.ndarray:
        """Covariance of y over sigma^2, (n, n)."""
        total = np.diag(1 / self.w)
        for Z, labels, small in zip(
            self.Z, self.labels, self.covariances(theta), strict=True
        ):
            total = total + Z @ np.kron(np.eye(len(labels)), small) @ Z.T
        return total

    def _fixed(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """beta, X'V^-1X and the best sigma."""
        n, p = self.X.shape
        A = self.X.T @ np.linalg.solve(V, self.X)
        beta = np.linalg.solve(A, self.X.T @ np.linalg.solve(V, self.y))
        left = self.y - self.X @ beta
        dof = n - p if self.reml else n
        return beta, A, float(np.sqrt(left @ np.linalg.solve(V, left) / dof))

    def criterion(self, theta: np.ndarray) -> float:
        """-2 log likelihood at theta, restricted if asked for.

        The restricted density is that of y at the best beta, integrated over beta: a
        normal integral with precision X'V^-1X / sigma^2.
        """
        V = self.V(np.asarray(theta, dtype=float))
        beta, A, sigma = self._fixed(V)
        left = self.y - self.X @ beta
        value = minus_twice_log_density(left, sigma**2 * V)
        if self.reml:
            value += np.linalg.slogdet(A / (2 * np.pi * sigma**2))[1]
        return value

    def contrasts_criterion(self, theta: np.ndarray, sigma: float) -> float:
        """The same by another route: density of K'y with K'X = 0, K'K = I."""
        p = self.X.shape[1]
        K = np.linalg.qr(self.X, mode="complete")[0][:, p:]
        V = sigma**2 * self.V(theta)
        value = minus_twice_log_density(K.T @ self.y, K.T @ V @ K)
        return value + np.linalg.slogdet(self.X.T @ self.X)[1]

    def solve(self, theta: np.ndarray) -> Solution:
        """Estimates of everything at theta."""
        V = self.V(theta)
        beta, A, sigma = self._fixed(V)
        force = np.linalg.solve(V, self.y - self.X @ beta)
        fitted, modes = self.offset + self.X @ beta, []
        parts = zip(
            self.terms, self.Z, self.labels, self.covariances(theta), strict=True
        )
        for term, Z, labels, small in parts:
            b = (Z.T @ force).reshape(len(labels), -1) @ small
            fitted = fitted + Z @ b.ravel()
            modes.append(pd.DataFrame(b, index=labels, columns=list(term.effects)))
        vcov = sigma**2 * np.linalg.inv(A)
        return Solution(self.criterion(theta), beta, vcov, sigma, modes, fitted)


def minus_twice_log_density(z: np.ndarray, covariance: np.ndarray) -> float:
    """-2 log of the normal density with mean zero."""
    logdet = np.linalg.slogdet(covariance)[1]
    square = z @ np.linalg.solve(covariance, z)
    return float(len(z) * np.log(2 * np.pi) + logdet + square)
