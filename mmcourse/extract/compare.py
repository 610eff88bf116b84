"""Comparisons of models by their likelihoods.

Twice the difference of two nested models' log likelihoods is compared with chi-squared.
Restricted likelihoods are comparable only between models with the same fixed part.

References
----------
    [SL87] Self, Liang (1987), J. Am. Stat. Assoc. 82: 605-610.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from mmcourse.distributions import chi_squared_tail
from mmcourse.errors import ConvergenceWarning, InferenceError, brief
from mmcourse.extract.arguments import check_word
from mmcourse.extract.comparable import check_same_data, different_effects
from mmcourse.extract.f_tests import f_table
from mmcourse.extract.small_sample import DDF
from mmcourse.fit import Fit
from mmcourse.inference.held import optimum
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model

# What rounding and an unfinished search may do to a difference of deviances.
ROUNDING = 1e-6


def anova(
    *models: MixedModel,
    ddf: str = "satterthwaite",
    refit: bool | str = "auto",
    **named: MixedModel,
) -> pd.DataFrame:
    """Compare models by their likelihoods, or test the terms of a single one.

    Parameters
    ----------
    *models : MixedModel
        Two or more, fitted to the same rows; the table calls them "model 1",
        "model 2", ... Of a single model the terms of the fixed part are tested.
    ddf : {"satterthwaite", "kenward_roger"}
        Degrees of freedom, for a single model.
    refit : {"auto", True, False}
        Refit REML fits by maximum likelihood before they are compared. "auto" does so
        where their fixed parts differ, or where not all are REML fits; `attrs` and the
        name of the index say so. True always does, as lme4.
    **named : MixedModel
        Models with the names that the table calls them by:
        ``anova(small=m1, big=m2)``.

    Returns
    -------
    DataFrame
        Of several models, sorted by their number of parameters:

        ======== ==========================================================
        n_par    fixed effects, theta and sigma
        aic, bic from the likelihood that is compared
        loglik   log likelihood, restricted if the fits are REML ones
        deviance -2 loglik
        chisq    fall of the deviance from the row above
        df       additional parameters
        p_value  of chi-squared; missing for equal numbers of parameters
        ======== ==========================================================

        Of a single model, a row per term, each tested given all others (type III):
        sum_sq, mean_sq, num_df, den_df, F, p_value. `attrs` hold method and messages.

    Raises
    ------
    TypeError
        If something else than a fitted model is given.
    InferenceError
        If the models can't be compared: other rows, responses or weights.

    Warns
    -----
    ConvergenceWarning
        If a refit ended before its optimum.

    Notes
    -----
    Which models are nested is not checked. A variance of zero lies at the end of its
    range, so that p is too large for it: about twice, for a single variance [SL87].
    As lme4's ``anova`` of several models, and lmerTest's of one.

    Examples
    --------
    >>> import mmcourse as mm
    >>> data = mm.load_sleepstudy()
    >>> line = mm.lmer("Reaction ~ Days + (1 | Subject)", data)
    >>> lines = mm.lmer("Reaction ~ Days + (Days | Subject)", data)
    >>> mm.anova(line, lines)[["n_par", "chisq", "df"]].round(2)
             n_par  chisq  df
    model
    model 1      4    NaN <NA>
    model 2      6  42.84   2
    >>> mm.anova(line)[["num_df", "den_df", "F"]].round(1)
          num_df  den_df      F
    term
    Days       1   161.0  169.4
    """
    every = _named(models, named)
    check_word(ddf, "ddf", DDF, "it must be 'satterthwaite' or 'kenward_roger'")
    if len(every) == 1:
        return f_table(next(iter(every.values())), ddf)
    check_same_data(every)
    fits, messages, refitted = _comparable_fits(every, refit)
    order = sorted(fits, key=lambda name: fits[name].n_parameters)
    out = _table([fits[name] for name in order], order)
    messages += _worse(out)
    out.index.name = "model, refitted by ML" if refitted else "model"
    out.attrs.update(
        formulas={name: every[name].formula for name in order},
        criterion="reml" if fits[order[0]].problem.reml else "ml",
        refitted=refitted,
        messages=messages,
    )
    return out


def _named(
    models: tuple[MixedModel, ...], named: dict[str, MixedModel]
) -> dict[str, MixedModel]:
    """Models by the names that the table shows."""
    every = {f"model {i}": model for i, model in enumerate(models, 1)} | named
    if not every:
        raise TypeError("anova takes one fitted model, or several; none was given.")
    for model in every.values():
        check_model(model, "anova")
    return every


def _comparable_fits(
    models: dict[str, MixedModel], refit: bool | str
) -> tuple[dict[str, Fit], list[str], bool]:
    """Return fits by one criterion, and what was done for that."""
    is_auto = isinstance(refit, str) and refit == "auto"
    if not (isinstance(refit, bool | np.bool_) or is_auto):
        raise InferenceError(
            f"refit is {brief(refit)}; it must be 'auto', True or False."
        )
    fits = {name: model.fit for name, model in models.items()}
    by_reml = [name for name, model in models.items() if model.reml]
    difference = different_effects(models)
    reason = ""
    if by_reml and len(by_reml) < len(models):
        reason = "some were REML fits, others not"
    elif by_reml and difference:
        reason = f"their fixed effects differ ({difference})"
    if not by_reml or (is_auto and not reason):
        return fits, [], False
    if not refit:
        _check_as_they_are(reason, difference, by_reml)
        return fits, [], False
    for name in by_reml:
        fits[name] = _by_ml(fits[name], name)
    note = "the REML fits were refitted by maximum likelihood before the comparison"
    return fits, [f"{note}: {reason}." if reason else f"{note}."], True


def _check_as_they_are(reason: str, difference: str, by_reml: list[str]) -> None:
    """Refuse REML fits that need a refit and may not have it."""
    if reason and difference:
        raise InferenceError(
            f"the REML fits have different fixed effects ({difference}), so their "
            "criteria can't be compared.\n"
            "  Leave refit at 'auto', or fit all with reml=False."
        )
    if reason:
        raise InferenceError(
            f"{' and '.join(by_reml)} is fitted by REML, the others by maximum "
            "likelihood: their criteria are of different kinds.\n"
            "  Leave refit at 'auto', or fit all with reml=False."
        )


def _by_ml(fit: Fit, name: str) -> Fit:
    """Refit by maximum likelihood, and warn if that did not end well."""
    made = optimum(fit, False)
    if made.status in ("max_evaluations", "stalled"):
        warnings.warn(
            f"the refit of {name} by maximum likelihood ended before its optimum, so "
            "its row is not the best it can be. Fit it with reml=False to see why.",
            ConvergenceWarning,
            stacklevel=4,
        )
    return made


def _table(fits: list[Fit], names: list[str]) -> pd.DataFrame:
    """Likelihoods, and each model against the one above."""
    for fit, name in zip(fits, names, strict=True):
        if not np.isfinite(fit.criterion):
            raise InferenceError(
                f"{name} leaves no residual variance, so its likelihood has no end and "
                "can't be compared."
            )
    n_par = np.array([fit.n_parameters for fit in fits])
    deviance = np.array([fit.criterion for fit in fits])
    chisq = np.maximum(-np.diff(deviance, prepend=np.nan), 0.0)
    df = np.diff(n_par, prepend=0)
    p = np.full(len(fits), np.nan)
    more = (np.arange(len(fits)) > 0) & (df > 0)
    p[more] = chi_squared_tail(chisq[more], df[more])
    first = [pd.NA, *df[1:]]
    return pd.DataFrame(
        {
            "n_par": n_par,
            "aic": deviance + 2 * n_par,
            "bic": deviance + np.log([fit.n_obs for fit in fits]) * n_par,
            "loglik": -deviance / 2,
            "deviance": deviance,
            "chisq": chisq,
            "df": pd.array(first, dtype="Int64"),
            "p_value": p,
        },
        index=names,
    )


def _worse(table: pd.DataFrame) -> list[str]:
    """Say where a larger model fits worse than a smaller one."""
    rise = np.diff(table["deviance"]) > ROUNDING
    more = np.diff(table["n_par"]) > 0
    names = list(table.index)
    return [
        f"{names[i + 1]} has more parameters than {names[i]} but fits worse, so the "
        "two are not nested and their chi-squared means nothing."
        for i in np.flatnonzero(rise & more)
    ]
