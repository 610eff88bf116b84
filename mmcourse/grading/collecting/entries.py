"""What lies in a folder of submissions, listed and read without following a link.

Submissions are strangers' files. A listing opens none of them; `Entry.read` opens
ordinary files only, and reads no more than it is told to.
"""

from __future__ import annotations

import heapq
import os
import stat
import unicodedata
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmcourse.errors import MMCourseError

MEGABYTE = 10**6
MOST_ENTRIES = 200_000  # under one name at the top: a class of 500 with 400 files each
DEEPEST = 30
# Made by systems and tools beside what people hand in.
JUNK = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", ".git", ".DS_Store"}

LINK = "it is a link"
NO_FILE = "it is not an ordinary file"
# Windows lacks the first three, other systems the last.
FLAGS = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")


class CollectError(MMCourseError):
    """The submissions as a whole can't be collected; the message says why."""


class UnreadableError(MMCourseError):
    """One file can't be read; the message is a clause that says why."""


def nothing(limit: int) -> bytes:
    """Return what a folder holds in itself."""
    return b""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder among the submissions.

    Attributes
    ----------
    parts : tuple of str, its path; a name, never used to write to
    read : function of the most bytes that it may have; raises UnreadableError
    time : float, when it was last changed, in seconds
    is_folder : bool
    fault : str, why it must not be read; empty where it may
    """

    parts: tuple[str, ...]
    read: Callable[[int], bytes] = nothing
    time: float = 0.0
    is_folder: bool = False
    fault: str = ""

    @property
    def where(self) -> str:
        """The path as text."""
        return "/".join(self.parts)


def is_junk(name: str) -> bool:
    """Return whether a name is one that systems make, not people.

    Examples
    --------
    >>> is_junk("__MACOSX"), is_junk("._Ada.ipynb"), is_junk("Ada.ipynb")
    (True, True, False)
    """
    return name in JUNK or name.startswith(("._", "~$", ".Trash"))


def list_folder(folder: Path, most: int = MOST_ENTRIES) -> list[Entry]:
    """Return what lies in a folder and its folders, the upper levels first.

    Parameters
    ----------
    folder : Path
        Of submissions.
    most : int
        Entries under one name at the top; what is beyond is not looked at.

    Returns
    -------
    list of Entry

    Examples
    --------
    >>> list_folder(Path("nowhere"))
    Traceback (most recent call last):
    mmcourse...CollectError: nowhere can't be listed (No such file ...
    """
    found: list[Entry] = []
    seen: Counter[str] = Counter()
    waiting: deque[tuple[str, ...]] = deque([()])
    while waiting:
        parts = waiting.popleft()
        try:
            children = _children(folder.joinpath(*parts), most)
        except OSError as problem:
            if not parts:
                raise CollectError(
                    f"{folder} can't be listed ({problem.strerror})."
                ) from None
            fault = f"it can't be listed ({problem.strerror})"
            found.append(Entry(parts, is_folder=True, fault=fault))
            continue
        for child in children:
            entry = _entry(child, (*parts, child.name))
            top = entry.parts[0]
            seen[top] += 1
            if seen[top] == most + 1:
                found.append(Entry(entry.parts, fault=f"{most} files come before it"))
            if seen[top] > most:
                continue
            found.append(entry)
            if entry.is_folder and not entry.fault and _is_worth_a_look(entry.parts):
                waiting.append(entry.parts)
    return found


def _children(folder: Path, most: int) -> list[os.DirEntry[str]]:
    """Return what lies in one folder, by name: a disk has an order of its own."""
    with os.scandir(folder) as listing:
        return heapq.nsmallest(most + 1, listing, key=lambda child: child.name)


def _is_worth_a_look(parts: tuple[str, ...]) -> bool:
    """Return whether a folder may hold what somebody handed in."""
    hidden = len(parts) > 2 and parts[-1].startswith(".")
    return not is_junk(parts[-1]) and not hidden and len(parts) < DEEPEST


def _entry(child: os.DirEntry[str], parts: tuple[str, ...]) -> Entry:
    """Return the entry of a folder's child, which is not opened."""
    try:
        info = child.stat(follow_symlinks=False)
    except OSError as problem:
        return Entry(parts, fault=f"it can't be looked at ({problem.strerror})")
    if stat.S_ISDIR(info.st_mode):
        return Entry(parts, is_folder=True, time=info.st_mtime)
    path = Path(child.path)
    return Entry(
        parts,
        read=lambda limit: read_file(path, limit),
        time=info.st_mtime,
        fault=_fault_of(info),
    )


def _fault_of(info: os.stat_result) -> str:
    """Return why a file must not be read, nothing where it may."""
    if stat.S_ISLNK(info.st_mode):
        return LINK
    if not stat.S_ISREG(info.st_mode):
        return NO_FILE
    # Its other name may be a file outside, such as the solution.
    return "it is a hard link, a second name of some file" if info.st_nlink > 1 else ""


def read_file(path: Path, limit: int) -> bytes:
    """Return the bytes of an ordinary file; nothing else is waited for or followed.

    Parameters
    ----------
    path : Path
    limit : int
        The most bytes that it may have.

    Returns
    -------
    bytes

    Examples
    --------
    >>> read_file(Path("nowhere.ipynb"), 100)
    Traceback (most recent call last):
    mmcourse...UnreadableError: it can't be read (No such file ...
    """
    flags = os.O_RDONLY
    for name in FLAGS:
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if _fault_of(os.fstat(file.fileno())):  # changed since it was listed
                raise UnreadableError(NO_FILE)
            data = file.read(limit + 1)
    except OSError as problem:
        raise UnreadableError(f"it can't be read ({problem.strerror})") from None
    if len(data) > limit:
        raise too_large(limit)
    return data


def too_large(limit: int) -> UnreadableError:
    """Return the error of a file with more bytes than it may have.

    Examples
    --------
    >>> print(too_large(20 * MEGABYTE))
    it is larger than 20 MB
    """
    return UnreadableError(f"it is larger than {limit / MEGABYTE:g} MB")


def readable(text: str, longest: int = 80) -> str:
    r"""Return a stranger's text such that it can't fool a reader or a terminal.

    Parameters
    ----------
    text : str
    longest : int
        Characters.

    Returns
    -------
    str

    Examples
    --------
    >>> readable("Ada\u202e\n\x1b[2J  Lovelace")
    'Ada [2J Lovelace'
    """
    seen = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text[:9999]
    )
    seen = " ".join(unicodedata.normalize("NFC", seen).split())
    return seen if len(seen) <= longest else f"{seen[: longest - 3]}..."


def quoted(text: str) -> str:
    """Return a stranger's text in quotes, to stand in a sentence."""
    return f"'{readable(text)}'"
