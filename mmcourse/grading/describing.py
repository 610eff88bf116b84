"""Values as plain JSON, written in the student's kernel.

Whatever a student's code makes of this module, it can only send other values; and which
are right is not known here. `rebuilding` reads what is sent.
"""

from __future__ import annotations

import base64
import io
import json
import pickle
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.reading import Reading, is_unfitted, read_model
from mmcourse.model import MixedModel, lmer

MOST_BYTES = 4_000_000
MOST_ITEMS = 100_000
DEEPEST = 8

Plain = dict[str, Any]


class Text(str):
    """JSON that a console shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


def describe(value: Any) -> Text:
    """Return a value as JSON.

    Parameters
    ----------
    value : object
        Whatever a learner's variable holds.

    Returns
    -------
    Text
        What is too large, or can't be described, is told by its type alone.

    Examples
    --------
    >>> describe([1.5, ...])
    {"kind": "list", "items": [{"kind": "number", "value": 1.5}, {"kind": "ellipsis"}]}
    """
    try:
        text = json.dumps(plain(value))
    except Exception:  # whatever a class of the learner's does
        text = ""
    if not text or len(text) > MOST_BYTES:
        text = json.dumps(_object(value))
    return Text(text)


def call(function: Callable[..., Any], packed: str) -> Text:
    """Call a learner's function and describe what it returns, or how it fails.

    Parameters
    ----------
    function : callable
    packed : str
        Arguments and named arguments, as `pack` writes them on the grader's side.

    Returns
    -------
    Text

    Examples
    --------
    >>> call(pow, pack((2, 3), {}))
    {"kind": "number", "value": 8}
    """
    arguments, named = pickle.loads(base64.b64decode(packed))
    try:
        return describe(function(*arguments, **named))
    except Exception as error:
        said = {"type": type(error).__name__, "message": str(error)[:1000]}
        return Text(json.dumps({"kind": "error", **said}))


def pack(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Return arguments as text for `call`; a model goes with its data, to be fitted.

    Examples
    --------
    >>> call(max, pack((2, 3), {}))
    {"kind": "number", "value": 3}
    """
    buffer = io.BytesIO()
    _Pickler(buffer).dump((arguments, dict(named)))
    return base64.b64encode(buffer.getvalue()).decode("ascii")


class _Pickler(pickle.Pickler):
    """A model that was pickled has lost its data, which a learner may ask it for."""

    def reducer_override(self, value: Any) -> Any:
        """Return how to make a model again; for others, what they say themselves."""
        if not isinstance(value, MixedModel) or value.request is None:
            return NotImplemented
        return lmer, (value.formula, value.request.data, value.reml)


def plain(value: Any, depth: int = 0) -> Plain:
    """Return a value as numbers, texts, lists and dicts, each with its kind."""
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    for kinds, describe_it in _DESCRIBED:
        if isinstance(value, kinds):
            return describe_it(value, depth)
    return _other(value, depth)


def _scalar(value: Any, _: int) -> Plain:
    if value is None or value is ...:
        return {"kind": "none" if value is None else "ellipsis"}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return {"kind": "text", "value": str(value)}
    if isinstance(value, bool):
        return {"kind": "bool", "value": value}
    return {"kind": "number", "value": _number(value)}


def _number(value: Any) -> int | float:
    """Return a number of a built-in type; a whole one stays whole."""
    return int(value) if isinstance(value, int) else float(value)


def _items(value: Iterable[Any], depth: int) -> list[Plain]:
    found = [*islice(value, MOST_ITEMS + 1)]
    if len(found) > MOST_ITEMS:
        raise ValueError("too many items")
    return [plain(item, depth + 1) for item in found]


def _sequence(value: Any, depth: int) -> Plain:
    kind = next(kind for kind in (list, tuple, set) if isinstance(value, kind))
    return {"kind": kind.__name__, "items": _items(value, depth)}


def _mapping(value: Mapping[Any, Any], depth: int) -> Plain:
    keys, values = _items(value.keys(), depth), _items(value.values(), depth)
    return {"kind": "dict", "keys": keys, "values": values}


