"""The data of a school: a score a day, pupils in schools; and the same, spoilt."""

from __future__ import annotations

import numpy as np
import pandas as pd

FORMULA = "score ~ day + sex + (1 | pupil)"


def school(**columns: object) -> pd.DataFrame:
    """48 rows of 12 pupils in 3 schools, with other columns."""
    i = np.arange(48)
    data = pd.DataFrame(
        {
            "score": 50 + 2.0 * (i % 4) + 3 * np.sin(i // 4) + np.cos(7 * i),
            "day": (i % 4).astype(float),
            "pupil": [f"p{k:02d}" for k in i // 4],
            "school": [f"s{k}" for k in i // 16],
            "sex": np.where(i // 4 % 2, "boy", "girl"),
            "w": 1.0 + i % 3,
        }
    )
    return data.assign(**columns)


def changed(column: str, value: object, row: int = 5) -> pd.DataFrame:
    """The data with one value changed."""
    data = school()
    if isinstance(value, str):
        data[column] = data[column].astype(object)
    data.loc[row, column] = value
    return data
