"""Degrees of freedom, F tests and comparisons against lmerTest and pbkrtest."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tolerances as tol

import mmcourse as mm
from mmcourse.inference.kenward_roger import KenwardRoger
from tests.reference.models import HERE, data, fitted, ids, numbers, reference

ALL = pytest.mark.parametrize("name", ids())
KR = pytest.mark.parametrize(
    "name", [name for name in ids() if reference(name)["kenward_roger"]]
)
LRT = [
    path.stem
    for path in sorted(HERE.glob("lrt_*.json"))
    if json.loads(path.read_text()).get("kind") == "lrt"
]


def check_t_table(name, ddf):
    model, ref = fitted(name), reference(name)[ddf]
    found = mm.extract_fixed_effects(model, p_value=ddf)
    assert list(found.columns)[:6] == ["term", "value", "se", "t", "df", "p_value"]
    np.testing.assert_allclose(found["df"], numbers(ref["df"]), rtol=tol.DF)
    np.testing.assert_allclose(found["se"], numbers(ref["Std_Error"]), rtol=tol.SE)
    np.testing.assert_allclose(found["t"], numbers(ref["t_value"]), rtol=tol.T_VALUE)
    p = numbers(ref["Pr_t_"])
    np.testing.assert_allclose(found["p_value"], p, rtol=tol.P_VALUE)


@ALL
def test_satterthwaite(name):
    check_t_table(name, "satterthwaite")


@KR
def test_kenward_roger(name):
    check_t_table(name, "kenward_roger")


@KR
def test_adjusted_covariance(name):
    ref = numbers(reference(name)["kenward_roger"]["vcov_adjusted"])
    found = KenwardRoger(fitted(name).fit).vcov
    size = np.sqrt(np.diag(ref))
    assert (np.abs(found - ref) / np.outer(size, size)).max() < tol.VCOV


@ALL
@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward_roger"])
def test_type_three_tests(name, ddf):
    ref = reference(name)["anova"] or {}
    ref = ref.get(f"type3_{ddf}")
    if not ref or "rows" not in ref:
        return  # no terms, or a method that R does not have for this fit
    found = mm.anova(fitted(name), ddf=ddf)
    n = len(found)
    # R names a term whose columns it left out, with a test of nothing.
    assert n == len(ref["rows"]) - len(reference(name)["dropped_columns"] or [])
    for ours, theirs, rtol in (
        ("sum_sq", "Sum_Sq", tol.F_VALUE),
        ("mean_sq", "Mean_Sq", tol.F_VALUE),
        ("num_df", "NumDF", 0),
        ("den_df", "DenDF", tol.DF),
        ("F", "F_value", tol.F_VALUE),
        ("p_value", "Pr_F_", tol.P_VALUE),
    ):
        expected = numbers(ref[theirs])[:n]
        np.testing.assert_allclose(found[ours], expected, rtol=rtol, err_msg=ours)


@ALL
def test_dropping_random_effects(name):
    ref = reference(name)["ranova"]
    if not ref or "rows" not in ref:
        return  # R failed, or was not run
    found = mm.ranova(fitted(name))
    assert len(found) == len(ref["rows"]) - 1
    np.testing.assert_array_equal(found["n_par"], ref["npar"][1:])
    for ours, theirs in (("loglik", "logLik"), ("aic", "AIC")):
        np.testing.assert_allclose(
            found[ours], numbers(ref[theirs])[1:], rtol=tol.CRITERION
        )
        assert found.attrs[ours] == pytest.approx(ref[theirs][0], rel=tol.CRITERION)
    size = abs(ref["logLik"][0])
    np.testing.assert_allclose(
        found["chisq"], numbers(ref["LRT"])[1:], atol=4 * tol.CRITERION * size
    )
    np.testing.assert_array_equal(found["df"], ref["Df"][1:])
    p = numbers(ref["Pr_Chisq_"])[1:]
    np.testing.assert_allclose(found["p_value"], p, rtol=tol.P_VALUE)


@pytest.mark.parametrize("name", LRT)
@pytest.mark.parametrize("reml", [False, True])
def test_likelihood_ratio_tests(name, reml):
    ref = json.loads((HERE / f"{name}.json").read_text())
    formulas = [f.replace("temperature", "C(temperature)") for f in ref["formulas"]]
    models = [mm.lmer(f, data(ref["dataset"]), reml=reml) for f in formulas]
    found = mm.anova(*reversed(models), refit=True)
    assert list(found.index) == ["model 2", "model 1"]
    assert found.attrs["refitted"] == reml
    np.testing.assert_array_equal(found["n_par"], ref["npar"])
    for ours, theirs in (
        ("aic", "AIC"),
        ("bic", "BIC"),
        ("loglik", "logLik"),
        ("deviance", "deviance"),
    ):
        np.testing.assert_allclose(found[ours], ref[theirs], rtol=tol.CRITERION)
    last = found.iloc[-1]
    assert last["chisq"] == pytest.approx(ref["Chisq"], rel=1e-6)
    assert last["df"] == ref["Df"]
    assert last["p_value"] == pytest.approx(ref["p"], rel=tol.P_VALUE)
    assert np.isnan(found["chisq"].iloc[0]) and np.isnan(found["p_value"].iloc[0])


@ALL
def test_explained_variance(name):
    ref = reference(name)["r2_nakagawa"]
    found = mm.r2(fitted(name))
    assert list(found.index) == ["marginal", "conditional"]
    assert found["marginal"] == pytest.approx(ref["marginal"], rel=tol.ICC, abs=1e-9)
    assert found["conditional"] == pytest.approx(
        ref["conditional"], rel=tol.ICC, abs=1e-9
    )


def test_icc_of_the_empty_model():
    ref = json.loads((HERE / "mertools_sleepstudy_ri_reml.json").read_text())
    found = mm.icc_null("Reaction", "Subject", mm.load_sleepstudy())
    assert found == pytest.approx(ref["merTools_ICC"], rel=tol.ICC)
    # of the GPA records, by merTools
    gpa = mm.icc_null("gpa", "student", mm.load_gpa())
    assert gpa == pytest.approx(0.369269, abs=5e-7)
