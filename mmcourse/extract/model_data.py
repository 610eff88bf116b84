"""The rows and columns of the user's data that a model uses.

Layer: a model keeps its arrays, and a reference to the data they were made of.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from mmcourse.design.frames import open_frame
from mmcourse.design.plans import make_plans
from mmcourse.errors import DesignError
from mmcourse.model import MixedModel
from mmcourse.model.check import check_model


def extract_model_data(model: MixedModel, data: Any = None) -> pd.DataFrame:
    """Return the data that the model was fitted to: its columns, the rows it uses.

    Parameters
    ----------
    model : MixedModel
        A fitted model.
    data : data frame, optional
        The data of the fit; needed where the model does not know them any more, as
        after pickling.

    Returns
    -------
    DataFrame
        Response, covariates, grouping columns, then those that weights and offset
        name, all as they were given, before any function of the formula. A copy.

    Raises
    ------
    DesignError
        If the data are not known, or not those of the fit.

    Notes
    -----
    As mixedup's ``extract_model_data``, and R's ``model.frame``.

    Examples
    --------
    >>> import mmcourse as mm
    >>> data = mm.load_sleepstudy().assign(note="x")
    >>> model = mm.lmer("log(Reaction) ~ Days + (1 | Subject)", data)
    >>> mm.extract_model_data(model).head(2)
       Reaction  Days  Subject
    0  249.5600     0      308
    1  258.7047     1      308
    """
    check_model(model, "extract_model_data")
    rows = used_rows(model, data, "extract_model_data()")
    request = model.request
    given = {} if request is None else {"w": request.weights, "o": request.offset}
    named = {what: v for what, v in given.items() if isinstance(v, str)}
    plans = make_plans(model.design.formula, rows, named)
    columns = dict.fromkeys([*plans.variables, *plans.factors, *named.values()])
    return rows[list(columns)].copy()


def used_rows(model: MixedModel, data: Any, what: str) -> pd.DataFrame:
    """Return the rows of the data that a model uses, on their index."""
    design = model.design
    design.require_rows(what)
    given = data
    if given is None and model.request is not None:
        given = model.request.data
    if given is None:
        raise DesignError(
            "the model does not know its data any more; pass them: data=..."
        )
    frame = open_frame(given)
    if not isinstance(frame, pd.DataFrame):
        frame = frame.to_pandas()
    if len(frame) != design.n_rows_given:
        raise DesignError(
            f"the data has {len(frame)} rows, but the model was fitted to "
            f"{design.n_rows_given}; pass the data of the fit: data=..."
        )
    return frame if design.used is None else frame[design.used]
