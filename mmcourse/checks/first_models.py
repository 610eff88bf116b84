"""Checks of practice sheet p1: from structure to model, lessons 01 to 05."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.choices import check_choice
from mmcourse.checks.findings import Finding, worth
from mmcourse.checks.functions import check_function
from mmcourse.checks.given import pupils
from mmcourse.checks.mistakes import Mistake, value_is
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.checks.wrong_numbers import (
    percent_for_share,
    ratio_for_share,
    rest_for_share,
    sds_for_share,
    variance_for_share,
)
from mmcourse.datasets import load, load_gpa
from mmcourse.model import lmer

KINDS = ("nested", "crossed", "partly")
TAU, SIGMA, INTERCEPT, SLOPE, N = 0.25, 0.24, 2.6, 0.11, 6
N_CLASSES, N_PUPILS = 30, 20

HINTS = {
    "wines": "is there a judge who did not taste some wine?",
    "leaves": "can a leaf belong to two trees?",
    "doctors": "does every patient meet every doctor, or always the same one?",
    "wards": "is ward 1 of one hospital the same ward as ward 1 of another?",
}


@worth(2)
def structures(wines: Any, leaves: Any, doctors: Any, wards: Any) -> list[Finding]:
    """Exercise 1a: nested, crossed, or in between."""
    given = (
        (wines, "crossed"),
        (leaves, "nested"),
        (doctors, "partly"),
        (wards, "nested"),
    )
    return [
        check_choice(name, _first_word(answer), kind, hint, KINDS)
        for (name, hint), (answer, kind) in zip(HINTS.items(), given, strict=True)
    ]


def _first_word(answer: Any) -> Any:
    """Return "partly" for the "partly crossed with" of `describe_structure`."""
    return answer.split()[0] if isinstance(answer, str) and answer.strip() else answer


@worth(1)
def draws(n_draws: Any) -> list[Finding]:
    """Exercise 1b: what is drawn once a class and what once a pupil."""
    rows = N_CLASSES * N_PUPILS
    mistakes = [
        value_is(rows, "That is enough for the pupils. What do classes add to it?"),
        value_is(
            N_CLASSES, "That is enough for the classes. What do pupils add to it?"
        ),
        value_is(
            2 * rows,
            "That is two for every pupil, as if each had a class of its own.",
        ),
    ]
    return [check_number("n_draws", n_draws, N_CLASSES + rows, mistakes=mistakes)]


def split_variance(data: pd.DataFrame, outcome: str, group: str) -> tuple[float, float]:
    """Return the variances between and within groups: what exercise 2 asks for.

    Examples
    --------
    >>> [round(part, 1) for part in split_variance(load("dyestuff"), "Yield", "Batch")]
    [1764.1, 2451.2]
    """
    of_means, within, n = _mean_squares(data, outcome, group)
    return max(of_means - within / n, 0.0), within


def _mean_squares(
    data: pd.DataFrame, outcome: str, group: str
) -> tuple[float, float, float]:
    """Variance of the means; mean variance in groups; rows in a group."""
    groups = data.groupby(group, observed=True)[outcome]
    within = float(groups.var().mean())
    return float(groups.mean().var(ddof=1)), within, len(data) / groups.ngroups


def _not_subtracted(*case: Any) -> tuple[float, float]:
    of_means, within, _ = _mean_squares(*case)
    return of_means, within


def _mean_square(*case: Any) -> tuple[float, float]:
    of_means, within, n = _mean_squares(*case)
    return n * of_means, within


def _not_divided(*case: Any) -> tuple[float, float]:
    of_means, within, n = _mean_squares(*case)
    return n * of_means - within, within


def _negative(*case: Any) -> tuple[float, float]:
    of_means, within, n = _mean_squares(*case)
    return of_means - within / n, within


def _sds(*case: Any) -> tuple[float, float]:
    between, within = split_variance(*case)
    return between**0.5, within**0.5


def _swapped(*case: Any) -> tuple[float, float]:
    between, within = split_variance(*case)
    return within, between


WRONG_SPLITS = {
    "The first number is the variance of the group means. What part of it comes from "
    "the rows that each mean is made of?": _not_subtracted,
    "The first number is the mean square between groups. What does it estimate, beside "
    "the variance that is asked for?": _mean_square,
    "The first number is a difference of mean squares. How many times is the variance "
    "between groups in it?": _not_divided,
    "The first number can come out below 0, and a variance can't.": _negative,
    "These are standard deviations; variances are asked for.": _sds,
    "The two numbers are in the other order: first between groups, then within.": (
        _swapped
    ),
}


def _pair(result: Any) -> Any:
    """Return a result as two numbers, None when it is something else."""
    try:
        numbers = np.asarray(result, dtype=float).ravel()
    except (TypeError, ValueError):
        return None
    return numbers if numbers.size == 2 else None


def _check_split(function: Any, *cases: tuple[Any, ...]) -> Finding:
    return check_function(
        "split_variance",
        function,
        split_variance,
        cases,
        mistakes=WRONG_SPLITS,
        read=_pair,
        returns="two numbers",
    )


@worth(3)
def split(function: Any) -> list[Finding]:
    """Exercise 2: the dyes, and four of their batches."""
    dyes = load("dyestuff")
    some = dyes[dyes["Batch"].isin(["A", "B", "C", "E"])]
    return [_check_split(function, (dyes, "Yield", "Batch"), (some, "Yield", "Batch"))]


@worth(2)
def unseen_split(function: Any) -> list[Finding]:
    """Exercise 2, when it is graded: other data, one where nothing lies between."""
    cases = (
        (load("dyestuff2"), "Yield", "Batch"),
        (load_gpa(), "gpa", "student"),
        (load("penicillin"), "diameter", "sample"),
    )
    return [_check_split(function, *cases)]


LABELS_USED_AGAIN = Mistake(
    "Group 1 of every school was taken for one and the same, and so were 2 and 3. "
    "How many groups are there?",
    lambda got, want: 3 in got.levels.values(),
)
SCHOOLS_ONLY = Mistake(
    "The model has effects of schools only. Do the classes of a school not differ?",
    lambda got, want: [*got.levels.values()] == [12],
)
CLASSES_ONLY = Mistake(
    "The model has effects of classes only. May those of one school not be alike?",
    lambda got, want: [*got.levels.values()] == [36],
)


@worth(3)
def classes(nested: Any) -> list[Finding]:
    """Exercise 3: labels that are used again in every school."""
    wanted = lmer("score ~ 1 + (1 | school/group)", pupils())
    mistakes = LABELS_USED_AGAIN, SCHOOLS_ONLY, CLASSES_ONLY
    return [check_model("nested", nested, wanted, mistakes=mistakes)]


@worth(4)
def from_model(
    line_6: Any, sd_grade: Any, correlation: Any, sd_of_means: Any
) -> list[Finding]:
    """Exercise 4: what a model says before there are data."""
    both, share = TAU**2 + SIGMA**2, TAU**2 / (TAU**2 + SIGMA**2)
    wrong = sds_for_share, rest_for_share, ratio_for_share, percent_for_share
    wrong_shares = [variance_for_share(TAU**2), *(make(share) for make in wrong)]
    return [
        check_number("line_6", line_6, INTERCEPT + 5 * SLOPE, mistakes=WRONG_LINES),
        check_number("sd_grade", sd_grade, both**0.5, mistakes=WRONG_SDS),
        check_number("correlation", correlation, share, mistakes=wrong_shares),
        check_number(
            "sd_of_means",
            sd_of_means,
            (TAU**2 + SIGMA**2 / N) ** 0.5,
            mistakes=WRONG_MEANS,
        ),
    ]


WRONG_LINES = [
    value_is(INTERCEPT + 6 * SLOPE, "Semesters count from 0: which is the sixth?"),
    value_is(5 * SLOPE, "That is the rise since the start. Where does the line start?"),
]
WRONG_SDS = [
    value_is(TAU + SIGMA, "Standard deviations were added up. What does add?"),
    value_is(TAU**2 + SIGMA**2, "This is a variance, an sd is asked for."),
    value_is(TAU, "That is how students differ. What more makes grades differ?"),
    value_is(SIGMA, "That is how grades of one student differ. Students differ too."),
]
WRONG_MEANS = [
    value_is(
        ((TAU**2 + SIGMA**2) / N) ** 0.5,
        "Six grades of one student were taken for independent. Which part of them is "
        "the same in all six, so that averaging does not make it smaller?",
    ),
    value_is(TAU + SIGMA / N**0.5, "Standard deviations were added up. What does add?"),
    value_is(SIGMA / N**0.5, "This is the scatter of single grades alone."),
    value_is(TAU, "The scatter of single grades becomes small in a mean, but not 0."),
    value_is(
        (TAU**2 + SIGMA**2) ** 0.5,
        "This is for single grades. What changes when six of them are averaged?",
    ),
    value_is(TAU**2 + SIGMA**2 / N, "This is a variance, an sd is asked for."),
]
