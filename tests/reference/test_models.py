"""Every field of every reference model, at the tolerances of `tolerances.py`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import tolerances as tol

import mmcourse as mm
from tests.reference.models import (
    LARGE,
    data,
    fitted,
    ids,
    label,
    numbers,
    reference,
)

ALL = pytest.mark.parametrize("name", ids())


def terms(model):
    """(group, frame of its modes, frame of sds) by group, most levels first."""
    modes, sds = model.ranef(), model.ranef_sd()
    return {group: (modes[group], sds[group]) for group in modes}


@ALL
def test_criterion_at_the_reference_theta(name):
    model, ref = fitted(name), reference(name)
    expected = ref["criteria"]["REMLcrit" if ref["REML"] else "deviance"]
    theta = numbers(ref["theta"]["values"])
    assert model.criterion_at(theta) == pytest.approx(
        expected, rel=tol.CRITERION_AT_THETA
    )


@ALL
def test_criterion_and_information_criteria_at_the_optimum(name):
    model, ref = fitted(name), reference(name)
    criteria = ref["criteria"]
    expected = criteria["REMLcrit" if ref["REML"] else "deviance"]
    assert model.criterion == pytest.approx(expected, rel=tol.CRITERION)
    assert model.loglik == pytest.approx(criteria["logLik"], rel=tol.CRITERION)
    assert model.aic == pytest.approx(criteria["AIC"], rel=tol.CRITERION)
    assert model.bic == pytest.approx(criteria["BIC"], rel=tol.CRITERION)
    assert model.n_parameters == criteria["df"]
    assert model.n_obs == criteria["nobs"] == ref["n"]
    assert model.df_resid == ref["df_residual"]


@ALL
def test_fixed_effects(name):
    model, ref = fitted(name), reference(name)["fixef"]
    se = numbers(ref["se"])
    assert len(model.fixef) == len(se)
    error = np.abs(model.fixef.to_numpy() - numbers(ref["estimate"])) / se
    assert error.max() < tol.FIXEF_PER_SE
    np.testing.assert_allclose(model.std_error, se, rtol=tol.SE)
    size = np.outer(se, se)
    difference = np.abs(model.vcov.to_numpy() - numbers(ref["vcov"])) / size
    assert difference.max() < tol.VCOV


@ALL
def test_theta_sigma_and_variance_components(name):
    model, ref = fitted(name), reference(name)
    np.testing.assert_allclose(
        model.theta, numbers(ref["theta"]["values"]), atol=tol.THETA
    )
    assert model.sigma == pytest.approx(ref["sigma"], rel=tol.SIGMA)
    table = model.var_corr()
    own = table[table["effect_2"].isna() & (table["group"] != "Residual")]
    sds = np.concatenate([numbers(block["sd"]) for block in ref["varcorr"]])
    np.testing.assert_allclose(own["sd"], sds, rtol=tol.VARCORR, atol=tol.VARCORR)
    np.testing.assert_allclose(own["variance"], sds**2, rtol=3 * tol.VARCORR, atol=1e-9)
    expected = []
    for block in ref["varcorr"]:
        corr, c = numbers(block["cor"]), len(block["sd"])
        expected += [corr[i, j] for j in range(c) for i in range(j + 1, c)]
    pairs = table[table["effect_2"].notna()]["sd"].to_numpy(float)
    np.testing.assert_allclose(pairs, expected, atol=tol.CORRELATION)


@pytest.mark.parametrize("name", [name for name in ids() if name not in LARGE])
def test_matrices_written_out(name):
    found, ref = mm.model_matrices(fitted(name)), reference(name)["devcomp"]
    numbers = {
        "ldL2": found.logdet_L,
        "ldRX2": found.logdet_RX,
        "wrss": found.wrss,
        "ussq": found.ussq,
        "pwrss": found.pwrss,
    }
    for key, value in numbers.items():
        scale = max(abs(ref[key]), 1e-3 * ref["pwrss"] if "ss" in key else 1.0)
        assert value == pytest.approx(ref[key], abs=tol.DEVCOMP * scale), key
    assert found.Z.shape[1] == reference(name)["q"]


@ALL
def test_groups_and_status(name):
    model, ref = fitted(name), reference(name)
    assert list(model.n_groups.values()) == list(ref["groups"].values())
    assert model.is_singular == ref["isSingular"]
    assert model.status == ("singular" if ref["isSingular"] else "converged")
    assert bool(model.messages) == bool(
        ref["isSingular"] or ref["dropped_columns"] or ref["n"] < ref["n_rows_csv"]
    )


@ALL
def test_random_effects(name):
    model, ref = fitted(name), reference(name)
    found = terms(model)
    for block in ref["ranef"]:
        modes, sds = found[block["group"]]
        rows = [label(level, modes.index) for level in block["levels"]]
        expected = numbers(block["condmode"]).reshape(len(rows), -1)
        sd = numbers(block["condsd"]).reshape(len(rows), -1)
        size = max(float(np.sqrt((expected**2).mean())), 1e-6)
        difference = np.abs(modes.loc[rows].to_numpy() - expected)
        assert difference.max() < tol.RANEF_PER_SD * max(size, float(sd.max()))
        np.testing.assert_allclose(sds.loc[rows], sd, rtol=tol.RANEF_PER_SD, atol=1e-9)
        squares = np.atleast_1d(numbers(block["sumsq_condmode_all_levels"]))
        np.testing.assert_allclose((modes**2).sum(), squares, rtol=1e-5, atol=1e-9)
        assert len(modes) == block["n_levels"]
        if block["condvar"] is not None:
            cov = model.ranef_cov()[block["group"]]
            at = modes.index.get_indexer(rows)
            wanted = numbers(block["condvar"])
            np.testing.assert_allclose(
                cov[at], wanted, atol=1e-6 * np.abs(wanted).max()
            )


@ALL
def test_coefficients(name):
    model, ref = fitted(name), reference(name)
    found = model.coef()
    for block in ref["coef"]:
        frame = found[block["group"]]
        rows = [label(level, frame.index) for level in block["levels"]]
        expected = numbers(block["values"]).reshape(len(rows), -1)
        scale = np.maximum(np.abs(expected).max(axis=0), model.sigma)
        difference = np.abs(frame.loc[rows].to_numpy() - expected) / scale
        assert difference.max() < 1e-6


@ALL
def test_fitted_and_residuals(name):
    model, ref = fitted(name), reference(name)
    size = tol.FITTED_PER_SIGMA * model.sigma
    first = numbers(ref["fitted"])
    np.testing.assert_allclose(model.fitted.iloc[: len(first)], first, atol=size)
    left = numbers(ref["residuals"]["response"])
    np.testing.assert_allclose(model.residuals.iloc[: len(left)], left, atol=size)
    assert model.fitted.sum() == pytest.approx(ref["fitted_sum"], rel=1e-8)
    assert (model.fitted**2).sum() == pytest.approx(ref["fitted_sumsq"], rel=1e-8)
    used = ref["rows_used_1based"]
    if used is not None:
        assert model.fitted.index.tolist() == [row - 1 for row in used]


@ALL
def test_predictions_of_the_rows_used(name):
    model, ref = fitted(name), reference(name)["predict"]
    size = tol.FITTED_PER_SIGMA * model.sigma
    without = numbers(ref["re_form_NA"])
    np.testing.assert_allclose(
        model.predict(re_form="none").iloc[: len(without)], without, atol=size
    )
    within = numbers(ref["with_re"])
    np.testing.assert_allclose(model.predict().iloc[: len(within)], within, atol=size)
    for part in ref["partial"] or []:
        form = part.get("re_form") or part.get("term")
        expected = numbers(part["values"] if "values" in part else part["predict"])
        found = model.predict(re_form=form.lstrip("~ "))
        np.testing.assert_allclose(found.iloc[: len(expected)], expected, atol=size)


def like_the_data(rows, like):
    """R's texts of levels as labels of our data; a new level of numbers is -999."""
    for column in rows.columns:
        own = like[column]
        levels = own.cat.categories if own.dtype == "category" else own
        numeric = pd.api.types.is_integer_dtype(levels)
        if numeric and not pd.api.types.is_numeric_dtype(rows[column]):
            rows[column] = rows[column].replace("NEWLEVEL", "-999").astype(int)
    return rows


