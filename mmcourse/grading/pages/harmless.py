"""HTML of a student, made safe to look at.

What is left can't run, can't load anything, can't paint over the page, and can't pass
for a part of it. The page's own boxes are `div` and the like; since none of these is
left in a student's HTML, nothing in it closes them.

Parsers of HTML, that of Python among them, can be kept busy for hours by a page of
`<a <a <a`. This one looks at every character a fixed number of times.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

LONGEST = 200_000  # characters
DEEPEST = 40  # elements in each other
TAG = re.compile(r"(/?)([a-z][a-z0-9]*)((?:[^\"'>]|\"[^\"]*\"|'[^']*')*+)>", re.I)
ATTRIBUTE = re.compile(r"([a-z-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?", re.I)
VOID = {"br", "col", "hr", "img"}
KEPT = VOID | set(
    "a abbr b blockquote caption code colgroup dd del details dl dt em h1 h2 h3 h4 h5 "
    "h6 i kbd li ol p pre q s samp small span strong sub summary sup table tbody td "
    "tfoot th thead tr u ul".split()
)
# Left out with all that is in them; of other elements what is in them stays.
DROPPED = set(
    "head iframe math noembed noframes noscript object script select style svg "
    "template textarea title xmp".split()
)
NUMBER = re.compile(r"\d{1,3}")
ANYTHING = re.compile(r".*", re.S)
VALUES = {
    "alt": ANYTHING,
    "border": NUMBER,
    "class": re.compile(r"dataframe|[a-z][a-z0-9]?"),  # the last are those of Pygments
    "colspan": NUMBER,
    "href": re.compile(r"(https?://|mailto:).*", re.I | re.S),
    "open": re.compile(r""),
    "rowspan": NUMBER,
    "src": re.compile(r"data:image/(png|jpeg|gif);base64,[\w+/=\s]*", re.A),
    "start": NUMBER,
    "title": ANYTHING,
}
STYLES = re.compile(r"(?:^|;)\s*((?:text-align|vertical-align|caption-side):\s*[a-z]+)")


def clean(text: str) -> str:
    """Return HTML with what is harmless in it; what is too long, as it was typed.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Every element in it is closed, in order.

    Examples
    --------
    >>> clean('<b onclick="alert(1)">bold<script>alert(1)</script>')
    '<b>bold</b>'
    """
    return typed(text) if len(text) > LONGEST else "".join(_cleaned(text))


def typed(text: str) -> str:
    """Return text as it was typed.

    Examples
    --------
    >>> typed("1 < 2")
    '<pre>1 &lt; 2</pre>'
    """
    return f"<pre>{html.escape(text)}</pre>"


def _cleaned(text: str) -> Iterable[str]:
    """Yield what may stay, piece by piece."""
    first, *pieces = text.split("<")
    yield _text(first)
    opened: list[str] = []
    until = ""  # what ends a part that is left out
    for piece in pieces:
        tag = TAG.match(piece)
        if not until and tag:
            yield from _element(tag, opened)
            until = f"</{tag[2]}".lower() * (not tag[1] and tag[2].lower() in DROPPED)
            piece = "" if until else piece[tag.end() :]
        elif not until and piece.startswith("!--"):
            until = "-->"
        if until and until in f"<{piece}".lower():
            piece = piece.partition("-->" if until == "-->" else ">")[2]
            until = ""
        elif not until and not tag:
            piece = f"<{piece}"
        yield "" if until else _text(piece)
    yield from (f"</{name}>" for name in reversed(opened))


def _element(tag: re.Match[str], opened: list[str]) -> Iterable[str]:
    """Yield a tag that may stay, and before an end those of what is in it."""
    end, name = bool(tag[1]), tag[2].lower()
    if end and name in opened:
        while (last := opened.pop()) != name:
            yield f"</{last}>"
        yield f"</{name}>"
    elif not end and name in KEPT and len(opened) < DEEPEST:
        attributes = _attributes(tag[3])
        if name != "img" or " src=" in attributes:
            yield f"<{name}{attributes}>"
        if name not in VOID:
            opened.append(name)


def _attributes(text: str) -> str:
    """Write the attributes that may stay."""
    found = {
        match[1].lower(): html.unescape((match[2] or "").strip("\"'"))
        for match in ATTRIBUTE.finditer(text)
    }
    kept = {
        name: value
        for name, value in found.items()
        if name in VALUES and VALUES[name].fullmatch(value)
    }
    style = "; ".join(STYLES.findall(found.get("style", "")))
    if style:
        kept["style"] = style
    return "".join(f' {name}="{html.escape(kept[name])}"' for name in kept)


def _text(text: str) -> str:
    return html.escape(html.unescape(text), quote=False)
