"""Look at a figure: does it show what was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmcourse.checks.findings import RIGHT, Finding, blank

NO_MARKS = ("None", "none", " ", "")  # matplotlib's names of it


def check_figure(
    name: str,
    answer: Any,
    *,
    xlim: tuple[float, float] | None = None,
    n_curves: int | None = None,
    labels: bool = True,
) -> Finding:
    """Look at the axes of a figure.

    Parameters
    ----------
    name : str
        The variable that the learner was to make.
    answer : Axes or Figure
        What it holds; a seaborn grid with one panel will do, or what was drawn.
    xlim : (float, float), optional
        Where the horizontal axis begins and ends.
    n_curves : int, optional
        How many curves there are.
    labels : bool
        Whether both axes need a label.

    Returns
    -------
    Finding

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> check_figure("ax", axes, n_curves=1).hint
    '`ax` shows 0 curves; 1 is asked for.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    ax = axes_of(answer)
    if ax is None:
        kind = type(answer).__name__
        return Finding(f"`{name}` is a {kind}; keep the axes that were drawn on.")
    curves = len([line for line in ax.lines if len(line.get_xdata()) > 2])
    if n_curves is not None and curves != n_curves:
        verb = "is" if n_curves == 1 else "are"
        text = f"`{name}` shows {curves} curves; {n_curves} {verb} asked for."
        return Finding(text)
    if xlim is not None and not np.allclose(ax.get_xlim(), xlim, atol=0.01):
        ends = f"{xlim[0]:g} to {xlim[1]:g}"
        text = f"The horizontal axis of `{name}` does not go from {ends}."
        return Finding(text, 0.5)
    if labels and not (ax.get_xlabel() and ax.get_ylabel()):
        return Finding(f"An axis of `{name}` has no label: say what it is.", 0.5)
    return RIGHT


def axes_of(answer: Any) -> Any:
    """Return the axes of a figure, or those that something was drawn on.

    Returns
    -------
    Axes or None
        None when there are none, or several.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> axes_of(axes.figure) is axes_of(axes.plot([1, 2])) is axes
    True
    """
    if hasattr(answer, "get_xlim"):
        return answer
    several = isinstance(answer, list | tuple | np.ndarray)
    found: Any = answer if several else getattr(answer, "axes", None)
    if hasattr(found, "get_xlim"):
        return found
    found = [*found.flat] if isinstance(found, np.ndarray) else found
    alone = isinstance(found, list | tuple) and len(found) == 1
    return axes_of(found[0]) if alone else None
