"""Which pages the site lists, in which order: its table of contents.

A page that no line here takes in is a warning of Sphinx, and so an error.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path, PurePath

from docs.website.places import places

SECTIONS = {
    "Lessons": ("lessons/index", "lessons/[0-9]*"),
    "Exercises": ("exercises/index", "exercises/p*", "exercises/[0-9]*"),
    "The package": ("r-users*", "reference/index", "method*", "data"),
    "How right, how fast": ("coverage", "speed", "decisions", "changelog"),
    "Teaching": ("instructors*",),
}
READERS = (
    "instructors*",
    "r-users*",
    "reference/index",
    "method*",
    "data",
    "decisions",
)
SOURCES = {".ipynb", ".md", ".rst"}


def contents(root: Path) -> str:
    """Return the table of contents, which shows beside every page."""
    return "\n\n".join(
        toctree(found, f":caption: {caption}", ":hidden:")
        for caption, patterns in SECTIONS.items()
        if (found := pages(root, patterns))
    )


def for_readers(root: Path) -> str:
    """Return a list of the pages that are written for somebody in particular."""
    return toctree(pages(root, READERS), ":maxdepth: 1")


def pages(root: Path, patterns: tuple[str, ...]) -> list[str]:
    """Return the pages that patterns name, in the order of the patterns."""
    kept = [PurePath(place) for place in places(root).values()]
    found = [str(path.with_suffix("")) for path in kept if path.suffix in SOURCES]
    return [
        page for pattern in patterns for page in sorted(found) if fnmatch(page, pattern)
    ]


def toctree(entries: list[str], *options: str) -> str:
    """Return a list of pages as Sphinx reads it."""
    return "\n".join(["```{toctree}", *options, "", *entries, "```"])
