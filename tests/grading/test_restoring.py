"""A submission back in the form of its sheet, whatever became of its cells."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from mmcourse.grading.restoring import is_locked, name_of, restore
from tests.grading.submissions import answered, cell_of, sheet_of

SHEET = sheet_of("p1")
NAMED = [cell for cell in SHEET.cells if name_of(cell)]


def restored(cells: list[NotebookNode]) -> tuple[list[NotebookNode], list[str]]:
    return restore(NotebookNode(cells=cells), SHEET)


def names(cells: list[NotebookNode]) -> list[str]:
    return [name_of(cell) for cell in cells if name_of(cell)]


def edited(places: list[int], mark: str) -> list[NotebookNode]:
    """Cells of the sheet, each edited, by their places: moved, lost or repeated."""
    cells = []
    for place in places:
        cell = nbformat.from_dict(SHEET.cells[place])
        cell.source = f"{mark} {place}"
        cells.append(cell)
    return cells


def test_an_untouched_sheet_stays_as_it_is():
    cells, notes = restored(answered("p1").cells)
    assert notes == []
    assert [c.source for c in cells] == [c.source for c in answered("p1").cells]


@given(st.lists(st.integers(0, len(SHEET.cells) - 1), max_size=40))
def test_cells_of_the_sheet_are_there_in_its_order_and_checks_are_its_own(places):
    cells, _ = restored(edited(places, "mine"))
    assert names(cells) == names(SHEET.cells)
    for cell in cells:
        if not name_of(cell):
            continue
        original = cell_of(SHEET, name_of(cell))
        assert cell.metadata == original.metadata
        assert cell.cell_type == original.cell_type
        if is_locked(original):
            assert cell.source == original.source


@given(st.lists(st.integers(0, len(SHEET.cells) - 1), max_size=40))
def test_no_word_of_a_student_is_lost_and_the_last_answer_counts(places):
    submitted = edited(places, "mine")
    for number, cell in enumerate(submitted):
        cell.source += f" {number}"
    cells, _ = restored(submitted)
    kept = {cell.source for cell in cells}
    last = {name_of(cell): cell.source for cell in submitted}
    for cell in submitted:
        name = name_of(cell)
        if not name or not is_locked(cell_of(SHEET, name)):
            assert cell.source in kept
    for cell in cells:
        name = name_of(cell)
        if name and name in last and not is_locked(cell_of(SHEET, name)):
            assert cell.source == last[name]


def test_a_cell_of_their_own_stays_where_it_was():
    sheet = answered("p1")
    place = sheet.cells.index(cell_of(sheet, "n_draws")) + 1
    sheet.cells.insert(place, new_code_cell("mine"))
    cells, notes = restored(sheet.cells)
    assert [c.source for c in cells][place] == "mine"
    assert notes == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"nbgrader": {"grade_id": "bonus", "grade": True, "points": 9}},
        {"nbgrader": ["grade_id"]},
        {"nbgrader": {"grade_id": ["n_draws"]}},
        {"tags": ["skip-execution"], "mmcourse_rubric": True},
    ],
)
def test_marks_on_a_cell_of_their_own_are_taken_off(metadata):
    cells, _ = restored([new_code_cell("5.0", metadata=metadata)])
    own = [cell for cell in cells if cell.source == "5.0"]
    assert [dict(cell.metadata) for cell in own] == [{}]


def test_an_answer_of_another_kind_is_taken_as_what_was_asked_for():
    cell = cell_of(SHEET, "n_draws")
    cells, notes = restored(
        [new_markdown_cell("n_draws = 630", metadata=cell.metadata)]
    )
    assert cell_of(NotebookNode(cells=cells), "n_draws").cell_type == "code"
    assert "The cell `n_draws` is of another kind: it was changed back." in notes
