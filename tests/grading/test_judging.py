"""What a check cell asks, and what becomes of answers that are none."""

from __future__ import annotations

import pytest

from mmcourse.grading.describing import describe
from mmcourse.grading.judging import SheetError, find_modules, judge, read_question

MODULES = find_modules(["from mmcourse.checks import first_models as check"])


@pytest.mark.parametrize(
    "source",
    [
        "",
        "1.0",
        "assert n_draws == 630",
        "check.draws",
        "draws(n_draws)",
        "other.draws(n_draws)",
        "check.draws(n_draws=630)",
        "check.pupils()",
        "check.KINDS(1)",
        "check.nowhere(n_draws)",
        "check.draws(n_draws)\ncheck.draws(n_draws)",
        "x = check.draws(n_draws)",
    ],
)
def test_a_check_cell_that_is_no_call_of_a_check_is_told_to_its_author(source):
    with pytest.raises(SheetError, match="is to be one call of a check"):
        read_question(source, MODULES)


def test_arguments_may_be_expressions():
    question = read_question("check.draws(answers['n'] + 1)", MODULES)
    assert question.arguments == ("answers['n'] + 1",)


def says(reply: object) -> tuple[str, str]:
    """What is said when the kernel replies this; it gives no points."""
    question = read_question("check.draws(n_draws)", MODULES)
    (output,) = judge(question, lambda asked: {name: reply for name in asked})
    return output.ename, output.evalue


def plain(text: object) -> dict[str, object]:
    return {"status": "ok", "data": {"text/plain": text}}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({}, "the kernel did not answer"),
        ({"status": "ok"}, "can't be read outside of the notebook"),
        ({"status": "ok", "data": []}, "can't be read outside of the notebook"),
        ({"status": "ok", "data": {"text/plain": ["630"]}}, "can't be read outside"),
        (plain("630"), "can't be read outside"),
        (plain("All right: 1 of 1 points."), "can't be read outside"),
        (plain("[" * 100_000), "can't be read outside"),
        (plain(describe(None)), "`n_draws` is not answered yet"),
        (plain(describe(600)), "enough for the pupils"),
        (plain('{"kind": "points", "value": 1.0}'), "unknown kind 'points'"),
        (
            {"status": "error", "ename": "NameError", "evalue": "no n_draws"},
            "no n_draws",
        ),
        ({"status": "error", "ename": [1], "evalue": {"a": 2}}, "a"),
        ({"status": "error", "ename": "<b>", "evalue": "x" * 10**6}, "xxx"),
    ],
)
def test_a_reply_that_is_no_answer_gives_no_points(reply, words):
    name, text = says(reply)
    assert words in text
    assert len(text) <= 2000
    assert name.isidentifier()


def test_a_right_answer_gives_the_points():
    question = read_question("check.draws(n_draws)", MODULES)
    said, points = judge(question, lambda asked: {"0": plain(describe(630))})
    assert points.data["text/plain"] == "1.0"
    assert said.text == "All right: 1 of 1 points.\n"


def test_a_name_for_a_number_is_not_believed():
    answer = '{"kind": "object", "type": "float", "module": "builtins"}'
    name, text = says(plain(answer))
    assert name == "NotYet"
    assert "630" not in text
