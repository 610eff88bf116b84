"""Type III hypotheses: the same whatever contrasts code the factors.

With contrasts that sum to zero the hypothesis of a term is that its own coefficients
are zero: a second route to every table. Here the factors are spelled out as columns.
"""

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse.design import build_design
from mmcourse.design.hypotheses import type_three


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    n = 240
    a, b, c = (
        rng.choice(list("uvw"), n),
        rng.choice(list("xyzt"), n),
        rng.choice([1, 2], n),
    )
    g = rng.integers(0, 20, n)
    x = rng.normal(size=n)
    y = x + (a == "v") * (b == "y") + rng.normal(size=20)[g] + rng.normal(size=n)
    return pd.DataFrame({"y": y, "a": a, "b": b, "c": c, "x": x, "g": g})


def table(formula, data, **options):
    return mm.anova(mm.lmer(formula + " + (1 | g)", data), **options)


# A formula, and the same with contrasts that sum to zero.
SUMS = {
    "main effects": ("a + b", "C(a, contr.sum) + C(b, contr.sum)"),
    "two factors": ("a*b", "C(a, contr.sum)*C(b, contr.sum)"),
    "three factors": (
        "a*b*C(c)",
        "C(a, contr.sum)*C(b, contr.sum)*C(c, contr.sum)",
    ),
    "a slope per level": ("x*a", "x*C(a, contr.sum)"),
    "polynomials": ("poly(x, 2)*a", "poly(x, 2)*C(a, contr.sum)"),
    "other contrasts": (
        "C(a, contr.helmert)*C(b, contr.treatment('t'))",
        "C(a, contr.sum)*C(b, contr.sum)",
    ),
}


@pytest.mark.parametrize("pair", SUMS.values(), ids=SUMS)
def test_tests_do_not_depend_on_the_contrasts(data, pair):
    one, other = (table(f"y ~ {text}", data) for text in pair)
    assert len(one) == len(other)
    np.testing.assert_array_equal(one["num_df"], other["num_df"])
    np.testing.assert_allclose(one["F"], other["F"], rtol=1e-6)
    np.testing.assert_allclose(one["den_df"], other["den_df"], rtol=1e-6)


@pytest.mark.parametrize("pair", SUMS.values(), ids=SUMS)
def test_with_sum_contrasts_a_term_is_its_own_columns(data, pair):
    design = build_design(f"y ~ {pair[1]} + (1 | g)", data)
    recipe = design.memory.fixed
    p = len(recipe.names)
    for term, L in type_three(recipe, range(p)).items():
        own = [j for j, source in enumerate(recipe.sources) if source == term]
        others = np.delete(np.arange(p), own)
        assert np.abs(L[:, others]).max(initial=0) < 1e-12
        assert np.linalg.matrix_rank(L[:, own]) == len(own) == len(L)


def test_a_wald_test_of_columns_written_out(data):
    """The main effect of `a` by hand: effects coded, weighed by nothing."""
    A = {"u": (1, 0), "v": (0, 1), "w": (-1, -1)}
    B = {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1), "t": (-1, -1, -1)}
    columns = {f"a{i}": [A[v][i] for v in data["a"]] for i in range(2)}
    columns |= {f"b{i}": [B[v][i] for v in data["b"]] for i in range(3)}
    frame = data.assign(**columns)
    text = "(a0 + a1)*(b0 + b1 + b2)"
    model = mm.lmer(f"y ~ {text} + (1 | g)", frame)
    own = ["a0", "a1"]
    beta, V = model.fixef[own], model.vcov.loc[own, own]
    f = beta @ np.linalg.solve(V, beta) / 2
    found = table("y ~ a*b", data)
    assert found.loc["a", "F"] == pytest.approx(f, rel=1e-8)


def test_without_an_intercept_a_factor_is_all_its_levels(data):
    found = table("y ~ 0 + a + b", data)
    assert found["num_df"].tolist() == [3, 3]
    assert table("y ~ 0 + a*b", data)["num_df"].tolist() == [3, 3, 6]


def test_an_interaction_without_main_effects_takes_their_place(data):
    # a:b alone spans what a*b spans: 12 cells less the mean
    alone, full = table("y ~ a:b", data), table("y ~ a*b", data)
    assert alone["num_df"].tolist() == [11]
    assert full["num_df"].tolist() == [2, 3, 6]


def test_names_of_terms_with_quotes_and_colons(data):
    frame = data.rename(columns={"a": "my a"}).assign(b=data["b"] + ":1")
    found = table("y ~ `my a` * b", frame)
    assert list(found.index) == ["my a", "b", "my a:b"]
    np.testing.assert_allclose(found["F"], table("y ~ a*b", data)["F"], rtol=1e-9)


def test_a_redundant_column_has_no_test(data):
    frame = data.assign(x2=2 * data["x"])
    with pytest.warns(mm.RankWarning):
        model = mm.lmer("y ~ x + x2 + a + (1 | g)", frame)
    found = mm.anova(model)
    assert list(found.index) == ["x", "a"]
    np.testing.assert_allclose(found["F"], table("y ~ x + a", data)["F"])


def test_an_empty_cell_has_no_average(data):
    frame = data[(data["a"] != "u") | (data["b"] != "x")]
    with pytest.warns(mm.RankWarning):
        model = mm.lmer("y ~ a*b + (1 | g)", frame)
    with pytest.raises(mm.InferenceError, match="can't be averaged over the levels"):
        mm.anova(model)
