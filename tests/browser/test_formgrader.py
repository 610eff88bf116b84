"""Marking by hand, in a real browser: `make formgrader` on a class that was graded."""

from __future__ import annotations

import csv
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from selenium.webdriver.remote.webdriver import WebDriver

from mmcourse.grading.assignment import grade_assignment
from mmcourse.grading.course import Course
from tests.browser.formgrader import SIZE, Formgrader, fetched
from tests.browser.pages import find_chromium, open_browser
from tests.grading.hostile import CODE, ELSEWHERE, TEXTS, TITLE
from tests.grading.submissions import answered, cell_of, course_in, hand_in
from tests.lab_server import FORMGRADER, lab_environment, running_lab

pytestmark = pytest.mark.browser

ANSWER = r"""
Pupils of a class are alike, $\rho = \frac{\tau^2}{\tau^2 + \sigma^2}$, so the standard
error is too small.
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of two, graded; one of them would trick the grader."""
    root = tmp_path_factory.mktemp("class")
    ada, mallory = answered("p1"), answered("p1")
    cell_of(ada, "explain").source = ANSWER
    cell_of(mallory, "explain").source = "\n\n".join(("An answer.", *TEXTS))
    mallory.cells.insert(2, new_code_cell(CODE))
    mallory.cells += [new_markdown_cell(text) for text in TEXTS]
    course = course_in(root / "grading", "p1")
    grade_assignment(course, hand_in(root / "in", "p1", ada=ada, mallory=mallory))
    return course


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    paths = find_chromium()
    if paths is None:
        pytest.skip("left out: no browser; apt-get install chromium chromium-driver")
    browser = open_browser(paths, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, browser: WebDriver, course: Course
) -> Iterator[str]:
    environment = lab_environment(tmp_path_factory.mktemp("lab"))
    environment["INTO"] = str(course.root)
    with running_lab(environment, FORMGRADER) as address:
        yield address


def open_submission(browser: WebDriver, address: str, student: str) -> Formgrader:
    """The page of a student, whichever number nbgrader has given it."""
    for number in (1, 2):
        page = Formgrader(browser, address)
        page.open("p1", number)
        if page.show_name() == student:
            return page
    raise AssertionError(f"no submission of {student}")


def test_points_and_a_comment_reach_the_table_and_the_feedback(
    browser, address, course
):
    fetched(browser)
    page = open_submission(browser, address, "ada")
    (rubric,) = page.find_all(".rubric")
    assert "1 point: scores of a class are not independent" in rubric.text
    assert page.is_on_top(rubric)
    (fraction,) = page.find_all(".nbgrader_cell mfrac")
    assert min(browser.execute_script(SIZE, fraction)) > 10  # pixels: it is drawn
    page.give("explain", 2.5, r"The *effect* of a class is missing, $\tau$.")
    assert [url for url in fetched(browser) if not is_own(url, address)] == []

    grade_assignment(course, None)
    with course.marks.open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    ada = rows["ada"]
    assert (ada["explain"], ada["score"], ada["status"]) == ("2.5", "17.5", "graded")
    assert rows["mallory"]["explain"] == ""
    browser.get(course.notebook("feedback", "ada").with_suffix(".html").as_uri())
    text = browser.execute_script("return document.body.textContent")
    assert "17.5 of 19 points" in text
    assert "The effect of a class is missing, τ." in " ".join(text.split())
    assert "scores of a class are not independent" not in text  # the rubric


def test_nothing_of_a_submission_runs_or_is_fetched_in_front_of_a_grader(
    browser, address
):
    fetched(browser)
    page = open_submission(browser, address, "mallory")
    harmless(browser, address)
    (rubric,) = page.find_all(".rubric")
    assert page.is_on_top(rubric)
    assert len(page.find_all("#explain")) == 1
    assert page.find_all("#explain")[0].get_attribute("class").startswith("score")
    assert "4 points: any answer" not in rubric.text
    # σ and τ of the sheet are as they were, whatever the student has defined.
    formulas = "return [...document.querySelectorAll('math')].map(m => m.textContent)"
    assert {"σ=0.24", "τ=0.25"} <= {*browser.execute_script(formulas)}


def test_nothing_of_a_submission_runs_or_is_fetched_in_feedback(browser, course):
    fetched(browser)
    page = course.notebook("feedback", "mallory").with_suffix(".html").as_uri()
    browser.get(page)
    harmless(browser, page)
    boxes = "return document.querySelectorAll('section.marked h2').length"
    assert browser.execute_script(boxes) == 7
    assert browser.execute_script("return document.querySelector('script')") is None


def harmless(browser: WebDriver, address: str) -> None:
    """Nothing was run, nothing was fetched, nothing waits for a click."""
    assert TITLE not in browser.execute_script("return document.title")
    assert [url for url in fetched(browser) if not is_own(url, address)] == []
    assert ELSEWHERE in browser.page_source  # as text: the attack was there
    links = browser.execute_script(
        "return [...document.querySelectorAll('[href]')].map(e => e.href)"
    )
    assert {urlsplit(link).scheme for link in links} <= {"http", "https", "file"}
    assert not any(ELSEWHERE in link for link in links)


def is_own(url: str, address: str) -> bool:
    """Whether an address is on the page's own server, or holds the data itself."""
    own, there = urlsplit(address), urlsplit(url)
    return there.scheme in ("data", "blob") or own[:2] == there[:2]


def test_the_server_runs_no_code_of_students(address):
    start, token = address.split("/lab?token=")
    body = json.dumps({"name": "python3"}).encode()
    status, said = post(f"{start}/api/kernels", token, body)
    assert status == 403
    assert "make lab" in said
    api = "formgrader/api/submission/p1/ada/autograde"
    status, said = post(f"{start}/{api}", token, b"")
    assert not json.loads(said)["success"]
    assert "mmcourse grade p1" in said


def post(url: str, token: str, body: bytes) -> tuple[int, str]:
    """What a server answers."""
    headers = {"Authorization": f"token {token}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_folder_without_marks_says_what_to_do(tmp_path):
    environment = {**lab_environment(tmp_path), "INTO": str(tmp_path)}
    run = subprocess.run(FORMGRADER, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith(f"mmcourse: nothing was graded in {tmp_path}. ")
