"""Outputs: run a notebook, keep what another run would show again, refuse the rest.

The outputs of a cell that is tagged `widget` are dropped: without a kernel they would
be an empty box, and their ids change with every run. The cell is run all the same, and
when all have run, every slider is moved to both of its ends.
"""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import nbformat
from masters import KERNEL, BuildError, is_widget, keep
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

CELL_SECONDS = 60
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Run after the last cell. Not through the sliders: widgets swallow errors and warnings.
TO_BOTH_ENDS = """
import gc

import ipywidgets

for box in [it for it in gc.get_objects() if type(it) is ipywidgets.interactive]:
    now = {part._kwarg: part.value for part in box.kwargs_widgets}
    for part in box.kwargs_widgets:
        for end in {getattr(part, "min", part.value), getattr(part, "max", part.value)}:
            box.f(**{**now, part._kwarg: end})
"""
# Text that another run would not give again.
UNSTABLE = {
    r"\bat 0x[0-9a-fA-F]{6,16}": "a memory address",
    r"ipykernel_\d+": "a path of the kernel",
    r"\bT_[0-9a-f]{5}_": "a pandas Styler's random id (give it a uuid)",
    r"/(?:home|Users|root|tmp)/\w": "a path of this machine",
}


def run(notebook: NotebookNode, name: str, folder: Path) -> None:
    """Run a notebook in place, in a fresh kernel that starts in `folder`."""
    has_widgets = any(is_widget(cell) for cell in notebook.cells)
    last = [nbformat.v4.new_code_cell(TO_BOTH_ENDS)] if has_widgets else []
    notebook.cells.extend(last)
    client = client_in(folder, notebook)
    try:
        client.execute()
    except CellExecutionError as error:
        raise BuildError(f"{name}: a cell fails.\n{error}") from None
    except CellTimeoutError:
        raise BuildError(f"{name}: a cell runs longer than {CELL_SECONDS} s.") from None
    for cell in last:
        notebook.cells.remove(cell)
    boxes = [state.get("outputs", []) for state in client.widget_state.values()]
    refuse_failed_widgets([*chain(*boxes, *(cell.outputs for cell in last))], name)


def client_in(folder: Path, notebook: NotebookNode) -> NotebookClient:
    """Return what runs a notebook in a folder, and remembers what widgets show."""
    folder.mkdir(parents=True, exist_ok=True)
    return NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )


def refuse_failed_widgets(shown: list[NotebookNode], name: str) -> None:
    """Raise where what a widget calls failed or warned: it only shows it in its box."""
    for output in shown:
        if output["output_type"] == "error":
            text = f"{output['ename']}: {output['evalue']}"
            raise BuildError(f"{name}: what a widget calls fails.\n{text}")
        if output.get("name") == "stderr":
            raise BuildError(f"{name}: what a widget calls writes:\n{output['text']}")


def clean(notebook: NotebookNode) -> None:
    """Remove in place what another run would write differently."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        cell.metadata = keep(cell.metadata)
        if is_widget(cell):
            cell.outputs = [out for out in cell.outputs if out.get("name") == "stderr"]


def refuse_bad_outputs(notebook: NotebookNode, name: str) -> None:
    """Raise where a cell warned, or showed what another run would not show again."""
    for number, cell in enumerate(notebook.cells):
        where = f"{name}: cell {number} ({first_line(cell)})"
        if cell.cell_type == "code" and cell.source.rstrip().endswith(";"):
            # Outside a saved history, as under nbval, IPython does not heed it.
            raise BuildError(f"{where} ends in ';'; write `_ = ...` to hide a value.")
        for output in cell.get("outputs", []):
            problem = problem_of(output)
            if problem:
                raise BuildError(f"{where} {problem}")
        if is_widget(cell) and cell.outputs:
            raise BuildError(f"{where} keeps the outputs of a widget.")


def problem_of(output: NotebookNode) -> str | None:
    """Return what is wrong with an output, or None."""
    if output.get("name") == "stderr":
        return f"writes to stderr:\n{output.text}"
    if WIDGET_VIEW in output.get("data", {}):
        return 'shows a widget; tag it: # %% tags=["widget"]'
    for text in texts_of(output):
        for pattern, what in UNSTABLE.items():
            if re.search(pattern, text):
                return f"shows {what}."
    return None


def texts_of(output: NotebookNode) -> list[str]:
    """Return the texts of an output; images are no texts."""
    data = output.get("data", {})
    texts = [data[kind] for kind in data if kind.startswith("text/")]
    return [*texts, output.get("text", "")]


def first_line(cell: NotebookNode) -> str:
    """Return the first line of a cell, to recognise it."""
    return cell.source.partition("\n")[0][:60]
