"""The built website: complete, without solutions, and every link leads somewhere."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from docs.website import agreement, lessons, links, measured, parts
from docs.website.places import data_files, sheets
from tests.site.conftest import ROOT
from tests.site.reading import article, broken, loaded_from_elsewhere, read

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHEETS = sheets(ROOT)
SECONDS = 60  # of processor time

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def all_pages(pages: Path) -> list[Path]:
    return sorted(pages.rglob("*.html"))


def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


# ---- the build


def test_it_is_built_in_a_minute(built):
    seconds = float(built.with_name("site.seconds").read_text())
    assert 0 < seconds < SECONDS


@pytest.mark.parametrize("name", ["agreement", "links"])
def test_the_examples_in_its_docstrings(name):
    found = doctest.testmod(importlib.import_module(f"docs.website.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


# ---- what is there, and what is not


@every_lesson
def test_a_lesson_is_a_page_and_a_file_to_take_home(pages, lesson):
    page = pages / "lessons" / f"{lesson.stem}.html"
    title = lessons.title_of(notebook(lesson))
    assert read(page).find("h1").get_text().startswith(title)
    assert downloaded(page).read_bytes() == lesson.read_bytes()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_a_sheet_is_a_page_and_a_file_to_take_home(pages, sheet):
    page = pages / "exercises" / f"{sheet.stem}.html"
    assert "YOUR CODE HERE" in article(page).get_text()
    assert downloaded(page).read_bytes() == sheet.read_bytes()


def downloaded(page: Path) -> Path:
    """The file that a page of a notebook gives."""
    link = article(page).find("a", class_="download")
    assert link.get_text() == "Download this notebook"
    return (page.parent / link["href"]).resolve()


def test_the_data_card_gives_the_data(pages):
    found = article(pages / "data.html").find_all("a", class_="download")
    given = {link.get_text(): (pages / link["href"]) for link in found}
    wanted = {path.name: path for path in data_files(ROOT)}
    assert given.keys() == wanted.keys()
    assert all(given[n].read_bytes() == wanted[n].read_bytes() for n in wanted)


def test_no_line_of_a_solution_is_on_the_site(pages):
    texts = [
        path.read_text(encoding="utf-8")
        for path in pages.rglob("*")
        if path.suffix in {".html", ".ipynb", ".js", ".json", ".txt"}
        and "mathjax" not in path.parts
    ]
    everything = json.dumps(texts, ensure_ascii=False)
    answers = [
        line for line in solution_lines() if json.dumps(line)[1:-1] in everything
    ]
    assert answers == []


def solution_lines() -> list[str]:
    """Lines of answers that stand in no sheet and in no lesson, but for short ones."""
    public = "\n".join(
        cell.source for path in LESSONS + SHEETS for cell in notebook(path).cells
    )
    found = []
    for master in sorted((ROOT / "course" / "exercises").glob("*/*.py")):
        text = master.read_text(encoding="utf-8")
        for block in re.findall(
            r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, re.S
        ):
            lines = (line.strip().removeprefix("# ") for line in block.splitlines())
            found += [line for line in lines if len(line) > 20 and line not in public]
    assert len(found) > 50
    return found


# ---- links


def test_every_link_inside_the_site_leads_somewhere(pages):
    found = {page.name: broken(page) for page in all_pages(pages)}
    assert {name: targets for name, targets in found.items() if targets} == {}


def test_no_page_loads_anything_from_another_machine(pages):
    found = {page.name: loaded_from_elsewhere(page) for page in all_pages(pages)}
    assert {name: targets for name, targets in found.items() if targets} == {}


PAGE = """<p id="here"><a href="#here"></a><a href="b.html#there"></a>
<img src="c.png"><script src="d.js"></script></p>"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ('href="#here"', 'href="#nowhere"', ["#nowhere"]),
        ("b.html#there", "b.html#here", ["b.html#here"]),
        ("c.png", "e.png", ["e.png"]),
        ("d.js", "https://a.org/d.js", ["https://a.org/d.js"]),
    ],
)
def test_a_broken_link_is_found(tmp_path, old, new, expected):
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    (tmp_path / "c.png").touch()
    (tmp_path / "d.js").touch()
    page = tmp_path / "a.html"
    page.write_text(PAGE.replace(old, new, 1))
    assert broken(page) + loaded_from_elsewhere(page) == expected


