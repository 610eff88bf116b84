"""What it means that a term of the fixed part has no effect: type III hypotheses.

Layer: knows formulaic's record of the columns, no data. In a model with interactions a
main effect is tested as its average over the levels of the other factors, every level
counting the same, whatever contrasts code them (what contrasts that sum to zero give).

Conventions
    A term multiplies factors (with levels) and numeric columns. Terms with the same
    numeric part are a family: their columns make one function of the cells, the
    combinations of levels. The component C of it, for a set C of factors: the average
    over all other factors, in differences from the first level along each factor of C.
    A component belongs to the first, smallest term of the family that has all of C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.design.columns import Recipe
from mmcourse.errors import InferenceError, listing

if TYPE_CHECKING:
    from formulaic import ModelSpec

Array = NDArray[np.float64]
Family = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of X: its numeric part, and the coding (levels,) of each factor."""

    numeric: tuple[str, ...]
    codings: dict[str, Array]
    scale: float


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of the fixed part."""

    name: str
    family: Family  # numeric factors
    factors: tuple[str, ...]
    columns: tuple[int, ...]
    is_reduced: bool  # every factor coded by contrasts, none by a column per level


def type_three(recipe: Recipe, kept: Sequence[int]) -> dict[str, Array]:
    """Return the hypothesis L (q, p) of each term but the intercept.

    Parameters
    ----------
    recipe : Recipe
        Of the fixed part.
    kept : sequence of int
        The columns that are in the model; p of them.

    Returns
    -------
    dict of term -> array (q, p)
        L beta = 0 where the term has no effect. A term all of whose columns were left
        out is not in it.

    Raises
    ------
    InferenceError
        If a factor's average can't be had because a combination of levels is missing.

    Examples
    --------
    >>> from mmcourse.design import build_design
    >>> data = {"y": [1.0, 2, 4, 3], "x": [1.0, 2, 1, 2], "g": list("aabb")}
    >>> design = build_design("y ~ x + (1 | g)", data)
    >>> type_three(design.memory.fixed, [0, 1])
    {'x': array([[0., 1.]])}
    """
    terms, columns = _read(recipe)
    names = [term.name for term in terms if term.name != "1"]
    at = {column: i for i, column in enumerate(kept)}
    out = {}
    for term in terms:
        own = [at[j] for j in term.columns if j in at]
        if term.name not in names or not own:
            continue
        around = [t for t in terms if _contains(t, term)]
        if len(around) > 1 or (term.is_reduced and len(own) == len(term.columns)):
            out[term.name] = _averages(term, terms, around, columns, at)
        else:
            out[term.name] = np.eye(len(kept))[own]
    return out


def _contains(outer: _Term, inner: _Term) -> bool:
    """Whether a term has all factors of another of the same family; itself, too."""
    return outer.family == inner.family and set(inner.factors) <= set(outer.factors)


def _averages(
    term: _Term,
    terms: list[_Term],
    around: list[_Term],
    columns: list[_Column],
    at: dict[int, int],
) -> Array:
    """Rows of a term's components, in the columns of all terms around it."""
    places = [j for t in around for j in t.columns]
    lost = [t.name for t in around if any(j not in at for j in t.columns)]
    if lost and len(around) > 1:
        raise InferenceError(
            f"the effect of {term.name!r} can't be averaged over the levels of the "
            f"other factors: columns of {listing(map(repr, lost))} were left out, so "
            "some combinations of levels have no rows, or a column is redundant.\n"
            "  Compare two models, with and without a term, by anova(m1, m2)."
        )
    numeric = dict.fromkeys(columns[j].numeric for j in term.columns)
    n = {f: len(v) for j in places for f, v in columns[j].codings.items()}
    rows = []
    for component, part in product(_own_components(term, terms), numeric):
        block = [j for j in places if columns[j].numeric == part]
        values = np.stack([_component(columns[j], component, n) for j in block], -1)
        full = np.zeros((len(values), len(at)))
        full[:, [at[j] for j in block]] = values
        rows.append(full)
    return np.concatenate(rows)


def _own_components(term: _Term, terms: list[_Term]) -> Iterator[tuple[str, ...]]:
    """Find the sets of factors that belong to a term, not to a smaller one."""
    family = [t for t in terms if t.family == term.family]
    family.sort(key=lambda t: len(t.factors))  # a stable sort: the first of equals
    for size in range(len(term.factors) + 1):
        for chosen in combinations(term.factors, size):
            owner = next(t for t in family if set(chosen) <= set(t.factors))
            if owner is term:
                yield chosen


