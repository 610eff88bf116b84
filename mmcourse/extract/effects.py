"""Tables of the fixed effects, the random effects and their sums.

References
----------
    [KBC17] Kuznetsova, Brockhoff, Christensen (2017), J. Stat. Softw. 82(13).
    [HH14] Halekoh, Hojsgaard (2014), J. Stat. Softw. 59(9).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmcourse.display import t_values
from mmcourse.distributions import two_sided_t
from mmcourse.extract.arguments import attrs, check, check_word, chosen, with_interval
from mmcourse.extract.small_sample import DDF, t_table
from mmcourse.model import MixedModel
from mmcourse.normal import two_sided_p


def extract_fixed_effects(
    model: MixedModel, ci_level: float = 0.95, p_value: str | None = "wald"
) -> pd.DataFrame:
    """Return the fixed effects with Wald intervals.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    ci_level : float
        Between 0 and 1; 0 leaves the interval out.
    p_value : {"wald", "satterthwaite", "kenward_roger", None}
        "wald" takes t as standard normal: p = 2 Phi(-abs(t)). The other two take it as
        Student's, in p and in the interval, with degrees of freedom of that method;
        "kenward_roger" corrects the standard errors, too, and needs a REML fit. None
        leaves p out.

    Returns
    -------
    DataFrame
        ==================== ===========================================
        term                 name of the effect
        value, se            units of the response per unit of the column
        t                    value / se; missing where se is 0
        df                   degrees of freedom of t; not for "wald" and None
        p_value              of the hypothesis that the effect is 0
        lower_2.5 upper_97.5 value -+ 1.96 se, or Student's quantile times se
        ==================== ===========================================

        `attrs` say the method of the interval; `notes` in it, what the degrees of
        freedom rest on where that is not plain.

    Raises
    ------
    InferenceError
        If the level or the kind of p-value is not one of these, or the method does not
        apply to the fit.

    Notes
    -----
    As mixedup's ``extract_fixed_effects``, unrounded. Degrees of freedom as in R's
    lmerTest [KBC17] and pbkrtest [HH14].

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.extract_fixed_effects(model, p_value=None).round(2)
            term   value    se      t  lower_2.5  upper_97.5
    0  Intercept  251.41  9.75  25.79     232.30      270.51
    1       Days   10.47  0.80  13.02       8.89       12.04
    >>> mm.extract_fixed_effects(model, p_value="satterthwaite")["df"].round(1).tolist()
    [22.8, 161.0]
    """
    check(model, "extract_fixed_effects", ci_level)
    if p_value is not None:
        said = (
            "available are 'wald' (t taken as standard normal), 'satterthwaite', "
            "'kenward_roger' and None (no p-values)"
        )
        check_word(p_value, "p_value", ("wald", *DDF), said)
    value, se = model.fixef, model.std_error.to_numpy()
    df, notes = None, None
    if p_value in DDF:
        se, df, notes = t_table(model, p_value)
    t = t_values(value, pd.Series(se, index=value.index))
    columns = {
        "term": [str(name) for name in value.index],
        "value": value.to_numpy(),
        "se": se,
        "t": t,
    }
    if df is not None:
        columns |= {"df": df, "p_value": two_sided_t(t, df)}
    elif p_value == "wald":
        columns["p_value"] = two_sided_p(t)
    out = with_interval(pd.DataFrame(columns), ci_level, df)
    method = "wald" if df is None else str(p_value)
    out.attrs.update(p_value=p_value, **attrs(model, method, ci_level))
    if notes is not None:
        out.attrs["notes"] = list(notes)
    return out


def extract_random_effects(
    model: MixedModel, re: str | None = None, ci_level: float = 0.95
) -> pd.DataFrame:
    """Return the random effects, a row for each group and effect.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    re : str, optional
        One grouping factor; None for all.
    ci_level : float
        Between 0 and 1; 0 leaves the interval out.

    Returns
    -------
    DataFrame
        ==================== ===================================================
        group_var, effect    grouping factor, what varies
        group                label of the level, in the type of the data
        value                conditional mode, units of the response per unit
        se                   conditional sd, given variances and fixed effects
        lower_2.5 upper_97.5 value -+ 1.96 se
        ==================== ===================================================

    Raises
    ------
    InferenceError
        If the model has no such grouping factor, or the level is none.

    Notes
    -----
    As mixedup's ``extract_random_effects``, unrounded.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.extract_random_effects(model, ci_level=0).head(2).round(2)
      group_var     effect  group  value     se
    0   Subject  Intercept    308  40.78   9.48
    1   Subject  Intercept    309 -77.85   9.48
    """
    check(model, "extract_random_effects", ci_level)
    values, sds = model.ranef(), model.ranef_sd()
    parts = [long_table(g, values[g], sds[g]) for g in chosen(model, re)]
    out = with_interval(pd.concat(parts, ignore_index=True), ci_level)
    out.attrs.update(attrs(model, "conditional", ci_level))
    return out


def extract_random_coefs(
    model: MixedModel,
    re: str | None = None,
    ci_level: float = 0.95,
    se_method: str = "independent",
) -> pd.DataFrame:
    """Return fixed plus random effect of each group, for the effects that vary.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    re : str, optional
        One grouping factor; None for all.
    ci_level : float
        Between 0 and 1; 0 leaves the interval out.
    se_method : {"independent", "joint"}
        "independent" adds the squares of both standard errors, as if the errors had
        nothing to do with each other; "joint" uses their joint covariance, which is
        exact given the variances.

    Returns
    -------
    DataFrame
        Columns as in `extract_random_effects`. An effect that varies but has no fixed
        partner shows its random part alone.

    Raises
    ------
    InferenceError
        If `re`, the level or the method is not one of these.

    Notes
    -----
    As mixedup's ``extract_random_coefs``, which adds tables that are already rounded;
    here nothing is.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.extract_random_coefs(model, ci_level=0).head(2).round(2)
      group_var     effect  group   value     se
    0   Subject  Intercept    308  292.19  13.59
    1   Subject  Intercept    309  173.56  13.59
    """
    check(model, "extract_random_coefs", ci_level)
    said = "it must be 'independent' or 'joint'"
    check_word(se_method, "se_method", ("independent", "joint"), said)
    groups = chosen(model, re)
    coef, effects = model.coef(), model.ranef()
    sds = model.coef_sd() if se_method == "joint" else _independent_sds(model, groups)
    parts = []
    for group in groups:
        varying = list(dict.fromkeys(effects[group].columns))
        parts.append(long_table(group, coef[group][varying], sds[group][varying]))
    out = with_interval(pd.concat(parts, ignore_index=True), ci_level)
    out.attrs.update(attrs(model, se_method, ci_level))
    return out


def long_table(group: str, values: pd.DataFrame, sds: pd.DataFrame) -> pd.DataFrame:
    """Turn levels x effects into a row for each effect and level."""
    parts = [
        pd.DataFrame(
            {
                "group_var": group,
                "effect": str(effect),
                "group": values.index,
                "value": values.iloc[:, j].to_numpy(),
                "se": sds.iloc[:, j].to_numpy(),
            }
        )
        for j, effect in enumerate(values.columns)
    ]
    return pd.concat(parts, ignore_index=True)


def _independent_sds(model: MixedModel, groups: list[str]) -> dict[str, pd.DataFrame]:
    """Sds of the coefficients, had the fixed and random parts independent errors.

    Effects of one name, of several terms on one group, are summed in `coef`; so are
    their covariances here.
    """
    fixed = (model.std_error**2).to_dict()
    out = {}
    for group in groups:
        effects, blocks = model.ranef()[group], model.ranef_cov()[group]
        columns = {}
        for name in dict.fromkeys(effects.columns):
            at = np.flatnonzero(effects.columns == name)
            variance = blocks[:, at][:, :, at].sum(axis=(1, 2)) + fixed.get(name, 0.0)
            columns[name] = np.sqrt(np.maximum(variance, 0.0))
        out[group] = pd.DataFrame(columns, index=effects.index)
    return out
