"""Every sheet: its checks bite, its solution is right, its form is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sheets.sheet import (
    MASTERS,
    ROOT,
    Case,
    Sheet,
    is_check,
    is_written,
    load_sheet,
    meta,
    name_of,
    outcome,
    read_cases,
)

STARS = re.compile(
    r"^## Exercise (\d) (★{1,3}) (predict|compute|change|explain)$", re.M
)
MOST_WORDS = 80

each_sheet = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    """Every case of a kind, of every sheet, by the name of its answer."""
    found = [
        pytest.param(master, case, id=f"{master.stem}-{case.answer}-{number}")
        for master in MASTERS
        for number, case in enumerate(read_cases(master))
        if case.kind in kinds and case.answer != "numbers"
    ]
    return pytest.mark.parametrize(("master", "case"), found)


def most(sheet: Sheet, answer: str) -> list[float]:
    """The points of the checks of an answer."""
    return [meta(cell)["points"] for cell in sheet.checks(answer)]


def test_there_are_sheets():
    assert MASTERS


@each_sheet
def test_the_solution_gets_all_points(master):
    sheet = load_sheet(master)
    for cell in filter(is_check, sheet.cells):
        found = outcome(cell.source, sheet.names)
        assert found.points == meta(cell)["points"], found.text
        assert "All right" in found.text


@each_sheet
def test_a_blank_gets_no_points_and_is_told_so(master):
    sheet = load_sheet(master)
    for answer in sheet.answers:
        for found in sheet.outcomes(answer, sheet.blank(answer)):
            assert found.points == 0, answer
            assert re.search("not answered yet|still blank", found.text), found.text


@of_kind("mistake")
def test_a_mistake_is_named(master: Path, case: Case):
    found = load_sheet(master).outcomes(case.answer, case.code)[0]
    assert case.words in found.text
    assert found.points == pytest.approx(case.points)


@of_kind("right")
def test_another_right_answer_passes(master: Path, case: Case):
    sheet = load_sheet(master)
    found = sheet.outcomes(case.answer, case.code)
    assert [f.points for f in found] == most(sheet, case.answer), found[0].text


@of_kind("hidden")
def test_only_the_hidden_check_finds_it(master: Path, case: Case):
    sheet = load_sheet(master)
    shown, *hidden = sheet.outcomes(case.answer, case.code)
    assert shown.points == most(sheet, case.answer)[0], shown.text
    assert sum(f.points for f in hidden) < sum(most(sheet, case.answer)[1:])
    assert case.words in hidden[0].text


@each_sheet
def test_every_check_has_its_mistakes_and_two_other_right_answers(master):
    cases = read_cases(master)
    for answer in load_sheet(master).answers:
        kinds = [case.kind for case in cases if case.answer == answer]
        assert kinds.count("mistake") >= 2, answer
        assert kinds.count("right") >= 2, answer
    unknown = {c.answer for c in cases} - {*load_sheet(master).answers, "numbers"}
    assert unknown == set()


@each_sheet
def test_every_hidden_check_finds_something(master):
    sheet = load_sheet(master)
    hidden = {a for a in sheet.answers if len(sheet.checks(a)) > 1}
    assert hidden == {c.answer for c in read_cases(master) if c.kind == "hidden"}


@each_sheet
def test_the_numbers_come_out_of_the_solution(master):
    numbers = [case.code for case in read_cases(master) if case.answer == "numbers"]
    names = load_sheet(master).names
    for line in "\n".join(numbers).split("\n"):
        if line.strip():
            expression, _, printed = (part.strip() for part in line.rpartition("=="))
            value = eval(expression, names)
            # Half a unit of the last digit that was printed, and its own rounding.
            unit = 10.0 ** -len(printed.partition(".")[2])
            assert abs(value - float(printed)) <= 0.5001 * unit, expression


@each_sheet
def test_the_form_is_kept(master):
    sheet = load_sheet(master)
    text = "\n".join(c.source for c in sheet.cells if c.cell_type == "markdown")
    found = STARS.findall(text)
    assert [int(number) for number, _, _ in found] == [*range(1, len(found) + 1)]
    assert 3 <= len(found) <= 5
    assert {kind for _, _, kind in found} == {"predict", "compute", "change", "explain"}
    assert len(re.findall("^## Exercise", text, re.M)) == len(found)
    assert text.startswith(f"# {master.stem.partition('_')[0]} · ")
    assert "minutes" in text.partition("##")[0]


@each_sheet
def test_an_answer_is_followed_by_its_check(master):
    sheet = load_sheet(master)
    for answer in sheet.answers:
        assert sheet.checks(answer), answer
    for cell in sheet.cells:
        own = meta(cell)
        if own:
            assert own["schema_version"] == 3
            assert own["locked"] == (is_check(cell) or not own["solution"])


@each_sheet
def test_a_written_answer_has_a_model_answer_and_a_rubric(master):
    written = [cell for cell in load_sheet(master).cells if is_written(cell)]
    assert written
    for cell in written:
        model, _, rubric = cell.source.partition("*Rubric.*")
        text = re.sub(r"<!--.*?-->", "", model)
        assert len(re.findall(r"[^\s–]+", text)) <= MOST_WORDS
        points = [int(n) for n in re.findall(r"(\d+) points?:", rubric)]
        assert sum(points) == meta(cell)["points"]


@each_sheet
def test_nothing_of_a_solution_is_in_the_sheet(master):
    path = ROOT / "exercises" / master.parent.name / f"{master.stem}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = "".join("".join(cell["source"]) for cell in cells)
    for cell in load_sheet(master).cells:
        for secret in re.findall(
            r"BEGIN (?:SOLUTION|HIDDEN TESTS).*?\n(.*?)^.*END", cell.source, re.S | re.M
        ):
            lines = [line.strip() for line in secret.splitlines()]
            assert [x for x in lines if len(x) > 12 and x in shown] == []


@each_sheet
def test_points_are_whole_and_named_once(master):
    cells = [cell for cell in load_sheet(master).cells if meta(cell).get("grade")]
    assert all(isinstance(meta(cell)["points"], int) for cell in cells)
    names = [name_of(cell) for cell in load_sheet(master).cells if meta(cell)]
    assert len(names) == len(set(names))
