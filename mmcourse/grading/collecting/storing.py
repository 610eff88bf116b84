"""Write a notebook to its place among nbgrader's submissions, and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mmcourse.grading.collecting.entries import UnreadableError, read_file


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission belongs.

    Attributes
    ----------
    into : Path, the folder of all submissions
    student : str
    assignment : str
    """

    into: Path
    student: str
    assignment: str

    @property
    def file(self) -> Path:
        """The notebook."""
        return self.into / self.student / self.assignment / f"{self.assignment}.ipynb"


def store(place: Place, data: bytes) -> Path:
    """Write a notebook, unless it is there already; return its file.

    Parameters
    ----------
    place : Place
    data : bytes
        Of the notebook.

    Returns
    -------
    Path

    Raises
    ------
    OSError
        If it can't be written, or a link would lead to another place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = store(Place(Path(folder), "ada", "p1"), b"{}")
    ...     file.relative_to(folder).as_posix(), file.read_bytes()
    ('ada/p1/p1.ipynb', b'{}')
    """
    place.into.mkdir(parents=True, exist_ok=True)
    for folder in (place.file.parent.parent, place.file.parent):
        if folder.is_symlink():
            raise OSError(f"{folder} is a link")
        folder.mkdir(exist_ok=True)
    if _is_there(place.file, data):
        return place.file
    # Written beside and renamed, so that a run that is stopped leaves no half of it.
    part = place.file.with_name(f".{place.assignment}.part")
    part.unlink(missing_ok=True)
    with part.open("xb") as file:
        file.write(data)
    os.replace(part, place.file)
    return place.file


def _is_there(file: Path, data: bytes) -> bool:
    """Return whether a file holds these bytes already."""
    try:
        return read_file(file, len(data)) == data
    except UnreadableError:
        return False


def forget(place: Place) -> tuple[str, ...]:
    """Remove the notebook of an earlier run, which no longer counts; return a note.

    Parameters
    ----------
    place : Place

    Returns
    -------
    tuple of str, empty where there was none

    Raises
    ------
    OSError
        If it can't be removed.

    Examples
    --------
    >>> forget(Place(Path("nowhere"), "ada", "p1"))
    ()
    """
    folders = (place.file.parent.parent, place.file.parent)
    if any(folder.is_symlink() for folder in folders) or not place.file.is_file():
        return ()
    place.file.unlink()
    return ("the notebook of an earlier run was removed",)
