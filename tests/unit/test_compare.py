"""Comparisons of models: what they say, what they refuse, and a second route."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mmcourse as mm
from mmcourse.reduced import without_effects


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    n = 200
    g, h = rng.integers(0, 12, n), rng.integers(0, 6, n)
    x, z = rng.normal(size=(2, n))
    u = rng.normal(size=(12, 3))
    y = x + u[g, 0] + u[g, 1] * x + u[g, 2] * z + rng.normal(size=6)[h]
    y = y + rng.normal(size=n)
    w = rng.uniform(1, 2, n)
    f = rng.choice(list("ab"), n)
    frame = {"y": y, "x": x, "z": z, "g": g, "h": h, "w": w, "f": f}
    return pd.DataFrame({**frame, "positive": np.exp(y / 4)})


@pytest.fixture(scope="module")
def line(data):
    return mm.lmer("y ~ x + (1 | g)", data)


@pytest.fixture(scope="module")
def lines(data):
    return mm.lmer("y ~ x + (x | g)", data)


def test_restricted_likelihoods_are_compared_where_the_fixed_parts_agree(line, lines):
    found = mm.anova(line, lines)
    assert found.attrs["criterion"] == "reml" and not found.attrs["messages"]
    assert found.index.name == "model"
    assert found["chisq"].iloc[1] == pytest.approx(line.criterion - lines.criterion)
    p = stats.chi2.sf(found["chisq"].iloc[1], 2)
    assert found["p_value"].iloc[1] == pytest.approx(p)


def test_reml_fits_with_other_fixed_parts_are_refitted_and_it_is_said(data, line):
    more = mm.lmer("y ~ x + z + (1 | g)", data)
    found = mm.anova(small=line, big=more)
    assert list(found.index) == ["small", "big"]
    assert found.index.name == "model, refitted by ML"
    assert found.attrs["criterion"] == "ml" and found.attrs["refitted"]
    assert found.attrs["messages"] == [
        "the REML fits were refitted by maximum likelihood before the comparison: "
        "their fixed effects differ (only big has 'z')."
    ]
    ml = [mm.lmer(m.formula, data, reml=False) for m in (line, more)]
    np.testing.assert_allclose(found["loglik"], [m.loglik for m in ml], rtol=1e-11)
    np.testing.assert_allclose(found["bic"], [m.bic for m in ml], rtol=1e-11)
    assert line.reml  # nothing was changed


def test_the_same_names_with_other_values_are_other_fixed_parts(data, line):
    other = mm.lmer("y ~ x + (x | g)", data.assign(x=data["x"] ** 2))
    assert "same names, other values" in mm.anova(line, other).attrs["messages"][0]


def test_a_mixture_of_reml_and_ml_is_compared_by_ml(data, line, lines):
    found = mm.anova(line, mm.lmer("y ~ x + (x | g)", data, reml=False))
    expected = mm.anova(line, lines, refit=True)
    np.testing.assert_allclose(found["deviance"], expected["deviance"], rtol=1e-10)


def test_models_are_sorted_and_equal_sizes_have_no_p(data, line, lines):
    twin = mm.lmer("y ~ z + (1 | g)", data, reml=False)
    small = mm.lmer("y ~ x + (1 | g)", data, reml=False)
    found = mm.anova(mm.lmer("y ~ x + (x | g)", data, reml=False), small, twin)
    assert list(found.index) == ["model 2", "model 3", "model 1"]
    assert found["df"].tolist()[1:] == [0, 2]
    assert np.isnan(found["p_value"].iloc[1]) and found["p_value"].iloc[2] < 1e-6


def test_more_parameters_and_a_worse_fit_are_said(data):
    good = mm.lmer("y ~ x + (1 | g)", data, reml=False)
    bad = mm.lmer("y ~ f + (z | h)", data, reml=False)
    found = mm.anova(good, bad)
    assert "fits worse" in found.attrs["messages"][0]
    assert found["chisq"].iloc[1] == 0


REFUSED = {
    "rows": (lambda d, m: mm.anova(m, fit("y ~ x + (x | g)", d[:-1])), "199"),
    "order": (
        lambda d, m: mm.anova(m, fit("y ~ x + (x | g)", d[::-1])),
        "different values of 'y'",
    ),
    "response": (
        lambda d, m: mm.anova(m, fit("log(positive) ~ x + (x | g)", d)),
        "that of model 2 is 'log\\(positive\\)'",
    ),
    "weights": (
        lambda d, m: mm.anova(m, fit("y ~ x + (x | g)", d, weights="w")),
        "different weights",
    ),
    "no refit": (
        lambda d, m: mm.anova(m, fit("y ~ 1 + (1 | g)", d), refit=False),
        "only model 1 has 'x'",
    ),
    "no refit of a mixture": (
        lambda d, m: mm.anova(m, fit("y ~ x + (x | g)", d, reml=False), refit=False),
        "criteria are of different kinds",
    ),
    "no residual": (
        lambda d, m: mm.anova(
            *(fit(f"one ~ 1 + ({e} | g)", d.assign(one=1.0)) for e in ("1", "x"))
        ),
        "no residual variance",
    ),
    "refit": (lambda d, m: mm.anova(m, m, refit="ml"), "refit is 'ml'"),
    "ddf": (lambda d, m: mm.anova(m, ddf="kr"), "ddf is 'kr'"),
    "nothing": (lambda d, m: mm.anova(), "none was given"),
    "a frame": (lambda d, m: mm.anova(m, d), "not DataFrame"),
    "ranova": (lambda d, m: mm.ranova(d), "not DataFrame"),
    "r2": (lambda d, m: mm.r2(None), "not NoneType"),
    "r2 of nothing": (
        lambda d, m: mm.r2(fit("one ~ 1 + (1 | g)", d.assign(one=1.0))),
        "no shares",
    ),
    "icc of a constant": (
        lambda d, m: mm.icc_null("one", "g", d.assign(one=1.0)),
        "'one' is constant",
    ),
    "icc by values": (lambda d, m: mm.icc_null(d["y"], "g", d), "name of a column"),
    "icc of no column": (lambda d, m: mm.icc_null("yy", "g", d), "Did you mean 'y'"),
}


def fit(formula, data, **options):
    return mm.lmer(formula, data, **options)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_not_comparable_is_refused(data, line, case):
    call, piece = case
    with pytest.raises((mm.MMCourseError, TypeError), match=piece):
        call(data, line)


def in_chunks(formula, data, **options):
    """The model of rows that are read in parts and not kept."""
    return mm.lmer(formula, [data[:77], data[77:]], **options)


def test_rows_that_were_not_kept_are_compared_by_their_sums(data, line, lines):
    one, two = (in_chunks(m.formula, data) for m in (line, lines))
    expected = mm.anova(line, lines)
    for a, b in ((one, two), (line, two)):
        pd.testing.assert_frame_equal(mm.anova(a, b), expected, rtol=1e-8)
    np.testing.assert_allclose(mm.anova(one), mm.anova(line), rtol=1e-6)
    np.testing.assert_allclose(mm.ranova(two), mm.ranova(lines), rtol=1e-6)
    np.testing.assert_allclose(mm.r2(one), mm.r2(line), rtol=1e-8)
    other = in_chunks(lines.formula, data.assign(y=data["y"] + 1))
    with pytest.raises(mm.InferenceError, match="different values of 'y'"):
        mm.anova(one, other)
    with pytest.raises(mm.InferenceError, match="different weights"):
        mm.anova(one, in_chunks(lines.formula, data, weights="w"))
    with pytest.raises(mm.InferenceError, match="were read in chunks and not kept"):
        mm.r2(in_chunks("y ~ x + (1 | g)", data, weights="w"))


def test_weights_of_one_are_no_weights(data, line):
    other = mm.lmer("y ~ x + (x | g)", data, weights=np.ones(len(data)))
    assert mm.anova(line, other)["df"].iloc[1] == 2


def test_a_refit_that_stops_early_warns(data, line, monkeypatch):
    from dataclasses import replace

    from mmcourse.extract import compare

    real = compare.optimum
    monkeypatch.setattr(
        compare, "optimum", lambda f, reml: replace(real(f, reml), status="stalled")
    )
    more = mm.lmer("y ~ x + z + (1 | g)", data)
    with pytest.warns(mm.ConvergenceWarning, match="refit of model"):
        mm.anova(line, more)


# A model, the name of a drop, and the model without it.
DROPS = {
    "slope": ("(x | g)", "x in (1 + x | g)", "(1 | g)"),
    "one of two slopes": ("(x + z | g)", "z in (1 + x + z | g)", "(x | g)"),
    "of a crossed model": ("(x | g) + (1 | h)", "(1 | h)", "(x | g)"),
    "the other factor": ("(1 | g) + (x | h)", "(1 | g)", "(x | h)"),
    "a block": ("(x || g) + (1 | h)", "(0 + x | g)", "(1 | g) + (1 | h)"),
    "a nested factor": ("(1 | f/g)", "(1 | f)", "(1 | g:f)"),
    "levels of a factor": (
        "(f | g) + (1 | h)",
        "f in (1 + f | g)",
        "(1 | g) + (1 | h)",
    ),
}


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("case", DROPS.values(), ids=DROPS)
def test_a_dropped_term_is_a_fit_without_it(data, case, reml):
    full, dropped, rest = case
    model = mm.lmer(f"y ~ x + {full}", data, reml=reml, weights="w")
    small = mm.lmer(f"y ~ x + {rest}", data, reml=reml, weights="w")
    row = mm.ranova(model).loc[dropped]
    assert row["loglik"] == pytest.approx(small.loglik, rel=1e-10)
    assert row["aic"] == pytest.approx(small.aic, rel=1e-10)
    assert row["n_par"] == small.n_parameters
    assert row["chisq"] == pytest.approx(
        max(small.criterion - model.criterion, 0), abs=1e-6
    )


def test_without_random_effects_the_likelihood_is_that_of_least_squares(data):
    model = mm.lmer("y ~ x + (1 | g)", data, reml=False)
    X = np.column_stack([np.ones(len(data)), data["x"]])
    rss = np.linalg.lstsq(X, data["y"], rcond=None)[1][0]
    n = len(data)
    expected = -n / 2 * (1 + np.log(2 * np.pi * rss / n))
    assert mm.ranova(model)["loglik"].iloc[0] == pytest.approx(expected, rel=1e-12)


def test_a_smaller_model_has_the_covariance_of_its_own_columns(data):
    shifted = data.assign(big=data["z"] * 1e3 + 1e6)
    model = mm.lmer("y ~ x + (x + big | g)", shifted)
    found = without_effects(model.fit, 0, [2])
    own = mm.lmer("y ~ x + (x | g)", shifted)
    np.testing.assert_allclose(
        found.relative_covariances()[0], own.fit.relative_covariances()[0], rtol=1e-5
    )
    assert found.theta == pytest.approx(own.theta, rel=1e-5)


def test_shares_of_the_variance_are_sums_of_squares(data):
    model = mm.lmer("y ~ x + (1 | g)", data)
    fixed = np.var(model.predict(re_form="none"), ddof=1)
    between = model.var_corr()["variance"].iloc[0]
    total = fixed + between + model.sigma**2
    expected = {"marginal": fixed / total, "conditional": (fixed + between) / total}
    assert mm.r2(model).to_dict() == pytest.approx(expected)


def test_icc_null_of_columns_with_odd_names(data):
    frame = data.rename(columns={"y": "the y", "g": "the g"})
    model = mm.lmer("y ~ 1 + (1 | g)", data)
    expected = mm.icc(model)["icc"].iloc[0]
    assert mm.icc_null("the y", "the g", frame) == pytest.approx(expected)