def _array(value: Any, depth: int) -> Plain:
    array = np.asarray(value)
    flat = _column(array.ravel(), depth)
    return {"kind": "array", "shape": list(array.shape), **flat}


def _column(values: Any, depth: int) -> Plain:
    """Return the values of a column: numbers and truth values go as they are."""
    if isinstance(values, pd.Categorical):
        codes, labels = values.codes.tolist(), _items(values.categories, depth)
        return {"type": "category", "codes": codes, "labels": labels}
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        return {"type": array.dtype.kind, "items": array.tolist()}
    return {"type": "object", "items": _items(array.tolist(), depth)}


def _index(value: pd.Index, depth: int) -> Plain:
    names = [plain(name, depth + 1) for name in value.names]
    levels = [value.get_level_values(i) for i in range(value.nlevels)]
    columns = [_column(pd.Series(level).array, depth) for level in levels]
    return {"kind": "index", "names": names, "levels": columns}


def _series(value: pd.Series, depth: int) -> Plain:
    index, name = _index(value.index, depth), plain(value.name, depth + 1)
    column = _column(value.array, depth)
    return {"kind": "series", "index": index, "name": name, "column": column}


def _frame(value: pd.DataFrame, depth: int) -> Plain:
    columns = [_column(value.iloc[:, i].array, depth) for i in range(value.shape[1])]
    index, names = _index(value.index, depth), _index(value.columns, depth)
    return {"kind": "frame", "index": index, "names": names, "columns": columns}


def _other(value: Any, depth: int) -> Plain:
    """Describe a fitted model, a figure, a function or what is like numbers."""
    reading = read_model(value)
    if reading is not None:
        return _reading(reading, depth)
    if hasattr(value, "get_xlim"):
        return _axes(value, depth)
    axes = getattr(value, "axes", None)
    if hasattr(axes, "get_xlim"):  # something that was drawn on them
        return _axes(axes, depth)
    if isinstance(axes, list | np.ndarray) and np.size(axes):
        return {"kind": "figure", "axes": _items(np.ravel(np.asarray(axes)), depth)}
    if callable(value):
        return {"kind": "function", "name": str(getattr(value, "__name__", ""))}
    if hasattr(value, "__array__") or hasattr(value, "__float__"):
        return _array(np.asarray(value, dtype=float), depth)
    if isinstance(value, Iterable):
        return {"kind": "list", "items": _items(value, depth)}
    return _object(value)


def _reading(reading: Reading, depth: int) -> Plain:
    fields = {name: getattr(reading, name) for name in Reading.__dataclass_fields__}
    return {"kind": "model", "fields": _mapping(fields, depth)}


def _axes(ax: Any, depth: int) -> Plain:
    """Return what is drawn: lines, points and areas, limits and labels."""
    drawn = {
        "lines": [np.asarray(line.get_xydata(), float) for line in ax.lines],
        "marks": [str(line.get_marker()) for line in ax.lines],
        "points": [np.asarray(c.get_offsets(), float) for c in ax.collections],
        "areas": [
            [np.asarray(path.vertices, float) for path in c.get_paths()]
            for c in ax.collections
        ],
        "xlim": [float(end) for end in ax.get_xlim()],
        "xlabel": str(ax.get_xlabel()),
        "ylabel": str(ax.get_ylabel()),
    }
    return {"kind": "axes", "drawn": _mapping(drawn, depth)}


def _object(value: Any) -> Plain:
    """Return the type alone."""
    kind, unfitted = type(value), False
    try:
        unfitted = is_unfitted(value)
    except Exception:  # the learner's class again
        unfitted = False
    name, module = str(kind.__name__)[:100], str(kind.__module__)[:100]
    return {"kind": "object", "type": name, "module": module, "unfitted": unfitted}


_DESCRIBED: tuple[tuple[Any, Callable[[Any, int], Plain]], ...] = (
    ((type(None), type(...), bool, int, float, str, np.generic), _scalar),
    ((list, tuple, set), _sequence),
    (dict, _mapping),
    (np.ndarray, _array),
    (pd.Series, _series),
    (pd.DataFrame, _frame),
    (pd.Index, _index),
)
