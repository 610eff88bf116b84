"""A chunk of a source -> its rows, and the design of these rows.

Layer: above `build`, below `stream`. A chunk is read under the levels of all rows, and
its columns are made by the recipes for new rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

import numpy as np
import pandas as pd

from mmcourse.design.build import Design
from mmcourse.design.columns import Recipe, check_row_by_row
from mmcourse.design.grouping import Coded, Codes, Grouping, places
from mmcourse.design.look import Look, look_at
from mmcourse.design.plans import Plans
from mmcourse.design.rows import UsedRows, read_complete
from mmcourse.design.terms import check_made, shared_columns
from mmcourse.design.values import Array, Column
from mmcourse.errors import DesignError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Reads the complete rows of a chunk, under the levels of all rows."""

    plans: Plans
    weights: str | None
    offset: str | None
    levels: dict[str, pd.Index]
    casts: dict[str, str]

    def look(self, frame: Any) -> Look:
        """See what is in a chunk."""
        return look_at(frame, self.plans, self.weights, self.offset)

    def read(self, frame: Any) -> UsedRows:
        """Read a chunk."""
        labels = self.levels.keys()
        rows = read_complete(self.plans, frame, self.weights, self.offset, labels)
        values = {name: self._as_in_all(name, c) for name, c in rows.values.items()}
        return replace(rows, values=values)

    def _as_in_all(self, name: str, column: Column) -> Column:
        if isinstance(column, Coded):
            levels = self.levels[name]
            return Coded(_known_places(column, levels)[column.codes], levels)
        return column.astype(self.casts.get(name, np.float64), copy=False)


def on_rows(
    reader: Reader, work: Callable[[UsedRows], T], frame: Any
) -> tuple[int, T | None]:
    """Count the complete rows of a chunk, and do the work on them if there are any."""
    rows = reader.read(frame)
    return rows.n, work(rows) if rows.n else None


def on_design(design: Design, work: Callable[[Design], T], rows: UsedRows) -> T:
    """Do the work on the design of some rows."""
    return work(fill(design, rows))


def fill(design: Design, rows: UsedRows) -> Design:
    """Return a design with the arrays of other rows, which are read as the model's."""
    memory = design.memory
    X = _made(memory.fixed, rows)
    offset = rows.offset
    for recipe in memory.offsets:
        values = _made(recipe, rows)[:, 0]
        offset = values if offset is None else offset + values
    terms = []
    for term, recipe in zip(design.terms, memory.terms, strict=True):
        at = shared_columns(recipe, memory.fixed)
        columns = _made(recipe, rows) if at is None else X[:, at]
        terms.append(replace(term, columns=columns))
    return replace(
        design,
        y=_made(memory.response, rows)[:, 0],
        X=X,
        offset=offset,
        weights=rows.weights,
        groupings=tuple(replace(g, codes=_codes(g, rows)) for g in design.groupings),
        terms=tuple(terms),
        index=rows.index,
    )


def _made(recipe: Recipe, rows: UsedRows) -> Array:
    """Columns of a recipe, checked."""
    matrix = recipe.apply(rows.values, rows.n)
    check_made(recipe, matrix, rows)
    if recipe.plan.depends:
        check_row_by_row(recipe, rows.values, matrix)
    return matrix


def _codes(grouping: Grouping, rows: UsedRows) -> Codes:
    """Codes of the levels of a factor."""
    columns = [rows.groups[name] for name in grouping.factors]
    codes = grouping.combine(
        [
            _known_places(column, part)[column.codes]
            for column, part in zip(columns, grouping.parts, strict=True)
        ]
    )
    if len(codes) and codes.min() < 0:
        _fail_changed()
    return codes


def _known_places(column: Coded, levels: pd.Index) -> Codes:
    """Places of a chunk's levels among all of them."""
    found = places(column.levels, levels)
    if len(found) and found.min() < 0:
        _fail_changed()
    return found


def _fail_changed() -> NoReturn:
    raise DesignError(
        "the rows have changed between two readings: there is a level that was not in "
        "the first.\n  Data that is read in chunks has to be the same each time."
    )
