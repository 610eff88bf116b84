"""Build the page for R users: R's outputs from store, ours made now.

    python -m docs.r_users.build            write docs/r-users.md
    python -m docs.r_users.build --check    write nothing, fail when it is stale

`master.md` is what people edit. A block of R and the block of Python after it become a
pair. R's output comes from `r_output.json`, which `capture.R` writes, under the code
itself, so that an output can't outlive its code; that of a block marked `printed`, from
`printed.json`, the tables of the text that the course follows. Python blocks are run
here, in one namespace, those marked `hidden` unseen; {{expression}} in prose becomes
its value. The numbers of a pair agree, unless its Python block is marked `differs`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
MASTER, STORED, PRINTED = (
    HERE / name for name in ("master.md", "r_output.json", "printed.json")
)
PAGE = HERE.parent / "r-users.md"

FENCE = re.compile(
    r"^```(r|python)(?: (printed|differs|hidden))?\n(.*?)\n```\n", re.M | re.S
)
INLINE = re.compile(r"\{\{(.+?)\}\}")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w%]| %)")
GENERATED = "<!-- Made by docs/r_users/build.py from docs/r_users/master.md. -->\n"
NARROW = 46  # columns of text that fit side by side
OPTIONS = ("display.precision", 4, "display.width", 88, "display.max_columns", 20)
# Relative: R's default optimizer ends that close to the optimum.
OPTIMIZER = 2e-4
SMALLEST = 2.2e-16  # R prints smaller p-values as "< 2.2e-16", or 0


class BuildError(Exception):
    """The page can't be built; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Block:
    """Code in one language, and what it shows."""

    language: str
    mark: str
    code: str
    output: str

    def as_text(self) -> str:
        """Return the code and its output as two fenced blocks."""
        shown = f"```{self.language}\n{self.code}\n```\n"
        return shown + (f"\n```text\n{self.output}\n```\n" if self.output else "")

    @property
    def width(self) -> int:
        """Columns of its widest line."""
        return max(map(len, f"{self.code}\n{self.output}".splitlines()))


@dataclass(frozen=True, slots=True)
class Built:
    """The page, and its pairs of blocks of R and of Python."""

    page: str
    pairs: tuple[tuple[Block, Block], ...]


def main(arguments: list[str]) -> int:
    """Build or check; return the exit status."""
    try:
        built = build()
    except BuildError as problem:
        print(f"r-users: {problem}", file=sys.stderr)
        return 1
    if arguments != ["--check"]:
        PAGE.write_text(built.page, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == built.page:
        return 0
    print("r-users: docs/r-users.md is stale; `make build` writes it", file=sys.stderr)
    return 1


def build() -> Built:
    """Run the master's Python, look up its R, and lay both out."""
    stored, printed = read(STORED), read(PRINTED)["outputs"]
    names = {"versions": versions(stored["versions"]), "printed": printed}
    outputs = {"r": stored["outputs"], "printed": printed}
    parts, pairs, waiting = [], [], None
    for prose, block in run(MASTER.read_text(encoding="utf-8"), names, outputs):
        if waiting and prose.strip():
            raise BuildError(f"R code without Python code after it:\n{waiting.code}")
        parts.append(prose if not waiting else "")
        if block is None or block.mark == "hidden":
            continue
        if block.language == "r":
            waiting = block
        elif waiting:
            parts.append(side_by_side(waiting, block))
            pairs.append((waiting, block))
            waiting = None
        else:
            parts.append(block.as_text())
    title, rest = "".join(parts).split("\n", 1)
    return Built(f"{title}\n\n{GENERATED}{rest}", tuple(pairs))


def read(path: Path) -> dict[str, Any]:
    """Read a JSON file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def run(
    master: str, names: dict[str, Any], outputs: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, Block | None]]:
    """Go through prose and the block after it; None after the last prose."""
    last = 0
    for found in FENCE.finditer(master):
        prose = inline(master[last : found.start()], names)
        language, mark, code = found[1], found[2] or "", found[3]
        if language == "r":
            output = r_output(code, mark, outputs)
        else:
            output = python_output(code, names)
        yield prose, Block(language, mark, code, output)
        last = found.end()
    yield inline(master[last:], names), None


def versions(found: dict[str, str]) -> str:
    """Name R and its packages with their versions."""
    return ", ".join(f"{name} {version}" for name, version in found.items())


def inline(prose: str, names: dict[str, Any]) -> str:
    """Replace {{expressions}} by their values."""
    return INLINE.sub(lambda found: str(eval(found[1], names)), prose)


def r_output(code: str, mark: str, outputs: dict[str, dict[str, Any]]) -> str:
    """Look up what R printed, or what is printed in the text of the course."""
    if mark == "printed":
        return as_table(outputs["printed"][code])
    if code not in outputs["r"]:
        raise BuildError(
            f"there is no output of this R code:\n{code}\n"
            "  Rscript docs/r_users/capture.R writes it, where R and lme4 are."
        )
    return str(outputs["r"][code]).strip("\n")


def as_table(rows: list[list[str]]) -> str:
    """Lay out cells in columns, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join(lines)


def python_output(code: str, names: dict[str, Any]) -> str:
    """Run a block; return what it prints and the value of its last line."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    out = io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        pd.option_context(*OPTIONS),
        np.printoptions(precision=4, suppress=True),
    ):
        exec(compile(tree, "master.md", "exec"), names)
        if last is not None:
            value = eval(ast.unparse(last), names)
        if value is not None:
            print(shown(value))
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines())


def shown(value: Any) -> str:
    """Return a value as a notebook shows it, numbers with four decimals."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, float):
        return f"{value:.4f}"
    return repr(value)


def side_by_side(theirs: Block, ours: Block) -> str:
    """R beside Python where both are narrow, else one below the other."""
    narrow = max(theirs.width, ours.width) <= NARROW
    name = "pair side-by-side" if narrow else "pair"
    sides = "".join(
        f'<div class="{block.language}">\n\n{block.as_text()}\n</div>\n'
        for block in (theirs, ours)
    )
    return f'<div class="{name}">\n{sides}</div>\n'


def unmatched(theirs: str, ours: str) -> list[str]:
    """List numbers of ours that no number of theirs equals, to the digits shown."""
    known = [(float(n), precision(n)) for n in NUMBER.findall(theirs)]
    out = []
    for n in NUMBER.findall(ours):
        value, step = float(n), precision(n)
        if 0 < abs(value) < SMALLEST:
            continue
        gaps = [abs(value - r) - OPTIMIZER * abs(r) - r_step for r, r_step in known]
        if "." in n and not any(gap <= step for gap in gaps):
            out.append(n)
    return out


def precision(number: str) -> float:
    """Half a unit of the last digit shown; small whole numbers are what they are."""
    digits, _, power = number.partition("e")
    if "." not in digits and len(digits) < 4:
        return 0.0
    return 0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
