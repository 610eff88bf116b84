"""Bootstrap intervals of a model's parameters, as `MixedModel.confint` returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mmcourse.fit import Fit
from mmcourse.inference.bootstrap import (
    bootstrap,
    bootstrap_intervals,
    check_kind,
    fit_values,
    interval_notes,
)
from mmcourse.inference.names import Parameter
from mmcourse.posterior import Posterior
from mmcourse.randomness import check_count, generator


def boot_table(
    fit: Fit,
    posterior: Posterior,
    chosen: Sequence[Parameter],
    level: float,
    n_sims: Any,
    seed: Any,
    kind: str,
) -> pd.DataFrame:
    """Return lower and upper ends, with how they were made in `attrs`."""
    check_kind(kind)
    n, rng = check_count(n_sims), generator(seed)
    values = bootstrap(fit, posterior, chosen, n, rng).values
    ends = bootstrap_intervals(fit_values(fit, chosen), values, level, kind)
    names = [p.name for p in chosen]
    out = pd.DataFrame(ends, index=names, columns=["lower", "upper"])
    out.attrs.update(
        method="boot",
        level=level,
        criterion=None,
        kind=kind,
        n_sims=len(values),
        notes=interval_notes(names, values),
    )
    return out
