"""What pictures draw: columns of the user's data, rows of the tables of `extract`.

Layer: below the pictures; draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mmcourse.errors import (
    MAX_LISTED,
    DesignError,
    InferenceError,
    did_you_mean,
    listing,
)
from mmcourse.extract import extract_random_effects
from mmcourse.model import MixedModel

# What a picture needs of the table of `extract_random_effects`.
EFFECTS = ("group_var", "effect", "group", "value")


def effects_table(model: MixedModel | pd.DataFrame, ci_level: float) -> pd.DataFrame:
    """Random effects in long format, of a fit or as they are given."""
    if isinstance(model, MixedModel):
        return extract_random_effects(model, None, ci_level)
    return check_table(model, EFFECTS, "extract_random_effects")


def check_table(table: Any, columns: tuple[str, ...], maker: str) -> pd.DataFrame:
    """Return a table of the kind that `maker` makes; refuse what is none."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"the model is of type {type(table).__name__}; it must be a fit that lmer "
            f"returned, or the table of {maker}."
        )
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise InferenceError(
            f"the table has no column {lacking[0]!r}; make it with {maker}(model)."
        )
    return table


def one_effect(table: pd.DataFrame, re: str | None, effect: str | None) -> pd.DataFrame:
    """Rows of one effect of one grouping factor."""
    pairs = list(dict.fromkeys(zip(table["group_var"], table["effect"], strict=True)))
    chosen = [(g, e) for g, e in pairs if re in (None, g) and effect in (None, e)]
    if len(chosen) != 1:
        known = " or ".join(f"re={g!r}, effect={e!r}" for g, e in pairs[:MAX_LISTED])
        found = "there are several effects" if chosen else "there is no such effect"
        raise InferenceError(f"{found}; choose {known}.")
    group, name = chosen[0]
    return table[(table["group_var"] == group) & (table["effect"] == name)].copy()


def limits(table: pd.DataFrame) -> tuple[str, str]:
    """Names of the columns with the limits."""
    lower = [c for c in table.columns if str(c).startswith("lower_")]
    upper = [c for c in table.columns if str(c).startswith("upper_")]
    if not lower or not upper:
        raise InferenceError(
            "the table has no limits; make it with ci_level above 0, for example 0.95."
        )
    return lower[0], upper[0]


def check_columns(data: Any, names: Sequence[str]) -> None:
    """Refuse what is no data frame, and names that it has no column of."""
    if not isinstance(data, pd.DataFrame):
        raise TypeError(
            f"the data is of type {type(data).__name__}; a picture needs a pandas "
            "data frame. Make one with pandas.DataFrame(...)."
        )
    for name in names:
        if name not in data.columns:
            raise DesignError(
                f"{name!r} is not a column of the data. "
                f"{did_you_mean(name, data.columns)}Columns: {listing(data.columns)}."
            )


def check_numbers(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse columns that a regression line can't be computed from."""
    for name in names:
        if not pd.api.types.is_numeric_dtype(data[name]):
            raise DesignError(
                f"{name!r} holds no numbers ({data[name].dtype}), which the overall "
                "regression line needs. Draw without the line, with trend=False."
            )
