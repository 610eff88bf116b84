"""Separate regressions: group by group with NumPy, and what a group can't tell."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mmcourse as mm


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(2)
    g = np.repeat(list("pqrstu"), [9, 4, 6, 12, 5, 7])
    n = len(g)
    frame = {"y": rng.normal(size=n), "x": rng.normal(size=n), "g": g}
    return pd.DataFrame(
        {**frame, "z": rng.normal(size=n), "f": rng.choice(list("ab"), n)}
    )


@pytest.fixture(scope="module")
def sleep():
    return mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())


def by_hand(frame, columns):
    """Coefficients, variances over sigma^2, rss and df of one group."""
    X = np.column_stack([np.ones(len(frame)), *(frame[c] for c in columns)])
    coef, rss, rank, _ = np.linalg.lstsq(X, frame["y"].to_numpy(), rcond=None)
    unscaled = np.diag(np.linalg.inv(X.T @ X))
    return coef, unscaled, rss[0], len(frame) - rank


def test_the_pooled_residual_sd_of_sleepstudy(sleep):
    assert sleep.sigma == pytest.approx(25.5918156, abs=5e-8)  # lme4
    assert (sleep.df_resid, sleep.n_obs, sleep.messages) == (144, 180, [])
    # of balanced data the mean of the coefficients is that of the mixed model
    fixef = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy()).fixef
    np.testing.assert_allclose(sleep.coef.mean(), fixef)


def test_every_group_is_its_own_regression(data):
    fits = mm.lm_list("y ~ x + z | g", data)
    parts = {k: by_hand(own, ["x", "z"]) for k, own in data.groupby("g")}
    rss, df = (sum(part[i] for part in parts.values()) for i in (2, 3))
    assert fits.sigma == pytest.approx(np.sqrt(rss / df))
    for level, (coef, unscaled, _, _) in parts.items():
        np.testing.assert_allclose(fits.coef.loc[level], coef, rtol=1e-10)
        se = np.sqrt(rss / df * unscaled)
        np.testing.assert_allclose(fits.std_error.loc[level], se, rtol=1e-10)
    assert list(fits.coef.columns) == ["Intercept", "x", "z"]


def test_far_columns_lose_nothing(data):
    near = mm.lm_list("y ~ x + z | g", data)
    far = mm.lm_list("y ~ x + z | g", data.assign(x=data["x"] * 1e3 + 1e6))
    np.testing.assert_allclose(far.coef["x"] * 1e3, near.coef["x"], rtol=1e-6)
    np.testing.assert_allclose(far.std_error["z"], near.std_error["z"], rtol=1e-6)
    assert far.sigma == pytest.approx(near.sigma, rel=1e-9)


def test_a_column_that_does_not_vary_in_a_group_is_nan_there_alone(data):
    spoilt = data.copy()
    spoilt.loc[spoilt["g"] == "r", "x"] = 3.0
    fits = mm.lm_list("y ~ x + z | g", spoilt)
    row = fits.coef.loc["r"]
    assert np.isnan(row["x"]) and np.isnan(fits.std_error.loc["r", "x"])
    coef, unscaled, _, _ = by_hand(spoilt[spoilt["g"] == "r"], ["z"])
    np.testing.assert_allclose(row[["Intercept", "z"]], coef)
    np.testing.assert_allclose(
        fits.std_error.loc["r", "z"], fits.sigma * np.sqrt(unscaled[1])
    )
    assert not fits.coef.drop("r").isna().any(axis=None)
    assert fits.df_resid == len(data) - 3 * 6 + 1  # one coefficient less
    assert "1 of 6 groups" in fits.messages[0] and ": r." in fits.messages[0]


def test_a_group_of_one_row_has_a_mean_and_no_slope(data):
    few = pd.concat([data, pd.DataFrame({"y": [7.0], "x": [2.0], "g": ["v"]})])
    fits = mm.lm_list("y ~ x | g", few)
    assert fits.coef.loc["v", "Intercept"] == pytest.approx(7)
    assert np.isnan(fits.coef.loc["v", "x"])
    assert fits.sigma == pytest.approx(mm.lm_list("y ~ x | g", data).sigma)


def test_a_group_without_a_complete_row_is_said_and_stays_in_the_table(data):
    spoilt = data.copy()
    spoilt.loc[spoilt["g"] == "q", "y"] = np.nan
    fits = mm.lm_list("y ~ x | g", spoilt)
    assert fits.coef.index.tolist() == list("pqrstu")
    assert fits.coef.loc["q"].isna().all()
    assert fits.messages[-1].startswith("1 group has no complete row")
    with pytest.raises(mm.DesignError, match="rows miss a value"):
        mm.lm_list("y ~ x | g", spoilt, missing="raise")


def test_no_row_to_spare_gives_no_residual_sd(data):
    two = data.groupby("g").head(2)
    fits = mm.lm_list("y ~ x | g", two)
    assert np.isnan(fits.sigma) and fits.df_resid == 0
    assert fits.std_error.isna().all(axis=None)
    assert "no residual sd" in fits.messages[0]


def test_factors_offsets_and_combinations(data):
    fits = mm.lm_list("y ~ f + offset(z) | g", data)
    own = data[data["g"] == "s"]
    left = (own["y"] - own["z"]).groupby(own["f"]).mean()
    expected = [left["a"], left["b"] - left["a"]]
    np.testing.assert_allclose(fits.coef.loc["s"], expected)
    both = mm.lm_list("y ~ 1 | g:f", data)
    assert both.group == "g:f" and "p:a" in both.coef.index
    none = mm.lm_list("y ~ 0 + x | g", data)
    slope = (own["x"] * own["y"]).sum() / (own["x"] ** 2).sum()
    assert none.coef.loc["s", "x"] == pytest.approx(slope)


def test_intervals_are_students_with_the_pooled_df(sleep):
    table = sleep.confint(0.9)
    assert list(table.columns) == [
        *("group_var", "effect", "group", "value", "se"),
        *("lower_5", "upper_95"),
    ]
    half = stats.t.ppf(0.95, 144) * table["se"]
    np.testing.assert_allclose(table["lower_5"], table["value"] - half)
    assert len(table) == 36
    with pytest.raises(mm.InferenceError, match="Did you mean"):
        sleep.confint(90)
    with pytest.raises(mm.InferenceError, match="level is 'a'"):
        sleep.confint("a")


def test_a_print_shows_the_first_groups(sleep):
    text = repr(sleep)
    assert "Reaction ~ Days | Subject" in text and "18 groups in all" in text
    assert "25.59 on 144 df" in text


@pytest.mark.parametrize(
    ("formula", "piece"),
    [
        ("y ~ x", "there is no bar"),
        ("y ~ x + (1 | g)", "in parentheses, or is doubled"),
        ("y ~ x || g", "or is doubled"),
        ("y ~ x | g | f", "a second bar"),
        ("y ~ x | g/f", "several grouping factors"),
        ("y ~ x |", "nothing stands after"),
        ("| g", "nothing stands before"),
        ("y ~ x | h", "'h', which is not a column"),
        (3, "it must be a text"),
    ],
)
def test_formulas_that_are_refused(data, formula, piece):
    with pytest.raises((mm.MMCourseError, TypeError), match=piece):
        mm.lm_list(formula, data)


def test_many_groups_are_fitted_at_once():
    rng = np.random.default_rng(0)
    g = np.repeat(np.arange(20_000), 5)
    big = pd.DataFrame(
        {"y": rng.normal(size=len(g)), "x": rng.normal(size=len(g)), "g": g}
    )
    fits = mm.lm_list("y ~ x | g", big)
    own = by_hand(big[big["g"] == 777], ["x"])[0]
    np.testing.assert_allclose(fits.coef.loc[777], own)


def test_the_picture_shows_every_interval(sleep):
    ax, drawn = mm.plot_lm_list(sleep, "Days", return_data=True)
    assert len(drawn) == 18 and drawn["value"].is_monotonic_increasing
    segments = ax.collections[0].get_segments()
    np.testing.assert_allclose(segments[0][:, 1], drawn.iloc[0, -2:].astype(float))
    assert ax.get_ylabel() == "coefficient of Days" and ax.get_xlabel() == "Subject"
    assert "95 %" in ax.get_title("left")
    mean = ax.get_lines()[0].get_ydata()[0]
    assert mean == pytest.approx(sleep.coef["Days"].mean())


def test_the_picture_leaves_out_what_is_not_known(data):
    spoilt = data.copy()
    spoilt.loc[spoilt["g"] == "r", "x"] = 3.0
    fits = mm.lm_list("y ~ x | g", spoilt)
    given = plt.subplots()[1]
    ax, drawn = mm.plot_lm_list(fits, "x", 0.5, ax=given, return_data=True)
    assert ax is given and "r" not in set(drawn["group"]) and len(drawn) == 5


def test_pictures_that_are_refused(sleep):
    with pytest.raises(mm.InferenceError, match="Choose an effect: Intercept, Days"):
        mm.plot_lm_list(sleep)
    with pytest.raises(mm.InferenceError, match="Did you mean 'Days'"):
        mm.plot_lm_list(sleep, "days")
    with pytest.raises(TypeError, match="what lm_list returned"):
        mm.plot_lm_list(sleep.coef)
    one = mm.lm_list("gpa ~ 1 | student", mm.load_gpa())
    ax = mm.plot_lm_list(one)
    assert ax.get_ylabel() == "intercept" and len(ax.get_xticks()) == 0
