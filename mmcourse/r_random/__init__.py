"""R's random numbers: the draws that `set.seed()` fixes in R, to the last digit.

Layer: arrays only. For work of your own use NumPy's generators; these are for reading
books whose numbers come from R.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmcourse.r_random.generator import RRandom

__all__ = ["RRandom", "rnorm", "runif", "sample", "set_seed"]

Array = NDArray[np.float64]

_current: RRandom | None = None


def set_seed(seed: int) -> RRandom:
    """Start the draws of this module anew, as R's `set.seed(seed)`.

    Parameters
    ----------
    seed : int
        What ``set.seed`` is given in R.

    Returns
    -------
    RRandom
        The generator that `rnorm`, `runif` and `sample` of this module draw from. To
        keep draws apart from those of other code, make an `RRandom` of your own.

    Raises
    ------
    TypeError, ValueError
        If the seed is not one of R's.

    Examples
    --------
    >>> rng = set_seed(1234)
    >>> rnorm(1).round(7)
    array([-1.2070657])
    """
    global _current
    _current = RRandom(seed)
    return _current


def _module_generator() -> RRandom:
    """Return the generator of this module, from a seed of chance if none was set."""
    return set_seed(secrets.randbelow(2**31)) if _current is None else _current


def runif(n: int, low: ArrayLike = 0.0, high: ArrayLike = 1.0) -> Array:
    """Draw from uniform distributions; see `RRandom.runif`.

    Parameters
    ----------
    n : int
        How many.
    low, high : float or array (k,), units of the draws
        Ends; several are recycled over the draws.

    Returns
    -------
    array (n,), units of the ends
        As R's ``runif`` gives them.

    Examples
    --------
    >>> rng = set_seed(42)
    >>> runif(3).round(7)
    array([0.914806 , 0.9370754, 0.2861395])
    """
    return _module_generator().runif(n, low, high)


def rnorm(n: int, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0) -> Array:
    """Draw from normal distributions; see `RRandom.rnorm`.

    Parameters
    ----------
    n : int
        How many.
    mean, sd : float or array (k,), units of the draws
        Several are recycled over the draws.

    Returns
    -------
    array (n,), units of the mean
        As R's ``rnorm`` gives them.

    Examples
    --------
    >>> rng = set_seed(1234)
    >>> rnorm(3, sd=0.5).round(4)
    array([-0.6035,  0.1387,  0.5422])
    """
    return _module_generator().rnorm(n, mean, sd)


def sample(
    x: int | Sequence[Any] | NDArray[Any],
    size: int | None = None,
    replace: bool = False,
) -> NDArray[Any]:
    """Draw elements with equal chances; see `RRandom.sample`.

    Parameters
    ----------
    x : int or sequence
        A number stands for 1, 2, ..., x.
    size : int, optional
        As many as there are when not given: a random order.
    replace : bool
        Whether an element may be drawn again.

    Returns
    -------
    array (size,), units of the elements
        As R's ``sample`` gives them.

    Examples
    --------
    >>> rng = set_seed(1234)
    >>> sample(200, 10)
    array([ 28,  80, 150, 101, 111, 137, 133, 166, 144, 132])
    """
    return _module_generator().sample(x, size, replace)
