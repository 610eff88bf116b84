"""The picture: how often 95 % intervals cover, one panel a design.

Marks differ in shape and filling, so that none needs a colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.coverage.intervals import METHODS
from benchmarks.coverage.reading import joined, kind, select, share_error

# Marker and filling; methods of one family have like shapes.
MARKS = {
    "wald": ("o", "white"),
    "satterthwaite": ("s", "black"),
    "kenward_roger": ("s", "white"),
    "profile_ml": ("^", "white"),
    "profile_reml": ("^", "black"),
    "percentile": ("D", "0.6"),
    "basic": ("X", "0.6"),
}
STEP = 0.11  # between the methods of a parameter; parameters are 1 apart


def draw_coverage(results: dict[str, Any], path: Path) -> None:
    """Draw coverage with bars of 1.96 Monte-Carlo standard errors."""
    from matplotlib.figure import Figure

    panels = list(results["designs"].values())
    figure = Figure(figsize=(3.6 * len(panels) + 0.6, 6.2), layout="constrained")
    axes = figure.subplots(1, len(panels), sharex=True, squeeze=False)[0]
    for ax, design in zip(axes, panels, strict=True):
        _panel(ax, design)
    axes[len(axes) // 2].set_xlabel("data sets in which the interval covers, percent")
    handles = [_mark(axes[0], method, [], []) for method in METHODS]
    figure.legend(
        handles, list(METHODS.values()), loc="outside lower center", ncols=4, fontsize=9
    )
    figure.savefig(path, dpi=150)


def _panel(ax: Any, design: dict[str, Any]) -> None:
    """Draw all parameters of a design, the first on top."""
    names = list(dict.fromkeys(row["parameter"] for row in design["intervals"]))
    for row in design["intervals"]:
        p, n = row["covered"] / row["n"], row["n"]
        own = [
            r["method"] for r in select(design["intervals"], parameter=row["parameter"])
        ]
        place = own.index(row["method"]) - (len(own) - 1) / 2
        y = names.index(row["parameter"]) + STEP * place
        bar = 196 * share_error(p, n)
        ax.plot([100 * p - bar, 100 * p + bar], [y, y], color="0.4", lw=1, zorder=2)
        _mark(ax, row["method"], [100 * p], [y])
    ax.axvline(95, color="black", lw=1, ls="--", zorder=1)
    for i in range(1, len(names)):
        ax.axhline(i - 0.5, color="0.9", lw=0.8, zorder=0)
    ax.set_yticks(range(len(names)), [_label(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(True, axis="x", color="0.93", zorder=0)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(design["title"].replace(": ", "\n", 1), fontsize=10)


def _mark(ax: Any, method: str, x: list[float], y: list[float]) -> Any:
    """Draw a method's mark; return it."""
    marker, filling = MARKS[method]
    style = {"marker": marker, "markerfacecolor": filling, "markeredgecolor": "black"}
    return ax.plot(x, y, ls="", ms=5.5, mew=0.9, zorder=3, **style)[0]


def _label(parameter: str) -> str:
    """Return a parameter's name for an axis: short."""
    if kind(parameter) == "sd":
        return f"sd\n{parameter.split('|')[1]}"
    return parameter


def described(results: dict[str, Any]) -> str:
    """Return what the picture shows, for those who can't see it."""
    parts = []
    for design in results["designs"].values():
        rows = sorted(design["intervals"], key=lambda r: r["covered"] / r["n"])
        low, high = rows[0], rows[-1]
        parts.append(
            f"{design['title'].split(':')[0]}, from {_said(low)} to {_said(high)}"
        )
    return (
        "A panel for each design, with the coverage of each parameter's interval by "
        f"each method against a line at 95 percent. {joined(parts)}."
    )


def _said(row: dict[str, Any]) -> str:
    """Return a row's coverage in words."""
    p = 100 * row["covered"] / row["n"]
    return f"{p:.1f} ({METHODS[row['method']]}, {_label(row['parameter'])})".replace(
        "\n", " "
    )
