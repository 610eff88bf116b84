"""What the `extract_*` functions share: checks of arguments, intervals, `attrs`."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import pandas as pd

from mmcourse.distributions import two_sided_t_quantile
from mmcourse.errors import (
    InferenceError,
    brief,
    did_you_mean,
    listing,
    percent_hint,
)
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.normal import two_sided_z


def check(model: Any, name: str, ci_level: Any) -> None:
    """Refuse what is no model, and a level that is none."""
    check_model(model, name)
    if isinstance(ci_level, bool) or not isinstance(ci_level, Real):
        raise TypeError(
            f"ci_level is {brief(ci_level)}; it must be a number, for example 0.95, or "
            "0 for no interval."
        )
    if not 0 <= float(ci_level) < 1:
        raise InferenceError(
            f"ci_level is {ci_level}; it must lie between 0 and 1, for example 0.95, "
            f"or be 0 for no interval."
            f"{percent_hint(float(ci_level))}"
        )


def check_word(given: Any, name: str, words: Sequence[str], said: str) -> None:
    """Refuse what is none of an argument's words; `said` lists them."""
    # An array compared with a word gives an array, not an answer.
    if not isinstance(given, str) or given not in words:
        raise InferenceError(f"{name} is {brief(given)}; {said}.")


def attrs(model: MixedModel, method: str, ci_level: float) -> dict[str, Any]:
    """Say how a table was made; `response` is what the values are in units of."""
    return {
        "method": method if ci_level else None,
        "level": float(ci_level),
        "fit": "reml" if model.reml else "ml",
        "response": model.design.response_name,
    }


def percents(ci_level: float) -> tuple[str, str]:
    """Return both ends in percent, as columns are named: 2.5 and 97.5."""
    tail = 50 * (1 - ci_level)
    return f"{tail:.8g}", f"{100 - tail:.8g}"


def with_interval(table: pd.DataFrame, ci_level: float, df: Any = None) -> pd.DataFrame:
    """Add value -+ z se at the right, or t se given df; nothing for a level of 0."""
    if not ci_level:
        return table
    low, high = percents(ci_level)
    times = two_sided_z(ci_level) if df is None else two_sided_t_quantile(ci_level, df)
    half = times * table["se"]
    ends = {
        f"lower_{low}": table["value"] - half,
        f"upper_{high}": table["value"] + half,
    }
    return table.assign(**ends)


def chosen(model: MixedModel, re: str | None) -> list[str]:
    """Return the grouping factors that are asked for."""
    known = list(model.n_groups)
    if re is None:
        return known
    if not isinstance(re, str) or re not in known:
        hint = did_you_mean(re, known) if isinstance(re, str) else ""
        raise InferenceError(
            f"re is {brief(re)}, which is no grouping factor of the model. {hint}"
            f"Grouping factors: {listing(known)}."
        )
    return [re]
