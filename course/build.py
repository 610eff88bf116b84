"""Build lessons and exercises: text masters in, executed notebooks out.

    python course/build.py              build what is stale
    python course/build.py 09 20 ...    build these, stale or not
    python course/build.py --check      build nothing, fail when something is stale

A master is a text file in jupytext's percent format: of a lesson,
`course/lessons/NN_topic.py`, its notebook is `notebooks/NN_topic.ipynb`; of a sheet of
exercises with its solutions, `course/exercises/ASSIGNMENT/NAME.py`, it is
`solutions/ASSIGNMENT/NAME.ipynb`, and from that nbgrader's release step (`release.py`)
makes `exercises/ASSIGNMENT/NAME.ipynb`. Notebooks are stable in git: `masters.py` gives
the cells ids that stay, `outputs.py` stores nothing volatile. `requirements.py` makes
the table of `notebooks/README.md`. `--check` compares cells and looks that every cell
was run in order; that the outputs still come out is checked by nbval, which runs them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from masters import (
    BuildError,
    choose,
    find_masters,
    find_sheets,
    is_sheet,
    notebook_of,
    read_master,
    sheet_of,
)
from nbformat import NotebookNode
from outputs import clean, refuse_bad_outputs, run
from release import as_text, release
from requirements import table_problems, write_table

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Build or check; return the exit status."""
    options = read_arguments(arguments)
    root = options.root.resolve()
    masters = find_masters(root) + find_sheets(root)
    if options.check:
        return report(check(root), len(masters))
    try:
        if options.names:
            wanted = choose(masters, options.names)
        else:
            wanted = [master for master in masters if problems(root, master)]
        seconds = [build(root, master) for master in dict.fromkeys(wanted)]
        if len(seconds) > 1:
            print(f"course: {len(seconds)} built in {sum(seconds):.0f} s")
        write_table(root)
    except BuildError as problem:
        print(f"course: {problem}", file=sys.stderr)
        return 1
    return report(orphans(root), len(masters))


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description="Build lessons and exercises.")
    parser.add_argument("names", nargs="*", help="numbers or names, such as 09")
    parser.add_argument("--check", action="store_true", help="only fail when stale")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def build(root: Path, master: Path) -> float:
    """Run a master and write its notebook, or raise; return the seconds it took."""
    start = time.monotonic()
    target = notebook_of(root, master)
    notebook = read_master(master)
    run(notebook, master.stem, target.parent)
    clean(notebook)
    refuse_bad_outputs(notebook, master.stem)
    if is_sheet(root, master):  # first: a sheet that can't be released stops here
        hand_out(root, master, notebook)
    target.write_text(as_text(notebook), encoding="utf-8")
    seconds = time.monotonic() - start
    print(f"course: {master.stem}: {len(notebook.cells)} cells, {seconds:.1f} s")
    return seconds


def hand_out(root: Path, master: Path, solution: NotebookNode) -> None:
    """Write the sheet for students."""
    target = sheet_of(root, master)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(as_text(release(solution, master.stem)), encoding="utf-8")


def check(root: Path) -> list[str]:
    """Return what is stale, a line each."""
    if not find_masters(root):
        return ["course/lessons/ holds no lesson"]
    masters = find_masters(root) + find_sheets(root)
    found = [text for master in masters for text in problems(root, master)]
    return found + orphans(root) + table_problems(root)


def problems(root: Path, master: Path) -> list[str]:
    """Return what is wrong with the notebook of a master, nothing when in step."""
    path = notebook_of(root, master)
    name = path.relative_to(root).as_posix()
    if not path.exists():
        return [f"{name} is not built"]
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    wanted, stored = ([*map(meaning, n.cells)] for n in (read_master(master), notebook))
    if wanted != stored:
        pairs = zip(wanted, stored, strict=False)
        number = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        number = min(len(wanted), len(stored)) if number is None else number
        return [f"{name} is stale from cell {number} on"]
    if not ran_in_order(notebook):
        return [f"{name} was not run from top to bottom"]
    try:
        refuse_bad_outputs(notebook, name)
        return sheet_problems(root, master, notebook)
    except BuildError as problem:
        return [str(problem)]


def sheet_problems(root: Path, master: Path, solution: NotebookNode) -> list[str]:
    """Return what is wrong with the sheet for students of a solution."""
    if not is_sheet(root, master):
        return []
    path = sheet_of(root, master)
    name = path.relative_to(root).as_posix()
    if not path.exists():
        return [f"{name} is not built"]
    wanted = as_text(release(solution, master.stem))
    if path.read_text(encoding="utf-8") != wanted:
        return [f"{name} is not what its solution makes"]
    return []


def meaning(cell: NotebookNode) -> tuple[str, str, str, dict[str, object]]:
    """Return what a cell and its master must have in common."""
    return cell.get("id", ""), cell.cell_type, cell.source, dict(cell.metadata)


def ran_in_order(notebook: NotebookNode) -> bool:
    """Return whether the code cells that hold code were run 1, 2, 3, ..."""
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    return [c.execution_count for c in code] == [*range(1, len(code) + 1)]


def orphans(root: Path) -> list[str]:
    """Return the notebooks that no master makes."""
    sheets = find_sheets(root)
    known = {notebook_of(root, master) for master in find_masters(root) + sheets}
    known |= {sheet_of(root, master) for master in sheets}
    folders = [root / name for name in ("notebooks", "solutions", "exercises")]
    found = {path for folder in folders for path in folder.rglob("*.ipynb")} - known
    found = [path for path in sorted(found) if ".ipynb_checkpoints" not in path.parts]
    return [f"{path.relative_to(root)} has no master" for path in found]


def report(found: list[str], count: int) -> int:
    """Print what was found; return the exit status."""
    for line in found:
        print(f"course: {line}", file=sys.stderr)
    if not found:
        print(f"course: {count} lessons and sheets, nothing stale")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
