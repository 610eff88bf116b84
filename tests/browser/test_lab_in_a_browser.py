"""Lessons and a sheet in JupyterLab as a learner sees them, in a real browser.

`make lab` serves them, Chromium without a window opens them. It comes from the system,
together with its driver, so that both have the same version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.browser.pages import Lesson, find_chromium, open_browser
from tests.lab_server import ROOT, lab_environment, running_lab

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
MAIN = ROOT / "notebooks" / "09_running_a_mixed_model.ipynb"
SHEET = ROOT / "exercises" / "20_sleepstudy" / "20_sleepstudy.ipynb"


def moves_a_picture(notebook: Path) -> bool:
    """Whether a built lesson has a still picture and, next, the same with sliders."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return any(
        "widget" in moved["metadata"].get("tags", [])
        and any("image/png" in output.get("data", {}) for output in still["outputs"])
        for still, moved in pairwise(code)
    )


MOVING = [path for path in NOTEBOOKS if moves_a_picture(path)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    paths = find_chromium()
    if paths is None:
        pytest.skip("left out: no browser; apt-get install chromium chromium-driver")
    browser = open_browser(paths, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser) -> Iterator[str]:
    with running_lab(lab_environment(tmp_path_factory.mktemp("lab"))) as address:
        yield address


def test_the_main_lesson_runs_from_top_to_bottom(browser, address):
    lesson = Lesson(browser, address, MAIN)
    lesson.run_all()
    assert lesson.complaints() == []
    assert len(lesson.find_all(".jp-OutputArea img")) >= 3
    assert len(lesson.find_all(".jp-OutputArea table")) >= 5
    assert lesson.from_elsewhere() == []


def test_the_parts_of_nbgrader_are_for_instructors(browser, address):
    lesson = Lesson(browser, address, MAIN)
    menus = [menu.text for menu in lesson.find_all(".lm-MenuBar-itemLabel")]
    assert "Help" in menus
    assert "Nbgrader" not in menus
    assert not lesson.find_all("[data-command^='nbgrader:']")
    browser.get(
        address.replace("/lab/tree/notebooks/00_start_here.ipynb", "/formgrader")
    )
    assert "404" in browser.title + browser.page_source


def test_some_lessons_have_a_picture_to_move():
    assert len(MOVING) >= 3


@pytest.mark.parametrize("notebook", MOVING[:1], ids=lambda path: path.stem)
def test_moving_a_slider_changes_the_picture(browser, address, notebook):
    lesson = Lesson(browser, address, notebook)
    lesson.run_all()
    assert lesson.complaints() == []
    before = lesson.wait(lesson.picture, "a picture below the slider")
    lesson.move_slider()
    lesson.wait(lambda: lesson.picture() not in (before, None), "another picture")
    assert lesson.complaints() == []
    assert lesson.from_elsewhere() == []


def test_validate_names_what_is_not_answered_yet(browser, address):
    sheet = Lesson(browser, address, SHEET)
    said = sheet.validate()
    assert "`sd_subject` is not answered yet." in said
    checks = [c for c in sheet.cells if "".join(c["source"]).startswith("check.")]
    assert said.count("Not yet.") == len(checks)


def test_an_exercise_names_a_mistake_and_passes_when_it_is_mended(browser, address):
    sheet = Lesson(browser, address, SHEET)
    sheet.choose("Run", "Run All Cells")
    sheet.wait(lambda: sheet.prompts() == sheet.numbers, "a number beside each cell")
    said = sheet.wait(sheet.complaints, "what is not answered yet")
    assert all(text.startswith("Not yet.") for text in said)
    answer, check = sheet.place("spreads"), sheet.place("check_spreads")
    # As R prints them: first the variances, then the standard deviations.
    sheet.type_into(answer, "sd_subject, sd_residual = 1378.18, 960.46")
    sheet.run_cell(answer)
    told = sheet.run_cell(check)
    assert told.startswith("Not yet.")
    assert "a standard deviation is asked for" in told
    sheet.type_into(answer, "sd_subject, sd_residual = 37.12, 30.99")
    sheet.run_cell(answer)
    assert sheet.run_cell(check).split(".")[0] == "All right: 2 of 2 points"
    assert sheet.from_elsewhere() == []
