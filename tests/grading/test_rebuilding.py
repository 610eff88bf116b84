"""Values that go out of a kernel as text and are built anew."""

from __future__ import annotations

import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mmcourse.grading.describing import MOST_BYTES, call, describe, pack
from mmcourse.grading.rebuilding import RemoteFailure, Unreadable, rebuild

KINDS = (
    *("none", "ellipsis", "bool", "number", "text", "list", "tuple", "set", "dict"),
    *(
        "array",
        "index",
        "series",
        "frame",
        "model",
        "axes",
        "figure",
        "object",
        "error",
    ),
    *("function", "points", "__import__", ""),
)
FIELDS = (
    *("kind", "value", "items", "keys", "values", "type", "shape", "codes", "labels"),
    *("names", "levels", "column", "columns", "index", "name", "fields", "drawn"),
    *("axes", "module", "unfitted", "message"),
)

texts = st.text(max_size=5)
numbers = st.one_of(st.integers(), st.floats(), st.booleans())
scalars = st.one_of(st.none(), st.just(...), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(texts, st.integers()), inner, max_size=4),
    ),
    max_leaves=10,
)
columns = st.sampled_from(["i", "f", "b", "text", "mixed", "category"])
labels = st.sampled_from(["a", "b", "c"])


def same(one: object, other: object) -> bool:
    """Whether two values are the same, of the same type, NaN as NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        pairs = zip(one, other, strict=True)
        return len(one) == len(other) and all(same(a, b) for a, b in pairs)
    if isinstance(one, dict):
        parts = ([*one.keys()], [*one.values()]), ([*other.keys()], [*other.values()])
        return all(same(a, b) for a, b in zip(*parts, strict=True))
    return one == other or (one != one and other != other)


@given(values)
def test_plain_values_come_back_as_they_were(value):
    assert same(rebuild(describe(value)), value)


@given(
    arrays.arrays(
        st.sampled_from([np.int64, np.float64, np.bool_, np.uint8, np.float32]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_come_back_as_they_were(array):
    back = rebuild(describe(array))
    assert back.shape == array.shape
    assert back.dtype.kind == array.dtype.kind
    np.testing.assert_array_equal(back, array)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames of some rows, with columns of every kind and an index."""
    n = draw(st.integers(1, 4))

    def some(element: st.SearchStrategy) -> list:
        return draw(st.lists(element, min_size=n, max_size=n))

    made = {
        "i": lambda: np.array(some(st.integers(-9, 9)), dtype=np.int64),
        "f": lambda: np.array(some(st.floats()), dtype=float),
        "b": lambda: np.array(some(st.booleans()), dtype=bool),
        "text": lambda: some(labels),
        "mixed": lambda: pd.Series(
            some(st.one_of(labels, st.integers())), dtype=object
        ),
        "category": lambda: pd.Categorical(some(labels), categories=["c", "a", "b"]),
    }
    names = draw(st.lists(labels, min_size=1, max_size=3))
    frame = pd.concat(
        [pd.Series(made[draw(columns)]()) for _ in names], axis=1
    ).set_axis(names, axis=1)
    kind = draw(st.sampled_from(["plain", "named", "two"]))
    if kind == "named":
        frame.index = pd.Index(some(labels), name=draw(labels))
    elif kind == "two":
        frame.index = pd.MultiIndex.from_arrays([some(labels), some(labels)])
    return frame


@given(frames())
def test_frames_and_their_columns_come_back_as_they_were(frame):
    # Texts may come back as another kind of text.
    named = {"check_index_type": False, "check_dtype": False}
    back = rebuild(describe(frame))
    pd.testing.assert_frame_equal(back, frame, check_column_type=False, **named)
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        again = rebuild(describe(column))
        pd.testing.assert_series_equal(again, column, **named)
        if column.dtype.kind in "ifb":
            assert again.dtype == column.dtype


