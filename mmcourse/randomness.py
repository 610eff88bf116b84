"""Seeds, counts, and streams of random numbers that know their place.

Layer: above `errors`. Nothing here touches NumPy's global state.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.errors import InferenceError, brief

Array = NDArray[np.float64]

Seed = int | np.random.Generator | None

LARGEST = 2**63 - 1


def generator(seed: Any = None) -> np.random.Generator:
    """Return the generator that a `seed` argument stands for.

    Parameters
    ----------
    seed : int or Generator, optional
        The same number gives the same draws; None gives new ones at every call. A
        Generator is used, and moved on.

    Raises
    ------
    TypeError
        If it is neither.
    InferenceError
        If the number is negative.

    Examples
    --------
    >>> generator(1).integers(100) == generator(1).integers(100)
    np.True_
    """
    if seed is None or isinstance(seed, np.random.Generator):
        return np.random.default_rng(seed)
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, Integral):
        raise TypeError(
            f"seed is {brief(seed)}; it must be a whole number, for example 1, a "
            "Generator of NumPy, or None for new draws at every call."
        )
    if seed < 0:
        raise InferenceError(f"seed is {seed}; it must not be negative.")
    return np.random.default_rng(int(seed))


def check_count(given: Any, name: str = "n_sims") -> int:
    """Return a number of draws, at least 1.

    Examples
    --------
    >>> check_count(np.int64(3))
    3
    """
    if isinstance(given, bool | np.bool_) or not isinstance(given, Integral):
        raise TypeError(
            f"{name} is {brief(given)}; it must be a whole number, for example 1000."
        )
    if given < 1:
        raise InferenceError(f"{name} is {given}; at least 1 is needed.")
    return int(given)


class Streams:
    """Streams of normal numbers, one for every place; none depends on another's use.

    What belongs to one group comes out the same whichever groups are asked for, and in
    whatever order.

    Examples
    --------
    >>> streams = Streams(np.random.default_rng(1))
    >>> both = streams.normals([4, 7], (2,), 0)
    >>> bool(np.all(both[1] == streams.normals([7], (2,), 0)[0]))
    True
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._key = rng.integers(LARGEST, size=2, dtype=np.uint64)

    def at(self, place: int, kind: int) -> np.random.Generator:
        """Return a generator for many numbers of one place of one kind."""
        seed = np.random.SeedSequence([*map(int, self._key), place, kind])
        return np.random.Generator(np.random.SFC64(seed))

    def normals(
        self, places: Iterable[int], shape: tuple[int, ...], kind: int
    ) -> Array:
        """Return standard normal numbers for each place, (places, *shape)."""
        chosen = [int(place) for place in places]
        out = np.empty((len(chosen), *shape))
        # 2^128 blocks lie between two places, so that their streams never meet.
        bits = np.random.Philox(key=self._key)
        rng = np.random.Generator(bits)
        fresh = bits.state  # to set it costs half of what a new generator does
        for i, place in enumerate(chosen):
            fresh["state"]["counter"][:] = (0, 0, place, kind)
            bits.state = fresh
            rng.standard_normal(out=out[i])
        return out
