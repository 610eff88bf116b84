"""Simulated fixed and random effects, summarised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.draws import JointDraws
from mmcourse.inference.bootstrap import check_residual
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.randomness import Seed, Streams, check_count, generator

Array = NDArray[np.float64]

# Numbers drawn at a time.
CHUNK_ENTRIES = 2_000_000
SIGMA = 2  # kind of stream


def re_sim(model: MixedModel, n_sims: int = 200, seed: Seed = None) -> pd.DataFrame:
    """Simulate the random effects from their joint distribution with the fixed ones.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    n_sims : int
        How many draws.
    seed : int or Generator, optional
        The same seed gives the same numbers; when not given, they differ every time.

    Returns
    -------
    DataFrame
        ================ =======================================================
        group_var, group grouping factor, label of the level
        effect           what varies
        mean median sd   of the draws, units of the response per unit
        ================ =======================================================

    Notes
    -----
    A draw takes sigma*^2 = pwrss / chi-square(n - p), then all effects from a normal
    distribution around their estimates with their joint covariance at sigma*, the
    ratios of the variances held as estimated. The sd is thus larger than that of
    `ranef_sd`, which holds the fixed effects, too. merTools' `REsim` does the same for
    one grouping factor; with crossed factors it mixes up levels, and differs.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.re_sim(model, seed=1).columns.tolist()
    ['group_var', 'group', 'effect', 'mean', 'median', 'sd']
    """
    draws, s = _draws(model, "re_sim", n_sims, seed)
    parts: list[list[pd.DataFrame]] = []
    design = model.design
    for f, grouping in enumerate(design.groupings):
        own = [term for term in design.terms if term.grouping == f]
        names = [name for term in own for name in term.names]
        tables = _summaries(draws, f, len(grouping.levels), len(names), s)
        parts.append(
            [
                pd.DataFrame(
                    {
                        "group_var": grouping.name,
                        "group": grouping.levels,
                        "effect": name,
                        "mean": tables[0][:, j],
                        "median": tables[1][:, j],
                        "sd": tables[2][:, j],
                    }
                )
                for j, name in enumerate(names)
            ]
        )
    # A factor's levels keep the type of the data, as far as one column can.
    out = pd.concat([frame for part in parts for frame in part], ignore_index=True)
    out.attrs.update(method="joint", n_sims=s)
    return out


def fe_sim(model: MixedModel, n_sims: int = 200, seed: Seed = None) -> pd.DataFrame:
    """Simulate the fixed effects, as `re_sim` does the random ones.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    n_sims : int
        How many draws.
    seed : int or Generator, optional
        The same seed gives the same numbers; when not given, they differ every time.

    Returns
    -------
    DataFrame
        Columns term, mean, median, sd; units of the fixed effects.

    Notes
    -----
    As merTools' ``FEsim``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> mm.fe_sim(model, seed=1)["term"].tolist()
    ['Intercept', 'Days']
    """
    draws, s = _draws(model, "fe_sim", n_sims, seed)
    mean, median, sd = _summarise(draws.fixed)
    out = pd.DataFrame(
        {"term": model.fixed_names, "mean": mean, "median": median, "sd": sd}
    )
    out.attrs.update(method="joint", n_sims=s)
    return out


def drawn_sigma(model: MixedModel, df: int, s: int, streams: Streams) -> Array:
    """Draw the residual sd of a row of weight 1, (s,), sigma^2 df / chi-square(df)."""
    fit = model.fit
    square = max(float(fit.evaluation.root.pwrss), 0.0) * fit.products.unit
    if df < 1:
        return np.full(s, fit.sigma)
    return np.sqrt(square / streams.at(0, SIGMA).chisquare(df, s))


def check_drawable(model: Any, name: str) -> None:
    """Refuse what is no model, or one from which nothing can be drawn."""
    check_model(model, name)
    check_residual(model.fit)


def _draws(
    model: MixedModel, name: str, n_sims: Any, seed: Any
) -> tuple[JointDraws, int]:
    """Joint draws at a drawn sigma, and their number."""
    check_drawable(model, name)
    s, streams = check_count(n_sims), Streams(generator(seed))
    fit = model.fit
    sigma = drawn_sigma(model, model.n_obs - len(fit.beta), s, streams)
    scale = sigma / np.sqrt(fit.products.unit)
    return JointDraws(fit, model.posterior, s, streams, scale), s


def _summaries(
    draws: JointDraws, factor: int, m: int, k: int, s: int
) -> tuple[Array, Array, Array]:
    """Mean, median, sd of all levels' effects, (m, K) each, some levels at a time."""
    out = (np.empty((m, k)), np.empty((m, k)), np.empty((m, k)))
    step = max(1, CHUNK_ENTRIES // max(k * s, 1))
    for first in range(0, m, step):
        codes = np.arange(first, min(first + step, m))
        found = _summarise(draws.levels(factor, codes))
        for table, values in zip(out, found, strict=True):
            table[codes] = values
    return out


def _summarise(values: Array) -> tuple[Array, Array, Array]:
    """Mean, median and sd over the last axis; a single draw has sd 0."""
    ordered = np.sort(values, axis=-1)
    s = values.shape[-1]
    middle = (ordered[..., (s - 1) // 2] + ordered[..., s // 2]) / 2
    return values.mean(axis=-1), middle, values.std(axis=-1, ddof=min(1, s - 1))
