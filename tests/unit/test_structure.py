"""Nested, crossed, balanced: against tables of counts, and on designs made to be so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mmcourse as mm

PUPILS = [(s, p) for s in "AB" for p in range(3) for _ in range(4)]


def frame(pairs):
    """Frame with the columns a and b."""
    return pd.DataFrame(pairs, columns=["a", "b"])


def pair(data, groups=("a", "b")):
    """Last row, that of the last pair."""
    return mm.describe_structure(data, groups).iloc[-1]


def test_lme4s_data_are_what_its_authors_say_they_are():
    # Bates et al.: plates and samples crossed, samples nested in batches, students and
    # lecturers partly crossed, of 2972 and 1128 levels
    assert (
        pair(mm.load("penicillin"), ["plate", "sample"])["relation"] == "crossed with"
    )
    row = pair(mm.load("pastes"), ["batch", "sample"])
    assert row[:3].tolist() == ["sample", "nested in", "batch"]
    table = mm.describe_structure(mm.load("insteval"), ["s", "d"])
    assert table["n_levels"].tolist()[:2] == [2972, 1128]
    assert table["relation"].iloc[-1] == "partly crossed with"


def test_the_table_has_a_row_per_factor_and_one_per_pair():
    table = mm.describe_structure(mm.load("pastes"), ["batch", "cask", "sample"])
    assert list(table.columns) == [
        *("group", "relation", "other"),
        *("n_levels", "fewest", "most", "balanced", "filled"),
    ]
    assert table["n_levels"].tolist() == [10, 3, 30, 30, 30, 30]
    assert table["fewest"].tolist() == table["most"].tolist() == [6, 20, 2, 2, 2, 2]
    assert table["relation"].isna().tolist() == [True] * 3 + [False] * 3
    assert table["filled"].tolist()[3:] == pytest.approx([1, 1 / 10, 1 / 3])
    assert len(mm.describe_structure(mm.load("pastes"), "batch")) == 1


def test_labels_used_again_look_crossed_until_they_are_combined():
    again = frame(PUPILS)  # pupils 0, 1, 2 of either school
    assert pair(again)["relation"] == "crossed with"
    row = pair(again, ["a:b", "a"])
    assert row[:3].tolist() == ["a:b", "nested in", "a"]
    assert row["n_levels"] == 6 and row["balanced"]
    own = again.assign(c=again["a"] + again["b"].astype(str))
    assert pair(own, ["c", "a:b"])["relation"] == "same as"


def test_a_name_with_a_colon_may_be_a_column():
    data = frame(PUPILS).rename(columns={"b": "a:b"})
    assert mm.describe_structure(data, "a:b")["n_levels"].iloc[0] == 3
    spaced = mm.describe_structure(frame(PUPILS), "a : b")
    assert spaced[["group", "n_levels"]].iloc[0].tolist() == ["a:b", 6]


BALANCE = {
    "every cell twice": ([(i, j) for i in "pq" for j in "xyz"] * 2, True),
    "a cell more than once": (
        [*[(i, j) for i in "pq" for j in "xyz"], ("p", "x")],
        False,
    ),
    "equal cells, but some empty": (
        [("p", "x"), ("p", "y"), ("q", "y"), ("q", "x")],
        True,
    ),
    "each level twice, cells missing": (
        [("p", "x"), ("p", "y"), ("q", "y"), ("q", "z"), ("r", "z"), ("r", "x")],
        False,
    ),
    "nested, three and two pupils": (
        [("A", i) for i in (1, 2, 3)] + [("B", i) for i in (4, 5)],
        False,
    ),
    "nested, two and two pupils": ([("A", 1), ("A", 2), ("B", 3), ("B", 4)], True),
}


@pytest.mark.parametrize(("pairs", "balanced"), BALANCE.values(), ids=BALANCE)
def test_balance_of_a_pair(pairs, balanced):
    assert pair(frame(pairs))["balanced"] == balanced


def test_the_factor_with_more_levels_is_the_inner_one_in_any_order():
    data = frame([("A", 1), ("A", 2), ("B", 3)])
    for groups in (["a", "b"], ["b", "a"]):
        assert pair(data, groups)[:3].tolist() == ["b", "nested in", "a"]
    # a single level holds everything
    assert pair(data.assign(a="A"))[:3].tolist() == ["b", "nested in", "a"]


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_a_cross_table(seed):
    rng = np.random.default_rng(seed)
    n, levels = rng.integers(1, 40), rng.integers(1, 6, 2)
    data = frame(rng.integers(0, levels, (n, 2)))
    row, table = pair(data), pd.crosstab(data["a"], data["b"]).to_numpy()
    filled = table[table > 0]
    assert (row["n_levels"], row["fewest"], row["most"]) == (
        *(len(filled), filled.min(), filled.max()),
    )
    assert row["filled"] == pytest.approx((table > 0).mean())
    one_b_each = ((table > 0).sum(axis=1) == 1).all()
    one_a_each = ((table > 0).sum(axis=0) == 1).all()
    if one_b_each and one_a_each:
        expected = "same as"
    elif one_b_each or one_a_each:
        expected = "nested in"
    else:
        expected = "crossed with" if (table > 0).all() else "partly crossed with"
    assert row["relation"] == expected


FRAMES = {
    "polars": pl.from_pandas,
    "pyarrow": pa.Table.from_pandas,
    "dict": lambda data: {name: data[name].to_list() for name in data},
    "categories, some unused": lambda data: data.assign(
        a=pd.Categorical(data["a"], categories=list("CBA")),
        b=pd.Categorical(data["b"], categories=range(9)),
    ),
    "nullable": lambda data: data.astype({"a": "string", "b": "Int64"}),
    "floats": lambda data: data.astype({"b": float}),
    "any index": lambda data: data.set_axis([0] * len(data), axis=0),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_the_kind_of_frame_does_not_matter(make):
    groups = ["a", "b", "a:b"]
    expected = mm.describe_structure(frame(PUPILS), groups)
    pd.testing.assert_frame_equal(
        mm.describe_structure(make(frame(PUPILS)), groups), expected
    )


REFUSED = {
    "unknown": (["plat", "b"], mm.DesignError, "uses 'plat', which is not a column"),
    "unknown part": (["a:c"], mm.DesignError, "uses 'c', which is not a column"),
    "a number": (
        [1],
        TypeError,
        "groups has 1; a grouping factor is given by the name",
    ),
    "not a list": (3, TypeError, "groups has 3"),
    "none": ([], mm.DesignError, "groups names no column"),
    "twice": (["a", "a"], mm.DesignError, "groups names 'a' more than once"),
}


@pytest.mark.parametrize(("groups", "error", "piece"), REFUSED.values(), ids=REFUSED)
def test_wrong_groups_are_refused(groups, error, piece):
    with pytest.raises(error, match=piece):
        mm.describe_structure(frame(PUPILS), groups)


def test_rows_without_a_group_are_counted_and_refused():
    with pytest.raises(mm.DesignError, match=r"of 1200 rows.*in admitted \(384\)"):
        mm.describe_structure(mm.load_gpa(), ["student", "admitted"])
    # other columns may miss values
    assert mm.describe_structure(mm.load_gpa(), "student")["most"].iloc[0] == 6


def test_no_rows_and_no_frame_are_refused():
    with pytest.raises(mm.DesignError, match="has no rows"):
        mm.describe_structure(frame(PUPILS).iloc[:0], "a")
    with pytest.raises(TypeError, match="must be a data frame"):
        mm.describe_structure([1, 2], "a")


def test_two_large_factors_have_more_pairs_than_four_bytes_hold():
    # Inner levels i and i + 65536 would make one key: 65536 * 65536 = 2^32.
    inner = np.arange(2 * 65_536)
    frame = pd.DataFrame({"inner": inner, "outer": inner % 65_536})
    pair = mm.describe_structure(frame, ["inner", "outer"]).iloc[2]
    assert pair["group"] == "inner"
    assert pair["relation"] == "nested in"
    assert pair["n_levels"] == len(inner)
