"""Changes to a formula, as R's `update.formula` reads them."""

import pytest

import mmcourse as mm
from mmcourse.formula import parse, update_formula

# (old formula, change, new formula). Of R 4.2's update.formula, in our spelling of
# random terms; where ours differs it says why.
CHANGES = [
    ("y ~ x + (1 | g)", ". ~ . - x", "y ~ 1 + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ . + z", "y ~ x + z + (1 | g)"),
    ("y ~ x + (1 | g)", "~ . + z", "y ~ x + z + (1 | g)"),
    ("y ~ x + (1 | g)", "log(.) ~ .", "log(y) ~ x + (1 | g)"),
    ("y ~ x + (1 | g)", "w ~ .", "w ~ x + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ . + x", "y ~ x + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ . - 1", "y ~ 0 + x + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ 0 + .", "y ~ 0 + x + (1 | g)"),
    ("y ~ 0 + x + (1 | g)", ". ~ . + 1", "y ~ x + (1 | g)"),
    ("y ~ 0 + x + (1 | g)", ". ~ .", "y ~ 0 + x + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ . + (0+x|g)", "y ~ x + (1 | g) + (0 + x | g)"),
    ("y ~ x + (x | g)", ". ~ . - (1 + x | g) + (1 | g)", "y ~ x + (1 | g)"),
    ("y ~ x + (x | g)", ". ~ . - (x | g) + (x || g)", "y ~ x + (1 + x || g)"),
    ("y ~ (1 | a/b)", ". ~ . - (1 | b:a)", "y ~ 1 + (1 | a)"),
    ("y ~ (1 | a/b)", ". ~ . - (1 | a:b)", "y ~ 1 + (1 | a)"),
    ("y ~ x + offset(o) + (1 | g)", ". ~ . - offset(o)", "y ~ x + (1 | g)"),
    ("y ~ x + (1 | g)", ". ~ . + offset(o)", "y ~ x + (1 | g) + offset(o)"),
    ("y ~ x * z + (1 | g)", ". ~ . - x:z", "y ~ x * z - x:z + (1 | g)"),
    ("y ~ I(x + z) + (1 | g)", ". ~ . - I(x+z)", "y ~ 1 + (1 | g)"),
    ("y ~ x + z + (1 | g)", ". ~ (.)**2", "y ~ ((x + z))**2"),
    ("y ~ x + (1 | g)", "y ~ z + (1 | h)", "y ~ z + (1 | h)"),
    ("y ~ `my x` + (1 | g)", ". ~ . - `my x`", "y ~ 1 + (1 | g)"),
    ("y ~ x + (1 | `my g`)", ". ~ . + z", "y ~ x + z + (1 | `my g`)"),
]


@pytest.mark.parametrize(("old", "change", "new"), CHANGES)
def test_changes(old, change, new):
    assert update_formula(parse(old), change) == new


def test_no_change_is_no_change():
    for old, _, _ in CHANGES:
        before, after = parse(old), parse(update_formula(parse(old), ". ~ ."))
        assert (before.fixed, before.response) == (after.fixed, after.response)
        assert before.random == after.random and before.offsets == after.offsets


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (". ~", "nothing after '~'"),
        ("a ~ b ~ c", "second '~'"),
        (". ~ . - (1 | h)", r"no random term \(1 \| h\)"),
        (". ~ . - offset(o)", "no offset"),
        (". ~ . + ", "nothing follows"),
    ],
)
def test_what_cant_be_read(change, words):
    with pytest.raises(mm.FormulaError, match=words):
        update_formula(parse("y ~ x + (1 | g)"), change)
