"""Profile intervals by a second route: the rise of the deviance at each end.

The deviance is computed from V in full, with NumPy alone; with the parameter held, the
others are optimised by SciPy's Nelder-Mead, which knows nothing of our derivatives.
lme4's own intervals are compared in tests/reference.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import mmcourse as mm

LEVEL = 0.95
RISE = 3.841458820694124  # the 95 % point of chi-squared with one degree of freedom


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(20)
    group = np.repeat(np.arange(12), rng.integers(3, 8, 12))
    x = rng.normal(size=len(group))
    u = rng.multivariate_normal([0, 0], [[1.0, 0.3], [0.3, 0.5]], size=12)
    y = 2 + x + u[group, 0] + u[group, 1] * x + rng.normal(size=len(group))
    return pd.DataFrame({"y": y, "x": x, "g": group})


@pytest.fixture(scope="module")
def model(data):
    return mm.lmer("y ~ x + (x | g)", data)


def deviance(data, parameters, held=None, reml=False):
    """-2 log likelihood at sd_1, cor, sd_2, sigma; beta at its best, or one held."""
    sd_1, cor, sd_2, sigma = parameters
    if min(sd_1, sd_2) < 0 or abs(cor) > 1 or sigma <= 0:
        return np.inf
    cov = np.array([[sd_1**2, cor * sd_1 * sd_2], [cor * sd_1 * sd_2, sd_2**2]])
    X = np.column_stack([np.ones(len(data)), data["x"]])
    same = data["g"].to_numpy()[:, None] == data["g"].to_numpy()
    V = sigma**2 * np.eye(len(data)) + same * (X @ cov @ X.T)
    y = data["y"].to_numpy()
    if held is not None:
        column, value = held
        y, X = y - X[:, column] * value, np.delete(X, column, axis=1)
    inside = X.T @ np.linalg.solve(V, X)
    beta = np.linalg.solve(inside, X.T @ np.linalg.solve(V, y))
    left = y - X @ beta
    n = len(y) - reml * X.shape[1]
    out = np.linalg.slogdet(V)[1] + left @ np.linalg.solve(V, left)
    return out + n * np.log(2 * np.pi) + reml * np.linalg.slogdet(inside)[1]


def lowest(function, start):
    """Least value of a function, by Nelder-Mead from its last best point."""
    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000}
    for _ in range(2):
        start = minimize(function, start, method="Nelder-Mead", options=options).x
    return function(start), start


def estimates(model):
    table = model.var_corr()["sd"]
    return np.array([table[0], table[2], table[1], table[3]])


@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize(
    ("place", "name"),
    list(enumerate(["sd_Intercept|g", "cor_x.Intercept|g", "sd_x|g", "sigma"])),
)
def test_the_deviance_has_risen_at_the_ends_of_a_variance(
    data, model, place, name, reml
):
    criterion = "reml" if reml else "ml"
    ends = model.confint(name, level=LEVEL, criterion=criterion).iloc[0]
    start = estimates(model)
    floor, best = lowest(lambda p: deviance(data, p, reml=reml), start)
    for end in ends:
        rest = lowest(
            lambda p, end=end: deviance(data, np.insert(p, place, end), reml=reml),
            np.delete(best, place),
        )[0]
        if abs(end) < 1:
            assert rest - floor == pytest.approx(RISE, abs=2e-5)
        else:  # a correlation may be anything on this side
            assert rest - floor < RISE


@pytest.mark.parametrize(("column", "name"), [(0, "Intercept"), (1, "x")])
def test_the_deviance_has_risen_at_the_ends_of_a_fixed_effect(
    data, model, column, name
):
    ends = model.confint(name, level=LEVEL).iloc[0]
    floor, best = lowest(lambda p: deviance(data, p), estimates(model))
    for end in ends:
        rest = lowest(lambda p, end=end: deviance(data, p, held=(column, end)), best)[0]
        assert rest - floor == pytest.approx(RISE, abs=2e-5)


def test_wider_levels_hold_narrower_ones(model):
    half, most = model.confint(level=0.5), model.confint(level=0.99)
    assert (most["lower"] <= half["lower"]).all()
    assert (half["upper"] <= most["upper"]).all()


def test_an_sd_estimated_as_zero_has_zero_as_its_lower_end():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    table = model.confint("theta_")
    assert table.loc["sd_Intercept|Batch", "lower"] == 0
    assert table.loc["sd_Intercept|Batch", "upper"] > 0


def test_an_end_that_does_not_exist_is_missing_and_said():
    data = mm.load_sleepstudy().assign(Hours=lambda d: 24 * d["Days"])
    model = mm.lmer("Reaction ~ Days + (Days + Hours | Subject)", data)
    table = model.confint("theta_")
    missing = table.index[table.isna().any(axis=1)]
    assert len(missing) > 0
    assert all(any(name in note for note in table.attrs["notes"]) for name in missing)


def test_wald_intervals_are_for_fixed_effects_only(model):
    table = model.confint(method="wald")
    assert table.iloc[:4].isna().all(axis=None)
    half = 1.959963984540054 * model.std_error
    np.testing.assert_allclose(table["upper"].iloc[4:], model.fixef + half)


def test_parameters_by_name_position_and_kind(model):
    every = model.confint(method="wald").index.tolist()
    assert model.confint(["x", 0], method="wald").index.tolist() == ["x", every[0]]
    assert model.confint("beta_", method="wald").index.tolist() == ["Intercept", "x"]
    assert model.confint("theta_", method="wald").index.tolist() == every[:4]
    with pytest.raises(mm.InferenceError, match="'sd_x'"):
        model.confint("sd_x")
