"""Grade an assignment: from what students handed in to marks, feedback and report."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmcourse.grading.box.sandbox import require_sandbox
from mmcourse.grading.collecting.collect import Submission, collect, find_strays
from mmcourse.grading.course import Course, GradingError, keep_limits
from mmcourse.grading.gradebook import enter_assignment, names_of, open_book, said_of
from mmcourse.grading.locking import locked
from mmcourse.grading.marks import Row, make_rows, write_marks
from mmcourse.grading.report import Oddities, write_report
from mmcourse.grading.roster import everybody, students_of
from mmcourse.grading.run import run_apart
from mmcourse.grading.worker import (
    Outcome,
    fingerprint,
    grade_one,
    lose,
    make_feedback,
    read_state,
    write_whole,
)

Progress = Callable[[Iterable[Outcome], int], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Graded:
    """What a run has done.

    Attributes
    ----------
    rows : list of Row, the marks of all students
    outcomes : dict, student to what became of the submission
    fresh : int, how many were graded now; the others had not changed
    """

    rows: list[Row]
    outcomes: dict[str, Outcome]
    fresh: int


def grade_assignment(
    course: Course,
    submissions: Path | None,
    *,
    roster: Path | None = None,
    pattern: str | None = None,
    workers: int = 1,
    again: bool = False,
    progress: Progress = lambda outcomes, total: outcomes,
) -> Graded:
    """Grade what changed, and write marks, feedback and report of all.

    Parameters
    ----------
    course : Course
    submissions : Path or None
        A folder or a ZIP, as learning platforms make them; None for those of the last
        run.
    roster : Path, optional
        A CSV with the columns student and, if wanted, name: who is missing is told.
        None for that of an earlier run.
    pattern : str, optional
        How names of files or folders hold a student's, with a group `student`.
    workers : int
        How many submissions at a time.
    again : bool
        Whether to grade also what has not changed.
    progress : callable
        Wraps what is graded, to show how far it is.

    Returns
    -------
    Graded

    Raises
    ------
    GradingError
        If grading can't go on: no such submissions, another run in the folder.
    NoSandbox
        If there is no sandbox, and the course asks for one.
    """
    if course.sandbox:
        require_sandbox()
    with locked(course):
        enter_assignment(course)
        listed = students_of(course, roster)
        found, strays = take_in(course, submissions, pattern)
        keep_limits(course)
        names, unlisted = everybody(listed, found)
        outcomes = known_outcomes(course, found, again)
        changed = [s for s in found if s.student not in outcomes]
        for outcome in progress(_graded(course, changed, workers), len(changed)):
            outcomes[outcome.student] = outcome
        refresh_feedback(course, outcomes, workers)
        rows = make_rows(course, names, outcomes)
        write_marks(course, rows)
        odd = Oddities(same_files(found), strays, unlisted)
        write_report(course, rows, outcomes, odd)
    return Graded(rows, outcomes, len(changed))


def take_in(
    course: Course, source: Path | None, pattern: str | None
) -> tuple[list[Submission], list[str]]:
    """Collect submissions, and what is nobody's; without a source, remember them."""
    kept = course.root / "state" / f"{course.assignment}.json"
    if source is None:
        try:
            known = json.loads(kept.read_text(encoding="utf-8"))
        except OSError:
            raise GradingError(
                f"nothing was handed in for {course.assignment} yet: say where "
                "submissions are, with --submissions."
            ) from None
        return [_remembered(course, s) for s in known["found"]], known["strays"]
    into = course.root / "submitted"
    found = collect(source, course.assignment, names_of(course), into, pattern=pattern)
    strays = find_strays(source, course.assignment, pattern=pattern)
    told = [{**asdict(one), "notebook": bool(one.notebook)} for one in found]
    write_whole(kept, json.dumps({"found": told, "strays": strays}, indent=1))
    return found, strays


def _remembered(course: Course, told: Mapping[str, Any]) -> Submission:
    """Return a submission of the last run."""
    path = course.notebook("submitted", told["student"])
    notebook = path if told["notebook"] else None
    return Submission(**{**told, "notebook": notebook, "notes": tuple(told["notes"])})


def _mark(course: Course, submission: Submission) -> str:
    return fingerprint(course, submission.notebook, submission.problem)


def known_outcomes(
    course: Course, found: Sequence[Submission], again: bool
) -> dict[str, Outcome]:
    """Return what became of the submissions that have not changed since."""
    kept = {s.student: (s, read_state(course.state(s.student))) for s in found}
    return {
        student: outcome
        for student, (submission, outcome) in kept.items()
        if outcome and not again and outcome.fingerprint == _mark(course, submission)
    }


def _graded(
    course: Course, changed: Sequence[Submission], workers: int
) -> Iterable[Outcome]:
    """Grade submissions; yield what becomes of each."""
    jobs = {
        s.student: (course, s.student, _mark(course, s), s.notes, s.problem)
        for s in changed
    }
    for student, outcome in run_apart(grade_one, jobs, workers):
        yield outcome or lose(course, student, jobs[student][2])


def refresh_feedback(
    course: Course, outcomes: Mapping[str, Outcome], workers: int
) -> None:
    """Write feedback again where marks or comments were given by hand since."""
    jobs = {}
    with open_book(course) as book:
        for student, outcome in outcomes.items():
            kept = course.state(student).with_suffix(".feedback")
            if not outcome.problem and said_of(book, course, student) != _read(kept):
                jobs[student] = (course, student)
    for _ in run_apart(make_feedback, jobs, workers):
        pass


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def same_files(found: Sequence[Submission]) -> list[list[str]]:
    """Return groups of students who handed in the very same file."""
    groups = defaultdict(list)
    for submission in found:
        if submission.notebook:
            groups[submission.notebook.read_bytes()].append(submission.student)
    return [sorted(group) for group in groups.values() if len(group) > 1]
