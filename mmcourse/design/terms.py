"""The random terms of a model: grouping factors, and the columns that vary by them.

Layer: above `columns` and `rows`, below `build`.

Conventions
    Terms go by falling number of levels, ties in the order of writing: the order of
    theta.
"""

from __future__ import annotations

from dataclasses import replace

from mmcourse.design.columns import Recipe, States, learn, plain_names
from mmcourse.design.expressions import Plan
from mmcourse.design.grouping import Coded, Grouping, make_grouping
from mmcourse.design.plans import Plans
from mmcourse.design.rows import UsedRows
from mmcourse.design.selection import TermColumns, pieces
from mmcourse.design.values import Array, check_values
from mmcourse.errors import DesignError, shown

Groups = dict[tuple[str, ...], Grouping]  # grouping columns -> their factor


def make_groupings(plans: Plans, rows: UsedRows) -> Groups:
    """Make the grouping factors of all rows."""
    factors = dict.fromkeys(term.factors for term, _ in plans.terms)
    return {k: make_grouping(k, [rows.groups[name] for name in k]) for k in factors}


def random_terms(
    plans: Plans,
    rows: UsedRows,
    groups: Groups,
    n: int,
    fixed: Recipe,
    X: Array,
    states: States | None,
) -> tuple[tuple[Grouping, ...], tuple[TermColumns, ...], tuple[Recipe, ...]]:
    """Make terms and their recipes, and order the factors, as theta has them."""
    for grouping in groups.values():
        _check_levels(grouping, n)
    order = sorted(plans.terms, key=lambda t: -len(groups[t[0].factors].levels))
    places = {f: i for i, f in enumerate(dict.fromkeys(t.factors for t, _ in order))}
    made: dict[str, tuple[Recipe, Array]] = {}
    terms = []
    for term, plan in order:
        if plan.text not in made:
            made[plan.text] = _effects(plan, rows, fixed, X, states)
        recipe, columns = made[plan.text]
        _check_size(term.text, len(recipe.names), groups[term.factors], n)
        terms.append(
            TermColumns(
                group=term.group,
                grouping=places[term.factors],
                names=recipe.names,
                columns=columns,
                text=term.text,
                sources=recipe.sources,
            )
        )
    groupings = tuple(groups[factors] for factors in places)
    return groupings, tuple(terms), tuple(made[plan.text][0] for _, plan in order)


def _effects(
    plan: Plan, rows: UsedRows, fixed: Recipe, X: Array, states: States | None
) -> tuple[Recipe, Array]:
    """Columns of a random term; a part of X where they are the same columns."""
    if plan.plain is not None:
        recipe = Recipe(plan, *plain_names(plan, rows.values))
        at = shared_columns(recipe, fixed)
        if at is not None:
            return recipe, X[:, at]
    recipe, columns = learn(plan, rows.values, rows.n, states)
    check_made(recipe, columns, rows)
    return _named_as(recipe, fixed), columns


def _named_as(recipe: Recipe, fixed: Recipe) -> Recipe:
    """Give an interaction b:a the name of its fixed partner, where that is a:b."""
    partners = {pieces(name): name for name in fixed.names}
    names = tuple(partners.get(pieces(name), name) for name in recipe.names)
    return replace(recipe, names=names)


def shared_columns(recipe: Recipe, fixed: Recipe) -> slice | None:
    """Where the columns of a recipe stand among those of X, if they are plain."""
    if recipe.plan.plain is None or fixed.plan.plain is None:
        return None
    pairs = list(zip(fixed.sources, fixed.names, strict=True))
    wanted = list(zip(recipe.sources, recipe.names, strict=True))
    for first in range(len(pairs) - len(wanted) + 1):
        if pairs[first : first + len(wanted)] == wanted:
            return slice(first, first + len(wanted))
    return None


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


def check_made(recipe: Recipe, matrix: Array, rows: UsedRows) -> None:
    """Refuse columns that a fit can't compute with; those of zeros and ones can."""
    labels = {k for k, column in rows.values.items() if isinstance(column, Coded)}
    for j, (name, source) in enumerate(zip(recipe.names, recipe.sources, strict=True)):
        if source not in labels and source != "1":
            check_values(matrix[:, j], name, rows.index, rows.is_part)
