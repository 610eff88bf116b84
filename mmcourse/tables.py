"""Tidy tables of a fit: the random effects, coefficients and variance components.

Layer: arrays in, pandas out; no rounding, no printing. A frame shares no memory with
the fit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design import Design
from mmcourse.fit import Fit
from mmcourse.posterior import Posterior

Array = NDArray[np.float64]


def group_tables(design: Design, per_term: list[Array]) -> dict[str, pd.DataFrame]:
    """One frame per grouping factor, levels x effects, from (m, c) arrays per term.

    Columns of several terms on one group stand side by side.
    """
    out: dict[str, pd.DataFrame] = {}
    for term, values in zip(design.terms, per_term, strict=True):
        levels = design.groupings[term.grouping].levels.rename(term.group)
        frame = pd.DataFrame(values.copy(), index=levels, columns=list(term.names))
        old = out.get(term.group)
        out[term.group] = frame if old is None else pd.concat([old, frame], axis=1)
    return out


def random_effects(design: Design, posterior: Posterior) -> dict[str, pd.DataFrame]:
    """Conditional modes, levels x effects, units of y per column."""
    return group_tables(design, posterior.modes)


def random_effect_sds(design: Design, posterior: Posterior) -> dict[str, pd.DataFrame]:
    """Conditional standard deviations, shaped as `random_effects`."""
    return group_tables(design, _per_term_sd(design, posterior.conditional))


def _per_term_sd(design: Design, covariances: list[Array]) -> list[Array]:
    """Square roots of the diagonals, cut into terms: (m, c) each."""
    position = [0] * len(design.groupings)
    out = []
    for term in design.terms:
        f, c = term.grouping, len(term.names)
        diagonal = np.einsum("mii->mi", covariances[f])
        cut = diagonal[:, position[f] : position[f] + c]
        out.append(np.sqrt(np.maximum(cut, 0.0)))
        position[f] += c
    return out


def coefficients(
    design: Design, fixef: pd.Series, posterior: Posterior
) -> dict[str, pd.DataFrame]:
    """Add fixed and random effects; effects without a fixed partner stand alone."""
    return {
        group: _add_fixed(frame, fixef)
        for group, frame in random_effects(design, posterior).items()
    }


def _add_fixed(random: pd.DataFrame, fixef: pd.Series) -> pd.DataFrame:
    """One group's coefficients: the fixed effects first, then what only varies."""
    summed = random.T.groupby(level=0, sort=False).sum().T
    only_random = [name for name in summed.columns if name not in fixef.index]
    out = pd.DataFrame(index=random.index)
    for name in fixef.index:
        extra = summed[name] if name in summed.columns else 0.0
        out[name] = fixef[name] + extra
    for name in only_random:
        out[name] = summed[name]
    return out.astype(float)


def coefficient_sds(
    design: Design, fit: Fit, fixed_names: list[str], posterior: Posterior
) -> dict[str, pd.DataFrame]:
    """Take sds of `coefficients` from the joint covariance of (beta, b)."""
    fixed_variance = pd.Series(np.diag(fit.vcov_beta), index=fixed_names)
    out = {}
    for f, grouping in enumerate(design.groupings):
        names = [n for t in design.terms if t.grouping == f for n in t.names]
        if not names:
            continue
        blocks, cross = posterior.joint[f], posterior.with_fixed[f]
        frame = pd.DataFrame(index=grouping.levels.rename(grouping.name))
        for name in [*fixed_names, *dict.fromkeys(names)]:
            if name in frame.columns:
                continue
            at = [j for j, n in enumerate(names) if n == name]
            variance = blocks[:, at][:, :, at].sum(axis=(1, 2))
            if name in fixed_variance.index:
                i = fixed_names.index(name)
                variance = variance + fixed_variance[name]
                variance = variance + 2 * cross[:, at, i].sum(axis=1)
            frame[name] = np.sqrt(np.maximum(variance, 0.0))
        out[grouping.name] = frame.astype(float)
    return out


def variance_components(design: Design, fit: Fit) -> pd.DataFrame:
    """Variances and covariances in long form, lme4's `as.data.frame(VarCorr(.))`.

    Columns group, effect_1, effect_2 (missing for a variance), variance (or
    covariance, squared units of y) and sd (or correlation); last row the residual.
    """
    rows: list[tuple[str, str | None, str | None, float, float]] = []
    for term, relative in zip(design.terms, fit.relative_covariances(), strict=True):
        cov = fit.sigma**2 * relative
        sd = np.sqrt(np.diag(cov))
        for j, name in enumerate(term.names):
            rows.append((term.group, name, None, float(cov[j, j]), float(sd[j])))
        for j in range(len(sd)):
            for i in range(j + 1, len(sd)):
                both = sd[i] * sd[j]
                corr = float(cov[i, j] / both) if both > 0 else float("nan")
                name_1, name_2 = term.names[j], term.names[i]
                rows.append((term.group, name_1, name_2, float(cov[i, j]), corr))
    rows.append(("Residual", None, None, fit.sigma**2, fit.sigma))
    columns = ["group", "effect_1", "effect_2", "variance", "sd"]
    out = pd.DataFrame(rows, columns=columns)
    # Without a covariance nothing in the column says that it is one of names.
    return out.astype({"effect_2": out["group"].dtype})
