"""The picture of shrinkage, by what is drawn.

Sources: the closed form of a balanced random-intercepts fit (each mean residual times
6 tau^2 / (6 tau^2 + sigma^2), 0.86810 for the GPA data), lme4's standard deviations of
the 200 separate and shrunken coefficients (0.260 to 0.180 and 0.083 to 0.056), and
arithmetic on the tables drawn.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED
from tests.behaviour.fits import SLOPES, sleep


@pytest.fixture(scope="module")
def gpa():
    return mm.load_gpa()


@pytest.fixture(scope="module")
def alone(gpa):
    return mm.lm_list("gpa ~ occasion | student", gpa)


@pytest.fixture(scope="module")
def slopes(gpa):
    return mm.lmer("gpa ~ occasion + (occasion | student)", gpa)


def test_a_line_for_each_student_in_the_plane(alone, slopes):
    ax, drawn = mm.plot_shrinkage(alone, slopes, highlight=[2], return_data=True)
    assert drawn.columns.tolist() == ["group", "effect", "separate", "model"]
    spread = drawn.groupby("effect", sort=False)[["separate", "model"]].std()
    lme4 = [[0.260, 0.180], [0.083, 0.056]]
    np.testing.assert_allclose(spread, lme4, atol=5e-4)
    faded, dark = ax.collections
    assert (len(faded.get_segments()), len(dark.get_segments())) == (199, 1)
    own = drawn[drawn["group"] == 2].set_index("effect")[["separate", "model"]]
    np.testing.assert_allclose(dark.get_segments()[0], own.to_numpy().T)
    grey, blue, red = ax.get_lines()
    assert [line.get_color() for line in (grey, blue, red)] == [
        OBSERVED, GROUP, OVERALL
    ]  # fmt: skip
    np.testing.assert_allclose(grey.get_xydata(), alone.coef)
    np.testing.assert_allclose(blue.get_xydata(), slopes.coef()["student"])
    np.testing.assert_allclose(red.get_xydata()[0], slopes.fixef)
    assert {text.get_text() for text in ax.texts} == {"average", "2"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "intercept", "coefficient of occasion"
    )  # fmt: skip
    assert to_hex(dark.get_color()[0]) == PICKED


def test_every_group_moves_by_the_weight_of_a_balanced_fit(gpa):
    fit = mm.lmer("gpa ~ occasion + (1 | student)", gpa)
    left = gpa["gpa"] - fit.predict(re_form="none")
    levels = left.groupby(gpa["student"]).mean() + fit.fixef["Intercept"]
    ax, drawn = mm.plot_shrinkage(
        levels.to_frame("Intercept"), fit, highlight=1, return_data=True
    )
    from_centre = drawn[["separate", "model"]] - fit.fixef["Intercept"]
    np.testing.assert_allclose(
        from_centre["model"], 0.86810 * from_centre["separate"], rtol=1e-5
    )
    first = from_centre[drawn["group"] == 1].iloc[0]
    assert first.round(4).tolist() == [-0.0817, -0.0709]
    assert ax.get_lines()[0].get_ydata()[0] == fit.fixef["Intercept"]
    assert np.diff(ax.get_lines()[1].get_ydata()).min() >= 0
    assert len(ax.get_xticks()) == 0 and ax.get_xlabel().startswith("student (")
    assert [text.get_text() for text in ax.texts] == ["1"]


def test_few_groups_are_named_and_given_axes_are_used():
    fits = mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())
    given = plt.figure().add_subplot()
    out = mm.plot_shrinkage(fits, sleep(SLOPES), "Days", highlight=308, ax=given)
    assert out is given and len(given.get_xticks()) == 18
    assert given.get_xlabel() == "Subject" and not given.texts
    order = fits.coef["Days"].sort_values().index.astype(str).tolist()
    assert [tick.get_text() for tick in given.get_xticklabels()] == order


def test_tables_of_coefficients_will_do(alone, slopes):
    after = slopes.coef()["student"]
    ax, drawn = mm.plot_shrinkage(alone.coef, after, return_data=True)
    np.testing.assert_allclose(ax.get_lines()[2].get_xydata()[0], after.mean())
    _, same = mm.plot_shrinkage(alone, slopes, return_data=True)
    pd.testing.assert_frame_equal(drawn, same)


def test_an_effect_that_varies_around_zero_is_drawn_around_zero(gpa):
    fit = mm.lmer("gpa ~ 1 + (occasion | student)", gpa)
    alone = mm.lm_list("gpa ~ occasion | student", gpa)
    ax = mm.plot_shrinkage(alone, fit, "occasion")
    assert ax.get_lines()[0].get_ydata()[0] == 0


def test_groups_without_a_separate_estimate_are_left_out(alone, slopes):
    holes = alone.coef.copy()
    holes.loc[3, "occasion"] = np.nan
    _, drawn = mm.plot_shrinkage(holes.drop(index=5), slopes, return_data=True)
    assert set(range(1, 201)) - set(drawn["group"]) == {3, 5}


def test_shrinkage_that_is_refused(alone, slopes):
    with pytest.raises(TypeError, match=r"separate is .*lm_list"):
        mm.plot_shrinkage(slopes, slopes)
    with pytest.raises(TypeError, match=r"the model is .*lmer"):
        mm.plot_shrinkage(alone, alone)
    with pytest.raises(mm.InferenceError, match=r"effect 'occasions'. Did you mean"):
        mm.plot_shrinkage(alone, slopes, "occasions")
    with pytest.raises(mm.InferenceError, match="no grouping factor 'school'"):
        mm.plot_shrinkage(alone, slopes, re="school")
    with pytest.raises(mm.InferenceError, match="2 effects are given"):
        mm.plot_shrinkage(alone, slopes, ["occasion", "occasion"])
    with pytest.raises(mm.InferenceError, match="0 effects"):
        mm.plot_shrinkage(alone.coef.rename(columns=str.upper), slopes)
    with pytest.raises(mm.InferenceError, match="no group has both"):
        mm.plot_shrinkage(alone.coef.rename(index=str), slopes)
    with pytest.raises(mm.InferenceError, match="a group twice"):
        mm.plot_shrinkage(pd.concat([alone.coef, alone.coef]), slopes)
    with pytest.raises(mm.DesignError, match="highlight names 201"):
        mm.plot_shrinkage(alone, slopes, highlight=201)
