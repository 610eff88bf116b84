"""Sort what lies among the submissions by the people who handed it in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mmcourse.grading.collecting.entries import Entry, UnreadableError, is_junk
from mmcourse.grading.collecting.naming import (
    ARCHIVE,
    NOTEBOOK,
    Label,
    read_label,
    suffix_of,
)

# Of the note that Blackboard puts beside what somebody handed in.
LONGEST_RECEIPT = 100_000
RECEIPT = re.compile(
    r"[^:\n]+:\s*(?P<name>[^\n]+?)\s*\((?P<user>[^()\n]+)\)\s*(?:\n|$)"
)

Pattern = re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Find:
    """Something that one person handed in.

    Attributes
    ----------
    label : Label, of what it lies in at the top, or of itself
    entry : Entry
    path : tuple of str, from the person's folder on; empty for what lies at the top
    """

    label: Label
    entry: Entry
    path: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The student's own name for it, where it is known."""
        return self.path[-1] if self.path else self.label.file


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and all that is theirs."""

    label: Label
    finds: tuple[Find, ...]


def sort_out(
    entries: Sequence[Entry], assignment: str, pattern: Pattern = None
) -> tuple[list[Person], list[str]]:
    """Return everybody who handed something in, and the names of what is nobody's.

    Parameters
    ----------
    entries : sequence of Entry
        All submissions.
    assignment : str
    pattern : compiled pattern, optional
        The user's, with a group `student`.

    Returns
    -------
    list of Person
    list of str

    Examples
    --------
    >>> entries = [Entry(("ada.ipynb",)), Entry(("eva", "p1.ipynb")), Entry(("a.csv",))]
    >>> people, strays = sort_out(entries, "p1")
    >>> [person.label.name for person in people], strays
    (['ada', 'eva'], ['a.csv'])
    """
    people: dict[str, list[Find]] = defaultdict(list)
    strays = []
    entries = unwrap(entries, assignment, pattern)
    for top, members in by_top(entries).items():
        label = read_label(top, assignment, pattern)
        if is_somebody(top, label, members):
            people[label.key] += [Find(label, e, p) for e, p in members]
        else:
            strays.append(top)
    return [_person(finds) for finds in people.values()], strays


Member = tuple[Entry, tuple[str, ...]]


def by_top(entries: Iterable[Entry], level: int = 0) -> dict[str, list[Member]]:
    """Return entries, and their paths below, by the name at one level of their path."""
    found: dict[str, list[Member]] = defaultdict(list)
    for entry in entries:
        if len(entry.parts) > level and not any(is_junk(part) for part in entry.parts):
            found[entry.parts[level]].append((entry, entry.parts[level + 1 :]))
    return found


def is_somebody(top: str, label: Label, members: Sequence[Member]) -> bool:
    """Return whether a name at the top stands for a person.

    Parameters
    ----------
    top : str
    label : Label
        What the name says.
    members : sequence of (Entry, path below the top)

    Returns
    -------
    bool

    Examples
    --------
    >>> is_somebody("marks.csv", read_label("marks.csv", "p1"), [(Entry(("",)), ())])
    False
    """
    if label.is_known or is_work(top):
        return True
    if any(path or entry.is_folder for entry, path in members):
        return not top.startswith(".") or any(
            is_work(path[-1]) for _, path in members if path
        )
    # A link where a folder would be.
    is_bare = re.fullmatch(r".*\.[A-Za-z0-9]{1,5}", top, re.S) is None
    return is_bare and any(entry.fault for entry, _ in members)


def is_work(name: str) -> bool:
    """Return whether a file is one that somebody hands in, by its name."""
    return bool(NOTEBOOK.fullmatch(name) or ARCHIVE.fullmatch(name))


def _person(finds: Sequence[Find]) -> Person:
    """Return a person with the name that the platform's note gives, if it does."""
    label = finds[0].label
    for find in finds:
        is_receipt = (
            find.label.time and not find.path and find.entry.where[-4:] == ".txt"
        )
        if is_receipt and not find.label.file and not find.entry.fault:
            return Person(_named_by(find.entry, label), tuple(finds))
    return Person(label, tuple(finds))


def _named_by(receipt: Entry, label: Label) -> Label:
    """Return a label with the user that Blackboard's note names in its first line."""
    try:
        text = receipt.read(LONGEST_RECEIPT).decode("utf-8-sig", "replace")
    except UnreadableError:
        return label
    match = RECEIPT.match(text)
    if match and label.key.endswith(f"_{match['user']}"):
        return replace(label, name=match["user"], full_name=match["name"])
    return label


def unwrap(
    entries: Sequence[Entry], assignment: str, pattern: Pattern = None
) -> Sequence[Entry]:
    """Return the entries without the folder that all of a class lie in, if they do.

    Parameters
    ----------
    entries : sequence of Entry
    assignment : str
    pattern : compiled pattern, optional

    Returns
    -------
    sequence of Entry

    Examples
    --------
    >>> files = [Entry(("all", "ada.ipynb")), Entry(("all", "eva.ipynb"))]
    >>> [entry.where for entry in unwrap(files, "p1")]
    ['ada.ipynb', 'eva.ipynb']
    """
    tops = by_top(entries)
    if len(tops) != 1:
        return entries
    (top, members), *_ = tops.items()
    if read_label(top, assignment, pattern).is_known:
        return entries
    inner = [replace(entry, parts=path) for entry, path in members if path]
    if any(not path and not entry.is_folder for entry, path in members):
        return entries
    inner = list(unwrap(inner, assignment, pattern))
    return inner if is_class(inner, assignment, pattern) else entries


def is_class(
    entries: Sequence[Entry], assignment: str, pattern: Pattern = None
) -> bool:
    """Return whether names look like those of a class, not of one student's files.

    Parameters
    ----------
    entries : sequence of Entry
    assignment : str
    pattern : compiled pattern, optional

    Returns
    -------
    bool

    Examples
    --------
    >>> is_class([Entry(("ada.ipynb",)), Entry(("eva.ipynb",))], "p1")
    True
    >>> is_class([Entry(("p1.ipynb",)), Entry(("notes.ipynb",))], "p1")
    False
    """
    tops = by_top(entries)
    if any(read_label(top, assignment, pattern).is_known for top in tops):
        return True
    if assignment in tops or any(is_named(top, assignment) for top in tops):
        return False
    if any(
        path[0] == assignment for group in tops.values() for _, path in group if path
    ):
        return True
    holders = [
        top
        for top, members in tops.items()
        if is_work(top) or any(path and is_work(path[-1]) for _, path in members)
    ]
    return len(holders) > 1


def is_named(file: str, assignment: str) -> bool:
    """Return whether a notebook is called as the assignment, copies included."""
    match = NOTEBOOK.fullmatch(file)
    return match is not None and suffix_of(match["stem"], assignment) is not None
