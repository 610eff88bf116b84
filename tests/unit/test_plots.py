"""Pictures, by what is drawn: numbers of lines, their ends, what is dark.

Sources: R57 and R34 of the document's figures (94 of 200 intervals exclude zero; the
regression line runs from 2.5992 to 3.1308), and arithmetic on the tables drawn.
"""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection

import mmcourse as mm


@pytest.fixture(scope="module")
def gpa():
    return mm.load_gpa()


@pytest.fixture(scope="module")
def model(gpa):
    return mm.lmer("gpa ~ occasion + (1 | student)", gpa)


def test_a_line_for_each_student_and_the_overall_one(gpa):
    ten = list(range(1, 11))
    ax, drawn = mm.plot_trajectories(
        gpa, "occasion", "gpa", "student", highlight=ten, return_data=True
    )
    lines = ax.get_lines()
    assert len(lines) == 201
    widths = np.array([line.get_linewidth() for line in lines[:-1]])
    assert (widths == widths.max()).sum() == 10
    assert drawn.columns.tolist() == ["group", "x", "y", "highlighted"]
    assert len(drawn) == 1200
    assert sorted(set(drawn.loc[drawn["highlighted"], "group"])) == ten
    ends = lines[-1].get_ydata()
    np.testing.assert_allclose(ends, [2.5992, 3.1308], atol=5e-5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("occasion", "gpa")


def test_trajectories_without_the_overall_line_on_given_axes(gpa):
    ax = plt.figure().add_subplot()
    out = mm.plot_trajectories(gpa, "occasion", "gpa", "student", trend=False, ax=ax)
    assert out is ax
    assert len(ax.get_lines()) == 200


def test_rows_with_missing_values_are_not_drawn(gpa):
    holes = gpa.copy()
    holes.loc[holes["student"] == 1, "gpa"] = np.nan
    ax = mm.plot_trajectories(holes, "occasion", "gpa", "student")
    assert len(ax.get_lines()) == 200


@pytest.mark.parametrize(
    ("columns", "highlight", "words"),
    [
        (("occasion", "gpa", "studnet"), (), "'studnet' is not a column.*'student'"),
        (("occasion", "gpa", "student"), [201], "highlight names 201, which is no"),
        (("occasion", "gpa", "student"), "1", r"names '1'.* Its values: 1, 2"),
        (("occas", "gpa", "student"), (), "'occas' holds no numbers.*trend=False"),
    ],
)
def test_trajectories_say_what_is_wrong(gpa, columns, highlight, words):
    with pytest.raises(mm.DesignError, match=words):
        mm.plot_trajectories(gpa, *columns, highlight=highlight)


def test_intervals_that_exclude_zero_are_dark(model):
    ax, drawn = mm.plot_random_effects(model, return_data=True)
    assert drawn["excludes_zero"].sum() == 94  # R57
    faded, dark = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert len(dark.get_segments()) == 94
    assert len(faded.get_segments()) == 106
    assert dark.get_color()[0, :3].sum() < faded.get_color()[0, :3].sum()
    segment = dark.get_segments()[0]
    row = drawn[drawn["excludes_zero"]].iloc[0]
    np.testing.assert_allclose(segment[:, 1], [row["lower_2.5"], row["upper_97.5"]])
    assert drawn["value"].is_monotonic_increasing


def test_few_groups_are_named():
    sleep = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    ax, drawn = mm.plot_random_effects(sleep, effect="Days", return_data=True)
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert names == drawn["group"].astype(str).tolist()
    assert ax.get_xlabel() == "Subject"


def test_a_table_can_be_drawn_with_its_own_intervals(model):
    table = mm.extract_random_effects(model, ci_level=0.5)
    _, drawn = mm.plot_random_effects(table, return_data=True)
    half = table["upper_75"] - table["value"]
    assert drawn["excludes_zero"].sum() == (table["value"].abs() > half).sum()


def test_the_effect_must_be_chosen_where_there_are_several():
    sleep = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    with pytest.raises(mm.InferenceError, match=r"several effects.*effect='Days'"):
        mm.plot_random_effects(sleep)
    with pytest.raises(mm.InferenceError, match="no such effect"):
        mm.plot_random_effects(sleep, effect="Hours")
    with pytest.raises(mm.InferenceError, match="no limits"):
        mm.plot_random_effects(
            mm.extract_random_effects(sleep, ci_level=0), None, "Days"
        )


def test_labels_say_what_is_drawn_and_at_which_level():
    sleep = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    ax = mm.plot_random_effects(sleep, effect="Days", ci_level=0.9)
    assert ax.get_title(loc="left") == "Random effects with 90 % intervals"
    assert ax.get_ylabel() == "effect on the coefficient of Days"
    ax = mm.plot_random_effects(sleep, effect="Intercept")
    assert ax.get_title(loc="left") == "Random effects with 95 % intervals"
    assert ax.get_ylabel() == "effect on the intercept"


def test_a_column_may_be_drawn_twice_and_no_group_be_bold():
    data = mm.load_sleepstudy()
    ax, drawn = mm.plot_trajectories(
        data, "Days", "Reaction", "Days", highlight=None, return_data=True
    )
    assert len(ax.get_lines()) == 11
    assert not drawn["highlighted"].any()


def test_one_place_on_the_axis_has_no_line():
    data = mm.load_sleepstudy().assign(Days=3)
    ax = mm.plot_trajectories(data, "Days", "Reaction", "Subject")
    assert len(ax.get_lines()) == 18


def test_words_below_the_axis_are_turned(gpa):
    ax = mm.plot_trajectories(gpa, "occas", "gpa", "student", trend=False)
    assert {tick.get_rotation() for tick in ax.get_xticklabels()} == {30.0}


@pytest.mark.parametrize("given", ["here", plt.Figure()])
def test_what_is_no_axes_is_refused(model, gpa, given):
    with pytest.raises(TypeError, match="must be one Axes"):
        mm.plot_random_effects(model, ax=given)
    with pytest.raises(TypeError, match="must be one Axes"):
        mm.plot_trajectories(gpa, "occasion", "gpa", "student", ax=given)


def test_nothing_global_changes(model):
    before = plt.rcParams.copy()
    mm.plot_random_effects(model)
    assert plt.rcParams == before
