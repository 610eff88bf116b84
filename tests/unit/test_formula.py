"""Formula text -> its parts; every fault is refused with a caret below it."""

from __future__ import annotations

import pickle
import random

import pytest

from mmcourse.errors import FormulaError
from mmcourse.formula import make_term, parse, parse_random

FIXED = {
    # an intercept, or not
    "y ~ (1 | g)": "1",
    "y ~ 1 + (1 | g)": "1",
    "y ~ 0 + (1 | g)": "0",
    "y ~ -1 + (1 | g)": "0",
    "y ~ x + (1 | g)": "1 + x",
    "y ~ x - 1 + (1 | g)": "0 + x",
    "y ~ 0 + x + (1 | g)": "0 + x",
    "y ~ 0 + x + 1 + (1 | g)": "1 + x",
    # signs of formulaic
    "y ~ x*z + (1 | g)": "1 + x*z",
    "y ~ x:z - x + (1 | g)": "1 + x:z - x",
    "y ~ (a + b)^2 + (1 | g)": "1 + (a + b)^2",
    "y ~ (a + b)**2 + (1 | g)": "1 + (a + b)**2",
    "y ~ a %in% b + (1 | g)": "1 + a %in% b",
    "y ~ a/b + (1 | g)": "1 + a/b",
    "y ~ . + (1 | g)": "1 + .",
    # Python code
    "y ~ I(x**2) + (1 | g)": "1 + I(x**2)",
    "y ~ poly(x, 2) + (1 | g)": "1 + poly(x, 2)",
    "y ~ log (x) + (1 | g)": "1 + log(x)",
    "y ~ {x + 1} + (1 | g)": "1 + {x + 1}",
    "y ~ I(a | b) + (1 | g)": "1 + I(a | b)",
    "y ~ C(f, levels=['a|b', \"c~d\"]) + (1 | g)": (
        "1 + C(f, levels=['a|b', \"c~d\"])"
    ),
    # names
    "y ~ `my col` + x.y + größe + (1 | g)": "1 + `my col` + x.y + größe",
    # where the random terms stand does not matter
    "y ~ (1 | g) + x": "1 + x",
    "y ~ (x + (1 | g))": "1 + x",
    "y ~ a +\n  b + (1 | g)": "1 + a + b",
    # offsets are cut out
    "y ~ x + offset(o) + (1 | g)": "1 + x",
}


@pytest.mark.parametrize("text", FIXED)
def test_fixed_part(text):
    formula = parse(text)
    assert formula.fixed == FIXED[text]
    assert formula.text == text
    assert formula.response == "y"


RANDOM = {
    "(1 | g)": [("1", ("g",), "(1 | g)")],
    "(1|g)": [("1", ("g",), "(1 | g)")],
    "(x | g)": [("1 + x", ("g",), "(1 + x | g)")],
    "(1 + x | g)": [("1 + x", ("g",), "(1 + x | g)")],
    "(0 + x | g)": [("0 + x", ("g",), "(0 + x | g)")],
    "(x - 1 | g)": [("0 + x", ("g",), "(0 + x | g)")],
    "(-1 + x | g)": [("0 + x", ("g",), "(0 + x | g)")],
    "(x || g)": [("1 + x", ("g",), "(1 + x || g)")],
    "(poly(x, 2)*z | g)": [("1 + poly(x, 2)*z", ("g",), "(1 + poly(x, 2)*z | g)")],
    "(1 | a/b)": [("1", ("a",), "(1 | a)"), ("1", ("b", "a"), "(1 | b:a)")],
    "(x | a/b/c)": [
        ("1 + x", ("a",), "(1 + x | a)"),
        ("1 + x", ("b", "a"), "(1 + x | b:a)"),
        ("1 + x", ("c", "b", "a"), "(1 + x | c:b:a)"),
    ],
    "(1 | a:b)": [("1", ("a", "b"), "(1 | a:b)")],
    "(1 | (a:b))": [("1", ("a", "b"), "(1 | a:b)")],
    "(1 | a/(b:c))": [
        ("1", ("a",), "(1 | a)"),
        ("1", ("b", "c", "a"), "(1 | b:c:a)"),
    ],
    "(1 | a:b/c)": [
        ("1", ("a", "b"), "(1 | a:b)"),
        ("1", ("c", "a", "b"), "(1 | c:a:b)"),
    ],
    "(`my x` | `my g`)": [("1 + `my x`", ("my g",), "(1 + `my x` | `my g`)")],
    "((1 | g))": [("1", ("g",), "(1 | g)")],
    "(1 | b) + (1 | a)": [("1", ("b",), "(1 | b)"), ("1", ("a",), "(1 | a)")],
    "(1 | g) + (1 | g)": [("1", ("g",), "(1 | g)"), ("1", ("g",), "(1 | g)")],
}


