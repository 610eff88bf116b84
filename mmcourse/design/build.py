"""Formula + data frame -> response, fixed-effects matrix, one record per random term.

Layer: pandas above, arrays below: the engine takes the arrays of a `Design`. The design
also reads new rows for predictions, with the levels and transforms of the fit.

Conventions
    n rows used, p fixed-effects columns (redundant ones included: the engine finds
    them), c columns of a random term. Terms go by falling number of levels, ties in the
    order of writing: the order of theta.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from mmcourse.design.columns import Recipe, States, learn
from mmcourse.design.expressions import Plan
from mmcourse.design.frames import open_frame
from mmcourse.design.grouping import Coded, Grouping
from mmcourse.design.newrows import Memory, NewRows, read_rows
from mmcourse.design.plans import Plans, make_plans
from mmcourse.design.rows import UsedRows, read_used
from mmcourse.design.selection import Selection, TermColumns, match_terms, pieces
from mmcourse.design.terms import Groups, check_made, make_groupings, random_terms
from mmcourse.design.values import Array, Mask, are_numbers, check_values
from mmcourse.errors import DesignError, InferenceError, brief, listing, shown
from mmcourse.formula import MixedFormula, parse

SEVERAL = (ast.List, ast.Tuple)  # Python's brackets around several columns


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A model's arrays, and what is needed to read new rows.

    Attributes
    ----------
    formula : MixedFormula
    response_name : str
    y : array, (n,)
    X : array, (n, p)
    fixed_names : tuple of str
    offset : array (n,), units y, or None
        Of the formula and of the argument together.
    weights : array (n,), or None
    groupings : tuple of Grouping
    terms : tuple of TermColumns
    index : Index
        Of the rows used.
    n_rows_given, n_dropped : int
    messages : tuple of str
    memory : Memory
    used : array of bool (n_rows_given,), or None
        Which rows of the data are used; None where all are.
    has_rows : bool
        Whether the rows were kept; without them all arrays have length 0.
    """

    formula: MixedFormula
    response_name: str
    y: Array
    X: Array
    fixed_names: tuple[str, ...]
    offset: Array | None
    weights: Array | None
    groupings: tuple[Grouping, ...]
    terms: tuple[TermColumns, ...]
    index: pd.Index
    n_rows_given: int
    n_dropped: int
    messages: tuple[str, ...]
    memory: Memory
    used: Mask | None = None
    has_rows: bool = True

    def require_rows(self, what: str) -> None:
        """Refuse what only the rows used could tell.

        Raises
        ------
        InferenceError
            If they were read in chunks and not kept.
        """
        if not self.has_rows:
            raise InferenceError(
                f"{what} would need the rows that the model was fitted to, but they "
                "were read in chunks and not kept.\n"
                "  Call predict(newdata) with the rows that you need, for example with "
                "one chunk after the other."
            )

    def rows(
        self,
        newdata: Any,
        terms: Iterable[int] = (),
        allow_new_levels: bool = False,
    ) -> NewRows:
        """Read new rows.

        Parameters
        ----------
        newdata : data frame or dict
            Needs only the columns that the fixed part and the chosen terms use.
        terms : positions of random terms
        allow_new_levels : bool
            Give groups that were not in the fit, or are missing, the code -1.

        Raises
        ------
        DesignError
            If a column is missing, or a level is new.

        Examples
        --------
        >>> data = {"y": [1.0, 2, 4, 3], "x": [1.0, 2, 1, 2], "g": list("aabb")}
        >>> design = build_design("y ~ x + (1 | g)", data)
        >>> design.rows({"x": [5.0], "g": ["b"]}, terms=(0,)).codes
        (array([1]),)
        """
        return read_rows(
            self.memory,
            self.groupings,
            tuple(term.grouping for term in self.terms),
            newdata,
            tuple(terms),
            allow_new_levels,
        )

    def match_re_form(self, re_form: str) -> Selection:
        """Find the random effects that a prediction asks for.

        Parameters
        ----------
        re_form : str
            "all", "none" or random terms, which may be part of the model's.

        Returns
        -------
        tuple of (term, tuple of columns)

        Raises
        ------
        DesignError
            If the model has no such term.

        Examples
        --------
        >>> data = {"y": [1.0, 2, 4, 3, 5], "x": [1.0, 2, 1, 2, 3], "g": list("aabbb")}
        >>> build_design("y ~ x + (x | g)", data).match_re_form("(1 | g)")
        ((0, (0,)),)
        """
        return match_terms(self.terms, re_form)


def build_design(
    formula: MixedFormula | str,
    data: Any,
    weights: str | ArrayLike | None = None,
    offset: str | ArrayLike | None = None,
    missing: str = "drop",
) -> Design:
    """Turn a formula and a data frame into the arrays of a model.

    Parameters
    ----------
    formula : MixedFormula or str
        `.` in the fixed part stands for all columns but those of the response, the
        grouping factors, the weights and the offset.
    data : data frame or dict of columns
    weights, offset : str or array (n,), optional
        A column, or one value per row of the data; a Series is matched by index.
    missing : {"drop", "raise"}
        What to do with rows in which a column of the model has no value.

    Returns
    -------
    Design

    Raises
    ------
    FormulaError
        If the formula can't be read.
    DesignError
        If it does not fit the data.
    TypeError
        If the data is no data frame.

    Examples
    --------
    >>> data = {"y": [1.0, 2, 4, 3], "x": [1.0, 2, 1, 2], "g": list("aabb")}
    >>> design = build_design("y ~ x + (1 | g)", data)
    >>> design.fixed_names, design.groupings[0].levels.tolist()
    (('Intercept', 'x'), ['a', 'b'])
    """
    check_missing_argument(missing)
    if not isinstance(formula, MixedFormula):
        formula = parse(formula)
    frame = open_frame(data)
    if not len(frame):
        raise DesignError("the data has no rows.")
    given = {"weights": weights, "offset": offset}
    named = {what: v for what, v in given.items() if isinstance(v, str)}
    plans = make_plans(formula, frame, named)
    rows = read_used(plans, frame, weights, offset, missing)
    return assemble(formula, plans, rows, make_groupings(plans, rows), rows.n, offset)


