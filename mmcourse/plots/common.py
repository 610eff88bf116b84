"""One visual language for all pictures: colours, Axes, frames.

Layer: lowest of `plots`; matplotlib is imported inside, so that fitting needs none of
it.

Conventions
    What was observed is grey, what holds for all is red, what belongs to a group is
    blue, what is picked out is dark. The four differ in grey print too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from mmcourse.errors import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OBSERVED = "#9a9a9a"
OVERALL = "#c0392b"
GROUP = "#1f5a92"
PICKED = "#1a1a1a"

# With more groups than this their names can't be read below an axis.
MOST_NAMES = 30


def axes_for(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return the Axes to draw on, a new one where none is given."""
    if ax is not None:
        if not hasattr(ax, "axhline"):
            raise TypeError(
                f"ax is {brief(ax)}; it must be one Axes of matplotlib, for example "
                "the second value that plt.subplots() returns."
            )
        return ax
    return pyplot().subplots(figsize=size, layout="constrained")[1]


def pyplot() -> Any:
    """Import matplotlib, or say what to install."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'pictures need matplotlib; install it with: pip install "mmcourse[plots]"'
        ) from error
    return plt


def tidy(ax: Axes) -> None:
    """Take away the frame that carries no information."""
    ax.spines[["top", "right"]].set_visible(False)


def left_title(ax: Axes, text: str) -> None:
    """Say above the left end what is drawn."""
    ax.set_title(text, loc="left", fontsize="medium")


def effect_words(effect: str) -> str:
    """Call an effect what a reader calls it."""
    return "intercept" if effect == "Intercept" else f"coefficient of {effect}"


def name_groups(
    ax: Axes, position: Any, labels: Iterable[Any], group: str, order: str
) -> None:
    """Name the groups below the axis where there is room, else what orders them."""
    names = [str(label) for label in labels]
    if len(names) <= MOST_NAMES:
        turned = 90 if max(map(len, names)) > 2 else 0
        ax.set_xticks(position, names, rotation=turned)
        ax.set_xlabel(group)
    else:
        ax.set_xticks([])
        ax.set_xlabel(f"{group} (in order of the {order})")


def axes_in_rows(n: int, ax: Any, height: float, columns: int = 3) -> Any:
    """Return n Axes (n,): those given, or new ones, `columns` in a row."""
    if ax is not None:
        return np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    columns = min(n, columns)
    rows = -(-n // columns)
    size = (3.3 * columns, height * rows)
    figure, axes = pyplot().subplots(
        rows, columns, figsize=size, layout="constrained", squeeze=False
    )
    for spare in axes.ravel()[n:]:
        figure.delaxes(spare)
    return np.asarray(axes.ravel()[:n])
