"""Looking at a fit: leverage, influence of rows and of whole groups.

Layer: functions of a `MixedModel`. Hat values and Cook's distances take the variances
as known, as in lme4; `influence` leaves groups out and fits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.arrays import as_arrays
from mmcourse.design.grouping import Grouping
from mmcourse.errors import DesignError, InferenceError, brief, listing, shown
from mmcourse.extract.arguments import check, chosen
from mmcourse.fit import Fit, fit_model
from mmcourse.inference.bootstrap import fit_values
from mmcourse.inference.names import parameters
from mmcourse.model import MixedModel
from mmcourse.predict import training_rows
from mmcourse.prepare import ModelArrays, TermArrays

Array = NDArray[np.float64]


def hat_values(model: MixedModel) -> pd.Series:
    """Return the leverage of each row: d fitted / d observed, random effects included.

    Parameters
    ----------
    model : MixedModel

    Returns
    -------
    Series (n,), on the index of the rows used; between 0 and 1, sum is the effective
    number of parameters given the variances.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> hat_values(model).head(3).round(4).tolist()
    [0.1075, 0.1021, 0.0981]
    """
    check(model, "hat_values", 0)
    return pd.Series(_hat(model), index=model.fitted.index, name="hat")


def _hat(model: MixedModel) -> Array:
    """Diagonal of the hat matrix, (n,)."""
    design = model.design
    design.require_rows("hat values")
    everything = tuple(
        (i, tuple(range(term.columns.shape[1]))) for i, term in enumerate(design.terms)
    )
    rows = training_rows(design, everything)
    variance = model._posterior.prediction_variance(
        rows.X, list(rows.columns), list(rows.codes)
    )
    weights = 1.0 if design.weights is None else design.weights
    return variance * weights / model.sigma**2


def cooks_distance(model: MixedModel) -> pd.Series:
    """Return Cook's distance of each row, at the estimated variances.

    Returns
    -------
    Series (n,), no unit: how far the fixed effects would move without the row, in
    units of their joint uncertainty (lme4's definition, with the hat values of fixed
    and random effects together).

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> cooks_distance(model).head(3).round(4).tolist()
    [0.1276, 0.1273, 0.2437]
    """
    check(model, "cooks_distance", 0)
    hat = _hat(model)
    scaled = _scaled_residuals(model) / (1 - hat)
    values = scaled**2 * hat / len(model.fit.beta)
    return pd.Series(values, index=model.fitted.index, name="cooks_distance")


def _scaled_residuals(model: MixedModel) -> Array:
    """Residuals times the root of their weight over sigma, (n,), no unit."""
    weights = 1.0 if model.design.weights is None else model.design.weights
    return model.residuals.to_numpy() * np.sqrt(weights) / model.sigma


def augment(model: MixedModel, data: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what the fit says of each row.

    Parameters
    ----------
    model : MixedModel
    data : DataFrame, optional
        The data of the fit; its columns come first. Rows are matched by their index,
        which must be unique.

    Returns
    -------
    DataFrame, a row per row used
        ============== ================================================
        fitted         with the random effects; units of the response
        fixed          without them
        residual       observed - fitted
        standardized   residual * sqrt(w) / (sigma sqrt(1 - hat))
        hat            leverage
        cooks_distance no unit
        ============== ================================================

    Raises
    ------
    DesignError
        If the rows of the data can't be matched.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> augment(model)["standardized"].head(2).round(4).tolist()
    [-1.456, -1.4966]
    """
    check(model, "augment", 0)
    hat = _hat(model)
    out = pd.DataFrame(
        {
            "fitted": model.fitted,
            "fixed": model.predict(re_form="none"),
            "residual": model.residuals,
            "standardized": _scaled_residuals(model) / np.sqrt(1 - hat),
            "hat": hat,
            "cooks_distance": cooks_distance(model).to_numpy(),
        },
        index=model.fitted.index,
    )
    return out if data is None else _joined(data, out)


