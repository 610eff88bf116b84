"""`MixedModel` answers questions about a fit.

Layer: its methods hand over to the functions of the layers below; nothing is computed
here. Those that fit the rows again are in `again`, those about random effects in
`effects`, about intervals in `intervals`. What is returned may be changed by the
caller: before pandas 3 a frame shares the memory of its array, so it gets a copy.

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmcourse import display, messages, predict
from mmcourse.design import Design
from mmcourse.fit import Fit
from mmcourse.inference.names import Parameter, parameters
from mmcourse.model import again, effects, intervals
from mmcourse.model.arguments import check_computed, check_flag, check_theta
from mmcourse.model.request import Request
from mmcourse.posterior import Posterior

Array = NDArray[np.float64]


class MixedModel:
    """A fitted linear mixed model; made by `lmer`, never changed afterwards.

    Attributes
    ----------
    design, fit, posterior, request
        The layers below: columns and levels, the estimate, the random effects, what
        `lmer` was asked for. Their insides may change.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model
    Linear mixed model fit by REML
    ...
    >>> model.fixef.round(2).to_dict()
    {'Intercept': 251.41, 'Days': 10.47}
    >>> model.fixed_names, model.std_error.round(2).tolist(), model.vcov.shape
    (['Intercept', 'Days'], [9.75, 0.8], (2, 2))
    >>> model.theta.round(4), round(model.sigma, 2), model.formula
    (array([1.1979]), 30.99, 'Reaction ~ Days + (1 | Subject)')
    >>> round(model.criterion, 2), round(model.loglik, 2), model.reml
    (1786.47, -893.23, True)
    >>> round(model.aic, 2), round(model.bic, 2), model.n_parameters, model.df_resid
    (1794.47, 1807.24, 4, 176)
    >>> model.n_obs, model.n_groups, model.is_singular
    (180, {'Subject': 18}, False)
    >>> model.status, model.messages
    ('converged', [])
    >>> bool(np.allclose(model.fitted + model.residuals, mm.load_sleepstudy().Reaction))
    True
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
        """Covariance of the fixed effects at the estimated theta, squared units."""
        names = self.fixed_names
        return pd.DataFrame(self.fit.vcov_beta.copy(), index=names, columns=names)

    @property
    def std_error(self) -> pd.Series:
        """Standard errors of the fixed effects, in their units."""
        se = np.sqrt(np.diag(self.fit.vcov_beta))
        return pd.Series(se, index=self.fixed_names, name="std_error")

    @property
    def theta(self) -> Array:
        """Relative covariance parameters (n_theta,), unitless, in lme4's order."""
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
        """Return the profiled criterion at any theta.

        Parameters
        ----------
        theta : array (n_theta,), unitless
            In the layout of `theta`.

        Returns
        -------
        float
            What `criterion` is at the estimate; no unit.

        Raises
        ------
        ValueError
            If there are not as many values as the model has, or one is not finite.

        Notes
        -----
        As the function that lme4's ``lmer(devFunOnly = TRUE)`` returns [BMBW15].

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
        """How the search ended: converged, singular, max_evaluations or stalled."""
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
        """X beta + Z b + offset, units of the response, indexed as the rows used."""
        return pd.Series(self._fitted.copy(), index=self.design.index, name="fitted")

    @property
    def residuals(self) -> pd.Series:
        """Response minus fitted, in its units, on the index of the rows used."""
        left = self.design.y - self._fitted
        return pd.Series(left, index=self.design.index, name="residuals")

    ranef = effects.ranef
    ranef_sd = effects.ranef_sd
    ranef_cov = effects.ranef_cov
    coef = effects.coef
    coef_sd = effects.coef_sd
    var_corr = effects.var_corr

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
        Series, or DataFrame
            On the index of `newdata`, units of the response; with `se` columns fit and
            se. A missing covariate gives NaN; a missing group counts as a new level.

        Raises
        ------
        DesignError
            If a needed column is missing or a level is new.

        Notes
        -----
        As lme4's ``predict``, whose ``re.form = NULL`` is "all" and ``NA`` "none".

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

    confint = intervals.confint
    profile = intervals.profile

    @property
    def _parameters(self) -> tuple[Parameter, ...]:
        terms = [(t.group, t.names) for t in self.design.terms]
        return parameters(terms, self.fixed_names)

    def summary(self) -> display.Summary:
        """Return lme4's summary as an object with text and HTML forms.

        Returns
        -------
        display.Summary
            With frames `.fixed`, `.random`, `.fit_stats`, `.messages`.

        Notes
        -----
        As lme4's ``summary``: no p-values; see `extract_fixed_effects` for those.

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
        >>> model.summary().fixed.round(2)
                term   value    se      t
        0  Intercept  251.41  9.75  25.79
        1       Days   10.47  0.80  13.02
        """
        return display.summarize(self)
