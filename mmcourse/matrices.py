"""The matrices of a model, written out: what lme4's `getME` returns.

Layer: functions of a `MixedModel`. The engine never forms these; they are made anew
from the rows and theta, as the equations of the textbooks have them, for teaching and
as a second route to what a fit says.

Conventions
    n rows, p fixed effects (redundant ones left out), q random effects: term by term
    in the order of theta, level by level, effect by effect.

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular

from mmcourse.covariance import fill_template
from mmcourse.errors import InferenceError
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.responses import by_level

Array = NDArray[np.float64]

# L is dense here: this many random effects make it 200 MB.
MOST_EFFECTS = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """A model's matrices at its theta; made by `model_matrices`.

    Attributes
    ----------
    X : array (n, p)
        Fixed-effects columns, in their own units.
    Z : sparse array (n, q)
        Columns of the random effects, in their own units.
    relative_factor : sparse array (q, q)
        Lambda, lower triangular, unitless: the random effects are b = Lambda u, with
        Var(u) = sigma^2 I.
    L : array (q, q)
        Lower triangular, unitless: L L' = Lambda'Z'WZ Lambda + I.
    RZX : array (q, p)
        L RZX = Lambda'Z'WX, units of the columns.
    RX : array (p, p)
        Upper triangular, units of the columns: RX'RX = X'WX - RZX'RZX.
    theta : array (n_theta,)
        Relative covariance parameters, unitless.
    beta : array (p,)
        Fixed effects, units of the response per unit of the column.
    u : array (q,)
        Spherical random effects, units of the response.
    b : array (q,)
        Random effects, units of the response per unit of the column.
    sigma : float
        Residual sd, units of the response.
    wrss, ussq, pwrss : float
        Weighted sum of squared residuals, u'u, and both together, squared units of the
        response.
    logdet_L, logdet_RX : float
        Logarithms of the determinants of L L' and RX'RX.
    effects : MultiIndex
        Of Z's columns: group, level, effect.

    Notes
    -----
    W is the diagonal matrix of the prior weights, else I. The REML criterion is
    logdet_L + logdet_RX + (n - p) (1 + log(2 pi pwrss / (n - p))), less the sum of
    log w; the deviance lacks logdet_RX, and has n in place of n - p [BMBW15].

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> m = mm.model_matrices(model)
    >>> n, p = m.X.shape
    >>> penalty = (n - p) * (1 + np.log(2 * np.pi * m.pwrss / (n - p)))
    >>> bool(np.isclose(m.logdet_L + m.logdet_RX + penalty, model.criterion))
    True
    """

    X: Array
    Z: Any
    relative_factor: Any
    L: Array
    RZX: Array
    RX: Array
    theta: Array
    beta: Array
    u: Array
    b: Array
    sigma: float
    wrss: float
    ussq: float
    pwrss: float
    logdet_L: float
    logdet_RX: float
    effects: pd.MultiIndex


def model_matrices(model: MixedModel) -> Matrices:
    """Write out the matrices of a model.

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    Matrices
        X, Z, Lambda, the triangular factors and what they solve for.

    Raises
    ------
    InferenceError
        If the rows were not kept, or there are more than 5,000 random effects.

    Notes
    -----
    As lme4's ``getME``, for all of them at once [BMBW15].

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    >>> found = mm.model_matrices(model)
    >>> found.Z.shape, found.L.shape, found.RX.shape
    ((180, 36), (36, 36), (2, 2))
    >>> found.relative_factor[:2, :2].toarray().round(4)
    array([[0.9667, 0.    ],
           [0.0152, 0.2309]])
    """
    check_model(model, "model_matrices")
    design = model.design
    design.require_rows("model_matrices()")
    sizes = [len(design.groupings[t.grouping].levels) for t in design.terms]
    _check_size(sum(m * len(t.names) for m, t in zip(sizes, design.terms, strict=True)))
    codes = [design.groupings[t.grouping].codes for t in design.terms]
    parts = zip(design.terms, codes, sizes, strict=True)
    Z = sparse.csc_array(
        sparse.hstack([by_level(t.columns, c, m) for t, c, m in parts])
    )
    Lam = _relative_factor(model, sizes)
    X = design.X[:, list(model.fit.kept)]
    return _solve(model, X, Z, Lam)


def _check_size(q: int) -> None:
    if q > MOST_EFFECTS:
        raise InferenceError(
            f"the model has {q:,} random effects, so that L would take "
            f"{8 * q * q / 1e6:,.0f} MB; it is written out up to {MOST_EFFECTS:,}.\n"
            "  The engine needs no such matrix: model.criterion_at(theta), "
            "model.ranef() and model.vcov work at any size."
        )


def _relative_factor(model: MixedModel, sizes: list[int]) -> Any:
    """Lambda, (q, q): the template of each term, once for each level."""
    blocks, first = [], 0
    for term, m in zip(model.design.terms, sizes, strict=True):
        c = len(term.names)
        n_theta = c * (c + 1) // 2
        own = fill_template(model.theta[first : first + n_theta], c)
        blocks.append(sparse.kron(sparse.eye_array(m), own))
        first += n_theta
    return sparse.csc_array(sparse.block_diag(blocks))


def _solve(model: MixedModel, X: Array, Z: Any, Lam: Any) -> Matrices:
    """Solve the penalised least squares problem at theta [BMBW15, eq. 18, 48-52]."""
    design = model.design
    y = design.y if design.offset is None else design.y - design.offset
    root = np.ones(len(y)) if design.weights is None else np.sqrt(design.weights)
    Xw, yw = root[:, None] * X, root * y
    ZLam = (sparse.diags_array(root) @ Z @ Lam).tocsc()

    L = cholesky((ZLam.T @ ZLam).toarray() + np.eye(Z.shape[1]), lower=True)
    cu = solve_triangular(L, ZLam.T @ yw, lower=True)
    RZX = solve_triangular(L, ZLam.T @ Xw, lower=True)
    RX = cholesky(Xw.T @ Xw - RZX.T @ RZX)
    half = solve_triangular(RX, Xw.T @ yw - RZX.T @ cu, trans="T")
    beta = solve_triangular(RX, half)
    u = solve_triangular(L, cu - RZX @ beta, lower=True, trans="T")

    resid = yw - Xw @ beta - ZLam @ u
    wrss, ussq = float(resid @ resid), float(u @ u)
    dof = len(y) - X.shape[1] if model.reml else len(y)
    return Matrices(
        X=X,
        Z=Z,
        relative_factor=Lam,
        L=L,
        RZX=RZX,
        RX=RX,
        theta=model.theta,
        beta=beta,
        u=u,
        b=Lam @ u,
        sigma=float(np.sqrt((wrss + ussq) / dof)),
        wrss=wrss,
        ussq=ussq,
        pwrss=wrss + ussq,
        logdet_L=2 * float(np.log(np.diag(L)).sum()),
        logdet_RX=2 * float(np.log(np.diag(RX)).sum()),
        effects=_effects(model),
    )


def _effects(model: MixedModel) -> pd.MultiIndex:
    """Labels of Z's columns."""
    labels = [
        (term.group, level, name)
        for term in model.design.terms
        for level in model.design.groupings[term.grouping].levels
        for name in term.names
    ]
    return pd.MultiIndex.from_tuples(labels, names=["group", "level", "effect"])
