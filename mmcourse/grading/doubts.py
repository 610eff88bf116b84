"""What a person should look at in a submission; it takes no points away.

No mark depends on these words: they are a hint for moderation, easy to avoid and
sometimes harmless.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

from mmcourse.grading.restoring import is_locked, name_of

CODE = (
    *("mmcourse.checks", "mmcourse.grading", "nbgrader", "sys.modules", "__builtins__"),
    *("builtins", "subprocess", "socket", "ctypes", "os.fork", "os.kill", "signal"),
    *(
        "os.system",
        "urllib",
        "requests",
        "multiprocessing",
        "NodeTransformer",
        "pickle",
    ),
    *("get_ipython", "/proc", "gradebook", "solutions/", "__eq__", "threading"),
)
TEXT = re.compile(
    r"(ignore|disregard|forget)\b.{0,60}\b(instruction|rubric|above|previous)"
    r"|full (marks|points|credit)|\b(auto)?grader\b|language model|\bas an ai\b",
    re.I | re.S,
)


def find_doubts(cells: list[NotebookNode]) -> list[str]:
    """Return what should be looked at, a sentence a cell.

    Parameters
    ----------
    cells : list of cells
        Of a submission, in the form of its sheet.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> find_doubts([new_code_cell("import socket")])
    ['A cell at the top uses `socket`: look at it.']
    """
    found, name = [], ""
    for cell in cells:
        name = name_of(cell) or name
        if name_of(cell) and is_locked(cell):
            continue
        place = _place(cell, name)
        if cell.cell_type == "code":
            used = [f"`{word}`" for word in CODE if _uses(cell.source, word)]
            found += [f"{place} uses {', '.join(used)}: look at it."] * bool(used)
        if TEXT.search(cell.source):
            found.append(f"{place} has words that speak to a grader: look at it.")
    return found


def _uses(source: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", source) is not None


def _place(cell: NotebookNode, name: str) -> str:
    if not name:
        return "A cell at the top"
    return f"The cell `{name}`" if name_of(cell) else f"A cell after `{name}`"
