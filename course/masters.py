"""Masters: the text files that people edit, read as notebooks without outputs.

A lesson is `course/lessons/NN_topic.py`, a sheet of exercises with its solutions
`course/exercises/ASSIGNMENT/NAME.py`; built, they lie in `notebooks/` and in
`solutions/ASSIGNMENT/`. A cell's id is a hash of its source and its position among
equals, so that inserting a cell changes no other id. Of a cell's metadata only what
belongs to its meaning stays.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

KEPT_METADATA = ("alt", "nbgrader", "tags")  # alt: what a figure shows, in words
KERNEL = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
WIDGET = "widget"  # the tag of a cell whose output lives in a running kernel only
NOT_COMPARED = "nbval-ignore-output"  # what nbval calls a cell that it only runs


class BuildError(Exception):
    """A notebook that can't be built; the message says which cell and why."""


def find_masters(root: Path) -> list[Path]:
    """Return the text masters in the order of the lessons."""
    return sorted((root / "course" / "lessons").glob("[0-9][0-9]_*.py"))


def find_sheets(root: Path) -> list[Path]:
    """Return the text masters of the exercises, assignment by assignment."""
    return sorted((root / "course" / "exercises").glob("*/*.py"))


def is_sheet(root: Path, master: Path) -> bool:
    """Return whether a master is one of exercises."""
    return master.is_relative_to(root / "course" / "exercises")


def choose(masters: list[Path], names: list[str]) -> list[Path]:
    """Return the masters that are meant by numbers ("09") or names."""
    chosen = []
    for name in names:
        found = [m for m in masters if m.stem == Path(name).stem or m.stem[:2] == name]
        if not found:
            known = ", ".join(master.stem for master in masters)
            raise BuildError(f"no lesson or sheet {name!r}; there are: {known}")
        chosen += found
    return chosen


def notebook_of(root: Path, master: Path) -> Path:
    """Return where the notebook of a master lies; of a sheet, with its solutions."""
    if is_sheet(root, master):
        return root / "solutions" / master.parent.name / f"{master.stem}.ipynb"
    return root / "notebooks" / f"{master.stem}.ipynb"


def sheet_of(root: Path, master: Path) -> Path:
    """Return where the notebook for students lies that is made from a solution."""
    return root / "exercises" / master.parent.name / f"{master.stem}.ipynb"


def read_master(master: Path) -> NotebookNode:
    """Return the cells of a master as a notebook without outputs, with stable ids."""
    notebook = jupytext.read(master, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell, name in zip(notebook.cells, cell_ids(notebook.cells), strict=True):
        cell.id = name
        cell.metadata = keep(cell.metadata)
        if is_widget(cell):
            cell.metadata.tags.append(NOT_COMPARED)
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


def tags_of(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def is_widget(cell: NotebookNode) -> bool:
    """Return whether a cell shows something to move, which needs a kernel."""
    return cell.cell_type == "code" and WIDGET in tags_of(cell)
