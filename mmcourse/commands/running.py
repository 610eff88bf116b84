"""Run the cells of a notebook in a fresh kernel, each with a time limit.

An error in a cell does not stop the rest, as in JupyterLab's "Run All" of a sheet. A
cell that takes too long is interrupted, and the next one runs; a kernel that dies, or
that does not heed the interrupt, ends it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcourse.commands.common import CommandError
from mmcourse.commands.reading import INSTALL

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

PATIENCE = 10  # seconds for a kernel to heed an interrupt
DEAF = "it does not stop when told to"


@dataclass(slots=True)
class Run:
    """What became of the cells, whose outputs they hold.

    Attributes
    ----------
    cells : list of cells
    limit : int, seconds for a cell
    late : list of int, the cells that were interrupted
    finished : int, how many cells have run; all, unless the kernel was lost
    problem : str, why the kernel was lost; empty when it was not
    """

    cells: list[Any]
    limit: int
    late: list[int] = field(default_factory=list)
    finished: int = 0
    problem: str = ""


def run_notebook(notebook: NotebookNode, folder: Path, limit: int) -> Run:
    """Run a notebook in memory; its file stays as it is.

    Parameters
    ----------
    notebook : NotebookNode
        Its cells get the outputs.
    folder : Path
        Where the kernel starts.
    limit : int
        Seconds for a cell.

    Returns
    -------
    Run

    Examples
    --------
    >>> import nbformat
    >>> cells = [nbformat.v4.new_code_cell("6 * 7")]
    >>> run = run_notebook(nbformat.v4.new_notebook(cells=cells), Path(), limit=60)
    >>> run.cells[0]["outputs"][0]["data"]["text/plain"]
    '42'
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        **settings(limit),
    )
    return run_with(client, limit)


def settings(limit: int) -> dict[str, Any]:
    """Return how a client of a kernel is to run cells: on and on, and in silence."""
    silent = logging.Logger("mmcourse.commands")
    silent.addHandler(logging.NullHandler())
    return {
        "timeout": limit,
        "shell_timeout_interval": 1,
        "allow_errors": True,
        "record_timing": False,
        "coalesce_streams": True,
        "log": silent,
    }


def run_with(client: NotebookClient, limit: int) -> Run:
    """Run the notebook of a client, in its kernel.

    Parameters
    ----------
    client : NotebookClient
        Not started yet.
    limit : int
        Seconds for a cell.

    Returns
    -------
    Run

    Raises
    ------
    CommandError
        If the kernel does not start.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    for cell in client.nb.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    run = Run(client.nb.cells, limit)
    try:
        asyncio.run(_run_cells(client, run))
    except CellTimeoutError:
        run.problem = DEAF
    except DeadKernelError:
        run.problem = "the kernel died"
    except NoSuchKernel:
        raise CommandError(f"There is no Python kernel. {INSTALL}") from None
    except RuntimeError as problem:
        raise CommandError(f"The kernel did not start: {problem}") from None
    return run


async def _run_cells(client: NotebookClient, run: Run) -> None:
    """Run one cell after the other."""
    from nbclient.exceptions import CellTimeoutError

    async with client.async_setup_kernel():
        for place, cell in enumerate(run.cells):
            try:
                await client.async_execute_cell(cell, place)
            except CellTimeoutError:
                run.late.append(place)
                await _interrupt(client, cell)
            run.finished = place + 1


async def _interrupt(client: NotebookClient, cell: Any) -> None:
    """Stop the cell that runs, and wait until the kernel answers again, or raise."""
    limit, client.timeout = client.timeout, PATIENCE
    kernel: Any = client.km
    channels: Any = client.kc
    await kernel.interrupt_kernel()
    await client.async_wait_for_reply(channels.kernel_info(), cell)
    client.timeout = limit
