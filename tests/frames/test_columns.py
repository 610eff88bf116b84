"""Columns of rare types and shapes: the fit of plain numbers and plain labels."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mmcourse as mm
from tests.frames.test_types import FORMULA, assert_same, plain

DATA = plain()
N = len(DATA)
G = DATA["g"].to_numpy()
LOST = np.isin(np.arange(N), [3, 9])


def arrow(values: Any, kind: pa.DataType) -> pd.Series:
    return pd.Series(values, dtype=pd.ArrowDtype(kind))


def names(g: np.ndarray) -> list[str]:
    return [f"g{i:02d}" for i in g]


Colour = enum.Enum("Colour", names(range(12)))

# Other ways to hold the numbers x.
NUMBERS: dict[str, Callable[[pd.Series], Any]] = {
    "fractions": lambda x: [Fraction(v) for v in x],
    "long doubles": lambda x: x.astype(np.longdouble),
    "foreign byte order": lambda x: x.astype(">f8"),
    "sparse": lambda x: pd.arrays.SparseArray(x),
    "objects of several types": lambda x: [
        float(v) if v > 0 else np.float32(v) for v in x
    ],
    "arrow decimals": lambda x: arrow(
        [Decimal(str(v)) for v in x], pa.decimal128(38, 30)
    ),
    "every other of an array": lambda x: np.repeat(x.to_numpy(), 2)[::2],
    "backwards": lambda x: x.to_numpy()[::-1].copy()[::-1],
    "a column of a matrix": lambda x: np.column_stack([x, x, x])[:, 1],
    "a broadcast view": lambda x: np.broadcast_to(x.to_numpy(), (3, N))[2],
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers(kind):
    found = mm.lmer(FORMULA, DATA.assign(x=NUMBERS[kind](DATA["x"])))
    assert_same(found, mm.lmer(FORMULA, DATA))


# Other labels for the groups, in the order of their numbers.
LABELS: dict[str, Callable[[np.ndarray], Any]] = {
    "enumerations": lambda g: [list(Colour)[i] for i in g],
    "bytes": lambda g: [b"%02d" % i for i in g],
    "frozen sets": lambda g: [frozenset([int(i)]) for i in g],
    "tuples with None": lambda g: [(int(i), None) for i in g],
    "decimals": lambda g: [Decimal(int(i)) for i in g],
    "whole numbers beyond 64 bits": lambda g: [10**30 + int(i) for i in g],
    "whole numbers near the end": lambda g: g.astype(np.uint64) + np.uint64(2**63),
    "an infinite label": lambda g: np.where(g == 11, np.inf, g),
    "two zeros": lambda g: np.where((g == 0) & (np.arange(N) % 2 > 0), -0.0, g),
    "fractions": lambda g: g / 7,
    "foreign byte order": lambda g: g.astype(">i4"),
    "sparse": lambda g: pd.arrays.SparseArray(g),
    "empty text": lambda g: np.where(g == 0, "", names(g)),
    "arrow text": lambda g: arrow(names(g), pa.string()),
    "arrow dates": lambda g: arrow([dt.date(2024, 1, 1 + i) for i in g], pa.date32()),
    "arrow dictionary": lambda g: arrow(
        names(g), pa.dictionary(pa.int8(), pa.string())
    ),
    "arrow dictionary of numbers": lambda g: arrow(
        g.tolist(), pa.dictionary(pa.int32(), pa.int64())
    ),
    "intervals as objects": lambda g: pd.cut(g, np.arange(-1, 13)).astype(object),
    "ordered": lambda g: pd.Categorical(g, ordered=True),
}


def with_labels(labels: Any) -> pd.DataFrame:
    return DATA.assign(g=pd.Series(labels, index=DATA.index))


@pytest.mark.parametrize("kind", LABELS)
def test_labels_keep_their_type_and_find_their_effects(kind):
    data = with_labels(LABELS[kind](G))
    found, expected = mm.lmer(FORMULA, data), mm.lmer(FORMULA, DATA)
    assert_same(found, expected)
    effects = found.ranef()["g"]
    assert len(effects) == 12
    first = [data["g"].iloc[np.argmax(G == i)] for i in range(12)]
    assert effects.index.tolist() == first  # sorted as their numbers are
    np.testing.assert_allclose(effects, expected.ranef()["g"], atol=1e-7)
    np.testing.assert_allclose(found.predict(data), found.fitted, atol=1e-10)


def test_labels_of_several_types():
    data = with_labels([int(i) if i % 2 else f"g{i}" for i in G])
    found = mm.lmer(FORMULA, data)
    assert_same(found, mm.lmer(FORMULA, DATA))
    assert set(found.ranef()["g"].index) == set(data["g"])
    np.testing.assert_allclose(found.predict(data), found.fitted, atol=1e-10)


def test_levels_go_in_the_order_of_a_categorical():
    data = with_labels(pd.Categorical(G, categories=range(20, -1, -1)))
    found = mm.lmer(FORMULA, data)
    assert_same(found, mm.lmer(FORMULA, DATA))
    assert found.ranef()["g"].index.tolist() == list(range(11, -1, -1))


def test_arrow_lists_are_no_labels():
    data = DATA.assign(g=arrow([[1]] * N, pa.list_(pa.int64())))
    with pytest.raises(mm.DesignError, match="can't be levels"):
        mm.lmer(FORMULA, data)


FACTORS = {
    "arrow dictionary": pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
    "arrow text": pd.ArrowDtype(pa.string()),
    "text": "string",
    "objects": object,
}


@pytest.mark.parametrize("kind", FACTORS)
def test_fixed_factors(kind):
    data = DATA.assign(f=pd.Series(list(DATA["f"]), dtype=FACTORS[kind]))
    found, expected = mm.lmer(FORMULA, data), mm.lmer(FORMULA, DATA)
    assert_same(found, expected)
    assert found.fixef.index.tolist() == expected.fixef.index.tolist()
    np.testing.assert_allclose(found.predict(DATA), expected.fitted, atol=1e-7)


BOOLEANS = {
    "nullable": "boolean",
    "arrow": pd.ArrowDtype(pa.bool_()),
    "objects": object,
    "numbers": float,
}


@pytest.mark.parametrize("kind", BOOLEANS)
def test_booleans_are_zeros_and_ones(kind):
    yes = DATA["x"] > 0
    found = mm.lmer("y ~ yes + (1 | g)", DATA.assign(yes=yes.astype(BOOLEANS[kind])))
    assert_same(found, mm.lmer("y ~ yes + (1 | g)", DATA.assign(yes=yes)))


def test_boolean_groups_of_an_arrow_frame():
    data = DATA.assign(half=DATA["g"] < 6, f=DATA["f"].astype(str))
    expected = mm.lmer("y ~ x + (1 | half)", data)
    for other in (pa.Table.from_pandas(data), pl.from_pandas(data)):
        found = mm.lmer("y ~ x + (1 | half)", other)
        assert_same(found, expected)
        assert found.ranef()["half"].index.tolist() == [False, True]


GAPS: dict[str, Callable[[pd.Series], Any]] = {
    "NaN": lambda v: v.astype(float).where(~LOST),
    "None": lambda v: v.astype(object).where(~LOST, None),
    "NA": lambda v: v.convert_dtypes().where(~LOST),
    "arrow null": lambda v: v.astype(pd.ArrowDtype(pa.from_numpy_dtype(v.dtype))).where(
        ~LOST
    ),
    "masked": lambda v: np.ma.array(v, mask=LOST),
    "decimals": lambda v: [
        None if no else Decimal(float(x)) for x, no in zip(v, LOST, strict=True)
    ],
    "polars null": lambda v: pl.Series(v.astype(object).where(~LOST, None).tolist()),
}


@pytest.mark.parametrize("kind", GAPS)
@pytest.mark.parametrize("column", ["y", "x", "g"])
def test_missing_in_every_form(kind, column):
    columns = {k: list(v) if k == "f" else v for k, v in DATA.items()}
    columns[column] = GAPS[kind](DATA[column])
    found = mm.lmer(FORMULA, columns)
    assert found.n_obs == N - 2
    assert_same(found, mm.lmer(FORMULA, DATA[~LOST]))


@pytest.mark.parametrize("kind", [*GAPS, "list", "arrow array", "arrow in chunks"])
def test_weights_in_every_form(kind):
    """A masked weight is a missing one, and drops its row."""
    own = pd.Series(1.0 + np.arange(N) % 3, index=DATA.index)
    values = [None if no else w for w, no in zip(own, LOST, strict=True)]
    forms = {
        "list": lambda: values,
        "arrow array": lambda: pa.array(values),
        "arrow in chunks": lambda: pa.chunked_array([values[:9], values[9:]]),
    }
    given = forms[kind]() if kind in forms else GAPS[kind](own)
    found = mm.lmer(FORMULA, DATA, weights=given)
    assert found.n_obs == N - 2
    assert_same(found, mm.lmer(FORMULA, DATA[~LOST], weights=own[~LOST]))


def test_a_column_named_by_a_number():
    data = DATA.rename(columns={"g": 0})
    with pytest.raises(mm.DesignError, match="name of type int; names in a formula"):
        mm.lmer("y ~ x + (1 | `0`)", data)
    assert_same(
        mm.lmer("y ~ x + f + (x | `0`)", data.rename(columns=str)),
        mm.lmer(FORMULA, DATA),
    )
