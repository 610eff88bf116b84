"""A built notebook as a page: its stored outputs, alternative texts, still pictures.

Lessons keep no output of cells tagged `widget`, whose sliders need a running kernel.
Such a cell draws with a function that the cell before it has called once; what that
call showed is the still picture of the sliders.
"""

from __future__ import annotations

import ast
import copy
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

STILL = (
    "*In a running notebook this cell has sliders. They move what is shown here as it "
    "stands.*"
)
NOTHING_STILL = "*The output of this cell shows in a running notebook only.*"


def read(path: Path) -> NotebookNode:
    """Return a notebook of the repository."""
    return nbformat.read(path, as_version=4)


def as_page(notebook: NotebookNode, download: str) -> NotebookNode:
    """Return a notebook as the site shows it, with a link to the file as it was."""
    page = copy.deepcopy(notebook)
    for cell in page.cells:
        describe_figures(cell)
    page.cells = with_stills(page.cells)
    title, _, rest = page.cells[0].source.partition("\n")
    link = f"{{download}}`Download this notebook <{download}>`"
    page.cells[0].source = f"{title}\n\n{link}\n{rest}"
    return page


def describe_figures(cell: NotebookNode) -> None:
    """Hand the text that describes a cell's figures to what writes the page."""
    if "alt" in cell.metadata:
        cell.metadata["mystnb"] = {"image": {"alt": cell.metadata["alt"]}}


def with_stills(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return the cells, each with sliders followed by what they would move."""
    out: list[NotebookNode] = []
    before = None
    for cell in cells:
        out.append(cell)
        if "widget" in cell.metadata.get("tags", []):
            is_still = before is not None and drawn_by(cell) == called_last(before)
            note = nbformat.v4.new_markdown_cell(STILL if is_still else NOTHING_STILL)
            if is_still:
                cell.outputs = copy.deepcopy(before.outputs)
                cell.metadata["mystnb"] = before.metadata.get("mystnb", {})
            out.append(note)
        elif cell.cell_type == "code":
            before = cell
    return out


def drawn_by(cell: NotebookNode) -> str | None:
    """Return the name of the function that the sliders of a cell call."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("interact"):
            return ast.unparse(node.args[0])
    return None


def called_last(cell: NotebookNode) -> str | None:
    """Return the name of the function that a cell calls in its last line."""
    last = ast.parse(cell.source).body[-1]
    value = last.value if isinstance(last, ast.Expr | ast.Assign) else None
    return ast.unparse(value.func) if isinstance(value, ast.Call) else ""


def title_of(notebook: NotebookNode) -> str:
    """Return a notebook's title."""
    return notebook.cells[0].source.partition("\n")[0].removeprefix("# ")


def question_of(notebook: NotebookNode) -> str:
    """Return the question that a lesson asks, on one line."""
    found = re.search(
        r"\*\*The question:\*\* (.*?)\n\n", notebook.cells[0].source, re.S
    )
    if found is None:
        raise ValueError(
            f"the first cell of {title_of(notebook)!r} has no **The question:**; the "
            "list of lessons shows it."
        )
    return " ".join(found[1].split())


def minutes_of(notebook: NotebookNode) -> str:
    """Return how many minutes a lesson or a sheet takes."""
    found = re.search(r"\b[Aa]bout (\d+) minutes", notebook.cells[0].source)
    if found is None:
        raise ValueError(
            f"the first cell of {title_of(notebook)!r} does not say 'About 40 minutes'."
        )
    return found[1]