def _component(
    column: _Column, component: tuple[str, ...], n_levels: dict[str, int]
) -> Array:
    """One column's part in a component, a value for each combination of levels."""
    out = np.full(1, column.scale)
    for factor, coding in column.codings.items():
        if factor not in component:
            out = out * coding.mean()
    for factor in component:
        # A column that does not vary along the factor has no part in it.
        along = column.codings.get(factor, np.zeros(n_levels[factor]))
        out = np.multiply.outer(out, along[1:] - along[0]).ravel()
    return out


def _read(recipe: Recipe) -> tuple[list[_Term], list[_Column]]:
    """List the terms and columns of a fixed part."""
    return _read_plain(recipe) if recipe.spec is None else _read_spec(recipe.spec)


def _read_plain(recipe: Recipe) -> tuple[list[_Term], list[_Column]]:
    """Do so for a sum of columns: no interactions, treatment contrasts."""
    terms, columns, first = [], [], 0
    no_factor_yet = recipe.plan.text[0] == "0"
    for name in dict.fromkeys(recipe.sources):
        n = recipe.sources.count(name)
        place = tuple(range(first, first + n))
        is_factor = recipe.names[first] != name and name != "1"
        full = is_factor and no_factor_yet  # it takes the place of an intercept
        if is_factor:
            no_factor_yet = False
            coding = np.eye(n) if full else np.eye(n + 1)[:, 1:]
            columns += [_Column((), {name: v}, 1.0) for v in coding.T]
        else:
            family = () if name == "1" else (name,)
            columns.append(_Column(family, {}, 1.0))
        family = () if is_factor or name == "1" else (name,)
        factors = (name,) if is_factor else ()
        terms.append(_Term(name, family, factors, place, is_factor and not full))
        first += n
    return terms, columns


def _read_spec(spec: ModelSpec) -> tuple[list[_Term], list[_Column]]:
    """Do so from formulaic's record of how it made the columns."""
    terms: list[_Term] = []
    columns: list[_Column] = []
    for row in spec.structure:
        first = len(columns)
        made = [c for scoped in row.scoped_terms for c in _scoped(scoped, row, spec)]
        if len(made) != len(row.columns):
            raise InferenceError(
                f"the columns of {str(row.term)!r} can't be told apart, so it can't be "
                "tested.\n  Compare models with and without it by anova(m1, m2)."
            )
        columns += made
        expressions = [str(f.expr) for f in row.term.factors if str(f.expr) != "1"]
        factors = tuple(e for e in expressions if _is_factor(e, spec))
        family = tuple(sorted(set(expressions) - set(factors)))
        reduced = all(
            f.reduced
            for scoped in row.scoped_terms
            for f in scoped.factors
            if _is_factor(str(f.factor.expr), spec)
        )
        name = str(row.term).replace("`", "")
        place = tuple(range(first, len(columns)))
        terms.append(_Term(name, family, factors, place, bool(factors) and reduced))
    return terms, columns


def _is_factor(expression: str, spec: ModelSpec) -> bool:
    """Whether a part of a term has levels."""
    kind, _ = spec.encoder_state.get(expression, (None, None))
    return kind is not None and kind.value == "categorical"


def _scoped(scoped: Any, row: Any, spec: ModelSpec) -> list[_Column]:
    """Columns of one scoped term, the first factor's running fastest."""
    pieces: list[list[tuple[str, str, Array | None]]] = []
    for part in scoped.factors:
        expression = str(part.factor.expr)
        if _is_factor(expression, spec):
            state = spec.encoder_state[expression][1]["contrasts"]
            coding = np.asarray(state.get_coding_matrix(reduced_rank=part.reduced))
            pieces.append([(expression, "", v) for v in coding.T.astype(float)])
        else:
            found = _numeric_columns(expression, row.columns)
            pieces.append([(expression, name, None) for name in found])
    out = []
    for chosen in product(*reversed(pieces)):
        parts = chosen[::-1]
        numeric = tuple(name for _, name, coding in parts if coding is None)
        codings = {e: coding for e, _, coding in parts if coding is not None}
        out.append(_Column(numeric, codings, float(scoped.scale)))
    assert len(out) == prod(len(piece) for piece in pieces)
    return out


def _numeric_columns(expression: str, names: Sequence[str]) -> list[str]:
    """Return the columns of a numeric factor, from the names of a term's columns."""
    pattern = re.compile(rf"(?:^|:)({re.escape(expression)}(?:\[[^\]]*\])?)(?=:|$)")
    found = [m.group(1) for name in names for m in pattern.finditer(name)]
    return list(dict.fromkeys(found)) or [expression]