def check_missing_argument(missing: Any) -> None:
    """Refuse a rule for missing values that there is not."""
    if not isinstance(missing, str) or missing not in ("drop", "raise"):
        raise ValueError(f"missing is {brief(missing)}; it must be 'drop' or 'raise'.")


def assemble(
    formula: MixedFormula,
    plans: Plans,
    rows: UsedRows,
    groups: Groups,
    n: int,
    offset: str | ArrayLike | None,
    states: States | None = None,
) -> Design:
    """Make the columns of a model from its rows.

    Parameters
    ----------
    rows : UsedRows
        All of them; or a few that show every level, from which is learned how the
        columns of the others are made.
    groups : dict of names -> Grouping
        One for each factor.
    n : int
        Rows used in all.
    offset : str or array
        The argument.
    states : dict, optional
        What transforms keep of all rows, where there are more than these.
    """
    response, y = _response(formula.response, plans.response, rows, states)
    fixed, X = learn(plans.fixed, rows.values, rows.n, states)
    check_made(fixed, X, rows)
    offsets, total = _offsets(formula, plans, rows, states)
    groupings, terms, recipes = random_terms(plans, rows, groups, n, fixed, X, states)
    _check_effect_names([fixed, *recipes])
    memory = Memory(
        fixed=fixed,
        terms=recipes,
        response=response,
        offsets=offsets,
        offset_column=offset if isinstance(offset, str) else None,
        offset_array=offset is not None and not isinstance(offset, str),
        levels={k: v.levels for k, v in rows.values.items() if isinstance(v, Coded)},
        casts=rows.casts,
    )
    return Design(
        formula=formula,
        response_name=formula.response.strip("`"),
        y=y,
        X=X,
        fixed_names=fixed.names,
        offset=total,
        weights=rows.weights,
        groupings=groupings,
        terms=terms,
        index=rows.index,
        n_rows_given=rows.n_given,
        n_dropped=rows.n_given - n,
        messages=_messages(rows, n),
        memory=memory,
        used=rows.keep,
    )


def _response(
    text: str, plan: Plan, rows: UsedRows, states: States | None
) -> tuple[Recipe, Array]:
    """Return the response, (n,): one column of numbers."""
    return _one_column(text, plan, rows, "the response", states)


def _one_column(
    text: str, plan: Plan, rows: UsedRows, what: str, states: States | None
) -> tuple[Recipe, Array]:
    """Values (n,) of an expression that has one number per row."""
    column = rows.values[plan.plain[0]] if plan.plain else None
    if isinstance(column, Coded):
        advice = (
            "A linear mixed model needs a numeric one; for yes/no outcomes it is the "
            "wrong model."
        )
        if are_numbers(column.levels):
            advice = "Make numbers of this text first, with pandas.to_numeric."
        raise DesignError(
            f"{what} {text!r} holds labels ({listing(map(shown, column.levels), 3)}), "
            f"not numbers.\n  {advice}"
        )
    if text[0] in "[(" and isinstance(ast.parse(text, mode="eval").body, SEVERAL):
        raise DesignError(
            f"{what} {text!r} is several columns; it must be one column of numbers."
        )
    recipe, matrix = learn(plan, rows.values, rows.n, states)
    if recipe.sources != recipe.names or matrix.shape[1] != 1:
        raise DesignError(
            f"{what} {text!r} gives {matrix.shape[1]} columns; it must be one column "
            "of numbers."
        )
    check_values(matrix[:, 0], text, rows.index, rows.is_part)
    return recipe, matrix[:, 0]


def _check_effect_names(recipes: list[Recipe]) -> None:
    """Refuse one name for two effects, as the constant and a column Intercept have."""
    known: dict[str, str] = {}
    for recipe in recipes:
        for name, source in zip(recipe.names, recipe.sources, strict=True):
            other = known.setdefault(name, source)
            if pieces(other) != pieces(source):
                one, two = ("the constant" if s == "1" else s for s in (other, source))
                raise DesignError(
                    f"two effects of the model have the name {name!r}: that of {one} "
                    f"and that of {two}.\n  Rename the column."
                )


def _offsets(
    formula: MixedFormula, plans: Plans, rows: UsedRows, states: States | None
) -> tuple[tuple[Recipe, ...], Array | None]:
    """Recipes of the formula's offsets, and their sum with the argument."""
    total = rows.offset
    recipes = []
    for text, plan in zip(formula.offsets, plans.offsets, strict=True):
        recipe, values = _one_column(text, plan, rows, "the offset", states)
        recipes.append(recipe)
        total = values if total is None else total + values
    if total is not None:
        check_values(total, "offset", rows.index, rows.is_part)
    return tuple(recipes), total


def _messages(rows: UsedRows, n: int) -> tuple[str, ...]:
    """Say what was done to the data."""
    dropped = rows.n_given - n
    if not dropped:
        return ()
    where = listing(f"{name} ({count})" for name, count in rows.missing.items())
    return (f"{dropped} of {rows.n_given} rows dropped: missing values in {where}.",)
