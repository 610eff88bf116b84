"""The normal distribution: a quantile and a tail.

Layer: arrays only. SciPy's special functions take long to import, and a fit needs
none: they come with the first call.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def two_sided_z(level: float) -> float:
    """Return z with P(-z < Z < z) = level.

    Examples
    --------
    >>> round(two_sided_z(0.95), 4)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def two_sided_p(t: ArrayLike) -> NDArray[np.float64]:
    """Return P(|Z| > |t|) for each ratio t (...).

    Examples
    --------
    >>> two_sided_p([1.96, -1.96]).round(3)
    array([0.05, 0.05])
    """
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(t)))


def normal_cdf(z: ArrayLike) -> NDArray[np.float64]:
    """Return P(Z < z) for each z (...).

    Examples
    --------
    >>> normal_cdf([0.0, 1.96]).round(3)
    array([0.5  , 0.975])
    """
    from scipy.special import ndtr

    return np.asarray(ndtr(np.asarray(z, dtype=np.float64)))
