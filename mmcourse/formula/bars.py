"""One random term `(effects | group)`, and the summands of a fixed part.

Layer: below `formula`, which finds the terms in the sum; knows no data.

Conventions
    A text of effects starts with "1" or "0": whether it has an intercept is never left
    to a default. A group is a tuple of column names whose combinations are its levels;
    `a/b` stands for the groups ("a",) and ("b", "a").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from mmcourse.formula.tokens import (
    Token,
    check_alternation,
    fail,
    is_wrapped,
    source,
    split,
    split_sum,
)

BARS = ("|", "||")
# Powers of a sum are written out, product by product, before equal ones are merged.
HIGHEST_POWER, MOST_PRODUCTS = 9, 100_000
Sum = list[tuple[str, str]]  # (sign, text) of every summand


@dataclass(frozen=True, slots=True)
class RandomTerm:
    """One random term: which effects vary, and over which groups.

    Attributes
    ----------
    effects : str
        Text of the effects, "1 + Days" or "0 + Days".
    factors : tuple of str
        Columns whose combinations are the groups, in the order of the key.
    text : str
        How the term is shown, "(1 + Days | Subject)".
    independent : bool
        Written with `||`: every effect gets a block of its own.
    """

    effects: str
    factors: tuple[str, ...]
    text: str
    independent: bool = False

    @property
    def group(self) -> str:
        """Name of the grouping factor, "b:a" for combinations."""
        return ":".join(self.factors)


def has_bar(tokens: list[Token]) -> bool:
    """Whether a bar of a random term is among the tokens."""
    return any(t.text in BARS and not t.call for t in tokens)


def make_term(
    effects: str, factors: tuple[str, ...], independent: bool = False
) -> RandomTerm:
    """Return a random term with its display text.

    Examples
    --------
    >>> make_term("0 + Days", ("Subject",)).text
    '(0 + Days | Subject)'
    """
    group = ":".join(quoted(name) for name in factors)
    bar = "||" if independent else "|"
    return RandomTerm(effects, factors, f"({effects} {bar} {group})", independent)


def quoted(name: str) -> str:
    """Return a column's name as a formula writes it: back-quoted where it must be.

    Examples
    --------
    >>> quoted("Days"), quoted("my col")
    ('Days', '`my col`')
    """
    plain = name.replace(".", "_").isidentifier() and not name.startswith(".")
    return name if plain else f"`{name}`"


def read_term(text: str, inner: list[Token], end: int) -> list[RandomTerm]:
    """Read what stands between the parentheses of a random term.

    Parameters
    ----------
    text : str
        The formula, for messages.
    inner : list of Token
        With a bar outside of further brackets.
    end : int
        Place of the closing parenthesis.

    Returns
    -------
    list of RandomTerm
        Two or more for a group `a/b`.

    Raises
    ------
    FormulaError
        If it can't be read.

    Examples
    --------
    >>> from mmcourse.formula.tokens import tokenize
    >>> [term.text for term in read_term("x | a/b", tokenize("x | a/b"), 7)]
    ['(1 + x | a)', '(1 + x | b:a)']
    """
    depth = min(t.depth for t in inner)
    bars = [t for t in inner if t.text in BARS and t.depth == depth]
    if len(bars) > 1:
        hint = "A term has one bar: (effects | group)."
        fail(text, bars[1].start, "the random term has a second bar.", hint)
    cut = inner.index(bars[0])
    effects = with_intercept(_read_effects(text, inner[:cut], bars[0]))
    groups = _read_group(text, inner[cut + 1 :], end)
    return [make_term(effects, factors, bars[0].text == "||") for factors in groups]


def _read_effects(text: str, tokens: list[Token], bar: Token) -> Sum:
    """Signed summands of a term's effects."""
    if not tokens:
        hint = "Write 1 for an intercept per group, for example (1 | g)."
        fail(text, bar.start, f"there are no effects before '{bar.text}'.", hint)
    if has_bar(tokens):
        hint = "Write the terms side by side: (1 | a) + (1 | b)."
        fail(text, tokens[0].start, "a random term stands inside another.", hint)
    sums = []
    for sign, chunk in split_sum(text, tokens):
        check_fixed(text, chunk)
        if chunk[0].text in ("offset", ".") and len(chunk) in (1, 4):
            hint = "Name the columns whose effect varies between groups."
            found = f"'{chunk[0].text}' can't be an effect of a random term."
            fail(text, chunk[0].start, found, hint)
        sums.append((sign, source(chunk)))
    if with_intercept(sums) == "0":
        hint = "Write 1 for an intercept per group, for example (1 | g)."
        fail(text, tokens[0].start, "the random term has no effects.", hint)
    return sums


def _read_group(text: str, tokens: list[Token], end: int) -> list[tuple[str, ...]]:
    """Return the groups after a bar: `a/b` gives ("a",) and ("b", "a")."""
    example = "Write the column that defines the groups, for example (1 + day | pupil)."
    if not tokens:
        fail(text, end, "there is no grouping factor after '|'.", example)
    while is_wrapped(tokens):
        tokens = tokens[1:-1]
    groups: list[tuple[str, ...]] = []
    outer: tuple[str, ...] = ()
    for part in split(tokens, "/"):
        while is_wrapped(part):
            part = part[1:-1]
        names: list[str] = []
        for piece in split(part, ":"):
            names.append(_group_name(text, piece, end))
        outer = (*names, *outer)
        groups.append(outer)
    return groups


