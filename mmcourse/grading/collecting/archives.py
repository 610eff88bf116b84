"""What lies in a ZIP, listed and read in memory: nothing is ever unpacked to the disk.

nbgrader's `zip_collect` unpacks whole archives, and archives in them, without a limit
on their size, follows links in folders, and knows one pattern of names a run; so it is
not used here.

References: Fifield, "A better zip bomb", WOOT 2019 (entries that overlap).
"""

from __future__ import annotations

import calendar
import io
import re
import stat
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from mmcourse.grading.collecting.entries import (
    LINK,
    MEGABYTE,
    NO_FILE,
    Entry,
    UnreadableError,
    too_large,
)

LARGEST_ARCHIVE = 100 * MEGABYTE  # that a student may hand in
LARGEST_UNPACKED = 1000 * MEGABYTE
MOST_IN_ARCHIVE = 10_000
MOST_IN_EXPORT = 500_000
# Notebooks shrink by 2 (pictures) to 50 (the same line again and again).
STRONGEST_PACKING = 200
LOCKED = 0x1  # the bit of an entry with a password
UTF8 = 0x800  # the bit of a name that is UTF-8
LOCAL_HEADER = 30  # bytes before the name of an entry
ENTRY_MARK = b"PK\x01\x02"
OUTSIDE = "its path leads out of the archive"


def list_archive(file: Path) -> tuple[zipfile.ZipFile, list[Entry]]:
    """Open a platform's export; return it, to be closed, and what lies in it.

    Parameters
    ----------
    file : Path

    Returns
    -------
    zipfile.ZipFile
    list of Entry

    Examples
    --------
    >>> list_archive(Path(__file__))
    Traceback (most recent call last):
    mmcourse...UnreadableError: it is not a ZIP, or damaged (...)
    """
    archive = _opened(file)
    try:
        return archive, _entries(archive, MOST_IN_EXPORT)
    except UnreadableError:
        archive.close()
        raise


def list_nested(entry: Entry) -> list[Entry]:
    """Return what lies in a ZIP that somebody handed in.

    Parameters
    ----------
    entry : Entry
        The ZIP.

    Returns
    -------
    list of Entry, whose paths begin with that of the ZIP

    Examples
    --------
    >>> list_nested(Entry(("work.zip",), lambda limit: b"PK"))
    Traceback (most recent call last):
    mmcourse...UnreadableError: it is not a ZIP, or damaged (...)
    """
    data = entry.read(LARGEST_ARCHIVE)
    # Counted before the list is read: millions of entries would fill the memory.
    if data.count(ENTRY_MARK) > MOST_IN_ARCHIVE:
        raise UnreadableError(f"it holds more than {MOST_IN_ARCHIVE} files")
    archive = _opened(io.BytesIO(data))
    if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
        size = LARGEST_UNPACKED // MEGABYTE
        raise UnreadableError(f"it would unpack to more than {size} MB")
    return _entries(archive, MOST_IN_ARCHIVE, before=entry.parts)


def _opened(file: Path | io.BytesIO) -> zipfile.ZipFile:
    """Return a ZIP of which the list can be read."""
    try:
        return zipfile.ZipFile(file)
    except Exception as problem:  # whatever a crafted archive may lead to
        kind = type(problem).__name__
        raise UnreadableError(f"it is not a ZIP, or damaged ({kind})") from None


def _entries(
    archive: zipfile.ZipFile, most: int, before: tuple[str, ...] = ()
) -> list[Entry]:
    """Return what lies in an archive, in its order."""
    infos = archive.infolist()
    if len(infos) > most:
        raise UnreadableError(f"it holds more than {most} files")
    if _overlap(infos):
        raise UnreadableError("its entries overlap, as in a ZIP bomb")
    return [_entry(archive, info, before) for info in infos]


def _overlap(infos: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether two entries share bytes, which no honest archive does."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    return any(
        info.header_offset + LOCAL_HEADER + info.compress_size > after.header_offset
        for info, after in pairwise(ordered)
    )


def _entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: tuple[str, ...]
) -> Entry:
    """Return one entry of an archive, which is not unpacked yet."""
    parts, fault = split_path(_name_of(info))
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        fault = LINK if mode == stat.S_IFLNK else NO_FILE
    return Entry(
        (*before, *parts),
        read=lambda limit: _read(archive, info, limit),
        time=_time_of(info),
        is_folder=_name_of(info).endswith(("/", "\\")),
        fault=fault,
    )


def split_path(name: str) -> tuple[tuple[str, ...], str]:
    r"""Return the parts of an entry's path, and what is wrong with it.

    Parameters
    ----------
    name : str
        As the archive has it.

    Returns
    -------
    tuple of str, without what leads outside
    str, the fault; empty where there is none

    Examples
    --------
    >>> split_path("Ada\\sheet.ipynb")
    (('Ada', 'sheet.ipynb'), '')
    >>> split_path("../../Ada/sheet.ipynb")
    (('Ada', 'sheet.ipynb'), 'its path leads out of the archive')
    """
    name, null, _ = name.partition("\0")
    path = re.sub(r"^[A-Za-z]:(?=[\\/])", "", name)
    pieces = path.replace("\\", "/").split("/")
    parts = tuple(piece for piece in pieces if piece not in ("", ".", ".."))
    is_outside = ".." in pieces or path.startswith(("/", "\\"))
    if null:
        return parts or ("unnamed",), "its name holds a NUL"
    return parts or ("unnamed",), OUTSIDE if is_outside or not parts else ""


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return an entry's name; macOS writes UTF-8 and does not say so."""
    name = info.orig_filename
    if info.flag_bits & UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _time_of(info: zipfile.ZipInfo) -> float:
    """Return when an entry was changed, 0 where its date is none."""
    try:
        return float(calendar.timegm((*info.date_time, 0, 0, 0)))
    except ValueError:
        return 0.0


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """Return the bytes of an entry."""
    if info.flag_bits & LOCKED:
        raise UnreadableError("it is locked with a password")
    # Others let the entry say how much memory unpacking takes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError("it is packed in a way that is not read here")
    if info.file_size > limit:
        raise too_large(limit)
    small = max(MEGABYTE, STRONGEST_PACKING * info.compress_size)
    if info.file_size > small:
        raise UnreadableError(
            f"it unpacks to more than {STRONGEST_PACKING} times its size"
        )
    try:
        with archive.open(info) as file:
            return file.read(limit + 1)
    except Exception as problem:  # whatever a crafted archive may lead to
        kind = type(problem).__name__
        raise UnreadableError(f"the archive is damaged there ({kind})") from None
