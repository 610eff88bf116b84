"""The short print of a model: lme4's, in at most twelve lines."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mmcourse.display.cells import decimals, number_cells
from mmcourse.display.layout import WIDTH, Column, Table, shorten
from mmcourse.display.parts import (
    DIGITS,
    Fitted,
    criterion_line,
    formula,
    indented,
    random_table,
    sizes,
    title,
)

SHORT_LINES = 12
SHORT_NAME = 24


def short_print(model: Fitted) -> str:
    """Write a model in at most twelve lines, as lme4 prints it.

    Parameters
    ----------
    model : MixedModel

    Returns
    -------
    str
        Title, formula, criterion, sds of the random effects, sizes, fixed effects, and
        messages; what does not fit is counted.
    """
    top = [
        title(model),
        shorten(formula(model), WIDTH),
        criterion_line(model, 3),
    ]
    bottom = [sizes(model), "Fixed effects:", *_named_row(model.fixef)]
    random = indented(random_table(model, with_variance=False))
    room = SHORT_LINES - len(top) - len(bottom)
    notes = _short_notes(model.messages, max(1, room - len(random)))
    if len(random) + len(notes) < room:
        top.append("Random effects:")
    return "\n".join([*top, *_cut(random, room - len(notes)), *bottom, *notes])


def _named_row(values: pd.Series) -> list[str]:
    """Names, and numbers below them; as many as fit, the rest counted."""
    cells = number_cells(values, decimals(values, DIGITS))
    names = [shorten(str(name), SHORT_NAME) for name in values.index]
    pairs = list(zip(names, cells, strict=True))
    shown, used = 0, 0
    while shown < len(pairs):
        used += 2 + max(map(len, pairs[shown]))
        if used > WIDTH - len(" and 99 more") * (shown + 1 < len(pairs)):
            break
        shown += 1
    columns = [Column(f" {name}", (cell,)) for name, cell in pairs[:shown]]
    if not columns:
        return [" none"]
    lines = Table("", tuple(columns)).lines(WIDTH + 1)
    more = len(pairs) - shown
    return [lines[0] + (f" and {more} more" if more else ""), lines[1]]


def _short_notes(messages: Sequence[str], room: int) -> list[str]:
    """Messages, a line each; if there are too many the first, with a count."""
    if len(messages) <= room:
        return [_start(message, WIDTH) for message in messages]
    more = f" (and {len(messages) - room} more: see messages)"
    lines = [_start(message, WIDTH) for message in messages[: room - 1]]
    return [*lines, _start(messages[room - 1], WIDTH - len(more)) + more]


def _start(text: str, width: int) -> str:
    """First sentence of a message, or what fits of it."""
    first = text.split(". ")[0].rstrip(".") + "."
    return first if len(first) <= width else first[: width - 1] + "…"


def _cut(lines: list[str], room: int) -> list[str]:
    """As many lines of a table as there is room for, the rest counted."""
    if len(lines) <= room:
        return lines
    left = len(lines) - room + 1
    return [*lines[: room - 1], f" … {left} more lines: see summary()"]
