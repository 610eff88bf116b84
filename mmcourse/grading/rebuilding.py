"""Values made of what `describing` wrote, of built-in types and nothing else.

Nothing of the sender is executed: the text is JSON, the kinds are those below.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.checks.figures import NO_MARKS
from mmcourse.checks.reading import Reading

# What takes pandas or matplotlib minutes to make of a short text.
MOST_COLUMNS, MOST_LEVELS, MOST_AXES, MOST_DRAWN = 10_000, 20, 50, 1000

Plain = Mapping[str, Any]
Reach = Callable[[], Callable[..., Any]]


class Unreadable(ValueError):
    """What was sent is no description of a value."""


class RemoteFailure(Exception):
    """A learner's function stopped; subclasses have the name of its error."""


def rebuild(text: str, reach: Reach | None = None) -> Any:
    """Return the value that a description tells of.

    Parameters
    ----------
    text : str
        What `describe` wrote.
    reach : callable, optional
        Called when the value is a function; returns one that calls it.

    Returns
    -------
    object

    Raises
    ------
    Unreadable
        If the text is no description.

    Examples
    --------
    >>> from mmcourse.grading.describing import describe
    >>> rebuild(describe([1.5, ..., "yes"]))
    [1.5, Ellipsis, 'yes']
    """
    try:
        return _value(json.loads(text), reach)
    except (Unreadable, RemoteFailure):
        raise
    except Exception as problem:  # any malformed description
        raise Unreadable(f"{type(problem).__name__}: {problem}") from None


def _value(plain: Plain, reach: Reach | None = None) -> Any:
    kind = plain["kind"]
    if kind == "function":
        return reach() if reach else _object({"type": "function", "module": ""})
    if kind not in _KINDS:
        raise Unreadable(f"unknown kind {kind!r}")
    return _KINDS[kind](plain)


def _few(things: Sequence[Any], most: int, name: str) -> Sequence[Any]:
    """Return things that are not too many."""
    if len(things) > most:
        raise Unreadable(f"{len(things)} {name} are too many")
    return things


def _scalar(plain: Plain) -> Any:
    value = plain["value"]
    if not isinstance(value, bool | int | float | str):
        raise Unreadable(f"a scalar is a {type(value).__name__}")
    return value


def _items(plain: Plain) -> list[Any]:
    return [_value(item) for item in plain["items"]]


def _dict(plain: Plain) -> dict[Any, Any]:
    keys, values = ([_value(p) for p in plain[part]] for part in ("keys", "values"))
    return dict(zip(keys, values, strict=True))


def _column(plain: Plain) -> Any:
    if plain["type"] == "category":
        labels = pd.Index([_value(label) for label in plain["labels"]])
        return pd.Categorical.from_codes(plain["codes"], categories=labels)
    if plain["type"] != "object":
        kinds = {"i": np.int64, "u": np.uint64, "f": np.float64, "b": np.bool_}
        return np.array(plain["items"], dtype=kinds[plain["type"]])
    values = np.empty(len(plain["items"]), dtype=object)
    for place, item in enumerate(_items(plain)):
        values[place] = item
    return values


def _array(plain: Plain) -> Any:
    return _column(plain).reshape(plain["shape"])


def _index(plain: Plain) -> pd.Index:
    names = [_value(name) for name in plain["names"]]
    found = _few(plain["levels"], MOST_LEVELS, "levels")
    levels = [pd.Index(_column(level)).infer_objects() for level in found]
    if len(levels) == 1:
        return levels[0].rename(names[0])
    return pd.MultiIndex.from_arrays(levels, names=names)


def _series(plain: Plain) -> pd.Series:
    column, name = _column(plain["column"]), _value(plain["name"])
    return pd.Series(column, _index(plain["index"]), name=name).infer_objects()


def _frame(plain: Plain) -> pd.DataFrame:
    found = _few(plain["columns"], MOST_COLUMNS, "columns")
    columns = dict(enumerate(map(_column, found)))
    frame = pd.DataFrame(columns, _index(plain["index"])).infer_objects()
    return frame.set_axis(_index(plain["names"]), axis=1)


def _model(plain: Plain) -> Reading:
    return Reading(**_dict(plain["fields"]))


def _axes(plain: Plain) -> Any:
    """Draw what was drawn."""
    from matplotlib.collections import PathCollection, PolyCollection
    from matplotlib.figure import Figure

    drawn, ax = _dict(plain["drawn"]), Figure().subplots()
    for part in ("lines", "points"):
        _few(drawn[part], MOST_DRAWN, part)
    for points, mark in zip(drawn["lines"], drawn["marks"], strict=True):
        ax.plot(*points.T, marker="None" if mark in NO_MARKS else "o")
    for points, areas in zip(drawn["points"], drawn["areas"], strict=True):
        scattered = PathCollection([], offsets=points)
        ax.add_collection(PolyCollection(areas, closed=False) if areas else scattered)
        ax.collections[-1].set_offsets(points)
    ax.set(xlim=drawn["xlim"], xlabel=drawn["xlabel"], ylabel=drawn["ylabel"])
    return ax


def _figure(plain: Plain) -> Any:
    """Return something with these axes; which figure holds them does not matter."""
    holder = _object({"type": "Figure", "module": "matplotlib.figure"})
    holder.axes = [_axes(axes) for axes in _few(plain["axes"], MOST_AXES, "axes")]
    return holder


def _object(plain: Plain) -> Any:
    """Return an object that has the right type's name, and nothing else."""
    own = {"__module__": str(plain["module"])}
    if plain.get("unfitted"):
        own["fit"] = ""
    return type(str(plain["type"]), (), own)()


def _error(plain: Plain) -> Any:
    name = str(plain["type"])
    raise type(name, (RemoteFailure,), {})(str(plain["message"]))


_KINDS: dict[str, Callable[[Plain], Any]] = {
    "none": lambda plain: None,
    "ellipsis": lambda plain: ...,
    "bool": _scalar,
    "number": _scalar,
    "text": _scalar,
    "list": _items,
    "tuple": lambda plain: tuple(_items(plain)),
    "set": lambda plain: set(_items(plain)),
    "dict": _dict,
    "array": _array,
    "index": _index,
    "series": _series,
    "frame": _frame,
    "model": _model,
    "axes": _axes,
    "figure": _figure,
    "object": _object,
    "error": _error,
}
