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


def texts() -> pd.DataFrame:
    """Return typed texts: typist (1 to 50), speed (words per minute), errors.

    A typist's faster texts have more errors; faster typists have fewer.

    Examples
    --------
    >>> texts().shape
    (538, 3)
    """
    rng = np.random.default_rng(5)
    n_texts = rng.integers(8, 15, 50)
    usual = rng.normal(60, 12, 50)
    effect = rng.normal(0, 4, 50)
    slope = 0.4 + 0.03 * effect + rng.normal(0, 0.28, 50)
    who = np.repeat(np.arange(50), n_texts)
    own = rng.normal(0, 6, len(who))
    errors = 28 - 0.7 * (usual[who] - 60) + effect[who] + slope[who] * own
    frame = pd.DataFrame({"typist": who + 1, "speed": (usual[who] + own).round(1)})
    frame["errors"] = (errors + rng.normal(0, 3, len(who))).round(1)
    return frame
