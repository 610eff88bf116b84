"""The influence of whole groups: leave one out, and fit again.

Layer: functions of a `MixedModel`.
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
from mmcourse.errors import InferenceError, brief, listing, shown
from mmcourse.extract.arguments import chosen
from mmcourse.fit import Fit, fit_model
from mmcourse.inference.bootstrap import fit_values
from mmcourse.inference.names import parameters
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.prepare import ModelArrays, TermArrays


@dataclass(frozen=True, eq=False)
class Influence:
    """Estimates without one group at a time.

    Attributes
    ----------
    group : str
        The grouping factor.
    fixef : DataFrame
        Fixed effects, a row per group left out; NaN where one can't be estimated
        without the group.
    variances : DataFrame
        Sds, correlations and sigma, named as in `MixedModel.confint`.
    dfbetas : DataFrame
        (all - without) / standard error without; no unit.
    cooks_distance : Series
        (all - without)' vcov^-1 (all - without) / p; no unit.
    failures : dict of label to str
        Groups whose estimates are not the best ones, and why.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> found = mm.influence(model, levels=[308, 309, 310])
    >>> found.fixef.shape, found.cooks_distance.index.tolist()
    ((3, 2), [308, 309, 310])
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
        A fitted model.
    group : str, optional
        Grouping factor; needed where there are several.
    levels : sequence, optional
        Some of its levels; all when not given.

    Returns
    -------
    Influence
        Estimates without each group: `.fixef`, `.variances`, `.dfbetas`,
        `.cooks_distance`.

    Raises
    ------
    InferenceError
        If there is no such factor or level, or the factor has two levels only.

    Notes
    -----
    As lme4's ``influence(model, groups = ...)``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> found = mm.influence(model, levels=[308, 309])
    >>> found.fixef["Days"].round(2).to_dict()
    {308: 9.8, 309: 10.95}
    """
    check_model(model, "influence")
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
