"""Formula + names of the columns -> what each of its parts needs of the data.

Layer: knows which columns there are, not what they hold. `.` and `||` are written out
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mmcourse.design.expressions import Plan, make_plan, term_texts
from mmcourse.design.frames import check_names
from mmcourse.formula import MixedFormula, RandomTerm, make_term, quoted
from mmcourse.formula.tokens import tokenize

_COLUMN = re.compile(r"[^\W\d][\w.]*|`[^`]+`")


@dataclass(frozen=True, slots=True, eq=False)
class Plans:
    """What the parts of a formula need.

    Attributes
    ----------
    response, fixed : Plan
    terms : tuple of (RandomTerm, Plan)
        In the order of writing, `||` written out.
    offsets : tuple of Plan
        Of the `offset(...)` terms.
    """

    response: Plan
    fixed: Plan
    terms: tuple[tuple[RandomTerm, Plan], ...]
    offsets: tuple[Plan, ...]

    @property
    def all(self) -> tuple[Plan, ...]:
        """Every plan, in the order of a formula."""
        return (self.response, self.fixed, *(p for _, p in self.terms), *self.offsets)

    @property
    def variables(self) -> list[str]:
        """Columns of all expressions."""
        return list(dict.fromkeys(name for plan in self.all for name in plan.variables))

    @property
    def factors(self) -> list[str]:
        """Grouping columns."""
        return list(dict.fromkeys(f for term, _ in self.terms for f in term.factors))


def make_plans(
    formula: MixedFormula, frame: Any, arguments: Mapping[str, str]
) -> Plans:
    """Read the parts of a formula and check that their columns exist.

    Parameters
    ----------
    formula : MixedFormula
    frame : data frame
    arguments : mapping of str -> str
        Columns that `weights` and `offset` name.

    Raises
    ------
    FormulaError
        If a part can't be read.
    DesignError
        If a name is neither a column nor a function.

    Examples
    --------
    >>> import pandas as pd
    >>> from mmcourse.formula import parse
    >>> frame = pd.DataFrame(columns=["y", "x", "z", "g"])
    >>> make_plans(parse("y ~ . + (x || g)"), frame, {}).variables
    ['y', 'x', 'z']
    """
    terms = tuple((t, make_plan(t.effects)) for t in _expanded(formula.random))
    response = _value_plan(formula.response)
    offsets = tuple(_value_plan(text) for text in formula.offsets)
    taken = {f for term, _ in terms for f in term.factors}
    taken.update(*(plan.variables for plan in (response, *offsets)), arguments.values())
    fixed = make_plan(_fixed_text(formula.fixed, frame, taken))
    plans = Plans(response, fixed, terms, offsets)
    check_names([*plans.variables, *plans.factors], frame)
    for argument, name in arguments.items():
        check_names([name], frame, argument)
    return plans


def _value_plan(text: str) -> Plan:
    """Plan of an expression that gives one value per row."""
    # Braces make formulaic take the text as Python: + adds the values.
    inside = text if _COLUMN.fullmatch(text) else f"{{{text}}}"
    return make_plan(f"0 + {inside}", text)


def _fixed_text(text: str, frame: Any, taken: set[str]) -> str:
    """Write `.` out in the fixed part: the columns that are not taken."""
    if "." not in text:
        return text
    dots = [t.start for t in tokenize(text) if t.text == "." and not t.call]
    names = [quoted(c) for c in frame.columns if isinstance(c, str) and c not in taken]
    if text[1:] == " + .":
        return " + ".join([text[0], *names])
    every = f"({' + '.join(names)})" if names else "0"
    for start in reversed(dots):
        text = text[:start] + every + text[start + 1 :]
    return text


def _expanded(terms: Iterable[RandomTerm]) -> list[RandomTerm]:
    """Terms with `||` written out: a block for each effect, a factor in one piece."""
    out = []
    for term in terms:
        if not term.independent:
            out.append(term)
            continue
        if term.effects.startswith("1"):
            out.append(make_term("1", term.factors))
        out += [make_term(f"0 + {t}", term.factors) for t in term_texts(term.effects)]
    return out
