"""The page on the method: its example runs, its formulas are those of the code.

Each formula is written out with dense matrices of the user's own columns, as on the
page, and compared with what the engine says or with differences of its criterion.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import mmcourse as mm

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "method.md"
TEXT = PAGE.read_text(encoding="utf-8")
CODE = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", TEXT, re.M | re.S))
FUNCTION = next(
    example.source
    for example in doctest.DocTestParser().get_examples(CODE)
    if example.source.startswith("def criterion")
)


class Dense:
    """A model's matrices at its theta, as the page has them."""

    def __init__(self, model: mm.MixedModel) -> None:
        self.model, self.m = model, mm.model_matrices(model)
        self.X, self.Z = self.m.X, self.m.Z.toarray()
        self.y = model.design.y
        n, p = self.X.shape
        Lam = self.m.relative_factor.toarray()
        self.V = np.eye(n) + self.Z @ Lam @ Lam.T @ self.Z.T
        self.V_inverse = np.linalg.inv(self.V)
        XV = self.X.T @ self.V_inverse
        self.Phi = np.linalg.inv(XV @ self.X)
        self.beta = self.Phi @ (XV @ self.y)
        self.P0 = self.V_inverse - XV.T @ self.Phi @ XV
        self.P = self.P0 if model.reml else self.V_inverse
        self.e = self.P0 @ self.y
        self.rho2 = float(self.y @ self.e)
        self.dof = n - p if model.reml else n
        self.sigma2 = self.rho2 / self.dof
        self.Lam = Lam

    def directions(self) -> list[np.ndarray]:
        """Derivative of Lambda in each theta, (q, q)."""
        step = np.eye(len(self.model.theta))
        return [self.factor(s) for s in step]  # Lambda is linear in theta

    def factor(self, theta: np.ndarray) -> np.ndarray:
        """Lambda of a term with two columns, (q, q)."""
        lam = np.zeros((2, 2))
        lam.T[np.triu_indices(2)] = theta
        return np.kron(np.eye(self.Z.shape[1] // 2), lam)

    def logdet_at(self, theta: np.ndarray) -> float:
        """log |V| at theta."""
        ZLam = self.Z @ self.factor(theta)
        return float(np.linalg.slogdet(np.eye(len(ZLam)) + ZLam @ ZLam.T)[1])


@pytest.fixture(scope="module", params=[True, False], ids=["reml", "ml"])
def dense(request) -> Dense:
    data = mm.load_sleepstudy().iloc[:-7]  # not balanced
    formula = "Reaction ~ Days + (Days | Subject)"
    return Dense(mm.lmer(formula, data, reml=request.param))


@pytest.fixture(scope="module")
def elsewhere(dense) -> Dense:
    """The same where the criterion has a slope: theta of another response."""
    rng = np.random.default_rng(4)
    other = dense.model.refit(dense.y + rng.normal(0, 40, len(dense.y)))
    moved = Dense(other)
    moved.y, moved.model = dense.y, dense.model
    moved.e = moved.P0 @ moved.y
    moved.rho2 = float(moved.y @ moved.e)
    moved.sigma2 = moved.rho2 / moved.dof
    return moved


def differences(f, at: np.ndarray, step: float) -> np.ndarray:
    moves = step * np.eye(len(at))
    return np.array([(f(at + d) - f(at - d)) / (2 * step) for d in moves])


def test_the_examples_run():
    test = doctest.DocTestParser().get_doctest(CODE, {}, PAGE.name, str(PAGE), 0)
    found = doctest.DocTestRunner().run(test)
    assert found.attempted > 10 and not found.failed


def test_the_function_has_twenty_lines():
    assert len(FUNCTION.splitlines()) == 20


@pytest.mark.parametrize("reml", [True, False])
def test_weights_multiply_rows_and_leave_a_constant(reml):
    names: dict = {"np": np}
    exec(FUNCTION, names)
    data = mm.load_sleepstudy().iloc[:-7]
    w = np.linspace(0.5, 3, len(data))
    formula = "Reaction ~ Days + (Days | Subject)"
    model = mm.lmer(formula, data, reml=reml, weights=w)
    d, root = Dense(mm.lmer(formula, data)), np.sqrt(w)[:, None]
    theirs = names["criterion"](
        model.theta, root[:, 0] * d.y, root * d.X, root * d.Z, 18, reml
    )
    assert model.criterion == pytest.approx(theirs - np.log(w).sum(), rel=1e-11)


def test_files_and_keys_exist():
    named = set(re.findall(r"`(mmcourse/[\w/]+\.py)`", TEXT))
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).is_file()] == []
    body, references = TEXT.split("## References")
    cited = set(re.findall(r"\[([A-Z]+\d*)\](?!\()", body))
    listed = re.findall(r"^- \[([A-Z]+\d*)\]", references, re.M)
    assert listed == sorted(listed)
    assert cited <= set(listed) and set(listed) - cited <= {"PB00"}


