"""A graded notebook as a web page: for graders in formgrader, for students to keep.

Both are nbconvert's, with other templates. Nothing in them is fetched from elsewhere,
and what a student wrote can't run in them: it is made harmless first, and a policy in
the head of the page forbids the rest.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import nbgrader.server_extensions.formgrader as formgrader
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

from mmcourse.commands.sheets import find_tasks
from mmcourse.grading.outputs import SHOWN
from mmcourse.grading.pages.harmless import clean, typed
from mmcourse.grading.pages.markdown import show

TEMPLATES = Path(__file__).parent / "templates"
FORMGRADER = Path(formgrader.__file__).parent / "templates"
MOST_TEXT = 60_000  # characters in all that are read as Markdown
TITLES = {
    "check": "Check of {}",
    "hidden": "Hidden check of {}",
    "written": "Written answer",
}
# What the page of nbgrader does on a click, in attributes.
CLICKS = ("toggle_name(true);", "toggle_name(false);")

Resources = dict[str, Any]


class Page(HTMLExporter):
    """A notebook as a page on which all that a student wrote is harmless."""

    own_template = ""

    def __init__(self, **named: Any):
        # nbgrader configures these for every exporter of HTML; arguments win.
        own = {
            "template_name": self.own_template,
            "extra_template_basedirs": [str(TEMPLATES)],
            "extra_template_paths": [str(FORMGRADER)],
            "sanitize_html": True,
        }
        super().__init__(**{**named, **own})
        self._left = MOST_TEXT

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Resources | None = None, **named: Any
    ) -> tuple[str, Resources]:
        """Return the page."""
        self._left = MOST_TEXT
        found: tuple[str, Resources]
        found = super().from_notebook_node(bare(nb), resources, **named)
        return found

    def default_filters(self) -> Any:
        """Return what templates call; ours come last and win."""
        yield from super().default_filters()
        yield "markdown2html", self.show
        yield "clean_html", clean

    @pass_context
    def show(self, context: Context, text: str) -> str:
        """Return a text as HTML: Markdown, until there was too much of it."""
        self._left -= len(text)
        if self._left < 0:
            return typed(text)
        return show(text, context.get("cell", {}).get("attachments"))


class GraderPage(Page):
    """What formgrader shows of a submission: nbgrader's page, with rubrics."""

    own_template = "for_graders"

    def _init_resources(self, resources: Resources) -> Resources:
        found: Resources = super()._init_resources(resources)
        found["clicks"] = " ".join(map(_hash, CLICKS))
        return found


class FeedbackPage(Page):
    """What a student gets back: one file that needs nothing else."""

    own_template = "for_students"

    def _preprocess(
        self, nb: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        """Say of each cell with points what it is and what it got."""
        nb, resources = super()._preprocess(nb, resources)
        waiting = False
        for task in find_tasks(nb.cells):
            cell = nb.cells[task.place]
            mark = cell.metadata.nbgrader
            waiting = waiting or mark.waiting
            cell.metadata.task = {
                "name": mark.grade_id,
                "exercise": task.exercise,
                "title": TITLES[task.kind].format(task.name),
                "points": points(mark.score, mark.points, waiting=mark.waiting),
            }
            if task.kind == "hidden":
                cell.source = ""
        sums = resources["nbgrader"]
        resources["total"] = points(sums["score"], sums["max_score"], so_far=waiting)
        return nb, resources


def points(
    score: float, most: float, *, waiting: bool = False, so_far: bool = False
) -> str:
    """Say how many points there are.

    Examples
    --------
    >>> points(1.5, 2), points(0, 1, waiting=True), points(3, 8, so_far=True)
    ('1.5 of 2 points', 'not marked yet (1 point)', '3 of 8 points so far')
    """
    unit = "point" if most == 1 else "points"
    if waiting:
        return f"not marked yet ({most:g} {unit})"
    return f"{score:g} of {most:g} {unit}" + " so far" * so_far


def bare(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook whose outputs have the kinds that pages show, and no more.

    nbconvert writes some of their metadata into tags as it is.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = {k: v for k, v in output.data.items() if k in SHOWN}
                output.metadata = NotebookNode()
        if cell.get("outputs"):
            cell.outputs = [out for out in cell.outputs if out.get("data", True)]
    return notebook


def _hash(text: str) -> str:
    """Return how a policy names a script that may run."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
