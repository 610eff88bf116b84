"""The standard normal's quantiles as R computes them, to the last digit.

Layer: arrays only; `r_random` makes normal draws with it.

References
----------
    [W88] Wichura (1988), Algorithm AS 241, Applied Statistics 37.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# Coefficients [W88]: numerator and denominator, highest power first.
# fmt: off
_CENTRE = (
    (
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
        133.14166789178437745, 3.387132872796366608,
    ),
    (
        5226.495278852545925, 28729.085735721942674, 39307.89580009271061,
        21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
        42.313330701600911252, 1.0,
    ),
)
_SIDE = (
    (
        7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
        1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
        4.6303378461565452959, 1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
        0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
        2.05319162663775882187, 1.0,
    ),
)
_TAIL = (
    (
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
        0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
        5.4637849111641143699, 6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
        7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
        0.59983220655588793769, 1.0,
    ),
)
# fmt: on


def normal_quantile(p: ArrayLike) -> Array:
    """Return the standard normal's quantiles as R computes them [W88].

    Examples
    --------
    >>> normal_quantile([0.5, 0.975]).round(6)
    array([0.      , 1.959964])
    """
    p = np.asarray(p, dtype=np.float64)
    q = p - 0.5
    out = q * _ratio(_CENTRE, np.maximum(0.180625 - q * q, 0.0))
    far = np.abs(q) > 0.425
    r = np.sqrt(-np.log(np.where(q[far] < 0, p[far], 1 - p[far])))
    side = np.where(r <= 5, _ratio(_SIDE, r - 1.6), _ratio(_TAIL, r - 5.0))
    out[far] = np.where(q[far] < 0, -side, side)
    return out


def _ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], r: Array) -> Array:
    """Ratio of two polynomials in r."""
    above, below = np.zeros_like(r), np.zeros_like(r)
    for a, b in zip(*pair, strict=True):
        above, below = above * r + a, below * r + b
    return above / below
