"""Degrees of freedom by a second route: V in full, with NumPy alone.

Kenward-Roger from the formulas of the paper, with n x n matrices. Satterthwaite from
numeric derivatives of the density in the variances themselves, not in theta.
"""

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse import memory
from mmcourse.inference.kenward_roger import KenwardRoger
from mmcourse.inference.satterthwaite import FLAT_NOTE, SINGULAR_NOTE, Satterthwaite
from mmcourse.inference.satterthwaite import _joint_df as joint_df

CROSSED = "y ~ x + f + (x | g) + (1 | h)"
CASES = {
    "one factor": ("y ~ x + f + (1 | g)", None),
    "slopes": ("y ~ x + f + (x | g)", None),
    "crossed": (CROSSED, None),
    "nested": ("y ~ x + f + (1 | k/g)", None),
    "nested and crossed": ("y ~ x + (1 | k/g) + (0 + x | h)", None),
    "weights": (CROSSED, "w"),
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(11)
    n = 150
    g, h = rng.integers(0, 14, n), rng.integers(0, 5, n)
    x = rng.normal(size=n)
    u = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 0.6]], 14)
    v = rng.normal(size=(2, 5))
    w = rng.uniform(0.5, 2, n)
    e = rng.normal(size=n) / np.sqrt(w)
    y = (
        1
        + x
        + u[g, 0]
        + u[g, 1] * x
        + v[0, h]
        + v[1, h] * x
        + 2 * np.array([1, -1, 0.5, -0.7])[g % 4]
        + e
    )
    f = rng.choice(list("abc"), n)
    return pd.DataFrame({"y": y, "x": x, "f": f, "g": g, "h": h, "k": g % 4, "w": w})


class Dense:
    """V, and its derivative in every variance and covariance."""

    def __init__(self, model):
        design = model.design
        self.X = design.X[:, list(model.fit.kept)]
        self.y = design.y
        w = np.ones(len(self.y)) if design.weights is None else design.weights
        self.G, values = [], []
        for term, rel in zip(
            design.terms, model.fit.relative_covariances(), strict=True
        ):
            codes = design.groupings[term.grouping].codes
            same = codes[:, None] == codes
            Z, c = term.columns, len(term.names)
            for i in range(c):
                for j in range(i + 1):
                    outer = np.outer(Z[:, i], Z[:, j])
                    self.G.append(same * (outer if i == j else outer + outer.T))
                    values.append(model.sigma**2 * rel[i, j])
        self.G.append(np.diag(1 / w))
        self.values = np.array([*values, model.sigma**2])

    def at(self, values):
        """V^-1, and the covariance of beta."""
        V = sum(v * G for v, G in zip(values, self.G, strict=True))
        inverse = np.linalg.inv(V)
        return inverse, np.linalg.inv(self.X.T @ inverse @ self.X)

    def criterion(self, values, reml):
        inverse, phi = self.at(values)
        beta = phi @ self.X.T @ inverse @ self.y
        left = self.y - self.X @ beta
        out = -np.linalg.slogdet(inverse)[1] + left @ inverse @ left
        return out - np.linalg.slogdet(phi)[1] if reml else out


def hessian(function, at, step):
    q = len(at)
    moves = np.diag(step)
    out = np.empty((q, q))
    for i in range(q):
        for j in range(q):
            a, b = moves[i], moves[j]
            corners = function(at + a + b) - function(at + a - b)
            corners -= function(at - a + b) - function(at - a - b)
            out[i, j] = corners / (4 * step[i] * step[j])
    return out


def satterthwaite_df(dense, reml):
    at = dense.values
    step = 1e-4 * np.sqrt(np.mean(at**2)) * np.ones(len(at))
    A = 2 * np.linalg.inv(hessian(lambda v: dense.criterion(v, reml), at, step))
    phi = np.diag(dense.at(at)[1])
    slope = [
        (np.diag(dense.at(at + s)[1]) - np.diag(dense.at(at - s)[1])) / (2 * s.max())
        for s in np.diag(step)
    ]
    slope = np.array(slope)
    return 2 * phi**2 / np.einsum("ip,ij,jp->p", slope, A, slope)


