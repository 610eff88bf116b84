"""Submissions whose notebook or files are of another form than the sheet's."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from tests.grading.attacks import sheets
from tests.grading.attacks.cases import Case, Facts, Files, earnings, packed
from tests.grading.submissions import ROOT, cell_of

CASES: list[Case] = []
Edit = Callable[[NotebookNode], None]


def submission(
    earned: str, *says: str, quick: bool = False
) -> Callable[[Callable[[Facts], Files]], None]:
    """Add what a function makes to the cases."""

    def add(make: Callable[[Facts], Files]) -> None:
        CASES.append(Case(make.__name__, make, earnings(earned), says, quick))

    return add


def edit(
    base: Callable[[], NotebookNode], earned: str, *says: str, quick: bool = False
) -> Callable[[Edit], None]:
    """Add a sheet that a function edits."""

    def add(change: Edit) -> None:
        def make(facts: Facts) -> Files:
            sheet = base()
            change(sheet)
            return packed(sheet)

        CASES.append(Case(change.__name__, make, earnings(earned), says, quick))

    return add


@edit(
    sheets.right,
    "all but check_n_draws",
    "The cell `n_draws` was deleted: it was put back, empty.",
    quick=True,
)
def answer_is_missing(sheet: NotebookNode) -> None:
    del sheet.cells[sheets.place_of(sheet, "n_draws")]


@edit(
    sheets.right,
    "all",
    "The cell `setup` was deleted: it was put back.",
    "The cell `check_nested` was deleted: it was put back.",
    quick=True,
)
def given_cell_and_check_are_missing(sheet: NotebookNode) -> None:
    for name in ("setup", "check_nested"):
        del sheet.cells[sheets.place_of(sheet, name)]


@edit(
    sheets.right,
    "all but check_n_draws",
    "The cell `n_draws` is there 2 times: the last one counts.",
    quick=True,
)
def answer_is_there_twice(sheet: NotebookNode) -> None:
    marks = cell_of(sheet, "n_draws").metadata
    sheet.cells.append(new_code_cell("n_draws = 600", metadata=marks))


@edit(sheets.blank, "nothing", "The cell `check_n_draws` is there 3 times")
def check_is_there_thrice(sheet: NotebookNode) -> None:
    marks = cell_of(sheet, "check_n_draws").metadata
    for source in ("1.0", "n_draws = 630"):
        sheet.cells.insert(2, new_code_cell(source, metadata=marks))


@edit(
    sheets.blank,
    "nothing",
    "The cell `check_structures` was changed: the original was used.",
    "The cell `check_from_model` was changed: the original was used.",
    quick=True,
)
def checks_are_edited(sheet: NotebookNode) -> None:
    cell_of(sheet, "check_structures").source = "2.0"
    cell_of(sheet, "check_from_model").source = "check.from_model = 4.0"


@edit(sheets.blank, "nothing", "The cell `check_n_draws` was changed")
def check_is_made_an_answer(sheet: NotebookNode) -> None:
    cell = cell_of(sheet, "check_n_draws")
    cell.source = "n_draws = 630\n1.0"
    cell.metadata.nbgrader.update(solution=True, locked=False)


@edit(sheets.right, "all but check_n_draws, check_structures")
def points_and_checksums_are_edited(sheet: NotebookNode) -> None:
    for name in ("n_draws", "structures"):
        cell_of(sheet, name).source = "pass"
    for cell in sheet.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, checksum="0" * 32)


@edit(
    sheets.blank,
    "nothing",
    "The cell `check_structures` was deleted: it was put back.",
)
def check_has_another_name(sheet: NotebookNode) -> None:
    cell = cell_of(sheet, "check_structures")
    cell.metadata.nbgrader.grade_id = "check_of_mine"
    cell.source = "2.0"


@edit(
    sheets.right,
    "all",
    "The cell `n_draws` is of another kind: it was changed back.",
    "The cell `check_n_draws` is of another kind: it was changed back.",
)
def cells_are_of_another_kind(sheet: NotebookNode) -> None:
    for name, kind in (("n_draws", "markdown"), ("check_n_draws", "raw")):
        cell = cell_of(sheet, name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]


@edit(sheets.blank, "nothing", quick=True)
def checks_of_their_own(sheet: NotebookNode) -> None:
    for number in range(3):
        own = {"grade": True, "solution": False, "locked": True, "points": 5}
        own |= {"grade_id": f"bonus_{number}", "schema_version": 3, "task": False}
        sheet.cells.append(new_code_cell("5.0", metadata={"nbgrader": own}))


@edit(sheets.right, "all", "Cells have changed places: they were put back.")
def cells_are_in_another_order(sheet: NotebookNode) -> None:
    sheet.cells.reverse()


@edit(sheets.blank, "nothing", quick=True)
def outputs_are_stored_that_were_never_computed(sheet: NotebookNode) -> None:
    for cell in sheet.cells:
        if cell.cell_type == "code":
            data = {"text/plain": "2.0"}
            cell.outputs = [new_output("execute_result", data=data, execution_count=1)]


@edit(sheets.right, "all")
def metadata_ask_for_another_kernel(sheet: NotebookNode) -> None:
    sheet.metadata.kernelspec = {"name": "bash", "display_name": "x", "language": "x"}
    sheet.metadata.mmcourse = {"notes": 5, "peak": "x"}
    for cell in sheet.cells:
        cell.metadata.tags = ["skip-execution", "raises-exception"]


@edit(sheets.right, "all")
def very_many_cells(sheet: NotebookNode) -> None:
    for number in range(2000):
        sheet.cells.append(nbformat.v4.new_markdown_cell(f"cell {number}"))


@edit(sheets.blank, "no mark", "Not graded: .*no cell is marked for grading")
def all_cells_are_missing(sheet: NotebookNode) -> None:
    sheet.cells = [new_code_cell("n_draws = 630")]


@submission("no mark", "Not graded: .*its JSON is broken", quick=True)
def json_is_broken(facts: Facts) -> Files:
    (name, data), *_ = packed(sheets.right()).items()
    return {name: data[:-100]}


@submission("no mark", "Not graded: .*nested deeper than 100 levels")
def json_is_deep(facts: Facts) -> Files:
    return {sheets.FILE: b"[" * 100_000 + b"]" * 100_000}


@submission("no mark", "Not graded: .*it is empty")
def file_is_empty(facts: Facts) -> Files:
    return {sheets.FILE: b""}


@submission("all", r"the file is called 'my answers \(2\).ipynb', not 'p1.ipynb'")
def file_has_another_name(facts: Facts) -> Files:
    return packed(sheets.right(), "my answers (2).ipynb")


@submission("no mark", "Not graded: there is no notebook in what was handed in")
def only_a_pdf(facts: Facts) -> Files:
    return {"p1.pdf": b"%PDF-1.4"}


@submission("no mark", "Not graded: .*it is the sheet of another assignment")
def sheet_of_another_assignment(facts: Facts) -> Files:
    other = ROOT / "exercises" / "20_sleepstudy" / "20_sleepstudy.ipynb"
    return {sheets.FILE: other.read_bytes()}


@submission("no mark", "Not graded: .*it is larger than 20 MB")
def file_is_too_large(facts: Facts) -> Files:
    return {sheets.FILE: b" " * 21_000_000}


def _zipped(files: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


@submission("all", "its path leads out of the archive", quick=True)
def zip_with_paths_that_lead_outside(facts: Facts) -> Files:
    sheet = packed(sheets.right())[sheets.FILE]
    odd = ("../../../../canary.txt", f"{facts['outside']}/canary.txt", "C:\\canary.txt")
    return {"work.zip": _zipped(dict.fromkeys(odd, b"mine") | {sheets.FILE: sheet})}


@submission("no mark", "Not graded: .*it is a link")
def zip_with_a_link_to_the_solution(facts: Facts) -> Files:
    link = zipfile.ZipInfo(sheets.FILE)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    target = f"{facts['course']}/solutions/p1/p1.ipynb"
    return {"work.zip": _zipped({link: target.encode()})}


@submission("no mark", "Not graded: .*(damaged|unpacks to more)")
def zip_that_is_a_bomb(facts: Facts) -> Files:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(sheets.FILE, b" " * 19_000_000)
    return {"work.zip": data.getvalue()}


@submission("no mark", "Not graded: .*it is a link")
def link_to_the_solution(facts: Facts) -> Files:
    """Made by the test: a link has no bytes."""
    return {"p1.ipynb -> solution": b""}


@submission("all")
def answers_that_are_lists_of_lines(facts: Facts) -> Files:
    sheet = json.loads(packed(sheets.right())[sheets.FILE])
    for cell in sheet["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
        cell.pop("id", None)
    return {sheets.FILE: json.dumps(sheet | {"nbformat_minor": 2}).encode()}
