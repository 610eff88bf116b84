"""`make bench`: fit, measure, compare; write the results and the page about them.

    python benchmarks/run.py [--rows "gpa a"] [--engines "mmcourse lme4"] [--quick]
                             [--limit SECONDS] [--out FOLDER]

A whole run, and no other, replaces RESULTS.md, results.json and growth.png here; one
with options writes to `benchmarks/last/`, which git ignores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cases import Case, fit_cases, growth_cases, inference_cases
from engines import NAMES
from frames import write_frame
from launch import HERE, ROOT, cold_starts, installed, run_case
from machine import describe
from measure import Budget
from picture import draw_growth
from report import page
from stream import run_stream
from wording import brief

# A profile goes on for so many seconds, to have samples enough of a fit of 2 ms.
PROFILE_SECONDS = {False: 3.0, True: 0.5}
# Seconds for one fit. Engines that need more would make a whole run an hour.
LIMIT = {False: 60.0, True: 5.0}
COLD_REPETITIONS = {False: 9, True: 1}
SETS = ("growth", "cold")
# What takes minutes and gigabytes, and runs only if it is named.
IF_NAMED = ("stream",)
# What a quick run leaves out unless it is named: InstEval has one size only, and a
# bootstrap takes other engines half a minute.
NOT_QUICK = ("a-text", "a-category", "insteval", "profile-sleepstudy")
NOT_QUICK += ("boot-gpa", "boot-sleepstudy", "boot-penicillin")


def main(arguments: list[str]) -> int:
    """Run what is asked for; write results.json, growth.png and RESULTS.md."""
    options = read_options(arguments)
    engines = choose("engine", options.engines, list(NAMES), installed())
    rows = choose("row", options.rows, row_names(), default_rows(options.quick))
    results: dict[str, Any] = {"machine": describe(), "quick": options.quick}
    results |= {"limit": options.limit, "engines": engines}
    start = time.perf_counter()
    fits = [c for c in fit_cases(options.quick) if c.name in rows]
    results["fits"] = run_cases(fits, engines, options)
    inference = [c for c in inference_cases() if c.name in rows]
    results["inference"] = run_cases(inference, engines, options)
    growth = growth_cases(options.quick) if "growth" in rows else []
    results["growth"] = run_cases(growth, engines, options, results["fits"])
    results["cold"] = run_cold(engines, options.quick) if "cold" in rows else {}
    results["stream"] = run_stream(options.quick) if "stream" in rows else {}
    results["machine"]["load at the end"] = f"{os.getloadavg()[0]:.1f}"
    results["seconds"] = round(time.perf_counter() - start)
    write(results, options.out)
    return 0


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", default="", help=f"of: {' '.join(row_names())}")
    parser.add_argument("--engines", default="", help=f"of: {' '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small, in a minute")
    parser.add_argument("--limit", type=float, help="seconds for one fit")
    parser.add_argument("--out", type=Path, help="folder for the results")
    options = parser.parse_args(arguments)
    if options.out is None:
        asked = options.rows.strip() or options.engines.strip() or options.quick
        options.out = HERE / "last" if asked or options.limit else HERE
    options.limit = options.limit or LIMIT[options.quick]
    return options


def row_names() -> list[str]:
    """Return all that can be asked for."""
    names = [case.name for case in fit_cases() + inference_cases()]
    return [*names, *SETS, *IF_NAMED]


def default_rows(quick: bool) -> list[str]:
    """Return what is run when no rows are named."""
    left_out = IF_NAMED + (NOT_QUICK if quick else ())
    return [name for name in row_names() if name not in left_out]


def choose(what: str, asked: str, known: list[str], default: list[str]) -> list[str]:
    """Return the names asked for, or the default; stop at one that is not known."""
    names = asked.replace(",", " ").split()
    wrong = [name for name in names if name not in known]
    if wrong:
        sys.exit(f"mmcourse: no {what} {wrong[0]!r}; there are: {' '.join(known)}")
    if what == "engine":
        missing = [n for n in names or known if n not in default]
        if missing:
            print(f"not installed, left out: {', '.join(missing)} (make bench-setup)")
        names = [n for n in names or default if n in default]
        if not names:
            sys.exit("mmcourse: none of these engines is installed")
    return names or default


def run_cases(
    cases: list[Case],
    engines: list[str],
    options: argparse.Namespace,
    before: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Run the engines on each case in turn; a profile of mmcourse's fit comes last."""
    budget = Budget(limit=options.limit)
    if options.quick:
        budget = Budget(limit=options.limit, seconds=0.2, fewest=3, most=20)
    looking = Budget(limit=options.limit, seconds=PROFILE_SECONDS[options.quick])
    done: list[dict[str, Any]] = []
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            frame = case.make()
            n_rows = len(frame)
            write_frame(frame, Path(folder))
            del frame
            row = as_row(case, n_rows)
            for engine in engines:
                answer = blocked(case, engine, (before or []) + done)
                answer = answer or run_case(engine, case, Path(folder), n_rows, budget)
                row["engines"][engine] = answer
                print(f"{case.name:<16} {engine:<12} {brief(answer)}", flush=True)
            ours = row["engines"].get("mmcourse", {"status": "not tried"})
            if case.work == "fit" and ours["status"] == "ok":
                row["profile"] = run_case(
                    "mmcourse", case, Path(folder), n_rows, looking, profile=True
                )
        done.append(row)
    return done


def as_row(case: Case, n_rows: int) -> dict[str, Any]:
    """Return what the report needs to know of a case."""
    return {
        "name": case.name,
        "title": case.title,
        "formula": case.formula,
        "work": case.work,
        "n_rows": n_rows,
        "aim": case.aim,
        "has_memory_aim": case.has_memory_aim,
        "dense_bytes": 8 * case.dense_levels**2,
        "engines": {},
    }


def blocked(case: Case, engine: str, done: list[dict[str, Any]]) -> dict | None:
    """Say that an engine did not finish the case that comes before this one."""
    for row in done:
        answer = row["engines"].get(engine)
        if row["name"] in case.after and answer and answer["status"] != "ok":
            reason = f"it did not finish {row['name']}"
            return {"status": "not tried", "reason": reason}
    return None


def run_cold(engines: list[str], quick: bool) -> dict[str, Any]:
    """Time processes from start to printed fit, and the imports alone."""
    out = {}
    for engine in ("imports", *engines):
        out[engine] = cold_starts(engine, COLD_REPETITIONS[quick])
        print(f"{'cold start':<16} {engine:<12} {brief(out[engine])}", flush=True)
    return out


def write(results: dict[str, Any], out: Path) -> None:
    """Write the numbers, the picture of growth and the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    has_picture = draw_growth(results["growth"], out / "growth.png")
    write_page(results, out, has_picture)
    where = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out
    print(f"{results['seconds']} s; written: {where}/RESULTS.md, results.json")


def write_page(results: dict[str, Any], out: Path, has_picture: bool = True) -> None:
    """Write the page about a run, and what else was measured by itself."""
    notes = HERE / "notes.md"
    text = page(results, has_picture, notes.read_text() if notes.exists() else "")
    (out / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
