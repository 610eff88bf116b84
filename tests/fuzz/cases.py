"""Random formulas and frames, most of them odd."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

COLUMNS = ("y", "x", "z", "f", "g", "h", "w")
RESPONSES = ("y",) * 6 + ("exp(y)", "x", "f", "I(y * 2)")
FIXED = (
    *("1", "0", "x", "z", "f", "x:z", "x*f", "I(x**2)", "poly(x, 2)", "scale(z)"),
    *("C(z)", "log(w)", "f:z", "bs(x, df=4)", "x - 1", "offset(z)", "g", "center(x)"),
)
EFFECTS = ("1", "x", "0 + x", "x + z", "0 + f", "f", "1 + z", "I(x**2)", "x*z")
GROUPS = ("g", "h", "g/h", "g:h", "f", "z", "w")
MARKS = (*list("|()+-*/:~^`'\"[]{}=.,%@!\\;0 19xyg#é\t\n\0"), "||", "**", "np.", "C(")
SIZES = (60, 90, 150, 60, 90, 30, 12, 5, 2, 1, 0)


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """A formula of the grammar; one in five with a few characters changed."""
    parts = draw(st.lists(st.sampled_from(FIXED), min_size=1, max_size=3))
    parts += [draw(bars()) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 2, 3])))]
    text = f"{draw(st.sampled_from(RESPONSES))} ~ {' + '.join(parts)}"
    return draw(mutated(text)) if draw(st.integers(0, 4)) == 4 else text


@st.composite
def bars(draw: st.DrawFn) -> str:
    """A random term."""
    effects, group = draw(st.sampled_from(EFFECTS)), draw(st.sampled_from(GROUPS))
    return f"({effects} {draw(st.sampled_from(['|', '|', '||']))} {group})"


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A text with one to three places changed."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 2))
        text = text[:at] + draw(st.sampled_from(MARKS)) + text[at + cut :]
    return text


@st.composite
def frames(draw: st.DrawFn, spoilt: tuple[int, ...] = (0, 0, 1, 2)) -> pd.DataFrame:
    """A frame with all columns, of which some may be spoilt."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.sampled_from(SIZES))
    m = draw(st.sampled_from([8, 5, 11, 3, 2, 1]))
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.integers(0, 4, n).astype(float),
            "f": rng.choice(["a", "b", "c"], n),
            "g": rng.integers(0, m, n),
            "h": rng.choice(list("pqrst"), n),
            "w": rng.integers(1, 5, n) / 2,
        }
    )
    size = draw(st.sampled_from([1.0, 0.3, 5.0, 0.0]))
    effects = size * rng.normal(size=(m, 2))[data["g"]]
    data["y"] = effects[:, 0] + (1 + effects[:, 1]) * data["x"] + rng.normal(size=n)
    for _ in range(draw(st.sampled_from(spoilt))):
        name = draw(st.sampled_from(COLUMNS))
        data = spoil(data, name, draw(st.sampled_from(sorted(SPOILERS))), rng)
    return data


def spoil(
    data: pd.DataFrame, name: str, how: str, rng: np.random.Generator
) -> pd.DataFrame:
    """The frame with one column changed, or as it is where that makes no sense."""
    if how == "gone":
        return data.drop(columns=name, errors="ignore")
    if how == "twice" and name in data.columns:
        return pd.concat([data, data[[name]]], axis=1)
    if how == "rows twice":
        return data.loc[data.index.repeat(2)]
    if name not in data.columns or not data.columns.is_unique:
        return data
    some = rng.random(len(data)) < 0.2
    try:
        with warnings.catch_warnings(action="ignore"):  # of pandas, about our wishes
            return data.assign(**{name: SPOILERS[how](data[name], some)})
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return data  # words can't be multiplied


def _first(column: pd.Series) -> Any:
    return column.iloc[0] if len(column) else None


# How a column is spoilt, given some of its rows.
SPOILERS: dict[str, Callable[[pd.Series, np.ndarray], Any]] = {
    "gone": lambda v, some: v,
    "twice": lambda v, some: v,
    "rows twice": lambda v, some: v,
    "missing": lambda v, some: v.astype(object).where(~some, None),
    "missing number": lambda v, some: v.astype(float).where(~some, np.nan),
    "all missing": lambda v, some: np.nan,
    "infinite": lambda v, some: v.astype(float).where(~some, np.inf),
    "constant": lambda v, some: _first(v),
    "zero": lambda v, some: 0.0,
    "almost constant": lambda v, some: 1 + 1e-9 * v.astype(float),
    "huge": lambda v, some: v.astype(float) * 1e30,
    "immense": lambda v, some: v.astype(float) * 1e200,
    "tiny": lambda v, some: v.astype(float) * 1e-30,
    "minute": lambda v, some: v.astype(float) * 1e-200,
    "shifted": lambda v, some: v.astype(float) + 1e6,
    "one row": lambda v, some: np.where(np.arange(len(v)) == 1, 1e8, 0.0),
    "counter": lambda v, some: np.arange(len(v)),
    "two values": lambda v, some: some,
    "text": lambda v, some: v.astype(str),
    "words among": lambda v, some: v.astype(object).where(~some, "high"),
    "category": lambda v, some: pd.Categorical(v),
    "ordered": lambda v, some: pd.Categorical(v, ordered=True),
    "empty text": lambda v, some: v.astype(str).where(~some, ""),
    "nullable": lambda v, some: v.convert_dtypes(),
    "float32": lambda v, some: v.astype(np.float32),
    "objects": lambda v, some: v.astype(object),
    "decimals": lambda v, some: [Decimal(str(x)) for x in v],
    "complex": lambda v, some: v.astype(complex),
    "dates": lambda v, some: pd.Timestamp("2024-01-01") + pd.to_timedelta(v, "D"),
    "spans": lambda v, some: pd.to_timedelta(v, "D"),
    "lists": lambda v, some: [[x] for x in v],
    "tuples": lambda v, some: [(x, 1) for x in v],
    "mixed": lambda v, some: v.astype(object).where(~some, (1, 2)),
    "integers beyond": lambda v, some: [10**400] * len(v),
    "read only": lambda v, some: np.broadcast_to(_first(v), len(v)),
}
