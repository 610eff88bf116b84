"""Random terms in columns, and which of them a `re_form` asks for.

Layer: knows the model's terms, no data.

Conventions
    A selection is a tuple of (term, columns): positions among the model's terms and
    among that term's columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmcourse.design.expressions import term_texts
from mmcourse.errors import DesignError, FormulaError, did_you_mean, listing
from mmcourse.formula import RandomTerm, parse_random

Selection = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TermColumns:
    """One random term of a model, with its columns for the rows used.

    Attributes
    ----------
    group : str
        Name of the grouping factor.
    grouping : int
        Its position among the design's groupings.
    names : tuple of str
        Of the effects.
    columns : array, (n, c)
        What the random effects of a row's level are multiplied by.
    text : str
        "(1 + Days | Subject)".
    sources : tuple of str
        The summand of the term that each column belongs to, "1" for the intercept.
    """

    group: str
    grouping: int
    names: tuple[str, ...]
    columns: NDArray[np.float64]
    text: str
    sources: tuple[str, ...] = ()


def match_terms(terms: tuple[TermColumns, ...], re_form: str) -> Selection:
    """Find the columns of the random effects that are asked for.

    Parameters
    ----------
    terms : tuple of TermColumns
    re_form : str
        "all", "none", or random terms; "(0 + Days | Subject)" is part of
        "(1 + Days | Subject)".

    Raises
    ------
    TypeError
        If it is no string.
    FormulaError
        If it can't be read.
    DesignError
        If the model has no such term.

    Examples
    --------
    >>> one = TermColumns("g", 0, ("Intercept", "x"), np.ones((1, 2)), "", ("1", "x"))
    >>> match_terms((one,), "(0 + x | g)")
    ((0, (1,)),)
    """
    if not isinstance(re_form, str):
        raise TypeError(
            f"re_form is {re_form!r}; it must be 'all', 'none' or random terms such as "
            "'(1 | group)'."
        )
    if re_form.strip() == "all":
        return tuple((i, tuple(range(len(t.names)))) for i, t in enumerate(terms))
    if re_form.replace(" ", "") in ("none", "~0", "0"):
        return ()
    if "|" not in re_form:
        raise FormulaError(
            f"re_form is {re_form!r}; it must be 'all', 'none' or random terms such as "
            f"'{terms[0].text}'."
        )
    chosen: dict[int, set[int]] = {}
    for asked in parse_random(re_form):
        for i, column in _match_one(terms, asked):
            chosen.setdefault(i, set()).add(column)
    return tuple((i, tuple(sorted(chosen[i]))) for i in sorted(chosen))


def _match_one(
    terms: tuple[TermColumns, ...], asked: RandomTerm
) -> list[tuple[int, int]]:
    """(term, column) of every effect of one random term that is asked for."""
    same = [i for i, term in enumerate(terms) if _same_group(term.group, asked.group)]
    known = f"Terms: {listing(term.text for term in terms)}."
    if not same:
        hint = did_you_mean(asked.group, [term.group for term in terms])
        raise DesignError(
            f"the model has no random effects for {asked.group!r}, which re_form asks "
            f"for.\n  {hint}{known}"
        )
    out = []
    for effect in _effects(asked.effects):
        places = [
            (i, j)
            for i in same
            for j, source in enumerate(terms[i].sources)
            if pieces(source) == pieces(effect)
        ]
        if not places:
            name = "an intercept" if effect == "1" else repr(effect)
            raise DesignError(
                f"the model has no random effect of {name} for {asked.group!r}, which "
                f"re_form asks for in {asked.text}.\n  {known}"
            )
        out += places
    return out


def _same_group(one: str, other: str) -> bool:
    """Whether two names stand for the same groups; their order does not matter."""
    return pieces(one) == pieces(other)


def pieces(name: str) -> tuple[str, ...]:
    """Parts of an interaction, whatever order they were written in.

    Examples
    --------
    >>> pieces("z:x") == pieces("x:z")
    True
    """
    return tuple(sorted(name.split(":")))


def _effects(text: str) -> list[str]:
    """Summands of a term's effects, as `sources` has them."""
    intercept = ["1"] if text.startswith("1") else []
    return intercept + [word.replace("`", "") for word in term_texts(text)]