def test_names_of_the_same_quantities(dense):
    m = dense.m
    assert np.linalg.slogdet(dense.V)[1] == pytest.approx(m.logdet_L, rel=1e-10)
    np.testing.assert_allclose(m.RX.T @ m.RX, np.linalg.inv(dense.Phi), rtol=1e-8)
    assert dense.rho2 == pytest.approx(m.pwrss, rel=1e-9)
    cu = np.linalg.solve(m.L, dense.Lam.T @ dense.Z.T @ dense.y)
    left = dense.X.T @ dense.y - m.RZX.T @ cu
    rho2 = dense.y @ dense.y - cu @ cu - m.beta @ left
    assert rho2 == pytest.approx(m.pwrss, rel=1e-7)
    assert dense.sigma2 == pytest.approx(dense.model.sigma**2, rel=1e-8)


def test_change_of_columns_is_a_constant(dense):
    C = np.linalg.qr(dense.X)[0]
    R = C.T @ dense.X
    ours = np.linalg.slogdet(dense.X.T @ dense.V_inverse @ dense.X)[1]
    theirs = np.linalg.slogdet(C.T @ dense.V_inverse @ C)[1]
    constant = 2 * np.log(abs(np.linalg.det(R)))
    assert ours == pytest.approx(theirs + constant, rel=1e-10)


def test_elimination_level_by_level(dense):
    both = np.column_stack([dense.X, dense.y])
    lam, total, logdet = dense.Lam[:2, :2], both.T @ both, 0.0
    for first in range(0, dense.Z.shape[1], 2):
        Z = dense.Z[:, first : first + 2]
        G, H = Z.T @ Z, Z.T @ both
        D = np.eye(2) + lam.T @ G @ lam
        W = lam @ np.linalg.inv(D) @ lam.T
        total -= H.T @ W @ H
        logdet += np.linalg.slogdet(D)[1]
        E = np.eye(2) - W @ G
        if first == 0:
            np.testing.assert_allclose(G @ E, Z.T @ dense.V_inverse @ Z, rtol=1e-7)
    np.testing.assert_allclose(total, both.T @ dense.V_inverse @ both, rtol=1e-6)
    assert logdet == pytest.approx(dense.m.logdet_L, rel=1e-10)


def slope_in_sigma(dense: Dense) -> np.ndarray:
    S = np.zeros((2, 2))
    for first in range(0, dense.Z.shape[1], 2):
        Z = dense.Z[:, first : first + 2]
        r = Z.T @ dense.e
        S += Z.T @ dense.P @ Z - np.outer(r, r) / dense.sigma2
    return S


def test_first_derivatives(elsewhere):
    S, lam = slope_in_sigma(elsewhere), elsewhere.Lam[:2, :2]
    ours = [2 * np.trace(lam.T @ S @ d[:2, :2]) for d in elsewhere.directions()]
    theta = elsewhere.m.theta
    by_steps = differences(elsewhere.model.criterion_at, theta, 1e-5)
    assert np.abs(by_steps).max() > 1
    np.testing.assert_allclose(ours, by_steps, rtol=1e-5, atol=1e-5)


def test_second_derivatives(elsewhere):
    d, S = elsewhere, slope_in_sigma(elsewhere)
    dots = d.directions()
    V = [d.Z @ (x @ d.Lam.T + d.Lam @ x.T) @ d.Z.T for x in dots]
    Ve = [v @ d.e for v in V]
    ours = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            ours[i, j] = 2 * Ve[i] @ d.P0 @ Ve[j] / d.sigma2
            ours[i, j] -= np.trace(d.P @ V[i] @ d.P @ V[j])
            ours[i, j] -= (d.e @ Ve[i]) * (d.e @ Ve[j]) / (d.sigma2 * d.rho2)
            curved = dots[i][:2, :2] @ dots[j][:2, :2].T
            ours[i, j] += 2 * np.trace(S @ curved)
    theta, f = d.m.theta, d.model.criterion_at

    def gradient(at: np.ndarray) -> np.ndarray:
        return differences(f, at, 1e-3)

    by_steps = differences(gradient, theta, 1e-3)
    np.testing.assert_allclose(ours, by_steps, rtol=2e-3, atol=2e-3)


