"""Replicates of some statistics, and the intervals they give.

Layer: tables; `boot_mer` fills them.

References
----------
    [DH97] Davison, Hinkley (1997), Bootstrap Methods and their Application, ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mmcourse.inference.bootstrap import (
    bootstrap_intervals,
    check_kind,
    interval_notes,
)
from mmcourse.model.arguments import check_level


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bootstrap:
    """Replicates of some statistics; made by `boot_mer`.

    Attributes
    ----------
    original : Series
        The statistics of the model itself.
    estimates : DataFrame
        A row for each replicate, numbered from 1; NaN where one failed.
    failures : Series
        What went wrong, by the number of the replicate.
    interrupted : bool
        Whether the run was stopped before its end.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> boot = mm.boot_mer(model, n_sims=500, seed=1)
    >>> boot.std_error.index.tolist()
    ['sd_Intercept|Batch', 'sigma', 'Intercept']
    >>> abs(boot.bias["Intercept"]) < boot.std_error["Intercept"] / 10
    np.True_
    """

    original: pd.Series
    estimates: pd.DataFrame
    failures: pd.Series
    interrupted: bool = False

    @property
    def bias(self) -> pd.Series:
        """Mean of the replicates minus the original."""
        return (self.estimates.mean() - self.original).rename("bias")

    @property
    def std_error(self) -> pd.Series:
        """Standard deviation of the replicates."""
        return self.estimates.std().rename("std_error")

    def confint(self, level: float = 0.95, kind: str = "percentile") -> pd.DataFrame:
        """Return intervals from the replicates.

        Parameters
        ----------
        level : float
            Between 0 and 1.
        kind : {"percentile", "basic", "normal"}
            Quantiles of the replicates; the same, reflected about the estimate; or
            estimate less bias, -+ z standard errors. The last two may leave the range
            of an sd or a correlation.

        Returns
        -------
        DataFrame
            Columns lower, upper, a row per statistic; `attrs` holds method, level,
            kind, n_sims and notes.

        Raises
        ------
        InferenceError
            If the level or the kind is not one of these.

        Notes
        -----
        As lme4's ``confint`` of a ``bootMer`` result [DH97].

        Examples
        --------
        >>> import mmcourse as mm
        >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
        >>> boot = mm.boot_mer(model, n_sims=200, seed=1)
        >>> boot.confint(level=0.9).columns.tolist()
        ['lower', 'upper']
        """
        check_level(level)
        check_kind(kind)
        values, names = self.estimates.to_numpy(), list(self.original.index)
        ends = bootstrap_intervals(self.original.to_numpy(), values, level, kind)
        out = pd.DataFrame(ends, index=names, columns=["lower", "upper"])
        notes = interval_notes(names, values)
        out.attrs.update(
            method="boot", level=level, kind=kind, n_sims=len(values), notes=notes
        )
        return out

    def __repr__(self) -> str:
        """Show the original, the bias and the standard error of each statistic."""
        n, failed = len(self.estimates), len(self.failures)
        told = f"Parametric bootstrap, {n} replicates"
        told += f", {failed} failed" if failed else ""
        told += ", interrupted" if self.interrupted else ""
        table = pd.DataFrame(
            {
                "original": self.original,
                "bias": self.bias,
                "std_error": self.std_error,
            }
        )
        return f"{told}\n{table}"
