"""A built page as a reader of its HTML sees it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

# Attributes by which a browser loads something without being asked.
LOADED = {"img": "src", "link": "href", "script": "src", "source": "src"}


@cache
def read(page: Path) -> BeautifulSoup:
    """The tree of a page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def article(page: Path) -> Tag:
    """What a page says, without the navigation around it."""
    found = read(page).find("article")
    assert found is not None, f"{page.name} has no article"
    return found


def is_elsewhere(target: str) -> bool:
    """Whether an address names a host or a scheme."""
    parts = urlsplit(target)
    return bool(parts.scheme or parts.netloc)


def broken(page: Path) -> list[str]:
    """The links inside the site that lead to no file, or to no place in it."""
    tree = read(page)
    found = [
        tag[name] for name in ("href", "src") for tag in tree.find_all(**{name: True})
    ]
    return [t for t in found if not is_elsewhere(t) and not leads_somewhere(t, page)]


def leads_somewhere(target: str, page: Path) -> bool:
    """Whether the file of a link is there, and the place in it."""
    path, _, anchor = target.partition("#")
    path = unquote(path.partition("?")[0])
    file = (page.parent / path) if path else page
    if not file.is_file():
        return False
    if not anchor or file.suffix != ".html":
        return True
    return unquote(anchor) in places_in(file)


@cache
def places_in(page: Path) -> set[str]:
    """The names of the places in a page that a link can lead to."""
    return {tag["id"] for tag in read(page).find_all(id=True)}


def loaded_from_elsewhere(page: Path) -> list[str]:
    """The addresses on other machines that a page loads something from."""
    tree = read(page)
    found = [
        tag[name]
        for kind, name in LOADED.items()
        for tag in tree.find_all(kind, **{name: True})
    ]
    return [
        target for target in found if is_elsewhere(target) and target[:5] != "data:"
    ]
