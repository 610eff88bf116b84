"""The reference has every public name once, and every docstring says what it has to.

The pages of `docs/reference/` group the names; what stands under a name is its
docstring, checked here by numpydoc and by rules of the house. Examples are run with all
other doctests.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import mmcourse as mm
from docs.website.public_names import (
    command_help,
    find,
    names_on,
    owner_of,
    sources,
)

PAGES = sorted((Path(__file__).parents[2] / "docs" / "reference").glob("*.rst"))
LISTED = [name for page in PAGES for name in names_on(page.read_text())]

# What numpydoc asks for and we don't: more than a summary, See Also, examples of each
# attribute (checked below), a full stop after a table; documented arguments of classes
# that nobody makes by hand.
NOT_ASKED = {"ES01", "SA01", "EX01", "RT05"}
NOT_ASKED_OF_CLASSES = {"PR01"}

# Names of the packages and of the literature that something follows.
FOLLOWS = re.compile(
    r"lme4|lmerTest|merTools|mixedup|visibly|broom|performance|\bR's|\bR\b|\[[A-Z]+\d+\]"
)
OWN = {
    "describe_structure": "R has no counterpart",
    "load": "data of the course",
    "load_gpa": "data of the course",
    "load_sleepstudy": "data of the course",
    "plot_predictions": "a drawing of `predict`",
    "plot_shrinkage": "a drawing of two tables",
    "plot_trajectories": "a drawing of the data",
}


def is_callable(name: str) -> bool:
    return inspect.isfunction(find(name))


def is_attribute(name: str) -> bool:
    return isinstance(find(name), property)


def is_record(name: str) -> bool:
    found = find(name)
    return inspect.isclass(found) and not issubclass(found, Exception)


FUNCTIONS = [name for name in LISTED if is_callable(name)]
RECORDS = [name for name in LISTED if is_record(name)]

each_name = pytest.mark.parametrize("name", LISTED)
each_function = pytest.mark.parametrize("name", FUNCTIONS)
each_record = pytest.mark.parametrize("name", RECORDS)


def text(name: str) -> str:
    return inspect.getdoc(find(name)) or ""


def dotted(name: str) -> str:
    """Where numpydoc finds an object; `mmcourse.lm_list` would be the module to it."""
    found = find(name)
    if inspect.isfunction(found) and not owner_of(name):
        return f"{found.__module__}.{found.__name__}"
    return f"mmcourse.{name}"


def public_names() -> Iterator[str]:
    """Names a user can reach: the package's own, and the members of what it returns."""
    yield from (name for name in mm.__all__ if name != "__version__")
    yield from (f"r_random.{name}" for name in mm.r_random.__all__)
    for record in RECORDS:
        yield from (f"{record}.{name}" for name in members(find(record)))


def members(cls: type) -> list[str]:
    """Public methods and properties; the fields of a record are in its docstring."""
    return [n for n in vars(cls) if not n.startswith("_") and n not in fields(cls)]


def fields(cls: type) -> set[str]:
    """Public fields of a dataclass; none of another class."""
    found = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    return {field.name for field in found if not field.name.startswith("_")}


def returned(name: str) -> set[str]:
    """Classes of ours that the annotation of a function or property names."""
    found = find(name)
    function = found.fget if isinstance(found, property) else found
    words = re.findall(r"[\w.]+", str(function.__annotations__.get("return", "")))
    own = [resolve(function.__globals__, word) for word in words]
    return {c.__name__ for c in own if inspect.isclass(c) and is_ours(c)}


def resolve(names: dict[str, Any], dotted: str) -> Any:
    first, *rest = dotted.split(".")
    found = names.get(first)
    for part in rest:
        found = getattr(found, part, None)
    return found


def is_ours(cls: type) -> bool:
    return cls.__module__.startswith("mmcourse")


def test_every_public_name_is_listed_once():
    assert len(LISTED) == len(set(LISTED))
    missing = set(public_names()) - set(LISTED)
    assert not missing, f"list these on a page of docs/reference: {sorted(missing)}"


