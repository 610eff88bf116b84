"""Grading as steps of nbgrader, which its `autograde` takes with a submission."""

from __future__ import annotations

import atexit
import re
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Integer, Unicode

from mmcourse.commands.running import Run, run_with, settings
from mmcourse.grading.box.sandbox import SandboxedKernelManager
from mmcourse.grading.box.watch import Limits
from mmcourse.grading.doubts import find_doubts
from mmcourse.grading.judging import Question, SheetError, find_modules, read_question
from mmcourse.grading.restoring import name_of, restore
from mmcourse.grading.session import Session

IN_ALL = 10  # times the limit of a cell
RUBRIC = "mmcourse_rubric"
OWN = "mmcourse_own"
NOT_RUN = "This check was not reached."

Resources = dict[str, Any]
Step = tuple[NotebookNode, Resources]


class Restore(NbGraderPreprocessor):
    """Puts a submission into the form of its sheet."""

    sheet = Unicode(help="The sheet as it was handed out.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Step:
        """Replace the cells; keep what was odd for the report."""
        sheet = nbformat.read(self.sheet, as_version=4)
        cells, notes = restore(nb, sheet)
        given = {cell.source for cell in sheet.cells}
        for cell in cells:
            if not name_of(cell) and cell.source not in given:
                cell.metadata[OWN] = True
        nb.cells = cells
        nb.metadata = NotebookNode(sheet.metadata, mmcourse={"notes": notes})
        return nb, resources


class RunSheet(NbGraderPreprocessor):
    """Runs a submission in a kernel of its own, and judges its checks outside of it."""

    sandbox = Bool(True, help="Whether the kernel is in a box.").tag(config=True)
    limit = Integer(30, help="Seconds for a cell.").tag(config=True)
    memory = Integer(3072, help="Megabytes for all of it.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Step:
        """Fill in the outputs; keep what went wrong for the report."""
        questions = find_questions(nb)
        manager = SandboxedKernelManager if self.sandbox else AsyncKernelManager
        session = Session(
            nb,
            questions,
            Limits(memory=self.memory << 20, seconds=IN_ALL * self.limit),
            **settings(self.limit),
            kernel_name="python3",
            kernel_manager_class=manager,
            shutdown_kernel="immediate",
            raise_on_iopub_timeout=False,
        )
        try:
            run = run_with(session, self.limit)
        finally:  # nbclient leaves it there when the kernel does not start
            atexit.unregister(session._cleanup_kernel)
        for place in questions:
            if not nb.cells[place].outputs:
                nb.cells[place].outputs = [_not_run()]
        for place in run.late:
            nb.cells[place].outputs.append(_stopped(self.limit))
        notes = [*nb.metadata.mmcourse["notes"], *what_happened(run, session)]
        notes += find_doubts(nb.cells)
        peak = session.watch.peak if session.watch else 0
        nb.metadata.mmcourse = {"notes": notes, "peak": peak}
        return nb, resources


class ShowRubric(NbGraderPreprocessor):
    """Puts the model answer and the rubric below each written answer, for graders."""

    solution = Unicode(help="The notebook with the solutions.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Step:
        """Add a cell after every answer that is marked by hand."""
        solution = nbformat.read(self.solution, as_version=4)
        texts = {name_of(c): c.source for c in solution.cells if is_written(c)}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            if is_written(cell):
                text = re.sub(r"<!--.*?-->\n?", "", texts[name_of(cell)]).strip()
                cells.append(new_markdown_cell(text, metadata={RUBRIC: True}))
        nb.cells = cells
        return nb, resources


class GetMarks(GetGrades):
    """Brings points and comments, and who still waits for a person's points."""

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._get_score(cell, resources)
        mark = self.gradebook.find_grade(
            name_of(cell), self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["waiting"] = bool(mark.needs_manual_grade)


class Refuse(NbGraderPreprocessor):
    """Stops nbgrader's own way to grade, which protects nobody from a submission."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Step:
        """Say how to grade."""
        raise NbGraderException(
            "Code of students runs in the sandbox only. To grade, type: "
            f"mmcourse grade {resources['nbgrader']['assignment']}"
        )


class HideRubric(NbGraderPreprocessor):
    """Takes the rubrics out of what students get back."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Step:
        """Leave the cells out that `ShowRubric` has put in."""
        nb.cells = [c for c in nb.cells if not c.metadata.get(RUBRIC)]
        return nb, resources


def is_written(cell: NotebookNode) -> bool:
    """Return whether an answer is marked by hand."""
    return bool(is_grade(cell) and is_solution(cell))


def find_questions(notebook: NotebookNode) -> dict[int, Question]:
    """Return what the check cells of a notebook ask, by their places."""
    code = {i: c for i, c in enumerate(notebook.cells) if c.cell_type == "code"}
    given = [c.source for c in code.values() if name_of(c) and not is_solution(c)]
    modules = find_modules(given)
    return {
        place: _worth_the_same(cell, read_question(cell.source, modules))
        for place, cell in code.items()
        if is_grade(cell)
    }


def _worth_the_same(cell: NotebookNode, question: Question) -> Question:
    """Return a question whose check gives what its cell is worth."""
    own, given = cell.metadata.nbgrader.points, question.check.points
    if own != given:
        check = question.check.exercise.__name__
        raise SheetError(
            f'the cell `{name_of(cell)}` has `"points": {own:g}`, but its check '
            f"`{check}` gives up to {given:g}. Write the same number in the master of "
            "the sheet and at `@worth`, then type: make build"
        )
    return question


def what_happened(run: Run, session: Session) -> list[str]:
    """Say what kept a submission from running to its end."""
    found = [f"{_place(run, k)} was stopped after {run.limit} s." for k in run.late]
    found += [
        f"The answer for `{name_of(run.cells[k])}` was stopped after {run.limit} s."
        for k in sorted(session.slow)
    ]
    found += [f"{_place(run, k)} printed too much: it was cut." for k in session.cut]
    if run.problem:
        watched = session.watch.reason if session.watch else ""
        why = session.reason or watched or run.problem
        found.append(f"{_place(run, run.finished)} ended the run: {why}.")
    return found


def _place(run: Run, place: int) -> str:
    """Name a cell: by its own name, or by the named one before it."""
    named = [name_of(cell) for cell in run.cells[: place + 1]]
    if named and named[-1]:
        return f"The cell `{named[-1]}`"
    before = next((name for name in reversed(named) if name), "")
    return f"A cell after `{before}`" if before else "A cell at the top"


def _stopped(limit: int) -> NotebookNode:
    text = f"This cell was stopped after {limit} s: does it never end?"
    return new_output("error", ename="Stopped", evalue=text, traceback=[text])


def _not_run() -> NotebookNode:
    return new_output("error", ename="NotRun", evalue=NOT_RUN, traceback=[NOT_RUN])
