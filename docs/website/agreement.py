"""How right: the largest differences from lme4's stored results, measured anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

import mmcourse as mm
from benchmarks.wording import table
from tests import tolerances
from tests.reference.models import fitted, ids, numbers, reference

# What is compared, in which units, and what the tests allow.
QUANTITIES = {
    "criterion at the optimum": ("relative", tolerances.CRITERION),
    "fixed effects": ("of their standard errors", tolerances.FIXEF_PER_SE),
    "standard errors": ("relative", tolerances.SE),
    "theta, the sds of random effects": ("residual sd", tolerances.THETA),
    "residual sd": ("relative", tolerances.SIGMA),
}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def agreement(root: Path) -> str:
    """Return a row for each quantity: how far we are from lme4, and may be."""
    rows = [
        [what, power(most), power(allowed), unit]
        for most, (what, (unit, allowed)) in zip(
            largest(), QUANTITIES.items(), strict=True
        )
    ]
    columns = ["quantity", "largest difference", "the tests allow", "unit"]
    source = (root / "tests" / "reference" / "README.md").read_text(encoding="utf-8")
    versions = re.search(r"R ([\d.]+): lme4 ([\d.-]+)", source)
    return (
        f"{table(columns, rows)}\n\nOver {len(ids())} models, each fitted when this "
        f"page was built and compared with lme4 {versions[2]} in R {versions[1]}."
    )


def power(value: float) -> str:
    """Show a small number by its size.

    Examples
    --------
    >>> power(3.2e-9)
    '3×10⁻⁹'
    """
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}×10{str(int(exponent)).translate(RAISED)}"


def largest() -> list[float]:
    """Return the largest difference of each quantity over all reference models."""
    found = [differences(fitted(name), reference(name)) for name in ids()]
    return np.max(found, axis=0).tolist()


def differences(model: mm.MixedModel, ref: dict[str, Any]) -> list[float]:
    """Return how far a fit is from its reference, in the order of `QUANTITIES`."""
    criterion = ref["criteria"]["REMLcrit" if ref["REML"] else "deviance"]
    estimate, se = (numbers(ref["fixef"][part]) for part in ("estimate", "se"))
    theta = numbers(ref["theta"]["values"])
    return [
        abs(model.criterion / criterion - 1),
        float(np.max(np.abs(model.fixef.to_numpy() - estimate) / se)),
        float(np.max(np.abs(model.std_error.to_numpy() / se - 1))),
        float(np.max(np.abs(model.theta - theta))),
        abs(model.sigma / ref["sigma"] - 1),
    ]
