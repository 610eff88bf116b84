"""Which groups are typical, and how sure their order is.

References
----------
    [L10] Lingsma et al. (2010), QJM 103(2): 99-108, on ranks of hospitals.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief, percent_hint
from mmcourse.extract.effects import extract_random_effects
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.normal import normal_cdf

Array = NDArray[np.float64]

CHUNK_ENTRIES = 1_000_000


def find_typical(
    model: MixedModel,
    re: str | None = None,
    probs: float | Sequence[float] | None = None,
) -> pd.DataFrame:
    """Return the groups whose random effects are nearest to zero, or to quantiles.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    re : str, optional
        Look among the levels of this grouping factor; None for each.
    probs : float or sequence of float, optional
        Probabilities from 0 to 1: the groups nearest to these quantiles of each effect
        instead.

    Returns
    -------
    DataFrame
        Rows of `extract_random_effects`, one per grouping factor and effect (and
        quantile); with `probs` a column probs in front, for example "25%".

    Raises
    ------
    InferenceError
        If there is no such grouping factor, or a probability is none.

    Notes
    -----
    As mixedup's ``find_typical``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.find_typical(model)[["group", "value"]].round(2)
       group  value
    0    334  -2.99
    >>> mm.find_typical(model, probs=[0.25, 0.75])[["probs", "group"]].values.tolist()
    [['25%', 351], ['75%', 333]]
    """
    check_model(model, "find_typical")
    table = extract_random_effects(model, re)
    wanted = None if probs is None else _check_probs(probs)
    parts = []
    for _, own in table.groupby(["group_var", "effect"], sort=False):
        value = own["value"].to_numpy()
        if wanted is None:
            parts.append(own.iloc[[int(np.argmin(np.abs(value)))]])
            continue
        targets = np.quantile(value, wanted)
        near = [int(np.argmin(np.abs(value - target))) for target in targets]
        found = own.iloc[near].copy()
        found.insert(0, "probs", [f"{100 * p:.8g}%" for p in wanted])
        parts.append(found)
    out = pd.concat(parts, ignore_index=True)
    out.attrs.update(table.attrs)
    return out


def _check_probs(probs: Any) -> list[float]:
    """Return probabilities as a list."""
    given = [probs] if isinstance(probs, Real) else probs
    if isinstance(given, str) or not np.iterable(given):
        raise TypeError(
            f"probs is {brief(probs)}; it must hold probabilities, for example "
            "[0.25, 0.75]."
        )
    out = []
    for p in given:
        if isinstance(p, bool) or not isinstance(p, Real):
            raise TypeError(f"probs holds {brief(p)}; a probability is a number.")
        if not 0 <= float(p) <= 1:
            raise InferenceError(
                f"probs holds {p}; a probability lies between 0 and 1."
                f"{percent_hint(float(p))}"
            )
        out.append(float(p))
    return out


def expected_rank(model: MixedModel, re: str | None = None) -> pd.DataFrame:
    """Rank the groups of each factor, as far as their uncertainty allows.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    re : str, optional
        The grouping factor to rank; None for each.

    Returns
    -------
    DataFrame
        ================= =======================================================
        group_var, effect grouping factor, what varies
        group             label of the level, in the type of the data
        value, se         conditional mode and sd
        expected_rank     1 for the lowest; near the middle where groups can't be
                          told apart
        percentile        100 (expected_rank - 1/2) / number of groups
        ================= =======================================================

    Raises
    ------
    InferenceError
        If there is no such grouping factor.

    Notes
    -----
    As merTools' ``expectedRank`` [L10]:
    1 + the sum over the other groups of P(they lie below), the effects taken as
    independent and normal: Phi((value_i - value_k) / sqrt(se_i^2 + se_k^2)). Groups
    without any uncertainty are compared by value; ties count half.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> ranks = mm.expected_rank(model)
    >>> ranks.sort_values("expected_rank")["group"].iloc[[0, -1]].tolist()
    [309, 337]
    """
    check_model(model, "expected_rank")
    table = extract_random_effects(model, re, ci_level=0)
    parts = []
    for _, own in table.groupby(["group_var", "effect"], sort=False):
        rank = _expected(own["value"].to_numpy(), own["se"].to_numpy() ** 2)
        percentile = 100 * (rank - 0.5) / len(own)
        parts.append(own.assign(expected_rank=rank, percentile=percentile))
    out = pd.concat(parts, ignore_index=True)
    out.attrs.update(table.attrs)
    return out


def _expected(value: Array, variance: Array) -> Array:
    """Find the expected rank of each group, (m,), some groups at a time."""
    m = len(value)
    out = np.empty(m)
    step = max(1, CHUNK_ENTRIES // m)
    for first in range(0, m, step):
        here = slice(first, first + step)
        gap = value[here, None] - value
        spread = np.sqrt(variance[here, None] + variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(spread > 0, gap / spread, np.sign(gap) * np.inf)
        below = normal_cdf(np.where(gap == 0, 0.0, z))
        out[here] = 1 + below.sum(axis=1) - 0.5  # not below itself
    return out
