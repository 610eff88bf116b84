"""The example of the README runs, and prints what the README shows."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def example() -> tuple[str, str]:
    """The first block of Python and the block of output that follows it."""
    blocks = re.search(
        r"```python\n(.*?)```.*?```text\n(.*?)```", README.read_text(), re.S
    )
    assert blocks, "README.md has no ```python block with a ```text block after it"
    return blocks[1], blocks[2]


def plain(text: str) -> list[str]:
    """Lines without the blanks at their ends."""
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_example_prints_what_the_readme_shows():
    code, shown = example()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert plain(printed.getvalue()) == plain(shown)


def test_the_example_has_ten_lines_at_most():
    code, _ = example()
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
