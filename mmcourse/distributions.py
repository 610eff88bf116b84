"""Tails and quantiles of Student's t, F and chi-squared.

Layer: arrays only. SciPy's special functions come with the first call (see `normal`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def two_sided_t(t: ArrayLike, df: ArrayLike) -> Array:
    """Return P(|T| > |t|) for each ratio t (...) and its degrees of freedom.

    Examples
    --------
    >>> two_sided_t([2.228], [10.0]).round(3)
    array([0.05])
    """
    from scipy.special import stdtr

    t, df = np.asarray(t, float), np.asarray(df, float)
    return np.asarray(2 * stdtr(df, -np.abs(t)))


def two_sided_t_quantile(level: float, df: ArrayLike) -> Array:
    """Return q with P(-q < T < q) = level.

    Examples
    --------
    >>> two_sided_t_quantile(0.95, [10.0]).round(3)
    array([2.228])
    """
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.asarray(df, float), (1 + level) / 2))


def f_tail(f: ArrayLike, df_1: ArrayLike, df_2: ArrayLike) -> Array:
    """Return P(F > f); an infinite df_2 makes it chi-squared's.

    Examples
    --------
    >>> f_tail([4.96], [1.0], [10.0]).round(3)
    array([0.05])
    """
    from scipy.special import fdtrc

    f, df_1, df_2 = np.broadcast_arrays(
        *(np.asarray(v, float) for v in (f, df_1, df_2))
    )
    finite = np.isfinite(df_2)
    out = fdtrc(df_1, np.where(finite, df_2, 1.0), f)
    return np.where(finite | np.isnan(df_2), out, chi_squared_tail(f * df_1, df_1))


def chi_squared_tail(x: ArrayLike, df: ArrayLike) -> Array:
    """Return P(X > x).

    Examples
    --------
    >>> chi_squared_tail([3.841], [1.0]).round(3)
    array([0.05])
    """
    from scipy.special import chdtrc

    return np.asarray(chdtrc(np.asarray(df, float), np.asarray(x, float)))
