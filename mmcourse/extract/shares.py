"""Shares of the variance: by the fixed effects, by the groups of an empty model.

References
----------
    [NS13] Nakagawa, Schielzeth (2013), Methods in Ecology and Evolution 4.
    [J14] Johnson (2014), the same journal 5: random slopes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mmcourse.errors import InferenceError, brief
from mmcourse.extract.variances import random_variances
from mmcourse.formula import quoted
from mmcourse.model import MixedModel, lmer
from mmcourse.model.check import check_model


def r2(model: MixedModel) -> pd.Series:
    """Return the shares of the variance that a model explains [NS13].

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    Series
        Entries marginal, by the fixed effects, and conditional, by fixed and random
        effects together; 0 to 1. With random slopes the random variance is its mean
        over the rows [J14].

    Raises
    ------
    InferenceError
        If the model leaves no variance at all.

    Notes
    -----
    As ``r2_nakagawa`` of R's performance.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.r2(model).round(3).to_dict()
    {'marginal': 0.28, 'conditional': 0.704}
    """
    check_model(model, "r2")
    fixed = _fixed_variance(model)
    random = sum(random_variances(model).values())
    total = fixed + random + model.sigma**2
    if not total > 0:
        raise InferenceError(
            "fixed effects, random effects and residuals have no variance, so there "
            "are no shares of it. Check whether the response is constant."
        )
    shares = {"marginal": fixed / total, "conditional": (fixed + random) / total}
    return pd.Series(shares, name="r2")


def _fixed_variance(model: MixedModel) -> float:
    """Variance of X beta over the rows, from the sums where rows were not kept."""
    if model.design.has_rows:
        line = model.design.X[:, list(model.fit.kept)] @ model.fit.beta
        return float(np.var(line, ddof=1))
    products = model.fit.products
    constant = [i for i in model.fit.kept if model.design.fixed_names[i] == "Intercept"]
    if not constant or products.sums.sum_log_weights != 0:
        model.design.require_rows("the variance of the fixed part")
    # Sums of squares and of values of X beta: a column of ones is X times `ones`.
    ones = products.basis.recover[:, constant[0]]
    beta = products.least_squares + model.fit.evaluation.root.beta
    xx, n = products.sums.xx, model.n_obs
    return float((beta @ xx @ beta - (ones @ xx @ beta) ** 2 / n) / (n - 1))


def icc_null(outcome: str, group: str, data: Any) -> float:
    """Return the share of the outcome's variance that lies between groups.

    It is that of the model without covariates, ``outcome ~ 1 + (1 | group)``, by REML.

    Parameters
    ----------
    outcome, group : str
        Columns of the data.
    data : data frame
        Holds both columns; any frame that `lmer` takes.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    TypeError
        If a column is not given by its name.
    DesignError
        If the model does not fit the data.
    InferenceError
        If the outcome is constant.

    Notes
    -----
    As merTools' ``ICC``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> round(mm.icc_null("gpa", "student", mm.load_gpa()), 3)
    0.369
    """
    for what, name in (("outcome", outcome), ("group", group)):
        if not isinstance(name, str):
            raise TypeError(
                f"{what} is {brief(name)}; it must be the name of a column."
            )
    model = lmer(f"{quoted(outcome)} ~ 1 + (1 | {quoted(group)})", data)
    between = sum(random_variances(model).values())
    total = between + model.sigma**2
    if not total > 0:
        raise InferenceError(
            f"{outcome!r} is constant, so it has no variance to share out."
        )
    return float(between / total)
