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
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from mmcourse.design.columns import Recipe, learn, plain_names
from mmcourse.design.expressions import Plan
from mmcourse.design.frames import Array, Mask, are_numbers, check_values, open_frame
from mmcourse.design.grouping import Coded, Grouping, make_grouping
from mmcourse.design.newrows import Memory, NewRows, read_rows
from mmcourse.design.plans import Plans, make_plans
from mmcourse.design.rows import UsedRows, read_used
from mmcourse.design.selection import Selection, TermColumns, match_terms, pieces
from mmcourse.errors import DesignError, brief, listing, shown
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
    if not isinstance(missing, str) or missing not in ("drop", "raise"):
        raise ValueError(f"missing is {brief(missing)}; it must be 'drop' or 'raise'.")
    if not isinstance(formula, MixedFormula):
        formula = parse(formula)
    frame = open_frame(data)
    if not len(frame):
        raise DesignError("the data has no rows.")
    given = {"weights": weights, "offset": offset}
    named = {what: v for what, v in given.items() if isinstance(v, str)}
    plans = make_plans(formula, frame, named)
    rows = read_used(plans, frame, weights, offset, missing)

    y = _response(formula.response, plans.response, rows)
    fixed, X = _fixed(plans.fixed, rows)
    offsets, total = _offsets(formula, plans, rows)
    groupings, terms, recipes = _random(plans, rows, fixed, X)
    _check_effect_names([fixed, *recipes])
    memory = Memory(
        fixed=fixed,
        terms=recipes,
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
        n_dropped=rows.n_given - rows.n,
        messages=_messages(rows),
        memory=memory,
        used=rows.keep,
    )


def _response(text: str, plan: Plan, rows: UsedRows) -> Array:
    """Return the response, (n,): one column of numbers."""
    return _one_column(text, plan, rows, "the response")[1]


def _one_column(
    text: str, plan: Plan, rows: UsedRows, what: str
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
    recipe, matrix = learn(plan, rows.values, rows.n)
    if recipe.sources != recipe.names or matrix.shape[1] != 1:
        raise DesignError(
            f"{what} {text!r} gives {matrix.shape[1]} columns; it must be one column "
            "of numbers."
        )
    check_values(matrix[:, 0], text, rows.index)
    return recipe, matrix[:, 0]


def _fixed(plan: Plan, rows: UsedRows) -> tuple[Recipe, Array]:
    """Fixed-effects columns (n, p)."""
    recipe, X = learn(plan, rows.values, rows.n)
    _check_made(recipe, X, rows)
    return recipe, X


def _check_made(recipe: Recipe, matrix: Array, rows: UsedRows) -> None:
    """Refuse columns that a fit can't compute with; those of zeros and ones can."""
    labels = {k for k, column in rows.values.items() if isinstance(column, Coded)}
    for j, (name, source) in enumerate(zip(recipe.names, recipe.sources, strict=True)):
        if source not in labels and source != "1":
            check_values(matrix[:, j], name, rows.index)


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
    formula: MixedFormula, plans: Plans, rows: UsedRows
) -> tuple[tuple[Recipe, ...], Array | None]:
    """Recipes of the formula's offsets, and their sum with the argument."""
    total = rows.offset
    recipes = []
    for text, plan in zip(formula.offsets, plans.offsets, strict=True):
        recipe, values = _one_column(text, plan, rows, "the offset")
        recipes.append(recipe)
        total = values if total is None else total + values
    if total is not None:
        check_values(total, "offset", rows.index)
    return tuple(recipes), total


def _random(
    plans: Plans, rows: UsedRows, fixed: Recipe, X: Array
) -> tuple[tuple[Grouping, ...], tuple[TermColumns, ...], tuple[Recipe, ...]]:
    """Make grouping factors, terms and their recipes, in the order of theta."""
    groups: dict[tuple[str, ...], Grouping] = {}
    for term, _ in plans.terms:
        if term.factors not in groups:
            columns = [rows.groups[name] for name in term.factors]
            groups[term.factors] = make_grouping(term.factors, columns)
            _check_levels(groups[term.factors], rows.n)
    order = sorted(plans.terms, key=lambda t: -len(groups[t[0].factors].levels))
    places = {f: i for i, f in enumerate(dict.fromkeys(t.factors for t, _ in order))}
    made: dict[str, tuple[Recipe, Array]] = {}
    terms = []
    for term, plan in order:
        if plan.text not in made:
            made[plan.text] = _effects(plan, rows, fixed, X)
        recipe, columns_of = made[plan.text]
        _check_size(term.text, len(recipe.names), groups[term.factors], rows.n)
        terms.append(
            TermColumns(
                group=term.group,
                grouping=places[term.factors],
                names=recipe.names,
                columns=columns_of,
                text=term.text,
                sources=recipe.sources,
            )
        )
    groupings = tuple(groups[factors] for factors in places)
    return groupings, tuple(terms), tuple(made[plan.text][0] for _, plan in order)


def _effects(
    plan: Plan, rows: UsedRows, fixed: Recipe, X: Array
) -> tuple[Recipe, Array]:
    """Columns of a random term; a part of X where they are the same columns."""
    if plan.plain is not None and fixed.plan.plain is not None:
        recipe = Recipe(plan, *plain_names(plan, rows.values))
        pairs = list(zip(fixed.sources, fixed.names, strict=True))
        wanted = list(zip(recipe.sources, recipe.names, strict=True))
        for first in range(len(pairs) - len(wanted) + 1):
            if pairs[first : first + len(wanted)] == wanted:
                return recipe, X[:, first : first + len(wanted)]
    recipe, columns = learn(plan, rows.values, rows.n)
    _check_made(recipe, columns, rows)
    return _named_as(recipe, fixed), columns


def _named_as(recipe: Recipe, fixed: Recipe) -> Recipe:
    """Give an interaction b:a the name of its fixed partner, where that is a:b."""
    partners = {pieces(name): name for name in fixed.names}
    names = tuple(partners.get(pieces(name), name) for name in recipe.names)
    return replace(recipe, names=names)


def _check_levels(grouping: Grouping, n: int) -> None:
    """Refuse a grouping factor of one level, or of as many as there are rows."""
    m = len(grouping.levels)
    if m < 2:
        only = f" ({shown(grouping.levels[0])})" if m else ""
        raise DesignError(
            f"the grouping factor {grouping.name!r} has a single level{only} in the "
            "rows used; its variance can't be estimated from one group.\n"
            "  Leave the term out, or check the column."
        )
    if m >= n:
        raise DesignError(
            f"the grouping factor {grouping.name!r} has {m} levels, but there are only "
            f"{n} rows.\n  With one row per level its effects can't be told apart from "
            "the residuals. Choose a factor whose levels repeat."
        )


def _check_size(text: str, n_columns: int, grouping: Grouping, n: int) -> None:
    """Refuse a term with as many random effects as there are rows."""
    q = n_columns * len(grouping.levels)
    if n_columns == 0:
        raise DesignError(f"the random term {text} has no columns.")
    if q >= n:
        raise DesignError(
            f"the term {text} asks for {q} random effects, but there are only {n} "
            "rows.\n  With one row per random effect, the residual sd can't be told "
            "apart from them. Use fewer effects, for example "
            f"(1 | {grouping.name}), or more rows per group."
        )


def _messages(rows: UsedRows) -> tuple[str, ...]:
    """Say what was done to the data."""
    dropped = rows.n_given - rows.n
    if not dropped:
        return ()
    where = listing(f"{name} ({count})" for name, count in rows.missing.items())
    return (f"{dropped} of {rows.n_given} rows dropped: missing values in {where}.",)
