"""Text of effects -> the columns of data that it needs.

Layer: knows formulaic's grammar, no data. The Python code in a text may use columns of
the data and a fixed set of functions, never the variables of the caller.

Conventions
    A text starts with "1" or "0" (see `bars`). It is plain if it is a sum of columns.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from mmcourse.errors import DesignError, FormulaError, listing

# What a formula may call, besides columns of the data.
FUNCTIONS = (
    *("log", "log2", "log10", "exp", "sqrt", "abs"),
    *("scale", "center", "standardize", "poly", "bs", "cr", "cs", "cc"),
    *("C", "I", "contr", "np"),
)
# formulaic's contrasts under patsy's names, for the second argument of C().
CONTRASTS = ("Treatment", "Sum", "Helmert", "Diff", "Poly")
# What users of R write, and what to write here.
INSTEAD = {
    "as.factor": "Use C(x) instead. ",
    "as.numeric": "Make a column of numbers first. ",
    "cbind": "A model has one response. ",
    "factor": "Use C(x) instead. ",
    "lag": "Make a column of the data with it first. ",
    "ns": "Use cr(x, df=..., constraints='center') instead. ",
    "relevel": "Use C(x, contr.treatment('base')) instead. ",
}
_PLAIN = re.compile(r"[01](?: \+ (?:[^\W\d][\w.]*|`[^`]+`))*")
_NAME = re.compile(r"[^\W\d][\w.]*|`[^`]+`")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a text needs of the data.

    Attributes
    ----------
    text : str
    plain : tuple of str or None
        The columns, if the text is a plain sum of them.
    variables : tuple of str
        Columns of the data that are needed.
    exact : tuple of str
        Those that `C()` makes factors of: integers must stay integers.
    parsed : Formula or None
        What formulaic reads in a text that is not plain.
    depends : bool
        Whether a value may depend on other rows than its own, as np.mean(x) does.
    written : str
        How messages show the text.
    """

    text: str
    plain: tuple[str, ...] | None
    variables: tuple[str, ...]
    exact: tuple[str, ...] = ()
    parsed: Any = None
    depends: bool = False
    written: str = ""


@dataclass(slots=True)
class _Code:
    """What has been found in the Python code of a text so far."""

    expr: str
    quoted: dict[str, str] = field(default_factory=dict)  # stand-in -> column
    used: dict[str, None] = field(default_factory=dict)
    exact: dict[str, None] = field(default_factory=dict)
    depends: bool = False


def make_plan(text: str, written: str = "") -> Plan:
    """Read which columns a text needs.

    Parameters
    ----------
    text : str
    written : str, optional
        What the user wrote, if it is another text.

    Raises
    ------
    FormulaError
        If formulaic can't read it.
    DesignError
        If it calls a function that is not offered.

    Examples
    --------
    >>> make_plan("1 + x + log(z)").variables
    ('x', 'z')
    """
    written = written or _as_written(text)
    if _PLAIN.fullmatch(text):
        names = tuple(dict.fromkeys(w.strip("`") for w in _NAME.findall(text[1:])))
        return Plan(text, names, names, written=written)
    parsed = _parse(text, written)
    code = _Code(text)
    for factor in _factors(parsed):
        if factor.eval_method.value == "python":
            code.expr = factor.expr
            _read_code(code)
        elif factor.eval_method.value == "lookup":
            code.used[factor.expr] = None
    used, exact = tuple(code.used), tuple(code.exact)
    return Plan(text, None, used, exact, parsed, code.depends, written)


def _as_written(text: str) -> str:
    """Leave out the intercept, which is added to every text."""
    return text[4:] if text[:4] in ("1 + ", "0 + ") else text


def _factors(parsed: Any) -> list[Any]:
    return [factor for term in parsed for factor in term.factors]


def code_of(plan: Plan) -> list[str]:
    """Return the pieces of Python code in a text that is not plain.

    Examples
    --------
    >>> code_of(make_plan("1 + x + log(z)"))
    ['log(z)']
    """
    return [f.expr for f in _factors(plan.parsed) if f.eval_method.value == "python"]


def term_texts(text: str) -> list[str]:
    """Return the terms of a text without its intercept, each as a text.

    Raises
    ------
    FormulaError
        If formulaic can't read it.

    Examples
    --------
    >>> term_texts("1 + x*z")
    ['x', 'z', 'x:z']
    """
    if _PLAIN.fullmatch(text):
        return _NAME.findall(text[1:])
    return [
        ":".join(_factor_text(factor) for factor in term.factors)
        for term in _parse(text, _as_written(text))
        if str(term) != "1"
    ]


