"""What the data card says, `data/README.md`, data set by data set."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmcourse.datasets import path_of


@dataclass(frozen=True, slots=True)
class Entry:
    """What the card says of one data set.

    Attributes
    ----------
    name : str
    n_rows : int
    title : str, what it holds, in a line
    text : str, its source and its columns, in Markdown
    """

    name: str
    n_rows: int
    title: str
    text: str


def read_card() -> list[Entry]:
    """Return what the card says, in the order of its table.

    Returns
    -------
    list of Entry

    Examples
    --------
    >>> entry = read_card()[1]
    >>> entry.name, entry.n_rows, entry.title
    ('sleepstudy', 180, 'reaction times under sleep restriction')
    """
    head, *sections = path_of("README.md").read_text(encoding="utf-8").split("\n## ")
    found = {}
    for section in sections:
        heading, _, text = section.partition("\n")
        names, _, title = heading.partition(": ")
        found.update({name: (title, text.strip()) for name in names.split(", ")})
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", head, re.M)
    return [Entry(name, int(n), *found[name]) for name, n in rows]
