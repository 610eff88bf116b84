"""`mmcourse fit`: its numbers are lme4's, whatever file the rows come from."""

from __future__ import annotations

import io
import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tolerances as tol

import mmcourse as mm
from mmcourse.commands.main import main
from tests.reference.models import HERE, numbers, reference

SLOPES = "sleepstudy_rs_reml"
FORMULA = "Reaction ~ Days + (Days | Subject)"


@pytest.fixture
def fit(capsys: pytest.CaptureFixture[str]):
    """Run `mmcourse fit`; return its exit status, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["fit", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def record(out: str) -> dict[str, Any]:
    """One JSON object, of which nothing is what JSON does not have."""

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    return json.loads(out, parse_constant=refuse)


def check_fixed(found: dict[str, Any], ref: dict[str, Any]) -> None:
    """Fixed effects as in a reference."""
    table = pd.DataFrame(found["fixed_effects"])
    error = (table["value"] - numbers(ref["fixef"]["estimate"])).abs()
    assert (error / numbers(ref["fixef"]["se"])).max() < tol.FIXEF_PER_SE
    assert table["se"].tolist() == pytest.approx(ref["fixef"]["se"], rel=tol.SE)
    assert table["t"].tolist() == pytest.approx(ref["fixef"]["t"], rel=tol.T_VALUE)


def check_random(found: dict[str, Any], ref: dict[str, Any]) -> None:
    """Variances, their roots and correlations as in a reference."""
    *random, residual = found["variance_components"]
    sds = [row["sd"] for row in random if "sd" in row]
    expected = [sd for block in ref["varcorr"] for sd in block["sd"]]
    assert sds == pytest.approx(expected, rel=tol.VARCORR, abs=tol.VARCORR)
    squares = [row["variance"] for row in random if "sd" in row]
    assert squares == pytest.approx([sd**2 for sd in sds])
    assert residual["sd"] == found["sigma"]
    assert found["sigma"] == pytest.approx(ref["sigma"], rel=tol.SIGMA)
    assert found["theta"] == pytest.approx(ref["theta"]["values"], abs=tol.THETA)


def check_record(found: dict[str, Any], name: str) -> None:
    """All numbers of a record as in a reference."""
    ref = reference(name)
    criteria = ref["criteria"]
    kind = "REML" if ref["REML"] else "ML"
    criterion = criteria["REMLcrit" if ref["REML"] else "deviance"]
    assert found["method"] == kind
    assert found["criterion"] == pytest.approx(criterion, rel=tol.CRITERION)
    for ours, theirs in (("loglik", "logLik"), ("aic", "AIC"), ("bic", "BIC")):
        assert found[ours] == pytest.approx(criteria[theirs], rel=tol.CRITERION)
    assert found["n_obs"] == ref["n"]
    assert found["df_resid"] == ref["df_residual"]
    assert list(found["n_groups"].values()) == list(ref["groups"].values())
    assert found["is_singular"] == ref["isSingular"]
    check_fixed(found, ref)
    check_random(found, ref)


@pytest.mark.parametrize(
    "name",
    [SLOPES, "sleepstudy_ri_ml", "penicillin_reml", "dyestuff2_singular_reml"],
)
def test_the_record_holds_lme4s_numbers(fit, name):
    ref = reference(name)
    options = [] if ref["REML"] else ["--ml"]
    status, out, _ = fit(ref["dataset"], ref["formula"], "--json", *options)
    assert status == 0
    found = record(out)
    check_record(found, name)
    assert found["formula"] == ref["formula"]
    assert found["confint"] is found["p_value"] is None


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("sim_weights_reml", ["--weights", "w"]),
        ("sim_offset_formula_reml", ["--offset", "off"]),
    ],
)
def test_weights_and_offset_are_columns(fit, name, option):
    path = HERE / "data" / f"{reference(name)['dataset']}.csv"
    out = fit(path, "y ~ x + (1 | g)", "--json", *option)[1]
    check_record(record(out), name)


def test_correlations_have_their_own_name(fit):
    found = record(fit("sleepstudy", FORMULA, "--json")[1])
    pair = found["variance_components"][2]
    block = reference(SLOPES)["varcorr"][0]
    assert pair["effects"] == ["Intercept", "Days"]
    assert pair["correlation"] == pytest.approx(block["cor"][0][1], abs=tol.CORRELATION)
    assert pair["covariance"] == pytest.approx(block["cov"][0][1], rel=1e-5)


@pytest.mark.parametrize("method", ["profile", "wald"])
def test_intervals_are_lme4s(fit, method):
    found = record(fit("sleepstudy", FORMULA, "--json", "--ci-method", method)[1])
    ref = reference(SLOPES)["confint"][method]
    got = found["confint"]
    assert (got["method"], got["level"]) == (method, 0.95)
    for row, lower, upper in zip(
        got["intervals"], ref["lower"], ref["upper"], strict=True
    ):
        if lower is None:
            assert row["lower"] is row["upper"] is None
            continue
        size = tol.PROFILE_PER_SE * (upper - lower) / 3.92
        assert row["lower"] == pytest.approx(lower, abs=size), row["parameter"]
        assert row["upper"] == pytest.approx(upper, abs=size), row["parameter"]


@pytest.mark.parametrize("method", ["satterthwaite", "kenward_roger"])
def test_p_values_are_those_of_lmertest_and_pbkrtest(fit, method):
    found = record(fit("sleepstudy", FORMULA, "--json", "--p-value", method)[1])
    ref = reference(SLOPES)[method]
    assert found["p_value"] == method
    table = pd.DataFrame(found["fixed_effects"])
    assert table["df"].tolist() == pytest.approx(ref["df"], rel=tol.DF)
    assert table["p_value"].tolist() == pytest.approx(ref["Pr_t_"], rel=tol.P_VALUE)


def test_the_summary_is_that_of_the_package(fit):
    status, out, err = fit("sleepstudy", FORMULA)
    model = mm.lmer(FORMULA, mm.load_sleepstudy())
    assert (status, out, err) == (0, f"{model.summary()}\n", "")


def test_tables_asked_for_stand_below_the_summary(fit):
    out = fit(
        *("sleepstudy", FORMULA, "--p-value", "satterthwaite"), "--ci-level", "0.9"
    )[1]
    summary, fixed, every = re.split("\n\n(?=Fixed effects, |All parameters, )", out)
    assert summary.startswith("Linear mixed model fit by REML")
    assert fixed.startswith("Fixed effects, 90 % satterthwaite intervals\n")
    assert re.search(r"^Days +10.467 +1.546 +6.771 +17.000 +<0.001", fixed, re.M)
    assert every.startswith("All parameters, 90 % profile intervals (ML)\n")
    assert len(every.splitlines()) == 8


def test_a_bootstrap_with_a_seed_can_be_repeated(fit):
    asked = ["dyestuff", "Yield ~ 1 + (1 | Batch)", "--ci-method", "boot", "--seed"]
    first, again, other = (fit(*asked, seed)[1] for seed in (1, 1, 2))
    assert first == again != other


# How to write the sleep study into a file, and what to tell the command about it.
FILES = {
    "rows.csv": (lambda frame, path: frame.to_csv(path, index=False), []),
    "rows.CSV": (lambda frame, path: frame.to_csv(path, index=False), []),
    "rows.csv.gz": (lambda frame, path: frame.to_csv(path, index=False), []),
    "rows.tsv": (lambda frame, path: frame.to_csv(path, sep="\t", index=False), []),
    "rows.txt": (
        lambda frame, path: frame.to_csv(path, sep="\t", index=False),
        ["--sep", r"\t"],
    ),
    "german.csv": (
        lambda frame, path: frame.to_csv(path, sep=";", decimal=",", index=False),
        ["--sep", ";", "--decimal", ","],
    ),
    "marked.csv": (
        lambda frame, path: frame.to_csv(path, encoding="utf-8-sig", index=False),
        [],
    ),
    "rows.parquet": (lambda frame, path: frame.to_parquet(path), []),
}


@pytest.mark.parametrize("file", FILES)
def test_rows_come_from_files_of_many_kinds(fit, tmp_path, file):
    write, options = FILES[file]
    write(mm.load_sleepstudy(), tmp_path / file)
    status, out, err = fit(tmp_path / file, FORMULA, "--json", *options)
    found = record(out)
    assert status == 0
    assert err == "".join(f"mmcourse: {text}\n" for text in found["messages"])
    check_record(found, SLOPES)


def test_rows_come_from_a_folder_of_parquet(fit, tmp_path):
    frame = mm.load_sleepstudy()
    for i, part in enumerate((frame[:70], frame[70:])):
        part.to_parquet(tmp_path / f"{i}.parquet")
    check_record(record(fit(tmp_path, FORMULA, "--json")[1]), SLOPES)


def test_rows_come_from_stdin(fit, monkeypatch):
    text = mm.load_sleepstudy().to_csv(index=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    check_record(record(fit("-", FORMULA, "--json")[1]), SLOPES)


def test_a_data_set_comes_before_a_file_of_its_name(fit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sleepstudy").write_text("y;g\n1;2\n")
    assert record(fit("Sleepstudy", FORMULA, "--json")[1])["n_obs"] == 180
    status, _, err = fit("./sleepstudy", "y ~ 1 + (1 | g)")
    assert status == 2
    assert "'./sleepstudy' is none of .csv" in err


def test_what_to_know_of_a_fit_is_in_the_summary_or_beside_the_record(fit):
    """A singular fit is fine: exit status 0. Other programs can read the record."""
    asked = ["dyestuff2", "Yield ~ 1 + (1 | Batch)"]
    status, out, err = fit(*asked)
    assert (status, err) == (0, "")
    assert "boundary fit: the sd of 'Intercept' within 'Batch' is estimated as 0" in out
    status, out, err = fit(*asked, "--json")
    message = record(out)["messages"][0]
    assert status == 0
    assert err == f"mmcourse: {message}\n"
    assert message.startswith("boundary fit: the sd of 'Intercept' within 'Batch'")


def test_a_column_that_is_left_out_is_said_on_stderr(fit, tmp_path):
    path = tmp_path / "twice.csv"
    mm.load_sleepstudy().eval("Hours = 24 * Days").to_csv(path, index=False)
    formula = "Reaction ~ Days + Hours + (1 | Subject)"
    status, out, err = fit(path, formula, "--json")
    assert status == 0
    assert err.count("\n") == 1  # it is a warning and a message, and said once
    assert "was left out: Hours" in err
    assert record(out)["messages"] == [err.removeprefix("mmcourse: ").strip()]
    assert "was left out: Hours" in fit(path, formula)[2]


def test_a_fit_short_of_the_optimum_ends_with_1(fit, monkeypatch):
    short = partial(mm.lmer, max_evaluations=1)
    monkeypatch.setattr("mmcourse.model.lmer", short)
    status, out, err = fit("sleepstudy", FORMULA, "--json")
    assert status == 1
    assert record(out)["status"] == "max_evaluations"
    assert "the search stopped at its limit of 1 evaluation(s)" in err


def test_the_picture_shows_every_effect(fit, tmp_path):
    status, out, err = fit("sleepstudy", FORMULA, "--plot", tmp_path / "effects.svg")
    assert (status, err) == (0, "")
    assert out.startswith("Linear mixed model")
    drawn = (tmp_path / "effects.svg").read_text()
    for label in ("effect on the intercept", "effect on the coefficient of Days"):
        assert drawn.count(f"<!-- {label} -->") == 1
    fit("pastes", "strength ~ 1 + (1 | batch/cask)", "--plot", tmp_path / "effects.png")
    assert (tmp_path / "effects.png").read_bytes().startswith(b"\x89PNG")


BAD_FILES = {
    "empty.csv": (b"", "can't be read as rows of text: No columns to parse"),
    "latin.csv": (b"y,g\n\xe9,1\n", "Save it as UTF-8."),
    "ragged.csv": (b"y,g\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
    "plain.csv.gz": (b"y,g\n1,2\n", "Not a gzipped file"),
    "semicolons.csv": (b"y;g\n1;2\n", "add --sep ';'"),
    "tabs.csv": (b"y\tg\n1\t2\n", r"add --sep '\t'"),
    "rows.xlsx": (b"PK", "is none of .csv, .tsv"),
    "rows.parquet": (b"y,g\n", "can't be read as Parquet"),
    "headings.csv": (b"y,g\n", "no rows"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_named(fit, tmp_path, name):
    content, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    status, out, err = fit(tmp_path / name, "y ~ 1 + (1 | g)")
    assert (status, out) == (2, "")
    assert err.startswith("mmcourse: ")
    assert words in err
    assert "Traceback" not in err


def test_files_that_are_not_there(fit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("marks.csv").touch()
    Path("empty").mkdir()
    for name, words in {
        "mark.csv": "Did you mean 'marks.csv'?",
        "sleepstudi": "Did you mean 'sleepstudy'?",
        "no/where.csv": "there is no file 'no/where.csv'",
        "empty": "the folder 'empty' holds no Parquet file",
        "": "there is no file ''",
    }.items():
        status, out, err = fit(name, FORMULA)
        assert (status, out) == (2, "")
        assert words in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Reacton ~ Days + (1 | Subject)"], "Did you mean 'Reaction'?"),
        (["Reaction ~ Days + (1 | )"], "there is no grouping factor after '|'"),
        (["Reaction ~ Days"], "no random effects terms"),
        ([FORMULA, "--weights", "Dayz"], "weights uses 'Dayz', which is not a column"),
        ([FORMULA, "--plot", "effects.doc"], "its name must end in one of"),
        ([FORMULA, "--plot", "nowhere/effects.png"], "there is no folder 'nowhere'"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_the_users_words(fit, arguments, words):
    status, out, err = fit("sleepstudy", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("mmcourse: ")
    assert words in err


def test_a_picture_that_cannot_be_written(fit, tmp_path):
    (tmp_path / "effects.png").mkdir()
    status, out, err = fit("sleepstudy", FORMULA, "--plot", tmp_path / "effects.png")
    assert (status, out) == (2, "")
    assert "effects.png' can't be written: Is a directory." in err


def test_an_extra_that_is_not_installed_is_named(fit, tmp_path, monkeypatch):
    mm.load_sleepstudy().to_parquet(tmp_path / "rows.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for arguments, extra in (
        ([tmp_path / "rows.parquet", FORMULA], "data"),
        (["sleepstudy", FORMULA, "--plot", "effects.png"], "plots"),
    ):
        status, out, err = fit(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert f"pip install 'mmcourse[{extra}]'" in err
