"""Compare a model with the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import Mistake, close, first
from mmcourse.checks.reading import Reading, is_unfitted, read_model
from mmcourse.checks.wrong_models import MODELS

# mixedlm stops its search earlier than lmer; REML and ML are farther apart than this.
FIT_RTOL = 1e-3


def check_model(
    name: str, answer: Any, wanted: Any, *, mistakes: Sequence[Mistake] = ()
) -> Finding:
    """Compare a fitted model with the one that was asked for.

    Any right route passes: mmcourse or statsmodels, variables in another order, other
    reference levels, a covariate that was shifted or scaled.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : object
        What it holds.
    wanted : fitted model
        The model that was asked for.
    mistakes : sequence of Mistake
        Looked at before those of the catalogue.

    Returns
    -------
    Finding

    Examples
    --------
    >>> import mmcourse as mm
    >>> sleep = mm.load_sleepstudy()
    >>> wanted = mm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
    >>> ml = mm.lmer("Reaction ~ Days + (1 | Subject)", sleep, reml=False)
    >>> check_model("fit", ml, wanted).hint[:66]
    'The model is the right one, but fitted by maximum likelihood. That'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    got, want = read_model(answer), read_model(wanted)
    if got is None:
        return not_a_model(name, answer)
    if same(got, want):
        return RIGHT
    return first((*mistakes, *MODELS), got, want) or RIGHT


def same(got: Reading, want: Reading | None) -> bool:
    """Return whether two readings are of one model, in whatever coding."""
    if want is None or (got.n_rows, got.n_fixed) != (want.n_rows, want.n_fixed):
        return False
    return (
        close(got.outcome, want.outcome)
        and close(got.line, want.line, FIT_RTOL)
        and close(got.residual, want.residual, FIT_RTOL)
        and sorted(got.levels.values()) == sorted(want.levels.values())
        and close(got.variances, want.variances, 5 * FIT_RTOL)
        and got.reml == want.reml
    )


def not_a_model(name: str, answer: Any) -> Finding:
    """Return what to say when an answer is no fitted model."""
    if is_unfitted(answer):
        return Finding(
            f"`{name}` is a model that was described but not fitted: something is "
            "still to be called."
        )
    if isinstance(answer, str):
        return Finding(f"`{name}` is a text. The formula alone is no model: fit it.")
    return Finding(
        f"`{name}` is a {type(answer).__name__}, not a fitted model. Keep the whole "
        "model, not only a table or a number of it."
    )