@ALL
def test_predictions_of_new_rows(name):
    model, ref = fitted(name), reference(name)
    new = ref["predict"]["newdata"]
    if new is None:
        pytest.fail("every reference has new rows")
    rows = like_the_data(pd.DataFrame(new["rows"]), data(ref["dataset"]))
    size = tol.FITTED_PER_SIGMA * model.sigma
    population = model.predict(rows, re_form="none")
    np.testing.assert_allclose(
        population, numbers(new["predict_re_form_NA"]), atol=size
    )
    both = model.predict(rows, allow_new_levels=True)
    np.testing.assert_allclose(
        both, numbers(new["predict_allow_new_levels"]), atol=size
    )
    with pytest.raises(mm.DesignError, match="level"):
        model.predict(rows)


@ALL
def test_intraclass_correlation(name):
    model, ref = fitted(name), reference(name)["icc"]
    found = mm.icc(model).set_index("group")["icc"]
    assert found["all"] == pytest.approx(ref["adjusted"], rel=tol.ICC, abs=1e-9)
    for group, value in (ref.get("by_group") or {}).items():
        assert found[group] == pytest.approx(value, rel=tol.ICC, abs=1e-9)
    assert (len(found) > 1) == bool(ref["intercept_only"])


@ALL
def test_wald_intervals(name):
    model, ref = fitted(name), reference(name)["confint"]["wald"]
    found = model.confint(method="wald").to_numpy()
    expected = np.column_stack([numbers(ref["lower"]), numbers(ref["upper"])])
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    p = len(model.fixef)
    error = np.abs(found[-p:] - expected[-p:]) / model.std_error.to_numpy()[:, None]
    assert error.max() < tol.WALD_PER_SE


