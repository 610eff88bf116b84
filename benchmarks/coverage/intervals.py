"""95 % intervals of one data set, by every method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import mmcourse as mm

LEVEL = 0.95
# (replicates + 1) (1 - LEVEL) / 2 is a whole number, 10: the ends are replicates, and a
# percentile interval of a pivot has its level exactly.
N_BOOT = 399

Ends = dict[str, tuple[float, float]]

METHODS = {
    "wald": "Wald",
    "satterthwaite": "Satterthwaite",
    "kenward_roger": "Kenward-Roger",
    "profile_ml": "ML profile",
    "profile_reml": "REML profile",
    "percentile": "percentile bootstrap",
    "basic": "basic bootstrap",
}


def all_intervals(
    model: mm.MixedModel, rng: np.random.Generator
) -> tuple[dict[str, Ends], list[str]]:
    """Return method -> parameter -> ends, and what went wrong.

    A method that raises has no ends for any parameter: it is counted as failed.
    """
    out: dict[str, Ends] = {}
    problems: list[str] = []
    for names, method in _methods(model, rng, problems).items():
        try:
            found = method()
        except mm.MMCourseError as error:
            problems.append(f"{names[0]}: {type(error).__name__}")
            found = {name: {} for name in names}
        out.update(found)
    return out, problems


def _methods(
    model: mm.MixedModel, rng: np.random.Generator, problems: list[str]
) -> dict[tuple[str, ...], Callable[[], dict[str, Ends]]]:
    """Return the methods, those that share their work together.

    Refits of the bootstrap that failed are added to `problems`.
    """

    def bootstrap() -> dict[str, Ends]:
        boot = mm.boot_mer(model, n_sims=N_BOOT, seed=rng)
        problems.extend(["bootstrap: a refit failed"] * len(boot.failures))
        return {kind: _ends(boot.confint(LEVEL, kind)) for kind in kinds}

    def profile(criterion: str) -> dict[str, Ends]:
        table = model.confint(level=LEVEL, criterion=criterion)
        return {f"profile_{criterion}": _ends(table)}

    def wald() -> dict[str, Ends]:
        return {"wald": _ends(model.confint("beta_", LEVEL, method="wald"))}

    kinds = ("percentile", "basic")
    return {
        ("wald",): wald,
        ("satterthwaite",): lambda: {"satterthwaite": _student(model, "satterthwaite")},
        ("kenward_roger",): lambda: {"kenward_roger": _student(model, "kenward_roger")},
        ("profile_ml",): lambda: profile("ml"),
        ("profile_reml",): lambda: profile("reml"),
        kinds: bootstrap,
    }


def _student(model: mm.MixedModel, ddf: str) -> Ends:
    """Intervals of the fixed effects with Student's t."""
    table = mm.extract_fixed_effects(model, ci_level=LEVEL, p_value=ddf)
    return _ends(table.set_index("term").iloc[:, -2:])


def _ends(table: pd.DataFrame) -> Ends:
    """Lower and upper end of each row."""
    rows = zip(table.index, table.to_numpy(), strict=True)
    return {str(name): (float(low), float(high)) for name, (low, high) in rows}
