"""Read a notebook from its file; what is needed for that comes with an extra."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mmcourse.commands.common import CommandError

if TYPE_CHECKING:
    from nbformat import NotebookNode

INSTALL = "Install what the course needs: pip install 'mmcourse[course]'"


def require_jupyter() -> None:
    """Raise where Jupyter's parts that run a notebook are not installed."""
    try:
        import ipykernel  # noqa: F401
        import nbclient  # noqa: F401
        import nbformat  # noqa: F401
    except ImportError as missing:
        raise CommandError(
            f"{missing.name} is not installed, and a sheet can't be run without it. "
            f"{INSTALL}"
        ) from None


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook as it is saved.

    Parameters
    ----------
    path : Path
        A file that Jupyter wrote, of any format.

    Returns
    -------
    NotebookNode

    Examples
    --------
    >>> read_notebook(Path("nowhere.ipynb"))
    Traceback (most recent call last):
    mmcourse.commands.common.CommandError: nowhere.ipynb is not there. ...
    """
    import nbformat

    if not path.exists():
        raise CommandError(f"{path} is not there. Sheets lie in work/exercises/.")
    if path.is_dir():
        raise CommandError(f"{path} is a folder. Name the notebook in it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old formats: they are read all the same
            return nbformat.read(path, as_version=4)
    except OSError as problem:
        raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
    except Exception as problem:  # whatever a file that is none may lead to
        kind = type(problem).__name__
        raise CommandError(f"{path} is not a notebook ({kind}).") from None
