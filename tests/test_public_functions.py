"""What every function that users call has, a new one too; see `mmcourse/README.md`.

Its docstring and its place in the reference are looked at in `docs/test_reference.py`.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import mmcourse as mm

ROOT = Path(__file__).resolve().parent.parent
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
TESTS = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")
)
FUNCTIONS = [name for name in mm.__all__ if inspect.isfunction(getattr(mm, name))]


def needed(name: str) -> list[str]:
    """Names of the arguments that a function can't do without."""
    parameters = inspect.signature(getattr(mm, name)).parameters.values()
    return [
        p.name for p in parameters if p.default is p.empty and p.kind != p.VAR_KEYWORD
    ]


OF_A_MODEL = [name for name in FUNCTIONS if needed(name)[:1] in (["model"], ["models"])]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_tested_and_in_the_changelog(name):
    assert re.search(rf"\bmm\.{name}\b", TESTS), "no test uses it"
    assert re.search(rf"`(\w+\.)?{name}\b", CHANGES), "CHANGELOG.md does not name it"


@pytest.mark.parametrize("name", OF_A_MODEL)
@pytest.mark.parametrize("given", ["y ~ x + (1 | g)", None, 3, [1.0]])
def test_what_is_no_model_is_refused(name, given):
    others = ["x"] * (len(needed(name)) - 1)
    with pytest.raises(TypeError) as caught:
        getattr(mm, name)(given, *others)
    said = (
        rf"({name} takes a model|the model is of type \w+; it must be a fit) that lmer"
    )
    assert re.match(said, str(caught.value)), "begin with check_model of model/check.py"


def test_most_functions_take_a_model():
    assert len(FUNCTIONS) > len(OF_A_MODEL) > 20
