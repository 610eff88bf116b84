"""From records of data sets to counts: what a table or a picture needs, no more.

An interval covers when the truth lies between its ends or on one. One that was not
found, or has an end that is not a number, covers nothing: it counts as failed, and as a
miss on neither side.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.designs import Design
from benchmarks.coverage.intervals import METHODS
from benchmarks.coverage.one import Record
from benchmarks.coverage.sizes import ALPHA, TESTS

Array = NDArray[np.float64]
Row = dict[str, Any]


def summarize(design: Design, records: list[Record]) -> Row:
    """Return the counts of a design."""
    seconds = {k: [r["seconds"][k] for r in records] for k in records[0]["seconds"]}
    return {
        "title": design.title,
        "formula": design.formula,
        "tests_formula": design.tests_formula,
        "truth": design.truth,
        "idle": design.idle,
        "rows": len(design.data),
        "sets": len(records),
        "boundary": sum(r["boundary"] for r in records),
        "problems": dict(Counter(p for r in records for p in r["problems"])),
        "seconds": {k: float(np.mean(v)) for k, v in seconds.items()},
        "intervals": interval_rows(design.truth, records),
        "tests": test_rows(design, records),
        "predictions": prediction_rows(records),
    }


def interval_rows(truth: dict[str, float], records: list[Record]) -> list[Row]:
    """Count for each parameter and method, where the method has any interval."""
    out = []
    for parameter, value in truth.items():
        for method in METHODS:
            own = [r["intervals"].get(method, {}).get(parameter) for r in records]
            if any(pair is not None for pair in own):
                pairs = [(math.nan, math.nan) if p is None else p for p in own]
                row = {"parameter": parameter, "method": method}
                out.append(row | count(np.array(pairs), value))
    return out


def count(ends: Array, truth: float) -> Row:
    """Count intervals (n, 2) that cover, lie below, lie above, or failed.

    Examples
    --------
    >>> ends = np.array([[0, 2], [1, 3], [3, 4], [-2, -1], [np.nan, 5]])
    >>> row = count(ends, 1.0)
    >>> [row[k] for k in ("covered", "below", "above", "failed", "mean_width")]
    [2, 1, 1, 1, 1.5]
    """
    lower, upper = ends.T
    found = ~np.isnan(ends).any(axis=1)
    below, above = found & (upper < truth), found & (lower > truth)
    widths = (upper - lower)[found]
    return {
        "n": len(ends),
        "covered": int((found & ~below & ~above).sum()),
        "below": int(below.sum()),
        "above": int(above.sum()),
        "failed": int((~found).sum()),
        "mean_width": float(widths.mean()) if len(widths) else None,
    }


def test_rows(design: Design, records: list[Record]) -> list[Row]:
    """Count rejections at 5 %, and those in fits on the boundary."""
    boundary = np.array([r["boundary_tests"] for r in records])
    out = []
    for coefficient, within in design.idle.items():
        for test in TESTS:
            found = [r["p_values"].get(test, {}).get(coefficient) for r in records]
            p = np.array([math.nan if v is None else v for v in found])
            rejected = p < ALPHA
            out.append(
                {
                    "coefficient": coefficient,
                    "constant_within": within,
                    "test": test,
                    "n": len(p),
                    "rejected": int(rejected.sum()),
                    "failed": int(np.isnan(p).sum()),
                    "n_boundary": int(boundary.sum()),
                    "rejected_boundary": int((rejected & boundary).sum()),
                }
            )
    return out


def prediction_rows(records: list[Record]) -> list[Row]:
    """Average coverage and width of each kind of prediction over the data sets."""
    by_kind: dict[tuple[str, str, str, str, float], list[tuple[float, float]]] = {}
    for record in records:
        for case, target, method, new_levels, level, coverage, width in record[
            "predictions"
        ]:
            kind = (case, target, method, new_levels, level)
            by_kind.setdefault(kind, []).append((coverage, width))
    out = []
    names = ("case", "target", "method", "new_levels", "level")
    for kind, found in by_kind.items():
        coverage, width = np.array(found).T
        lost = np.isnan(coverage)
        coverage = np.where(lost, 0.0, coverage)
        row: Row = dict(zip(names, kind, strict=True))
        row |= {"n": len(coverage), "failed": int(lost.sum())}
        row |= {"coverage": float(coverage.mean())}
        spread = float(coverage.std(ddof=1)) if len(coverage) > 1 else math.nan
        row |= {"se": spread / math.sqrt(len(coverage))}
        out.append(row | {"mean_width": float(np.nanmean(width))})
    return out
