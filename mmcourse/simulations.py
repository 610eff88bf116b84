"""Data made by a model whose truth is known: the random-intercept model.

Layer: numbers in, a data frame out; stands on `r_random`.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.errors import brief
from mmcourse.r_random import RRandom


def simulate_random_intercepts(
    n_groups: int = 100,
    n_per_group: int = 3,
    sd_group: float = 0.5,
    sd_resid: float = 0.25,
    intercept: float = 2.0,
    slope: float = 0.5,
    seed: int = 1234,
    rng: str = "r",
) -> pd.DataFrame:
    """Simulate y = intercept + slope x + u[group] + e, with x standard normal.

    Parameters
    ----------
    n_groups, n_per_group : int
        How many groups, and rows in each.
    sd_group, sd_resid : float, units y
        Sds of u, one value per group, and of e, one per row.
    intercept, slope : float
        Of the line, units y and y per x.
    seed : int
        Whole number; with "r" what R's `set.seed` is given.
    rng : {"r", "numpy"}
        Whose random numbers: with "r" the rows are those that R gives after
        `set.seed(seed)` when it draws u, then e, then x.

    Returns
    -------
    DataFrame
        Columns x, y, groups (1, 2, ...). `attrs` holds what is unknown in real data:
        lists u and e, and the values that were asked for.

    Raises
    ------
    TypeError, ValueError
        If a size or an sd is none, or `rng` is not one of these.

    Examples
    --------
    >>> import mmcourse as mm
    >>> data = mm.simulate_random_intercepts()
    >>> data.head(2).round(4)
            x       y  groups
    0 -1.2268  0.8867       1
    1  0.0362  1.2959       1
    >>> round(data.attrs["u"][0], 4)
    -0.6035
    """
    for name, count in (("n_groups", n_groups), ("n_per_group", n_per_group)):
        _check_count(count, name)
    for name, value in (("sd_group", sd_group), ("sd_resid", sd_resid)):
        _check_number(value, name)
        if value < 0:
            raise ValueError(f"{name} is {value}; an sd can't be negative.")
    _check_number(intercept, "intercept")
    _check_number(slope, "slope")
    normal = _normal(rng, seed)
    n = n_groups * n_per_group
    groups = np.repeat(np.arange(1, n_groups + 1), n_per_group)
    u, e, x = normal(n_groups, sd_group), normal(n, sd_resid), normal(n, 1.0)
    y = intercept + slope * x + u[groups - 1] + e
    out = pd.DataFrame({"x": x, "y": y, "groups": groups})
    # Lists, because frames whose attrs hold arrays can't be concatenated.
    out.attrs.update(
        u=u.tolist(),
        e=e.tolist(),
        sd_group=float(sd_group),
        sd_resid=float(sd_resid),
        intercept=float(intercept),
        slope=float(slope),
        seed=int(seed),
        rng=rng,
    )
    return out


def _normal(rng: Any, seed: Any) -> Any:
    """Return a function (n, sd) that draws normals."""
    if not isinstance(rng, str) or rng not in ("r", "numpy"):
        raise ValueError(
            f"rng is {brief(rng)}; it must be 'r', for the draws that R makes, or "
            "'numpy'."
        )
    if rng == "r":
        generator = RRandom(seed)
        return lambda n, sd: generator.rnorm(n, 0.0, sd)
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ValueError(
            f"seed is {brief(seed)}; it must be a whole number, 0 or more."
        )
    own = np.random.default_rng(int(seed))
    return lambda n, sd: own.normal(0.0, sd, n)


def _check_count(given: Any, name: str) -> None:
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(f"{name} is {brief(given)}; it must be a whole number.")
    if given < 1:
        raise ValueError(f"{name} is {given}; at least 1 is needed.")


def _check_number(given: Any, name: str) -> None:
    if isinstance(given, bool) or not isinstance(given, Real):
        raise TypeError(f"{name} is {brief(given)}; it must be a number.")
    if not np.isfinite(float(given)):
        raise ValueError(f"{name} is {given}; it must be finite.")
