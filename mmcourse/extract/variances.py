"""Variance components, the shares they stand for, and the two main tables at once.

References
----------
    [J14] Johnson (2014), Extension of Nakagawa & Schielzeth's R2 to random slopes
    models, Methods in Ecology and Evolution 5: the mean random variance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mmcourse.display import ModelTables, check_digits
from mmcourse.extract.arguments import attrs, check, check_word, percents
from mmcourse.extract.effects import extract_fixed_effects
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.randomness import Seed


def extract_vc(
    model: MixedModel,
    ci_level: float = 0.95,
    ci_method: str = "profile",
    n_sims: int = 1000,
    seed: Seed = None,
) -> pd.DataFrame:
    """Return the variance components with intervals for the sds.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    ci_level : float
        Between 0 and 1; 0 leaves the interval out, which saves the profiling.
    ci_method : {"profile", "boot"}
        "profile" follows the full likelihood, also for a REML fit, as in lme4; "boot"
        simulates and refits, and takes percentiles.
    n_sims : int
        How many refits of the bootstrap.
    seed : int or Generator, optional
        Of the bootstrap; the same seed gives the same interval.

    Returns
    -------
    DataFrame
        ============== =============================================
        group, effect  "Residual", with effect missing, comes last
        variance       squared units of the response
        sd             its root
        sd_2.5 sd_97.5 interval of the sd; missing if it has no end
        var_prop       share of the variance in the sum of the column
        ============== =============================================

        Correlations are in `MixedModel.var_corr`.

    Raises
    ------
    InferenceError
        If `ci_level` is no level, or `ci_method` neither of the two.

    Notes
    -----
    As mixedup's ``extract_vc``, unrounded.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> table = mm.extract_vc(model)
    >>> table[["sd", "sd_2.5", "sd_97.5", "var_prop"]].round(2)
          sd  sd_2.5  sd_97.5  var_prop
    0  37.12   26.01    52.94      0.59
    1  30.99   27.81    34.59      0.41
    """
    check(model, "extract_vc", ci_level)
    said = "available are 'profile' and 'boot'. For no intervals pass ci_level=0"
    if isinstance(ci_method, str) and ci_method == "wald":
        said = f"a sd has no symmetric interval; {said}"
    check_word(ci_method, "ci_method", ("profile", "boot"), said)
    table = model.var_corr()
    table = table[table["effect_2"].isna()].reset_index(drop=True)
    out = table[["group", "effect_1", "variance", "sd"]]
    out = out.rename(columns={"effect_1": "effect"})
    facts = attrs(model, ci_method, ci_level)
    if ci_level:
        how: dict[str, Any] = {"method": ci_method, "n_sims": n_sims, "seed": seed}
        ends = model.confint("theta_", level=ci_level, **how)
        made = {str(k): v for k, v in ends.attrs.items() if v is not None}
        ends = ends[~ends.index.str.startswith("cor_")]
        low, high = percents(ci_level)
        out[f"sd_{low}"] = ends["lower"].to_numpy()
        out[f"sd_{high}"] = ends["upper"].to_numpy()
        facts = made | facts
    total = float(out["variance"].sum())
    out["var_prop"] = out["variance"] / (total if total > 0 else np.nan)
    out.attrs.update(facts)
    return out


def summarize_model(
    model: MixedModel, ci_level: float = 0.95, digits: int = 3
) -> ModelTables:
    """Return variance components and fixed effects, ready to be read.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    ci_level : float
        Between 0 and 1; 0 leaves the intervals out.
    digits : int
        Decimals shown; `.vc` and `.fe` hold full precision.

    Returns
    -------
    ModelTables
        Frames `.vc` and `.fe`, of `extract_vc` and `extract_fixed_effects`; shows
        itself as text and as HTML, with captions that name the intervals.

    Raises
    ------
    InferenceError
        If the level is none.

    Notes
    -----
    As mixedup's ``summarize_model``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.summarize_model(model)
    Variance components, 95 % profile intervals (ML)
    group    effect    variance     sd sd_2.5 sd_97.5 var_prop
    Subject  Intercept 1378.179 37.124 26.007  52.936    0.589
    Residual            960.457 30.991 27.814  34.591    0.411
    ...
    """
    check(model, "summarize_model", ci_level)
    check_digits(digits)
    return ModelTables(
        vc=extract_vc(model, ci_level),
        fe=extract_fixed_effects(model, ci_level),
        messages=tuple(model.messages),
        digits=digits,
    )


def icc(model: MixedModel) -> pd.DataFrame:
    """Return the share of the variance that lies between groups.

    It is the share of what the fixed effects leave ("adjusted").

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    DataFrame
        Columns group, icc: a row for each grouping factor if all random effects are
        intercepts, and a last row "all". With slopes the variance between groups is
        not the same at every row; its mean over the rows is taken [J14], and "all" is
        the only row. Missing if the model leaves no variance at all.

    Raises
    ------
    TypeError
        If the model is no fitted model.

    Notes
    -----
    As ``icc`` of R's performance.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.icc(model).round(3)
         group    icc
    0  Subject  0.589
    1      all  0.589
    """
    check_model(model, "icc")
    between = random_variances(model)
    all_groups = sum(between.values())
    total = all_groups + model.sigma**2
    if any(term.names != ("Intercept",) for term in model.design.terms):
        between = {}
    rows = [*between.items(), ("all", all_groups)]
    out = pd.DataFrame(rows, columns=["group", "icc"])
    out["icc"] = out["icc"] / (total if total > 0 else np.nan)
    return out


def random_variances(model: MixedModel) -> dict[str, float]:
    """Return the variance by each grouping factor, its mean over the rows [J14]."""
    between = dict.fromkeys(model.n_groups, 0.0)
    relative = model.fit.relative_covariances()
    squares = model.fit.products.squares
    for term, cov, square in zip(model.design.terms, relative, squares, strict=True):
        # Mean over the rows of z' Sigma z.
        between[term.group] += model.sigma**2 * float(np.sum(square * cov))
    return between
