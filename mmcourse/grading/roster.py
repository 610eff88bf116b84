"""The list of all students: whose submission is whose, and who handed in nothing."""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from mmcourse.grading.collecting.collect import Submission
from mmcourse.grading.course import Course, GradingError

Row = tuple[str, str]  # id and name
Key = Callable[[Row], str]


def students_of(course: Course, path: Path | None) -> dict[str, str]:
    """Return all students, by a list that is kept for the runs to come.

    Parameters
    ----------
    course : Course
    path : Path or None
        The list; None for that of an earlier run into the folder, where there is one.

    Returns
    -------
    dict of str, id to name; empty without a list
    """
    kept = course.root / "students.csv"
    if path is None:
        return read_roster(kept) if kept.is_file() else {}
    students = read_roster(path)
    if path.resolve() != kept.resolve():
        shutil.copyfile(path, kept)
    return students


def read_roster(path: Path) -> dict[str, str]:
    """Return the students of a list and their names.

    Raises
    ------
    GradingError
        If it is no list of students.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [*csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise GradingError(f"the list {path} can't be read: {problem}.") from None
    if not rows or "student" not in rows[0]:
        raise GradingError(
            f"the list {path} has no column `student`; it needs one, with ids, and may "
            "have a column `name`. Columns are parted by commas."
        )
    return {row["student"]: row.get("name") or "" for row in rows if row["student"]}


def everybody(
    roster: Mapping[str, str], found: Sequence[Submission]
) -> tuple[dict[str, str], list[str]]:
    """Return the names of all students by id, and the ids of those not on the list.

    Parameters
    ----------
    roster : mapping, id to name
        Ids are those of the table of marks, or the platform's numbers; where neither
        fits, the name tells whose a submission is, if it is there once.
    found : sequence of Submission

    Returns
    -------
    dict of str
    list of str, empty without a list

    Examples
    --------
    >>> found = [Submission(f"Ada_{n}", "Ada Lovelace", None) for n in (17, 18)]
    >>> everybody({"17": "", "x4": "Lovelace, Ada", "x5": "Gus"}, found)
    ({'Ada_17': 'Ada Lovelace', 'Ada_18': 'Lovelace, Ada', 'x5': 'Gus'}, [])
    """
    there, listed = {s.student: s.name for s in found}, dict(roster)
    names: dict[str, str] = {}
    for key in (_id, _number, _words):
        rows, submissions = _once(listed.items(), key), _once(there.items(), key)
        for shared in rows.keys() & submissions.keys():
            student = submissions[shared]
            names[student] = listed.pop(rows[shared]) or there[student]
            del there[student]
    return names | there | listed, sorted(there) if roster else []


def _id(row: Row) -> str:
    return row[0]


def _number(row: Row) -> str:
    """Return the number that a platform tells people apart by."""
    match = re.fullmatch(r"(?:.*_)?(\d+)", row[0], re.S)
    return match[1] if match else ""


def _words(row: Row) -> str:
    """Return the words of a name in the order of the alphabet."""
    plain = unicodedata.normalize("NFKC", row[1]).casefold()
    return " ".join(sorted(re.findall(r"\w+", plain)))


def _once(rows: Iterable[Row], key: Key) -> dict[str, str]:
    """Return ids by a key, of those who share it with nobody."""
    keys = {row[0]: key(row) for row in rows}
    counts = Counter(keys.values())
    return {found: one for one, found in keys.items() if found and counts[found] == 1}