def _factor_text(factor: Any) -> str:
    """Write a factor as a formula does."""
    if factor.eval_method.value == "lookup" and not factor.expr.isidentifier():
        return f"`{factor.expr}`"
    return str(factor.expr)


def _parse(text: str, written: str) -> Any:
    """Have formulaic cut a text into terms."""
    # Half of the time that importing the package would take; most models need none.
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        return Formula(text)
    except RecursionError:
        _fail_deep(written)
    except (FormulaicError, SyntaxError, ValueError) as error:
        _check_words_of_r(written)
        reason = error.msg if isinstance(error, SyntaxError) else first_line(error)
        raise FormulaError(
            f"{written!r} can't be read as a sum of terms.\n  {reason}"
        ) from error


def _fail_deep(text: str) -> NoReturn:
    """Refuse what Python's own reader gives up on."""
    raise FormulaError(
        f"'{text[:40]} ...' is nested too deeply, or too long, to be read.\n"
        "  Make a column of the data with it first."
    ) from None  # a thousand lines of the same call


def _check_words_of_r(text: str) -> None:
    """Refuse functions of R with names that Python does not read, as `as.factor`."""
    for name in INSTEAD:
        if re.search(rf"(?<![\w.`]){re.escape(name)}\s*\(", text):
            _check_function(name, text)


def first_line(error: BaseException) -> str:
    r"""First line of an error's text, or its type if it has none.

    Examples
    --------
    >>> first_line(ValueError("too long\nby far"))
    'too long'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _read_code(code: _Code) -> None:
    """Collect the columns that a piece of Python code uses."""

    def stand_in(match: re.Match[str]) -> str:
        word = f"column_{len(code.quoted)}_quoted"
        code.quoted[word] = match.group(1)
        return word

    python = re.sub(r"`([^`]+)`", stand_in, code.expr)
    try:
        _walk(ast.parse(python, mode="eval").body, code)
    except RecursionError:
        _fail_deep(code.expr)
    except SyntaxError as error:
        raise FormulaError(
            f"{code.expr!r} is not valid Python.\n  {error.msg}. Inside of function "
            "calls a formula uses the signs of Python, for example ** for a power."
        ) from error


def _walk(node: ast.AST, code: _Code, contrast: bool = False) -> None:
    """Note the columns under a node; `contrast`: within a later argument of C()."""
    if isinstance(node, ast.Name):
        if not (contrast and node.id in CONTRASTS):
            code.used[code.quoted.get(node.id, node.id)] = None
    elif isinstance(node, ast.Attribute):
        _check_dotted(node, code)
    elif isinstance(node, ast.Call):
        _walk_call(node, code, contrast)
    else:
        code.depends = code.depends or isinstance(node, ast.Subscript)
        for child in ast.iter_child_nodes(node):
            _walk(child, code, contrast)


def _walk_call(node: ast.Call, code: _Code, contrast: bool) -> None:
    """Note the columns that a call uses."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name:
        _check_function(name, code.expr, contrast)
    else:
        _walk(node.func, code, contrast)
    first = node.args[0] if node.args else None
    if name == "C" and isinstance(first, ast.Name):
        code.exact[code.quoted.get(first.id, first.id)] = None
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        _walk(argument, code, contrast or (name == "C" and argument is not first))


def _check_function(name: str, expr: str, contrast: bool = False) -> None:
    """Refuse a function outside of the fixed set."""
    if name in FUNCTIONS or (contrast and name in CONTRASTS):
        return
    advice = "Make a column of the data with it first. "
    if name in INSTEAD:
        advice = INSTEAD[name]
    elif hasattr(np, name):
        advice = f"Write np.{name}. "
    raise DesignError(
        f"{expr} calls {name!r}, which is neither a column of the data nor one of a "
        f"formula's functions.\n  {advice}Functions: {listing(FUNCTIONS)}."
    )


def _check_dotted(node: ast.Attribute, code: _Code) -> None:
    """Let np. and contr. pass; refuse other dotted names."""
    root: ast.AST = node
    while isinstance(root, ast.Attribute):
        root = root.value
    dotted = ast.unparse(node)
    module = root.id if isinstance(root, ast.Name) else ""
    code.depends = code.depends or module == "np"
    if module in ("np", "contr") and "._" not in dotted:
        return
    if dotted in INSTEAD:
        _check_function(dotted, code.expr)
    raise DesignError(
        f"{code.expr} uses {dotted!r}; only np. and contr. may be followed by a dot.\n"
        f"  If it is the name of a column, put it in back quotes: `{dotted}`. "
        "If it is a method of a column, make a column of the data with it first."
    )
