"""The folders of a graded course, and nbgrader's settings for them.

`grading/` holds everything that grading makes, in nbgrader's layout: `gradebook.db`,
`submitted/`, `autograded/`, `feedback/`; `marks/`, `report/` and `state/` are ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor as Colours
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    OverwriteCells,
    SaveAutoGrades,
)
from traitlets.config import Config

from mmcourse.errors import MMCourseError
from mmcourse.grading.pages.page import FeedbackPage
from mmcourse.grading.steps import (
    GetMarks,
    HideRubric,
    Refuse,
    Restore,
    RunSheet,
    ShowRubric,
)

FORMGRADER = '''"""Settings for nbgrader's formgrader; written by `mmcourse grade`."""

from pathlib import Path

from mmcourse.grading.course import shared_settings

c = get_config()  # noqa: F821
c.merge(shared_settings(Path(__file__).resolve().parent))
'''


class GradingError(MMCourseError):
    """Grading can't go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Course:
    """One assignment of a course that is graded.

    Attributes
    ----------
    assignment : str, its name
    solution : Path, the notebook with solutions and hidden checks
    root : Path, the folder that grading may fill
    sandbox : bool, whether code of students runs in a box
    limit : int, seconds for a cell
    memory : int, megabytes for a submission
    """

    assignment: str
    solution: Path
    root: Path
    sandbox: bool = True
    limit: int = 30
    memory: int = 3072

    @property
    def source(self) -> Path:
        """The copy of the solution that nbgrader grades by."""
        return self.notebook("source", ".")

    @property
    def sheet(self) -> Path:
        """The sheet as nbgrader hands it out."""
        return self.notebook("release", ".")

    def notebook(self, step: str, student: str) -> Path:
        """Return the notebook of a student in one of nbgrader's folders."""
        return self.folder(step, student) / f"{self.assignment}.ipynb"

    def folder(self, step: str, student: str) -> Path:
        """Return the folder of a student in one of nbgrader's folders."""
        return self.root / step / student / self.assignment

    def state(self, student: str) -> Path:
        """Return the file that says what became of a submission."""
        return self.root / "state" / self.assignment / f"{student}.json"

    @property
    def marks(self) -> Path:
        """The table of marks."""
        return self.root / "marks" / f"{self.assignment}.csv"

    @property
    def report(self) -> Path:
        """What went wrong with whom."""
        return self.root / "report" / f"{self.assignment}.md"


def keep_limits(course: Course) -> None:
    """Keep the limits of a run for those to come: with others all is graded anew."""
    path = _limits_in(course.root, course.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"limit": course.limit, "memory": course.memory}
    path.write_text(json.dumps(kept), encoding="utf-8")


def last_limits(root: Path, assignment: str) -> dict[str, int]:
    """Return the limits of the last run into a folder, empty before the first."""
    path = _limits_in(root, assignment)
    try:
        kept: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _limits_in(root: Path, assignment: str) -> Path:
    return root / "state" / f"{assignment}.limits"


def find_solution(assignment: str, start: Path) -> Path:
    """Return the solution of an assignment, in a folder or in one above it.

    Raises
    ------
    GradingError
        If there is none, with the assignments that there are.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        path = folder / "solutions" / assignment / f"{assignment}.ipynb"
        if path.is_file():
            return path
    found = {p.parent.name for f in (start, *start.parents) for p in _solutions(f)}
    if found:
        there = f"There are: {', '.join(sorted(found))}."
    else:
        there = "Go to the course's folder, or name it with --course."
    raise GradingError(f"no assignment {assignment} in {start}/solutions. {there}")


def _solutions(folder: Path) -> list[Path]:
    return [*(folder / "solutions").glob("*/*.ipynb")]


def shared_settings(root: Path) -> Config:
    """Return the settings that do not depend on the assignment."""
    settings = Config()
    settings.CourseDirectory.course_id = "mmcourse"
    settings.CourseDirectory.root = str(root)
    settings.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}?timeout=60"
    settings.Autograde.sanitize_preprocessors = [Refuse]
    settings.GenerateFeedback.exporter_class = FeedbackPage
    hidden = [HideRubric, ClearHiddenTests]
    settings.GenerateFeedback.preprocessors = [GetMarks, *hidden, Colours]
    settings.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
    settings.ClearSolutions.text_stub = "YOUR ANSWER HERE"
    return settings


def settings_for(course: Course) -> Config:
    """Return nbgrader's settings for one assignment."""
    settings = shared_settings(course.root)
    settings.CourseDirectory.assignment_id = course.assignment
    settings.Restore.sheet = str(course.sheet)
    settings.ShowRubric.solution = str(course.source)
    settings.RunSheet.sandbox = course.sandbox
    settings.RunSheet.limit = course.limit
    settings.RunSheet.memory = course.memory
    before = [ClearOutput, Restore, OverwriteCells, CheckCellMetadata]
    settings.Autograde.sanitize_preprocessors = before
    after = [RunSheet, ShowRubric, SaveAutoGrades, AssignLatePenalties]
    settings.Autograde.autograde_preprocessors = [*after, CheckCellMetadata]
    return settings
