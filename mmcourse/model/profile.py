"""The profile of a fitted model: curves of zeta, and the intervals on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmcourse.fit import Fit
from mmcourse.inference.curves import Curve, profile_curve
from mmcourse.inference.held import optimum
from mmcourse.inference.names import Parameter
from mmcourse.inference.profile import profile_intervals
from mmcourse.model.arguments import check_level


@dataclass(frozen=True, eq=False)
class Profile:
    """How the likelihood falls as each parameter moves away from its estimate.

    Attributes
    ----------
    zeta : DataFrame
        Columns parameter, value (units of the parameter) and zeta, the signed root of
        the rise of -2 log likelihood; about 25 rows per parameter, zeta from -3 to 3
        or to a limit of the parameter.
    traces : dict of str to DataFrame
        By the name of a parameter. All parameters (columns) at the points of one
        curve: where the others have their best values while this one is held.
    criterion : str
        "ml" or "reml": the likelihood that was profiled.
    notes : list of str
        What is not known: open sides, curves that are not monotone, parameters without
        a profile.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> model.profile("theta_").confint().round(2).loc["sigma"].to_dict()
    {'lower': 38.23, 'upper': 67.66}
    """

    zeta: pd.DataFrame
    traces: dict[str, pd.DataFrame]
    criterion: str
    notes: list[str]
    _fit: Fit
    _chosen: tuple[Parameter, ...]

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Return the interval of each parameter at a level: solved for, not read off.

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Returns
        -------
        DataFrame
            As that of `MixedModel.confint`: columns lower, upper.

        Raises
        ------
        InferenceError
            If the level is not between 0 and 1.

        Notes
        -----
        As lme4's ``confint`` of a profile.

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
        >>> model.profile("sigma").confint(0.9).round(1).values.tolist()
        [[39.7, 64.0]]
        """
        check_level(level)
        ends, notes = profile_intervals(self._fit, self._chosen, level, self.criterion)
        return interval_table(
            self._chosen, ends, level, "profile", self.criterion, notes
        )

    def __repr__(self) -> str:
        """Name the parameters, and what is not known of them."""
        names = ", ".join(self.traces)
        lines = [f"Profile ({self.criterion.upper()} likelihood) of {names}"]
        return "\n".join([*lines, *self.notes])


def interval_table(
    chosen: Sequence[Parameter],
    ends: np.ndarray,
    level: float,
    method: str,
    criterion: str | None,
    notes: list[str],
) -> pd.DataFrame:
    """Table of intervals, a row per parameter; `attrs` say how they were made."""
    names = [p.name for p in chosen]
    out = pd.DataFrame(ends, index=names, columns=["lower", "upper"])
    out.attrs.update(method=method, level=level, criterion=criterion, notes=notes)
    return out


def make_profile(
    fit: Fit,
    every: Sequence[Parameter],
    chosen: tuple[Parameter, ...],
    criterion: str,
) -> Profile:
    """Follow the profiles of the chosen among all parameters of a fit."""
    best = optimum(fit, criterion == "reml")
    names = [p.name for p in every]
    pieces, traces, notes = [], {}, []
    for parameter in chosen:
        curve = profile_curve(best, parameter, every)
        if curve is None:
            notes.append(f"{parameter.name} has no profile")
            continue
        pieces.append(_long(parameter.name, curve))
        traces[parameter.name] = pd.DataFrame(curve.traces, columns=names)
        notes += curve.notes
    columns = ["parameter", "value", "zeta"]
    zeta = (
        pd.concat(pieces, ignore_index=True)
        if pieces
        else pd.DataFrame([], columns=columns)
    )
    return Profile(zeta, traces, criterion, notes, fit, chosen)


def _long(name: str, curve: Curve) -> pd.DataFrame:
    return pd.DataFrame({"parameter": name, "value": curve.value, "zeta": curve.zeta})