def kenward_roger(dense):
    """Adjusted covariance, Phi, W and P [KR97]."""
    inverse, phi = dense.at(dense.values)
    X, r = dense.X, len(dense.G)
    IG = [inverse @ G for G in dense.G]
    P = [-X.T @ M @ inverse @ X for M in IG]
    Q = [[X.T @ a @ b @ inverse @ X for b in IG] for a in IG]
    info = np.array(
        [
            [
                np.trace(IG[i] @ IG[j])
                - 2 * np.trace(phi @ Q[i][j])
                + np.trace(phi @ P[i] @ phi @ P[j])
                for j in range(r)
            ]
            for i in range(r)
        ]
    )
    W = 2 * np.linalg.inv(info)
    bias = sum(
        W[i, j] * (Q[i][j] - P[i] @ phi @ P[j]) for i in range(r) for j in range(r)
    )
    return phi + 2 * phi @ bias @ phi, phi, W, P


def scaled_f(L, beta, adjusted, phi, W, P):
    """F and its denominator degrees of freedom, from the two moments [KR97]."""
    q, r = len(L), len(P)
    theta = L.T @ np.linalg.inv(L @ phi @ L.T) @ L
    u = [theta @ phi @ p @ phi for p in P]
    A1 = sum(
        W[i, j] * np.trace(u[i]) * np.trace(u[j]) for i in range(r) for j in range(r)
    )
    A2 = sum(W[i, j] * np.trace(u[i] @ u[j]) for i in range(r) for j in range(r))
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    below = 3 * q + 2 * (1 - g)
    c = g / below, (q - g) / below, (q + 2 - g) / below
    mean = 1 / (1 - A2 / q)
    var = 2 / q * (1 + c[0] * B) / ((1 - c[1] * B) ** 2 * (1 - c[2] * B))
    rho = var / (2 * mean**2)
    df = 4 + (q + 2) / (q * rho - 1)
    wald = L @ beta @ np.linalg.solve(L @ adjusted @ L.T, L @ beta) / q
    return df / (mean * (df - 2)) * wald, df


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_kenward_roger_is_that_of_the_paper(data, case):
    formula, weights = case
    model = mm.lmer(formula, data, weights=weights)
    assert model.status == "converged"
    found = KenwardRoger(model.fit)
    adjusted, phi, W, P = kenward_roger(Dense(model))
    np.testing.assert_allclose(found.vcov, adjusted, rtol=1e-8, atol=1e-12)
    beta, p = model.fixef.to_numpy(), len(model.fixef)
    for L in (np.eye(p)[:1], np.eye(p)[1:], np.array([[1.0, 2.0, *[0] * (p - 2)]])):
        f, df = scaled_f(L, beta, adjusted, phi, W, P)
        test = found.f_test(L)
        assert (test.f, test.den_df) == pytest.approx((f, df), rel=1e-7)
        if len(L) == 1:
            assert found.df(L)[0] == pytest.approx(df, rel=1e-7)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_satterthwaite_from_the_variances_themselves(data, case, reml):
    formula, weights = case
    model = mm.lmer(formula, data, reml=reml, weights=weights)
    assert model.status == "converged"
    found = Satterthwaite(model.fit).df(np.eye(len(model.fixef)))
    expected = satterthwaite_df(Dense(model), reml)
    np.testing.assert_allclose(found, expected, rtol=2e-5)


def test_large_crossed_models_take_one_evaluation_at_a_time(data, monkeypatch):
    from mmcourse.elimination.general import General

    model = mm.lmer(CROSSED, data)
    every = np.eye(len(model.fixef))
    expected = Satterthwaite(model.fit).df(every)
    monkeypatch.setattr(General, "is_small", lambda self, q: False)
    np.testing.assert_allclose(Satterthwaite(model.fit).df(every), expected, rtol=1e-8)


def test_balanced_data_have_the_degrees_of_freedom_of_the_analysis_of_variance():
    # sleepstudy: 18 subjects, 10 days each; the slope is tested against subject:day
    model = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    for method in (Satterthwaite(model.fit), KenwardRoger(model.fit)):
        np.testing.assert_allclose(method.df(np.eye(2)), [17, 17], rtol=1e-6)


