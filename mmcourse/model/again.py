"""The same rows again: simulated responses, and the model fitted to other ones.

Layer: above `simulate` and `refit`. The public functions are methods of `MixedModel`,
which is no layer below: `self` is one.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmcourse import messages
from mmcourse.arrays import as_arrays
from mmcourse.design import Design
from mmcourse.design.given import row_values
from mmcourse.design.values import check_values, some_rows
from mmcourse.errors import ConvergenceWarning, DesignError, InferenceError, brief
from mmcourse.inference.held import optimum
from mmcourse.model.request import change
from mmcourse.randomness import Seed, check_count, generator
from mmcourse.refit import refit as refit_arrays
from mmcourse.simulate import Rows

Array = NDArray[np.float64]

# Numbers that are drawn at a time.
CHUNK_ENTRIES = 4_000_000


def simulate(
    self: Any, n_sims: int = 1, seed: Seed = None, re_form: str = "none"
) -> pd.DataFrame:
    """Draw responses of the rows used from the model.

    Parameters
    ----------
    n_sims : int
        How many responses.
    seed : int or Generator, optional
        The same seed gives the same numbers; when not given, they differ every time.
    re_form : str
        Random effects that stay as estimated; all others are drawn anew from their
        estimated distribution. "none", "all", or terms as in `predict`.

    Returns
    -------
    DataFrame
        Rows used x sim_1, sim_2, ..., units of the response; fixed effects and
        variances are the estimates.

    Raises
    ------
    InferenceError
        If `re_form` names what is not in the model, or the rows were not kept.

    Notes
    -----
    As lme4's ``simulate``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.simulate(2, seed=1).shape
    (180, 2)
    """
    n, design = check_count(n_sims), self.design
    design.require_rows("simulate()")
    kept = design.match_re_form(re_form)
    rows = Rows(self.fit, self.posterior, design, kept, generator(seed))
    out = np.empty((n, len(design.y)))
    step = max(1, CHUNK_ENTRIES // rows.n_draws)
    for first in range(0, n, step):
        here = slice(first, min(first + step, n))
        out[here] = rows.complete(rows.draw(here.stop - first))
    names = [f"sim_{i + 1}" for i in range(n)]
    return pd.DataFrame(out.T, index=design.index, columns=names)


def refit(self: Any, y: ArrayLike) -> Any:
    """Fit the same model to another response.

    Parameters
    ----------
    y : Series, array (n,) or frame of one column, units of the response
        On the scale of the model: of its logarithms where the formula has
        ``log(y)``. A Series is matched by its index. Rows that the model left out
        need no value.

    Returns
    -------
    MixedModel
        A new model; this one stays as it is.

    Raises
    ------
    DesignError
        If there are not as many values as rows, or one is missing.
    TypeError
        If `y` is a name or a single number.

    Notes
    -----
    As lme4's ``refit``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> (model.refit(mm.load_sleepstudy()["Reaction"] + 10).fixef - model.fixef
    ... ).round(6).to_dict()
    {'Intercept': 10.0, 'Days': 0.0}
    """
    self.design.require_rows("refit()")
    design = replace(self.design, y=_response(self.design, y))
    fit = refit_arrays(self.fit, as_arrays(design))
    if fit.status in ("max_evaluations", "stalled"):
        text = messages.status_text(fit)
        warnings.warn(text, ConvergenceWarning, stacklevel=2)
    request = self.request
    return type(self)(design, fit, request and request.without_data())


def refit_ml(self: Any) -> Any:
    """Fit the same model by maximum likelihood.

    Returns
    -------
    MixedModel
        A new model, or this one where it is so fitted.

    Notes
    -----
    As lme4's ``refitML``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> round(model.criterion, 2), round(model.refit_ml().criterion, 2)
    (1786.47, 1794.08)
    """
    if not self.reml:
        return self
    request = self.request
    if request is not None:
        request = replace(request, reml=False)
    return type(self)(self.design, optimum(self.fit, reml=False), request)


def update(self: Any, formula: str | None = None, **changes: Any) -> Any:
    """Fit a changed model.

    Parameters
    ----------
    formula : str, optional
        A change such as ``". ~ . - Days + (0 + Days | Subject)"``, where a dot
        stands for what was, or a whole formula.
    **changes : any
        Other arguments of `lmer`: data, reml, weights, offset, missing, start,
        max_evaluations.

    Returns
    -------
    MixedModel
        A new model; this one stays as it is.

    Raises
    ------
    DesignError
        If the data of the fit are needed, but gone or changed. The model holds a
        reference to the frame it was given, not a copy. Columns may be added to
        it; if those of the model change, or the model was pickled or refitted to
        another response, pass ``data=``.
    InferenceError
        If the model was not made by `lmer`.

    Notes
    -----
    As R's ``update``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.update(". ~ . - Days", reml=False).formula
    'Reaction ~ 1 + (1 | Subject)'
    """
    if self.request is None:
        raise InferenceError(
            "the model does not know what it was asked for; fit it with lmer."
        )
    request = change(self.request, self.design, formula, changes)
    return request.ask()


def _response(design: Design, y: Any) -> Array:
    """Values of a new response in the rows used, (n,)."""
    given = _single(y)
    n, n_given = len(design.y), design.n_rows_given
    rows = pd.DataFrame(index=design.index)
    if not isinstance(given, pd.Series):
        given = np.asanyarray(given)
        if design.used is not None and given.shape == (n_given,):
            given = given[design.used]
        elif given.shape != (n,):
            also = f", or {n_given} with those it left out" if n_given != n else ""
            raise DesignError(
                f"y has shape {given.shape}, but the model uses {n} rows.\n"
                f"  Give one value for each of them{also}."
            )
    elif (
        design.used is not None
        and len(given) == n_given
        and not (design.index.is_unique)
    ):
        given = given[design.used]
    values = row_values(given, rows, "y")[1]
    lost = np.isnan(values)
    if lost.any():
        raise DesignError(
            f"y has no value in {some_rows(design.index[lost])}, which the model "
            "uses.\n  Fill them in, or fit a new model with lmer."
        )
    check_values(values, "y", design.index)
    return values.copy()


def _single(y: Any) -> Any:
    """Return a frame of one column as that column; refuse what is no response."""
    if isinstance(y, pd.DataFrame):
        if y.shape[1] != 1:
            raise DesignError(
                f"y is a frame of {y.shape[1]} columns, but a model has one response.\n"
                "  Refit to one column at a time, for example refit(y['sim_1'])."
            )
        return y.iloc[:, 0]
    if isinstance(y, str) or np.ndim(y) == 0:
        raise TypeError(
            f"y is {brief(y)}; it must hold a number for every row, for example a "
            "column: data['y']."
        )
    return y
