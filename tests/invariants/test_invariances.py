"""What may be done to data or formula without a change, or with a known one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.invariants.compare import (
    EITHER,
    EVERY,
    REST,
    same,
    same_fixed,
    same_modes,
    school,
    sd_of,
)

DATA = school()
N = len(DATA)


def dof(model):
    """Rows of the likelihood: less the fixed effects for REML."""
    return model.n_obs - (len(model.fixef) if model.reml else 0)


@EVERY
def test_order_of_the_rows(formula):
    shuffled = DATA.sample(frac=1, random_state=3)
    found, expected = mm.lmer(formula, shuffled), mm.lmer(formula, DATA)
    same(found, expected)
    same_modes(found, expected)
    assert found.fitted.index.equals(shuffled.index)


LABELS = {
    "strings": lambda v: f"no {v}",
    "numbers backwards": lambda v: 100 - v,
    "negative": lambda v: -v - 1,
    "fractions": lambda v: v / 8,
    "dates": lambda v: pd.Timestamp(2020, 1, 1) + pd.Timedelta(days=int(v)),
    "with blanks and signs": lambda v: f"{v} / a|b~c",
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("formula", ["y ~ x + (x | g) + (1 | h)", "y ~ x + (x || g)"])
def test_labels_of_the_groups(formula, kind):
    rename = LABELS[kind]
    renamed = DATA.assign(g=DATA["g"].map(rename), h=DATA["h"].map(rename))
    found, expected = mm.lmer(formula, renamed), mm.lmer(formula, DATA)
    same(found, expected)
    same_modes(found, expected, rename)


@EVERY
def test_categoricals_with_levels_that_do_not_occur(formula):
    rare = {
        name: pd.Categorical(DATA[name], [-5, *sorted(DATA[name].unique())[::-1], 99])
        for name in ("g", "h")
    }
    f = pd.Categorical(DATA["f"], ["low", "mid", "never", "top"])
    found, expected = mm.lmer(formula, DATA.assign(f=f, **rare)), mm.lmer(formula, DATA)
    same(found, expected)
    assert found.n_groups == expected.n_groups
    if "/" not in formula:
        same_modes(found, expected)


@EITHER
@EVERY
def test_scale_of_the_response(formula, reml):
    expected = mm.lmer(formula, DATA, reml=reml)
    for c in (1e-9, -3.0, 1e9):
        found = mm.lmer(formula, DATA.assign(y=c * DATA["y"]), reml=reml)
        known = 2 * dof(expected) * np.log(abs(c))
        assert found.criterion == pytest.approx(expected.criterion + known, rel=1e-9)
        assert found.sigma == pytest.approx(abs(c) * expected.sigma, rel=REST)
        np.testing.assert_allclose(found.theta, expected.theta, atol=10 * REST)
        np.testing.assert_allclose(
            found.fitted / c, expected.fitted, atol=REST * expected.sigma
        )


@EITHER
@EVERY
def test_shift_of_the_response(formula, reml):
    expected = mm.lmer(formula, DATA, reml=reml)
    for shift in (-3.0, 1e6):
        found = mm.lmer(formula, DATA.assign(y=DATA["y"] + shift), reml=reml)
        same(found, expected_shifted(expected, shift), fixef=False)
        moved = found.fixef - expected.fixef
        assert moved["Intercept"] == pytest.approx(shift, abs=REST * expected.sigma)
        assert np.all(np.abs(moved[1:]) < REST * expected.std_error[1:])
        same_modes(found, expected)


def expected_shifted(model, shift):
    """Stand in for a model whose fitted values are shifted."""
    return SimpleNamespace(
        criterion=model.criterion, sigma=model.sigma, fitted=model.fitted + shift
    )


# How x is rewritten, and the factor on its unit: the determinant that REML sees.
REWRITTEN = {
    "plus 1000": (lambda x: x + 1000, 1.0),
    "plus 1e6": (lambda x: x + 1e6, 1.0),
    "times 1e6": (lambda x: x * 1e6, 1e6),
    "times 1e-6": (lambda x: x * 1e-6, 1e-6),
    "times -1": (lambda x: -x, -1.0),
}


@EITHER
@pytest.mark.parametrize("how", REWRITTEN)
@pytest.mark.parametrize(
    "formula",
    ["y ~ x + (x | g)", "y ~ x + (x | g) + (1 | h)", "y ~ z + x + (x + z | g)"],
)
def test_units_and_origin_of_a_covariate_that_varies(formula, how, reml):
    rewrite, c = REWRITTEN[how]
    expected = mm.lmer(formula, DATA, reml=reml)
    found = mm.lmer(formula, DATA.assign(x=rewrite(DATA["x"])), reml=reml)
    same(found, expected, 2 * np.log(abs(c)) if reml else 0.0, fixef=False)
    slope, se = expected.fixef["x"], expected.std_error["x"]
    assert found.fixef["x"] * c == pytest.approx(slope, abs=REST * se)
    assert found.std_error["x"] * abs(c) == pytest.approx(se, rel=REST)
    assert sd_of(found, "g", "x") * abs(c) == pytest.approx(
        sd_of(expected, "g", "x"), rel=REST
    )


@pytest.mark.parametrize("c", [1e6, 1e-6])
@pytest.mark.parametrize("formula", ["y ~ x + (x || g)", "y ~ x + (0 + x | g)"])
def test_units_of_a_covariate_without_correlation(formula, c):
    expected = mm.lmer(formula, DATA)
    found = mm.lmer(formula, DATA.assign(x=c * DATA["x"]))
    same(found, expected, 2 * np.log(c), fixef=False)
    assert sd_of(found, "g", "x") * c == pytest.approx(
        sd_of(expected, "g", "x"), rel=REST
    )


@EITHER
def test_base_level_of_a_fixed_factor(reml):
    formula = "y ~ f + x + (x | g)"
    expected = mm.lmer(formula, DATA, reml=reml)
    turned = DATA.assign(f=pd.Categorical(DATA["f"], ["top", "low", "mid"]))
    found = mm.lmer(formula, turned, reml=reml)
    same(found, expected, fixef=False)  # a change of base has determinant +-1
    contrast = expected.fixef["f[T.mid]"] - expected.fixef["f[T.top]"]
    assert found.fixef["f[T.mid]"] == pytest.approx(contrast, abs=1e-6)
    sums = mm.lmer("y ~ C(f, contr.sum) + x + (x | g)", DATA, reml=reml)
    # Treatment columns from sum-to-zero columns: determinant 3.
    same(sums, expected, 2 * np.log(3) if reml else 0.0, fixef=False)


@EITHER
def test_any_full_rank_recoding_of_the_fixed_part(reml):
    A = np.array([[2.0, 1.0, -1.0], [0.5, -3.0, 0.0], [1.0, 1.0, 4.0]])
    X = np.column_stack([np.ones(N), DATA["x"], DATA["z"]]) @ A
    new = DATA.assign(a=X[:, 0], b=X[:, 1], c=X[:, 2])
    expected = mm.lmer("y ~ x + z + (1 | g)", DATA, reml=reml)
    found = mm.lmer("y ~ 0 + a + b + c + (1 | g)", new, reml=reml)
    known = 2 * np.log(abs(np.linalg.det(A))) if reml else 0.0
    same(found, expected, known, fixef=False)
    np.testing.assert_allclose(A @ found.fixef, expected.fixef, atol=1e-6)


@EVERY
def test_redundant_fixed_columns(formula):
    expected = mm.lmer(formula, DATA)
    more = DATA.assign(twice=2 * DATA["x"] + 3, again=DATA["z"], one=7.0)
    left, right = formula.split(" + ", 1)
    with pytest.warns(mm.RankWarning, match="twice"):
        found = mm.lmer(f"{left} + x + one + twice + {right}", more)
    if "z" in left:
        expected = mm.lmer(f"{left} + x + {right}", DATA)
    same(found, expected)
    assert any("twice" in text for text in found.messages)


@EITHER
@EVERY
@pytest.mark.parametrize("weights", [None, "w"])
def test_a_constant_on_all_weights(formula, weights, reml):
    expected = mm.lmer(formula, DATA, reml=reml, weights=weights)
    for c in (1e-4, 4.0, 1e6):
        w = c * (np.ones(N) if weights is None else DATA[weights].to_numpy())
        found = mm.lmer(formula, DATA, reml=reml, weights=w)
        assert found.criterion == pytest.approx(expected.criterion, rel=1e-9)
        assert found.sigma == pytest.approx(np.sqrt(c) * expected.sigma, rel=REST)
        own = found.theta * np.sqrt(c)
        np.testing.assert_allclose(own, expected.theta, atol=10 * REST)
        same_fixed(found, expected)


@EITHER
@pytest.mark.parametrize("formula", ["y ~ x + (x | g)", "y ~ x + (1 | g) + (1 | h)"])
def test_a_weight_is_the_number_of_rows_behind_a_mean(formula, reml):
    """Rows around the means with the fit's own sigma add nothing but their density.

    With V of the means and w rows behind each, |V_rows| = |V| prod(w), and the sum of
    squares within adds (N - n) sigma^2 to the residual one, so sigma stays.
    """
    counts = np.random.default_rng(5).integers(1, 5, N)
    means = DATA.assign(w=counts.astype(float))
    expected = mm.lmer(formula, means, weights="w", reml=reml)
    rows = means.loc[means.index.repeat(counts)].reset_index(drop=True)
    within = np.random.default_rng(6).normal(size=len(rows))
    owner = np.repeat(np.arange(N), counts)
    within -= (np.bincount(owner, within) / counts)[owner]
    extra = len(rows) - N
    within *= np.sqrt(extra / (within @ within)) * expected.sigma
    found = mm.lmer(formula, rows.assign(y=rows["y"] + within), reml=reml)
    known = np.log(counts).sum()
    known += extra * (1 + np.log(2 * np.pi * expected.sigma**2))
    assert found.criterion == pytest.approx(expected.criterion + known, rel=1e-9)
    assert found.sigma == pytest.approx(expected.sigma, rel=REST)
    np.testing.assert_allclose(found.theta, expected.theta, atol=10 * REST)
    same_fixed(found, expected)
    same_modes(found, expected)
