"""What a student wrote is harmless on a page, and takes no time to be made so."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from mmcourse.grading.course import shared_settings
from mmcourse.grading.pages import harmless, markdown
from mmcourse.grading.pages.formulas import as_mathml
from mmcourse.grading.pages.harmless import clean
from mmcourse.grading.pages.markdown import show
from mmcourse.grading.pages.page import MOST_TEXT, FeedbackPage, GraderPage
from mmcourse.grading.steps import RUBRIC, Refuse
from tests.grading.hostile import ELSEWHERE, FORMULAS, HTML, MARKDOWN, SCRIPT

# As the standard has them, not as our list does.
VOID = {"br", "col", "hr", "img"}
MATH = set("math mrow mi mn mo mtext mspace msub msup mfrac mphantom mtable".split())
SAFE = {"href": ("https://", "http://", "mailto:"), "src": ("data:image/",)}


class Reader(HTMLParser):
    """Reads a page as strictly as may be: what is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag in harmless.KEPT | MATH
        for name, value in attrs:
            assert name in {*harmless.VALUES, "style", "display", "stretchy", "width"}
            assert not name.startswith("on")
            if name in SAFE:
                assert value.startswith(SAFE[name])
            if name == "style":
                assert "url" not in value and "position" not in value
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError("a comment")


def read(page: str) -> str:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return page


@pytest.mark.parametrize("text", [*HTML, "".join(HTML), "<p>".join(reversed(HTML))])
def test_html_of_a_student_is_harmless(text):
    read(clean(text))


@pytest.mark.parametrize("text", [*HTML, *FORMULAS, *MARKDOWN])
def test_markdown_of_a_student_is_harmless(text):
    assert ELSEWHERE not in read(show(text))


def test_boxes_of_the_page_are_not_among_the_tags_of_a_student():
    assert not harmless.KEPT & {"div", "section", "main", "header", "body", "form"}


HARD = (
    "<b>",
    "<a ",
    "<a x='",
    "<!--",
    "<script>",
    "<",
    "&",
    "</b>",
    "<b a=1 ",
    "<b><i>",
)


