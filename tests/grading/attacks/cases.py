"""Submissions, what each must earn, and what the report must say of it.

Those that are a piece of code stand in the texts here, those that are a notebook of
another form in `altered.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.grading.attacks import sheets
from tests.grading.submissions import cell_of

ATTACKS = sorted(Path(__file__).parent.glob("*.txt"))
HEAD = re.compile(
    r"^# %% (?P<name>\w+)(?P<quick> \(quick\))?: (?P<base>right|blank)"
    r"(?P<place>, (?:in|after) \w+)?, earns (?P<earned>.+)\n"
    r"(?P<says>(?:# says: .+\n)*)",
    re.M,
)

FACT = "<(abstract|course|host|limit|mark|outside|port|root|secret)>"

IN_CI = bool(os.environ.get("CI"))
only_in_ci = pytest.mark.skipif(not IN_CI, reason="takes a minute: only in CI")

Files = dict[str, bytes]
Facts = Mapping[str, object]


@dataclass(frozen=True)
class Case:
    """A submission.

    `make` returns its files; it is told some facts of the machine, such as where the
    course lies. `earned` are the points of the checks, None for what can't be graded;
    `says` what the report must say, and it says nothing where that is empty.
    """

    name: str
    make: Callable[[Facts], Files]
    earned: Mapping[str, float] | None
    says: tuple[str, ...] = ()
    is_quick: bool = False

    @property
    def total(self) -> float:
        return sum((self.earned or {}).values())


def earnings(words: str) -> dict[str, float] | None:
    """Read what a submission earns.

    `all`, `nothing`, `all but 0.5 of check_x, check_y`, `only check_x`, `no mark`.
    """
    if words == "no mark":
        return None
    how, _, rest = words.partition(" ")
    full = sheets.points()
    earned = dict(full) if how == "all" else dict.fromkeys(full, 0.0)
    for part in filter(None, rest.removeprefix("but ").split(", ")):
        lost, _, check = part.rpartition(" of ")
        if how == "only":
            earned[check] = full[check]
        else:
            earned[check] -= float(lost or full[check])
    return earned


def packed(sheet: NotebookNode, name: str = sheets.FILE) -> Files:
    return {name: nbformat.writes(sheet).encode()}


def read_attacks(path: Path) -> list[Case]:
    """The cases of a file."""
    text = path.read_text(encoding="utf-8")
    heads = [*HEAD.finditer(text)]
    assert len(heads) == text.count("# %%"), f"a head in {path} is odd"
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        read_case(head, text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def read_case(head: re.Match[str], code: str) -> Case:
    """One case: the code is a cell of its own, or in place of an answer, or of all."""
    how, place = (head["place"] or ", after setup").removeprefix(", ").split()

    def make(facts: Facts) -> Files:
        sheet = sheets.right() if head["base"] == "right" else sheets.blank()
        source = re.sub(FACT, lambda found: str(facts[found[1]]), code)
        if place == "all":
            for name in sheets.answers():
                cell_of(sheet, name).source = source
        elif how == "in":
            cell_of(sheet, place).source = source
        else:
            sheets.add_cell(sheet, source, after=place)
        return packed(sheet)

    says = tuple(re.findall("# says: (.+)\n", head["says"]))
    earned = earnings(head["earned"])
    return Case(head["name"], make, earned, says, bool(head["quick"]))


def chosen(cases: list[Case]) -> list[Case]:
    """All of the cases in CI, else the quick ones."""
    return [case for case in cases if case.is_quick or IN_CI]
