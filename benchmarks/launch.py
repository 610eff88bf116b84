"""Start one process for one measurement, with limits, and take its answer."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cases import Case
from engines import COLD, PACKAGES
from machine import total_memory
from measure import Budget

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# Time to start, to warm up and to read the data, beside the fits.
ALLOWANCE = 120.0
MEMORY_SHARE = 0.75


def installed() -> list[str]:
    """Return the engines that this machine has, mmcourse first."""
    names = ["mmcourse"]
    if BENCH_PYTHON.exists():
        code = (
            "from importlib.util import find_spec\n"
            f"print(*[m for m in {tuple(PACKAGES)!r} if find_spec(m)])"
        )
        run = subprocess.run([BENCH_PYTHON, "-c", code], capture_output=True, text=True)
        names += run.stdout.split()
    if shutil.which("Rscript"):
        ask = ["Rscript", "-e", 'cat(requireNamespace("lme4", quietly = TRUE))']
        if subprocess.run(ask, capture_output=True, text=True).stdout == "TRUE":
            names.append("lme4")
    return names


def python_of(engine: str) -> str:
    """Return the Python that has an engine."""
    return str(BENCH_PYTHON) if engine in PACKAGES else sys.executable


def run_case(
    engine: str,
    case: Case,
    folder: Path,
    n_rows: int,
    budget: Budget,
    profile: bool = False,
) -> dict[str, Any]:
    """Fit a case with an engine in a process of its own; return what it measured."""
    model = {
        "fixed": case.fixed,
        "terms": case.terms,
        "formula": case.formula,
        "n_rows": n_rows,
        "work": case.work,
    }
    if engine == "lme4":
        numbers = (budget.limit, budget.seconds, budget.fewest, budget.most)
        script = str(HERE / "engines" / "lme4.R")
        given = (str(folder), case.formula, case.work, *map(str, numbers))
        command = ["Rscript", script, *given]
    else:
        task = folder / "task.json"
        task.write_text(
            json.dumps(
                {
                    "engine": engine,
                    "case": model,
                    "folder": str(folder),
                    "budget": asdict(budget),
                    "seconds": budget.seconds,
                    "profile": profile,
                    "memory_limit": int(MEMORY_SHARE * total_memory()),
                }
            )
        )
        command = [python_of(engine), str(HERE / "worker.py"), str(task)]
    return answer_of(command, budget)


def answer_of(command: list[str], budget: Budget) -> dict[str, Any]:
    """Run a worker; its last line, or how it ended."""
    patience = ALLOWANCE + budget.limit + 2 * budget.seconds
    too_long = {"status": "limit", "reason": f"over {budget.limit:.0f} s for one run"}
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return too_long
    if run.returncode == -signal.SIGALRM:
        return too_long
    lines = run.stdout.strip().splitlines()
    if run.returncode == 0 and lines:
        return json.loads(lines[-1])
    return how_it_ended(run.returncode, run.stderr.strip().splitlines())


def how_it_ended(status: int, said: list[str]) -> dict[str, Any]:
    """Tell a process that ran out of memory from one that failed otherwise."""
    about_memory = [line for line in said if "alloc" in line.lower()]
    words = (about_memory or said[-1:] or [f"exit status {status}"])[0][:160]
    if about_memory or status == -signal.SIGKILL:
        return {"status": "out of memory", "reason": words}
    if status < 0:
        words = f"{signal.Signals(-status).name}: {words}"
    return {"status": "failed", "reason": words}


def cold_starts(engine: str, repetitions: int) -> dict[str, Any]:
    """Time whole processes from start to a printed fit, after one that warms caches."""
    data = str(ROOT / "data" / "gpa.csv")
    if engine == "lme4":
        command = ["Rscript", "-e", COLD[engine], data]
    else:
        command = [python_of(engine), "-c", COLD[engine], data]
    runs = [one_process(command) for _ in range(repetitions + 1)][1:]
    if None in runs:
        return {"status": "failed", "reason": "the program did not run"}
    wall, cpu = zip(*[run for run in runs if run], strict=True)
    return {"status": "ok", "wall": wall, "cpu": cpu}


def one_process(command: list[str]) -> tuple[float, float] | None:
    """Return wall and CPU seconds of a process, or None when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    run = subprocess.run(command, capture_output=True, cwd=ROOT / "data")
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None if run.returncode else (wall, cpu)
