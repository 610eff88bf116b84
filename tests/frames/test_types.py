"""Every kind of frame and column gives the fit of the plain pandas one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mmcourse as mm

FORMULA = "y ~ x + f + (x | g)"
SAME = 1e-10


def plain():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(12), rng.integers(3, 9, 12))
    n = len(g)
    x = rng.normal(size=n).astype(np.float32).astype(float)  # exact as float32 too
    u = rng.normal(size=(12, 2))
    y = (1 + u[g, 0] + (0.5 + u[g, 1]) * x + rng.normal(size=n)).astype(np.float32)
    f = pd.Categorical(rng.choice(["a", "b", "c"], n))
    return pd.DataFrame({"y": y.astype(float), "x": x, "f": f, "g": g})


@pytest.fixture(scope="module")
def expected():
    return mm.lmer(FORMULA, plain())


def assert_same(model, expected):
    assert model.criterion == pytest.approx(expected.criterion, rel=SAME)
    np.testing.assert_allclose(model.fixef, expected.fixef, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(model.theta, expected.theta, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(model.fitted, expected.fitted, rtol=1e-7)


def text_frame():
    return plain().astype({"f": str})


FRAMES = {
    "polars": lambda: pl.from_pandas(text_frame()),
    "polars categorical": lambda: pl.from_pandas(plain()),
    "pyarrow": lambda: pa.Table.from_pandas(text_frame()),
    "pyarrow dictionary": lambda: pa.Table.from_pandas(plain()),
    "pyarrow in chunks": lambda: pa.concat_tables(
        [
            pa.Table.from_pandas(text_frame().iloc[:20]),
            pa.Table.from_pandas(text_frame().iloc[20:]),
        ]
    ),
    "dict": lambda: {k: v.to_numpy() for k, v in text_frame().items()},
    "dict of lists": lambda: {k: v.tolist() for k, v in text_frame().items()},
    "structured array": lambda: text_frame().to_records(index=False),
    "float32": lambda: plain().astype({"x": np.float32, "y": np.float32}),
    "nullable": lambda: plain().astype({"x": "Float64", "y": "Float64", "g": "Int64"}),
    "arrow columns": lambda: plain().astype(
        {"x": "double[pyarrow]", "y": "float[pyarrow]", "g": "int32[pyarrow]"}
    ),
    "pandas strings": lambda: plain().astype({"f": "string"}),
    "objects": lambda: plain().astype(
        {"x": object, "y": object, "f": str, "g": object}
    ),
    "decimals": lambda: plain().assign(x=lambda d: [Decimal(v) for v in d["x"]]),
    "unsigned groups": lambda: plain().astype({"g": np.uint8}),
    "float groups": lambda: plain().astype({"g": float}),
    "fortran": lambda: (
        pd.DataFrame(np.asfortranarray(plain()[["y", "x", "g"]]))
        .set_axis(["y", "x", "g"], axis=1)
        .assign(f=plain()["f"])
    ),
    "strided": lambda: (
        pd.concat([plain(), plain()]).sort_index(kind="stable").iloc[::2]
    ),
    "unused categories": lambda: plain().assign(
        f=lambda d: d["f"].cat.add_categories(["z"]),
        g=lambda d: pd.Categorical(d["g"], categories=range(20)),
    ),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_the_kind_of_frame_does_not_matter(make, expected):
    assert_same(mm.lmer(FORMULA, make()), expected)


DAY = pd.Timestamp("2024-01-01")
GROUPS = {
    "dates": lambda g: DAY + pd.to_timedelta(g, "D"),
    "time zones": lambda g: (DAY + pd.to_timedelta(g, "D")).tz_localize("UTC"),
    "spans": lambda g: pd.to_timedelta(g, "h"),
    "periods": lambda g: pd.PeriodIndex(DAY + pd.to_timedelta(g, "D"), freq="D"),
    "intervals": lambda g: pd.cut(g, np.arange(-1, 13)),
    "python dates": lambda g: [dt.date(2024, 1, 1 + i) for i in g],
    "tuples": lambda g: [(int(i) // 4, int(i) % 4) for i in g],
    "text": lambda g: [f"g{i:02d}" for i in g],
}


@pytest.mark.parametrize("make", GROUPS.values(), ids=GROUPS)
def test_groups_of_any_type(make, expected):
    data = plain()
    g = data["g"].to_numpy()
    data["g"] = pd.Series(make(g), index=data.index)
    model = mm.lmer(FORMULA, data)
    assert_same(model, expected)
    levels = model.ranef()["g"].index
    assert len(levels) == 12
    assert data["g"].iloc[0] == levels[0]


def test_boolean_columns_are_numbers_and_groups():
    data = plain().assign(half=lambda d: d["g"] < 6, yes=lambda d: d["x"] > 0)
    numbers = data.assign(half=data["half"].astype(int), yes=data["yes"].astype(int))
    formula = "y ~ yes + (1 | half) + (1 | g)"
    model, other = mm.lmer(formula, data), mm.lmer(formula, numbers)
    assert_same(model, other)
    assert model.ranef()["half"].index.tolist() == [False, True]


def test_read_only_columns(expected):
    data = plain()
    arrays = {name: data[name].to_numpy().copy() for name in ("y", "x", "g")}
    for array in arrays.values():
        array.flags.writeable = False
    frame = pd.DataFrame({**arrays, "f": data["f"]}, copy=False)
    assert_same(mm.lmer(FORMULA, frame), expected)


@pytest.mark.parametrize(
    "index",
    [
        pd.MultiIndex.from_product([["p", "q"], range(30)]),
        pd.Index([0, 1] * 30),
        pd.date_range("2024-01-01", periods=60),
    ],
    ids=["two levels", "duplicates", "dates"],
)
def test_results_have_the_index_of_the_rows(index):
    data = plain().iloc[:60].set_index(index[: min(60, len(plain()))])
    model = mm.lmer("y ~ x + (1 | g)", data)
    assert model.fitted.index.equals(data.index)
    assert model.predict(data).index.equals(data.index)
    np.testing.assert_allclose(model.predict(data), model.fitted)


def test_the_frame_is_not_changed():
    data = plain()
    before = data.copy(deep=True)
    mm.lmer(FORMULA, data).predict(data)
    pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize("name", ["my x", "größe", "class", "x.1", "1st", "a:b"])
def test_names_in_back_quotes(name, expected):
    model = mm.lmer(
        f"y ~ `{name}` + f + (`{name}` | g)", plain().rename(columns={"x": name})
    )
    assert_same(model, expected)
    assert name in model.fixef.index


@pytest.mark.parametrize("p", [1, 2, 50, 200])
def test_one_to_two_hundred_fixed_effects(p):
    rng = np.random.default_rng(p)
    n = 400
    X = rng.normal(size=(n, p))
    names = [f"x{i}" for i in range(p)]
    data = pd.DataFrame(X, columns=names).assign(g=np.arange(n) % 20)
    data["y"] = X[:, 0] + rng.normal(size=20)[data["g"]] + rng.normal(size=n)
    model = mm.lmer(f"y ~ {' + '.join(names)} + (1 | g)", data)
    # The density of error contrasts from V in full, at the estimate.
    same = data["g"].to_numpy()[:, None] == data["g"].to_numpy()
    V = np.eye(n) + model.theta[0] ** 2 * same
    M = np.column_stack([np.ones(n), X])
    inside = M.T @ np.linalg.solve(V, M)
    beta = np.linalg.solve(inside, M.T @ np.linalg.solve(V, data["y"]))
    left = data["y"] - M @ beta
    dof = n - p - 1
    square = left @ np.linalg.solve(V, left)
    logdets = np.linalg.slogdet(V)[1] + np.linalg.slogdet(inside)[1]
    criterion = logdets + dof * (1 + np.log(2 * np.pi * square / dof))
    assert model.criterion == pytest.approx(criterion, rel=1e-10)
    np.testing.assert_allclose(model.fixef, beta, atol=1e-8)
