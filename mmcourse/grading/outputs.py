"""What a cell shows, made anew from what the kernel says: texts and pictures only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

MOST_OUTPUT = 200_000  # characters of a cell that are kept
TEXTS = ("text/plain", "text/html", "text/latex", "text/markdown")
PICTURE = "image/png"
SHOWN = (*TEXTS, PICTURE)
BASE64 = re.compile(r"[A-Za-z0-9+/=\n]*")
CUT = "\n... more was printed; the grader cut it here ...\n"


def readable_output(kind: str, content: Mapping[str, Any]) -> NotebookNode | None:
    """Return an output of a cell, None for what is none, such as a widget.

    Parameters
    ----------
    kind : str
        Of the message.
    content : mapping
        Whatever the kernel sent.

    Returns
    -------
    NotebookNode or None

    Examples
    --------
    >>> readable_output("stream", {"name": "stdout", "text": "42", "more": [[]]})
    {'output_type': 'stream', 'name': 'stdout', 'text': '42'}
    >>> readable_output("comm_open", {}) is None
    True
    """
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=text_of(content.get("text")))
    if kind == "error":
        said = {key: text_of(content.get(key)) for key in ("ename", "evalue")}
        lines = content.get("traceback")
        lines = lines if isinstance(lines, list) else []
        return new_output("error", **said, traceback=[text_of(x) for x in lines])
    if kind in ("display_data", "execute_result"):
        return new_output(kind, data=_data(content.get("data")))
    return None


def _data(data: Any) -> dict[str, str]:
    """Return the forms of an output that are shown."""
    if not isinstance(data, dict):
        return {}
    found = {kind: text_of(data[kind]) for kind in TEXTS if kind in data}
    picture = data.get(PICTURE)
    if isinstance(picture, str) and BASE64.fullmatch(picture):
        found[PICTURE] = picture
    return found


def text_of(value: Any) -> str:
    r"""Return a text that can be stored, whatever a kernel has sent for one.

    Examples
    --------
    >>> text_of("half a sign \ud800"), text_of(5)
    ('half a sign ?', '')
    """
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")


def append(output: NotebookNode | None, outputs: list[NotebookNode]) -> None:
    """Add an output to those of a cell; what is printed goes on where it ended."""
    if output is None:
        return
    last = outputs[-1] if outputs else {}
    if output.output_type == "stream" and last.get("name") == output.name:
        last["text"] += output.text
    else:
        outputs.append(output)


def overwritten(text: str) -> str:
    r"""Return a text as a terminal shows it, where the end of a line is overwritten.

    Examples
    --------
    >>> overwritten("10%\r50%\r100%\ndone\r\n")
    '100%\ndone\n'
    """
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(lines)
