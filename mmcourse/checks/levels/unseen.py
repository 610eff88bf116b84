"""The error of predictions for rows that were not fitted, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.findings import Finding
from mmcourse.checks.functions import check_function
from mmcourse.checks.mistakes import Mistake, value_is
from mmcourse.checks.wrong_numbers import flipped_sign, share_for_percent
from mmcourse.model import lmer


def error_unseen(
    formula: str, outcome: str, data: pd.DataFrame, is_hidden: pd.Series
) -> float:
    """Return the root mean square error for rows that were hidden from the fit.

    Parameters
    ----------
    formula : str
        What is fitted to the rows that are not hidden.
    outcome : str
        The column that is predicted.
    data : DataFrame
        All rows.
    is_hidden : Series of bool
        Which of them are hidden.

    Returns
    -------
    float, in the unit of the outcome

    Examples
    --------
    >>> from mmcourse.datasets import load_gpa
    >>> gpa = load_gpa()
    >>> formula = "gpa ~ occasion + (1 | student)"
    >>> round(error_unseen(formula, "gpa", gpa, gpa["occasion"] == 5), 3)
    0.256
    """
    return _root_mean_square(_missed(formula, outcome, data, is_hidden))


def _missed(
    formula: str,
    outcome: str,
    data: pd.DataFrame,
    is_hidden: pd.Series,
    train: pd.DataFrame | None = None,
    re_form: str = "all",
) -> pd.Series:
    """Outcome minus prediction of the hidden rows."""
    model = lmer(formula, data[~is_hidden] if train is None else train)
    test = data[is_hidden]
    return test[outcome] - model.predict(test, re_form=re_form, allow_new_levels=True)


def _root_mean_square(missed: Any) -> float:
    return float(np.sqrt(np.mean(np.square(missed))))


def _all_fitted(formula: str, outcome: str, data: Any, is_hidden: Any) -> float:
    return _root_mean_square(_missed(formula, outcome, data, is_hidden, train=data))


def _of_rows_seen(formula: str, outcome: str, data: Any, is_hidden: Any) -> float:
    return _root_mean_square(lmer(formula, data[~is_hidden]).residuals)


def _average_group(formula: str, outcome: str, data: Any, is_hidden: Any) -> float:
    missed = _missed(formula, outcome, data, is_hidden, re_form="none")
    return _root_mean_square(missed)


WRONG_ERRORS = {
    "The hidden rows were in the fit. What does a model know of a row that it was "
    "fitted to?": _all_fitted,
    "This is the error of the rows that were fitted. For which rows is it asked?": (
        _of_rows_seen
    ),
    "Everybody was predicted by the average line. What does the model know of a group "
    "that has other rows?": _average_group,
    "This is the mean of the squares. Which unit has it?": (
        lambda *case: error_unseen(*case) ** 2
    ),
    "This is the mean of the absolute errors. Which mean is the root taken of?": (
        lambda *case: float(_missed(*case).abs().mean())
    ),
    "This is the mean of the differences. What becomes of one prediction 5 too high "
    "and one 5 too low?": lambda *case: float(_missed(*case).mean()),
    "This is how the errors scatter around their own mean. What would it be for a "
    "model that is always 5 too high?": lambda *case: float(_missed(*case).std()),
    "This is a sum of squares. Would the error be larger with more hidden rows?": (
        lambda *case: float(_missed(*case).pow(2).sum())
    ),
}


def check_error(function: Any, cases: Sequence[tuple[Any, ...]]) -> Finding:
    """Compare a learner's `error_unseen` with the right one."""
    return check_function(
        "error_unseen", function, error_unseen, cases, mistakes=WRONG_ERRORS
    )


def per_cent_saved(before: float, after: float) -> float:
    """Return by how many per cent an error became smaller.

    Examples
    --------
    >>> per_cent_saved(4.0, 3.0)
    25.0
    """
    return 100 * (1 - after / before)


def wrong_savings(before: float, after: float) -> list[Mistake]:
    """Return how the per cent that were saved go wrong."""
    right = per_cent_saved(before, after)
    return [
        share_for_percent(right),
        flipped_sign(right),
        value_is(100 * after / before, WHAT_IS_LEFT),
        value_is(100 * (before / after - 1), WHOLE),
        value_is(per_cent_saved(before**2, after**2), OF_SQUARES),
        value_is(before - after, DIFFERENCE),
    ]


WHAT_IS_LEFT = "This is what is left of the error. How much of it is gone?"
WHOLE = "These are per cent of the error afterwards. Which error is it that fell?"
DIFFERENCE = "This is the difference of the errors. With what is it to be compared?"
OF_SQUARES = "These are per cent of the mean squares. Which unit has an error?"
