"""Checks of assignment 22, exercises 1 and 2: a mixed model simulated."""

from __future__ import annotations

from itertools import permutations
from typing import Any, cast

import numpy as np

from mmcourse.checks.choices import check_choice, check_labels
from mmcourse.checks.figures import NO_MARKS, axes_of, check_figure
from mmcourse.checks.findings import RIGHT, Finding, blank, worth
from mmcourse.checks.mistakes import close
from mmcourse.checks.numbers import to_number
from mmcourse.checks.simulating.drawn_rows import (
    INTERCEPT,
    SLOPE,
    Setting,
    check_form,
    check_parts,
)
from mmcourse.checks.simulating.studies import (
    BASE,
    FEWER,
    LONGER,
    SEED,
    check_study,
    many_studies,
    rows_of,
    study,
    truth,
)
from mmcourse.checks.tables import check_table
from mmcourse.checks.wrong_numbers import NUMPY_FOR_R
from mmcourse.model import MixedModel
from mmcourse.r_random import RRandom

LARGE = Setting(1000, 5, 0.6, 0.4)  # chance hides little here
UNSEEN = {7: Setting(60, 8, 1.5, 0.5), 8: Setting(400, 4, 0.8, 1.0)}  # by seed

PARTS = {
    "2": ("fixed", "is it drawn anew when the study is repeated, or the same?"),
    "0.5": ("fixed", "is it drawn anew when the study is repeated, or the same?"),
    "x": (
        "fixed",
        "it was drawn at random, but so is much that is measured. Does the model "
        "estimate an sd for it, or a coefficient?",
    ),
    "u": ("random", "does the model estimate each of its values, or how they spread?"),
    "e": ("random", "it differs from row to row; does the model know it beforehand?"),
    "groups": (
        "grouping",
        "it has no effect by itself. What would change if the labels were shuffled "
        "among the groups, or names put in place of numbers?",
    ),
}


@worth(3)
def parts(part_of: Any) -> list[Finding]:
    """Exercise 1a: what is fixed and what is random."""
    if not isinstance(part_of, dict):
        return [Finding("`part_of` is to stay a dict with a word for each part.")]
    words = ("fixed", "random", "grouping")
    return [
        check_choice(f"part_of[{part!r}]", part_of.get(part), word, hint, words)
        for part, (word, hint) in PARTS.items()
    ]


@worth(2)
def guesses(factor_50: Any, hardly_narrower: Any) -> list[Finding]:
    """Exercise 1b: what sizes do to intervals."""
    root = to_number(factor_50)
    factor = check_choice(
        "factor_50",
        1.4 if root is not None and close(root, 2**0.5, 0.02) else factor_50,
        1.4,
        "a standard error falls with the root of the number of independent pieces of "
        "news. What does half of them do?",
        (1, 1.4, 2, 4),
    )
    four = ["intercept", "slope", "sd_u", "sd_e"]
    labels = check_labels("hardly_narrower", hardly_narrower, [four[0], four[2]], four)
    if labels != RIGHT and not blank("", hardly_narrower):
        hint = " Which of the four can be learned inside of a group?"
        labels = Finding(labels.hint + hint, labels.credit)
    return [factor, labels]


def rows_from(function: Any, setting: Setting, seed: int = SEED) -> Any:
    """Return the rows that a learner's function gives, or what is wrong with it."""
    s = setting
    try:
        rows = function(s.n_groups, s.n_per, s.sd_u, s.sd_e, seed)
    except Exception as error:
        return Finding(f"`simulate_ri` stops with {type(error).__name__}: {error}")
    if rows is None or rows is ...:
        return Finding(
            "`simulate_ri` returns nothing: is it still blank, without `return`?"
        )
    call = f"simulate_ri({s.n_groups}, {s.n_per}, {s.sd_u}, {s.sd_e}, {seed})"
    form = check_form(call, rows, setting)
    return rows if form == RIGHT else form


@worth(4)
def simulation(simulate_ri: Any) -> list[Finding]:
    """Exercise 2a: form of the rows, the same for the same seed, right parts."""
    if not callable(simulate_ri):
        return [Finding("`simulate_ri` is no function any more; define it with `def`.")]
    once, again, large = (rows_from(simulate_ri, s) for s in (BASE, BASE, LARGE))
    for rows in (once, again, large):
        if isinstance(rows, Finding):
            return [rows]
    seeded = RIGHT
    if not np.array_equal(once["y"], again["y"]):
        seeded = Finding("The same seed gives other rows each time. What is it for?")
    made = check_parts(large, LARGE)
    return [RIGHT, seeded, made, made]


@worth(3)
def unseen_simulation(simulate_ri: Any) -> list[Finding]:
    """Exercise 2a, when it is graded: other settings, other seeds, intervals."""
    made = _made(simulate_ri)
    if made != RIGHT:
        return [made, *[Finding()] * 2]
    one, two = (rows_from(simulate_ri, BASE, seed)["y"].to_numpy() for seed in (1, 2))
    if np.array_equal(one, two):
        text = "`simulate_ri` gives the same rows, whatever the seed."
        return [RIGHT, Finding(text), Finding()]
    return [RIGHT, RIGHT, _intervals(simulate_ri)]


