"""The release step: a solution in, the sheet for students out.

nbgrader does it, step by step as in its `generate_assignment`, but for the gradebook,
which belongs to whoever grades. Its settings are those of `nbgrader_config.py`. Answers
and checks then get the tag `raises-exception`, with which Jupyter's "Run all"
goes on after an error: an exercise that is left out does not hide the checks of others.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

import nbformat
from masters import BuildError
from nbformat import NotebookNode
from traitlets.config import Config, PyFileConfigLoader

SETTINGS = Path(__file__).resolve().parent.parent / "nbgrader_config.py"
GOES_ON = "raises-exception"
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")


def release(solution: NotebookNode, name: str) -> NotebookNode:
    """Return the sheet for students that belongs to a solution."""
    sheet = copy.deepcopy(solution)
    try:
        for step in steps():
            sheet, _ = step.preprocess(sheet, {"nbgrader": {"notebook": name}})
    except Exception as problem:  # nbgrader raises what comes to its mind
        raise BuildError(f"{name}: nbgrader can't release it: {problem}") from None
    for cell in sheet.cells:
        own = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and (own.get("grade") or own.get("solution")):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), GOES_ON]
    refuse_leaks(sheet, name)
    return sheet


@cache
def steps() -> list:
    """Return nbgrader's steps of a release, without those that need a gradebook."""
    from nbgrader import preprocessors as own

    order = [own.LockCells, own.ClearSolutions, own.ClearOutput, own.CheckCellMetadata]
    order += [own.ClearHiddenTests, own.ClearMarkScheme, own.ComputeChecksums]
    return [step(config=settings()) for step in [*order, own.CheckCellMetadata]]


def settings() -> Config:
    """Return the settings of nbgrader."""
    return PyFileConfigLoader(SETTINGS.name, str(SETTINGS.parent)).load_config()


def refuse_leaks(sheet: NotebookNode, name: str) -> None:
    """Raise where a mark or an output is left, which would give an answer away."""
    for cell in sheet.cells:
        left = [mark for mark in MARKS if mark in cell.source]
        if left or cell.get("outputs"):
            what = left[0] if left else "an output"
            raise BuildError(f"{name}: {what} is left in the sheet:\n{cell.source}")


def as_text(notebook: NotebookNode) -> str:
    """Return a notebook as its file holds it."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"
