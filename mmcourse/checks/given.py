"""Data that sheets hand out to learners, made here.

Apart from the checks, since a sheet needs them also where it is graded, in a kernel
that must not see the checks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def pupils() -> pd.DataFrame:
    """Return scores of pupils of 12 schools, three classes each, 1 to 3 in each.

    Examples
    --------
    >>> pupils().shape
    (288, 3)
    """
    rng = np.random.default_rng(3)
    of_school = np.repeat(rng.normal(0, 3, 12), 3)
    of_class = np.repeat(of_school + rng.normal(0, 6, 36), 8)
    frame = pd.DataFrame({"school": np.repeat(np.arange(1, 13), 24)})
    frame["group"] = np.tile(np.repeat([1, 2, 3], 8), 12)
    frame["score"] = (50 + of_class + rng.normal(0, 8, 288)).round(1)
    return frame
