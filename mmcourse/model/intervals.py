"""Intervals for the parameters of a model, and the profiles they are read from.

Layer: above `inference`. The public functions are methods of `MixedModel`, which is no
layer below: `self` is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mmcourse.inference.names import choose
from mmcourse.inference.profile import profile_intervals
from mmcourse.inference.wald import wald_intervals
from mmcourse.model.arguments import check_criterion, check_interval
from mmcourse.model.boot import boot_table
from mmcourse.model.profile import Profile, interval_table, make_profile
from mmcourse.randomness import Seed


def confint(
    self: Any,
    parm: str | int | Sequence[str | int] | None = None,
    level: float = 0.95,
    method: str = "profile",
    criterion: str = "ml",
    n_sims: int = 1000,
    seed: Seed = None,
    kind: str = "percentile",
) -> pd.DataFrame:
    """Return intervals for the parameters.

    Parameters
    ----------
    parm : names or positions, optional
        Some of the rows; ``"theta_"`` for all variances and sigma, ``"beta_"`` for the
        fixed effects.
    level : float
        Between 0 and 1.
    method : {"profile", "wald", "boot"}
        Wald intervals exist for the fixed effects only; the rest is NaN. "boot"
        simulates and refits, as `boot_mer`.
    criterion : {"ml", "reml"}
        Likelihood to profile: lme4 uses the full one also for a REML fit.
    n_sims : int
        How many refits of the bootstrap.
    seed : int or Generator, optional
        Of the bootstrap; the same seed gives the same interval.
    kind : {"percentile", "basic", "normal"}
        Of the bootstrap: how replicates make an interval (`bootstrap.Bootstrap`).

    Returns
    -------
    DataFrame
        Columns lower, upper, units of the parameter. Rows sds and correlations of each
        random term, sigma, then the fixed effects. `attrs` holds method, level,
        criterion (None for Wald) and notes: which ends could not be found and are NaN;
        for "boot" also kind and n_sims.

    Raises
    ------
    InferenceError
        If a parameter, the method or the level is not one of these.

    Notes
    -----
    As lme4's ``confint``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.confint("sigma").round(2).values.tolist()
    [[27.81, 34.59]]
    >>> model.confint(method="wald").loc["Days"].round(2).to_dict()
    {'lower': 8.89, 'upper': 12.04}
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
    self: Any,
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

    Notes
    -----
    As lme4's ``profile``, but for the grid: see `docs/decisions.md`.

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
