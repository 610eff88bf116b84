"""Numbers as text: how many decimals, and the cells of a column.

The only place where anything is rounded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

MOST_DIGITS = 7  # of the largest number in a column; more is noise to a reader
MOST_DECIMALS = 8  # beyond it, powers of ten are easier to read


def decimals(values: ArrayLike, significant: int, least: int = 0) -> int:
    """Decimals at which the smallest number (zeros aside) has so many digits.

    Fewer where the largest would get more than seven digits.

    Examples
    --------
    >>> decimals([612.1, 35.07], 4), decimals([0.0637, 0.0581], 4)
    (2, 5)
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return least
    low, high = np.floor(np.log10([sizes.min(), sizes.max()])).astype(int)
    wanted = max(least, significant - 1 - int(low))
    return max(0, min(wanted, MOST_DIGITS - 1 - int(high)))


def number_cells(values: ArrayLike, places: int, keep_tiny: bool = True) -> list[str]:
    """Return numbers as text at fixed decimals; NaN is shown.

    Parameters
    ----------
    values : array
    places : int
        Decimals.
    keep_tiny : bool
        Show numbers that would be rounded to zero as powers of ten.

    Examples
    --------
    >>> number_cells([0.25, 0.0, 3e-7], 3)
    ['0.250', '0.000', '3.0e-07']
    """
    out = []
    for x in np.asarray(values, dtype=np.float64).tolist():
        lost = x != 0 and abs(x) < 0.5 * 10.0**-places
        if not np.isfinite(x):
            out.append("NaN" if np.isnan(x) else f"{x}")
        elif abs(x) >= 1e15 or (lost and keep_tiny) or places > MOST_DECIMALS:
            out.append("0" if x == 0 else f"{x:.1e}")
        else:
            out.append(f"{0.0 if lost else x:.{places}f}")
    return out


def p_cells(values: ArrayLike) -> list[str]:
    """p-values as text.

    Examples
    --------
    >>> p_cells([0.04321, 1e-9])
    ['0.043', '<0.001']
    """
    return [
        "<0.001" if p < 0.001 else cell
        for p, cell in zip(
            np.asarray(values, dtype=np.float64).tolist(),
            number_cells(values, 3),
            strict=True,
        )
    ]


def most_places(numbers: Array) -> int:
    """Decimals at which the largest number has no more digits than a reader wants."""
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    return decimals([largest], MOST_DIGITS) if largest > 0 else MOST_DIGITS
