"""One face for fitted models, whichever package fitted them.

A `Reading` holds what can be compared: rows, fixed effects, the line through the data,
variances. Models in another coding (other reference level, other order of variables,
a centred covariate) draw the same line, so the line is what decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.model import MixedModel

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a fitted model says.

    Attributes
    ----------
    outcome : array, (n,), the response, sorted
    line : array, (n,), what the fixed effects predict, sorted
    fixed : Series, fixed effects
    std_error : Series, their standard errors
    residual : float, residual variance
    levels : mapping, grouping factor to number of levels; empty for a regression
    effects : mapping, grouping factor to names of its random effects
    variances : tuple of float, of the random effects, falling
    reml : bool, whether by REML; True for a regression, which has no such choice
    frame : DataFrame or None, the rows that it was given, where they are known
    """

    outcome: Array
    line: Array
    fixed: pd.Series
    std_error: pd.Series
    residual: float
    levels: Mapping[str, int] = field(default_factory=dict)
    effects: Mapping[str, list[str]] = field(default_factory=dict)
    variances: tuple[float, ...] = ()
    reml: bool = True
    frame: pd.DataFrame | None = None

    @property
    def n_rows(self) -> int:
        """Rows that were used."""
        return len(self.outcome)

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects."""
        return len(self.fixed)

    @property
    def groups_text(self) -> str:
        """Grouping factors with their numbers of levels, in words."""
        return " and ".join(f"{g} ({n} levels)" for g, n in self.levels.items())

    @property
    def effects_text(self) -> str:
        """Names of the random effects, by grouping factor, in words."""
        return "; ".join(f"{g}: {', '.join(e)}" for g, e in self.effects.items())

    @property
    def is_mixed(self) -> bool:
        """Whether there are random effects."""
        return bool(self.levels)


def read_model(answer: Any) -> Reading | None:
    """Return what a fitted model says, None when it is no fitted model.

    Parameters
    ----------
    answer : object
        A model of mmcourse, results of statsmodels' ols or mixedlm, or a `Reading`.

    Returns
    -------
    Reading or None

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> reading = read_model(model)
    >>> reading.n_fixed, reading.levels
    (2, {'Subject': 18})
    """
    if isinstance(answer, Reading):
        return answer
    if isinstance(answer, MixedModel):
        return _mixed_model(answer)
    if not type(answer).__module__.startswith("statsmodels"):
        return None
    if hasattr(answer, "fe_params"):
        return _mixedlm(answer)
    if hasattr(answer, "params") and hasattr(answer, "bse"):
        return _regression(answer)
    return None


def is_unfitted(answer: Any) -> bool:
    """Return whether an answer is a model of statsmodels that was not fitted."""
    return type(answer).__module__.startswith("statsmodels") and hasattr(answer, "fit")


def _mixed_model(model: MixedModel) -> Reading:
    """Read a model of mmcourse."""
    table = model.var_corr()
    diagonal = table[table["effect_2"].isna() & (table["group"] != "Residual")]
    return Reading(
        outcome=np.sort(model.fitted + model.residuals),
        line=np.sort(model.predict(re_form="none")),
        fixed=model.fixef,
        std_error=model.std_error,
        residual=model.sigma**2,
        levels=model.n_groups,
        effects={g: list(model.ranef()[g].columns) for g in model.n_groups},
        variances=_falling(diagonal["variance"]),
        reml=model.reml,
        frame=_frame(getattr(model.request, "data", None)),
    )


def _mixedlm(results: Any) -> Reading:
    """Read results of statsmodels' mixedlm; it does not know its group's name."""
    model = results.model
    covariance = np.atleast_2d(np.asarray(results.cov_re, dtype=float))
    components = [float(v) for v in np.atleast_1d(results.vcomp)]
    fixed = _series(results.fe_params)
    names = [str(n) for n in getattr(model.data, "exog_re_names", ["Intercept"])]
    if names and names[0] not in fixed.index:
        names[0] = "Intercept"  # mixedlm calls it after the group
    return Reading(
        outcome=np.sort(model.endog),
        line=np.sort(model.exog @ fixed.to_numpy()),
        fixed=fixed,
        std_error=_series(results.bse_fe),
        residual=float(results.scale),
        levels={"groups": len(model.group_labels)},
        effects={"groups": names},
        variances=_falling([*np.diag(covariance), *components]),
        reml=results.method == "REML",
        frame=_frame(getattr(model.data, "frame", None)),
    )


def _regression(results: Any) -> Reading:
    """Read results of statsmodels' ols."""
    return Reading(
        outcome=np.sort(results.model.endog),
        line=np.sort(np.asarray(results.fittedvalues)),
        fixed=_series(results.params),
        std_error=_series(results.bse),
        residual=float(results.scale),
        frame=_frame(getattr(results.model.data, "frame", None)),
    )


def _frame(data: Any) -> pd.DataFrame | None:
    """Return data that are a frame of pandas."""
    return data if isinstance(data, pd.DataFrame) else None


def _falling(variances: Any) -> tuple[float, ...]:
    """Variances, the largest first."""
    return tuple(sorted(map(float, variances), reverse=True))


def _series(values: Any) -> pd.Series:
    """Values with names, also where statsmodels was given arrays."""
    return values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
