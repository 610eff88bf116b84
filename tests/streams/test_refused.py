"""Streams that can't be fitted are refused in words, with the words of a frame."""

from __future__ import annotations

import builtins

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse.design import transforms
from tests.streams.rows import cut, rows

FORMULA = "y ~ x + (1 | g)"

ONLY_STREAMS = {
    "a generator": (
        FORMULA,
        lambda: (part for part in cut(rows(), 5)),
        {},
        ["generator", "only once", "a function without arguments"],
    ),
    "an array of weights": (
        FORMULA,
        lambda: [rows()],
        {"weights": np.ones(300)},
        ["weights is of type ndarray", "the name of a column"],
    ),
    "no file": (FORMULA, lambda: "none.parquet", {}, ["no file", "'none.parquet'"]),
    "no frame": (FORMULA, list, {}, ["no rows", "no frame"]),
    "a column that is not in all frames": (
        FORMULA,
        lambda: [rows(), rows().drop(columns="g")],
        {},
        ["frame 2", "no column 'g'", "Columns: y, x"],
    ),
    "numbers, then labels": (
        FORMULA,
        lambda: [rows(), rows().assign(x="a")],
        {},
        ["'x' holds numbers in some chunks", "labels ('a')", "one type"],
    ),
    "rows that change": (
        FORMULA,
        lambda: Changing(),
        {},
        ["changed between two readings", "the same each time"],
    ),
    "levels of numbers without end": (
        "y ~ C(z) + (1 | g)",
        lambda: [
            pd.DataFrame(dict.fromkeys("yzg", np.arange(1e4) + i)) for i in (0, 9)
        ],
        {},
        ["C(z)", "more than 10000 numbers", "(1 | z)"],
    ),
    "a transform without a first argument": (
        "y ~ scale(data=x) + (1 | g)",
        lambda: [rows()],
        {},
        ["scale(data=x)", "has to come first"],
    ),
}


class Changing:
    """Frames that have more rows each time."""

    def __init__(self):
        self.n = 0

    def __iter__(self):
        self.n += 1
        return iter([rows(), rows(10 * self.n)])


@pytest.mark.parametrize("name", ONLY_STREAMS)
def test_a_stream_that_is_refused(name):
    formula, make, arguments, words = ONLY_STREAMS[name]
    with pytest.raises(mm.MMCourseError) as caught:
        mm.lmer(formula, make(), **arguments)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("data", [[1, 2], [rows()["y"]], lambda: 3])
def test_what_holds_no_frames_is_refused(data):
    with pytest.raises(TypeError, match="data"):
        mm.lmer(FORMULA, data)


def spoilt(**changes):
    """The rows with some columns other."""
    return rows().assign(**changes)


SAME_WORDS = {
    "unknown column": ("y ~ q + (1 | g)", rows, {}),
    "text for a response": ("h ~ x + (1 | g)", rows, {}),
    "an infinite value": (FORMULA, lambda: spoilt(z=np.inf, x=np.inf), {}),
    "a negative weight": (FORMULA, rows, {"weights": "z"}),
    "weights far apart": (
        FORMULA,
        lambda: spoilt(w=[1e-200] * 250 + [1e200] * 50),
        {"weights": "w"},
    ),
    "one level": (FORMULA, lambda: spoilt(g=1), {}),
    "a level a row": (FORMULA, lambda: spoilt(g=np.arange(300)), {}),
    "a factor of one level": ("y ~ f + (1 | g)", lambda: spoilt(f="a"), {}),
    "no complete row": (FORMULA, lambda: spoilt(x=np.nan), {}),
    "missing values refused": (FORMULA, rows, {"missing": "raise"}),
    "values too small": (FORMULA, lambda: spoilt(x=1e-70), {}),
    "values too large": (FORMULA, lambda: spoilt(y=1e70), {}),
    "a log of nothing": ("y ~ scale(log(o0)) + (1 | g)", lambda: spoilt(o0=0), {}),
    "a mean over rows": ("y ~ I(x - np.mean(x)) + (1 | g)", rows, {}),
    "no rule for missing values": (FORMULA, rows, {"missing": "pass"}),
    "no such offset": (FORMULA, rows, {"offset": "q"}),
}


@pytest.mark.parametrize("name", SAME_WORDS)
def test_bad_input_is_refused_as_in_memory(name):
    formula, make, arguments = SAME_WORDS[name]
    texts = []
    for data in (make(), cut(make(), 120, 260)):
        with pytest.raises(ValueError) as caught:
            mm.lmer(formula, data, **arguments)
        texts.append((type(caught.value), str(caught.value).split(" in ")[0][:40]))
    assert texts[0] == texts[1]


ROWS_NEEDED = {
    "fitted": lambda m: m.fitted,
    "residuals": lambda m: m.residuals,
    "predict": lambda m: m.predict(),
}


@pytest.mark.parametrize("ask", ROWS_NEEDED.values(), ids=ROWS_NEEDED)
def test_what_needs_the_rows_says_that_they_were_not_kept(ask):
    model = mm.lmer(FORMULA, cut(rows(), 100))
    with pytest.raises(mm.InferenceError, match=r"not kept.\n.*predict\(newdata\)"):
        ask(model)


def test_what_would_not_fit_into_memory_is_not_gathered(monkeypatch):
    monkeypatch.setattr(transforms, "available", lambda: 1000.0)
    mm.lmer("y ~ scale(x) + (1 | g)", [rows()])
    with pytest.raises(mm.DesignError, match=r"poly\(x, 2\) needs all 292 values of x"):
        mm.lmer("y ~ poly(x, 2) + (1 | g)", [rows()])


def test_without_the_extra_the_error_names_it(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'mmcourse\[data\]'"):
        mm.lmer(FORMULA, "rows.parquet")
