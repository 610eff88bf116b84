"""Leverage and influence.

Sources: fits to frames without a group, the hat matrix in full. lme4's values are in
tests/reference/test_diagnostics.py and tests/behaviour/test_accessors.py.
"""

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm


@pytest.fixture(scope="module")
def data():
    return mm.load_sleepstudy()


@pytest.fixture(scope="module")
def model(data):
    return mm.lmer("Reaction ~ Days + (1 | Subject)", data)


def test_leverage_is_the_derivative_of_the_fit_in_the_data():
    """d fitted_i / d y_i at the same theta: the diagonal of the hat matrix in full."""
    rng = np.random.default_rng(3)
    n = 60
    data = pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.normal(size=n),
            "g": rng.integers(0, 8, n),
            "h": rng.integers(0, 5, n),
            "w": rng.uniform(0.5, 2, n),
        }
    )
    data["y"] += rng.normal(size=8)[data["g"]] + rng.normal(size=5)[data["h"]]
    model = mm.lmer("y ~ x + (1 | g) + (1 | h)", data, weights="w")
    scale = {
        group: table["variance"].iloc[0] / model.sigma**2
        for group, table in model.var_corr().groupby("group", observed=True)
    }
    W = np.diag(1 / data["w"])
    Z = sum(
        scale[name] * np.equal.outer(data[name].to_numpy(), data[name].to_numpy())
        for name in ("g", "h")
    )
    V, X = W + Z, np.column_stack([np.ones(n), data["x"]])
    V_inverse = np.linalg.inv(V)
    fixed = X @ np.linalg.solve(X.T @ V_inverse @ X, X.T @ V_inverse)
    H = fixed + Z @ V_inverse @ (np.eye(n) - fixed)
    np.testing.assert_allclose(mm.hat_values(model), np.diag(H), rtol=1e-8)


def test_leaving_a_group_out_is_a_fit_to_the_other_rows(data, model):
    found = mm.influence(model)
    assert found.fixef.shape == (18, 2) and found.failures == {}
    for subject in (308, 335):
        rest = mm.lmer(
            "Reaction ~ Days + (1 | Subject)", data[data["Subject"] != subject]
        )
        np.testing.assert_allclose(found.fixef.loc[subject], rest.fixef, rtol=1e-7)
        sds = rest.var_corr()["sd"].tolist()
        assert found.variances.loc[subject].tolist() == pytest.approx(sds, rel=1e-6)
        moved = (model.fixef - rest.fixef).to_numpy()
        distance = moved @ np.linalg.solve(model.vcov, moved) / 2
        assert found.cooks_distance[subject] == pytest.approx(distance, rel=1e-5)
        np.testing.assert_allclose(
            found.dfbetas.loc[subject], moved / rest.std_error, rtol=1e-5
        )
    assert found.variances.columns.tolist() == ["sd_Intercept|Subject", "sigma"]
    assert repr(found).startswith("Influence of 18 groups of 'Subject'")


def test_an_effect_that_needs_the_group_is_missing():
    """Crossed: g = 2 alone has the level b of f."""
    rng = np.random.default_rng(0)
    g, h = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    y = rng.normal(size=6)[g] + rng.normal(size=8)[h] + rng.normal(size=48)
    f = np.where(g == 2, "b", "a")
    data = pd.DataFrame({"y": y, "f": f, "g": g, "h": h})
    model = mm.lmer("y ~ f + (1 | g) + (1 | h)", data)
    found = mm.influence(model, "g")
    missing = found.fixef.isna()
    assert missing.sum().tolist() == [0, 1] and missing.loc[2, "f[T.b]"]
    assert np.isnan(found.cooks_distance[2])


def test_the_data_comes_first(data, model):
    joined = mm.augment(model, data)
    assert joined.columns[:3].tolist() == data.columns.tolist()
    np.testing.assert_allclose(joined["fitted"] + joined["residual"], data["Reaction"])
    np.testing.assert_allclose(joined["fixed"], model.predict(re_form="none"))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda m: mm.influence(m, "subject"), mm.InferenceError, "'Subject'"),
        (lambda m: mm.influence(m, levels=[1]), mm.InferenceError, "levels names 1"),
        (lambda m: mm.hat_values(3), TypeError, "hat_values takes a model"),
        (lambda m: mm.augment(m, 3), TypeError, "pandas frame of the fit"),
        (
            lambda m: mm.augment(m, mm.load_sleepstudy().assign(hat=1)),
            mm.DesignError,
            "columns hat",
        ),
        (
            lambda m: mm.augment(m, mm.load_sleepstudy().head(9)),
            mm.DesignError,
            "can't be matched",
        ),
    ],
)
def test_what_can_not_be_done_is_said(model, call, error, match):
    with pytest.raises(error, match=match):
        call(model)


def test_two_groups_are_too_few(data):
    few = data[data["Subject"].isin([308, 309])]
    model = mm.lmer("Reaction ~ Days + (1 | Subject)", few)
    with pytest.raises(mm.InferenceError, match="has two levels"):
        mm.influence(model)
