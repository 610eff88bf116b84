"""Models refused in words: what was found, what was expected, what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.school import FORMULA, changed, school

# What a call says: its class, and pieces of the text. (formula, data, arguments)
BAR = "score ~ day + 1 | pupil"
FITS = {
    "unknown column": (
        ("score ~ dya + (1 | pupil)", school(), {}),
        mm.DesignError,
        ["'dya'", "not a column", "Did you mean 'day'?", "Columns: score, day, pupil"],
    ),
    "unknown column of a random effect": (
        ("score ~ day + (dayy | pupil)", school(), {}),
        mm.DesignError,
        ["'dayy'", "not a column", "Did you mean 'day'?"],
    ),
    "unknown group": (
        ("score ~ day + (1 | pupli)", school(), {}),
        mm.DesignError,
        ["'pupli'", "not a column", "Did you mean 'pupil'?"],
    ),
    "unknown weights": (
        (FORMULA, school(counts=1.0), {"weights": "count"}),
        mm.DesignError,
        ["weights", "'count'", "not a column", "Did you mean 'counts'?"],
    ),
    "unknown column inside a function": (
        ("score ~ log(dya) + (1 | pupil)", school(), {}),
        mm.DesignError,
        ["'dya'", "not a column", "Did you mean 'day'?"],
    ),
    "no bar": (
        ("score ~ day", school(), {}),
        mm.FormulaError,
        ["no random effects terms", "score ~ day", "(1 | group)", "ols"],
    ),
    "bar without parentheses": (
        (BAR, school(), {}),
        mm.FormulaError,
        ["outside parentheses", BAR, "Write score ~ day + (1 | pupil)."],
    ),
    "one level": (
        (FORMULA, school(pupil="p07"), {}),
        mm.DesignError,
        ["'pupil'", "single level ('p07')", "Leave the term out"],
    ),
    "a level per row": (
        ("score ~ day + (1 | row)", school(row=range(48)), {}),
        mm.DesignError,
        ["'row' has 48 levels", "only 48 rows", "whose levels repeat"],
    ),
    "too many random effects": (
        ("score ~ day + (day + I(day**2) + w | pupil)", school(), {}),
        mm.DesignError,
        ["(1 + day + I(day**2) + w | pupil)", "48 random effects", "only 48 rows"],
    ),
    "text response": (
        ("sex ~ day + (1 | pupil)", school(), {}),
        mm.DesignError,
        ["'sex' holds labels ('boy', 'girl')", "needs a numeric one"],
    ),
    "infinite response": (
        (FORMULA, changed("score", np.inf), {}),
        mm.DesignError,
        ["'score' is infinite in 1 row (index 5)", "NaN"],
    ),
    "infinite covariate": (
        (FORMULA, changed("day", -np.inf), {}),
        mm.DesignError,
        ["'day' is infinite in 1 row (index 5)", "NaN"],
    ),
    "infinite after computing": (
        ("score ~ log(day) + (1 | pupil)", school(), {}),
        mm.DesignError,
        ["'log(day)' is infinite in 12 rows (index 0, 4, 8", "NaN"],
    ),
    "negative weights": (
        (FORMULA, changed("w", -2.0), {"weights": "w"}),
        mm.DesignError,
        ["weights are negative in 1 row (index 5)", "sigma^2 / w"],
    ),
    "zero weights": (
        (FORMULA, changed("w", 0.0), {"weights": "w"}),
        mm.DesignError,
        ["weights are zero in 1 row (index 5)", "Drop these rows"],
    ),
    "weights of another length": (
        (FORMULA, school(), {"weights": np.ones(47)}),
        mm.DesignError,
        ["weights has shape (47,)", "48 rows", "one value per row"],
    ),
    "weights with another index": (
        (FORMULA, school(), {"weights": pd.Series(1.0, index=range(1, 49))}),
        mm.DesignError,
        ["weights", "48 values", "lacks 1 row (index 0)"],
    ),
    "text weights": (
        (FORMULA, school(), {"weights": "sex"}),
        mm.DesignError,
        ["weights holds text", "one per row"],
    ),
    "text offset": (
        (FORMULA, school(), {"offset": "sex"}),
        mm.DesignError,
        ["offset holds text", "one per row"],
    ),
    "no rows": ((FORMULA, school()[:0], {}), mm.DesignError, ["no rows"]),
    "no complete row": (
        (FORMULA, school(day=np.nan), {}),
        mm.DesignError,
        ["none of the 48 rows is complete", "day (48)", "Leave a column out"],
    ),
    "missing values refused": (
        (FORMULA, changed("day", np.nan), {"missing": "raise"}),
        mm.DesignError,
        ["1 of 48 rows", "day (1)", "missing='drop'"],
    ),
    "missing misspelt": (
        (FORMULA, school(), {"missing": "omit"}),
        ValueError,
        ["missing is 'omit'", "'drop' or 'raise'"],
    ),
    "power by ^": (
        ("score ~ I(day^2) + (1 | pupil)", school(), {}),
        mm.FormulaError,
        ["exclusive or", "I(day^2)", "**"],
    ),
    "a fixed factor of one level": (
        (FORMULA, school(sex="girl"), {}),
        mm.DesignError,
        ["'sex' has a single level ('girl')", "Leave it out"],
    ),
    "a function that is not one": (
        ("score ~ factor(day) + (1 | pupil)", school(), {}),
        mm.DesignError,
        ["'factor'", "neither a column", "C(x)"],
    ),
    "start of another length": (
        (FORMULA, school(), {"start": [1, 0, 1]}),
        mm.DesignError,
        ["start has shape (3,)", "needs 1 finite value", "pupil.Intercept"],
    ),
    "no evaluations": (
        (FORMULA, school(), {"max_evaluations": 0}),
        ValueError,
        ["max_evaluations is 0", "at least 1"],
    ),
    "columns of two lengths": (
        (FORMULA, {"score": [1, 2, 3], "day": [1, 2], "pupil": [1, 1, 2]}, {}),
        mm.DesignError,
        ["differ in length", "score 3, day 2, pupil 3"],
    ),
    "a column twice": (
        (FORMULA, pd.concat([school(), school()[["day"]]], axis=1), {}),
        mm.DesignError,
        ["'day'", "more than one column"],
    ),
    "dates": (
        (FORMULA, school(day=pd.date_range("2024-01-01", periods=48)), {}),
        mm.DesignError,
        ["'day'", "datetime64", "days since"],
    ),
    "no data frame": (
        (FORMULA, 3, {}),
        TypeError,
        ["type int", "data frame", "dict of columns"],
    ),
    "no file": (
        (FORMULA, "school.parquet", {}),
        mm.DesignError,
        ["no file or folder 'school.parquet'", "the path of a Parquet file"],
    ),
    "no formula": ((3, school(), {}), TypeError, ["type int", "must be a string"]),
    "arguments in the wrong order": (
        (school(), FORMULA, {}),
        TypeError,
        ["formula is of type DataFrame", "must be a string"],
    ),
    "unknown keyword": ((FORMULA, school(), {"REML": False}), TypeError, ["'REML'"]),
}


@pytest.mark.parametrize("case", FITS)
def test_a_fit_that_is_refused(case):
    (formula, data, arguments), error, pieces = FITS[case]
    with pytest.raises(error) as caught:
        mm.lmer(formula, data, **arguments)
    text = str(caught.value)
    assert [piece for piece in pieces if piece not in text] == [], text
    if error not in (TypeError, ValueError):
        assert isinstance(caught.value, mm.MMCourseError)
        assert isinstance(caught.value, ValueError)
