"""Intervals beside each other: dark where they exclude zero, faded where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, PICKED
from mmcourse.plots.tables import limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def excludes_zero(table: pd.DataFrame) -> pd.Series:
    """Whether the interval of each row lies on one side of zero."""
    lower, upper = limits(table)
    return (table[lower] > 0) | (table[upper] < 0)


def percent(table: pd.DataFrame) -> str:
    """Level of a table's intervals in percent, from the names of their limits."""
    low, high = (float(name.split("_")[1]) for name in limits(table))
    return f"{high - low:g} %"


def draw_intervals(
    ax: Axes,
    drawn: pd.DataFrame,
    position: np.ndarray,
    *,
    upright: bool,
    width: float,
    size: float | None,
    faded: float,
) -> None:
    """Draw value and limits of each row at its position, and the line of zero.

    Parameters
    ----------
    drawn : DataFrame
        With value, limits and `excludes_zero`.
    position : array (rows,)
        On the horizontal axis where intervals stand upright, else on the vertical one.
    width, size : float
        Of lines and of points; None leaves the size of points to matplotlib.
    faded : float
        How much is seen of an interval that holds zero, up to 1.
    """
    lower, upper = limits(drawn)
    lines = ax.vlines if upright else ax.hlines
    zero = ax.axhline if upright else ax.axvline
    zero(0, color=OVERALL, linewidth=1.2, zorder=1)
    for dark, colour in ((False, OBSERVED), (True, PICKED)):
        which = drawn["excludes_zero"].to_numpy() == dark
        at, part = position[which], drawn[which]
        seen = 1.0 if dark else faded
        ends = part[lower], part[upper]
        lines(at, *ends, color=colour, linewidth=width, alpha=seen)
        points = (at, part["value"]) if upright else (part["value"], at)
        ax.plot(*points, "o", markersize=size, color=GROUP if dark else OBSERVED)
