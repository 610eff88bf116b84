"""New rows through an old design: the same columns, coded as in the fit.

Layer: above `columns`, below `design`. Only what a prediction uses is read.

Conventions
    r new rows. A code of -1 is a new level, or a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design.columns import Recipe
from mmcourse.design.frames import check_single, columns_hint, open_frame, take
from mmcourse.design.grouping import Coded, Codes, Grouping, level_words, recode
from mmcourse.design.values import (
    Array,
    Column,
    check_finite,
    is_numeric,
    missing_in,
    numbers,
)
from mmcourse.errors import DesignError, listing, shown

FOR_NAN = "for a missing prediction"


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a design keeps to read new rows.

    Attributes
    ----------
    fixed : Recipe
    terms : tuple of Recipe
        In the order of the design's terms.
    response : Recipe
    offsets : tuple of Recipe
        Of the formula's `offset(...)` terms.
    offset_column : str or None
        Column named by the argument `offset`.
    offset_array : bool
        Whether that argument was an array.
    levels : dict
        Levels of each factor column.
    casts : dict
        Type of each column whose numbers are made a factor by `C()`.
    """

    fixed: Recipe
    terms: tuple[Recipe, ...]
    response: Recipe
    offsets: tuple[Recipe, ...] = ()
    offset_column: str | None = None
    offset_array: bool = False
    levels: dict[str, pd.Index] = field(default_factory=dict)
    casts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class NewRows:
    """New rows in the columns of a design.

    Attributes
    ----------
    X : array, (r, p)
        NaN in rows that are not complete.
    offset : array, (r,), units of the response
    columns : tuple of array (r, c) or None, one per term
        None for a term that was not asked for.
    codes : tuple of array (r,) or None, one per grouping
        -1 for a new or missing level.
    index : Index
    complete : array of bool, (r,)
        False where a covariate is missing.
    """

    X: Array
    offset: Array
    columns: tuple[Array | None, ...]
    codes: tuple[Codes | None, ...]
    index: pd.Index
    complete: NDArray[np.bool_]


def read_rows(
    memory: Memory,
    groupings: tuple[Grouping, ...],
    term_groupings: tuple[int, ...],
    newdata: Any,
    wanted: tuple[int, ...],
    allow_new_levels: bool,
) -> NewRows:
    """Read new rows (see `Design.rows`)."""
    if memory.offset_array:
        raise DesignError(
            "the model has an offset that was given as an array, so there is no offset "
            "for new rows.\n  Fit with offset='column', or with offset(column) in the "
            "formula."
        )
    frame = open_frame(newdata, "newdata")
    recipes = [memory.fixed, *memory.offsets, *(memory.terms[i] for i in wanted)]
    names = list(dict.fromkeys(v for recipe in recipes for v in recipe.plan.variables))
    used = sorted({term_groupings[i] for i in wanted})
    factors = list(dict.fromkeys(f for i in used for f in groupings[i].factors))
    offset_names = [] if memory.offset_column is None else [memory.offset_column]
    _check_present(frame, names + offset_names, "")
    _check_present(frame, factors, " Or leave its random effects out with re_form.")
    frame = take(frame, [*names, *offset_names, *factors])
    kept, complete = _read_complete(frame, [*names, *offset_names], memory)
    return NewRows(
        X=_spread(memory.fixed, kept, complete, frame.index),
        offset=_offset(memory, kept, complete, frame.index),
        columns=tuple(
            _spread(recipe, kept, complete, frame.index) if i in wanted else None
            for i, recipe in enumerate(memory.terms)
        ),
        codes=tuple(
            _codes(grouping, frame, allow_new_levels) if i in used else None
            for i, grouping in enumerate(groupings)
        ),
        index=frame.index,
        complete=complete,
    )


def _read_complete(
    frame: pd.DataFrame, names: list[str], memory: Memory
) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    """Columns on the rows that have a value in each, and which rows these are."""
    columns = {name: _read(frame[name], memory) for name in names}
    complete = np.ones(len(frame), dtype=bool)
    for column in columns.values():
        lost = missing_in(column)
        if lost is not None:
            complete &= ~lost
    kept = {name: _rows(column, complete) for name, column in columns.items()}
    _check_all_finite(kept, frame.index[complete])
    return _cast(kept, memory.casts), complete


def _check_present(frame: Any, names: list[str], advice: str) -> None:
    """Refuse new data that lacks a column, or has it twice."""
    check_single(names, frame, "newdata")
    for name in names:
        if name not in frame.columns:
            raise DesignError(
                f"newdata has no column {name!r}, which this prediction needs.\n"
                f"  {columns_hint(name, frame)}{advice}"
            )


