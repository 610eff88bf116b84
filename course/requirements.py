"""The map of the requirements: which statement of the text is shown in which cell.

Lessons show them, and sheets of exercises, of which the sheet for students is linked.

R-numbers count the statements and tables of the text in its order. A cell of a master
that shows one carries it as a tag, `# %% tags=["R45"]`. What each number is about and
which tests assert it stands in `requirements.csv`. From both comes the table between
the two marker comments of `notebooks/README.md`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from masters import BuildError, find_masters, find_sheets, read_master, tags_of

BEGIN = "<!-- Built from course/requirements.csv and the tags of cells: make build -->"
END = "<!-- End of the built table. -->"
HEAD = "| R | what | lesson, section, cells | tests |\n|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One statement of the text; `tests` are `file::test`, seen from `tests/`."""

    name: str
    what: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a requirement is shown; `cell` is what Jupyter prints beside it."""

    lesson: str
    section: str
    cell: str
    folder: str = ""  # of the notebook, seen from `notebooks/`


def read_requirements(root: Path) -> list[Requirement]:
    """Return the requirements of the hand-written file, in its order."""
    path = root / "course" / "requirements.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    return [Requirement(r["R"], r["what"], tuple(r["tests"].split())) for r in rows]


def find_places(root: Path) -> dict[str, list[Place]]:
    """Return where lessons and sheets show each requirement, by its name."""
    places: dict[str, list[Place]] = {}
    sheets = find_sheets(root)
    for master in find_masters(root) + sheets:
        section, count = "opening", 0
        folder = f"../exercises/{master.parent.name}/" if master in sheets else ""
        for cell in read_master(master).cells:
            is_code = cell.cell_type == "code"
            count += is_code and bool(cell.source.strip())
            if not is_code:
                section = section_of(cell.source, section)
            cell_name = f"[{count}]" if is_code else "text"
            place = Place(master.stem, section, cell_name, folder)
            for tag in tags_of(cell):
                if re.fullmatch(r"R\d+", tag):
                    places.setdefault(tag, []).append(place)
    return places


def section_of(source: str, before: str) -> str:
    """Return the section that a text cell belongs to: its heading's number or words."""
    headings = re.findall(r"^## +(.*)", source, re.M)
    if not headings:
        return before
    number = re.match(r"\d+", headings[-1])
    return f"section {number[0]}" if number else headings[-1].strip().lower()


def table(root: Path) -> str:
    """Return the table of all requirements as Markdown."""
    known, places = read_requirements(root), find_places(root)
    unknown = sorted(set(places) - {requirement.name for requirement in known})
    if unknown:
        place = places[unknown[0]][0]
        where = f"{place.lesson}, {place.section}"
        raise BuildError(f"{unknown[0]} ({where}) is not in course/requirements.csv")
    rows = [row(requirement, places.get(requirement.name, [])) for requirement in known]
    return "\n".join([HEAD, *rows])


def row(requirement: Requirement, places: list[Place]) -> str:
    """Return one line of the table."""
    tests = ", ".join(f"`{test}`" for test in requirement.tests)
    where = "<br>".join(merged(places)) or "not there yet"
    return f"| {requirement.name} | {requirement.what} | {where} | {tests} |"


def merged(places: list[Place]) -> list[str]:
    """Return the places in words, a link a lesson, the cells of a section together."""
    lessons: dict[str, dict[str, list[str]]] = {}
    for place in places:
        sections = lessons.setdefault(f"{place.folder}{place.lesson}", {})
        sections.setdefault(place.section, []).append(place.cell)
    words = {
        lesson: "; ".join(
            f"{section}: {', '.join(dict.fromkeys(cells))}"
            for section, cells in sections.items()
        )
        for lesson, sections in lessons.items()
    }
    return [
        f"[{Path(name).name.partition('_')[0]}]({name}.ipynb), {text}"
        for name, text in words.items()
    ]


def page_with_table(root: Path) -> tuple[Path, str, str]:
    """Return the page, its text, and its text with a new table; equal when in step."""
    page = root / "notebooks" / "README.md"
    if not page.exists():
        return page, "", ""
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise BuildError(f"notebooks/README.md needs the lines {BEGIN!r} and {END!r}")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return page, text, f"{before}{BEGIN}\n\n{table(root)}\n\n{END}{after}"


def write_table(root: Path) -> None:
    """Bring the table in step with the tags."""
    page, old, new = page_with_table(root)
    if new != old:
        page.write_text(new, encoding="utf-8")
        print("course: the table of requirements in notebooks/README.md is new")


def table_problems(root: Path) -> list[str]:
    """Return what is wrong with the table, nothing when in step."""
    try:
        _, old, new = page_with_table(root)
    except BuildError as problem:
        return [str(problem)]
    return [] if old == new else ["notebooks/README.md is stale: its table"]
