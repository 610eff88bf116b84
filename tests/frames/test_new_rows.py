"""New rows: columns of other types than in the fit, labels of rows, nothing changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mmcourse as mm
from tests.frames.test_types import plain

DATA = plain()
DAY = pd.Timestamp("2024-01-01")


def numbers(g: pd.Series) -> dict[str, Any]:
    return {
        "integers": g,
        "floats": g.astype(float),
        "bytes": g.astype("uint8"),
        "nullable": g.astype("Int64"),
        "arrow": g.astype("int64[pyarrow]"),
        "objects": g.astype(object),
        "category": pd.Categorical(g, categories=range(20)),
    }


def words(g: pd.Series) -> dict[str, Any]:
    text = [f"g{i:02d}" for i in g]
    return {
        "text": text,
        "objects": np.array(text, dtype=object),
        "string": pd.array(text, dtype="string"),
        "arrow": pd.array(text, dtype=pd.ArrowDtype(pa.string())),
        "dictionary": pd.array(
            text, dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
        ),
        "category": pd.Categorical(text),
    }


def dates(g: pd.Series) -> dict[str, Any]:
    days = DAY + pd.to_timedelta(g, "D")
    python = [dt.datetime(2024, 1, 1 + i) for i in g]
    return {
        "ns": days.astype("M8[ns]"),
        "s": days.astype("M8[s]"),
        "objects": np.array(python, dtype=object),
        "arrow": pd.array(python, dtype=pd.ArrowDtype(pa.timestamp("us"))),
        "category": pd.Categorical(days),
    }


def booleans(g: pd.Series) -> dict[str, Any]:
    half = g < 6
    return {
        "plain": half,
        "objects": half.astype(object),
        "nullable": half.astype("boolean"),
        "arrow": half.astype("bool[pyarrow]"),
        "category": pd.Categorical(half),
    }


FAMILIES = {f.__name__: f(DATA["g"]) for f in (numbers, words, dates, booleans)}
PAIRS = [(f, a, b) for f, kinds in FAMILIES.items() for a in kinds for b in kinds]


def rows(family: str, kind: str) -> pd.DataFrame:
    return DATA.assign(g=pd.Series(FAMILIES[family][kind], index=DATA.index))


@pytest.mark.parametrize(("family", "fitted", "new"), PAIRS)
def test_groups_are_found_by_value(family, fitted, new):
    model = mm.lmer("y ~ x + (1 | g)", rows(family, fitted))
    found = model.predict(rows(family, new))
    np.testing.assert_allclose(found, model.fitted, atol=1e-10)


@pytest.mark.parametrize(
    ("family", "fitted", "new"), [p for p in PAIRS if p[0] == "words"]
)
def test_fixed_factors_are_found_by_value(family, fitted, new):
    data = rows(family, fitted).assign(k=DATA["g"] % 5)
    model = mm.lmer("y ~ g + (1 | k)", data)
    found = model.predict(data.assign(g=rows(family, new)["g"]))
    np.testing.assert_allclose(found, model.fitted, atol=1e-10)


def test_frames_of_other_libraries():
    data = DATA.assign(f=DATA["f"].astype(str))
    model = mm.lmer("y ~ x + f + (x | g)", data)
    for other in (pl.from_pandas(data), pa.Table.from_pandas(data), dict(data)):
        np.testing.assert_allclose(model.predict(other), model.fitted, atol=1e-10)


def test_rows_and_columns_that_are_not_needed_do_not_matter():
    data = DATA.assign(f=DATA["f"].astype(str))
    model = mm.lmer("y ~ x + f + (x | g)", data)
    odd = data[["g", "f", "x"]].assign(junk=[[i] for i in range(len(data))])
    np.testing.assert_allclose(model.predict(odd), model.fitted, atol=1e-10)
    few = odd.iloc[[5, 2, 2]]
    np.testing.assert_allclose(model.predict(few), model.fitted.iloc[[5, 2, 2]])
    assert len(model.predict(odd[:0])) == 0


INDEXES = {
    "two levels": pd.MultiIndex.from_product([["p", "q", "r"], range(40)]),
    "labels that repeat": pd.Index([0, 1, 1] * 40),
    "text": pd.Index([f"r{i}" for i in range(120)]),
    "dates": pd.date_range("2024-01-01", periods=120),
    "missing labels": pd.Index([None, 1.0, np.nan] * 40),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_every_result_of_a_row_has_its_label(kind):
    data = DATA.set_index(INDEXES[kind][: len(DATA)])
    data.iloc[[0, 7], data.columns.get_loc("x")] = np.nan
    used = data[data["x"].notna()]
    weights = pd.Series(1.0 + np.arange(len(data)) % 2, index=data.index)
    model = mm.lmer("y ~ x + f + (x | g)", data, weights=weights)
    for result in (model.fitted, model.residuals, model.predict()):
        assert result.index.equals(used.index)
    np.testing.assert_allclose(model.fitted + model.residuals, used["y"])
    again = model.predict(data, se=True)
    assert again.index.equals(data.index)
    assert again["fit"].isna().to_numpy().nonzero()[0].tolist() == [0, 7]


ARRAYS = ("fitted", "residuals", "fixef", "std_error", "vcov", "theta")


@pytest.mark.parametrize("order", ["C", "F"])
def test_neither_frame_nor_arguments_are_changed(order):
    block = np.array(DATA[["y", "x", "g"]], order=order)
    data = pd.DataFrame(block, columns=["y", "x", "g"], copy=False)
    data["f"] = DATA["f"].cat.add_categories("unused")
    weights, start = np.full(len(data), 2.0), np.array([1.0, 0.0, 1.0])
    before = data.copy(deep=True)
    model = mm.lmer("y ~ x + f + (x | g)", data, weights=weights, start=start)
    model.confint()
    model.predict(data, se=True)
    pd.testing.assert_frame_equal(data, before)
    assert (weights == 2).all() and start.tolist() == [1, 0, 1]
    kept = {name: np.array(getattr(model, name)) for name in ARRAYS}
    block[:] = 0.0  # nor does the model change with the user's arrays
    weights[:] = 9.0
    for name, values in kept.items():
        np.testing.assert_array_equal(getattr(model, name), values)
    assert model.criterion_at(model.theta) == pytest.approx(model.criterion, rel=1e-12)