junk = st.recursive(
    st.one_of(st.none(), numbers, st.sampled_from([*KINDS, *"iufbx", "category"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
        st.fixed_dictionaries({"kind": st.sampled_from(KINDS), "value": inner}),
        st.fixed_dictionaries(
            {"kind": st.sampled_from(KINDS), "type": st.sampled_from("iufbx")},
            optional={name: inner for name in FIELDS if name not in ("kind", "type")},
        ),
    ),
    max_leaves=20,
)


@given(junk)
def test_what_is_no_description_is_unreadable_and_nothing_else(value):
    try:
        rebuild(json.dumps(value))
    except (Unreadable, RemoteFailure):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "null",
        "630",
        "[]",
        "{}",
        '"text"',
        '{"kind": ["list"]}',
        '{"kind": {}}',
        "[" * 10**5 + "]" * 10**5,
        '{"kind": "list", "items": [' * 10**4 + "]}" * 10**4,
        '{"kind": "number", "value": ' + "9" * 10**6 + "}",
        '{"kind": "number", "value": "1" * 9}',
        '{"kind": "number", "value": [1]}',
        '{"kind": "dict", "keys": [{"kind": "list", "items": []}], "values": [1]}',
        '{"kind": "set", "items": [{"kind": "list", "items": []}]}',
        '{"kind": "array", "type": "f", "shape": [1000000, 1000000], "items": [1]}',
        '{"kind": "array", "type": "f", "shape": [-1, -1], "items": [1]}',
        '{"kind": "array", "type": "O", "shape": [1], "items": [1]}',
        '{"kind": "array", "type": "i", "shape": [1], "items": [1e999]}',
        '{"kind": "array", "type": "f", "shape": [1], "items": ["__import__"]}',
        '{"kind": "model", "fields": {"keys": [], "values": []}}',
        '{"kind": "object", "type": "a\\u0000b", "module": "builtins"}',
        '{"kind": "error", "type": "a\\u0000b", "message": ""}',
        '{"kind": "figure", "axes": [1]}',
    ],
)
def test_an_absurd_description_is_unreadable(text):
    with pytest.raises(Unreadable):
        rebuild(text)


def test_a_number_that_equals_everything_comes_back_as_one_that_does_not():
    class Liar(float):
        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        __hash__ = None

    for value in (Liar(1.0), [Liar(1.0)], np.array([Liar(1.0)], dtype=object)):
        back = np.ravel(rebuild(describe(value)))[0]
        assert type(back) is not Liar
        assert back == 1.0
        assert back != 630.0


def test_a_function_that_fails_fails_here_by_its_name():
    class Odd(ValueError):
        pass

    def function():
        raise Odd("it does")

    with pytest.raises(RemoteFailure, match="it does") as caught:
        rebuild(call(function, pack((), {})))
    assert type(caught.value).__name__ == "Odd"
    assert not isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "NotYet", "float"])
def test_no_name_of_an_error_makes_another_one(name):
    text = json.dumps({"kind": "error", "type": name, "message": "x"})
    with pytest.raises(RemoteFailure):
        rebuild(text)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * (MOST_BYTES + 1), id="long text"),
        pytest.param([0] * 200_000, id="long list"),
        pytest.param(np.zeros(3_000_000), id="large array"),
        pytest.param([[[[[[[[[[1]]]]]]]]]], id="deep list"),
    ],
)
def test_what_is_too_large_is_told_by_its_type(value):
    text = describe(value)
    assert len(text) < 200
    assert type(rebuild(text)).__name__ == type(value).__name__


def test_a_frame_of_very_many_columns_does_not_hold_the_grader_up():
    index = {"kind": "index", "names": [{"kind": "none"}]}
    rows = index | {"levels": [{"type": "i", "items": [0]}]}
    names = index | {"levels": [{"type": "i", "items": [*range(60_000)]}]}
    wide = [{"type": "f", "items": [0.0]}] * 60_000
    text = json.dumps({"kind": "frame", "index": rows, "names": names, "columns": wide})
    assert len(text) < MOST_BYTES
    began = time.process_time()
    with pytest.raises(Unreadable, match="60000 columns"):
        rebuild(text)
    assert time.process_time() - began < 2


def test_very_many_axes_do_not_hold_the_grader_up():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    ax.plot([1, 2])
    one = json.loads(describe(ax))
    assert rebuild(json.dumps(one)).get_xlim() == ax.get_xlim()
    with pytest.raises(Unreadable, match="9999 axes"):
        rebuild(json.dumps({"kind": "figure", "axes": [one] * 9999}))
    for _ in range(1000):
        ax.plot([1, 2])
    with pytest.raises(Unreadable, match="1001 lines"):
        rebuild(describe(ax))
