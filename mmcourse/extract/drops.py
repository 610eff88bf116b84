"""Tests of the random effects: the model against those with one effect less.

References
----------
    [SL87] Self, Liang (1987), J. Am. Stat. Assoc. 82: 605-610.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mmcourse.distributions import chi_squared_tail
from mmcourse.errors import InferenceError
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model
from mmcourse.reduced import without_effects


def ranova(model: MixedModel) -> pd.DataFrame:
    """Test the random effects: drop them one by one, and compare likelihoods.

    The fits are by REML if the model is. Of a term with several effects, each but the
    intercept is dropped in turn; a term with a single one is dropped as a whole.

    Parameters
    ----------
    model : MixedModel
        A fitted model.

    Returns
    -------
    DataFrame
        A row per dropped effect or term: n_par, loglik, aic of the smaller model;
        chisq, df and p_value of the comparison. `attrs` hold n_par, loglik and aic of
        the model itself.

    Raises
    ------
    InferenceError
        If a model leaves no residual variance.

    Notes
    -----
    A variance of zero lies at the end of its range: p is too large, about twice for a
    single variance [SL87]. As lmerTest's ``ranova``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    >>> mm.ranova(model)[["n_par", "chisq", "df"]].round(2)
                                    n_par  chisq  df
    dropped
    Days in (1 + Days | Subject)        4  42.84   2
    """
    check_model(model, "ranova")
    rows, names = [], []
    for name, term, effects in _drops(model):
        small = without_effects(model.fit, term, effects)
        if not np.isfinite(model.criterion - small.criterion):
            raise InferenceError(
                f"without {name}, or with it, the model leaves no residual variance: "
                "its likelihood has no end and can't be compared."
            )
        chisq = max(small.criterion - model.criterion, 0.0)
        df = model.n_parameters - small.n_parameters
        p = float(chi_squared_tail(chisq, df))
        aic = small.criterion + 2 * small.n_parameters
        rows.append((small.n_parameters, small.loglik, aic, chisq, df, p))
        names.append(name)
    columns = ["n_par", "loglik", "aic", "chisq", "df", "p_value"]
    out = pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="dropped"))
    out.attrs.update(
        n_par=model.n_parameters,
        loglik=model.loglik,
        aic=model.aic,
        criterion="reml" if model.reml else "ml",
    )
    return out


def _drops(model: MixedModel) -> Iterator[tuple[str, int, list[int]]]:
    """Return name, term and columns of each thing to drop."""
    for t, term in enumerate(model.design.terms):
        sources = list(dict.fromkeys(term.sources))
        if len(sources) == 1:
            yield term.text, t, list(range(len(term.names)))
            continue
        for source in sources:
            if source != "1":
                columns = [j for j, s in enumerate(term.sources) if s == source]
                yield f"{source} in {term.text}", t, columns
