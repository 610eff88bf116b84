"""The picture of growth: seconds against rows, legible in grey print."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from statistics import median
from typing import Any

from report import evaluation_seconds
from wording import ENGINE, finished

# A shade, a dash and a marker each, so that no line needs its colour.
STYLES = {
    "mmcourse": ("black", "-", "o", 2.2),
    "statsmodels": ("0.45", "--", "s", 1.3),
    "mixedlm": ("0.35", "-.", "^", 1.3),
    "mixedlm_rs": ("0.55", ":", "D", 1.5),
    "lme_python": ("0.6", "-", "v", 1.3),
    "lme4": ("0.25", (0, (5, 1, 1, 1, 1, 1)), "P", 1.3),
}
# Height of the axis and of a line of text, to keep names off each other.
AXIS_POINTS = 270.0
LINE_POINTS = 11.0
ONCE = "mmcourse: one evaluation"


def draw_growth(rows: list[dict[str, Any]], path: Path) -> bool:
    """Draw a line an engine; return whether there is a picture."""
    if len(rows) < 2 or importlib.util.find_spec("matplotlib") is None:
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    ax = figure.subplots()
    series = lines(rows)
    for name, (points, seconds) in series.items():
        colour, dash, marker, width = STYLES.get(name, ("black", ":", "", 1.5))
        ax.plot(points, seconds, color=colour, ls=dash, marker=marker, lw=width)
    ax.set(xscale="log", yscale="log", xlabel="rows", ylabel="seconds for a fit")
    ax.set_title("Random intercept, three covariates, ten rows a group", fontsize=11)
    ax.grid(True, which="major", color="0.9", lw=0.8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.margins(x=0.04)
    for name, (x, y, height) in labels(series).items():
        ax.annotate(
            name.replace("_", "-"),
            (x, y),
            xytext=(8, height),
            textcoords="offset points",
            va="center",
            fontsize=9,
            annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        )
    figure.savefig(path, dpi=150)
    return True


def lines(rows: list[dict[str, Any]]) -> dict[str, tuple[list[int], list[float]]]:
    """Return rows and seconds of each engine, and of one evaluation of mmcourse's."""
    out: dict[str, tuple[list[int], list[float]]] = {}
    for row in rows:
        seconds = {n: median(a["wall"]) for n, a in finished(row).items()}
        once = evaluation_seconds(row) if ENGINE in seconds else None
        if once:
            seconds[ONCE] = once
        for name, value in seconds.items():
            points, values = out.setdefault(name, ([], []))
            points.append(row["n_rows"])
            values.append(value)
    return out


def labels(
    series: dict[str, tuple[list[int], list[float]]],
) -> dict[str, tuple[int, float, float]]:
    """Return the end of each line, and by how many points to raise its name."""
    low = min(min(seconds) for _, seconds in series.values())
    high = max(max(seconds) for _, seconds in series.values())
    per_decade = AXIS_POINTS / max(math.log10(high / low), 1.0)
    ends = sorted((s[-1], p[-1], name) for name, (p, s) in series.items())
    out: dict[str, tuple[int, float, float]] = {}
    taken: dict[int, float] = {}
    for y, x, name in ends:
        height = math.log10(y / low) * per_decade
        free = max(height, taken.get(x, -LINE_POINTS) + LINE_POINTS)
        taken[x] = free
        out[name] = (x, y, free - height)
    return out