@pytest.mark.parametrize("text", RANDOM)
def test_random_terms(text):
    found = [(t.effects, t.factors, t.text) for t in parse(f"y ~ z + {text}").random]
    assert found == RANDOM[text]
    assert found == [(t.effects, t.factors, t.text) for t in parse_random(text)]


def test_double_bar_is_marked_for_the_design():
    assert [t.independent for t in parse("y ~ (x || g) + (x | h)").random] == [
        True,
        False,
    ]


def test_the_group_is_named_by_its_factors():
    assert [t.group for t in parse("y ~ (1 | a/b) + (1 | a:b)").random] == [
        "a",
        "b:a",
        "a:b",
    ]


def test_offsets_and_response_keep_their_expressions():
    formula = parse("log(y / 2) ~ x + offset(o) + offset(log(t) - 1) + (1 | g)")
    assert formula.response == "log(y / 2)"
    assert formula.offsets == ("o", "log(t) - 1")


def test_a_formula_pickles():
    formula = parse("y ~ x + (x || a/b)")
    assert pickle.loads(pickle.dumps(formula)) == formula


# Formula, the caret's line, the first line of the message, a part of the hint.
FAULTS = {
    "y ~ x": (None, "no random effects terms", "statsmodels"),
    "y ~ x + 1 | g": (14, "outside parentheses", "Write y ~ x + (1 | g)."),
    "y ~ x | g": (10, "outside parentheses", "Write y ~ (x | g)."),
    "y ~ x || g + z": (10, "outside parentheses", "Write y ~ (x || g) + z."),
    "y ~ I(x^2) + (1|g)": (11, "exclusive or", "**"),
    "y ~ (poly(x^2, 2) | g)": (15, "exclusive or", "**"),
    "y^2 ~ x + (1 | g)": (5, "exclusive or", "**"),
    "y ~ offset(x^2) + (1 | g)": (16, "exclusive or", "**"),
    "y ~ x^2 + (1 | g)": (9, "interaction of x with itself", "I(x**2)"),
    "y ~ x + (1 | )": (17, "no grouping factor after '|'", "(1 + day | pupil)"),
    "y ~ x + ( | g)": (14, "no effects before '|'", "(1 | g)"),
    "y ~ (0 | g)": (9, "has no effects", "(1 | g)"),
    "y ~ (1 | g": (8, "'(' is not closed", "Add a ')'"),
    "y ~ 1 | g)": (13, "')' closes nothing", "partner"),
    "y ~ (1 | g]": (14, "']' closes nothing", "partner"),
    "y ~ `x + (1 | g)": (8, "quote ` is not closed", "another `"),
    "y ~ C(f, 'a) + (1 | g)": (13, "quote ' is not closed", "another '"),
    "y + (1 | g)": (15, "no '~'", "response ~ fixed"),
    "y + x = (1 | g)": (10, "'=' where '~' belongs", "in place of '='"),
    "y ~ x # note": (10, "the sign '#' has no meaning", "Terms are joined"),
    "y ~ x % 2 + (1 | g)": (10, "the sign '%' has no meaning", "Terms are joined"),
    "y ~ “x y” + (1 | g)": (8, "the sign '“' has no meaning", "back quotes"),
    "y ~ x, (1 | g)": (9, "the sign ',' has no meaning", "by +"),
    "y ~ (x > 3) + (1 | g)": (11, "the sign '>' has no meaning", "I(x > 3)"),
    "y ~ [x, z] + (1 | g)": (8, "the sign '[' has no meaning", "Terms are joined"),
    "y ~ x + (x = 2 | g)": (15, "the sign '=' has no meaning", "I(x > 3)"),
    "y ~ 2 + x + (1 | g)": (8, "the number 2 is no term", "offset(column)"),
    "y ~ 2:x + (1 | g)": (8, "the number 2 is no term", "I(2*x)"),
    "y ~ x + x*3 + (1 | g)": (14, "the number 3 is no term", "I(2*x)"),
    "y ~ 'x' + (1 | g)": (8, "the text 'x' is no term", "`x`"),
    "y ~ x + (2 | g)": (13, "the number 2 is no term", "intercept"),
    "y ~ log(.) + (1 | g)": (12, "'.' stands for columns", "one by one"),
    "y ~ x ~ (1 | g)": (10, "second '~'", "response ~ fixed"),
    "(y ~ x + (1 | g))": (7, "inside of brackets", "response ~ fixed"),
    "~ x + (1 | g)": (4, "no response before '~'", "response ~ fixed"),
    "y ~": (7, "nothing after '~'", "response ~ fixed"),
    "y | z ~ (1 | g)": (6, "bar in the response", "right of '~'"),
    "y ~ (1 | f(g))": (13, "f(g) is a function call", "column of the data first"),
    "y ~ (1 | a + b)": (15, "can't be made with '+'", "(1 | a:b)"),
    "y ~ (1 | a*b)": (14, "can't be made with '*'", "(1 | a) + (1 | b)"),
    "y ~ (g | 1)": (13, "is 1, which is no column", "before the bar"),
    "y ~ (1 | a/)": (15, "column is missing", "either side"),
    "y ~ (1 | .)": (13, ". is no column", "name of a column"),
    "y ~ (1 | g | h)": (15, "second bar", "one bar"),
    "y ~ (1 + (1 | a) | g)": (9, "inside another", "side by side"),
    "y ~ (. | g)": (9, "'.' can't be an effect", "Name the columns"),
    "y ~ x - (1 | g)": (12, "can't be subtracted", "Leave"),
    "y ~ x * (1 | g)": (12, "joined to the others by '+'", "+ (effects | group)"),
    "y ~ x (1 | g)": (10, "sign is missing between x", "x + (1 | g)"),
    "y ~ x z + (1 | g)": (10, "operator is missing before 'z'", "Put +"),
    "y ~ x + + (1 | g)": (12, "'+' follows another sign", "between"),
    "y ~ (1 | g) +": (17, "nothing follows '+'", "leave it out"),
    "y ~ x * + (1 | g)": (10, "nothing follows '*'", "leave it out"),
    "y ~ * x + (1 | g)": (8, "'*' has no term before it", "Leave one"),
    "y ~ (x +) + (1 | g)": (11, "nothing follows '+'", "leave it out"),
    "y ~ () + (1 | g)": (8, "nothing follows '('", "leave it out"),
    "y ~ x*offset(o) + (1 | g)": (10, "offset can't be combined", "summand"),
    "y ~ x - offset(o) + (1 | g)": (12, "offset can't be combined", "summand"),
    "y ~ (a + b)^10 + (1 | g)": (15, "power 10 is too high", "9 is the highest"),
    "y ~ (a+b+c+d+e)**8 + (1 | g)": (19, "power 8 is too high", "a long sum"),
    "y ~ ((a + b)^10 | g)": (16, "power 10 is too high", "9 is the highest"),
    "y ~ " + "(" * 60 + "x" + ")" * 60: (58, "more than 50 brackets", "Leave"),
    "y ~ offset() + (1 | g)": (15, "offset is empty", "offset(column)"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_show_the_place(text):
    column, found, hint = FAULTS[text]
    with pytest.raises(FormulaError) as caught:
        parse(text)
    lines = str(caught.value).splitlines()
    assert found in lines[0]
    assert hint in lines[-1]
    if column is not None:
        assert lines[1] == f"    {text}"
        assert lines[2] == " " * column + "^"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_formula_is_called_so(text):
    with pytest.raises(FormulaError, match="the formula is empty"):
        parse(text)


def test_signs_of_python_stay_in_python_code():
    formula = parse("y % 2 ~ I(x > 3) + {x % 2} + C(f, levels=['a|2']) + (1 | g)")
    assert formula.response == "y % 2"
    assert formula.fixed == "1 + I(x > 3) + {x % 2} + C(f, levels=['a|2'])"


@pytest.mark.parametrize("value", [None, 3, b"y ~ x", ["y ~ x"]])
def test_only_strings_are_formulas(value):
    with pytest.raises(TypeError, match="must be a string"):
        parse(value)


@pytest.mark.parametrize("text", ["x", "(1 | g) + x", "", "offset(o) + (1 | g)"])
def test_parse_random_takes_random_terms_only(text):
    with pytest.raises(FormulaError, match="random terms only"):
        parse_random(text)


def test_parse_random_takes_a_one_sided_formula():
    assert [t.text for t in parse_random("~ (1 | g)")] == ["(1 | g)"]


def test_display_quotes_names_that_need_it():
    assert make_term("1", ("a.b", "my g")).text == "(1 | a.b:`my g`)"


def test_parts_put_together_again_give_the_same_parts():
    first = parse("y ~ poly(x, 2)*z - 1 + (x || g) + (0 + f | a/b) + offset(o)")
    words = [first.fixed, *(term.text for term in first.random), "offset(o)"]
    second = parse("y ~ " + " + ".join(words))
    assert (second.fixed, second.random, second.offsets) == (
        first.fixed,
        first.random,
        first.offsets,
    )


def test_whatever_is_written_is_read_or_refused():
    words = "y x g ~ ~ + + - * : / ^ ** | || ( ) ( ) [ { } 0 1 . ` ' log( I( , a.b"
    rng = random.Random(1)
    read = 0
    for _ in range(20_000):
        middle = " ".join(rng.choices(words.split(), k=rng.randint(0, 7)))
        text = rng.choice(
            ["y ~ {} + (1 | g)", "y ~ x + ({} | g)", "{}", "y ~ (1 | {})"]
        )
        try:
            parse(text.format(middle))
            read += 1
        except FormulaError:
            pass
    assert read > 100
