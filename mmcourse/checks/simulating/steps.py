"""Checks of assignment 22, exercises 3 and 4: what changes when the truth does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from mmcourse.checks.choices import check_choice
from mmcourse.checks.densities import check_density
from mmcourse.checks.findings import RIGHT, Finding, blank, worth
from mmcourse.checks.mistakes import Mistake, value_is
from mmcourse.checks.numbers import check_number, to_number
from mmcourse.checks.simulating.drawn_rows import INTERCEPT, Setting
from mmcourse.checks.simulating.studies import (
    BASE,
    FEWER,
    LONGER,
    check_study,
    effects_of,
    share,
    study,
    widths,
)
from mmcourse.checks.tables import check_table
from mmcourse.checks.values import check_values
from mmcourse.checks.wrong_numbers import (
    percent_for_share,
    ratio_for_share,
    rest_for_share,
    sds_for_share,
)
from mmcourse.model import MixedModel

LIMITS = (-3.0, 3.0)
N_MANY = 40

# R, seeds 1 to 40, 50 groups of 3 rows: how wide the interval of the intercept is on
# average. Its standard error over so many seeds is 1.3 %.
MEAN_WIDTH, NEAR = 0.287, 0.06


@worth(3)
def as_it_is(icc_0: Any, effects: Any, ax_0: Any, fit: Any) -> list[Finding]:
    """Step 3.0: the intraclass correlation and the density of the effects."""
    model = study(fit, BASE)
    icc = _check_share("icc_0", icc_0, share(model), [_true_for_fitted(BASE.icc)])
    return [icc, _check_effects(effects, model), _check_curve("ax_0", ax_0, model)]


def _true_for_fitted(icc: float) -> Mistake:
    return value_is(
        icc,
        "This is the share that the sds of the simulation make. The one asked for is "
        "what the model estimates.",
    )


def _check_share(
    name: str, answer: Any, expected: float, others: Sequence[Mistake]
) -> Finding:
    """Compare an intraclass correlation with the right one."""
    wrong = percent_for_share, rest_for_share, ratio_for_share, sds_for_share
    mistakes = [*others, *(make(expected) for make in wrong)]
    return check_number(name, answer, expected, mistakes=mistakes)


def _check_effects(effects: Any, model: MixedModel) -> Finding:
    """Compare a column of random effects with the right one."""
    if isinstance(effects, dict | pd.DataFrame):
        return Finding(
            f"`effects` is a {type(effects).__name__}: a whole table, and a density "
            "wants its numbers. Take the column out of it.",
            0.5,
        )
    right = effects_of(model).to_numpy()
    coefficients = Mistake(
        "These are the intercepts of the groups. Their effects are the distances from "
        "the common one.",
        lambda got, want: np.allclose(got, want + model.fixef["Intercept"], atol=1e-3),
    )
    return check_values("effects", effects, right, rtol=2e-3, mistakes=[coefficients])


def _check_curve(name: str, ax: Any, model: MixedModel) -> Finding:
    """Look at a density of random effects."""
    effects, request = effects_of(model), cast(Any, model.request)
    mistakes = {
        "The curve is the density of the groups' intercepts. Their effects are the "
        "distances from the common one.": effects + model.fixef["Intercept"],
        "The curve is the density of `y`. The effects of the groups are asked for.": (
            request.data["y"]
        ),
        "The curve is the density of residuals, not of effects.": model.residuals,
    }
    return check_density(name, ax, effects, LIMITS, mistakes)


@worth(4)
def other_spreads(
    sd_u_1: Any, sd_e_1: Any, true_icc_1: Any, fit_1: Any, icc_1: Any, ax_1: Any
) -> list[Finding]:
    """Step 3.1: other sds, chosen by the learner."""
    sds = to_number(sd_u_1), to_number(sd_e_1)
    problem = _check_choice_of_sds(*sds)
    if problem:
        return [problem]
    setting = Setting(sd_u=float(sds[0] or 0), sd_e=float(sds[1] or 0))
    model = study(fit_1, setting)
    estimate = value_is(
        share(model),
        "This is what the model estimates; the truth comes from the sds you chose.",
    )
    old = value_is(BASE.icc, "This is the share of step 3.0, before the change.")
    true = _check_share("true_icc_1", true_icc_1, setting.icc, [estimate, old])
    others = [_true_for_fitted(setting.icc), old]
    return [
        true,
        check_study("fit_1", fit_1, setting),
        _check_share("icc_1", icc_1, share(model), others),
        _check_curve("ax_1", ax_1, model),
    ]


def _check_choice_of_sds(sd_u: float | None, sd_e: float | None) -> Finding | None:
    """Say what is wrong with the chosen sds."""
    if sd_u is None or sd_e is None:
        name = "sd_u_1" if sd_u is None else "sd_e_1"
        return Finding(f"`{name}` is not answered yet.")
    if not (sd_u > 0 and sd_e > 0):
        return Finding("`sd_u_1` and `sd_e_1` are to be above 0.")
    if (sd_u, sd_e) == (BASE.sd_u, BASE.sd_e):
        return Finding("These are the sds of step 3.0: change at least one of them.")
    return None


@worth(3)
def fewer_groups(fit_2: Any, widths_2: Any, fit: Any) -> list[Finding]:
    """Step 3.2: half of the groups."""
    return _compared(2, fit_2, widths_2, "fewer_groups", FEWER, fit)


@worth(3)
def longer_groups(fit_3: Any, widths_3: Any, fit: Any) -> list[Finding]:
    """Step 3.3: more rows in each group."""
    return _compared(3, fit_3, widths_3, "more_rows", LONGER, fit)


def _compared(
    step: int, answer: Any, table: Any, column: str, setting: Setting, fit: Any
) -> list[Finding]:
    """Look at a changed study, and at its intervals beside those of step 3.0."""
    changed = check_study(f"fit_{step}", answer, setting)
    if "sd of about" in changed.hint:
        hint = f"{changed.hint} Were the sds set back after step 3.1?"
        changed = Finding(hint, changed.credit)
    pair = {"base": study(fit, BASE), column: study(answer, setting)}
    compared = _check_widths(f"widths_{step}", table, pair)
    return [changed, changed, compared]


def _check_widths(name: str, table: Any, pair: dict[str, MixedModel]) -> Finding:
    """Compare the widths of the intervals of two studies."""
    base, other = pair
    ml = _width_table(pair, "ml")
    found = check_table(name, table, ml)
    if found == RIGHT or not isinstance(table, pd.DataFrame):
        return found  # the rest takes its time
    mistakes = {
        "These are halves of the intervals: a width goes from end to end.": ml / 2,
        "The widths are negative: which end is taken from which?": -ml,
        "The columns have changed places.": ml.set_axis([other, base], axis=1),
        "These are the upper ends of the intervals, not their widths.": _ends(pair),
        "Both columns hold the same study.": ml.assign(**{other: ml[base]}),
    }
    return check_table(name, table, ml, _width_table(pair, "reml"), mistakes=mistakes)


def _width_table(pair: dict[str, MixedModel], criterion: str) -> pd.DataFrame:
    return pd.DataFrame({name: widths(m, criterion) for name, m in pair.items()})


def _ends(pair: dict[str, MixedModel]) -> pd.DataFrame:
    return pd.DataFrame({name: m.confint()["upper"] for name, m in pair.items()})


@worth(3)
def many_seeds(many: Any, biased: Any) -> list[Finding]:
    """Exercise 4: the intercept of step 3.2 for many seeds."""
    repeated = _check_many(many)
    away = check_choice(
        "biased",
        biased,
        False,
        "biased is what is off on average over all studies, not in one of them. Where "
        "is the average of the estimates?",
    )
    return [repeated, repeated, away]


def _check_many(many: Any) -> Finding:
    """Look at the intervals of the intercept, a row a seed."""
    missing = blank("many", many)
    if missing:
        return missing
    if not isinstance(many, pd.DataFrame) or not {"lower", "upper"} <= {*many.columns}:
        return Finding("`many` is to be a DataFrame with columns lower and upper.")
    lower, upper = (many[end].to_numpy(dtype=float) for end in ("lower", "upper"))
    if len(many) != N_MANY:
        return Finding(
            f"`many` has {len(many)} rows; a row for each seed is asked for."
        )
    if len(np.unique(lower.round(9))) < N_MANY:
        text = "Rows of `many` are alike: does the seed go into the simulation?"
        return Finding(text)
    middle, mean = np.mean((lower + upper) / 2), np.mean(upper - lower)
    if abs(middle - INTERCEPT) > MEAN_WIDTH / 4:
        text = f"The intervals lie around {middle:.2f}: are they of the intercept?"
        return Finding(text)
    if abs(mean / MEAN_WIDTH - 1) > NEAR:
        return Finding(
            f"The intervals are {mean:.3f} wide on average, which does not fit the "
            "study of step 3.2. Were sizes and sds set back, and is the level 95 %?"
        )
    return RIGHT
