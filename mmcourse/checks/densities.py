"""Look at a density: is it the one of these numbers, whatever drew it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.checks.figures import axes_of, check_figure
from mmcourse.checks.findings import Finding

Array = NDArray[np.float64]

# Bandwidths as multiples of sd n^(-1/5): R takes 0.9, SciPy and seaborn 1.
BANDWIDTHS = np.arange(0.4, 2.01, 0.1)
NEAR = 0.1  # of the highest point
MOST_CURVES = 2  # `plot_density` adds the distribution that the model estimates


def check_density(
    name: str,
    answer: Any,
    values: Any,
    limits: tuple[float, float],
    mistakes: Mapping[str, Any] | None = None,
) -> Finding:
    """Compare a curve with the density of some numbers.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : Axes or Figure
        What it holds.
    values : array
        The numbers whose density is asked for.
    limits : (float, float)
        Where the horizontal axis begins and ends.
    mistakes : mapping
        Sentence to the numbers that were drawn by this mistake.

    Returns
    -------
    Finding

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> _ = axes.set(xlabel="effect", ylabel="density", xlim=(-3, 3))
    >>> check_density("ax", axes, [0.0, 1.0], (-3, 3)).hint
    '`ax` shows no curve.'
    """
    looked = check_figure(name, answer, xlim=limits)
    ax = axes_of(answer)
    if ax is None:
        return looked
    curves = [*curves_of(ax)]
    if not curves:
        return Finding(f"`{name}` shows no curve.")
    if len(curves) > MOST_CURVES:
        return Finding(
            f"`{name}` shows {len(curves)} curves, one is asked for. Was a whole table "
            "drawn, in place of a column?"
        )
    if any(is_density(*curve, values) for curve in curves):
        return looked
    for sentence, wrong in (mistakes or {}).items():
        if any(is_density(*curve, wrong) for curve in curves):
            return Finding(sentence)
    return Finding(f"`{name}` shows a curve, but not the density of these effects.")


def curves_of(ax: Any) -> Iterator[tuple[Array, Array]]:
    """Yield the curves of a figure; of filled areas their upper edge."""
    lines = [line.get_xydata() for line in ax.lines]
    lines = [np.asarray(line, dtype=float) for line in lines if len(line) > 2]
    areas = [path.vertices for c in ax.collections for path in c.get_paths()]
    for points in lines or [area for area in areas if len(area) > 20]:
        x, place = np.unique(points[:, 0], return_inverse=True)
        height = np.full(len(x), -np.inf)
        np.maximum.at(height, place, points[:, 1])
        yield x, height


def is_density(x: Array, height: Array, values: Any) -> bool:
    """Return whether a curve is a Gaussian kernel density, of any usual bandwidth.

    Examples
    --------
    >>> x = np.linspace(-3, 3, 50)
    >>> normal = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    >>> is_density(x, normal, [0.0, 0.01]), is_density(x, normal, [5.0, 6.0])
    (False, False)
    """
    numbers = np.asarray(values, dtype=float).ravel()
    unit = numbers.std(ddof=1) * len(numbers) ** -0.2
    if unit <= 0:
        return False
    for width in unit * BANDWIDTHS:
        z = (x[:, None] - numbers) / width
        wanted = np.exp(-(z**2) / 2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
        if np.abs(wanted - height).max() <= NEAR * wanted.max():
            return True
    return False
