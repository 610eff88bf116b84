"""Call a check with the values of a student's variables, on this side of the sandbox.

A check cell is one call, `check.spreads(sd_subject, sd_residual)`. Its arguments are
asked for in the kernel; the check itself, and all that it knows, stays here.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from mmcourse.checks.findings import Check, NotYet
from mmcourse.errors import MMCourseError
from mmcourse.grading.describing import pack
from mmcourse.grading.rebuilding import Unreadable, rebuild

PACKAGE = "mmcourse.checks"
MODULE = "__import__('mmcourse.grading.describing', fromlist=['describe'])"
LONGEST = 2000  # characters of what a student's error says

Ask = Callable[[Mapping[str, str]], Mapping[str, Mapping[str, Any]]]


class SheetError(MMCourseError):
    """A sheet can't be graded as it is written: its author has to mend it."""


class NoAnswer(Exception):
    """A variable that a check asks for is not there, or takes too long.

    Attributes
    ----------
    name : str, of the error
    """

    def __init__(self, name: str, message: str):
        super().__init__(message[:LONGEST])
        self.name = name[:100] if name.isidentifier() else "Error"


@dataclass(frozen=True, slots=True)
class Question:
    """One check cell: which check, with which expressions of the student's names."""

    check: Check
    arguments: tuple[str, ...]


def find_modules(sources: Sequence[str]) -> dict[str, str]:
    """Return the modules of checks that a sheet imports, by the names it gives them.

    Examples
    --------
    >>> find_modules(["from mmcourse.checks import sleepstudy as check"])
    {'check': 'mmcourse.checks.sleepstudy'}
    """
    found = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{PACKAGE}.{alias.name}"
    return found


def read_question(source: str, modules: Mapping[str, str]) -> Question:
    """Return what a check cell asks.

    Parameters
    ----------
    source : str
        Of the cell, from the master.
    modules : mapping
        Name in the sheet to module of checks.

    Returns
    -------
    Question

    Raises
    ------
    SheetError
        If the cell is anything else than one call of a check.

    Examples
    --------
    >>> question = read_question(
    ...     "check.spreads(a, b)", {"check": "mmcourse.checks.sleepstudy"}
    ... )
    >>> question.check.points, question.arguments
    (2, ('a', 'b'))
    """
    match ast.parse(source).body:
        case [
            ast.Expr(
                ast.Call(
                    func=ast.Attribute(value=ast.Name(id=module), attr=name),
                    args=arguments,
                    keywords=[],
                )
            )
        ] if module in modules:
            check = getattr(importlib.import_module(modules[module]), name, None)
            if isinstance(check, Check):
                return Question(check, tuple(ast.unparse(a) for a in arguments))
    raise SheetError(
        f"a cell with points is to be one call of a check, such as `check.share(x)`, "
        f"with a function of {', '.join(modules.values()) or PACKAGE} that has "
        f"`@worth`. It is:\n{source}"
    )


def judge(question: Question, ask: Ask) -> list[NotebookNode]:
    """Return the outputs of a check cell, as if the check had run in the notebook.

    Parameters
    ----------
    question : Question
        What is checked.
    ask : callable
        Has expressions evaluated in the kernel: a mapping of names to expressions gives
        one of names to replies.

    Returns
    -------
    list of outputs
        The points as its last value, or an error with the hint.
    """
    printed = io.StringIO()
    try:
        answers = _answers(question, ask)
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            points = question.check(*answers)
    except NotYet as hint:
        return [_error("NotYet", str(hint), *hint._render_traceback_())]
    except NoAnswer as problem:
        text = str(problem)
        return [_error(problem.name, text, f"{problem.name}: {text}")]
    said = new_output("stream", name="stdout", text=printed.getvalue())
    data = {"text/plain": repr(float(points))}
    return [said, new_output("execute_result", data=data, execution_count=None)]


def _error(name: str, message: str, shown: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=[shown])


def _answers(question: Question, ask: Ask) -> list[Any]:
    """Return the values of the arguments, built anew."""
    names = [str(i) for i in range(len(question.arguments))]
    asked = dict(zip(names, question.arguments, strict=True))
    replies = ask({name: f"{MODULE}.describe({x})" for name, x in asked.items()})
    return [
        _rebuilt(replies.get(name, {}), lambda x=asked[name]: _remote(x, ask))
        for name in names
    ]


def _remote(expression: str, ask: Ask) -> Callable[..., Any]:
    """Return a function that calls the student's, in the kernel."""

    def function(*arguments: Any, **named: Any) -> Any:
        packed = pack(arguments, named)
        replies = ask({"0": f"{MODULE}.call({expression}, {packed!r})"})
        return _rebuilt(replies.get("0", {}), None)

    return function


def _rebuilt(reply: Mapping[str, Any], reach: Any) -> Any:
    """Return the value in a reply of the kernel."""
    if reply.get("status") != "ok":
        name, said = (str(reply.get(key, "")) for key in ("ename", "evalue"))
        raise NoAnswer(name or "NoAnswer", said or "the kernel did not answer.")
    try:
        return rebuild(str(reply["data"]["text/plain"]), reach)
    except (Unreadable, KeyError, TypeError) as problem:
        text = f"the value can't be read outside of the notebook ({problem})."
        raise NoAnswer("NoAnswer", text) from None
