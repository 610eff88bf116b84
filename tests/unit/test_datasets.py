"""Data sets: shapes, types, order of levels, and what a wrong name says."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from mmcourse import datasets
from mmcourse.datasets import load, load_gpa, load_sleepstudy

DATA = Path(__file__).resolve().parents[2] / "data"
LETTERS = "ABCDEFGHIJ"

# Rows, then columns: "number", "integer", or the levels of a Categorical. From the help
# pages of lme4 and, for gpa, data/gpa_figures.json.
EXPECTED = {
    "sleepstudy": (
        180,
        {"Reaction": "number", "Days": "integer", "Subject": "integer"},
    ),
    "penicillin": (
        144,
        {
            "diameter": "integer",
            "plate": list("abcdefghijklmnopqrstuvwx"),
            "sample": list("ABCDEF"),
        },
    ),
    "pastes": (
        60,
        {
            "strength": "number",
            "batch": list(LETTERS),
            "cask": list("abc"),
            "sample": [f"{batch}:{cask}" for batch in LETTERS for cask in "abc"],
        },
    ),
    "dyestuff": (30, {"Batch": list("ABCDEF"), "Yield": "integer"}),
    "dyestuff2": (30, {"Batch": list("ABCDEF"), "Yield": "number"}),
    "cake": (
        270,
        {
            "replicate": "integer",
            "recipe": list("ABC"),
            "temperature": [175, 185, 195, 205, 215, 225],
            "angle": "integer",
            "temp": "integer",
        },
    ),
    "insteval": (
        73421,
        {
            "s": "integer",
            "d": "integer",
            "studage": [2, 4, 6, 8],
            "lectage": [1, 2, 3, 4, 5, 6],
            "service": [0, 1],
            "dept": [15, 5, 10, 12, 6, 7, 4, 8, 9, 14, 1, 3, 11, 2],
            "y": "integer",
        },
    ),
    "gpa": (
        1200,
        {
            "student": "integer",
            "occas": [f"year {y} semester {s}" for y in (1, 2, 3) for s in (1, 2)],
            "gpa": "number",
            "job": ["1 hour", "2 hours", "3 hours"],
            "sex": ["male", "female"],
            "highgpa": "number",
            "admitted": ["no", "yes"],
            "year": "integer",
            "semester": "integer",
            "occasion": "integer",
        },
    ),
}
ORDERED = {("cake", "temperature"), ("insteval", "studage"), ("insteval", "lectage")}
GROUPS = [
    ("sleepstudy", "Subject", 18),
    ("gpa", "student", 200),
    ("cake", "replicate", 15),
    ("insteval", "s", 2972),
    ("insteval", "d", 1128),
]


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_columns_and_types(name):
    n_rows, columns = EXPECTED[name]
    frame = load(name)
    assert len(frame) == n_rows
    assert list(frame.columns) == list(columns)
    for column, kind in columns.items():
        assert describe(frame[column]) == kind, column


def describe(column: pd.Series) -> object:
    """Kind of a column, in the words of EXPECTED."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.tolist()
    return {"float64": "number", "int64": "integer"}[column.dtype.name]


@pytest.mark.parametrize("name", EXPECTED)
def test_only_ordered_factors_of_lme4_are_ordered(name):
    frame = load(name)
    categorical = frame.select_dtypes("category")
    found = {(name, c) for c in categorical if categorical[c].cat.ordered}
    assert found == {pair for pair in ORDERED if pair[0] == name}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_level_occurs_and_nothing_is_lost(name):
    """A label outside the levels would have become a missing value."""
    frame = load(name)
    for column in frame.select_dtypes("category"):
        assert set(frame[column].cat.categories) == set(frame[column].dropna()), column
    missing = frame.isna().sum()
    assert missing[missing > 0].to_dict() == (
        {"admitted": 384} if name == "gpa" else {}
    )


@pytest.mark.parametrize("name, column, n_levels", GROUPS)
def test_number_of_groups(name, column, n_levels):
    assert load(name)[column].nunique() == n_levels


def test_first_rows_of_sleepstudy():
    head = load_sleepstudy().head(6)
    reaction = [249.56, 258.7047, 250.8006, 321.4398, 356.8519, 414.6901]
    assert head["Reaction"].tolist() == reaction
    assert head["Days"].tolist() == [0, 1, 2, 3, 4, 5]
    assert head["Subject"].tolist() == [308] * 6


def test_short_cuts_are_the_same_data():
    pd.testing.assert_frame_equal(load_gpa(), load("gpa"))
    pd.testing.assert_frame_equal(load_sleepstudy(), load("sleepstudy"))


@pytest.mark.parametrize("name", ["InstEval", "GPA", " Penicillin "])
def test_capitals_and_spaces_do_not_matter(name):
    pd.testing.assert_frame_equal(load(name), load(name.strip().lower()))


def test_each_call_gives_a_frame_of_its_own():
    gpa = load_gpa()
    gpa["gpa"] = 0.0
    assert load_gpa()["gpa"].min() == 1.7


def test_unknown_name_suggests_the_nearest():
    message = "there is no data set 'sleepstudi'. Did you mean 'sleepstudy'"
    with pytest.raises(ValueError, match=message):
        load("sleepstudi")


def test_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError) as caught:
        load("iris")
    assert all(name in str(caught.value) for name in EXPECTED)


def test_a_name_is_a_string():
    with pytest.raises(TypeError, match="is a string, not int"):
        load(3)


def test_missing_file_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(
        datasets, "__file__", str(tmp_path / "mmcourse" / "datasets.py")
    )
    with pytest.raises(FileNotFoundError, match=r"gpa\.csv is neither in"):
        load_gpa()


def test_installed_files_come_before_those_of_a_repository(tmp_path, monkeypatch):
    """In a wheel the files are in the package; a folder data beside it isn't ours."""
    monkeypatch.setattr(
        datasets, "__file__", str(tmp_path / "mmcourse" / "datasets.py")
    )
    for folder, batch in (("data", "B"), ("mmcourse/data", "A")):
        (tmp_path / folder).mkdir(parents=True)
        text = f'"Batch","Yield"\n"{batch}",1545\n'
        (tmp_path / folder / "dyestuff.csv").write_text(text, encoding="utf-8")
    assert load("dyestuff")["Batch"].tolist() == ["A"]


def test_the_data_card_names_every_file_and_column():
    card = (DATA / "README.md").read_text(encoding="utf-8")
    for name, (_, columns) in EXPECTED.items():
        assert f"`{name}`" in card
        assert all(f"| {column} |" in card for column in columns), name
    for path in [*DATA.glob("*.csv"), *DATA.glob("*.csv.gz")]:
        assert path.name in card


def test_compressed_file_is_a_plain_gzip():
    with gzip.open(DATA / "insteval.csv.gz", "rt", encoding="utf-8") as file:
        assert (
            file.readline().strip()
            == '"s","d","studage","lectage","service","dept","y"'
        )