def _made(simulate_ri: Any) -> Finding:
    """Look at other settings."""
    for seed, setting in UNSEEN.items():
        rows = rows_from(simulate_ri, setting, seed)
        made = rows if isinstance(rows, Finding) else check_parts(rows, setting)
        if made != RIGHT:
            return made
    return RIGHT


def _intervals(simulate_ri: Any) -> Finding:
    """Look at the widths of intervals, on average over seeds, and at the ICC.

    Theory: half of the groups make all intervals wider by the root of two; 10 rows
    for 3 make those of e and x as wide as the root of 2 / 9, and little else.
    """
    (base, icc), (fewer, _), (longer, _) = (
        many_studies(simulate_ri, setting) for setting in (BASE, FEWER, LONGER)
    )
    inner, outer = ["sigma", "x"], ["sd_Intercept|groups"]
    as_theory_says = (
        abs(icc - BASE.icc) < 0.1
        and (fewer / base).between(1.25, 1.6).all()
        and (longer / base)[inner].lt(0.65).all()
        and (longer / base)[outer].gt(0.85).all()
    )
    text = "Intervals from its rows are not as wide as the model makes them."
    return RIGHT if as_theory_says else Finding(text)


@worth(2)
def rows(data: Any) -> list[Finding]:
    """Exercise 2b: the rows that R makes."""
    form = check_form("data", data, BASE)
    if form != RIGHT:
        return [form]
    got, want = (np.sort(frame["y"].to_numpy()) for frame in (data, rows_of(BASE)))
    if np.allclose(got, want, rtol=0, atol=1e-8):
        return [RIGHT]
    for order in permutations("uex"):
        if np.allclose(got, np.sort(_drawn(order)), rtol=0, atol=1e-8):
            text = "These are R's draws, but not in the order of the exercise."
            return [Finding(text, 0.5)]
    made = check_parts(data, BASE)
    return [made if made != RIGHT else NUMPY_FOR_R.finding(got, want)]


def _drawn(order: tuple[str, ...]) -> Any:
    """Return y when the parts are drawn by R in another order."""
    rng, n = RRandom(SEED), BASE.n_groups * BASE.n_per
    sizes = {"u": (BASE.n_groups, BASE.sd_u), "e": (n, BASE.sd_e), "x": (n, 1.0)}
    drawn = {}
    for part in order:
        count, sd = sizes[part]
        drawn[part] = rng.rnorm(count, 0.0, sd)
    u = np.repeat(drawn["u"], BASE.n_per)
    return INTERCEPT + SLOPE * drawn["x"] + u + drawn["e"]


@worth(3)
def base_fit(fit: Any, ci: Any) -> list[Finding]:
    """Exercise 2c: the model and its intervals."""
    fitted = check_study("fit", fit, BASE)
    right = study(fit, BASE)
    mistakes = {
        "These are Wald intervals, which say nothing about the sds.": right.confint(
            ["Intercept", "x"], method="wald"
        ),
        "These are intervals of another level than 95 %.": right.confint(level=0.9),
    }
    expected = right.confint(), right.confint(criterion="reml")
    return [fitted, fitted, check_table("ci", ci, *expected, mistakes=mistakes)]


@worth(2)
def first_look(ax_xy: Any, inside: Any, fit: Any) -> list[Finding]:
    """Exercise 2d: the rows drawn; which intervals contain the truth."""
    right = study(fit, BASE)
    ci, true = right.confint(), truth(BASE)
    names = true.index[(ci["lower"] < true) & (true < ci["upper"])]
    return [_scatter(ax_xy, right), check_labels("inside", inside, names, ci.index)]


def _scatter(ax_xy: Any, model: MixedModel) -> Finding:
    """Look at a scatter plot: all rows, x across, y upwards, both named."""
    looked, ax = check_figure("ax_xy", ax_xy), axes_of(ax_xy)
    if ax is None:
        return looked
    drawn = [np.asarray(c.get_offsets()) for c in ax.collections]
    # Not lines alone, such as a regression through the points.
    marked = [line for line in ax.lines if line.get_marker() not in NO_MARKS]
    drawn += [line.get_xydata() for line in marked]
    points = np.concatenate([np.empty((0, 2)), *(d for d in drawn if len(d) > 2)])
    request = cast(Any, model.request)
    x, y = (np.sort(request.data[name].to_numpy()) for name in ("x", "y"))
    across, up = np.sort(points[:, 0]), np.sort(points[:, 1])
    if len(points) != len(x):
        text = f"`ax_xy` shows {len(points)} points; the data have {len(x)} rows."
        return Finding(text)
    if np.allclose(across, y) and np.allclose(up, x):
        return Finding("In `ax_xy` the outcome goes across; it is drawn upwards.", 0.5)
    if not (np.allclose(across, x) and np.allclose(up, y)):
        return Finding("`ax_xy` shows other points than `x` and `y` of the rows.")
    return looked
