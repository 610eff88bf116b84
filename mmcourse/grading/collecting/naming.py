r"""Whose a file is, by its name.

What learning platforms write, as seen in Moodle's `mod_assign` and in scripts that
read the exports of the others (``[...]`` may be missing):

| platform | name |
|---|---|
| Moodle | ``NAME_NUMBER_assignsubmission_file[_]/FILE``, or flat ``..._file_FILE`` |
| Canvas | ``NAME[_LATE]_NUMBER_SUBMISSION_FILE``, ``anon_CODE[_LATE]_SUBM..._FILE`` |
| Blackboard | ``COLUMN_USER_attempt_TIME_FILE``, ``COLUMN_USER_attempt_TIME.txt`` |
| nbgrader | ``STUDENT/ASSIGNMENT/FILE``, ``STUDENT+ASSIGNMENT+TIME[+CODE]/FILE`` |

All but nbgrader's first put the student's own file name last, so that it can't pass for
the part before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmcourse.grading.collecting.entries import quoted

LONGEST_NAME = 1000  # characters in which a pattern is looked for

MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<number>[0-9]+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?",
    re.S,
)
CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<number>[0-9]+)"
    r"_(?:(?P<order>[0-9]+)_(?P<file>.+)|(?:text|link)\.html)",
    re.S,
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?P<number>[A-Za-z0-9]+)(?P<late>_LATE)?"
    r"_(?P<order>[0-9]+)_(?P<file>.+)",
    re.S,
)
# The word for "attempt" is in the language of the platform.
BLACKBOARD = re.compile(
    r"(?P<head>.+?)_[^\W\d_]+_(?P<time>[0-9]{4}(?:-[0-9]{2}){5})"
    r"(?:_(?P<file>.+)|\.txt)?",
    re.S,
)
NBGRADER = re.compile(
    r"(?P<name>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ \w+)(?:\+[^+]*)?"
)
NOTEBOOK = re.compile(r"(?P<stem>.*)\.ipynb(?:\.txt|\.json)?", re.I | re.S)
ARCHIVE = re.compile(r"(?P<stem>.*)\.(?:zip|rar|7z|tar|tgz|tar\.\w+)", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Label:
    """What the name of a folder or a file says.

    Attributes
    ----------
    key : str, tells one person from another
    name : str, as the platform has it; the id is made from it
    full_name : str, where the platform gives that besides
    number : str, by which the platform tells people apart, where it is in the name
    file : str, how the student called the file; empty for a folder
    time : str, of the attempt, such that a later one sorts behind
    order : int, of the file on the platform; a later one has a larger
    is_late : bool
    is_known : bool, whether a platform or the user's pattern was recognised
    assignment : str, where the name says that
    note : str, what is odd about it
    """

    key: str
    name: str
    full_name: str = ""
    number: str = ""
    file: str = ""
    time: str = ""
    order: int = 0
    is_late: bool = False
    is_known: bool = True
    assignment: str = ""
    note: str = ""


def read_label(
    top: str, assignment: str, pattern: re.Pattern[str] | None = None
) -> Label:
    """Return what a name at the top of the submissions says.

    Parameters
    ----------
    top : str
        The name of a folder or a file.
    assignment : str
    pattern : compiled pattern, optional
        The user's, with a group `student`; it goes before those known.

    Returns
    -------
    Label

    Examples
    --------
    >>> label = read_label("Ada Lovelace_17_assignsubmission_file_", "p1")
    >>> label.name, label.number
    ('Ada Lovelace', '17')
    >>> label = read_label("lovelaceada_LATE_17_4711_p1-1.ipynb", "p1")
    >>> label.name, label.is_late, label.file
    ('lovelaceada', True, 'p1-1.ipynb')
    """
    note = ""
    if pattern is not None:
        match = pattern.search(top[:LONGEST_NAME])
        student = match["student"] if match else ""
        if student:
            return Label(key=student, name=student, file=_own_file(top, match))
        note = f"the pattern for names finds no student in {quoted(top)}"
    known = _read_known(top) if len(top) <= LONGEST_NAME else None
    return known or _read_plain(top, assignment, note)


def _own_file(top: str, match: re.Match[str] | None) -> str:
    """Return the student's own name of a file, where the user's pattern has a group."""
    groups = match.groupdict() if match else {}
    return groups.get("file") or ""


def _read_known(top: str) -> Label | None:
    """Return what a platform's name says, None where it is nobody's."""
    for platform in (MOODLE, CANVAS, CANVAS_ANONYMOUS):
        match = platform.fullmatch(top)
        if match:
            found = match.groupdict()
            return Label(
                key=f"{found['name']}_{found['number']}",
                name=found["name"],
                number=found["number"],
                file=found["file"] or "",
                order=int((found.get("order") or "0")[:18]),
                is_late=bool(found.get("late")),
            )
    match = BLACKBOARD.fullmatch(top)
    if match:
        # A user's name may hold "_", as may the column: the whole tells people apart.
        head, user = match["head"], match["head"].rpartition("_")[2]
        return Label(head, user or head, file=match["file"] or "", time=match["time"])
    match = NBGRADER.fullmatch(top)
    if match:
        name, time = match["name"], match["time"]
        return Label(name, name, time=time, assignment=match["assignment"])
    return None


def _read_plain(top: str, assignment: str, note: str) -> Label:
    """Return what another name says: a student's, with or without the sheet's."""
    match = NOTEBOOK.fullmatch(top) or ARCHIVE.fullmatch(top)
    stem = match["stem"] if match else top
    if not match or len(stem) > LONGEST_NAME:
        return Label(stem, stem, is_known=False, note=note)
    if suffix_of(stem, assignment) is not None:
        note = note or f"the name {quoted(top)} does not say whose it is"
        return Label(stem, stem, is_known=False, note=note)
    title = re.escape(assignment)
    found = re.fullmatch(rf"(.+?)[ _+-]+{title}(?: ?\(\d+\))?", stem, re.I | re.S)
    found = found or re.fullmatch(rf"{title}[ _+-]+(.+)", stem, re.I | re.S)
    name = found[1] if found else stem
    return Label(name, name, is_known=False, note=note)


def suffix_of(stem: str, assignment: str) -> int | None:
    """Return the number of a copy of a file, None where it is called otherwise.

    Parameters
    ----------
    stem : str
        The name of the file without `.ipynb`.
    assignment : str

    Returns
    -------
    int or None, 0 for the plain name

    Examples
    --------
    >>> suffix_of("p1", "p1"), suffix_of("p1-2", "p1"), suffix_of("P1 (3)", "p1")
    (0, 2, 3)
    >>> suffix_of("p1-Copy1", "p1") is None
    True
    """
    title = re.escape(assignment)
    match = re.fullmatch(
        rf"{title}(?: ?\((\d{{1,6}})\)|-(\d{{1,6}}))?", stem, re.I | re.A
    )
    return int(match[1] or match[2] or 0) if match else None