@pytest.mark.parametrize("change", [lambda x: x + 1e6, lambda x: x * 1e6])
@pytest.mark.parametrize("ddf", ["satterthwaite", "kenward_roger"])
def test_units_of_a_covariate_do_not_matter(data, change, ddf):
    one = mm.extract_fixed_effects(mm.lmer(CROSSED, data), p_value=ddf)
    other = mm.extract_fixed_effects(
        mm.lmer(CROSSED, data.assign(x=change(data["x"]))), p_value=ddf
    )
    for column in ("t", "df", "p_value"):
        a, b = one[column][1:], other[column][1:]
        np.testing.assert_allclose(a, b, rtol=1e-5, err_msg=column)


def test_the_interval_is_students(data):
    from scipy import stats

    model = mm.lmer(CROSSED, data)
    table = mm.extract_fixed_effects(model, 0.9, "satterthwaite")
    half = stats.t.ppf(0.95, table["df"]) * table["se"]
    np.testing.assert_allclose(table["upper_95"], table["value"] + half)
    p = 2 * stats.t.sf(abs(table["t"]), table["df"])
    np.testing.assert_allclose(table["p_value"], p)
    assert table.attrs["method"] == "satterthwaite" and table.attrs["notes"] == []
    kr = mm.extract_fixed_effects(model, p_value="kenward_roger")
    assert (kr["se"] > table["se"]).all()


def test_a_singular_fit_says_so():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    table = mm.extract_fixed_effects(model, p_value="satterthwaite")
    assert table["df"].tolist() == pytest.approx([29])  # least squares: n - 1
    assert table.attrs["notes"] == [SINGULAR_NOTE]
    again = mm.extract_fixed_effects(model, p_value="kenward_roger")
    assert "singular" in again.attrs["notes"][0]


def test_a_term_twice_leaves_a_flat_direction(data):
    once = mm.lmer("y ~ x + (1 | g)", data)
    twice = mm.lmer("y ~ x + (1 | g) + (1 | g)", data)
    found = Satterthwaite(twice.fit)
    if not twice.is_singular:
        assert FLAT_NOTE in found.notes
    expected = Satterthwaite(once.fit).df(np.eye(2))
    np.testing.assert_allclose(found.df(np.eye(2)), expected, rtol=1e-4)
    expected = KenwardRoger(once.fit).df(np.eye(2))
    np.testing.assert_allclose(
        KenwardRoger(twice.fit).df(np.eye(2)), expected, rtol=1e-4
    )


def test_joint_degrees_of_freedom():
    # E of F with nu 10 each is 10 / 8, as of F(2, 10)
    assert joint_df(np.array([10.0, 10.0])) == 10
    assert joint_df(np.array([10.0, 20.0])) == pytest.approx(
        2 * (10 / 8 + 20 / 18) / (10 / 8 + 20 / 18 - 2)
    )
    assert joint_df(np.array([1.5, 10.0])) == 2


def test_kenward_roger_needs_reml(data):
    model = mm.lmer("y ~ x + (1 | g)", data, reml=False)
    with pytest.raises(mm.InferenceError, match="made for REML fits"):
        mm.extract_fixed_effects(model, p_value="kenward_roger")
    with pytest.raises(mm.InferenceError, match="made for REML fits"):
        mm.anova(model, ddf="kenward_roger")


def test_nothing_is_uncertain_without_residuals(data):
    model = mm.lmer("y ~ x + (1 | g)", data.assign(y=1.0))
    for ddf in ("satterthwaite", "kenward_roger"):
        with pytest.raises(mm.InferenceError, match="leaves no residual variance"):
            mm.extract_fixed_effects(model, p_value=ddf)


def test_too_many_crossed_effects_are_refused_before_the_memory_is_taken(
    data, monkeypatch
):
    model = mm.lmer(CROSSED, data)
    monkeypatch.setattr("mmcourse.inference.traces.available", lambda: 1000.0)
    with pytest.raises(mm.InferenceError, match="Use 'satterthwaite'"):
        KenwardRoger(model.fit)
    assert memory.available() > 1000


def test_a_model_without_fixed_effects_has_an_empty_table(data):
    model = mm.lmer("y ~ 0 + (1 | g)", data)
    for ddf in ("satterthwaite", "kenward_roger"):
        assert len(mm.extract_fixed_effects(model, p_value=ddf)) == 0
        assert len(mm.anova(model, ddf=ddf)) == 0
