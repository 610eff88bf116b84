"""Formula text -> tokens that know their place, and how a sum falls into its terms.

Layer: below `formula`. What stands inside a function call, square brackets or braces
is Python code; it is kept together and only looked at, never taken apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from mmcourse.errors import FormulaError, caret

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<quoted>`[^`]+`)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>(?:[^\W\d]|\.)[\w.]*)
      | (?P<op>%in%|\*\*|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}
# More brackets inside each other than this are a slip, and end Python's recursion.
MOST_BRACKETS = 50
_OPERANDS = ("name", "quoted", "number", "string")
# What joins the terms of a right-hand side; Python code may hold any other sign.
_SIGNS = ("+", "-", "*", "/", ":", "^", "**", "|", "||", "~", "(", ")", "{", "}")
_COMPARISONS = ("=", "<", ">", "!", "&")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign of a formula.

    Attributes
    ----------
    depth : int
        Brackets around it.
    call : bool
        Whether it stands in Python code.
    opens_call : bool
        Whether it is the bracket of a function call.
    """

    kind: str
    text: str
    start: int
    depth: int
    call: bool
    opens_call: bool = False

    @property
    def end(self) -> int:
        """Index behind its last character."""
        return self.start + len(self.text)

    @property
    def is_name(self) -> bool:
        """Whether it names a column or a function."""
        return self.kind in ("name", "quoted")

    @property
    def name(self) -> str:
        """The name without back quotes."""
        return self.text.strip("`")


def fail(text: str, position: int, found: str, hint: str) -> NoReturn:
    """Raise a FormulaError with a caret under the fault."""
    raise FormulaError(f"{found}\n{caret(text, position, hint)}")


def tokenize(text: str) -> list[Token]:
    """Cut a formula into tokens.

    Raises
    ------
    FormulaError
        If a quote or bracket is not closed, a bracket closes nothing, or too many stand
        inside each other.

    Examples
    --------
    >>> [(t.text, t.depth) for t in tokenize("y ~ (1|g)")]
    [('y', 0), ('~', 0), ('(', 0), ('1', 1), ('|', 1), ('g', 1), (')', 0)]
    """
    out: list[Token] = []
    stack: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        if kind == "space":
            continue
        if word in ("`", '"', "'"):
            hint = f"Close it with another {word}."
            fail(text, match.start(), f"the quote {word} is not closed.", hint)
        token = _placed(kind, word, match.start(), stack, out)
        if word in _CLOSES:
            stack.append(token)
            if len(stack) > MOST_BRACKETS:
                hint = "Leave those out that change nothing."
                found = f"more than {MOST_BRACKETS} brackets stand inside each other."
                fail(text, match.start(), found, hint)
        elif word in _CLOSES.values():
            token = _closed(text, token, stack)
        out.append(token)
    if stack:
        word = stack[-1].text
        hint = f"Add a '{_CLOSES[word]}'."
        fail(text, stack[-1].start, f"the '{word}' is not closed.", hint)
    return out


def _placed(
    kind: str, word: str, start: int, stack: list[Token], before: list[Token]
) -> Token:
    """Return a token with its depth, and whether Python code begins with it."""
    call = bool(stack) and (
        stack[-1].call or stack[-1].opens_call or stack[-1].text == "{"
    )
    after_name = bool(before) and before[-1].is_name
    return Token(
        kind=kind,
        text=word,
        start=start,
        depth=len(stack),
        call=call,
        opens_call=word in "([" and after_name,
    )


def _closed(text: str, token: Token, stack: list[Token]) -> Token:
    """Match a closing bracket with its opening one; the two share their depth."""
    if not stack or _CLOSES[stack[-1].text] != token.text:
        hint = "Check that every bracket has its partner."
        fail(text, token.start, f"the '{token.text}' closes nothing.", hint)
    opening = stack.pop()
    return Token("op", token.text, token.start, opening.depth, opening.call)


def check_signs(text: str, tokens: list[Token]) -> None:
    """Refuse signs that mean nothing between the terms of a right-hand side.

    Raises
    ------
    FormulaError
        At the first of them.
    """
    for i, token in enumerate(tokens):
        word = token.text
        if token.kind != "op" or token.call or word in _SIGNS or token.opens_call:
            continue
        if word[0] == "%" and len(word) > 1:
            continue  # %in%
        if word == "]" and _closes_call(tokens, i):
            continue
        hint = "Terms are joined by +, -, :, *, / and ^; odd names go in back quotes."
        if word in _COMPARISONS:
            hint = "A comparison goes into I(...), for example I(x > 3)."
        elif word == ",":
            hint = "Join the terms by +."
        found = f"the sign {word[0]!r} has no meaning here."
        fail(text, token.start, found, hint)


