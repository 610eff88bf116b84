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
    "theta: sds of random effects over the residual's": ("", tolerances.THETA),
    "residual sd": ("relative", tolerances.SIGMA),
}


def agreement(root: Path) -> str:
    """Return a row for each quantity: how far we are from lme4, and may be."""
    names = ids()
    found = np.array([differences(fitted(name), reference(name)) for name in names])
    rows = [
        [what, f"{most:.0e}", f"{allowed:.0e}", unit]
        for most, (what, (unit, allowed)) in zip(
            found.max(axis=0), QUANTITIES.items(), strict=True
        )
    ]
    columns = ["quantity", "largest difference", "the tests allow", "unit"]
    source = (root / "tests" / "reference" / "README.md").read_text(encoding="utf-8")
    versions = re.search(r"R ([\d.]+): lme4 ([\d.-]+)", source)
    return (
        f"{table(columns, rows)}\n\nOver {len(names)} models, each fitted when this page "
        f"was built and compared with what lme4 {versions[2]} gave in R {versions[1]}."
    )


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
