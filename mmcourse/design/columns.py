"""Text of effects + columns of data -> named columns of a matrix, and the recipe.

Layer: knows formulaic. Sums of plain columns, which most models are made of, are built
here directly (formulaic takes a millisecond); everything else is formulaic's work.
Names and values are formulaic's either way.

Conventions
    n rows, c columns; matrices are in
    Fortran order, a column in one piece.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.design.expressions import Plan, code_of, first_line
from mmcourse.design.grouping import Coded
from mmcourse.design.values import Column
from mmcourse.errors import DesignError, listing, shown

if TYPE_CHECKING:
    from formulaic import ModelSpec

Array = NDArray[np.float64]
Columns = Mapping[str, Column]
States = dict[str, dict[str, Any]]  # call of a transform -> what it keeps


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """How the columns of a text are made, the same way for any rows.

    Attributes
    ----------
    names : tuple of str
        Of the columns.
    sources : tuple of str
        The term of the text that each column belongs to.
    spec : ModelSpec or None
        formulaic's memory of levels and transforms, unless the text is plain.
    """

    plan: Plan
    names: tuple[str, ...]
    sources: tuple[str, ...]
    spec: ModelSpec | None = None

    def apply(self, columns: Columns, n: int) -> Array:
        """Make the columns (n, c) for other rows, with the levels of the fit."""
        if self.spec is None:
            return _fill(self.plan, columns, n, len(self.names))
        # formulaic writes into the spec while it works.
        return _materialize(copy.deepcopy(self.spec), self.plan, columns, n)[0]


def learn(
    plan: Plan, columns: Columns, n: int, states: States | None = None
) -> tuple[Recipe, Array]:
    """Make the columns of a text for the rows used, and remember how.

    Parameters
    ----------
    plan : Plan
    columns : mapping of name -> array (n,) or Coded
        At least the plan's variables, without missing values.
    states : dict, optional
        What transforms such as scale() keep of all rows, where these are a few of them.

    Returns
    -------
    recipe : Recipe
    matrix : array, (n, c)

    Raises
    ------
    DesignError
        If a factor has a single level, or a column can't be computed.

    Examples
    --------
    >>> from mmcourse.design.expressions import make_plan
    >>> recipe, matrix = learn(make_plan("1 + x"), {"x": np.array([2.0, 5.0])}, 2)
    >>> recipe.names, matrix.tolist()
    (('Intercept', 'x'), [[1.0, 2.0], [1.0, 5.0]])
    """
    if plan.plain is not None:
        names, sources = plain_names(plan, columns)
        recipe = Recipe(plan, names, sources)
        return recipe, _fill(plan, columns, n, len(names))
    for name in plan.variables:
        _check_levels(name, columns[name])
    from formulaic import ModelSpec

    spec = ModelSpec.from_spec(
        plan.parsed,
        output="numpy",
        na_action="ignore",
        transform_state=copy.deepcopy(states or {}),
    )
    matrix, spec = _materialize(spec, plan, columns, n)
    _check_made_factors(spec)
    sources = tuple(
        str(row.term).replace("`", "") for row in spec.structure for _ in row.columns
    )
    recipe = Recipe(plan, tuple(spec.column_names), sources, spec)
    if plan.depends:
        check_row_by_row(recipe, columns, matrix)
    return recipe, matrix


def _check_levels(name: str, column: Column) -> None:
    """Refuse a factor of one level, which has no effect."""
    if isinstance(column, Coded) and len(column.levels) < 2:
        _fail_single(name, column.levels)


def _check_made_factors(spec: ModelSpec) -> None:
    """Refuse a factor of one level that `C()` has made."""
    for name, (_, state) in spec.encoder_state.items():
        if len(state.get("categories", "ab")) < 2:
            _fail_single(name, state["categories"])


def _fail_single(name: str, levels: Sequence[object] | pd.Index) -> NoReturn:
    only = f" ({shown(levels[0])})" if len(levels) else ""
    raise DesignError(
        f"{name!r} has a single level{only} in the rows used, so it has no effect to "
        "estimate. Leave it out of the formula."
    )


def plain_names(
    plan: Plan, columns: Columns
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the columns of a plain sum, and the term of each.

    Raises
    ------
    DesignError
        If a factor has a single level.

    Examples
    --------
    >>> from mmcourse.design.expressions import make_plan
    >>> plain_names(make_plan("1 + x"), {"x": np.array([2.0, 5.0])})
    (('Intercept', 'x'), ('1', 'x'))
    """
    full = plan.text[0] == "0"  # the first factor takes the place of an intercept
    names, sources = ([], []) if full else (["Intercept"], ["1"])
    for name in plan.plain or ():
        column = columns[name]
        if isinstance(column, Coded):
            _check_levels(name, column)
            mark = "" if full else "T."
            new = [f"{name}[{mark}{level}]" for level in column.levels[not full :]]
            full = False
        else:
            new = [name]
        names += new
        sources += [name] * len(new)
    return tuple(names), tuple(sources)


def _fill(plan: Plan, columns: Columns, n: int, n_columns: int) -> Array:
    """Matrix of a plain sum."""
    try:
        out = np.empty((n, n_columns), order="F")
    except MemoryError as error:
        raise DesignError(
            f"the columns of '{plan.written}' are {n_columns}, for {n} rows: too many "
            "to hold.\n  A column of labels has one per level; for groups use "
            "(1 | group)."
        ) from error
    at, full = 0, plan.text[0] == "0"
    if not full:
        out[:, 0] = 1.0
        at = 1
    for name in plan.plain or ():
        column = columns[name]
        if isinstance(column, Coded):
            for level in range(0 if full else 1, len(column.levels)):
                out[:, at] = column.codes == level
                at += 1
            full = False
        else:
            out[:, at] = column
            at += 1
    return out


