"""`lmer` fits: text and data in, a `MixedModel` out.

References
----------
    [BMBW15] Bates, Maechler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from mmcourse import messages
from mmcourse.arrays import as_arrays
from mmcourse.design import Design, Stream, build_design, open_source, open_stream
from mmcourse.errors import ConvergenceWarning, DesignError, RankWarning
from mmcourse.fit import fit_model
from mmcourse.formula import parse
from mmcourse.memory import TooLarge
from mmcourse.model.arguments import check_flag, check_limit, check_start
from mmcourse.model.mixed_model import MixedModel
from mmcourse.model.request import Request
from mmcourse.prepare import ModelArrays, Rows

T = TypeVar("T")


def lmer(
    formula: str,
    data: Any,
    reml: bool = True,
    weights: str | ArrayLike | None = None,
    offset: str | ArrayLike | None = None,
    missing: str = "drop",
    start: ArrayLike | None = None,
    max_evaluations: int | None = None,
) -> MixedModel:
    """Fit a linear mixed model.

    Parameters
    ----------
    formula : str
        Fixed part and random terms, as in lme4: ``"y ~ x + (1 + x | g)"``. Random
        terms: ``(1 | g)``, ``(x | g)``, ``(0 + x | g)``, ``(x || g)`` (no
        correlations), ``(1 | a/b)``, ``(1 | a:b)``. The fixed part is formulaic's.
    data : data frame, or a source of rows that are not in memory
        A pandas frame, any that narwhals can read, or a dict of columns. Or: the path
        of a Parquet file or of a folder of them, a pyarrow dataset, an iterable of
        frames, a function that returns an iterator of frames, a Dask frame. Such rows
        are read in chunks, several times, and not kept.
    reml : bool
        Restricted maximum likelihood; False for maximum likelihood.
    weights : str or array (n,), optional
        Prior weights, in any unit: the residual variance of row i is sigma^2 / w_i. A
        column's name if the rows are not in memory; `offset` too.
    offset : str or array (n,), units of the response, optional
        Known part of the linear predictor.
    missing : {"drop", "raise"}
        What to do with rows that miss a used value.
    start : array (n_theta,), unitless, optional
        Start of the search, in the layout of `MixedModel.theta`.
    max_evaluations : int, optional
        Most evaluations of the criterion.

    Returns
    -------
    MixedModel
        What the other functions ask; it is never changed.

    Raises
    ------
    FormulaError
        If the formula can't be read.
    DesignError
        If the formula does not fit the data.

    Warns
    -----
    ConvergenceWarning
        If the search ended before its optimum.
    RankWarning
        If redundant fixed-effects columns were left out.

    Notes
    -----
    As lme4's ``lmer`` [BMBW15].

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy())
    >>> model.fixef.round(3).to_dict()
    {'Intercept': 251.405, 'Days': 10.467}
    >>> round(model.sigma, 3)
    30.991
    >>> chunks = [mm.load_sleepstudy()[:100], mm.load_sleepstudy()[100:]]
    >>> round(mm.lmer("Reaction ~ Days + (1 | Subject)", chunks).sigma, 3)
    30.991
    """
    parsed = parse(formula)
    by_reml, limit = check_flag(reml, "reml"), check_limit(max_evaluations)
    source = open_source(data)
    stream: Stream | None = None
    rows: Rows
    if source is None:
        design = build_design(parsed, data, weights, offset, missing)
        rows = as_arrays(design)
    else:
        stream = open_stream(parsed, source, weights, offset, missing)
        design, rows = stream.design, _Streamed(stream)
    first = check_start(start, design)
    try:
        fit = fit_model(rows, by_reml, first, limit)
    except TooLarge as error:
        raise DesignError(messages.memory_text(design, error)) from error
    request = Request(
        lmer, formula, data, reml, weights, offset, missing, start, max_evaluations
    )
    if stream is not None:
        # What was read once may not be there to be read again.
        design, request = stream.finished(), request.without_data()
    model = MixedModel(design, fit, request)
    if len(fit.kept) < design.X.shape[1]:
        warnings.warn(messages.rank_text(design, fit), RankWarning, stacklevel=2)
    if fit.status in ("max_evaluations", "stalled"):
        warnings.warn(messages.status_text(fit), ConvergenceWarning, stacklevel=2)
    return model


@dataclass(frozen=True, slots=True)
class _Streamed:
    """Rows that are not in memory, as the engine takes them."""

    stream: Stream

    @property
    def mean_weight(self) -> float:
        return self.stream.mean_weight

    def fold(self, work: Callable[[ModelArrays], T], add: Callable[[T, T], T]) -> T:
        return self.stream.fold(partial(_on_arrays, work), add)


def _on_arrays(work: Callable[[ModelArrays], T], design: Design) -> T:
    return work(as_arrays(design))
