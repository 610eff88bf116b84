"""A submission put back into the form of its sheet, whatever became of its cells.

What counts is what a student wrote into the cells for answers. Given cells and checks
are those of the sheet; what was deleted is there again; of two cells with one name the
last counts, as in nbgrader. Cells of a student's own stay after the cell they followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

Cells = Sequence[NotebookNode]


def restore(
    submitted: NotebookNode, sheet: NotebookNode
) -> tuple[list[NotebookNode], list[str]]:
    """Return the cells of a submission in the form of the sheet, and what was odd.

    Parameters
    ----------
    submitted, sheet : notebooks
        What a student handed in; the sheet as it was handed out.

    Returns
    -------
    cells : list of cells
    notes : list of str, a sentence for each thing that was put right

    Examples
    --------
    >>> own = {"nbgrader": {"grade_id": "x", "locked": False, "solution": True}}
    >>> sheet = NotebookNode(cells=[new_code_cell("x = ...", metadata=own)])
    >>> cells, notes = restore(NotebookNode(cells=[]), sheet)
    >>> cells[0].source, notes
    ('x = ...', ['The cell `x` was deleted: it was put back, empty.'])
    """
    known = {name_of(cell): cell for cell in sheet.cells if name_of(cell)}
    counts = Counter(name_of(c) for c in submitted.cells if name_of(c) in known)
    own, answers = _split(submitted.cells, known)
    cells, notes = list(own.get("", [])), _order(submitted.cells, [*known])
    for name, original in known.items():
        answer = answers.get(name)
        cells.append(_filled(original, answer))
        cells += own.get(name, [])
        notes += _notes(name, original, answer, counts[name])
    return cells, notes


def name_of(cell: NotebookNode) -> str:
    """Return the name that nbgrader knows a cell by; empty when it has none."""
    own = cell.get("metadata", {}).get("nbgrader", {})
    return str(own.get("grade_id", "")) if isinstance(own, dict) else ""


def is_locked(cell: NotebookNode) -> bool:
    """Return whether a student was not to change a cell."""
    own = cell.metadata.nbgrader
    return bool(not own.get("solution") and (own.get("locked") or own.get("grade")))


def _split(
    cells: Cells, known: dict[str, NotebookNode]
) -> tuple[dict[str, list[NotebookNode]], dict[str, NotebookNode]]:
    """Return a student's own cells by the named one before them, and the named ones."""
    last = {name_of(cell): place for place, cell in enumerate(cells)}
    own: dict[str, list[NotebookNode]] = {}
    answers: dict[str, NotebookNode] = {}
    before = ""
    for place, cell in enumerate(cells):
        name = name_of(cell)
        if name in known and last[name] == place:
            answers[name], before = cell, name
        elif name not in known or not is_locked(known[name]):
            own.setdefault(before, []).append(_plain(cell))
    return own, answers


def _plain(cell: NotebookNode) -> NotebookNode:
    """Return a cell of a student's own, without marks."""
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return make(cell.source)


def _filled(original: NotebookNode, answer: NotebookNode | None) -> NotebookNode:
    """Return a cell of the sheet with what a student wrote into it."""
    make = new_code_cell if original.cell_type == "code" else new_markdown_cell
    cell = make(original.source, metadata=original.metadata)
    if answer is not None and not is_locked(original):
        cell.source = answer.source
        if original.cell_type == "markdown" and "attachments" in answer:
            cell.attachments = answer.attachments
    return cell


def _notes(
    name: str, original: NotebookNode, answer: NotebookNode | None, count: int
) -> list[str]:
    """Say what was odd about a cell of the sheet."""
    if answer is None:
        how = "" if is_locked(original) else ", empty"
        return [f"The cell `{name}` was deleted: it was put back{how}."]
    found = []
    if is_locked(original) and answer.source.strip() != original.source.strip():
        found.append(f"The cell `{name}` was changed: the original was used.")
    if answer.cell_type != original.cell_type:
        found.append(f"The cell `{name}` is of another kind: it was changed back.")
    if count > 1:
        found.append(f"The cell `{name}` is there {count} times: the last one counts.")
    return found


def _order(cells: Cells, names: list[str]) -> list[str]:
    """Say whether cells of the sheet have changed places."""
    last = {name_of(cell): place for place, cell in enumerate(cells)}
    there = [last[name] for name in names if name in last]
    moved = there != sorted(there)
    return ["Cells have changed places: they were put back."] * moved