def _read(series: pd.Series, memory: Memory) -> Column:
    """Read a column of new data, coded as in the fit."""
    levels = memory.levels.get(str(series.name))
    if levels is not None:
        return _read_factor(series, levels)
    who = f"the column {series.name!r} of newdata"
    if not is_numeric(series, who):
        raise DesignError(
            f"{who} holds text ({series.dtype}), but it held numbers when the model "
            "was fitted. Convert it to numbers."
        )
    return numbers(series, who)


def _read_factor(series: pd.Series, levels: pd.Index) -> Coded:
    """Code a factor column of new data with the levels of the fit."""
    codes = recode(series, levels)
    new = (codes < 0) & ~series.isna().to_numpy()
    if new.any():
        found = series[new].drop_duplicates().tolist()
        raise DesignError(
            f"the column {series.name!r} of newdata has levels that were not in the "
            f"fit: {listing(map(shown, found), 10)}.\n"
            f"  Its levels: {listing(map(shown, levels))}. The fixed effect of a new "
            "level is not known."
        )
    return Coded(codes, levels)


def _rows(column: Column, keep: NDArray[np.bool_]) -> Column:
    """Keep some rows of a column, and all levels."""
    if isinstance(column, Coded):
        return Coded(column.codes[keep], column.levels)
    return column[keep]


def _check_all_finite(columns: dict[str, Column], index: pd.Index) -> None:
    for name, column in columns.items():
        if not isinstance(column, Coded):
            check_finite(column, name, index, FOR_NAN)


def _cast(columns: dict[str, Column], casts: dict[str, str]) -> dict[str, Column]:
    """Give numbers back the type that `C()` names their levels by."""
    out = dict(columns)
    for name, dtype in casts.items():
        column = out.get(name)
        if isinstance(column, np.ndarray) and np.all(column == np.round(column)):
            out[name] = column.astype(dtype)
    return out


def _spread(
    recipe: Recipe,
    columns: dict[str, Column],
    complete: NDArray[np.bool_],
    index: pd.Index,
) -> Array:
    """Matrix of a recipe on the complete rows, NaN on the others."""
    n = int(complete.sum())
    out = np.full((len(complete), len(recipe.names)), np.nan)
    if n:
        made = recipe.apply(columns, n)
        for j, name in enumerate(recipe.names):
            check_finite(made[:, j], name, index[complete], FOR_NAN)
        out[complete] = made
    return out


def _offset(
    memory: Memory,
    columns: dict[str, Column],
    complete: NDArray[np.bool_],
    index: pd.Index,
) -> Array:
    """Sum all offsets, (r,)."""
    out = np.zeros(len(complete))
    for recipe in memory.offsets:
        out += _spread(recipe, columns, complete, index)[:, 0]
    if memory.offset_column is not None:
        column = columns[memory.offset_column]
        assert isinstance(column, np.ndarray)  # it was one in the fit
        out[complete] += column
    return out


def _words(column: pd.Series) -> list[str]:
    """Values as the labels of levels show them."""
    words = level_words(pd.Index(column, dtype=object))
    lost = column.isna().to_numpy()
    return ["(missing)" if no else w for no, w in zip(lost, words, strict=True)]


def _kind(values: pd.Series | pd.Index) -> str:
    """Say numbers or text, with the type of the values."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    return f"{'numbers' if numeric else 'labels'} ({values.dtype})"


def level_texts(
    grouping: Grouping, newdata: Any, which: NDArray[np.bool_]
) -> list[str]:
    """Labels of a grouping factor in some rows of new data, as text."""
    frame = take(open_frame(newdata), grouping.factors)
    words = [_words(frame[factor][which]) for factor in grouping.factors]
    return [":".join(parts) for parts in zip(*words, strict=True)]


def _codes(grouping: Grouping, frame: pd.DataFrame, allow_new_levels: bool) -> Codes:
    """Codes of the levels in new data."""
    columns = [frame[factor] for factor in grouping.factors]
    codes = grouping.lookup(columns)
    unknown = codes < 0
    if not unknown.any():
        return codes
    found = list(dict.fromkeys(level_texts(grouping, frame, unknown)))
    if len(columns) == 1 and set(found) & set(level_words(grouping.levels)):
        raise DesignError(
            f"the column {grouping.name!r} of newdata holds {_kind(columns[0])}, but "
            f"the model was fitted to {_kind(grouping.levels)}, such as "
            f"{shown(grouping.levels[0])}, so it does not know "
            f"{listing(map(shown, columns[0][unknown].unique()), 5)}.\n"
            "  Give it the type of the data that the model was fitted to."
        )
    if allow_new_levels:
        return codes
    many = "s" if len(found) > 1 else ""
    raise DesignError(
        f"newdata has {len(found)} level{many} of {grouping.name!r} that the model was "
        f"not fitted to: {listing(found, 10)}.\n"
        f"  The fit has {listing(level_words(grouping.levels[:3]))}, ... "
        f"({grouping.levels.dtype}). With allow_new_levels=True a new level gets a "
        "random effect of 0."
    )
