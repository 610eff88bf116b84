"""`mmcourse data`: the list, the card and the rows are those of the files."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest

import mmcourse as mm
from mmcourse.commands.main import main
from mmcourse.datasets import NAMES, path_of


@pytest.fixture
def data(capsys: pytest.CaptureFixture[str]):
    """Run `mmcourse data`; return its exit status, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["data", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def test_the_list_has_every_data_set_with_its_rows(data):
    status, out, err = data()
    assert (status, err) == (0, "")
    rows = dict(re.findall(r"^(\w+) +(\d+) rows  \w.+$", out, re.M))
    assert {name: int(n) for name, n in rows.items()} == {
        name: len(mm.load(name)) for name in NAMES
    }
    assert len(out.splitlines()) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_every_column_is_and_shows_rows(data, name):
    status, out, err = data(name)
    assert (status, err) == (0, "")
    frame = mm.load(name)
    assert out.startswith(f"{name}: ")
    assert all(f"| {column} |" in out for column in frame.columns)
    assert out.endswith(frame.head().to_string(index=False) + "\n")
    assert "\n## " not in out


def test_the_rows_as_csv_are_those_of_the_file(data):
    status, out, err = data("Pastes", "--csv")
    assert (status, err) == (0, "")
    written = pd.read_csv(io.StringIO(out))
    pd.testing.assert_frame_equal(written, pd.read_csv(path_of("pastes.csv")))


def test_the_rows_go_into_a_file_packed_if_its_name_says_so(data, tmp_path):
    for name in ("gpa.csv", "gpa.csv.gz"):
        assert data("gpa", "--output", tmp_path / name) == (0, "", "")
        written = pd.read_csv(tmp_path / name)
        pd.testing.assert_frame_equal(written, pd.read_csv(path_of("gpa.csv")))
    assert (tmp_path / "gpa.csv.gz").read_bytes().startswith(b"\x1f\x8b")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["penicilin"], "Did you mean 'penicillin'?"),
        (["iris", "--csv"], "there is no data set 'iris'"),
        (["--csv"], "which data set?"),
        (["gpa", "--output", "nowhere/gpa.csv"], "'nowhere/gpa.csv' can't be written"),
    ],
)
def test_what_cannot_be_shown_is_named(data, arguments, words):
    status, out, err = data(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
