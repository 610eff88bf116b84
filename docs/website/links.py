"""Links as they are written for the repository, made to fit the website."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

LINK = re.compile(r"(\]\()([^)\s]+)(\))")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
OUTSIDE = re.compile(r"[a-z]+:|#")


class LinkError(Exception):
    """A link to a file that is not on the website; the message says on which page."""


def rewrite(text: str, page: str, places: Mapping[str, str]) -> str:
    """Return the Markdown of a page with links that lead to places on the site.

    `page` is the page's name in the repository; what is code stays as it is.

    Examples
    --------
    >>> places = {"docs/a.md": "a.md", "notebooks/b.ipynb": "lessons/b.ipynb"}
    >>> rewrite("See [b](../notebooks/b.ipynb#c), `[b](b)`.", "docs/a.md", places)
    'See [b](lessons/b.ipynb#c), `[b](b)`.'
    """

    def replace(found: re.Match[str]) -> str:
        opening, target, closing = found.groups()
        return f"{opening}{moved(target, page, places)}{closing}"

    parts = CODE.split(text)  # odd ones are code
    parts[::2] = [LINK.sub(replace, part) for part in parts[::2]]
    return "".join(parts)


def moved(target: str, page: str, places: Mapping[str, str]) -> str:
    """Return where a link of a page leads; `/` is the top of the repository."""
    if OUTSIDE.match(target):
        return target
    path, mark, anchor = target.partition("#")
    meant = posixpath.normpath(posixpath.join("/", posixpath.dirname(page), path))[1:]
    if meant not in places:
        raise LinkError(
            f"{page} links to {target}, and {meant} is not on the website. Give it a "
            "place in docs/website/places.py, or name it without a link."
        )
    here = posixpath.dirname(places[page])
    return posixpath.relpath(places[meant], here or ".") + mark + anchor