def _group_name(text: str, tokens: list[Token], end: int) -> str:
    """Name of one grouping column; anything but a column is refused."""
    if not tokens:
        hint = "Write a column on either side of '/' and ':'."
        fail(text, end, "a column is missing in the grouping factor.", hint)
    while is_wrapped(tokens):
        tokens = tokens[1:-1]
    first = tokens[0]
    if len(tokens) == 1 and first.is_name and first.text != ".":
        return first.name
    _refuse_group(text, tokens)


def _refuse_group(text: str, tokens: list[Token]) -> NoReturn:
    """Say why something is no grouping column."""
    first, words = tokens[0], source(tokens)
    joined = [t for t in tokens if t.text in ("+", "*") and t.depth == first.depth]
    at, found, hint = (
        first.start,
        f"the grouping factor {words} is no column.",
        "Write the name of a column, a:b, or a/b.",
    )
    if first.kind == "number":
        found = f"the grouping factor is {words}, which is no column."
        hint = "The effects stand before the bar, the group after it: (1 | group)."
    elif len(tokens) > 1 and tokens[1].opens_call:
        found = f"the grouping factor {words} is a function call."
        hint = "Make it a column of the data first, and name the column here."
    elif joined:
        at = joined[0].start
        found = f"a grouping factor can't be made with '{joined[0].text}'."
        hint = (
            "Write (1 | a) + (1 | b) for two factors, (1 | a:b) for combinations, "
            "(1 | a/b) for b within a."
        )
    fail(text, at, found, hint)


def check_fixed(text: str, chunk: list[Token]) -> None:
    """Refuse what would be read without an error, but not as it was meant."""
    for token in chunk:
        if token.text == "^" and token.call:
            fail_power(text, token)
        if token.text == "." and token.call:
            hint = "Name the columns one by one."
            found = "'.' stands for columns between terms only, not in a function call."
            fail(text, token.start, found, hint)
    _check_literals(text, chunk)
    _check_missing_plus(text, chunk)
    check_alternation(text, chunk)
    inside = [t for t in chunk[1:] if t.text == "offset" and not t.call]
    if inside:
        hint = "An offset is a summand of its own: + offset(o)."
        at = inside[0].start
        fail(text, at, "the offset can't be combined with another term.", hint)
    is_power = len(chunk) == 3 and chunk[0].is_name and chunk[1].text in ("^", "**")
    if is_power and chunk[0].text != ".":
        name, power = chunk[0].text, chunk[2].text
        fail(
            text,
            chunk[1].start,
            f"{source(chunk)} means the interaction of {name} with itself, "
            f"which is {name} again.",
            f"Write I({name}**{power}) for a power.",
        )
    for i, token in enumerate(chunk):
        if token.text in ("^", "**") and not token.call:
            _check_power(text, chunk, i)


def _check_literals(text: str, chunk: list[Token]) -> None:
    """Refuse texts, and numbers other than powers and the intercept's 1 and 0."""
    joined = (":", "*", "/")
    for i, token in enumerate(chunk):
        if token.call:
            continue
        if token.kind == "string":
            hint = f"Back quotes make it the name of a column: `{token.text[1:-1]}`."
            fail(text, token.start, f"the text {token.text} is no term.", hint)
        before = next((t.text for t in reversed(chunk[:i]) if t.text != "("), "")
        if token.kind != "number" or before in ("^", "**"):
            continue
        after = chunk[i + 1].text if i + 1 < len(chunk) else ""
        if token.text not in ("0", "1") or before in joined or after in joined:
            fail(
                text,
                token.start,
                f"the number {token.text} is no term.",
                "1 stands for an intercept and 0 for none. To scale a column write "
                "I(2*x); a known part of the response is an offset(column).",
            )


def _check_power(text: str, chunk: list[Token], i: int) -> None:
    """Refuse a power of a sum that would take for ever to write out."""
    number = next((t for t in chunk[i + 1 :] if t.text != "("), chunk[i])
    if number.kind != "number":
        return
    power, inner = float(number.text), chunk[i].depth + 1
    size = 0
    for token in reversed(chunk[:i]):
        size += token.is_name and not token.call
        if token.depth < inner and token.text != ")":
            break  # the sum's opening bracket, or a term without any
    if power > HIGHEST_POWER or size**power > MOST_PRODUCTS:
        fail(
            text,
            chunk[i].start,
            f"the power {number.text} is too high: every product of that many terms "
            "would be written out.",
            "A power of 2 gives the interactions of pairs, 3 those of three columns; "
            f"{HIGHEST_POWER} is the highest, and less for a long sum.",
        )


def _check_missing_plus(text: str, chunk: list[Token]) -> None:
    """Refuse `x (1 | g)`, which would be a call of a function x."""
    if len(chunk) < 2 or not chunk[1].opens_call or chunk[0].text == "I":
        return
    depth = chunk[1].depth + 1
    if any(t.text in BARS and t.depth == depth for t in chunk):
        fail(
            text,
            chunk[1].start,
            f"a sign is missing between {chunk[0].text} and the random term.",
            f"Write {chunk[0].text} + {source(chunk[1:])}.",
        )


def fail_power(text: str, token: Token) -> NoReturn:
    """Refuse `^` inside Python code."""
    fail(
        text,
        token.start,
        "'^' inside a function call is Python's exclusive or, not a power.",
        "Write **, for example I(x**2).",
    )


def with_intercept(sums: Sum) -> str:
    """Join signed summands into a text that starts with its intercept, 1 or 0."""
    intercept, out = "1", ""
    for sign, body in sums:
        if body in ("0", "1"):
            keeps = (sign == "+") == (body == "1")
            intercept = "1" if keeps else "0"
        else:
            out += f" {sign} {body}"
    return intercept + out
