"""Formulas as MathML, which browsers draw by themselves: no script, no network.

One formula is translated by itself, so that no definition in a student's text changes
another one, such as that of a rubric.
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

LONGEST = 2000  # characters
ELEMENTS = set(
    "math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder "
    "munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts".split()
)
ATTRIBUTES = set(
    "display displaystyle accent accentunder mathvariant stretchy fence form separator "
    "columnalign linethickness notation".split()
)
WORD = re.compile(r"[\w .%-]{1,60}")
SPACE = re.compile(r"[012]?(\.\d+)?em")


def as_mathml(tex: str, *, display: bool = False) -> str:
    r"""Return a formula as MathML; what is no formula, as it was typed.

    Parameters
    ----------
    tex : str
        Without its dollars.
    display : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        Nothing in it runs, loads, or paints over what is beside it.

    Examples
    --------
    >>> as_mathml(r"\tau^2").removeprefix("<math display='inline'>")
    '<mrow><msup><mi>τ</mi><mn>2</mn></msup></mrow></math>'
    >>> as_mathml(r"\frac{1}{")
    '<code>\\frac{1}{</code>'
    """
    try:
        if len(tex) > LONGEST:
            raise ValueError("too long")
        return _written(
            convert_to_element(tex, display="block" if display else "inline")
        )
    except Exception:  # whatever it raises for what is no formula
        return f"<code>{html.escape(tex)}</code>"


def _written(element: Element) -> str:
    """Write an element; of tags and attributes, those that are known to be harmless."""
    inside = html.escape(html.unescape(element.text or ""))
    inside += "".join(map(_written, element))
    tag = element.tag
    if tag not in ELEMENTS:
        return f"<mrow>{inside}</mrow>"
    own = "".join(
        f" {name}='{value}'"
        for name, value in element.attrib.items()
        if (name in ATTRIBUTES and WORD.fullmatch(value))
        or (name == "width" and SPACE.fullmatch(value))
    )
    return f"<{tag}{own}>{inside}</{tag}>"
