"""Moment estimates of the covariance parameters: where the search begins.

Layer: arrays only. With M the projection that takes the fixed part out of y, the
expected value of |Z_f'My|^2 is linear in the variances: sum over g of
v_g |Z_f'M Z_g|^2, plus sigma^2 |M Z_f|^2. All norms come from the cross-products, so
the equations are one small linear system [R70]. With a single factor the equations
of several columns they are for its whole covariance, M left out; else for one variance
a column.

References
----------
    [R70] Rao (1970), J. Amer. Statist. Assoc. 65: MINQUE, here with prior weights 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mmcourse.covariance import CovarianceModel
from mmcourse.crossproducts import CrossProducts

Array = NDArray[np.float64]

# The least share of the total variance that the residual starts with.
LEAST_RESIDUAL = 0.02


def moment_covariances(sums: CrossProducts, cov: CovarianceModel) -> list[Array]:
    """Return each term's covariance over sigma^2, (r, r), conditioned basis.

    Near the optimum for well-behaved data; on the boundary or not.
    """
    used = [f for f, k in enumerate(cov.n_cols) if k]
    if len(used) == 1 and cov.n_cols[used[0]] > 1:
        estimates, sigma2 = _one_factor(sums, used[0])
    else:
        estimates, sigma2 = _several_factors(sums, used)
    blocks = []
    for slot in cov.slots:
        block = estimates.get(slot.factor, np.zeros((0, 0)))
        blocks.append(block[slot.place, slot.place] / sigma2)
    return blocks


def _one_factor(sums: CrossProducts, f: int) -> tuple[dict[int, Array], float]:
    """Estimate the covariance of one factor's effects and the residual variance."""
    G, h, n = sums.zz[f], sums.response.z[f], sums.n_obs
    total = float(sums.response.square) / n
    k = G.shape[-1]
    G_sum = G.sum(axis=0)
    right = h.T @ h - total * G_sum
    twice = np.einsum("lab,lcd->acbd", G, G, optimize=True).reshape(k * k, k * k)
    left = twice - np.outer(G_sum.ravel(), G_sum.ravel()) / n
    cov = np.linalg.lstsq(left, right.ravel(), rcond=1e-10)[0].reshape(k, k)
    values, vectors = np.linalg.eigh((cov + cov.T) / 2)
    cov = (vectors * np.maximum(values, 0.0)) @ vectors.T
    claimed = float(np.sum(cov * G_sum)) / n
    return {f: cov}, max(total - claimed, LEAST_RESIDUAL * total)


def _several_factors(
    sums: CrossProducts, used: list[int]
) -> tuple[dict[int, Array], float]:
    """Estimate a variance per column of each factor, and the residual's [R70]."""
    columns = [(f, i) for f in used for i in range(sums.zz[f].shape[1])]
    c, n, p = len(columns), sums.n_obs, sums.n_fixed
    left, right = np.empty((c + 1, c + 1)), np.empty(c + 1)
    left[c, c], right[c] = n - p, float(sums.response.square)
    for a, (f, i) in enumerate(columns):
        right[a] = float(np.sum(sums.response.z[f][:, i] ** 2))
        H = sums.zx[f][:, i]
        left[a, c] = left[c, a] = float(sums.zz[f][:, i, i].sum() - np.sum(H * H) / n)
        for b in range(a, c):
            left[a, b] = left[b, a] = _projected_norm(sums, columns[a], columns[b])
    solved = np.linalg.lstsq(left, right, rcond=1e-12)[0]
    variances = np.maximum(solved[:c], 0.0)
    sigma2 = max(float(solved[c]), LEAST_RESIDUAL * float(right[c]) / n)
    out = {}
    for f in used:
        own = [v for v, (g, _) in zip(variances, columns, strict=True) if g == f]
        out[f] = np.diag(own)
    return out, sigma2


def _projected_norm(
    sums: CrossProducts, a: tuple[int, int], b: tuple[int, int]
) -> float:
    """|Z_a'M Z_b|^2 for one column of a factor and one of another, or the same."""
    (f, i), (g, j) = a, b
    n = sums.n_obs
    H_a, H_b = sums.zx[f][:, i], sums.zx[g][:, j]
    if f == g:
        cross = sums.zz[f][:, i, j]
        norm, mixed = float(cross @ cross), float(np.sum(H_a * (cross[:, None] * H_b)))
    else:
        low, high = (a, b) if f < g else (b, a)
        pair = sums.pairs[low[0], high[0]]
        k_low, k_high = sums.zz[low[0]].shape[1], sums.zz[high[0]].shape[1]
        part = (
            pair if k_low == k_high == 1 else pair[low[1] :: k_low, high[1] :: k_high]
        )
        part = sparse.csr_array(part if f < g else part.T)
        norm, mixed = float(part.data @ part.data), float(np.sum(H_a * (part @ H_b)))
    both = float(np.sum((H_a.T @ H_a) * (H_b.T @ H_b)))
    return norm - 2 * mixed / n + both / n**2
