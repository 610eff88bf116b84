"""The names under which nbgrader keeps students: safe, distinct, always the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable

from mmcourse.grading.collecting.naming import Label

LONGEST_ID = 50
CODE = 6  # hexadecimal digits

# Letters that Unicode does not take apart.
LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "ø": "o", "Ø": "O", "ł": "l"}
    | {"Ł": "L", "đ": "d", "Đ": "D", "þ": "th", "ð": "d"}
)
# Names that Windows keeps for itself.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.I)


def give_ids(labels: Iterable[Label], taken: Collection[str] = ()) -> dict[str, str]:
    """Return the id of every person, by key: safe, distinct, the same every time.

    Parameters
    ----------
    labels : iterable of Label
        One of each person.
    taken : collection of str
        Ids that were given before: of two who would have the same, the one who has
        it keeps it.

    Returns
    -------
    dict of str

    Notes
    -----
    A name that is safe as it is, or comes with a number, stays without a code. Any
    other ends in a code made from the name alone, so that it does not depend on who
    else is there. Those who still differ by case alone are told apart by a code, too.

    Examples
    --------
    >>> names = ["ada", "Ada", "a b", "a_b"]
    >>> list(give_ids([Label(name, name) for name in names], taken=["ada"]).values())
    ['ada', 'Ada-99a563ab', 'a_b-c8687a', 'a_b']
    """
    labels = list(labels)
    groups: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        groups[own_id(label).casefold()].append(label)
    given, used = {}, set(groups)
    for group in groups.values():
        group.sort(key=lambda label: _claim(label, taken))
        given[group[0].key] = own_id(group[0])
        for label in group[1:]:
            given[label.key] = _apart(label, used)
            used.add(given[label.key].casefold())
    return {label.key: given[label.key] for label in labels}


def _claim(label: Label, taken: Collection[str]) -> tuple[bool, bool, str]:
    """Return what decides who keeps an id that two would have; the smallest does."""
    mine = own_id(label)
    return (mine not in taken, mine != label.name, label.key)


def _apart(label: Label, used: Collection[str]) -> str:
    """Return an id for one who came too late for their own."""
    base, length = clean(label.name) or "student", CODE + 2
    while f"{base}-{_code(label.key, length)}".casefold() in used:
        length += 1
    return f"{base}-{_code(label.key, length)}"


def own_id(label: Label) -> str:
    """Return the id that a person has when no other would have the same.

    Parameters
    ----------
    label : Label

    Returns
    -------
    str

    Examples
    --------
    >>> own_id(Label("", "alovelace")), own_id(Label("", "Zoë Øre", number="17"))
    ('alovelace', 'Zoe_Ore_17')
    >>> own_id(Label("", "Zoë Øre"))
    'Zoe_Ore-66c3d8'
    """
    base = clean(label.name)
    if label.number and len(label.number) <= LONGEST_ID:
        return f"{base}_{label.number}".lstrip("_")
    if base == label.name and base and not DEVICES.fullmatch(base):
        return base
    name = unicodedata.normalize("NFC", label.name + label.number)
    return f"{base or 'student'}-{_code(name, CODE)}"


def look_alikes(labels: Iterable[Label]) -> dict[str, list[str]]:
    """Return the names that look like each person's own in an id, by key.

    Parameters
    ----------
    labels : iterable of Label
        One of each person.

    Returns
    -------
    dict of lists of str

    Examples
    --------
    >>> look_alikes([Label(name, name) for name in ("a b", "A_b", "c")])
    {'a b': ['A_b'], 'A_b': ['a b'], 'c': []}
    """
    labels = list(labels)
    groups: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        groups[_looks(label)].append(label)
    return {
        label.key: [other.name for other in groups[_looks(label)] if other != label]
        for label in labels
    }


def _looks(label: Label) -> str:
    """Return what an id shows of a name when case is not looked at."""
    return f"{clean(label.name)}_{label.number}".casefold()


def clean(name: str) -> str:
    """Return a name in letters, digits and `._-`, none of `.-` in front.

    Examples
    --------
    >>> clean("../José  Núñez"), clean("_x."), clean("王芳")
    ('Jose_Nunez', '_x', '')
    """
    bare = unicodedata.normalize("NFKD", name.translate(LETTERS))
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", bare)
    strip = ".-_" if safe != name else ".-"
    return safe[:LONGEST_ID].lstrip(strip).rstrip(strip.replace("-", ""))


def _code(text: str, length: int) -> str:
    """Return digits that hardly any other text has."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:length]