def test_what_a_function_returns_is_listed_too():
    known = {find(name).__name__ for name in RECORDS}
    for name in LISTED:
        if is_callable(name) or is_attribute(name):
            assert returned(name) <= known, name


def test_the_index_has_every_page():
    index = next(page for page in PAGES if page.stem == "index").read_text()
    listed = re.findall(r"^   (\w+)$", index, re.M)
    assert sorted(listed) == sorted(page.stem for page in PAGES if page.stem != "index")


def test_every_command_has_a_help_with_an_example():
    found = command_help()
    assert {"fit", "check", "data", "grade"} <= set(found)
    for name, help_text in found.items():
        assert re.search(rf"^  .*mmcourse {name}\b", help_text, re.M), name


@each_name
def test_numpydoc_finds_no_fault(name):
    skipped = NOT_ASKED | (NOT_ASKED_OF_CLASSES if is_record(name) else set())
    faults = validate(dotted(name))["errors"]
    assert [fault for fault in faults if fault[0] not in skipped] == []


@each_name
def test_literature_is_spelled_out(name):
    if not inspect.ismodule(find(name)):
        sources(find(name), text(name))  # a KeyError names the key that is not


@each_function
def test_an_example_shows_a_call(name):
    last = name.rpartition(".")[2]
    examples = re.findall(r"^(?:>>>|\.\.\.) .*", text(name), re.M)
    shown = any(re.search(rf"\b{last}\(", line) for line in examples)
    assert shown, f"Examples show no >>> line that calls {last}()"
    if name in mm.__all__:
        bare = [line for line in examples if re.search(rf"(?<![\w.]){last}\(", line)]
        assert bare == [], "write mm. before it"


@each_record
def test_the_example_of_a_record_shows_its_attributes(name):
    assert ">>>" in text(name)
    own = [n for n in LISTED if is_attribute(n) and n.rpartition(".")[0] == name]
    unseen = [n for n in own if f".{n.rpartition('.')[2]}" not in text(name)]
    assert unseen == []


@each_record
def test_a_record_says_what_its_fields_are(name):
    documented = NumpyDocString(text(name))["Attributes"]
    words = {part.strip() for entry in documented for part in entry.name.split(",")}
    if dataclasses.is_dataclass(find(name)):
        assert words == fields(find(name))
        assert [e.name for e in documented if not (e.type and e.desc)] == []


@each_name
def test_arrays_have_a_shape_and_a_unit(name):
    doc = NumpyDocString(text(name))
    for part in ("Parameters", "Returns", "Attributes"):
        for entry in doc[part]:
            words = f"{entry.type} {' '.join(entry.desc)}"
            if re.search(r"\barray\b", entry.type) and "Axes" not in entry.type:
                assert re.search(r"array \([\w, ]+\)", entry.type), (entry, "no shape")
                assert re.search(r"unit", words), (entry, "no unit")


@each_function
def test_what_is_raised_is_said(name):
    source = textwrap.dedent(inspect.getsource(find(name)))
    raises = any(is_refusal(node) for node in ast.walk(ast.parse(source)))
    assert not raises or "\nRaises\n---" in text(name), "it raises; add Raises"


def is_refusal(node: ast.AST) -> bool:
    """Whether a statement raises, or calls what refuses arguments."""
    if isinstance(node, ast.Raise):
        return True
    called = node.func if isinstance(node, ast.Call) else None
    word = getattr(called, "id", getattr(called, "attr", ""))
    return bool(re.match(r"_?(check|require|refuse)", word))


@each_function
def test_a_function_names_what_it_follows(name):
    owner = owner_of(name)
    whole = text(name) + (text(name.rpartition(".")[0]) if owner else "")
    follows = bool(FOLLOWS.search(whole))
    if name in OWN:
        assert not follows, "it names what it follows: take it out of OWN"
    else:
        assert follows, (
            'say in Notes what it follows, as "As lme4\'s ``ranef``.", or in OWN above '
            "why nothing"
        )
