"""`MixedModel` answers questions about a fit.

Layer: its methods hand over to the functions of the layers below; nothing is computed
here. Those that fit the rows again are in `again`. What is returned may be changed by
the caller: before pandas 3 a frame shares the memory of its array, so it gets a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmcourse import display, messages, predict, tables
from mmcourse.design import Design
from mmcourse.fit import Fit
from mmcourse.inference.names import Parameter, choose, parameters
from mmcourse.inference.profile import profile_intervals
from mmcourse.inference.wald import wald_intervals
from mmcourse.model import again
from mmcourse.model.arguments import (
    check_computed,
    check_criterion,
    check_flag,
    check_interval,
    check_theta,
)
from mmcourse.model.boot import boot_table
from mmcourse.model.profile import Profile, interval_table, make_profile
from mmcourse.model.request import Request
from mmcourse.posterior import Posterior
from mmcourse.randomness import Seed

Array = NDArray[np.float64]


class MixedModel:
    """A fitted linear mixed model; made by `lmer`, never changed afterwards.

    Attributes
    ----------
    fixef, std_error : Series, one entry per fixed effect
    vcov : DataFrame, covariance of the fixed effects
    theta : array, (n_theta,), relative covariance parameters in lme4's order
    sigma : float, residual sd, units of the response
    criterion : float, REML criterion, or deviance for ML
    status : "converged" | "singular" | "max_evaluations" | "stalled"
    messages : list of str, what a reader of the results should know

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.ranef()["Subject"].loc[308].round(2).to_dict()
    {'Intercept': 40.78}
    >>> model.confint(method="wald").loc["Days"].round(2).to_dict()
    {'lower': 8.89, 'upper': 12.04}
    """

    def __init__(
        self, design: Design, fit: Fit, request: Request | None = None
    ) -> None:
        self.design = design
        self.fit = fit
        self.posterior = Posterior(fit)
        self.request = request

    def __getstate__(self) -> dict[str, Any]:
        """Leave the caller's data out of a pickle."""
        state = self.__dict__.copy()
        if self.request is not None:
            state["request"] = self.request.without_data()
        return state

    def __repr__(self) -> str:
        """Print as lme4 does, in short."""
        return display.short_print(self)

    @property
    def formula(self) -> str:
        """The formula as it was given."""
        return self.design.formula.text

    @property
    def reml(self) -> bool:
        """Whether the fit is by restricted maximum likelihood."""
        return self.fit.problem.reml

    @property
    def fixed_names(self) -> list[str]:
        """Names of the fixed effects in the model, redundant ones left out."""
        return [self.design.fixed_names[i] for i in self.fit.kept]

    @property
    def fixef(self) -> pd.Series:
        """Fixed effects, units of the response per unit of the column."""
        beta = self.fit.beta.copy()
        return pd.Series(beta, index=self.fixed_names, name="fixef")

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance of the fixed effects at the estimated theta."""
        names = self.fixed_names
        return pd.DataFrame(self.fit.vcov_beta.copy(), index=names, columns=names)

    @property
    def std_error(self) -> pd.Series:
        """Standard errors of the fixed effects."""
        se = np.sqrt(np.diag(self.fit.vcov_beta))
        return pd.Series(se, index=self.fixed_names, name="std_error")

    @property
    def theta(self) -> Array:
        """Relative covariance parameters; a copy."""
        return self.fit.theta.copy()

    @property
    def sigma(self) -> float:
        """Residual standard deviation, units of the response."""
        return self.fit.sigma

    @property
    def criterion(self) -> float:
        """-2 log likelihood at the optimum, restricted for a REML fit."""
        return self.fit.criterion

    def criterion_at(self, theta: ArrayLike) -> float:
        """Return the profiled criterion at any theta, in the layout of `theta`.

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
        >>> round(model.criterion_at([1.0]), 6)
        319.792389
        """
        at = check_theta(theta, self.design)
        return check_computed(self.fit.problem.at(at), at)

    @property
    def loglik(self) -> float:
        """Log likelihood, restricted for a REML fit."""
        return self.fit.loglik

    @property
    def n_parameters(self) -> int:
        """Fixed effects, theta and sigma together."""
        return self.fit.n_parameters

    @property
    def aic(self) -> float:
        """Akaike's criterion; from the restricted likelihood for a REML fit."""
        return self.criterion + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with log(n_obs)."""
        return self.criterion + float(np.log(self.n_obs)) * self.n_parameters

    @property
    def df_resid(self) -> int:
        """Rows minus parameters."""
        return self.n_obs - self.n_parameters

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return self.fit.n_obs

    @property
    def n_groups(self) -> dict[str, int]:
        """Levels of each grouping factor, most levels first."""
        out = {}
        for term in self.design.terms:
            out[term.group] = len(self.design.groupings[term.grouping].levels)
        return out

    @property
    def is_singular(self) -> bool:
        """Whether a variance is estimated as 0 or a correlation as -1 or 1."""
        return bool(self.fit.singular_terms) or self.fit.no_residual

    @property
    def status(self) -> str:
        """How the search ended."""
        return self.fit.status

    @property
    def messages(self) -> list[str]:
        """What a reader of the results should know, in plain words."""
        return messages.all_messages(self.design, self.fit)

    @cached_property
    def _fitted(self) -> Array:
        return predict.fitted(self.fit, self.posterior, self.design)

    @property
    def fitted(self) -> pd.Series:
        """X beta + Z b + offset, on the index of the rows used."""
        return pd.Series(self._fitted.copy(), index=self.design.index, name="fitted")

    @property
    def residuals(self) -> pd.Series:
        """Response minus fitted, on the index of the rows used."""
        left = self.design.y - self._fitted
        return pd.Series(left, index=self.design.index, name="residuals")

    def ranef(self) -> dict[str, pd.DataFrame]:
        """Conditional modes of the random effects: group -> levels x effects."""
        return tables.random_effects(self.design, self.posterior)

    def ranef_sd(self) -> dict[str, pd.DataFrame]:
        """Conditional sds of the random effects, given theta and the fixed part."""
        return tables.random_effect_sds(self.design, self.posterior)

    def ranef_cov(self) -> dict[str, NDArray[np.float64]]:
        """Conditional covariances: group -> (levels, effects, effects)."""
        return {
            g.name: self.posterior.conditional[i].copy()
            for i, g in enumerate(self.design.groupings)
        }

    def coef(self) -> dict[str, pd.DataFrame]:
        """Add fixed and random effects of every level: group -> levels x effects.

        An effect that varies but has no fixed partner shows its random part alone.
        """
        return tables.coefficients(self.design, self.fixef, self.posterior)

    def coef_sd(self) -> dict[str, pd.DataFrame]:
        """Sds of `coef` from the joint covariance of fixed and random effects."""
        names = self.fixed_names
        return tables.coefficient_sds(self.design, self.fit, names, self.posterior)

    def var_corr(self) -> pd.DataFrame:
        """Variances, sds and correlations, and the residual in the last row.

        Columns group, effect_1, effect_2 (missing for a variance), variance (or
        covariance) and sd (or correlation).
        """
        return tables.variance_components(self.design, self.fit)

    def predict(
        self,
        newdata: Any = None,
        re_form: str = "all",
        allow_new_levels: bool = False,
        se: bool = False,
    ) -> pd.Series | pd.DataFrame:
        """Predict the response.

        Parameters
        ----------
        newdata : data frame, optional
            Needs only the columns that the asked-for part uses. None: the rows used.
        re_form : str
            Which random effects count: "all", "none", or terms such as
            "(1 | Subject)", which may be part of the model's own.
        allow_new_levels : bool
            Give levels that were not in the fit a random effect of 0, instead of
            raising an error.
        se : bool
            Add standard errors of the expected response, from the joint covariance of
            fixed and random effects. A new level's own variance is not in it.

        Returns
        -------
        Series on the index of `newdata`, or DataFrame fit, se. A missing covariate
        gives NaN; a missing group counts as a new level.

        Raises
        ------
        DesignError
            If a needed column is missing or a level is new.

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
        >>> model.predict({"Days": [0, 9]}, re_form="none").round(2).tolist()
        [251.41, 345.61]
        """
        return predict.predict(
            self.fit,
            self.posterior,
            self.design,
            newdata,
            re_form,
            check_flag(allow_new_levels, "allow_new_levels"),
            check_flag(se, "se"),
        )

    simulate = again.simulate
    refit = again.refit
    refit_ml = again.refit_ml
    update = again.update

    def confint(
        self,
        parm: str | int | Sequence[str | int] | None = None,
        level: float = 0.95,
        method: str = "profile",
        criterion: str = "ml",
        n_sims: int = 1000,
        seed: Seed = None,
        kind: str = "percentile",
    ) -> pd.DataFrame:
        """Intervals for the parameters.

        Parameters
        ----------
        parm : names or positions, optional
            Some of the rows; "theta_" for all variances and sigma, "beta_" for the
            fixed effects.
        level : float
            Between 0 and 1.
        method : {"profile", "wald", "boot"}
            Wald intervals exist for the fixed effects only; the rest is NaN. "boot"
            simulates and refits, as `boot_mer`.
        criterion : {"ml", "reml"}
            Likelihood to profile: lme4 uses the full one also for a REML fit.
        n_sims, seed, kind
            Of the bootstrap: how many refits, and the kind of interval: "percentile",
            "basic" or "normal" (see `Bootstrap.confint`).

        Returns
        -------
        DataFrame with columns lower, upper; rows sd_..., cor_..., sigma, then the
        fixed effects. `attrs` holds method, level, criterion (None for Wald) and
        notes: which ends could not be found and are NaN; for "boot" also kind and
        n_sims.

        Raises
        ------
        InferenceError
            If a parameter, the method or the level is not one of these.
        """
        check_interval(level, method, criterion)
        chosen = choose(self._parameters, parm)
        if method == "boot":
            parts = (self.fit, self.posterior, chosen)
            return boot_table(*parts, level, n_sims, seed, kind)
        if method == "wald":
            ends = wald_intervals(self.fit, chosen, level)
            return interval_table(chosen, ends, level, method, None, [])
        ends, notes = profile_intervals(self.fit, chosen, level, criterion)
        return interval_table(chosen, ends, level, method, criterion, notes)

    def profile(
        self,
        parm: str | int | Sequence[str | int] | None = None,
        criterion: str = "ml",
    ) -> Profile:
        """Follow the likelihood as each parameter moves, all others at their best.

        Parameters
        ----------
        parm : names or positions, optional
            Some of the parameters, as for `confint`.
        criterion : {"ml", "reml"}
            Likelihood to profile.

        Returns
        -------
        Profile
            With `.zeta`, `.traces`, `.confint(level)`; `plot_profile` draws it.

        Raises
        ------
        InferenceError
            If a parameter or the criterion is not one of these.

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
        >>> model.profile("sigma").zeta["zeta"].iloc[[0, -1]].round(4).tolist()
        [-3.0, 3.0]
        """
        check_criterion(criterion)
        every = self._parameters
        return make_profile(self.fit, every, choose(every, parm), criterion)

    @property
    def _parameters(self) -> tuple[Parameter, ...]:
        terms = [(t.group, t.names) for t in self.design.terms]
        return parameters(terms, self.fixed_names)

    def summary(self) -> display.Summary:
        """Return lme4's summary as an object with text and HTML forms."""
        return display.summarize(self)