def test_a_link_to_what_is_not_on_the_site_stops_the_build():
    with pytest.raises(
        links.LinkError, match=r"docs/a.md links to b.md, and docs/b.md"
    ):
        links.rewrite("[b](b.md)", "docs/a.md", {"docs/a.md": "a.md"})


# ---- figures


@every_lesson
def test_figures_are_described_in_words(pages, lesson):
    described = [
        c.metadata["alt"] for c in notebook(lesson).cells if "alt" in c.metadata
    ]
    found = article(pages / "lessons" / f"{lesson.stem}.html").find_all("img")
    shown = [image.get("alt") for image in found]
    assert all(shown)
    assert set(described) == set(shown)


def test_what_sliders_move_is_shown_as_it_stands(pages):
    moving = {}
    for lesson in LESSONS:
        cells = [c for c in notebook(lesson).cells if c.cell_type == "code"]
        for before, cell in pairwise(cells):
            if lessons.drawn_by(cell):
                assert lessons.called_last(before) == lessons.drawn_by(cell)
                moving.setdefault(lesson.stem, []).append(cell)
    assert len(moving) >= 4
    for stem, cells in moving.items():
        texts = article(pages / "lessons" / f"{stem}.html").get_text(" ")
        assert texts.count("this cell has sliders") == len(cells)


def test_a_picture_to_move_stands_below_its_sliders(pages):
    page = article(pages / "lessons" / "08_regression_by_cluster.html")
    cell = next(c for c in page.find_all(class_="cell") if "interact(" in c.get_text())
    before = cell.find_previous_sibling(class_="cell")
    assert cell.find("img")["src"] == before.find("img")["src"]
    assert cell.find("img")["alt"] == before.find("img")["alt"]


# ---- tables


def test_nothing_is_left_to_be_built(pages):
    assert [p.name for p in all_pages(pages) if "built: " in p.read_text()] == []


def test_an_unknown_table_stops_the_build():
    with pytest.raises(ValueError, match="asks for 'sped' to be built; there are"):
        parts.filled("<!-- built: sped -->", "a.md", ROOT)


def test_the_start_page_says_how_fast_from_what_was_measured(pages):
    text = article(pages / "index.html").get_text(" ")
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    assert {row["title"] for row in results["fits"]} <= set(cells_of(pages))
    for row in results["fits"]:
        assert measured.speeds(row)[2] in text


def cells_of(pages: Path) -> list[str]:
    """The texts of all cells of tables on the start page."""
    return [cell.get_text() for cell in article(pages / "index.html").find_all("td")]


def test_the_start_page_says_how_right(pages):
    assert set(agreement.QUANTITIES) <= set(cells_of(pages))


def test_no_difference_from_lme4_is_larger_than_the_tests_allow():
    found = agreement.largest()
    assert [
        d
        for d, (_, most) in zip(found, agreement.QUANTITIES.values(), strict=True)
        if d > most
    ] == []


def test_a_share_is_counted_over_the_parameters_of_a_kind():
    rows = [("a", 90), ("b", 95), ("sd_a|g", 80), ("sigma", 70)]
    design = {
        "intervals": [
            {"parameter": name, "method": "wald", "covered": covered, "n": 100}
            for name, covered in rows
        ]
    }
    assert measured.shares(design, "fixed", "wald") == "90.0 to 95.0"
    assert measured.shares(design, "sd", "wald") == "80.0"
    assert measured.shares(design, "fixed", "basic") == ""


def test_the_example_of_the_start_page_runs():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.S)[1], names)
    assert names["model"].n_obs == 1200


def test_the_next_page_after_the_start_is_the_list_of_lessons(pages):
    beside = read(pages / "index.html").find(class_="sidebar-tree")
    assert beside.find("a")["href"] == "lessons/index.html"
    assert read(pages / "index.html").find("a", class_="next-page")["href"] == (
        "lessons/index.html"
    )
    titles = [link.get_text() for link in article(pages / "index.html").find_all("a")]
    assert "Data card" in titles