def source(tokens: list[Token]) -> str:
    """Return the text of neighbouring tokens, with single spaces.

    Examples
    --------
    >>> source(tokenize("poly (x,  2)"))
    'poly(x, 2)'
    """
    out = tokens[0].text
    for before, token in pairwise(tokens):
        gap = token.start > before.end and not token.opens_call
        out += (" " if gap else "") + token.text
    return out


def is_wrapped(tokens: list[Token]) -> bool:
    """Whether one pair of round brackets holds all of the tokens."""
    if len(tokens) < 2 or tokens[0].text != "(" or tokens[-1].text != ")":
        return False
    return all(t.depth > tokens[0].depth for t in tokens[1:-1])


def split(tokens: list[Token], sign: str) -> list[list[Token]]:
    """Cut tokens at a sign outside of brackets; parts may be empty."""
    depth = min((t.depth for t in tokens), default=0)
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == sign and token.depth == depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def split_sum(text: str, tokens: list[Token]) -> list[tuple[str, list[Token]]]:
    """Cut a sum into its signed terms.

    Raises
    ------
    FormulaError
        If a term is missing.

    Examples
    --------
    >>> text = "x - log(z + 1)"
    >>> [(s, [t.text for t in term]) for s, term in split_sum(text, tokenize(text))]
    [('+', ['x']), ('-', ['log', '(', 'z', '+', '1', ')'])]
    """
    depth, sign = tokens[0].depth, "+"
    out: list[tuple[str, list[Token]]] = []
    chunk: list[Token] = []
    for i, token in enumerate(tokens):
        if token.depth != depth or token.text not in ("+", "-"):
            chunk.append(token)
        elif chunk:
            out.append((sign, chunk))
            chunk, sign = [], token.text
        elif i == 0:
            sign = token.text
        else:
            hint = "Write a term between the two signs, or leave one out."
            fail(text, token.start, f"'{token.text}' follows another sign.", hint)
    if not chunk:
        last = tokens[-1]
        hint = "Write a term after it, or leave it out."
        fail(text, last.end, f"nothing follows '{last.text}'.", hint)
    out.append((sign, chunk))
    return out


def check_alternation(text: str, term: list[Token]) -> None:
    """Refuse a term whose operands and operators don't take turns.

    Raises
    ------
    FormulaError
        If an operator or an operand is missing; Python code is not looked into.
    """
    expects_operand = True
    for i, token in enumerate(term):
        if token.call or token.opens_call or _closes_call(term, i):
            continue
        opens = token.text in _CLOSES
        operand = token.kind in _OPERANDS or opens
        if token.text in _CLOSES.values():
            expects_operand = _fail_dangling(text, term[i - 1], expects_operand)
        elif operand != expects_operand and token.text not in ("+", "-"):
            _fail_turn(text, token, operand)
        else:
            expects_operand = not operand or (opens and token.text != "{")
    _fail_dangling(text, term[-1], expects_operand)


def _closes_call(term: list[Token], i: int) -> bool:
    """Whether token i is the closing bracket of a call or of braces."""
    if term[i].text not in _CLOSES.values():
        return False
    opening = next(
        t for t in reversed(term[:i]) if t.text in _CLOSES and t.depth == term[i].depth
    )
    return opening.opens_call or opening.text == "{"


def _fail_dangling(text: str, last: Token, expects_operand: bool) -> bool:
    """Refuse an operator with nothing behind it."""
    if expects_operand:
        hint = "Write a term after it, or leave it out."
        fail(text, last.start, f"nothing follows '{last.text}'.", hint)
    return False


def _fail_turn(text: str, token: Token, operand: bool) -> NoReturn:
    """Refuse two operands, or two operators, in a row."""
    if operand:
        hint = "Put +, : or * between two terms; names with spaces go in back quotes."
        fail(text, token.start, f"an operator is missing before {token.text!r}.", hint)
    hint = "Leave one of the two signs out."
    fail(text, token.start, f"{token.text!r} has no term before it.", hint)
