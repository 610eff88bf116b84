"""Which of the files that one person handed in counts as the sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from mmcourse.errors import listing
from mmcourse.grading.collecting.archives import list_nested
from mmcourse.grading.collecting.entries import (
    MEGABYTE,
    UnreadableError,
    is_junk,
    quoted,
)
from mmcourse.grading.collecting.naming import ARCHIVE, NOTEBOOK, read_label, suffix_of
from mmcourse.grading.collecting.notebooks import Sheet, read_sheet
from mmcourse.grading.collecting.people import Find, Person

LARGEST_NOTEBOOK = 20 * MEGABYTE
MOST_NOTEBOOKS = 10  # that are read; the latest, and the right name, come first
MOST_NAMED = 5  # files in a note
MOST_NOTES = 30


@dataclass(slots=True)
class Pile:
    """What one person handed in, sorted.

    Attributes
    ----------
    notebooks : list of Find
    others : list of str, files that a sheet does not need
    blocked : list of str, what can't be read, with the reason
    """

    notebooks: list[Find] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """What counts of all that one person handed in.

    Attributes
    ----------
    data : bytes, of the notebook; empty where none can be graded
    notes : tuple of str, what was odd
    problem : str, why none can be graded; empty where one can
    """

    data: bytes = b""
    notes: tuple[str, ...] = ()
    problem: str = ""


def choose(person: Person, assignment: str, cells: Collection[str]) -> Choice:
    """Return the notebook of a person that counts, and what is odd about the rest.

    Parameters
    ----------
    person : Person
    assignment : str
    cells : collection of str
        The names of the cells of its sheet.

    Returns
    -------
    Choice

    Examples
    --------
    >>> from mmcourse.grading.collecting.entries import Entry
    >>> from mmcourse.grading.collecting.people import sort_out
    >>> people, _ = sort_out([Entry(("ada", "notes.txt"))], "p1")
    >>> choose(people[0], "p1", ["x"]).problem
    'there is no notebook in what was handed in'
    """
    pile = sort_finds(person.finds, assignment)
    notes = [find.label.note for find in person.finds if find.label.note][:1]
    if any(find.label.is_late for find in person.finds):
        notes.append("the platform marks it as late")
    names = _people_in(pile.notebooks, assignment)
    if len(names) > 1:
        problem = "it holds what several people handed in: collect that by itself"
        return Choice(notes=(*notes, f"people: {_some(names)}"), problem=problem)
    best, sheet, passed = _best(pile.notebooks, assignment, cells)
    if best is None:
        why = f" ({pile.blocked[0]})" if pile.blocked else ""
        problem = f"there is no notebook in what was handed in{why}"
    else:
        problem = f"{_where(best)}: {sheet.problem}" if sheet.problem else ""
        notes += [*_about_name(best, assignment), *sheet.notes, *passed]
    notes += [f"left out: {reason}" for reason in pile.blocked]
    if pile.others:
        notes.append(f"other files were left out: {_some(pile.others)}")
    return Choice(sheet.data, _shortened(notes), problem)


def _shortened(notes: Sequence[str]) -> tuple[str, ...]:
    """Return notes, of very many the first: a report has to be read."""
    if len(notes) <= MOST_NOTES:
        return tuple(notes)
    return (*notes[:MOST_NOTES], f"and {len(notes) - MOST_NOTES} more notes")


def _some(names: Iterable[str]) -> str:
    """Return names in quotes, the first few of many."""
    return listing([quoted(name) for name in names], MOST_NAMED)


def _where(find: Find) -> str:
    """Return where something lies, from the person's folder on, in quotes."""
    return quoted("/".join(find.path) or find.entry.where)


def sort_finds(finds: Iterable[Find], assignment: str) -> Pile:
    """Return what a person handed in by kind; a ZIP is looked into, one level deep.

    Parameters
    ----------
    finds : iterable of Find
    assignment : str

    Returns
    -------
    Pile

    Examples
    --------
    >>> sort_finds([], "p1")
    Pile(notebooks=[], others=[], blocked=[])
    """
    pile = Pile()
    for find in _of_assignment(finds, assignment, pile):
        name = find.entry.parts[-1]
        if find.entry.fault:
            pile.blocked.append(f"{_where(find)}: {find.entry.fault}")
        elif find.entry.is_folder:
            if NOTEBOOK.fullmatch(name):
                pile.blocked.append(f"{_where(find)}: it is a folder, not a notebook")
        elif ARCHIVE.fullmatch(name):
            _unpack(find, pile)
        else:
            _put(find, pile)
    return pile


