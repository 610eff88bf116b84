"""Formula text -> response, fixed part and random terms.

Layer: knows no data. The random terms `(effects | group)` and the offsets are cut out
here, because Python's formula libraries give `|` another meaning; the fixed part and
the effects stay text, which the design layer has formulaic turn into columns.

Conventions
    Every text that leaves this file starts with "1" or "0": whether it has an
    intercept is never left to a default. A group is a tuple of column names whose
    combinations are its levels; `a/b` stands for the groups ("a",) and ("b", "a").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from mmcourse.errors import FormulaError
from mmcourse.formula.bars import (
    BARS,
    RandomTerm,
    Sum,
    check_fixed,
    fail_power,
    has_bar,
    read_term,
    with_intercept,
)
from mmcourse.formula.tokens import (
    Token,
    check_signs,
    fail,
    is_wrapped,
    source,
    split_sum,
    tokenize,
)


@dataclass(frozen=True, slots=True)
class MixedFormula:
    """A formula in its parts.

    Attributes
    ----------
    text : str
        As the user wrote it.
    response : str
        Left-hand side, a column or a Python expression such as "log(y)".
    fixed : str
        Fixed part, "1 + x" or "0".
    random : tuple of RandomTerm
        In the order of writing; `a/b` gives two.
    offsets : tuple of str
        Insides of the `offset(...)` terms.
    """

    text: str
    response: str
    fixed: str
    random: tuple[RandomTerm, ...]
    offsets: tuple[str, ...] = ()


@dataclass(slots=True)
class _Parts:
    """What the right-hand side has given so far."""

    sums: Sum = field(default_factory=list)
    random: list[RandomTerm] = field(default_factory=list)
    offsets: list[str] = field(default_factory=list)


def parse(text: str) -> MixedFormula:
    """Read a mixed-model formula.

    Parameters
    ----------
    text : str
        `response ~ fixed + (effects | group) + ...`, as in lme4.

    Returns
    -------
    MixedFormula

    Raises
    ------
    TypeError
        If the formula is not a string.
    FormulaError
        If it can't be read, or has no random term.

    Examples
    --------
    >>> formula = parse("Reaction ~ Days + (Days | Subject)")
    >>> formula.fixed, formula.random[0].text
    ('1 + Days', '(1 + Days | Subject)')
    >>> [term.group for term in parse("y ~ 1 + (1 | a/b)").random]
    ['a', 'b:a']
    """
    if not isinstance(text, str):
        raise TypeError(
            f"the formula is of type {type(text).__name__}; it must be a string such "
            "as 'y ~ x + (1 | g)'."
        )
    left, right = _sides(text, tokenize(text))
    parts = _Parts()
    _read_sum(text, right, parts)
    if not parts.random:
        raise FormulaError(
            "the formula has no random effects terms.\n"
            f"    {text.strip()}\n"
            "  Add one, for example (1 | group); for least squares without random "
            "effects use statsmodels.formula.api.ols."
        )
    return MixedFormula(
        text=text,
        response=left,
        fixed=with_intercept(parts.sums),
        random=tuple(parts.random),
        offsets=tuple(parts.offsets),
    )


def parse_random(text: str) -> tuple[RandomTerm, ...]:
    """Read a sum of random terms and nothing else, as `predict` is given them.

    Raises
    ------
    FormulaError
        If there is anything but random terms.

    Examples
    --------
    >>> [term.text for term in parse_random("(1 | a) + (0 + x | b)")]
    ['(1 | a)', '(0 + x | b)']
    """
    tokens = tokenize(text)
    if tokens and tokens[0].text == "~":
        tokens = tokens[1:]
    parts = _Parts()
    check_signs(text, tokens)
    if tokens:
        _read_sum(text, tokens, parts)
    extra = [body for _, body in parts.sums if body not in ("0", "1")] + parts.offsets
    if extra or not parts.random:
        found = repr(extra[0]) if extra else "no term"
        raise FormulaError(
            f"{text!r} should hold random terms only, but {found} was found.\n"
            "  Write them as in the model's formula, for example (1 | group)."
        )
    return tuple(parts.random)


def _sides(text: str, tokens: list[Token]) -> tuple[str, list[Token]]:
    """Return the response text and the tokens of the right-hand side."""
    tildes = [i for i, t in enumerate(tokens) if t.text == "~" and not t.call]
    example = "A formula reads response ~ fixed + (effects | group)."
    if not tokens:
        raise FormulaError(f"the formula is empty.\n  {example}")
    if not tildes:
        equals = [t.start for t in tokens if t.text == "=" and not t.call]
        if equals:
            hint = "Write '~' in place of '='."
            fail(text, equals[0], "the formula has '=' where '~' belongs.", hint)
        fail(text, len(text), "the formula has no '~'.", example)
    if len(tildes) > 1:
        at = tokens[tildes[1]].start
        fail(text, at, "the formula has a second '~'.", example)
    left, right = tokens[: tildes[0]], tokens[tildes[0] + 1 :]
    tilde = tokens[tildes[0]].start
    if tokens[tildes[0]].depth:
        fail(text, tilde, "the '~' stands inside of brackets.", example)
    if not left:
        fail(text, tilde, "there is no response before '~'.", example)
    if not right:
        fail(text, tilde + 1, "there is nothing after '~'.", example)
    for token in left:
        if token.text in BARS and not token.call:
            hint = "Random terms stand to the right of '~'."
            fail(text, token.start, "there is a bar in the response.", hint)
        if token.text == "^":
            fail_power(text, token)
    check_signs(text, right)
    return source(left), right


def _read_sum(text: str, tokens: list[Token], parts: _Parts) -> None:
    """Sort the terms of a sum into fixed terms, random terms and offsets."""
    _check_top_bar(text, tokens)
    for sign, chunk in split_sum(text, tokens):
        if is_wrapped(chunk) and has_bar(chunk):
            if sign == "-":
                hint = "Leave the random term out instead."
                fail(text, chunk[0].start, "a random term can't be subtracted.", hint)
            _read_wrapped(text, chunk, parts)
        elif has_bar(chunk):
            _fail_joined_bar(text, chunk)
        elif chunk[0].text == "offset" and len(chunk) > 1:
            parts.offsets.append(_read_offset(text, sign, chunk))
        else:
            check_fixed(text, chunk)
            parts.sums.append((sign, source(chunk)))


def _check_top_bar(text: str, tokens: list[Token]) -> None:
    """Refuse `y ~ x + 1 | g`, with the parenthesised form as a hint."""
    depth = tokens[0].depth
    bars = [i for i, t in enumerate(tokens) if t.text in BARS and t.depth == depth]
    if not bars:
        return
    signs = [i for i, t in enumerate(tokens) if t.text in "+-" and t.depth == depth]
    first = max((i + 1 for i in signs if i < bars[0]), default=0)
    last = min((i for i in signs if i > bars[0]), default=len(tokens))
    term = f"({source(tokens[first:last])})"
    parts = [text[: tokens[0].start].strip()] if depth == 0 else []
    parts += [source(tokens[:first])] if first else []
    parts += [term]
    parts += [source(tokens[last:])] if last < len(tokens) else []
    bar = tokens[bars[0]]
    fail(
        text,
        bar.start,
        f"the '{bar.text}' stands outside parentheses, where it would take all that is "
        "before it into the random term.",
        f"Write {' '.join(part for part in parts if part)}.",
    )


def _fail_joined_bar(text: str, chunk: list[Token]) -> NoReturn:
    """Refuse a random term that is not a summand: `x * (1 | g)`, `x (1 | g)`."""
    bar = next(t for t in chunk if t.text in BARS and not t.call)
    opening = next(t for t in reversed(chunk[: chunk.index(bar)]) if t.text == "(")
    fail(
        text,
        opening.start,
        "a random term must be joined to the others by '+'.",
        "Write ... + (effects | group).",
    )


def _read_wrapped(text: str, chunk: list[Token], parts: _Parts) -> None:
    """Read `(effects | group)`, or a parenthesised sum that holds random terms."""
    inner, depth = chunk[1:-1], chunk[0].depth + 1
    if any(t.text in BARS and t.depth == depth for t in inner):
        parts.random += read_term(text, inner, chunk[-1].start)
    else:
        _read_sum(text, inner, parts)


def _read_offset(text: str, sign: str, chunk: list[Token]) -> str:
    """Inside of `offset(...)`."""
    at = chunk[0].start
    whole = chunk[1].opens_call and is_wrapped(chunk[1:])
    if sign == "-" or not whole:
        hint = "An offset is a summand of its own: + offset(o)."
        fail(text, at, "the offset can't be combined with another term.", hint)
    inner = chunk[2:-1]
    if not inner:
        fail(text, chunk[-1].start, "the offset is empty.", "Write offset(column).")
    check_fixed(text, chunk)
    return source(inner)
