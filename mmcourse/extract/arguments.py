"""What the `extract_*` functions share: checks of arguments, intervals, `attrs`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mmcourse.errors import InferenceError, did_you_mean, listing
from mmcourse.model import MixedModel
from mmcourse.normal import two_sided_z


def check(model: Any, name: str, ci_level: float) -> None:
    """Refuse what is no model, and a level that is none."""
    if not isinstance(model, MixedModel):
        raise TypeError(
            f"{name} takes a model that lmer returned, not {type(model).__name__}."
        )
    if isinstance(ci_level, bool) or not isinstance(ci_level, float | int):
        raise TypeError(
            f"ci_level is {ci_level!r}; it must be a number, for example 0.95, or 0 "
            "for no interval."
        )
    if not 0 <= ci_level < 1:
        percent = f" Did you mean {ci_level / 100:g}?" if 1 < ci_level < 100 else ""
        raise InferenceError(
            f"ci_level is {ci_level}; it must lie between 0 and 1, for example 0.95, "
            f"or be 0 for no interval.{percent}"
        )


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


def with_interval(table: pd.DataFrame, ci_level: float) -> pd.DataFrame:
    """Add value -+ z se at the right; nothing for a level of 0."""
    if not ci_level:
        return table
    low, high = percents(ci_level)
    half = two_sided_z(ci_level) * table["se"]
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
    if re not in known:
        hint = did_you_mean(re, known) if isinstance(re, str) else ""
        raise InferenceError(
            f"re is {re!r}, which is no grouping factor of the model. {hint}"
            f"Grouping factors: {listing(known)}."
        )
    return [re]