def _of_assignment(
    finds: Iterable[Find], assignment: str, pile: Pile
) -> Sequence[Find]:
    """Return what is for this assignment, and not hidden, in nbgrader's folders."""
    kept = []
    for find in finds:
        if find.label.assignment not in ("", assignment):
            title = quoted(find.label.assignment)
            reason = f"{quoted(find.entry.parts[0])}: it is for assignment {title}"
            pile.blocked += [] if reason in pile.blocked else [reason]
        elif not any(part.startswith(".") for part in find.path):
            kept.append(find)
    inside = [find for find in kept if find.path[:1] == (assignment,)]
    if any(len(find.path) > 1 or find.entry.is_folder for find in inside):
        return inside
    return kept


def _unpack(find: Find, pile: Pile) -> None:
    """Sort what lies in an archive into a pile."""
    if not find.entry.parts[-1].lower().endswith(".zip"):
        pile.blocked.append(f"{_where(find)}: only ZIPs are looked into")
        return
    try:
        entries = list_nested(find.entry)
    except UnreadableError as problem:
        pile.blocked.append(f"{_where(find)}: {problem}")
        return
    for entry in entries:
        path = (*find.path, *entry.parts[len(find.entry.parts) :])
        _put_packed(Find(find.label, entry, path), pile)


def _put_packed(find: Find, pile: Pile) -> None:
    """Sort one file of an archive into a pile."""
    if any(is_junk(part) or part.startswith(".") for part in find.path):
        return
    if find.entry.fault:
        pile.blocked.append(f"{_where(find)}: {find.entry.fault}")
    elif ARCHIVE.fullmatch(find.path[-1]):
        pile.blocked.append(f"{_where(find)}: an archive in a ZIP is not looked into")
    elif not find.entry.is_folder:
        _put(find, pile)


def _put(find: Find, pile: Pile) -> None:
    """Put a file to the notebooks or to the others."""
    name = find.entry.parts[-1]
    is_receipt = find.label.time and not find.path and not find.label.file
    if NOTEBOOK.fullmatch(name):
        pile.notebooks.append(find)
    elif not is_receipt:
        pile.others.append("/".join(find.path) or find.label.file or name)


def _people_in(notebooks: Iterable[Find], assignment: str) -> list[str]:
    """Return the people whom platforms name in the paths of one person's notebooks."""
    labels = [read_label(part, assignment) for f in notebooks for part in f.path]
    return sorted({label.key for label in labels if label.is_known})


Rank = tuple[bool, int, int, int, float, int, str]


def _best(
    notebooks: Sequence[Find], assignment: str, cells: Collection[str]
) -> tuple[Find | None, Sheet, list[str]]:
    """Return the notebook that counts, what it holds, and notes on those passed over.

    A later attempt goes before an earlier one, and whatever can be graded before what
    can't.
    """
    best: Find | None = None
    chosen, top = Sheet(), None
    passed: list[tuple[Find, str]] = []
    for find in _in_order(notebooks, assignment):
        sheet = _read(find, cells)
        rank = (not sheet.problem, find.label.time, _rank(find, assignment, sheet.fit))
        if best is None or top is None or rank > top:
            if best is not None:
                passed.append((best, chosen.problem))
            best, chosen, top = find, sheet, rank
        else:
            passed.append((find, sheet.problem))
    if best is None:
        return None, chosen, []
    counts = f"{_where(best)} counts"
    notes = [f"left out: {_where(f)}: {why or counts}" for f, why in passed]
    beyond = len(notebooks) - len(passed) - 1
    if beyond > 0:
        notes.append(f"{beyond} more notebooks were not looked at")
    return best, chosen, notes


def _in_order(notebooks: Sequence[Find], assignment: str) -> list[Find]:
    """Return the notebooks to read, the likeliest first, so many that it ends."""
    ordered = sorted(
        notebooks, key=lambda f: (f.label.time, _rank(f, assignment, 0)), reverse=True
    )
    return ordered[:MOST_NOTEBOOKS]


def _rank(find: Find, assignment: str, fit: int) -> Rank:
    """Return what decides between notebooks of one attempt; the largest counts."""
    number = _copy_of(find.file, assignment)
    is_named = number is not None
    return (
        is_named,
        0 if is_named else fit,
        number or 0,
        find.label.order,
        find.entry.time,
        -len(find.path),
        find.entry.where,
    )


def _copy_of(file: str, assignment: str) -> int | None:
    """Return the number of a copy of the sheet; None where it is called otherwise."""
    match = NOTEBOOK.fullmatch(file)
    return suffix_of(match["stem"], assignment) if match else None


def _read(find: Find, cells: Collection[str]) -> Sheet:
    """Return what a file holds, or why it can't be read."""
    try:
        return read_sheet(find.entry.read(LARGEST_NOTEBOOK), cells)
    except UnreadableError as problem:
        return Sheet(problem=str(problem))


def _about_name(find: Find, assignment: str) -> list[str]:
    """Return a note where a file is not called as it should be."""
    right = f"{assignment}.ipynb"
    # A file that is called as its owner has no other name.
    if find.file in ("", right):
        return []
    return [f"the file is called {quoted(find.file)}, not '{right}'"]
