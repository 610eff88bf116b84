"""Variance components and fixed effects, the two tables that a reader looks at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mmcourse.display.frames import format_table, interval_caption
from mmcourse.display.layout import Table, paragraphs, wrapped


@dataclass(frozen=True, slots=True, eq=False)
class ModelTables:
    """Variance components and fixed effects with their intervals, side by side.

    Attributes
    ----------
    vc, fe : DataFrame
        As `extract_vc` and `extract_fixed_effects` return them.
    messages : tuple of str
        The model's.
    digits : int
        Decimals shown.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> mm.summarize_model(model).vc["sd"].round(2).tolist()
    [42.0, 49.51]
    """

    vc: pd.DataFrame
    fe: pd.DataFrame
    messages: tuple[str, ...] = ()
    digits: int = 3

    def _tables(self) -> list[Table]:
        named = [("Variance components", self.vc), ("Fixed effects", self.fe)]
        out = []
        for title, frame in named:
            words = [title, interval_caption(frame.attrs)]
            out.append(format_table(frame, self.digits, ", ".join(filter(None, words))))
        return out

    def _notes(self) -> list[str]:
        """List the model's messages, and which ends of intervals are missing."""
        lost = self.vc.attrs.get("notes", [])
        ends = [f"Missing ends of intervals: {'; '.join(lost)}."] if lost else []
        return [*self.messages, *ends]

    def __str__(self) -> str:
        """Two tables, each with a caption that names its intervals; the messages."""
        blocks = [str(table) for table in self._tables()]
        if self._notes():
            blocks.append("\n".join(wrapped(self._notes())))
        return "\n\n".join(blocks)

    def __repr__(self) -> str:
        """Show the text itself."""
        return str(self)

    def _repr_html_(self) -> str:
        """Return the same two tables and the messages as HTML."""
        tables = [table._repr_html_() for table in self._tables()]
        notes = [paragraphs(self._notes())] if self._notes() else []
        return "\n".join([*tables, *notes])
