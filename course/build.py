"""Build the lessons: text masters in, executed notebooks with their outputs out.

    python course/build.py              build what is stale
    python course/build.py 09 ...       build these lessons, stale or not
    python course/build.py --check      build nothing, fail when something is stale

A master is `course/lessons/NN_topic.py` in jupytext's percent format, its notebook
`notebooks/NN_topic.ipynb`. Notebooks are stable in git: a cell's id is a hash of its
source and its position among equals, so that inserting a cell changes no other id;
nothing volatile is stored. `--check` compares cells and looks that every cell was run
in order; that the outputs still come out is checked by nbval, which runs the lessons.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
CELL_SECONDS = 60
KEPT_METADATA = ("alt", "nbgrader", "tags")  # alt: what a figure shows, in words
KERNEL = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
# Text that another run would not give again.
UNSTABLE = {
    r"\bat 0x[0-9a-fA-F]{6,16}": "a memory address",
    r"ipykernel_\d+": "a path of the kernel",
    r"\bT_[0-9a-f]{5}_": "a pandas Styler's random id (give it a uuid)",
    r"/(?:home|Users|root|tmp)/\w": "a path of this machine",
}


class BuildError(Exception):
    """A lesson that can't be built; the message says which cell and why."""


def main(arguments: list[str] | None = None) -> int:
    """Build or check; return the exit status."""
    options = read_arguments(arguments)
    root = options.root.resolve()
    masters = find_masters(root)
    if options.check:
        return report(check(root), len(masters))
    try:
        chosen = choose(masters, options.lessons) if options.lessons else None
        for master in masters:
            if master in chosen if chosen is not None else problems(root, master):
                build(root, master)
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


def find_masters(root: Path) -> list[Path]:
    """Return the text masters in the order of the lessons."""
    return sorted((root / "course" / "lessons").glob("[0-9][0-9]_*.py"))


def choose(masters: list[Path], names: list[str]) -> list[Path]:
    """Return the masters that are meant by numbers ("09") or names."""
    chosen = []
    for name in names:
        found = [m for m in masters if m.stem == Path(name).stem or m.stem[:2] == name]
        if not found:
            known = ", ".join(master.stem for master in masters)
            raise BuildError(f"no lesson {name!r}; lessons: {known}")
        chosen += found
    return chosen


def notebook_of(root: Path, master: Path) -> Path:
    """Return where the notebook of a master lies."""
    return root / "notebooks" / f"{master.stem}.ipynb"


# Building


def build(root: Path, master: Path) -> None:
    """Run a master and write its notebook, or raise and leave the old one."""
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


def read_master(master: Path) -> NotebookNode:
    """Return the cells of a master as a notebook without outputs, with stable ids."""
    notebook = jupytext.read(master, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell, name in zip(notebook.cells, cell_ids(notebook.cells), strict=True):
        cell.id = name
        cell.metadata = keep(cell.metadata)
    return notebook


def cell_ids(cells: list[NotebookNode]) -> list[str]:
    """Return an id per cell: a hash of its source, and its place among equals."""
    seen: Counter[str] = Counter()
    ids = []
    for cell in cells:
        text = f"{cell.cell_type}\n{cell.source}"
        name = hashlib.sha256(text.encode()).hexdigest()[:12]
        ids.append(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return ids


def keep(metadata: NotebookNode) -> NotebookNode:
    """Return the metadata of a cell that belongs to its meaning."""
    return nbformat.from_dict({k: metadata[k] for k in KEPT_METADATA if k in metadata})


def run(notebook: NotebookNode, name: str, folder: Path) -> None:
    """Run a notebook in place, in a fresh kernel that starts in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise BuildError(f"{name}: a cell fails.\n{error}") from None
    except CellTimeoutError:
        raise BuildError(f"{name}: a cell runs longer than {CELL_SECONDS} s.") from None


def clean(notebook: NotebookNode) -> None:
    """Remove in place what another run would write differently."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        cell.metadata = keep(cell.metadata)


def refuse_bad_outputs(notebook: NotebookNode, name: str) -> None:
    """Raise where a cell warned, or showed what another run would not show again."""
    for number, cell in enumerate(notebook.cells):
        where = f"{name}: cell {number} ({first_line(cell)})"
        if cell.cell_type == "code" and cell.source.rstrip().endswith(";"):
            # Outside a saved history, as under nbval, IPython does not heed it.
            raise BuildError(f"{where} ends in ';'; write `_ = ...` to hide a value.")
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise BuildError(f"{where} writes to stderr:\n{output.text}")
            for text in texts_of(output):
                for pattern, what in UNSTABLE.items():
                    if re.search(pattern, text):
                        raise BuildError(f"{where} shows {what}.")


def texts_of(output: NotebookNode) -> list[str]:
    """Return the texts of an output; images are no texts."""
    data = output.get("data", {})
    texts = [data[kind] for kind in data if kind.startswith("text/")]
    return [*texts, output.get("text", "")]


def first_line(cell: NotebookNode) -> str:
    """Return the first line of a cell, to recognise it."""
    return cell.source.partition("\n")[0][:60]


# Checking


def check(root: Path) -> list[str]:
    """Return what is stale, a line each."""
    masters = find_masters(root)
    if not masters:
        return ["course/lessons/ holds no lesson"]
    found = [text for master in masters for text in problems(root, master)]
    return found + orphans(root)


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