def test_what_a_fit_says(dense):
    model, m = dense.model, dense.m
    np.testing.assert_allclose(model.vcov, dense.sigma2 * dense.Phi, rtol=1e-6)
    b = dense.Lam @ dense.Lam.T @ dense.Z.T @ dense.e
    np.testing.assert_allclose(
        model.ranef()["Subject"].to_numpy().ravel(), b, rtol=1e-5
    )
    D = m.L @ m.L.T
    conditional = dense.sigma2 * dense.Lam @ np.linalg.inv(D) @ dense.Lam.T
    ours = model.ranef_cov()["Subject"]
    np.testing.assert_allclose(ours[3], conditional[6:8, 6:8], rtol=1e-5)
    cross = dense.Lam.T @ dense.Z.T @ dense.X
    C = np.block([[D, cross], [cross.T, dense.X.T @ dense.X]])
    q, p = dense.Z.shape[1], dense.X.shape[1]
    T = np.block([[dense.Lam, np.zeros((q, p))], [np.zeros((p, q)), np.eye(p)]])
    joint = dense.sigma2 * T @ np.linalg.inv(C) @ T.T
    pick = np.zeros((q + p, 2))
    pick[6:8] = pick[q:] = np.eye(2)
    sd = np.sqrt(np.diag(pick.T @ joint @ pick))
    np.testing.assert_allclose(model.coef_sd()["Subject"].iloc[3], sd, rtol=1e-5)


def test_satterthwaite(dense):
    """By differences of the page's own functions, sigma not profiled out."""
    d, ell = dense, np.array([0.0, 1.0])

    def parts(phi: np.ndarray) -> tuple[float, float]:
        Lam = d.factor(phi[:3])
        V = np.eye(len(d.y)) + d.Z @ Lam @ Lam.T @ d.Z.T
        XV = np.linalg.solve(V, d.X).T
        XVX = XV @ d.X
        left = d.y - d.X @ np.linalg.solve(XVX, XV @ d.y)
        rho2, sigma2 = left @ np.linalg.solve(V, left), np.exp(2 * phi[3])
        out = np.linalg.slogdet(V)[1] + d.dof * np.log(2 * np.pi * sigma2)
        out += rho2 / sigma2 + (np.linalg.slogdet(XVX)[1] if d.model.reml else 0.0)
        return out, sigma2 * ell @ np.linalg.solve(XVX, ell)

    phi = np.append(d.m.theta, 0.5 * np.log(d.sigma2))
    g = differences(lambda at: parts(at)[1], phi, 1e-4)
    H = differences(lambda x: differences(lambda at: parts(at)[0], x, 1e-3), phi, 1e-3)
    v = parts(phi)[1]
    df = 2 * v**2 / (g @ (2 * np.linalg.inv(H)) @ g)
    table = mm.extract_fixed_effects(d.model, p_value="satterthwaite")
    assert table["df"].iloc[1] == pytest.approx(df, rel=1e-3)


@pytest.mark.parametrize("dense", [True], indirect=True, ids=["reml"])
def test_kenward_roger(dense):
    X, Z, Vi, Phi = dense.X, dense.Z, dense.V_inverse, dense.Phi
    ones = np.zeros((3, 2, 2))
    ones[0, 0, 0] = ones[1, 0, 1] = ones[1, 1, 0] = ones[2, 1, 1] = 1.0
    m = np.eye(Z.shape[1] // 2)
    G = [dense.V, *(Z @ np.kron(m, E) @ Z.T for E in ones)]
    P = [X.T @ Vi @ g @ Vi @ X for g in G]
    Q = [[X.T @ Vi @ g @ Vi @ h @ Vi @ X for h in G] for g in G]
    info = np.array(
        [
            [
                np.trace(Vi @ G[r] @ Vi @ G[s])
                - 2 * np.trace(Phi @ Q[r][s])
                + np.trace(Phi @ P[r] @ Phi @ P[s])
                for s in range(4)
            ]
            for r in range(4)
        ]
    )
    W = 2 * np.linalg.inv(info)
    total = sum(
        W[r, s] * (Q[r][s] - P[r] @ Phi @ P[s]) for r in range(4) for s in range(4)
    )
    adjusted = dense.sigma2 * (Phi + 2 * Phi @ total @ Phi)
    table = mm.extract_fixed_effects(dense.model, p_value="kenward_roger")
    np.testing.assert_allclose(table["se"] ** 2, np.diag(adjusted), rtol=1e-6)


def test_a_profile_is_the_signed_root(dense):
    """An interval of sigma ends where the deviance has risen by z squared."""
    ml = dense.model.refit_ml()
    profile = dense.model.profile("sigma")
    row, held = profile.zeta.iloc[3], profile.traces["sigma"].iloc[3]
    assert held["sigma"] == pytest.approx(row["value"], rel=1e-9)
    cor, sd = held["cor_Days.Intercept|Subject"], held["sd_Days|Subject"]
    scaled = [held["sd_Intercept|Subject"], cor * sd, np.sqrt(1 - cor**2) * sd]
    theta = np.array(scaled) / row["value"]
    n, profiled = ml.n_obs, ml.criterion_at(theta)
    rho2 = n * np.exp((profiled - dense.logdet_at(theta)) / n - 1) / (2 * np.pi)
    sigma2 = row["value"] ** 2
    rise = n * np.log(sigma2 * n / rho2) + rho2 / sigma2 - n
    assert -np.sqrt(profiled + rise - ml.criterion) == pytest.approx(row["zeta"], 1e-4)
