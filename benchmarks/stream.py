"""`make bench ROWS=stream`: model (a) on more rows than are to be held in memory.

    python stream.py PATH FORMULA

A whole run leaves it out: it writes a Parquet file of about 4 GB and takes minutes.
What it measured last is kept in stream.json, with machine and date, for RESULTS.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cases import SEED, draw_levels
from machine import describe
from measure import Budget, measure
from wording import MB, Row, table, time_text

HERE = Path(__file__).resolve().parent
RESULT = HERE / "stream.json"
FORMULA = "y ~ x1 + x2 + x3 + (1 | g)"
N_ROWS = {False: 100_000_000, True: 200_000}
N_GROUPS = {False: 100_000, True: 2_000}
ROW_GROUP = 1_000_000
LIMIT = 3600.0


def run_stream(quick: bool) -> dict[str, Any]:
    """Write the rows, fit them in a process of its own; return what was measured."""
    n, n_groups = N_ROWS[quick], N_GROUPS[quick]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write(path, n, n_groups)
        command = [sys.executable, str(Path(__file__)), str(path), FORMULA]
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        size = path.stat().st_size
    if run.returncode:
        return {"status": "failed", "reason": run.stderr.strip().splitlines()[-1]}
    answer = json.loads(run.stdout)
    answer |= {"n_rows": n, "n_groups": n_groups, "file_bytes": size}
    answer |= {"machine": describe(), "formula": FORMULA}
    if not quick:
        RESULT.write_text(json.dumps(answer, indent=1) + "\n")
    return answer


def write(path: Path, n: int, n_groups: int) -> None:
    """Write the rows of (a), a row group at a time."""
    import pyarrow as pa
    from pyarrow import parquet

    tables = (pa.Table.from_pandas(f, preserve_index=False) for f in rows(n, n_groups))
    first = next(tables)
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for more in tables:
            writer.write_table(more)


def rows(n: int, n_groups: int) -> Iterator[pd.DataFrame]:
    """Simulate (a): group sizes weighted by gamma(2), three covariates."""
    rng = np.random.default_rng(SEED)
    weight, effect = rng.gamma(2.0, size=n_groups), 0.8 * rng.standard_normal(n_groups)
    for first in range(0, n, ROW_GROUP):
        size = min(ROW_GROUP, n - first)
        g = draw_levels(rng, weight, size)
        x = rng.standard_normal((3, size))
        y = 1 + 0.5 * x[0] - 0.3 * x[1] + 0.1 * x[2]
        y += effect[g] + rng.standard_normal(size)
        yield pd.DataFrame({"y": y, "x1": x[0], "x2": x[1], "x3": x[2], "g": g})


def main(path: str, formula: str) -> int:
    """Fit a Parquet file once; print what was measured."""
    import mmcourse as mm

    mm.lmer("y ~ x1 + (1 | g)", list(rows(1000, 50)))  # what is imported late
    once = Budget(limit=LIMIT, seconds=0.0, fewest=1, most=1)
    measured, model = measure(lambda: mm.lmer(formula, path), once)
    answer = {"status": "ok", **measured.as_dict(), "criterion": model.criterion}
    print(json.dumps({**answer, "story": model.messages[-1]}))
    return 0


def section(results: Row) -> str:
    """Return what the page says of it, from this run or from the last."""
    answer = results.get("stream")
    if not answer and RESULT.exists():
        answer = json.loads(RESULT.read_text())
    if not answer or answer["status"] != "ok":
        return ""
    added = answer["resident_peak"] - answer["resident_before"]
    lines = [
        ["rows", f"{answer['n_rows']:,}"],
        ["groups", f"{answer['n_groups']:,}"],
        ["Parquet file", f"{answer['file_bytes'] / MB:,.0f} MB"],
        ["wall time, from path to fitted model", time_text(answer["wall"][-1])],
        ["processor time", time_text(answer["cpu"][-1])],
        ["memory before the fit", f"{answer['resident_before'] / MB:.0f} MB"],
        ["most memory over that", f"{added / MB:.0f} MB"],
        ["REML criterion", f"{answer['criterion']:.3f}"],
        ["measured", f"{answer['machine']['date']}, {answer['machine']['mmcourse']}"],
    ]
    text = (
        "## Data that does not fit in memory\n\nModel (a), "
        f"`{answer['formula']}`, from a Parquet file: the rows are read in chunks, in "
        "three passes, and not kept (`make bench ROWS=stream`).\n\n"
    )
    return text + table(["what", "here"], lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
