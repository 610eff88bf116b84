"""Collect submissions from what a learning platform exports into nbgrader's folders.

Nothing outside `source` is read, nothing outside `into` is written, and of every person
one notebook at the most is kept: sheets need no other file. Whoever is in `source` is
in the list that comes back, graded or not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmcourse.grading.collecting.archives import list_archive
from mmcourse.grading.collecting.choosing import Choice, choose
from mmcourse.grading.collecting.entries import (
    CollectError,
    Entry,
    UnreadableError,
    list_folder,
    quoted,
    readable,
)
from mmcourse.grading.collecting.ids import give_ids, look_alikes
from mmcourse.grading.collecting.people import (
    Person,
    by_top,
    is_class,
    sort_out,
    unwrap,
)
from mmcourse.grading.collecting.storing import Place, forget, store

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person handed in.

    Attributes
    ----------
    student : str, nbgrader's id: letters, digits and `._-`, not `.` or `-` in front
    name : str, as the learning platform wrote it, for humans
    notebook : Path or None, `into`/student/assignment/assignment.ipynb
    notes : tuple of str, what was odd, but mended or left out
    problem : str, why it can't be graded; empty where it can
    """

    student: str
    name: str
    notebook: Path | None
    notes: tuple[str, ...] = ()
    problem: str = ""


def collect(
    source: Path,
    assignment: str,
    cells: Collection[str],
    into: Path,
    *,
    pattern: str | None = None,
) -> list[Submission]:
    """Put a notebook of everybody into nbgrader's folders; return what became of each.

    Parameters
    ----------
    source : Path
        A folder, or the ZIP, that a learning platform gave; or nbgrader's folder.
    assignment : str
        Its name, which is that of its notebook, too.
    cells : collection of str
        The names (`grade_id`) of the cells of its sheet.
    into : Path
        Where nbgrader looks for submissions. Files there are replaced where they
        differ; those of people who are no longer in `source` stay.
    pattern : str, optional
        A regular expression with a group `student`, looked for in the name of each
        folder or file, for platforms that are not known. A group `file` may say
        how the student called the file.

    Returns
    -------
    list of Submission, ordered by `student`; the same every time

    Raises
    ------
    CollectError
        If `source`, `into` or `pattern` can't be used at all.

    Examples
    --------
    >>> collect(Path("nowhere"), "p1", ["setup"], Path("submitted"))
    Traceback (most recent call last):
    mmcourse...CollectError: nowhere is not there. Name the folder ...
    """
    _check(source, assignment, into)
    with _entries_of(source, assignment) as entries:
        people, _ = sort_out(entries, assignment, _compiled(pattern))
        if not people:
            raise CollectError(
                f"{source} holds no submission. Expected are folders or notebooks of "
                "students, as a learning platform exports them."
            )
        labels = [person.label for person in people]
        ids = give_ids(labels, _folders_in(into))
        alike = look_alikes(labels)
        found = []
        for person in people:
            key = person.label.key
            choice = _choose(person, assignment, cells)
            place = Place(into, ids[key], assignment)
            found.append(_keep(person, choice, place, alike[key]))
    return sorted(found, key=lambda one: (one.student.casefold(), one.student))


def find_strays(
    source: Path, assignment: str, *, pattern: str | None = None
) -> list[str]:
    """Return the names in a source that belong to nobody, such as a table of marks.

    Parameters
    ----------
    source : Path
    assignment : str
    pattern : str, optional
        As in `collect`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> "collect.py" in find_strays(Path(__file__).parent, "p1")
    True
    """
    with _entries_of(source, assignment) as entries:
        _, strays = sort_out(entries, assignment, _compiled(pattern))
    return sorted(readable(stray) for stray in strays)


def _check(source: Path, assignment: str, into: Path) -> None:
    """Raise where a call can't be right."""
    if not SAFE.fullmatch(assignment):
        raise ValueError(
            f"`assignment` is {assignment!r}, but it has to be the name of a sheet: "
            "letters, digits, '.', '_' and '-'."
        )
    inner, outer = into.resolve(), source.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise CollectError(
            f"{source} and {into} lie in each other, so what was collected could be "
            "taken for a submission. Choose another folder to collect into."
        )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """Return the user's pattern, which must have a group `student`."""
    if pattern is None:
        return None
    advice = r"Write one such as '(?P<student>\w+)_homework'."
    try:
        compiled = re.compile(pattern)
    except re.error as problem:
        raise CollectError(
            f"The pattern {pattern!r} is no regular expression ({problem}). {advice}"
        ) from None
    if "student" not in compiled.groupindex:
        raise CollectError(f"The pattern {pattern!r} has no group `student`. {advice}")
    return compiled


@contextmanager
def _entries_of(source: Path, assignment: str) -> Iterator[Sequence[Entry]]:
    """Give what lies in a source, which can be read until the end of the block."""
    if source.is_dir():
        entries = list_folder(source)
        (packed,) = by_top(entries) if len(by_top(entries)) == 1 else ("",)
        export = _export_in(source / packed, assignment)
        if export is None:
            yield entries
            return
        source = export
    if not source.is_file():
        there = "is neither a folder nor a file" if source.exists() else "is not there"
        raise CollectError(
            f"{source} {there}. Name the folder or the ZIP that the learning platform "
            "gave you."
        )
    try:
        archive, entries = list_archive(source)
    except UnreadableError as problem:
        raise CollectError(
            f"{source} can't be used: {problem}. Export the submissions once more."
        ) from None
    with archive:
        yield entries


def _export_in(file: Path, assignment: str) -> Path | None:
    """Return the only file of a folder where it is a platform's export."""
    if file.suffix.lower() != ".zip" or file.is_symlink() or not file.is_file():
        return None
    try:
        archive, entries = list_archive(file)
    except UnreadableError:
        return None
    archive.close()
    inner = unwrap(entries, assignment)
    return file if is_class(inner, assignment) else None


def _folders_in(into: Path) -> set[str]:
    """Return the ids that were given before."""
    return {child.name for child in into.iterdir()} if into.is_dir() else set()


def _choose(person: Person, assignment: str, cells: Collection[str]) -> Choice:
    """Return what counts; one bad submission must not stop the rest."""
    try:
        return choose(person, assignment, cells)
    except Exception as problem:  # what nobody thought of
        kind = type(problem).__name__
        return Choice(problem=f"it could not be collected ({kind}: {problem})")


def _keep(
    person: Person, choice: Choice, place: Place, alike: Sequence[str]
) -> Submission:
    """Write what counts to its place; return what became of the person."""
    label, notes, problem, notebook = person.label, choice.notes, choice.problem, None
    try:
        if problem:
            notes += forget(place)
        else:
            notebook = store(place, choice.data)
    except OSError as trouble:
        problem = f"it could not be written ({trouble.strerror or trouble})"
    if alike:
        names = ", ".join(quoted(name) for name in alike)
        notes += (f"the id {place.student} is told apart from that of {names}",)
    name = readable(label.full_name or label.name) or place.student
    return Submission(place.student, name, notebook, notes, problem)
