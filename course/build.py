"""Build the lessons: text masters in, executed notebooks with their outputs out.

    python course/build.py              build what is stale
    python course/build.py 09 ...       build these lessons, stale or not
    python course/build.py --check      build nothing, fail when something is stale

A master is `course/lessons/NN_topic.py` in jupytext's percent format, its notebook
`notebooks/NN_topic.ipynb`. Notebooks are stable in git: `masters.py` gives the cells
ids that stay, `outputs.py` stores nothing volatile. `requirements.py` makes the table
of `notebooks/README.md`. `--check` compares cells and looks that every cell was run in
order; that the outputs still come out is checked by nbval, which runs the lessons.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from masters import BuildError, choose, find_masters, notebook_of, read_master
from nbformat import NotebookNode
from outputs import clean, refuse_bad_outputs, run
from requirements import table_problems, write_table

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Build or check; return the exit status."""
    options = read_arguments(arguments)
    root = options.root.resolve()
    masters = find_masters(root)
    if options.check:
        return report(check(root), len(masters))
    try:
        if options.lessons:
            wanted = choose(masters, options.lessons)
        else:
            wanted = [master for master in masters if problems(root, master)]
        seconds = [build(root, master) for master in dict.fromkeys(wanted)]
        if len(seconds) > 1:
            print(f"course: {len(seconds)} lessons built in {sum(seconds):.0f} s")
        write_table(root)
    except BuildError as problem:
        print(f"course: {problem}", file=sys.stderr)
        return 1
    return report(orphans(root), len(masters))


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description="Build the lessons of the course.")
    parser.add_argument("lessons", nargs="*", help="numbers or names, such as 09")
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
    nbformat.validate(notebook)
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    seconds = time.monotonic() - start
    print(f"course: {master.stem}: {len(notebook.cells)} cells, {seconds:.1f} s")
    return seconds


def check(root: Path) -> list[str]:
    """Return what is stale, a line each."""
    masters = find_masters(root)
    if not masters:
        return ["course/lessons/ holds no lesson"]
    found = [text for master in masters for text in problems(root, master)]
    return found + orphans(root) + table_problems(root)


def problems(root: Path, master: Path) -> list[str]:
    """Return what is wrong with the notebook of a master, nothing when in step."""
    path = notebook_of(root, master)
    if not path.exists():
        return [f"notebooks/{path.name} is not built"]
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    wanted, stored = ([*map(meaning, n.cells)] for n in (read_master(master), notebook))
    if wanted != stored:
        pairs = zip(wanted, stored, strict=False)
        number = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        number = min(len(wanted), len(stored)) if number is None else number
        return [f"notebooks/{path.name} is stale from cell {number} on"]
    if not ran_in_order(notebook):
        return [f"notebooks/{path.name} was not run from top to bottom"]
    try:
        refuse_bad_outputs(notebook, f"notebooks/{path.name}")
    except BuildError as problem:
        return [str(problem)]
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
    known = {notebook_of(root, master) for master in find_masters(root)}
    found = sorted(set((root / "notebooks").rglob("*.ipynb")) - known)
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    return [f"{path.relative_to(root)} has no master" for path in found]


def report(found: list[str], count: int) -> int:
    """Print what was found; return the exit status."""
    for line in found:
        print(f"course: {line}", file=sys.stderr)
    if not found:
        print(f"course: {count} lessons, nothing stale")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
