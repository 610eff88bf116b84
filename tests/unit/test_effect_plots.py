"""Pictures of effects and predictions, by what is drawn.

Sources: R59 to R62 of the document (ends of the lines), arithmetic on the tables drawn.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from scipy import stats

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, SLOPES, sleep
from tests.invariants.compare import school


@pytest.fixture(scope="module")
def gpa():
    return mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())


def test_r62_two_students_and_the_population(gpa):
    ax, drawn = mm.plot_predictions(gpa, "occasion", [1, 2], return_data=True)
    lines = {
        (what, group): own["y"].to_numpy()
        for (what, group), own in drawn[drawn["what"] != "observed"].groupby(
            ["what", "group"], dropna=False
        )
    }
    one, two = lines["group", 1], lines["group", 2]
    (population,) = [y for (what, _), y in lines.items() if what == "population"]
    np.testing.assert_allclose(one[[0, -1]], [2.5283, 3.0599], atol=5e-4)
    np.testing.assert_allclose(two[[0, -1]], [2.3836, 2.9152], atol=5e-4)
    np.testing.assert_allclose(population[[0, -1]], [2.599214, 3.130786], atol=5e-5)
    np.testing.assert_allclose(np.diff(one), np.diff(two))  # parallel
    data = mm.load_gpa()
    seen = drawn[(drawn["what"] == "observed") & (drawn["group"] == 1)]
    assert seen["y"].tolist() == data.loc[data["student"] == 1, "gpa"].tolist()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("occasion", "gpa")
    assert {text.get_text() for text in ax.texts} == {
        "population", "student 1", "student 2"
    }  # fmt: skip


def test_names_of_lines_that_end_close_together_can_be_read(gpa):
    _, ax = plt.subplots(figsize=(4, 2.5))
    mm.plot_predictions(gpa, "occasion", [1, 2, 3, 5], ax=ax)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    for i, box in enumerate(boxes):
        assert not [other for other in boxes[:i] if box.overlaps(other)]
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    order = sorted(heights, key=heights.get)
    ranks = gpa.ranef()["student"]["Intercept"].loc[[2, 1, 5, 3]]
    assert ranks.is_monotonic_increasing
    expected = [f"student {i}" for i in ranks.index]
    assert [name for name in order if name != "population"] == expected


def test_names_of_lines_stay_at_their_ends_where_there_is_room(gpa):
    effects = gpa.ranef()["student"]["Intercept"]
    far = [effects.idxmin(), effects.idxmax()]
    ax, drawn = mm.plot_predictions(gpa, "occasion", far, return_data=True)
    lines = drawn[(drawn["what"] != "observed") & (drawn["x"] == 5)]
    assert sorted(text.xy[1] for text in ax.texts) == pytest.approx(sorted(lines["y"]))


def test_other_columns_are_held_at_what_is_typical_of_the_group():
    data = mm.load_gpa()
    model = mm.lmer("gpa ~ occasion + sex + highgpa + (1 | student)", data)
    _, drawn = mm.plot_predictions(model, "occasion", 3, return_data=True)
    own = drawn[drawn["what"] == "group"]["y"].to_numpy()
    expected = model.predict(data[data["student"] == 3]).to_numpy()
    np.testing.assert_allclose(own, expected, rtol=1e-12)


def test_predictions_with_left_out_rows_and_a_repeated_index():
    data = mm.load_sleepstudy()
    data.loc[[0, 5], "Reaction"] = np.nan
    data.index = np.zeros(180, dtype=int)
    model = mm.lmer(SLOPES, data)
    _, drawn = mm.plot_predictions(model, "Days", [308], return_data=True)
    seen = drawn[drawn["what"] == "observed"]
    assert seen["y"].tolist() == data["Reaction"][:10].dropna().tolist()


def test_predictions_refuse(gpa):
    crossed = mm.lmer("y ~ x + (1 | g) + (1 | h)", school())
    with pytest.raises(mm.InferenceError, match=r"several.*g, h"):
        mm.plot_predictions(crossed, "x")
    assert mm.plot_predictions(crossed, "x", re="h") is not None
    with pytest.raises(mm.DesignError, match=r"'occasio' is not a column.*'occasion'"):
        mm.plot_predictions(gpa, "occasio")
    with pytest.raises(mm.DesignError, match="groups names 999"):
        mm.plot_predictions(gpa, "occasion", [999])
    with pytest.raises(mm.InferenceError, match="more than 12 lines"):
        mm.plot_predictions(gpa, "occasion", range(1, 20))
    with pytest.raises(mm.DesignError, match="data has 3 rows"):
        mm.plot_predictions(gpa, "occasion", data=mm.load_gpa()[:3])
    again = gpa.refit(mm.load_gpa()["gpa"])
    with pytest.raises(mm.DesignError, match="does not know its data"):
        mm.plot_predictions(again, "occasion")
    assert mm.plot_predictions(again, "occasion", data=mm.load_gpa()) is not None
    with pytest.raises(TypeError, match="takes a model"):
        mm.plot_predictions(3, "occasion")


def test_simulated_effects_are_sorted_and_dark_where_they_exclude_zero(gpa):
    table = mm.re_sim(gpa, 200, seed=1)
    ax, drawn = mm.plot_re_sim(table, return_data=True)
    assert drawn["value"].is_monotonic_increasing and len(drawn) == 200
    half = stats.norm.ppf(0.975) * drawn["sd"]
    np.testing.assert_allclose(drawn["upper_97.5"] - drawn["median"], half)
    dark = (drawn["median"].abs() > half).sum()
    segments = [c for c in ax.collections if isinstance(c, LineCollection)][1]
    assert drawn["excludes_zero"].sum() == dark == len(segments.get_segments())
    same = mm.plot_re_sim(gpa, seed=1, return_data=True)[1]
    pd.testing.assert_frame_equal(drawn, same)
    _, means = mm.plot_re_sim(table, stat="mean", ci_level=0.5, return_data=True)
    assert (means["value"] == means["mean"]).all() and "lower_25" in means


def test_simulated_effects_refuse(gpa):
    with pytest.raises(mm.InferenceError, match="several effects"):
        mm.plot_re_sim(sleep(SLOPES), seed=1)
    with pytest.raises(mm.InferenceError, match="'median' or 'mean'"):
        mm.plot_re_sim(gpa, stat="mode")
    with pytest.raises(mm.InferenceError, match=r"make it with re_sim\(model\)"):
        mm.plot_re_sim(mm.extract_random_effects(gpa))
    with pytest.raises(TypeError, match="type int"):
        mm.plot_re_sim(3)


def test_coefficients_from_the_top_and_without_the_intercept():
    model = mm.lmer("gpa ~ occasion + sex + highgpa + (1 | student)", mm.load_gpa())
    ax, drawn = mm.plot_coefficients(model, return_data=True)
    table = mm.extract_fixed_effects(model).set_index("term")
    expected = table.drop("Intercept")["value"].sort_values(ascending=False)
    assert drawn["term"].tolist() == expected.index.tolist()
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == drawn["term"].tolist()
    assert ax.get_yticks()[0] == len(drawn) - 1
    dark = [c for c in ax.collections if isinstance(c, LineCollection)][1]
    ends = np.array([segment[:, 0] for segment in dark.get_segments()])
    own = drawn[drawn["excludes_zero"]]
    np.testing.assert_allclose(ends, own[["lower_2.5", "upper_97.5"]])
    _, every = mm.plot_coefficients(
        model, keep_intercept=True, order=None, return_data=True
    )
    assert every["term"].tolist() == model.fixed_names
    _, up = mm.plot_coefficients(
        mm.extract_fixed_effects(model), order="increasing", return_data=True
    )
    assert up["value"].is_monotonic_increasing


def test_coefficients_refuse():
    null = mm.lmer("Reaction ~ 1 + (1 | Subject)", mm.load_sleepstudy())
    with pytest.raises(mm.InferenceError, match="keep_intercept=True"):
        mm.plot_coefficients(null)
    with pytest.raises(mm.InferenceError, match="order is 'up'"):
        mm.plot_coefficients(sleep(), order="up")
    with pytest.raises(mm.InferenceError, match="no column 'term'"):
        mm.plot_coefficients(mm.extract_random_effects(sleep()))


def test_a_density_is_one_and_the_model_is_normal(gpa):
    ax, drawn = mm.plot_density(gpa, limits=(-3, 3), return_data=True)  # R85
    assert ax.get_xlim() == (-3, 3)
    step = drawn["value"].diff().iloc[1]
    assert drawn["density"].sum() * step == pytest.approx(1, abs=1e-6)
    sd = mm.extract_vc(gpa, ci_level=0)["sd"].iloc[0]
    np.testing.assert_allclose(drawn["model"], stats.norm.pdf(drawn["value"], 0, sd))
    modes = gpa.ranef()["student"]["Intercept"].to_numpy()
    iqr = np.subtract(*np.quantile(modes, [0.75, 0.25])) / 1.34
    width = 0.9 * min(modes.std(ddof=1), iqr) * 200**-0.2
    kde = stats.gaussian_kde(modes, width / modes.std(ddof=1))
    np.testing.assert_allclose(drawn["density"], kde(drawn["value"]), atol=1e-10)
    table = mm.extract_random_effects(gpa)
    _, alone = mm.plot_density(table, return_data=True)
    assert alone["model"].isna().all()


def test_densities_refuse():
    with pytest.raises(mm.InferenceError, match="several effects"):
        mm.plot_density(sleep(SLOPES))
    assert mm.plot_density(sleep(SLOPES), effect="Days") is not None
    for limits in ((3, -3), 3, (1, 2, 3), ("a", 1), (0, np.inf)):
        with pytest.raises(mm.InferenceError, match="limits is"):
            mm.plot_density(sleep(), limits=limits)
    singular = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    assert mm.plot_density(singular) is not None


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: mm.plot_re_sim(sleep(), seed=1, ax=ax),
        lambda ax: mm.plot_coefficients(sleep(), ax=ax),
        lambda ax: mm.plot_density(sleep(), ax=ax),
        lambda ax: mm.plot_predictions(
            mm.lmer(INTERCEPTS, mm.load_sleepstudy()), "Days", ax=ax
        ),
    ],
)
def test_they_draw_where_they_are_told_and_change_nothing_else(draw):
    before = plt.rcParams.copy()
    ax = plt.figure().add_subplot()
    assert draw(ax) is ax
    assert plt.rcParams == before
    with pytest.raises(TypeError, match="one Axes of matplotlib"):
        draw(3)


@pytest.mark.parametrize("size", [(2.4, 1.6), (3.2, 2.4), (6.0, 3.6)])
def test_the_legend_of_a_density_lies_above_the_curves(gpa, size):
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    _, drawn = mm.plot_density(gpa, ax=ax, return_data=True)
    figure.canvas.draw()
    peak = drawn[["density", "model"]].max().max()
    top = ax.transData.transform((0, peak))[1]
    assert ax.get_legend().get_window_extent().y0 > top
