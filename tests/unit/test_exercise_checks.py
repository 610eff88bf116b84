"""What the checks of exercises accept, and what they say; see also tests/sheets."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from matplotlib.figure import Figure

import mmcourse as mm
from mmcourse import checks
from mmcourse.checks import wrong_models, wrong_numbers
from mmcourse.checks.mistakes import Mistake, first
from mmcourse.checks.reading import read_model

GPA = mm.load_gpa()
WANTED = mm.lmer("gpa ~ occasion + sex + (1 | student)", GPA)
FLIPPED = GPA.assign(sex=GPA["sex"].cat.reorder_categories(["female", "male"]))

SAME_MODEL = {
    "variables in another order": ("gpa ~ sex + (1 | student) + occasion", GPA),
    "another reference level": ("gpa ~ occasion + sex + (1 | student)", FLIPPED),
    "sum contrasts": ("gpa ~ occasion + C(sex, contr.sum) + (1 | student)", GPA),
    "a centred covariate": ("gpa ~ center(occasion) + sex + (1 | student)", GPA),
    "rows in another order": ("gpa ~ occasion + sex + (1 | student)", GPA[::-1]),
    "a number for the sex": (
        "gpa ~ occasion + female + (1 | student)",
        GPA.assign(female=(GPA["sex"] == "female") * 1.0),
    ),
}


@pytest.mark.parametrize(("formula", "data"), SAME_MODEL.values(), ids=SAME_MODEL)
def test_the_same_model_in_other_words_is_right(formula, data):
    found = checks.check_model("fit", mm.lmer(formula, data), WANTED)
    assert found == checks.RIGHT


def test_statsmodels_mixed_models_are_right_too():
    fit = smf.mixedlm("gpa ~ occasion + sex", GPA, groups="student").fit()
    assert checks.check_model("fit", fit, WANTED) == checks.RIGHT


@pytest.mark.filterwarnings("ignore")  # mixedlm's search doubts itself here
def test_both_packages_read_alike():
    ours = read_model(mm.lmer("gpa ~ occasion + (1 + occasion | student)", GPA))
    fit = smf.mixedlm("gpa ~ occasion", GPA, groups="student", re_formula="~occasion")
    theirs = read_model(fit.fit())
    assert [*theirs.effects.values()] == [*ours.effects.values()]
    assert [*theirs.levels.values()] == [*ours.levels.values()]
    assert theirs.variances == pytest.approx(ours.variances, rel=1e-2)
    assert theirs.fixed.to_list() == pytest.approx(ours.fixed.to_list(), rel=1e-4)


OTHER_MODELS = {
    "NO_INTERCEPT": "gpa ~ 0 + occasion + highgpa + (1 | student)",
    "EXTRA_COVARIATE": "gpa ~ occasion + sex + highgpa + (1 | student)",
    "MISSING_COVARIATE": "gpa ~ occasion + (1 | student)",
    "OTHER_LINE": "gpa ~ occasion + highgpa + (1 | student)",
    "OTHER_OUTCOME": "highgpa ~ occasion + sex + (1 | student)",
    "OTHER_GROUPS": "gpa ~ occasion + sex + (1 | semester)",
    "NUMBER_AS_FACTOR": "gpa ~ C(occasion) + sex + (1 | student)",
}


@pytest.mark.parametrize(("name", "formula"), OTHER_MODELS.items())
def test_another_model_is_named(name, formula):
    got = mm.lmer(formula, GPA)
    mistake = getattr(wrong_models, name)
    told = checks.check_model("fit", got, WANTED)
    assert told == mistake.finding(read_model(got), read_model(WANTED))
    assert told.credit == 0


def test_a_number_times_a_factor_is_not_called_categories():
    product = mm.lmer("gpa ~ occasion * sex + (1 | student)", GPA)
    told = checks.check_model("fit", product, WANTED)
    assert "4 coefficients, more than the exercise asks for" in told.hint


def test_a_mistake_of_the_exercise_comes_before_the_catalogue():
    own = Mistake("Too bold.", lambda got, want: got.n_fixed == 4)
    bold = mm.lmer(OTHER_MODELS["EXTRA_COVARIATE"], GPA)
    assert checks.check_model("fit", bold, WANTED, mistakes=[own]).hint == "Too bold."


def test_reml_where_ml_was_asked_for():
    told = checks.check_model("fit", WANTED, WANTED.refit_ml())
    assert "fitted by REML" in told.hint
    assert told.credit == 0.5


@pytest.mark.parametrize("fit", [True, False])
def test_a_regression_that_is_grouped_by_coefficients(fit):
    text = "gpa ~ occasion + C(student)" if fit else "gpa ~ occasion + student"
    told = checks.check_model("fit", smf.ols(text, GPA).fit(), WANTED)
    assert ("one for nearly" if fit else "labels of the groups") in told.hint


NUMBERS = {
    "variance_for_sd": (0.25**2, 0.25, [0.25]),
    "percent_for_share": (52.3, 0.523, [0.523]),
    "share_for_percent": (0.123, 12.3, [12.3]),
    "rest_for_share": (0.477, 0.523, [0.523]),
    "ratio_for_share": (0.523 / 0.477, 0.523, [0.523]),
    "sds_for_share": (2 / 3, 0.8, [0.8]),
    "null_for_adjusted": (0.369, 0.523, [0.369]),
    "ml_for_reml": (0.0634, 0.0637, [0.0634]),
    "flipped_sign": (-0.148, 0.148, [0.148]),
    "population_for_conditional": (2.6, 2.53, [2.6]),
    "conditional_for_population": (2.53, 2.6, [2.53]),
    "other_for_this": (1.0, 2.0, [1.0]),
    "loglik_for_deviance": (21.42, 42.84, [42.84]),
    "p_for_chisq": (0.01, 6.6, [0.01]),
    "variance_for_share": (0.0637, 0.523, [0.0637]),
    "spread_of_predictions": (0.235, 0.252, [0.235]),
    "spread_of_residuals": (0.223, 0.241, [0.223]),
    "observed_for_predicted": (2.8, 2.38, [2.8]),
    "aic_for_deviance": (38.84, 42.84, [42.84, 2]),
    "few_draws": (9.1, 8.6, [1.0]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_wrong_number_is_named(name):
    wrong, right, needs = NUMBERS[name]
    mistake = getattr(wrong_numbers, name)(*needs)
    told = checks.check_number("x", wrong, right, mistakes=[mistake])
    assert told.hint == mistake.sentence
    assert checks.check_number("x", right, right, mistakes=[mistake]).credit == 1


def test_every_factory_of_the_catalogue_is_tried():
    made = [n for n, f in vars(wrong_numbers).items() if callable(f)]
    own = [n for n in made if getattr(vars(wrong_numbers)[n], "__module__", "")
           == wrong_numbers.__name__]  # fmt: skip
    assert {n for n in own if not n.startswith("_")} == set(NUMBERS)


@pytest.mark.parametrize(
    "answer", [0.5, np.float32(0.5), np.array([0.5]), pd.Series([0.5]), [[0.5]]]
)
def test_a_number_in_any_wrapping(answer):
    assert checks.check_number("x", answer, 0.5) == checks.RIGHT


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("0.5", "a str, not a number"),
        ([1.0, 2.0], "a list, not a number"),
        (np.zeros(3), "with 3 values, not a number"),
        (np.nan, "no number to work with"),
        (True, "a bool, not a number"),
        (None, "not answered yet"),
        (7.25, "7.25, which is not the number"),
    ],
)
def test_what_is_no_number(answer, words):
    assert words in checks.check_number("x", answer, 0.5).hint


def test_draws_of_numpy_are_told_from_other_numbers():
    want = mm.r_random.set_seed(1234).rnorm(300)
    rng = np.random.default_rng(1234)
    told = checks.check_values(
        "x", rng.normal(size=300), want, mistakes=[wrong_numbers.NUMPY_FOR_R]
    )
    assert "not those that R makes" in told.hint
    uniform = first([wrong_numbers.NUMPY_FOR_R], rng.uniform(size=300), want)
    assert uniform is None
    assert checks.check_values("x", pd.Series(want), want) == checks.RIGHT
    assert "has 3 numbers; 300" in checks.check_values("x", [1, 2, 3], want).hint
    assert "no number" in checks.check_values("x", ["a"], want).hint


def test_words_are_chosen_in_any_capitals():
    said = {"random": "is it drawn anew?"}
    for word, hint in ((" Fixed", ""), ("random", "`x`: is it drawn anew?")):
        told = checks.check_choice("x", word, "fixed", said, ("fixed", "random"))
        assert told.hint == hint
    assert 'is 1; write one of "fixed", "random"' in (
        checks.check_choice("x", 1, "fixed", said, ("fixed", "random")).hint
    )
    assert "write one of True, False" in checks.check_choice("x", 1, True, "").hint
    told = checks.check_choice("x", ["fixed"], "fixed", said, ("fixed", "random"))
    assert "`x` is a list; write" in told.hint


def test_labels_in_any_wrapping():
    for answer in ({308, 309}, np.array([[308], [309]]), pd.Index(["308", "309"])):
        assert checks.check_labels("who", answer, [308, 309]) == checks.RIGHT


def test_what_is_no_label_is_named():
    told = checks.check_labels("who", [np.True_], [308], known=[308, 309])
    assert told.hint == "`who` holds True, which is no label here."
    told = checks.check_labels("who", [308, 309], [308], known=[308, 309])
    assert told.hint == "`who` has 1 too many."
    assert "keep the labels alone" in checks.check_labels("who", GPA, [308]).hint


def figure(xlim=(-3, 3), label="effect"):
    axes = Figure().subplots()
    axes.plot(np.linspace(-1, 1, 9), np.ones(9))
    axes.set(xlim=xlim, xlabel=label, ylabel="density")
    return axes


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (figure(), ""),
        (figure().figure, ""),
        ([figure()], ""),
        (figure().lines[0], ""),
        (figure(xlim=(-1, 1)), "does not go from -3 to 3"),
        (figure(label=""), "has no label"),
        (Figure(), "keep the axes"),
        (GPA, "keep the axes"),
        (..., "not answered yet"),
    ],
)
def test_a_figure(answer, words):
    told = checks.check_figure("ax", answer, xlim=(-3, 3), n_curves=1)
    assert words in told.hint
    assert (told == checks.RIGHT) == (words == "")


def test_a_check_that_stumbles_says_so():
    @checks.worth(1)
    def fragile(answer):
        return [checks.RIGHT] * len(answer)

    with pytest.raises(checks.NotYet, match="stumbled over this answer"):
        fragile(3)


def test_a_hint_is_shown_without_a_traceback():
    shown = checks.NotYet("Think of balance.")._render_traceback_()
    assert shown == ["Not yet. Think of balance."]


def test_hints_are_wrapped_so_that_validate_shows_all_of_them():
    long = "word " * 40 + "end."
    (shown,) = checks.NotYet(f"{long}\nSecond.")._render_traceback_()
    lines = shown.split("\n")
    assert max(map(len, lines)) <= 80 and lines[-2:] == [lines[-2], "Second."]
    assert " ".join(lines) == f"Not yet. {long} Second."


def test_a_check_is_silent_about_warnings_so_that_nbgrader_gives_points():
    @checks.worth(1)
    def loud(answer):
        warnings.warn("overflow in an answer", stacklevel=1)
        return [checks.RIGHT]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert loud(1) == 1
    assert caught == []
