"""Prediction intervals by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design import NewRows
from mmcourse.design.newrows import level_texts
from mmcourse.errors import InferenceError, brief, listing
from mmcourse.model import MixedModel
from mmcourse.model.arguments import check_flag, check_level
from mmcourse.predict import training_rows
from mmcourse.randomness import Seed, Streams, check_count, generator
from mmcourse.simulated.effects import check_drawable
from mmcourse.simulated.sampler import Fresh, Sampler

Array = NDArray[np.float64]

WHICH = ("full", "fixed", "random", "all")


def predict_interval(
    model: MixedModel,
    newdata: Any = None,
    level: float = 0.8,
    n_sims: int = 1000,
    which: str = "full",
    method: str = "joint",
    include_resid_var: bool = True,
    new_levels: str = "zero",
    return_sims: bool = False,
    seed: Seed = None,
) -> pd.DataFrame | tuple[pd.DataFrame, Array]:
    """Simulate intervals for the response of new rows, or of those used.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    newdata : data frame, optional
        Holds the columns that the asked-for part uses. None: the rows used.
    level : float
        Between 0 and 1.
    n_sims : int
        How many draws.
    which : {"full", "fixed", "random", "all"}
        Fixed and random effects together, one of the two alone, or a row for each
        part: "combined", every grouping factor, "fixed".
    method : {"joint", "independent"}
        "joint" draws (beta, b) from their joint distribution. "independent" is the
        algorithm of merTools: beta and every level are drawn by themselves, as if
        their errors had nothing to do with each other, which makes the interval too
        wide for groups of the data.
    include_resid_var : bool
        Add a residual to every draw: the interval is then for a response, otherwise
        for its expected value.
    new_levels : {"zero", "draw"}
        A group that was not in the fit has the effect 0, which makes its interval too
        narrow, or one drawn from the estimated distribution, the same in all its rows.
        Rows without a group count as one new level.
    return_sims : bool
        Return the table and the draws, (rows of the table, n_sims).
    seed : int or Generator, optional
        The same seed gives the same numbers; when not given, they differ every time.

    Returns
    -------
    DataFrame
        On the index of the data, columns fit (median of the draws), upr, lwr, units of
        the response; for "all" with a column effect in front. A row without a covariate
        is NaN. `attrs` holds method, level, which, n_sims and notes: which levels were
        new. With `return_sims` also the draws, an array.

    Raises
    ------
    InferenceError
        If an argument is none of these.
    DesignError
        If a column of the new data is missing or can't be read.

    Notes
    -----
    As merTools' ``predictInterval``, but for the joint draws.
    The variances are held as estimated: b and beta are drawn with the estimated sigma.
    For the residuals sigma is drawn, as in merTools, sigma*^2 = pwrss / chi-square with
    `model.df_resid` degrees of freedom. In the rows used a residual's variance is
    sigma*^2 over the row's weight; new rows have weight 1.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> new = {"Days": [0, 9], "Subject": [308, 308]}
    >>> mm.predict_interval(model, new, seed=1).columns.tolist()
    ['fit', 'upr', 'lwr']
    """
    check_drawable(model, "predict_interval")
    check_level(level)
    s = check_count(n_sims)
    _check_words(which, method, new_levels)
    noisy = check_flag(include_resid_var, "include_resid_var")
    keep = check_flag(return_sims, "return_sims")
    rows, fresh = _read_rows(model, newdata, which)
    sampler = Sampler(model, rows, fresh, s, Streams(generator(seed)), method)
    sampler.draws_new = new_levels == "draw"
    if noisy:
        sampler.add_residuals(newdata is None)
    names = [g.name for g in model.design.groupings]
    labels = ["combined", *names, "fixed"] if which == "all" else [which]
    ends = np.empty((len(labels), len(rows.index), 3))
    sims = np.empty((len(labels), len(rows.index), s)) if keep else None
    for here in sampler.chunks():
        for i, part in enumerate(sampler.parts(here, which)):
            if sims is not None:
                sims[i, here] = part
            ends[i, here] = _summary(part, level)
    out = _table(ends, labels, rows.index, which)
    notes = _notes(model, fresh, new_levels)
    out.attrs.update(method=method, level=level, which=which, n_sims=s, notes=notes)
    return out if sims is None else (out, sims.reshape(-1, s))


def _summary(draws: Array, level: float) -> Array:
    """Median, upper and lower end of each row, (rows, 3); sorts the draws.

    Quantiles between two draws are interpolated, as R's type 7.
    """
    draws.sort(axis=1)
    s = draws.shape[1]
    out = np.empty((len(draws), 3))
    for i, q in enumerate((0.5, (1 + level) / 2, (1 - level) / 2)):
        at = q * (s - 1)
        low = min(int(at), s - 1)
        high = min(low + 1, s - 1)
        out[:, i] = draws[:, low] + (at - low) * (draws[:, high] - draws[:, low])
    return out


def _read_rows(
    model: MixedModel, newdata: Any, which: str
) -> tuple[NewRows, dict[int, Fresh]]:
    """Read the rows that are asked for, and their new levels."""
    design = model.design
    selection = design.match_re_form("none" if which == "fixed" else "all")
    if newdata is None:
        design.require_rows("predict_interval() without new data")
        return training_rows(design, selection), {}
    terms = tuple(term for term, _ in selection)
    rows = design.rows(newdata, terms, allow_new_levels=True)
    fresh = {}
    for f, codes in enumerate(rows.codes):
        if codes is None or not np.any(codes < 0):
            continue
        new = codes < 0
        found = level_texts(design.groupings[f], newdata, new)
        texts, places = np.unique(found, return_inverse=True)
        where = np.full(len(codes), -1)
        where[new] = places
        fresh[f] = Fresh(texts.tolist(), where)
    return rows, fresh


def _table(ends: Array, labels: list[str], index: pd.Index, which: str) -> pd.DataFrame:
    """Arrange the ends (labels, r, 3) in a frame."""
    frames = []
    for label, own in zip(labels, ends, strict=True):
        frame = pd.DataFrame(own, index=index, columns=["fit", "upr", "lwr"])
        if which == "all":
            frame.insert(0, "effect", label)
        frames.append(frame)
    return pd.concat(frames) if len(frames) > 1 else frames[0]


def _notes(model: MixedModel, fresh: dict[int, Fresh], new_levels: str) -> list[str]:
    """Say which levels were new, and what was made of them."""
    made = "was drawn" if new_levels == "draw" else "is taken as 0"
    return [
        f"{model.design.groupings[f].name} has levels that were not in the fit: "
        f"{listing(new.texts, 10)}; their effect {made}"
        for f, new in fresh.items()
    ]


def _check_words(which: Any, method: Any, new_levels: Any) -> None:
    """Refuse words that none of the three arguments knows."""
    asked = {
        "which": (which, WHICH),
        "method": (method, ("joint", "independent")),
        "new_levels": (new_levels, ("zero", "draw")),
    }
    for name, (given, words) in asked.items():
        if not isinstance(given, str) or given not in words:
            known = ", ".join(map(repr, words[:-1]))
            raise InferenceError(
                f"{name} is {brief(given)}; it must be {known} or {words[-1]!r}."
            )
