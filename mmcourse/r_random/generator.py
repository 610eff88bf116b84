"""A generator of R's random numbers.

Layer: arrays only. R's defaults since version 3.6: the Mersenne Twister with R's
scrambling of the seed, normals by inversion of a uniform made of two draws, and
`sample` by rejection.

References
----------
    [MN98] Matsumoto, Nishimura (1998), Mersenne Twister, ACM TOMACS 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmcourse.errors import brief
from mmcourse.r_quantile import normal_quantile

Array = NDArray[np.float64]

WORDS = 624  # of 32 bits: the state of the Mersenne Twister
UNIT = 2.3283064365386963e-10  # R's 2^-32
SMALLEST = 0.5 * 2.328306437080797e-10  # keeps a uniform off 0 and 1
BIG = 134217728  # 2^27: what a normal takes of its first uniform
# Above this `sample` draws again instead of shuffling, where half is enough.
HASHED = 1e7


class RRandom:
    """A generator with R's default random numbers.

    Parameters
    ----------
    seed : int
        What `set.seed` is given in R, -2147483647 to 2147483647.

    Examples
    --------
    >>> rng = RRandom(1234)
    >>> rng.rnorm(3).round(7)
    array([-1.2070657,  0.2774292,  1.0844412])
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.MT19937()
        self._bits.state = {
            "bit_generator": "MT19937",
            "state": {"key": _scrambled(_checked_seed(seed)), "pos": WORDS},
        }

    def _uniforms(self, n: int) -> Array:
        """Draw n numbers of the open interval from 0 to 1."""
        raw = self._bits.random_raw(n) * UNIT
        return np.clip(np.asarray(raw), SMALLEST, 1 - SMALLEST)

    def runif(self, n: int, low: ArrayLike = 0.0, high: ArrayLike = 1.0) -> Array:
        """Draw from uniform distributions, as `runif(n, min, max)`.

        Parameters
        ----------
        n : int
            How many.
        low, high : float or array (k,), units of the draws
            Ends; several are recycled over the draws.

        Returns
        -------
        array (n,), units of the ends
            The draws.

        Raises
        ------
        ValueError
            If an end is not finite, or high is below low.

        Examples
        --------
        >>> RRandom(42).runif(2).round(7)
        array([0.914806 , 0.9370754])
        """
        n = _count(n, "n")
        a, b = _recycled(low, n, "low"), _recycled(high, n, "high")
        if np.any(b < a):
            raise ValueError("high is below low; a uniform lies between low and high.")
        out = a.copy()
        drawn = a != b  # R draws nothing where there is nothing to choose
        u = self._uniforms(int(drawn.sum()))
        out[drawn] += (b - a)[drawn] * u
        return out

    def rnorm(self, n: int, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0) -> Array:
        """Draw from normal distributions, as `rnorm(n, mean, sd)`.

        Parameters
        ----------
        n : int
            How many.
        mean, sd : float or array (k,), units of the draws
            Several are recycled over the draws.

        Returns
        -------
        array (n,), units of the mean
            The draws.

        Raises
        ------
        ValueError
            If a mean or an sd is not finite, or an sd is negative.

        Examples
        --------
        >>> RRandom(1234).rnorm(2, mean=10, sd=[1, 0.5]).round(4)
        array([ 8.7929, 10.1387])
        """
        n = _count(n, "n")
        centre, spread = _recycled(mean, n, "mean"), _recycled(sd, n, "sd")
        if np.any(spread < 0):
            raise ValueError(f"sd holds {spread.min():g}; it can't be negative.")
        out = centre.copy()
        drawn = spread != 0  # as above
        u = self._uniforms(2 * int(drawn.sum())).reshape(-1, 2)
        both = (np.floor(BIG * u[:, 0]) + u[:, 1]) / BIG
        out[drawn] += spread[drawn] * normal_quantile(both)
        return out

    def sample(
        self,
        x: int | Sequence[Any] | NDArray[Any],
        size: int | None = None,
        replace: bool = False,
    ) -> NDArray[Any]:
        """Draw elements with equal chances, as `sample(x, size, replace)`.

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
            The draws.

        Raises
        ------
        ValueError
            If more are asked for than there are, without replacement.

        Examples
        --------
        >>> RRandom(1234).sample(200, 5)
        array([ 28,  80, 150, 101, 111])
        """
        pool = _pool(x)
        n = len(pool)
        k = n if size is None else _count(size, "size")
        if k > n and (not replace or n == 0):
            raise ValueError(
                f"size is {k}, but there are only {n} elements to draw from. Ask for "
                "fewer, or draw with replace=True."
            )
        return np.asarray(pool[self._positions(n, k, replace)])

    def _positions(self, n: int, k: int, replace: bool) -> NDArray[np.intp]:
        """Positions of k of n elements."""
        if replace or k < 2:
            return np.array([self._below(n) for _ in range(k)], dtype=np.intp)
        if n > HASHED and k <= n / 2:
            found: dict[int, None] = {}
            while len(found) < k:
                found[self._below(n)] = None  # a second time changes nothing
            return np.array(list(found), dtype=np.intp)
        left, out = np.arange(n), np.empty(k, dtype=np.intp)
        for i in range(k):
            j = self._below(n - i)
            out[i] = left[j]
            left[j] = left[n - i - 1]
        return out

    def _below(self, n: int) -> int:
        """Draw a whole number from 0 to n - 1: random bits, until they are below n."""
        bits = max(n - 1, 0).bit_length()
        while True:
            value = 0
            for _ in range(0, bits + 1, 16):
                value = 65536 * value + int(float(self._uniforms(1)[0]) * 65536)
            value &= (1 << bits) - 1
            if value < n:
                return value


def _checked_seed(seed: Any) -> int:
    """Return a seed that R knows, as a number of 32 bits."""
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise TypeError(
            f"seed is {brief(seed)}; it must be a whole number, for example 1234."
        )
    if abs(int(seed)) >= 2**31:
        raise ValueError(
            f"seed is {seed}; R's seeds lie between -2147483647 and 2147483647."
        )
    return int(seed) % 2**32


def _scrambled(seed: int) -> NDArray[np.uint32]:
    """State of the Mersenne Twister that `set.seed` makes of a seed."""
    for _ in range(51):  # the 51st is R's place in the state, set to 624 afterwards
        seed = (69069 * seed + 1) % 2**32
    words = np.empty(WORDS, dtype=np.uint32)
    for i in range(WORDS):
        seed = (69069 * seed + 1) % 2**32
        words[i] = seed
    return words


def _count(given: Any, name: str) -> int:
    """Return how many to draw."""
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(f"{name} is {brief(given)}; it must be a whole number.")
    if given < 0:
        raise ValueError(f"{name} is {given}; it can't be negative.")
    return int(given)


def _recycled(given: ArrayLike, n: int, name: str) -> Array:
    """Return a parameter for each draw, from the first again at the end, as in R."""
    values = np.atleast_1d(np.asarray(given, dtype=np.float64)).ravel()
    if n and (not len(values) or not np.all(np.isfinite(values))):
        raise ValueError(f"{name} is {brief(given)}; it must hold finite numbers.")
    return np.array(np.resize(values, n)) if n else np.zeros(0)


def _pool(x: Any) -> NDArray[Any]:
    """Elements to draw from."""
    if isinstance(x, Integral):
        return np.arange(1, _count(x, "x") + 1)
    pool = np.asarray(x)
    if pool.ndim != 1:
        raise TypeError(
            f"x is {brief(x)}; it must be a whole number, or a sequence of elements."
        )
    return pool
