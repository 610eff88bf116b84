"""F tests of the terms of the fixed part, one table for a model.

References
----------
    [KBC17] Kuznetsova, Brockhoff, Christensen (2017), J. Stat. Softw. 82(13).
"""

from __future__ import annotations

import pandas as pd

from mmcourse.design.hypotheses import type_three
from mmcourse.distributions import f_tail
from mmcourse.extract.small_sample import small_sample
from mmcourse.model import MixedModel

COLUMNS = ["sum_sq", "mean_sq", "num_df", "den_df", "F", "p_value"]


def f_table(model: MixedModel, ddf: str) -> pd.DataFrame:
    """Return type III tests, a row per term [KBC17].

    Raises
    ------
    InferenceError
        If the method does not apply to the fit, or a term can't be tested.
    """
    hypotheses = type_three(model.design.memory.fixed, model.fit.kept)
    method = small_sample(model, ddf)
    rows = []
    for L in hypotheses.values():
        test = method.f_test(L)
        mean_sq = test.f * model.sigma**2
        rows.append((mean_sq * test.num_df, mean_sq, test.num_df, test.den_df, test.f))
    out = pd.DataFrame(rows, columns=COLUMNS[:-1], index=list(hypotheses))
    out.index.name = "term"
    out["p_value"] = f_tail(out["F"], out["num_df"], out["den_df"])
    out["num_df"] = out["num_df"].astype("int64")
    out.attrs.update(
        method=ddf,
        type=3,
        fit="reml" if model.reml else "ml",
        response=model.design.response_name,
        notes=list(method.notes),
    )
    return out
