"""What pages ask for by a line `<!-- built: NAME -->`: tables and lists of pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from benchmarks.wording import table
from docs.website.agreement import agreement
from docs.website.contents import contents, for_readers
from docs.website.lessons import minutes_of, question_of, read, title_of
from docs.website.measured import coverage, speed
from docs.website.places import lessons, name

MARK = re.compile(r"^<!-- built: (\w+) -->$", re.M)


def filled(text: str, page: str, root: Path) -> str:
    """Return a page with its marks replaced by what they name."""

    def replace(found: re.Match[str]) -> str:
        if found[1] not in PARTS:
            raise ValueError(
                f"{page} asks for {found[1]!r} to be built; there are "
                f"{', '.join(sorted(PARTS))}."
            )
        return PARTS[found[1]](root)

    return MARK.sub(replace, text)


def list_of_lessons(root: Path) -> str:
    """Return a row for each lesson: its title, what it asks, how long it takes."""
    rows = []
    for path in lessons(root):
        notebook = read(path)
        link = f"[{title_of(notebook)}](/{name(root, path)})"
        rows.append([link, question_of(notebook), minutes_of(notebook)])
    return table(["lesson", "its question", "minutes"], rows)


PARTS: dict[str, Callable[[Path], str]] = {
    "agreement": agreement,
    "contents": contents,
    "coverage": coverage,
    "lessons": list_of_lessons,
    "readers": for_readers,
    "speed": speed,
}
