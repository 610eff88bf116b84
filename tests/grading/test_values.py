"""Checks outside of the notebook say what they say inside, in every case of a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sheets.sheet import MASTERS, Sheet, execute, load_sheet, meta, read_cases

from mmcourse.grading.describing import call, describe, pack
from mmcourse.grading.judging import find_modules, judge, read_question
from mmcourse.grading.rebuilding import rebuild


class Kernel:
    """Answers questions as the kernel of a student would, without one."""

    def __init__(self, names: dict[str, Any]):
        self.names = {**names, "describe": describe, "call": call}

    def __call__(self, expressions):
        return {name: self.reply(text) for name, text in expressions.items()}

    def reply(self, text: str) -> dict[str, Any]:
        short = text.partition(").")[2]  # without the import
        try:
            data = {"text/plain": repr(eval(short, self.names))}
        except Exception as error:
            said = {"ename": type(error).__name__, "evalue": str(error)}
            return {"status": "error", **said}
        return {"status": "ok", "data": data}


def outcomes(sheet: Sheet, answer: str, code: str) -> list[tuple[float, str]]:
    """What checks say from outside: points, and what they print or raise."""
    names = dict(sheet.before[answer])
    execute(code, names)
    given = [c.source for c in sheet.cells if meta(c) and c.cell_type == "code"]
    found = []
    for cell in sheet.checks(answer):
        question = read_question(cell.source, find_modules(given))
        last, *rest = reversed(judge(question, Kernel(names)))
        if last.output_type == "error":
            found.append((0.0, last.evalue))
        else:
            found.append((float(last.data["text/plain"]), rest[0].text))
    return found


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_every_case_of_a_sheet_gets_the_same_from_outside(master: Path):
    sheet, wrong = load_sheet(master), []
    for case in read_cases(master):
        if case.answer == "numbers":
            continue
        found = outcomes(sheet, case.answer, case.code)
        most = [float(meta(c)["points"]) for c in sheet.checks(case.answer)]
        points = [score for score, _ in found]
        if case.kind == "right":
            as_expected = points == most
        elif case.kind == "mistake":
            as_expected = points[0] == pytest.approx(case.points)
            as_expected = as_expected and case.words in found[0][1]
        else:
            as_expected = points[0] == most[0] and sum(points[1:]) < sum(most[1:])
        if not as_expected:
            wrong.append((case, found))
    assert wrong == []


def test_a_model_is_given_to_a_function_with_its_data():
    import mmcourse as mm

    model = mm.lmer("Reaction ~ Days + (1 | Subject)", mm.load_sleepstudy(), reml=False)
    text = call(lambda m: [m.request.data.shape, m.reml, m.theta], pack((model,), {}))
    shape, reml, theta = rebuild(text)
    assert (shape, reml) == ((180, 3), False)
    assert theta == pytest.approx(model.theta)
