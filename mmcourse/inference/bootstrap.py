"""Parametric bootstrap of a fit's own parameters, and intervals from replicates.

Layer: functions of a `Fit`. Responses are simulated as products with the columns and
refitted batch by batch; the rows are never needed.

References
----------
    [DH97] Davison, Hinkley (1997), Bootstrap Methods and their Application, ch. 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse import refitted, replicates
from mmcourse.errors import InferenceError, brief
from mmcourse.fit import Fit
from mmcourse.inference.names import Parameter
from mmcourse.normal import two_sided_z
from mmcourse.posterior import Posterior
from mmcourse.progress import progress

Array = NDArray[np.float64]

KINDS = ("percentile", "basic", "normal")


@dataclass(slots=True)
class Replicates:
    """Estimates of the replicates that were done.

    Attributes
    ----------
    values : array, (s, parameters)
    effects : list of array (s, m, c), one per term that was asked for
    failures : dict of int -> str
        Number of a replicate, from 1, and what went wrong; its values are NaN.
    interrupted : bool
    """

    values: Array
    effects: list[Array]
    failures: dict[int, str] = field(default_factory=dict)
    interrupted: bool = False


def bootstrap(
    fit: Fit,
    posterior: Posterior,
    chosen: Sequence[Parameter],
    n_sims: int,
    rng: np.random.Generator,
    use_u: bool = False,
    terms: Sequence[int] = (),
) -> Replicates:
    """Simulate and refit; stops early, with what is done, when interrupted.

    Parameters
    ----------
    chosen : sequence of Parameter
    use_u : bool
        Keep the random effects at their modes.
    terms : positions of random terms
        Whose effects are kept.
    """
    check_residual(fit)
    modes = posterior.conditioned_modes if use_u else {}
    simulator = replicates.Simulator(fit, use_u, modes, rng)
    step = replicates.batch_size(fit, simulator.n_draws)
    done = Replicates(np.empty((0, len(chosen))), [])
    values, effects = [], []
    with progress(n_sims, "bootstrap") as advance:
        try:
            for first in range(0, n_sims, step):
                y = simulator.draw(min(step, n_sims - first))
                refits = replicates.refit(fit, y)
                own = parameter_values(refitted.estimates(fit, refits), chosen)
                b = refitted.random_effects(fit, refits, y) if len(terms) else []
                _drop_failed(refits.status, own, b, first, done.failures)
                values.append(own)
                effects.append([b[i] for i in terms])
                advance(len(own))
        except KeyboardInterrupt:
            if not values:
                raise
            done.interrupted = True
            done.failures = {i: t for i, t in done.failures.items() if i <= first}
    n = min(len(values), len(effects))
    done.values = np.concatenate(values[:n])
    done.effects = [np.concatenate(part) for part in zip(*effects[:n], strict=True)]
    return done


def check_residual(fit: Fit) -> None:
    """Refuse a fit that leaves no residual variance."""
    if fit.no_residual or fit.sigma <= 0:
        raise InferenceError(
            "the model leaves no residual variance, so there is nothing to simulate "
            "from.\n  Check whether the response is constant, or computed from columns "
            "of the model."
        )


def _drop_failed(
    status: NDArray[np.str_],
    values: Array,
    effects: list[Array],
    first: int,
    failures: dict[int, str],
) -> None:
    """Note the replicates whose search did not end, and blank their values."""
    for i in np.flatnonzero(status != "converged"):
        failures[first + int(i) + 1] = f"the refit ended as '{status[i]}'"
        values[i] = np.nan
        for part in effects:
            part[i] = np.nan


def parameter_values(found: refitted.Estimates, chosen: Sequence[Parameter]) -> Array:
    """Read sds, correlations, sigma and fixed effects, (s, len(chosen)).

    A correlation with an effect of sd 0 is NaN.
    """
    out = np.empty((len(found.sigma), len(chosen)))
    for i, p in enumerate(chosen):
        if p.kind == "fixed":
            out[:, i] = found.beta[:, p.position]
        elif p.kind == "sigma":
            out[:, i] = found.sigma
        else:
            out[:, i] = _sd_or_cor(found.covariances[p.term], p)
    return out


def _sd_or_cor(block: Array, p: Parameter) -> Array:
    """One sd or correlation of covariances (s, c, c), (s,)."""
    sd_row, sd_col = np.sqrt(block[:, p.row, p.row]), np.sqrt(block[:, p.col, p.col])
    if p.kind == "sd":
        return sd_row
    both = sd_row * sd_col
    with np.errstate(divide="ignore", invalid="ignore"):
        cor = np.clip(block[:, p.row, p.col] / both, -1.0, 1.0)
    return np.where(both > 0, cor, np.nan)


def fit_values(fit: Fit, chosen: Sequence[Parameter]) -> Array:
    """Return the same of the fit itself, (len(chosen),)."""
    blocks = [fit.sigma**2 * block[None] for block in fit.relative_covariances()]
    one = refitted.Estimates(fit.beta[None], np.array([fit.sigma]), blocks)
    return parameter_values(one, chosen)[0]


def bootstrap_intervals(
    original: Array, values: Array, level: float, kind: str
) -> Array:
    """Return lower and upper ends, (parameters, 2), from replicates (s, parameters).

    Replicates without a value are left out, parameter by parameter.

    Notes
    -----
    With q(a) the (s + 1) a-th of the sorted replicates [DH97], a = (1 - level) / 2:
    percentile q(a), q(1 - a); basic 2 t - q(1 - a), 2 t - q(a) with t the estimate;
    normal 2 t - mean -+ z sd.

    Examples
    --------
    >>> values = np.arange(1.0, 100.0)[:, None]
    >>> bootstrap_intervals(np.array([50.0]), values, 0.9, "percentile")
    array([[ 5., 95.]])
    """
    ends = np.full((len(original), 2), np.nan)
    tail = (1 - level) / 2
    for j, t in enumerate(original):
        own = values[:, j]
        own = own[~np.isnan(own)]
        if len(own) < 2:
            continue
        if kind == "normal":
            half = two_sided_z(level) * own.std(ddof=1)
            ends[j] = 2 * t - own.mean() + np.array([-half, half])
            continue
        q = np.quantile(own, [tail, 1 - tail], method="weibull")
        ends[j] = q if kind == "percentile" else 2 * t - q[::-1]
    return ends


def check_kind(kind: Any) -> None:
    """Refuse an interval that is none of the three."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise InferenceError(
            f"kind is {brief(kind)}; it must be 'percentile', 'basic' or 'normal'."
        )


def interval_notes(names: Sequence[str], values: Array) -> list[str]:
    """Say which replicates have no value and were left out."""
    nan, n = np.isnan(values), len(values)
    failed = int(nan.all(axis=1).sum())
    notes = [f"{failed} of {n} refits failed and were left out"] if failed else []
    for name, lost in zip(names, nan.sum(axis=0), strict=True):
        if lost > failed:
            notes.append(f"{name} has no value in {lost - failed} of {n} replicates")
    return notes