def _materialize(
    spec: ModelSpec, plan: Plan, columns: Columns, n: int
) -> tuple[Array, ModelSpec]:
    """Have formulaic make the matrix, and the spec that remembers how."""
    frame = _frame(plan, columns, n)
    try:
        # What is not finite is reported by name later.
        with np.errstate(all="ignore"):
            made = spec.get_model_matrix(frame, context=_context())
        matrix = np.asarray(made, dtype=np.float64, order="F")
    except DesignError:
        raise
    except Exception as error:
        # The user's expressions may raise anything.
        _check_lengths(plan, surroundings(plan, columns, n), n)
        raise DesignError(_failure(plan, columns, error)) from error
    return matrix, made.model_spec


def _frame(plan: Plan, columns: Columns, n: int) -> pd.DataFrame:
    """Columns of a text as formulaic takes them."""
    made = {name: _as_pandas(columns[name]) for name in plan.variables}
    return pd.DataFrame(made, index=pd.RangeIndex(n))


def surroundings(plan: Plan, columns: Columns, n: int) -> dict[str, Any]:
    """Return what a piece of a text's code may name: columns and functions."""
    from formulaic.transforms import TRANSFORMS

    frame = _frame(plan, columns, n)
    return {**TRANSFORMS, **_context(), **{str(k): v for k, v in frame.items()}}


def _check_lengths(plan: Plan, known: dict[str, Any], n_rows: int) -> None:
    """Refuse code that does not give a value per row, once formulaic has failed."""
    from formulaic.utils.stateful_transforms import stateful_eval

    for expr in code_of(plan):
        try:
            with np.errstate(all="ignore"):
                made = stateful_eval(expr, known, None, None, None)
        except Exception:
            continue  # another fault than the length
        made = getattr(made, "__wrapped__", made)
        if isinstance(made, Mapping):
            continue  # several columns
        n = np.size(made) if np.ndim(made) < 2 else len(made)
        if n != n_rows:
            raise DesignError(
                f"{expr!r} gives {n} value{'s' if n > 1 else ''}, but a column needs "
                f"one for each of the {n_rows} rows.\n"
                "  Make a column of the data with it first."
            )


def _failure(plan: Plan, columns: Columns, error: Exception) -> str:
    """Say which columns may have made a computation fail."""
    labels = [repr(v) for v in plan.variables if isinstance(columns[v], Coded)]
    note = ""
    if labels:
        verb = "hold" if len(labels) > 1 else "holds"
        note = f"\n  Of its columns, {listing(labels)} {verb} labels."
    return (
        f"the columns of '{plan.written}' can't be computed.\n"
        f"  {first_line(error)}{note}"
    )


def _as_pandas(column: Column) -> Any:
    """Give a column as formulaic takes it."""
    if isinstance(column, Coded):
        return pd.Categorical.from_codes(column.codes, column.levels)
    return column


def _context() -> dict[str, Callable[..., Any]]:
    """Functions that formulaic lacks, or that need a check."""
    return {"sqrt": np.sqrt, "abs": np.abs, "C": factor_contrasts}


def factor_contrasts(data: Any, *args: Any, **kwargs: Any) -> Any:
    """Mark a factor as formulaic's C() does, but refuse values not in its levels."""
    from formulaic.transforms import C

    made = C(data, *args, **kwargs)
    encode = made.__formulaic_metadata__.encoder

    def checked(
        values: Any,
        reduced_rank: bool,
        drop_rows: Any,
        encoder_state: Any,
        model_spec: Any,
    ) -> Any:
        known = kwargs.get("levels") or encoder_state.get("categories")
        if known is not None:
            found = pd.unique(pd.Series(getattr(values, "__wrapped__", values)))
            new = sorted(set(found).difference(known), key=str)
            if new:
                raise DesignError(
                    f"a factor made by C() has no level {listing(map(shown, new), 5)}."
                    f"\n  Its levels: {listing(map(shown, known))}."
                )
        return encode(values, reduced_rank, drop_rows, encoder_state, model_spec)

    made.__formulaic_metadata__.encoder = checked
    return made


def check_row_by_row(recipe: Recipe, columns: Columns, matrix: Array) -> None:
    """Refuse columns that depend on the other rows: new data would change them."""
    n = len(matrix)
    some = np.unique(np.linspace(0, n - 1, min(n, 20)).astype(np.intp))[::2]
    part = {
        name: Coded(c.codes[some], c.levels) if isinstance(c, Coded) else c[some]
        for name, c in columns.items()
        if name in recipe.plan.variables
    }
    again = recipe.apply(part, len(some))
    close = np.isclose(again, matrix[some], rtol=1e-9, atol=0, equal_nan=True)
    for j in np.flatnonzero(~close.all(axis=0)):
        raise DesignError(
            f"{recipe.sources[j]!r} takes its value in a row from the other rows, so "
            "it would change with the rows it is computed for.\n"
            "  Use center(x) or scale(x), which keep the values of the fit, or make a "
            "column of the data first."
        )