# Where lme4 is not the reference, and why.
NOT_LME4S = {
    # Its profile of the fixed effects leaves the weights out: an interval of a tenth of
    # the Wald interval's width. Compared with the definition instead, in
    # test_profile_ends_by_definition.
    "sim_weights_reml": "fixed",
    "sim_weights_rs_reml": "fixed",
    # Its profile of a correlation estimated as 1 is not monotone: it gives up at -1.
    "sim_corr_pos1_reml": "cor",
}


@ALL
def test_profile_intervals(name):
    model, ref = fitted(name), reference(name)["confint"]["profile"]
    if ref is None or ref.get("lower") is None:
        assert name in LARGE or ref.get("error")  # R ran out of time, or failed
        return
    lower = numbers(ref.get("fine_lower") or ref["lower"])
    upper = numbers(ref.get("fine_upper") or ref["upper"])
    found = model.confint()
    assert len(found) == len(lower)
    p = len(model.fixef)
    for i, (parameter, ends) in enumerate(found.iterrows()):
        kind = "fixed" if i >= len(found) - p else str(parameter).split("_")[0]
        if NOT_LME4S.get(name) == kind:
            continue
        se = (upper[i] - lower[i]) / 3.92
        expected = np.array([lower[i], upper[i]])
        np.testing.assert_allclose(
            ends, expected, atol=tol.PROFILE_PER_SE * se, err_msg=str(parameter)
        )


@pytest.mark.parametrize("name", ["sim_weights_reml", "sim_weights_rs_reml"])
def test_profile_ends_by_definition(name):
    """Holding the slope at an end of its interval costs 1.96 squared.

    The held effect goes into the offset; the model is fitted anew without it.
    """
    model, ref = fitted(name), reference(name)
    frame = data(ref["dataset"])
    random = ref["formula"].split("(")[1].rstrip(")")
    best = mm.lmer(ref["formula"], frame, reml=False, weights=ref["weights"])
    for end in model.confint("x").loc["x"]:
        held = frame.assign(held=end * frame["x"])
        without = f"y ~ 1 + offset(held) + ({random})"
        fit = mm.lmer(without, held, reml=False, weights=ref["weights"])
        rise = fit.criterion - best.criterion
        assert rise == pytest.approx(1.959963984540054**2, abs=1e-5)
