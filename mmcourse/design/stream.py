"""Formula + a source of chunks -> a design without rows, and a way through the rows.

Layer: above `build`. A first pass finds what has to be known of all rows: levels, which
rows are complete, what transforms such as scale() keep. The columns of the model are
then learned from a few rows that show every level, as they are from all rows of a frame
in memory, and each chunk is made into a design of its own by the recipes for new rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mmcourse.design.build import Design, assemble, check_missing_argument
from mmcourse.design.chunk import Reader, on_design, on_rows
from mmcourse.design.chunks import Source
from mmcourse.design.columns import States
from mmcourse.design.grouping import make_grouping
from mmcourse.design.look import Look
from mmcourse.design.plans import Plans, make_plans
from mmcourse.design.rows import UsedRows
from mmcourse.design.transforms import (
    Call,
    check_room,
    evaluate,
    find_calls,
    learn_by_moments,
    learn_by_values,
)
from mmcourse.design.values import Array, check_values
from mmcourse.errors import DesignError, brief, listing
from mmcourse.formula import MixedFormula
from mmcourse.moments import Moments, moments

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Stream:
    """The rows of a design, to be read again and again.

    Attributes
    ----------
    design : Design
        Without rows.
    source : Source
    reader : Reader
    seen : Look
    states : dict
        What transforms keep.
    passes : int
        How often the rows have been read.
    """

    design: Design
    source: Source
    reader: Reader
    seen: Look
    states: States
    passes: int
    names: list[str] = field(default_factory=list)

    @property
    def mean_weight(self) -> float:
        """Mean of the prior weights, 1 without them."""
        return 1.0 if self.reader.weights is None else self.seen.mean_weight

    def fold(self, work: Callable[[Design], T], add: Callable[[T, T], T]) -> T:
        """Add up what `work` returns for the design of each chunk."""
        self.passes += 1
        read = partial(on_rows, self.reader, partial(on_design, self.design, work))
        return _fold(self.source, self.names, read, add, self.seen.n)

    def finished(self) -> Design:
        """Return the design with the story of how its rows were read."""
        return replace(self.design, messages=(*self.design.messages, *self._story()))

    def _story(self) -> list[str]:
        grouping = dict.fromkeys(n for g in self.design.groupings for n in g.factors)
        labels = dict.fromkeys([*grouping, *self.seen.labels])
        found = f"the levels of {listing(labels)}"
        if self.states:
            found += f", and what {listing(self.states)} needs to know of all rows"
        story = (
            f"the rows of {self.source.name} were read in {self.passes} passes and not "
            f"kept. The first looked for {found}; the next for the means and products "
            "that put the columns on one scale; the last formed the cross-products."
        )
        if not self.seen.reordered:
            return [story]
        names = sorted(self.seen.reordered)
        return [
            story,
            f"the categories of {listing(names)} are not the same in all chunks, so "
            "their levels are in sorted order.",
        ]


def open_stream(
    formula: MixedFormula,
    source: Source,
    weights: str | ArrayLike | None = None,
    offset: str | ArrayLike | None = None,
    missing: str = "drop",
) -> Stream:
    """Take the passes that come before the columns can be made.

    Parameters
    ----------
    formula : MixedFormula
    source : Source
    weights, offset : str, optional
        A column.
    missing : {"drop", "raise"}

    Raises
    ------
    FormulaError
        If a part of the formula can't be read.
    DesignError
        If it does not fit the data.

    Examples
    --------
    >>> from mmcourse.design.sources import open_source
    >>> from mmcourse.formula import parse
    >>> frame = pd.DataFrame({"y": [1.0, 2, 4, 3], "g": list("aabb")})
    >>> source = open_source([frame[:1], frame[1:]])
    >>> stream = open_stream(parse("y ~ 1 + (1 | g)"), source)
    >>> stream.fold(lambda chunk: len(chunk.y), int.__add__)
    4
    """
    check_missing_argument(missing)
    named = {"weights": weights, "offset": offset}
    arguments = {k: _named(v, k) for k, v in named.items() if v is not None}
    plans = make_plans(formula, source.head, arguments)
    names = list(dict.fromkeys([*plans.variables, *plans.factors, *arguments.values()]))
    reader = Reader(plans, arguments.get("weights"), arguments.get("offset"), {}, {})

    seen = source.fold(names, reader.look, Look.__add__)
    if seen is None:
        raise DesignError("the data has no rows.")
    seen.check("weights" in arguments, missing)
    _check_sizes(plans, seen)
    levels = {name: column.levels for name, column in seen.labels.items()}
    reader = replace(reader, levels=levels, casts=seen.casts)
    states, rounds = _learn_states(source, names, reader, seen.n)

    design = _without_rows(formula, reader, seen, states)
    return Stream(design, source, reader, seen, states, 1 + rounds, names)


def _named(given: Any, what: str) -> str:
    """Name of the column that an argument has to be."""
    if isinstance(given, str):
        return given
    raise DesignError(
        f"{what} is {brief(given)}; of data that is read in chunks it has to be the "
        "name of a column.\n  An array can't be matched with rows that are not in "
        "memory. Write its values into the data."
    )


def _check_sizes(plans: Plans, seen: Look) -> None:
    """Refuse columns of numbers whose squares leave the range of a float."""
    plain = {name for plan in plans.all for name in plan.plain or ()}
    for name in plain & seen.numbers.keys():
        largest = np.array([seen.numbers[name].largest])
        check_values(largest, name, pd.RangeIndex(1))


def _learn_states(
    source: Source, names: list[str], reader: Reader, n: int
) -> tuple[States, int]:
    """Find what transforms keep of all rows, and the passes that it took."""
    states: States = {}
    rounds = find_calls(reader.plans.all)
    for calls in rounds:
        for call in calls:
            if call.needs_values:
                check_room(call, n)
        read = partial(on_rows, reader, partial(_transformed, calls, states))
        found = _fold(source, names, read, _add_transformed, n)
        for call, parts in zip(calls, found, strict=True):
            with np.errstate(all="ignore"):
                if isinstance(parts, Moments):
                    states[call.text] = learn_by_moments(call, parts)
                else:
                    states[call.text] = learn_by_values(call, np.concatenate(parts))
    return states, len(rounds)


def _transformed(
    calls: list[Call], states: States, rows: UsedRows
) -> list[Moments | list[Array]]:
    """Return what is to be known of the arguments of some calls, from a chunk."""
    out: list[Moments | list[Array]] = []
    for call in calls:
        values = evaluate(call, rows.values, rows.n, states)
        with np.errstate(all="ignore"):  # not finite: reported by name later
            out.append([values] if call.needs_values else moments(values))
    return out


def _add_transformed(
    a: list[Moments | list[Array]], b: list[Moments | list[Array]]
) -> list[Any]:
    with np.errstate(all="ignore"):
        return [x + y for x, y in zip(a, b, strict=True)]  # type: ignore[operator]


def _without_rows(
    formula: MixedFormula, reader: Reader, seen: Look, states: States
) -> Design:
    """Learn from a few rows how columns are made, and drop the rows."""
    values, n_few = seen.few(reader.plans.variables)
    few = UsedRows(
        values=values,
        groups={},
        weights=None if reader.weights is None else np.ones(n_few),
        offset=None if reader.offset is None else np.zeros(n_few),
        index=pd.RangeIndex(n_few),
        n_given=seen.n_given,
        missing=seen.missing,
        casts=seen.casts,
        is_part=True,
    )
    groups = {k: make_grouping(k, rows) for k, rows in seen.groups.items()}
    design = assemble(formula, reader.plans, few, groups, seen.n, reader.offset, states)
    return replace(
        design,
        y=design.y[:0],
        X=design.X[:0],
        offset=None if design.offset is None else design.offset[:0],
        weights=None if design.weights is None else design.weights[:0],
        groupings=tuple(replace(g, codes=g.codes[:0]) for g in design.groupings),
        terms=tuple(replace(t, columns=t.columns[:0]) for t in design.terms),
        index=design.index[:0],
        has_rows=False,
    )


def _fold(
    source: Source,
    names: Collection[str],
    read: Callable[[Any], tuple[int, T | None]],
    add: Callable[[T, T], T],
    n: int,
) -> T:
    """Add up what is found in the chunks that have complete rows, n of them in all."""
    found = source.fold(list(names), read, partial(_add_counted, add))
    if found is None or found[0] != n or found[1] is None:
        raise DesignError(
            f"the rows have changed between two readings: there were {n} complete "
            f"ones, and then {found[0] if found else 0}.\n"
            "  Data that is read in chunks has to be the same each time."
        )
    return found[1]


def _add_counted(
    add: Callable[[T, T], T], a: tuple[int, T | None], b: tuple[int, T | None]
) -> tuple[int, T | None]:
    if a[1] is None or b[1] is None:
        return a[0] + b[0], b[1] if a[1] is None else a[1]
    return a[0] + b[0], add(a[1], b[1])
