"""Classes of errors, and the helpers that word them."""

from __future__ import annotations

import numpy as np
import pytest

from mmcourse.errors import (
    STATUS,
    DesignError,
    FormulaError,
    InferenceError,
    MMCourseError,
    brief,
    caret,
    did_you_mean,
    listing,
    shown,
)


@pytest.mark.parametrize("error", [FormulaError, DesignError, InferenceError])
def test_errors_are_value_errors_of_ours(error):
    assert issubclass(error, MMCourseError)
    assert issubclass(error, ValueError)


def test_every_status_has_its_text():
    assert set(STATUS) == {"converged", "singular", "max_evaluations", "stalled"}
    for text in STATUS.values():
        assert "7 evaluation(s)" in text.format(n_evaluations=7)


CARETS = {
    "one line": ("y ~ x", 4, "    y ~ x\n        ^\n  hint"),
    "at the end": ("y ~", 3, "    y ~\n       ^\n  hint"),
    "second line": ("y ~ x +\nz", 8, "    z\n    ^\n  hint"),
    "tab": ("y\t~ x", 4, "    y\t~ x\n     \t  ^\n  hint"),
    "wide characters": ("成绩 ~ x", 5, "    成绩 ~ x\n           ^\n  hint"),
    "combining": ("e\u0301 ~ x", 5, "    e\u0301 ~ x\n        ^\n  hint"),
}


@pytest.mark.parametrize("case", CARETS)
def test_caret_stands_under_the_fault(case):
    formula, position, expected = CARETS[case]
    assert caret(formula, position, "hint") == expected


def test_listing_cuts_long_lists():
    assert listing([]) == ""
    assert listing(range(3)) == "0, 1, 2"
    assert listing(range(30)).endswith("18, 19, ... (30 in all)")


SUGGESTIONS = {
    "pupli": "Did you mean 'pupil'? ",
    "DAY": "Did you mean 'day'? ",
    "nothing like it": "",
}


@pytest.mark.parametrize("name", SUGGESTIONS)
def test_suggestions(name):
    assert did_you_mean(name, ["day", "pupil", 3]) == SUGGESTIONS[name]


def test_numpy_values_are_shown_plain():
    assert [shown(v) for v in (np.int64(3), np.str_("a"), "b", None)] == [
        "3",
        "'a'",
        "'b'",
        "None",
    ]


LONG = {"a list": list(range(99)), "lines": np.zeros((9, 2)), "a word": "x" * 99}


@pytest.mark.parametrize("case", LONG)
def test_long_values_are_named_by_their_type(case):
    assert brief(LONG[case]) == f"of type {type(LONG[case]).__name__}"
    assert brief([1, 2]) == "[1, 2]"