@pytest.mark.parametrize("piece", HARD)
def test_cleaning_takes_no_time(piece):
    start = time.process_time()
    clean(piece * (harmless.LONGEST // len(piece)))
    assert time.process_time() - start < 5  # Python's parser takes minutes


@pytest.mark.parametrize("piece", ["[", "*a", "\\\\[", "\\begin{a}", "![", "$a ", "> "])
def test_reading_markdown_takes_no_time(piece):
    start = time.process_time()
    show(piece * (markdown.LONGEST // len(piece)))
    assert time.process_time() - start < 5


def test_what_is_too_long_is_shown_as_it_was_typed():
    assert show("*a* " * markdown.LONGEST).startswith("<pre>*a*")
    assert clean("<b>" * harmless.LONGEST).startswith("<pre>&lt;b&gt;")


def test_our_own_tables_stay_as_they_are():
    table = (
        '<table class="dataframe">\n<caption style="caption-side: top; '
        'text-align: left">Weights</caption>\n<tbody><tr><th colspan="2">1 &lt; 2</th>'
        '<td style="text-align: right">3.5</td></tr></tbody></table>'
    )
    assert clean(table) == table
    assert clean(f"<div>\n<style scoped>td {{}}</style>{table}</div>") == f"\n{table}"


def test_a_picture_in_the_notebook_is_shown():
    pictures = {"a.png": {"image/png": "iVBORw0KGgo="}}
    shown = show("![two groups](attachment:a.png)", pictures)
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="two groups">' in shown


def test_a_picture_of_another_kind_is_not():
    pictures = {"a": {"image/svg+xml": "PHN2Zz4=", "image/png": '" onerror="x'}}
    assert "<img" not in show("![x](attachment:a)", pictures)


def test_a_formula_changes_no_other():
    texts = (r"$\def\tau{\phantom{x}}\newcommand{\sigma}{9}\tau$", r"$\tau + \sigma$")
    assert show("\n\n".join(texts)).endswith(show(texts[1]))


@pytest.mark.parametrize("tex", ["{" * 5000, "x^" * 900 + "x", r"\frac", "a" * 3000])
def test_what_is_no_formula_is_shown_as_it_was_typed(tex):
    assert as_mathml(tex) == f"<code>{tex}</code>"


def graded() -> NotebookNode:
    """A graded notebook: a check, a hidden one, an answer with its rubric."""

    def mark(name: str, score: float, **more: object) -> dict[str, object]:
        known = {"grade_id": name, "grade": True, "solution": False, "points": 2}
        return {"nbgrader": {**known, "score": score, "waiting": False, **more}}

    hint = [new_output("stream", text="Part of it is right: 1 of 2 points.")]
    return new_notebook(
        cells=[
            new_markdown_cell("## Exercise 1 ★ predict"),
            new_code_cell("check.x(x)", metadata=mark("check_x", 1), outputs=hint),
            new_code_cell("# Tried here.", metadata=mark("unseen_x", 2), outputs=hint),
            new_markdown_cell(
                "An answer, <script>.",
                metadata=mark(
                    "explain", 0, solution=True, waiting=True, comment="*No*"
                ),
            ),
            new_markdown_cell("*Rubric.* $\\tau$", metadata={RUBRIC: True}),
        ],
    )


def marks(name: str = "ada") -> dict[str, object]:
    sums = {"score": 3.0, "max_score": 6.0}
    return {"nbgrader": {"notebook": "p1", "student": name, **sums}}


def test_feedback_says_what_was_reached_and_what_is_to_come():
    page, _ = FeedbackPage().from_notebook_node(graded(), marks())
    assert "3 of 6 points so far" in page
    for line in ("Check of x", "Hidden check of unseen_x", "Written answer"):
        assert page.count(line) == 2  # in the table and above the cell
    assert "not marked yet (2 points)" in page
    assert "Part of it is right" in page
    assert "<em>No</em>" in page
    assert "Tried here" not in page  # the hidden check


def test_feedback_needs_nothing_else():
    page, _ = FeedbackPage().from_notebook_node(graded(), marks())
    assert "<script" not in page
    assert "://" not in page.replace("http://www.w3.org/", "")
    assert "default-src 'none'" in page


def place(**names: str | None) -> dict[str, object]:
    """What formgrader tells a page of the place of a submission."""
    known = {"student": "ada", "last_name": None, "first_name": None, **names}
    return {"index": 0, "total": 1, "base_url": "", "notebook_path": "p1", **known}


EVIL = f"<script>{SCRIPT}</script>"


def test_names_are_text():
    page, _ = FeedbackPage().from_notebook_node(graded(), marks(EVIL))
    assert EVIL not in page
    for names in ({"student": EVIL}, {"last_name": EVIL, "first_name": EVIL}):
        page, _ = GraderPage().from_notebook_node(graded(), place(**names))
        assert "&lt;script&gt;" in page
        assert SCRIPT not in page.replace(f"&lt;script&gt;{SCRIPT}", "")


class Dangers(HTMLParser):
    """Finds in a page what could run or load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        runs = [name for name in own if name.startswith("on")]
        loads = str(own.get("src") or own.get("href") or "").startswith(ELSEWHERE)
        if runs or loads or tag in ("script", "iframe", "svg", "base", "form"):
            self.found.append(f"{tag} {own}")


def test_outputs_are_harmless_too():
    notebook = graded()
    kinds = ("text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml")
    odd = {"isolated": True, "width": f"1 onerror={SCRIPT}", "alt": EVIL}
    notebook.cells[1].outputs += [
        new_output("display_data", {kind: text}, metadata={kind: odd})
        for text in (*HTML, *FORMULAS, *MARKDOWN)
        for kind in (*kinds, "application/javascript", "text/plain")
    ]
    name, error = HTML[2], HTML[0]
    notebook.cells[1].outputs += [
        new_output("stream", text=f"\x1b[31m{HTML[2]}"),
        new_output("error", ename=name, evalue=error, traceback=[name, error]),
    ]
    page, _ = FeedbackPage().from_notebook_node(notebook, marks())
    assert Dangers(page).found == []
    page, _ = GraderPage().from_notebook_node(notebook, place())
    own = [danger for danger in Dangers(page).found if "nonce" not in danger]
    assert [danger.split()[0] for danger in own] == ["span", "span"]  # the eyes


def test_graders_see_the_rubric_in_a_frame_that_no_student_can_have():
    notebook = graded()
    imitation = "<div class='panel rubric'><b>For graders</b>"
    notebook.cells[3].source = imitation
    page, _ = GraderPage().from_notebook_node(notebook, place())
    assert page.count('rubric"') == 1


def test_a_flood_of_text_is_shown_as_it_was_typed():
    notebook = graded()
    flood = [new_markdown_cell("*a* " * 2000) for _ in range(MOST_TEXT // 8000 + 2)]
    notebook.cells = [*flood, *notebook.cells]
    page, _ = FeedbackPage().from_notebook_node(notebook, marks())
    assert "<em>a</em>" in page
    assert "<pre>*a*" in page


def test_nbgraders_own_way_to_grade_is_closed(tmp_path):
    assert shared_settings(tmp_path).Autograde.sanitize_preprocessors == [Refuse]
    with pytest.raises(Exception, match="mmcourse grade p1"):
        Refuse().preprocess(graded(), {"nbgrader": {"assignment": "p1"}})