def _joined(data: Any, out: pd.DataFrame) -> pd.DataFrame:
    """Put the user's columns before ours."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(
            f"data is of type {type(data).__name__}; augment takes the pandas frame of "
            "the fit."
        )
    twice = [name for name in out.columns if name in data.columns]
    if twice:
        raise DesignError(
            f"the data has columns {listing(twice)}, which augment adds. Rename them, "
            "or call augment(model) and join as you like."
        )
    if not (data.index.is_unique and out.index.isin(data.index).all()):
        raise DesignError(
            "the rows of the data can't be matched with those of the fit by their "
            "index.\n  Pass the frame that was fitted, with an index of unique labels."
        )
    return data.loc[out.index].join(out)


@dataclass(frozen=True, eq=False)
class Influence:
    """Estimates without one group at a time.

    Attributes
    ----------
    group : str
    fixef : DataFrame, a row per group left out
        Fixed effects; NaN where one can't be estimated without the group.
    variances : DataFrame
        sds, correlations and sigma, named as in `confint`.
    dfbetas : DataFrame
        (all - without) / standard error without.
    cooks_distance : Series
        (all - without)' vcov^-1 (all - without) / p.
    failures : dict of group -> why its estimates are not the best ones
    """

    group: str
    fixef: pd.DataFrame
    variances: pd.DataFrame
    dfbetas: pd.DataFrame
    cooks_distance: pd.Series
    failures: dict[Any, str]

    def __repr__(self) -> str:
        """Name the most influential groups."""
        most = self.cooks_distance.sort_values(ascending=False).head(3)
        found = ", ".join(f"{shown(g)} ({d:.3g})" for g, d in most.items())
        return (
            f"Influence of {len(self.fixef)} groups of {self.group!r}; largest Cook's "
            f"distances: {found}"
        )


def influence(
    model: MixedModel, group: str | None = None, levels: Sequence[Any] | None = None
) -> Influence:
    """Leave out one group at a time and fit again.

    Parameters
    ----------
    model : MixedModel
    group : str, optional
        Grouping factor; needed where there are several.
    levels : sequence, optional
        Some of its levels; all when not given.

    Returns
    -------
    Influence

    Raises
    ------
    InferenceError
        If there is no such factor or level, or the factor has two levels only.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> found = influence(model, levels=[308, 309])
    >>> found.fixef["Days"].round(2).to_dict()
    {308: 9.8, 309: 10.95}
    """
    check(model, "influence", 0)
    grouping = _grouping(model, group)
    places = _places(grouping, levels)
    model.design.require_rows("influence")
    rows = as_arrays(model.design)
    fits: dict[Any, Fit] = {}
    failures: dict[Any, str] = {}
    for place in places:
        label = grouping.levels[place]
        found = fit_model(
            _without(rows, grouping.codes != place), model.reml, model.theta
        )
        if found.status in ("stalled", "max_evaluations"):
            failures[label] = f"the refit ended as {found.status!r}"
        fits[label] = found
    return _summarize(model, grouping.name, fits, failures)


def _grouping(model: MixedModel, group: str | None) -> Grouping:
    """Find the grouping factor that is asked for."""
    names = chosen(model, group)
    if len(names) > 1:
        raise InferenceError(
            f"the model has several grouping factors; choose one with group=: "
            f"{listing(names)}."
        )
    found = next(g for g in model.design.groupings if g.name == names[0])
    if len(found.levels) < 3:
        raise InferenceError(
            f"{found.name!r} has two levels; without one of them its variance can't be "
            "estimated."
        )
    return found


def _places(grouping: Grouping, levels: Sequence[Any] | None) -> list[int]:
    """Positions of the levels to leave out."""
    if levels is None:
        return list(range(len(grouping.levels)))
    asked = [levels] if np.isscalar(levels) else list(levels)
    unknown = [level for level in asked if level not in grouping.levels]
    if unknown:
        raise InferenceError(
            f"levels names {brief(unknown[0])}, which is no level of "
            f"{grouping.name!r}. Levels: {listing(map(shown, grouping.levels), 5)}."
        )
    return grouping.levels.get_indexer(pd.Index(asked)).tolist()


def _without(rows: ModelArrays, keep: NDArray[np.bool_]) -> ModelArrays:
    """Keep some rows, with the levels that occur in them."""
    codes, sizes = [], []
    for own in rows.codes:
        used, compressed = np.unique(own[keep], return_inverse=True)
        codes.append(compressed.astype(np.intp))
        sizes.append(len(used))
    return ModelArrays(
        y=rows.y[keep],
        X=rows.X[keep],
        codes=tuple(codes),
        n_levels=tuple(sizes),
        terms=tuple(TermArrays(t.factor, t.columns[keep]) for t in rows.terms),
        weights=None if rows.weights is None else rows.weights[keep],
    )


def _summarize(
    model: MixedModel, group: str, fits: dict[Any, Fit], failures: dict[Any, str]
) -> Influence:
    """Tables of the estimates, and distances from those of all rows."""
    names = model.fixed_names
    index = pd.Index(list(fits), name=group)
    beta = np.full((len(fits), len(names)), np.nan)
    se = np.full_like(beta, np.nan)
    places = {column: i for i, column in enumerate(model.fit.kept)}
    for i, fit in enumerate(fits.values()):
        if set(fit.kept) <= set(places):
            at = [places[column] for column in fit.kept]
            beta[i, at], se[i, at] = fit.beta, np.sqrt(np.diag(fit.vcov_beta))
    moved = model.fit.beta - beta
    precision = np.linalg.pinv(model.fit.vcov_beta, hermitian=True)
    distance = np.einsum("ij,jk,ik->i", moved, precision, moved) / len(names)
    terms = [(t.group, t.names) for t in model.design.terms]
    named = parameters(terms, ())
    variances = pd.DataFrame(
        [fit_values(fit, named) for fit in fits.values()],
        index=index,
        columns=[p.name for p in named],
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        dfbetas = pd.DataFrame(moved / se, index=index, columns=names)
    return Influence(
        group,
        pd.DataFrame(beta, index=index, columns=names),
        variances,
        dfbetas,
        pd.Series(distance, index=index, name="cooks_distance"),
        failures,
    )
