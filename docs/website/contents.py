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
    known = list(pages(root))
    return "\n\n".join(
        toctree(caption, found)
        for caption, patterns in SECTIONS.items()
        if (found := chosen(known, patterns))
    )


def for_readers(root: Path) -> str:
    """Return links to the pages that somebody in particular looks for."""
    known = pages(root)
    return "\n".join(f"- [](/{known[page]})" for page in chosen(list(known), READERS))


def pages(root: Path) -> dict[str, str]:
    """Return the name in the repository of every page, by its place without suffix."""
    kept = {PurePath(place): name for name, place in places(root).items()}
    return {
        path.with_suffix("").as_posix(): name
        for path, name in kept.items()
        if path.suffix in SOURCES
    }


def chosen(known: list[str], patterns: tuple[str, ...]) -> list[str]:
    """Return the pages that patterns name, in the order of the patterns."""
    return [
        page for pattern in patterns for page in sorted(known) if fnmatch(page, pattern)
    ]


def toctree(caption: str, entries: list[str]) -> str:
    """Return a section of the table of contents as Sphinx reads it."""
    head = ["```{toctree}", f":caption: {caption}", ":hidden:", ""]
    return "\n".join([*head, *entries, "```"])
