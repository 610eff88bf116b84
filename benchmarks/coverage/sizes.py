"""p-values of coefficients that are truly zero, by every test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import mmcourse as mm

Array = NDArray[np.float64]

ALPHA = 0.05
TESTS = {
    "wald": "Wald z",
    "satterthwaite": "Satterthwaite",
    "kenward_roger": "Kenward-Roger",
    "likelihood_ratio": "likelihood ratio",
}


def all_p_values(
    model: mm.MixedModel, smaller: dict[str, mm.MixedModel], y: Array
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return test -> coefficient -> p, and what went wrong.

    Parameters
    ----------
    model : MixedModel
        The larger model, fitted to y by REML.
    smaller : dict of coefficient -> MixedModel
        The model without it, fitted by ML to any response.
    """
    out: dict[str, dict[str, float]] = {}
    problems = []
    for test in TESTS:
        try:
            if test == "likelihood_ratio":
                out[test] = _likelihood_ratio(model, smaller, y)
                continue
            table = mm.extract_fixed_effects(model, p_value=test)
            p = table.set_index("term")["p_value"]
            out[test] = {name: float(p[name]) for name in smaller}
        except mm.MMCourseError as error:
            problems.append(f"{test}: {type(error).__name__}")
            out[test] = {}
    return out, problems


def _likelihood_ratio(
    model: mm.MixedModel, smaller: dict[str, mm.MixedModel], y: Array
) -> dict[str, float]:
    """p-values of chi-squared with one degree of freedom, from ML fits."""
    whole = model.refit_ml()
    out = {}
    for name, template in smaller.items():
        table = mm.anova(template.refit(y), whole)
        out[name] = float(table["p_value"].iloc[1])
    return out
