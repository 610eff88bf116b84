"""`make load-test`: a class of 100 is graded; the run is killed, and goes on.

    python benchmarks/load.py [--students 100]

What it measured last is kept in load.json, with machine and date, for RESULTS.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
from machine import ROOT, describe
from wording import MB, table, time_text

RESULT = Path(__file__).resolve().parent / "load.json"
ASSIGNMENT = "20_sleepstudy"
EVERY = 0.2  # seconds between looks at the memory
AIM = 3.0  # seconds a submission, in all, on two cores
CODE = "import sys; from mmcourse.commands.main import main; sys.exit(main())"


def main() -> int:
    """Measure; keep and print what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=100)
    students = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        answer = measure(Path(folder), students)
    if students == 100:
        RESULT.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
        from run import HERE, write_page

        write_page(json.loads((HERE / "results.json").read_text()), HERE)
    print(section(answer))
    return 0


def measure(folder: Path, students: int) -> dict[str, Any]:
    """Grade a class whole, again, and with a kill in the middle."""
    answer: dict[str, Any] = {"machine": describe(), "students": students}
    make_class(folder / "class", students)
    answer["whole"] = watched(start(folder, "whole"))
    answer["again"] = watched(start(folder, "whole"))
    answer["lost"] = students - len(full_marks(folder / "whole"))
    run, began = start(folder, "killed"), time.perf_counter()
    while graded(folder / "killed") < students * 0.4:
        time.sleep(EVERY)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    time.sleep(2)  # its processes end with it
    before = stamps(folder / "killed")
    answer["killed"] = {"after": time.perf_counter() - began, "graded": len(before)}
    answer["rest"] = watched(start(folder, "killed"))
    after = stamps(folder / "killed")
    answer["twice"] = sum(after[name] != stamp for name, stamp in before.items())
    answer["lost"] += students - len(full_marks(folder / "killed"))
    return answer


def make_class(folder: Path, students: int) -> None:
    """Write the submissions: right answers, a text of each student's own."""
    solution = read("solutions")
    right = {name(cell): cell.source for cell in solution.cells if name(cell)}
    for number in range(students):
        sheet = read("exercises")
        for cell in sheet.cells:
            if not cell.metadata.get("nbgrader", {}).get("solution"):
                continue
            lines = right[name(cell)].splitlines()
            code = "\n".join(line for line in lines if "### " not in line)
            cell.source = code if cell.cell_type == "code" else f"Answer {number}."
        own = folder / f"student_{number:03d}" / f"{ASSIGNMENT}.ipynb"
        own.parent.mkdir(parents=True)
        nbformat.write(sheet, own)


def read(where: str) -> nbformat.NotebookNode:
    """Return the assignment, as sheet or as solution."""
    return nbformat.read(ROOT / where / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", 4)


def name(cell: nbformat.NotebookNode) -> str:
    """Return the name of a cell."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def start(folder: Path, into: str) -> subprocess.Popen[bytes]:
    """Start `mmcourse grade`."""
    command = [sys.executable, "-c", CODE, "grade", ASSIGNMENT, "--workers", "2"]
    command += ["--submissions", str(folder / "class"), "--course", str(ROOT)]
    command += ["--into", str(folder / into)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet)


def watched(run: subprocess.Popen[bytes]) -> dict[str, float]:
    """Wait for a run; return its wall time and the most memory of all its processes."""
    began, peak = time.perf_counter(), 0
    process = psutil.Process(run.pid)
    while run.poll() is None:
        peak = max(peak, resident(process))
        time.sleep(EVERY)
    if run.returncode not in (0, 1):
        raise SystemExit(f"the run ended with {run.returncode}")
    return {"wall": time.perf_counter() - began, "peak": peak}


def resident(process: psutil.Process) -> int:
    """Return the memory of a process and its children; shared pages count again."""
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def stamps(into: Path) -> dict[str, float]:
    """Return when each submission was graded."""
    return {
        path.stem: path.stat().st_mtime
        for path in (into / "state" / ASSIGNMENT).glob("*.json")
    }


def graded(into: Path) -> int:
    """Return how many are graded so far."""
    return len(stamps(into))


def full_marks(into: Path) -> list[str]:
    """Return the students with all points that checks give."""
    with (into / "marks" / f"{ASSIGNMENT}.csv").open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    most = max(float(row["code"]) for row in rows)
    return [row["student"] for row in rows if float(row["code"]) == most > 0]


def section(answer: dict[str, Any] | None = None) -> str:
    """Return what the page says of the last load test."""
    if answer is None:
        if not RESULT.exists():
            return ""
        answer = json.loads(RESULT.read_text(encoding="utf-8"))
    n, whole, killed = answer["students"], answer["whole"], answer["killed"]
    each = whole["wall"] / n
    verdict = "reached" if each < AIM else "missed"
    lines = [
        ["submissions", f"{n}"],
        ["in all", time_text(whole["wall"])],
        ["each (aim: under 3 s)", f"{time_text(each)}, {verdict}"],
        ["most memory of all processes", f"{whole['peak'] / MB:,.0f} MB"],
        ["the same again, nothing changed", time_text(answer["again"]["wall"])],
        ["killed after", f"{time_text(killed['after'])}, {killed['graded']} graded"],
        ["the rest, after the kill", time_text(answer["rest"]["wall"])],
        ["lost; graded twice", f"{answer['lost']}; {answer['twice']}"],
        ["measured", f"{answer['machine']['date']}, {answer['machine']['mmcourse']}"],
    ]
    text = (
        f"## Grading a class\n\n`mmcourse grade {ASSIGNMENT}` in two processes, each "
        "submission in a sandbox of its own, with feedback (`make load-test`).\n\n"
    )
    return text + table(["what", "here"], lines)


if __name__ == "__main__":
    sys.exit(main())
