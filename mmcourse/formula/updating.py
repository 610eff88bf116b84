"""A change to a formula, as R's `update` reads it: ". ~ . - Days".

Layer: above the parser; knows no data. On either side of `~` a dot stands for what the
old formula has there; "-" takes a term away.
"""

from __future__ import annotations

from typing import NoReturn

from mmcourse.errors import FormulaError, listing
from mmcourse.formula.bars import RandomTerm, Sum, has_bar
from mmcourse.formula.parser import MixedFormula, parse_random
from mmcourse.formula.tokens import Token, fail, source, split_sum, tokenize


def update_formula(old: MixedFormula, text: str) -> str:
    """Return the text of the changed formula.

    Parameters
    ----------
    old : MixedFormula
    text : str
        A change such as ". ~ . - x + (0 + x | g)", or a whole formula. Nothing before
        `~` keeps the response.

    Raises
    ------
    TypeError
        If the change is no string.
    FormulaError
        If it can't be read, or takes away a random term that is not there.

    Examples
    --------
    >>> from mmcourse.formula import parse
    >>> old = parse("Reaction ~ Days + (Days | Subject)")
    >>> update_formula(old, ". ~ . - (Days | Subject) + (1 | Subject)")
    'Reaction ~ Days + (1 | Subject)'
    >>> update_formula(old, "log(.) ~ . - Days")
    'log(Reaction) ~ 1 + (1 + Days | Subject)'
    """
    if not isinstance(text, str):
        raise TypeError(
            f"the formula is of type {type(text).__name__}; it must be a string such "
            "as '. ~ . - x'."
        )
    tokens = tokenize(text)
    tildes = [i for i, t in enumerate(tokens) if t.text == "~" and not t.call]
    hint = "A change reads . ~ . + x or . ~ . - (1 | g); a dot stands for what was."
    if len(tildes) != 1:
        found = "the change has a second '~'." if tildes else "the change has no '~'."
        fail(text, tokens[tildes[1]].start if tildes else len(text), found, hint)
    left, right = tokens[: tildes[0]], tokens[tildes[0] + 1 :]
    if not right:
        fail(text, len(text), "there is nothing after '~'.", hint)
    if not any(_is_dot(t) for t in right):
        # A whole formula; `parse` finds its faults.
        return f"{_with_dots(left, old.response)} ~ {source(right)}"
    change = _Change(old)
    # What was comes first, so that "0 + ." takes its intercept away.
    summands = split_sum(text, right)
    for sign, chunk in sorted(summands, key=lambda pair: not _is_dot(pair[1][0])):
        change.add(text, sign, chunk)
    return f"{_with_dots(left, old.response)} ~ {change.text()}"


class _Change:
    """The right-hand side while its summands come in; used by `update_formula` only."""

    def __init__(self, old: MixedFormula) -> None:
        self.old = old
        self.intercept = True  # unless something says otherwise
        self.fixed: Sum = []
        self.random: list[RandomTerm] = []
        self.offsets: list[str] = []

    def add(self, text: str, sign: str, chunk: list[Token]) -> None:
        """Take one summand in."""
        if len(chunk) == 1 and _is_dot(chunk[0]):
            if sign == "-":
                _fail_minus_dot(text, chunk[0])
            self._add_old()
        elif has_bar(chunk):
            self._random(sign, parse_random(source(chunk)))
        elif chunk[0].text == "offset" and len(chunk) > 1:
            self._offset(sign, source(chunk)[len("offset(") : -1])
        else:
            self._fixed(sign, _with_dots(chunk, f"({_plain(self.old.fixed)})"))

    def text(self) -> str:
        """Return the right-hand side as a formula has it."""
        out = "" if self.intercept else "0"
        for sign, body in self.fixed:
            out += f" {sign} {body}" if out or sign == "-" else body
        out = out or "1"
        if out.startswith(" -"):
            out = "1" + out
        parts = [out, *(term.text for term in self.random)]
        return " + ".join([*parts, *(f"offset({body})" for body in self.offsets)])

    def _add_old(self) -> None:
        """Put in what the old formula has."""
        tokens = tokenize(self.old.fixed)
        for sign, chunk in split_sum(self.old.fixed, tokens):
            self._fixed(sign, source(chunk))
        self._random("+", self.old.random)
        for body in self.old.offsets:
            self._offset("+", body)

    def _fixed(self, sign: str, body: str) -> None:
        """Add or take away a fixed term; what is not there as such stays as "- x"."""
        if body in ("0", "1"):
            self.intercept = (sign == "+") == (body == "1")
            return
        other = "-" if sign == "+" else "+"
        same = [i for i, (_, b) in enumerate(self.fixed) if _bare(b) == _bare(body)]
        opposite = [i for i in same if self.fixed[i][0] == other]
        if opposite:
            del self.fixed[opposite[0]]
        elif not same:
            self.fixed.append((sign, body))

    def _random(self, sign: str, terms: tuple[RandomTerm, ...]) -> None:
        """Add or take away random terms."""
        for term in terms:
            same = [t for t in self.random if _key(t) == _key(term)]
            if sign == "+" and not same:
                self.random.append(term)
            elif sign == "-":
                if not same:
                    known = listing(t.text for t in self.random) or "none"
                    raise FormulaError(
                        f"the formula has no random term {term.text} to take away.\n"
                        f"  Its random terms: {known}."
                    )
                self.random.remove(same[0])

    def _offset(self, sign: str, body: str) -> None:
        """Add or take away an offset."""
        same = [b for b in self.offsets if _bare(b) == _bare(body)]
        if sign == "+":
            self.offsets.append(body)
        elif same:
            self.offsets.remove(same[0])
        else:
            raise FormulaError(f"the formula has no offset({body}) to take away.")


def _fail_minus_dot(text: str, token: Token) -> NoReturn:
    hint = "Write the new terms alone, without a dot."
    fail(text, token.start, "'- .' would take away all there is.", hint)


def _is_dot(token: Token) -> bool:
    return token.kind == "name" and token.text == "."


def _with_dots(tokens: list[Token], old: str) -> str:
    """Text of some tokens with the old part in place of the dots."""
    if not tokens:
        return old
    out, end = "", tokens[0].start
    for token in tokens:
        gap = token.start > end and not token.opens_call
        out += (" " if gap else "") + (old if _is_dot(token) else token.text)
        end = token.end
    return out


def _plain(fixed: str) -> str:
    """Leave out the intercept of a fixed part."""
    return fixed.removeprefix("1 + ").removeprefix("0 + ")


def _bare(text: str) -> str:
    return text.replace(" ", "")


def _key(term: RandomTerm) -> tuple[str, tuple[str, ...], bool]:
    """Return what makes two random terms the same."""
    effects = "+".join(sorted(_bare(term.effects).split("+")))
    return effects, tuple(sorted(term.factors)), term.independent
