"""`make test`: every check in turn, the quick ones first, pytest's summary last.

`check.py lint` (or types, spelling, stale) runs one of them. The quick checks all run
even when one fails, so that one look shows everything; tests start when all are well.
Run by the Python of `.venv`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

QUICK = {
    "lint": (
        [PYTHON, "-m", "ruff", "check", "--quiet", "."],
        [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    ),
    "types": ([PYTHON, "-m", "mypy", "--no-error-summary"],),
    "spelling": ([PYTHON, "-m", "codespell_lib"],),
    "stale": (
        [PYTHON, "course/build.py", "--check"],
        [PYTHON, "-m", "docs.r_users.build", "--check"],
    ),
}
ADVICE = {
    "lint": "`make format` repairs most of it",
    "types": "the lines above say where",
    "spelling": "correct it, or add the word to [tool.codespell] in pyproject.toml",
    "stale": "`make build` builds what is stale",
}
TESTS = [
    *(PYTHON, "-m", "pytest", "-m", "not slow", "--durations=5"),
    # Files go to processes whole: a lesson's cells need each other, in order.
    *("-n", "auto", "--maxprocesses", "4", "--dist", "loadscope"),
    *("--nbval", "--nbval-sanitize-with", "tests/course/nbval_sanitize.cfg"),
    *("--nbval-cell-timeout", "120"),
    *("mmcourse", "tests", "notebooks", "solutions"),
]


def main(names: list[str]) -> int:
    """Run the named quick checks, or everything; return the exit status."""
    chosen = names or list(QUICK)
    total = len(chosen) + (not names)
    failed = []
    for number, name in enumerate(chosen, start=1):
        if not run_quick(name, f"[{number}/{total}] {name}"):
            failed.append(name)
    for name in failed:
        print(f"mmcourse: {name} failed: {ADVICE[name]}", file=sys.stderr)
    if failed or names:
        return int(bool(failed))
    print(
        f"[{total}/{total}] tests, file by file on all cores: examples in docstrings, "
        "tests/, every lesson and solution run again",
        flush=True,
    )
    return subprocess.run(TESTS, cwd=ROOT).returncode


def run_quick(name: str, label: str) -> bool:
    """Run the commands of one check; print one line with the time it took."""
    start = time.monotonic()
    print(label, end=" ... ", flush=True)
    output = ""
    for command in QUICK[name]:
        run = subprocess.run(
            command,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if run.returncode:
            output += run.stdout or f"exit status {run.returncode}: {command[2:]}\n"
    print("failed" if output else "ok", f"({time.monotonic() - start:.1f} s)")
    sys.stdout.write(output)
    sys.stdout.flush()
    return not output


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
