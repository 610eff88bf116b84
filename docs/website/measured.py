"""How fast, and which intervals cover: tables from what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.coverage.intervals import METHODS
from benchmarks.coverage.reading import kind, select
from benchmarks.wording import ENGINE, cell, finished, table

Row = dict[str, Any]
OTHER = "lme4"
KINDS = {"fixed": "fixed effects", "sd": "sds of groups"}


def speed(root: Path) -> str:
    """Return a table of times: ours, lme4's, and those of the fastest other engine."""
    results = json.loads((root / "benchmarks" / "results.json").read_text())
    work = results["fits"] + results["inference"]
    rows = [speeds(row) for row in work if ENGINE in finished(row)]
    columns = ["work", ENGINE, OTHER, "fastest other"]
    return table(columns, rows) + f"\n\n{measured_on(results)}"


def speeds(row: Row) -> list[str]:
    """Return the cells of one piece of work."""
    others = finished(row, without=ENGINE)
    # An engine that does other work under the same name is no measure.
    others = {name: a for name, a in others.items() if not a.get("differs")}
    fastest = min(others, key=lambda name: median(others[name]["wall"]), default="")
    said = f"{fastest} {cell(row, fastest)}" if fastest else "none"
    return [row["title"], cell(row, ENGINE), cell(row, OTHER), said]


def coverage(root: Path) -> str:
    """Return a table of shares: how often intervals of 95 % hold the truth."""
    results = json.loads((root / "benchmarks" / "coverage.json").read_text())
    designs = results["designs"].values()
    rows = []
    for sort, words in KINDS.items():
        for method, label in METHODS.items():
            cells = [shares(design, sort, method) for design in designs]
            if any(cells):
                rows.append([f"{words}: {label}", *cells])
    columns = ["intervals", *(design["title"] for design in designs)]
    return table(columns, rows) + f"\n\n{measured_on(results)}"


def shares(design: Row, sort: str, method: str) -> str:
    """Return from which to which share of intervals hold the truth, in percent."""
    own = select(design["intervals"], method=method)
    found = [r["covered"] / r["n"] for r in own if kind(r["parameter"]) == sort]
    if not found:
        return ""
    ends = dict.fromkeys(f"{100 * end:.1f}" for end in (min(found), max(found)))
    return " to ".join(ends)


def measured_on(results: Row) -> str:
    """Say when, with which version and on which machine."""
    machine = results["machine"]
    day = machine["date"].split()[0]
    return (
        f"Measured {day}, mmcourse {machine['mmcourse']}, {machine['processor']}, "
        f"{machine['memory']}."
    )
