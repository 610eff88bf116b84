"""Markdown of a student as HTML that is safe to look at, with its formulas."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from mmcourse.grading.pages.formulas import as_mathml
from mmcourse.grading.pages.harmless import clean, typed

LONGEST = 10_000  # characters
KINDS = ("image/png", "image/jpeg", "image/gif")
STAND_IN = re.compile(r"formula-[0-9a-f]{32}-\d+-")


def show(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    r"""Return Markdown as HTML; what is too long or can't be read, as it was typed.

    Parameters
    ----------
    text : str
    attachments : mapping, optional
        Those of the cell: name of a picture to its data by kind.

    Returns
    -------
    str

    Examples
    --------
    >>> show("An *sd*. <script>alert(1)</script>[Here](javascript:alert)")
    '<p>An <em>sd</em>. <a>Here</a></p>\n'
    """
    if len(text) > LONGEST:
        return typed(text)
    renderer = Renderer(dict(attachments or {}))
    try:
        page = clean(MarkdownWithMath(renderer=renderer).render(text))
    except Exception:  # whatever the parser makes of it
        return typed(text)
    return STAND_IN.sub(lambda found: renderer.formula(found[0]), page)


class Renderer(IPythonRenderer):
    """Writes HTML with stand-ins for formulas, which are put in after the cleaning."""

    def __init__(self, attachments: dict[str, Any]):
        super().__init__(
            escape=False, exclude_anchor_links=True, attachments=attachments
        )
        self._key = secrets.token_hex(16)  # a student can't write what is not known
        self._formulas: dict[str, str] = {}

    def formula(self, stand_in: str) -> str:
        """Return the formula for a stand-in."""
        return self._formulas.get(stand_in, stand_in)

    def _stand_in(self, tex: str, display: bool) -> str:
        name = f"formula-{self._key}-{len(self._formulas)}-"
        self._formulas[name] = as_mathml(tex, display=display)
        return name

    def inline_math(self, body: str) -> str:
        """Handle a formula in a line."""
        return self._stand_in(body, False)

    def block_math(self, body: str) -> str:
        """Handle a formula on a line of its own."""
        return self._stand_in(body, True)

    def latex_environment(self, name: str, body: str) -> str:
        """Handle what stands between a begin and an end."""
        return self._stand_in(rf"\begin{{{name}}}{body}\end{{{name}}}", True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Handle a picture: it is shown when the notebook holds it."""
        if url.startswith("attachment:"):
            kinds = self.attachments.get(url.removeprefix("attachment:"), {})
            url = next((f"data:{k};base64,{kinds[k]}" for k in KINDS if k in kinds), "")
        alt = STAND_IN.sub("", re.sub("<.*?>", "", text))
        if url.startswith("data:"):
            return f'<img src="{html.escape(url)}" alt="{alt}">'
        return f"[a picture that is not in the notebook: {alt}]"
