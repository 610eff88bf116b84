"""What scale(), poly(), bs() and their like keep of all rows, learned over chunks.

Layer: knows formulaic, whose own functions learn from all rows at once. Mean and
variance are sums, and add over chunks. For knots and orthogonal polynomials the values
of the one column that the call transforms are gathered, and no other: 8 bytes a row.

Conventions
    A call is known by its text, as formulaic writes it. One that stands inside another
    is learned first, each round in a pass over the rows.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmcourse.design.columns import Columns, States, surroundings
from mmcourse.design.expressions import Plan, code_of
from mmcourse.errors import DesignError
from mmcourse.memory import GIB, SHARE, available
from mmcourse.moments import Moments

Array = NDArray[np.float64]

# Of the calls with one argument: does it divide by the sd, and by n less how much.
BY_MOMENTS = {"center": None, "scale": 1, "standardize": 0}
BY_VALUES = ("poly", "bs", "cr", "cs", "cc", "center", "scale", "standardize")
# Arrays of the length of the data that the functions above use at a time.
ARRAYS_AT_A_TIME = 16


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a transform that keeps something of the rows.

    Attributes
    ----------
    text : str
    function : str
    argument : str
        What it transforms.
    plan : Plan
    node : ast.Call
    aliases : dict of str -> str
        Columns that the text has under another name, as it needed back quotes.
    """

    text: str
    function: str
    argument: str
    plan: Plan
    node: ast.Call
    aliases: dict[str, str]

    @property
    def needs_values(self) -> bool:
        """Whether sums over the rows are not enough."""
        plain = len(self.node.args) == 1 and not self.node.keywords
        return self.function not in BY_MOMENTS or not plain


def find_calls(plans: Iterable[Plan]) -> list[list[Call]]:
    """Find the calls in some texts, in the rounds that they are learned in.

    Raises
    ------
    DesignError
        If it can't be told what a call transforms.

    Examples
    --------
    >>> from mmcourse.design.expressions import make_plan
    >>> plan = make_plan("1 + center(poly(x, 2))")
    >>> [[call.text for call in calls] for calls in find_calls([plan])]
    [['poly(x, 2)'], ['center(poly(x, 2))']]
    """
    rounds: dict[int, dict[str, Call]] = {}
    for plan in plans:
        for expr in code_of(plan) if plan.parsed is not None else ():
            for depth, call in _calls_in(expr, plan):
                rounds.setdefault(depth, {})[call.text] = call
    return [list(rounds[depth].values()) for depth in sorted(rounds)]


def _calls_in(expr: str, plan: Plan) -> Iterator[tuple[int, Call]]:
    """Find the calls in an expression, and how many stand inside of each."""
    from formulaic.utils.code import sanitize_variable_names

    aliases: dict[str, str] = {}
    env: dict[str, Any] = dict.fromkeys(plan.variables)
    text = sanitize_variable_names(expr, env, aliases)
    for node in ast.walk(ast.parse(text, mode="eval")):
        if _function(node) in BY_VALUES:
            inside = list(ast.walk(node))[1:]
            depth = sum(_function(other) in BY_VALUES for other in inside)
            yield depth, _as_call(node, plan, aliases)


def _function(node: ast.AST) -> str:
    """Name of the function that is called, or nothing."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return node.func.id if is_call else ""  # type: ignore[attr-defined]


def _as_call(node: Any, plan: Plan, aliases: dict[str, str]) -> Call:
    from formulaic.utils.code import format_expr

    text = format_expr(node)
    if not node.args:
        raise DesignError(
            f"{text} names what it transforms; in data that is read in chunks it has "
            f"to come first, without a name: {node.func.id}(x, ...)."
        )
    argument = format_expr(node.args[0])
    return Call(text, node.func.id, argument, plan, node, aliases)


def evaluate(call: Call, columns: Columns, n: int, states: States) -> Array:
    """Return the values (n, c) of what a call transforms."""
    from formulaic.utils.stateful_transforms import stateful_eval

    known = surroundings(call.plan, columns, n)
    known |= {new: known[name] for new, name in call.aliases.items()}
    with np.errstate(all="ignore"):  # what is not finite is reported by name later
        made = stateful_eval(call.argument, known, None, copy.deepcopy(states), None)
    values = np.asarray(getattr(made, "__wrapped__", made), dtype=np.float64)
    return values.reshape(n, -1)


def learn_by_moments(call: Call, seen: Moments) -> dict[str, Any]:
    """Return what `scale` and its like keep, from the moments of their values."""
    less = BY_MOMENTS[call.function]
    square = np.diag(seen.products)
    scale = None if less is None else np.sqrt(square / (seen.total - less))
    at: Any = 0 if len(square) == 1 else slice(None)
    return {
        "ddof": 1 if less is None else less,
        "center": seen.mean[at],
        "scale": None if scale is None else scale[at],
    }


def check_room(call: Call, n: int) -> None:
    """Refuse to gather more values than the memory holds.

    Raises
    ------
    DesignError
    """
    needed, free = 8.0 * n * ARRAYS_AT_A_TIME, SHARE * available()
    if needed > free:
        raise DesignError(
            f"{call.text} needs all {n} values of {call.argument} at once, about "
            f"{needed / GIB:.1f} GiB of memory, and {free / GIB:.1f} GiB are free.\n"
            "  Make its columns before the rows are written, or use powers of scale(x),"
            " for which sums are enough: I(scale(x)**2)."
        )


def learn_by_values(call: Call, values: Array) -> dict[str, Any]:
    """Return what a transform keeps, from all the values (n, c) that it is given."""
    from formulaic.transforms import TRANSFORMS
    from formulaic.utils.code import format_expr
    from formulaic.utils.stateful_transforms import stateful_eval

    node = copy.deepcopy(call.node)
    node.args[0] = ast.Name("gathered", ast.Load())
    text = format_expr(node)
    known = {**TRANSFORMS, "gathered": values[:, 0] if values.shape[1] == 1 else values}
    states: States = {}
    stateful_eval(text, known, None, states, None)
    return states[text]
