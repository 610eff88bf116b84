"""Random effects, coefficients and variances of a model, as tables.

Layer: above `tables`. The public functions are methods of `MixedModel`, which is no
layer below: `self` is one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse import tables


def ranef(self: Any) -> dict[str, pd.DataFrame]:
    """Return the conditional modes of the random effects.

    Returns
    -------
    dict of str to DataFrame
        By grouping factor: levels x effects, units of the response per unit of the
        column.

    Notes
    -----
    As lme4's ``ranef``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.ranef()["Subject"].loc[308].round(2).to_dict()
    {'Intercept': 40.78}
    """
    return tables.random_effects(self.design, self.posterior)


def ranef_sd(self: Any) -> dict[str, pd.DataFrame]:
    """Return conditional sds of the random effects, given theta and beta.

    Returns
    -------
    dict of str to DataFrame
        As `ranef`, and in its units.

    Notes
    -----
    As lme4's ``as.data.frame(ranef(.))$condsd``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.ranef_sd()["Subject"].loc[308].round(2).to_dict()
    {'Intercept': 9.48}
    """
    return tables.random_effect_sds(self.design, self.posterior)


def ranef_cov(self: Any) -> dict[str, NDArray[np.float64]]:
    """Return conditional covariances of the effects of each level.

    Returns
    -------
    dict of str to array (levels, effects, effects)
        By grouping factor, squared units of `ranef`.

    Notes
    -----
    As the attribute ``postVar`` of lme4's ``ranef``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.ranef_cov()["Subject"].shape
    (18, 1, 1)
    """
    return {
        g.name: self.posterior.conditional[i].copy()
        for i, g in enumerate(self.design.groupings)
    }


def coef(self: Any) -> dict[str, pd.DataFrame]:
    """Add fixed and random effects of every level.

    An effect that varies but has no fixed partner shows its random part alone.

    Returns
    -------
    dict of str to DataFrame
        By grouping factor: levels x effects, units of `fixef`.

    Notes
    -----
    As lme4's ``coef``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.coef()["Subject"].loc[308].round(2).to_dict()
    {'Intercept': 292.19, 'Days': 10.47}
    """
    return tables.coefficients(self.design, self.fixef, self.posterior)


def coef_sd(self: Any) -> dict[str, pd.DataFrame]:
    """Return sds of `coef`, from the joint covariance of fixed and random effects.

    Returns
    -------
    dict of str to DataFrame
        As `coef`, and in its units.

    Notes
    -----
    Exact given theta, where lme4's users add two variances as if independent.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.coef_sd()["Subject"].loc[308].round(2).to_dict()
    {'Intercept': 10.16, 'Days': 0.8}
    """
    names = self.fixed_names
    return tables.coefficient_sds(self.design, self.fit, names, self.posterior)


def var_corr(self: Any) -> pd.DataFrame:
    """Return variances, sds and correlations, and the residual in the last row.

    Returns
    -------
    DataFrame
        Columns group, effect_1, effect_2 (missing for a variance), variance (or
        covariance; squared units of the effects) and sd (or correlation).

    Notes
    -----
    As lme4's ``as.data.frame(VarCorr(.))``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.var_corr()[["group", "sd"]].round(2).values.tolist()
    [['Subject', 37.12], ['Residual', 30.99]]
    """
    return tables.variance_components(self.design, self.fit)
