"""Links between pages and lessons lead somewhere; the map of the lessons is true."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import jupytext
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MASTERS = sorted((ROOT / "course" / "lessons").glob("[0-9][0-9]_*.py"))
PAGES = [
    page
    for pattern in ("*.md", "*/*.md", "course/*/*.md", "tests/*/*.md")
    for page in sorted(ROOT.glob(pattern))
    if page.relative_to(ROOT).parts[0] not in (".venv", ".venv-bench", "work")
]
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT))
)
every_lesson = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)


def prose(lesson: Path) -> str:
    """The text of a lesson, of its master or of its notebook."""
    found = jupytext.read(lesson).cells
    return "\n\n".join(cell.source for cell in found if cell.cell_type == "markdown")


def targets(text: str) -> list[str]:
    """Where the links of a text lead; what is code is no link."""
    found = LINK.findall(CODE.sub("", text))
    return [unquote(t) for t in found if not re.match(r"https?://|mailto:", t)]


def anchors(path: Path) -> set[str]:
    """Names that a link can lead to inside a page or a notebook."""
    if path.suffix == ".ipynb":
        return {title.replace(" ", "-") for title in headings(prose(path))}
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in headings(path.read_text(encoding="utf-8"))
    }


def headings(text: str) -> list[str]:
    """The headings of a text, without marks of emphasis."""
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    found = re.findall(r"^#+ +(.+?)[ #]*$", text, re.M)
    return [title.replace("`", "").replace("*", "") for title in found]


def broken(text: str, page: Path) -> list[str]:
    """The links of a text that lead nowhere, seen from the page that it stands on."""
    bad = []
    for target in targets(text):
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            bad.append(target)
    return bad


@each_page
def test_links_of_a_page_lead_somewhere(page):
    assert broken(page.read_text(encoding="utf-8"), page) == []


@every_lesson
def test_links_of_a_lesson_lead_somewhere(master):
    assert broken(prose(master), ROOT / "notebooks" / f"{master.stem}.ipynb") == []


@every_lesson
def test_links_of_a_lesson_stay_in_the_working_copy(master):
    # `make lab` opens a copy of notebooks/ and exercises/ and of nothing else.
    inside = re.compile(r"#.*|[\w-]+\.ipynb(#.*)?|\.\./exercises/[\w/-]+\.ipynb(#.*)?")
    assert [t for t in targets(prose(master)) if not inside.fullmatch(t)] == []


def row_of_the_map(master: Path) -> list[str]:
    """The cells of a lesson's row in the map of lesson 00."""
    rows = re.findall(rf"^\| \[?{master.stem[:2]} .*", prose(MASTERS[0]), re.M)
    assert len(rows) == 1, f"the map in {MASTERS[0].name} needs a row for {master.name}"
    return rows[0].strip("| ").split(" | ")


@every_lesson
def test_the_map_links_every_lesson_by_its_title(master):
    number, title = re.search(r"^# (\d\d) · (.+)$", prose(master), re.M).groups()
    entry = f"{number} {title}"
    if master != MASTERS[0]:  # the page that the map stands on
        entry = f"[{entry}]({master.stem}.ipynb)"
    assert row_of_the_map(master)[0] == entry


@every_lesson
def test_the_map_gives_the_minutes_of_the_title(master):
    assert f"\n*About {row_of_the_map(master)[1]} minutes" in prose(master)


def test_the_list_of_lessons_has_every_lesson():
    listed = targets((ROOT / "notebooks" / "README.md").read_text(encoding="utf-8"))
    missing = {f"{master.stem}.ipynb" for master in MASTERS} - set(listed)
    assert not missing, f"notebooks/README.md lists no {sorted(missing)}"


@pytest.mark.parametrize(
    "page", ["exercises/README.md", "notebooks/00_start_here.ipynb"]
)
def test_the_lists_of_sheets_have_every_sheet(page):
    path = ROOT / page
    text = prose(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    listed = {Path(target).name for target in targets(text)}
    sheets = {sheet.name for sheet in (ROOT / "exercises").glob("*/*.ipynb")}
    assert len(sheets) >= 5
    assert sheets <= listed, f"{page} lists no {sorted(sheets - listed)}"


TEXT = "See [it](a.md), [here](#two-words), [there](a.md#one), `[no](b.md)`."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("(a.md)", "(b.md)", ["b.md"]),
        ("#two-words", "#two", ["#two"]),
        ("a.md#one", "a.md#1", ["a.md#1"]),
    ],
)
def test_a_broken_link_is_found(tmp_path, old, new, expected):
    (tmp_path / "a.md").write_text("# One\n")
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n## Two words\n")
    assert broken(TEXT.replace(old, new, 1), page) == expected
