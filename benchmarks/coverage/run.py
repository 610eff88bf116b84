"""`make study`: simulate, fit, count; write the results and the page about them.

    python -m benchmarks.coverage.run [--sets 500] [--designs "gpa small"] [--quick]
                                      [--workers 1] [--out FOLDER] [--page]

A whole run, and no other, replaces COVERAGE.md, coverage.json and coverage.png in
`benchmarks/`; one with options writes to `benchmarks/last/`, which git ignores. What
was done of a run is kept in `last/coverage/`: start it again and it goes on. `--page`
simulates nothing: it writes page and picture again, from coverage.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import mmcourse
from benchmarks.coverage.designs import designs
from benchmarks.coverage.one import Record, study
from benchmarks.coverage.picture import draw_coverage
from benchmarks.coverage.report import page
from benchmarks.coverage.summary import summarize
from benchmarks.machine import describe
from mmcourse.progress import progress

HERE = Path(__file__).resolve().parent
BENCHMARKS = HERE.parent
ROOT = BENCHMARKS.parent
# More where a data set is cheap and all intervals come near 95 %.
SETS = {"gpa": 4000, "small": 2000, "crossed": 2000}
QUICK_SETS = 20
# What the numbers depend on, beside the package.
SIMULATED_BY = ("designs", "intervals", "sizes", "predictions", "one")


def main(arguments: list[str]) -> int:
    """Run the study; write coverage.json, coverage.png and COVERAGE.md."""
    options = read_options(arguments)
    if options.page:
        write(json.loads((options.out / "coverage.json").read_text()), options.out)
        return 0
    results: dict[str, Any] = {"machine": describe(), "quick": options.quick}
    results["designs"] = {}
    whole = options.out == BENCHMARKS
    kept = (BENCHMARKS / "last" if whole else options.out) / "coverage"
    for name in options.designs:
        sets = options.sets or SETS[name]
        records = run_design(name, sets, options.workers, kept)
        results["designs"][name] = summarize(designs()[name], records)
    results["machine"]["load at the end"] = f"{os.getloadavg()[0]:.1f}"
    write(results, options.out)
    return 0


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", type=int, help="data sets of each design")
    parser.add_argument("--designs", default="", help=f"of: {' '.join(designs())}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SETS} data sets")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, help="folder for the results")
    parser.add_argument("--page", action="store_true", help="from coverage.json")
    options = parser.parse_args(arguments)
    asked = options.designs.replace(",", " ").split()
    for name in asked:
        if name not in designs():
            known = " ".join(designs())
            sys.exit(f"mmcourse: no design {name!r}; there are: {known}")
    is_whole = not (asked or options.quick or options.sets)
    options.out = options.out or (BENCHMARKS if is_whole else BENCHMARKS / "last")
    options.designs = asked or list(designs())
    if options.quick:
        options.sets = options.sets or QUICK_SETS
    return options


def run_design(name: str, sets: int, workers: int, folder: Path) -> list[Record]:
    """Return the records of data sets 1 to `sets`; those done before are read."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    done = read_records(path)
    todo = [i for i in range(1, sets + 1) if i not in done]
    what = f"{name}: {sets} data sets"
    print(f"{what}, {sets - len(todo)} of them done before", flush=True)
    with open(path, "a" if done else "w") as file, progress(len(todo), name) as advance:
        if not done:
            write_line(file, {"made_by": fingerprint()})
        for record in studied(name, todo, workers):
            write_line(file, record)
            done[record["i"]] = json.loads(json.dumps(record))
            advance(1)
    return [done[i] for i in range(1, sets + 1)]


def studied(name: str, todo: list[int], workers: int) -> Iterator[Record]:
    """Yield the record of each data set, in turn."""
    if workers == 1:
        yield from map(partial(study, name), todo)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(study, name), todo, chunksize=10)


def read_records(path: Path) -> dict[int, Record]:
    """Return the records that this package and this study have made before."""
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    if not lines or json.loads(lines[0]).get("made_by") != fingerprint():
        return {}
    out = {}
    for line in lines[1:]:
        try:
            record = json.loads(line)
        except ValueError:  # the run was stopped in the midst of a line
            continue
        out[record["i"]] = record
    return out


def write_line(file: TextIO, record: Record) -> None:
    """Add a record, so that it outlives a run that is stopped."""
    file.write(json.dumps(record) + "\n")
    file.flush()


def fingerprint() -> str:
    """Return a hash of all code that the numbers depend on."""
    package = Path(mmcourse.__file__).parent
    files = sorted(package.rglob("*.py")) + [HERE / f"{n}.py" for n in SIMULATED_BY]
    total = hashlib.sha256()
    for path in files:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def write(results: dict[str, Any], out: Path) -> None:
    """Write the numbers, the picture and the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "coverage.json").write_text(json.dumps(results, indent=1) + "\n")
    draw_coverage(results, out / "coverage.png")
    (out / "COVERAGE.md").write_text(page(results))
    where = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out
    print(f"written: {where}/COVERAGE.md, coverage.json, coverage.png")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
