"""Replicates of some statistics, and the intervals they give.

Layer: tables; `boot_mer` fills them.
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
        Number of a replicate -> what went wrong.
    interrupted : bool
        Whether the run was stopped before its end.
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
        """Intervals from the replicates.

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
        DataFrame with columns lower, upper; `attrs` holds method, level, kind, n_sims
        and notes.

        Raises
        ------
        InferenceError
            If the level or the kind is not one of these.
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
