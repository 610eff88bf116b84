"""Grade one submission, from its file to its feedback; runs in a process of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from nbgrader.converters import Autograde, GenerateFeedback

from mmcourse.grading.converting import convert
from mmcourse.grading.course import Course, GradingError
from mmcourse.grading.gradebook import by_hand, give_nothing, open_book, said_of, settle
from mmcourse.grading.run import ended_after

LOST = "the process that graded it died, twice."
FAILED = "nbgrader can't grade it; its log in the folder `log` says why."
AT_MOST = 20  # times the limit of a cell, for all of a submission


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission.

    Attributes
    ----------
    student : str
    fingerprint : str, of all that its marks depend on
    notes : tuple of str, what was odd
    problem : str, why it could not be graded; empty when it was
    seconds : float, that it took
    peak : int, bytes of memory that its kernel took at most
    answers : str, what points given by hand depend on, as a digest
    """

    student: str
    fingerprint: str
    notes: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    peak: int = 0
    answers: str = ""


def grade_one(
    course: Course, student: str, mark: str, notes: tuple[str, ...], problem: str
) -> Outcome:
    """Grade a submission that was collected; keep what became of it.

    Parameters
    ----------
    course : Course
    student : str
    mark : str
        The fingerprint of the submission.
    notes : tuple of str
        What was odd when it was collected.
    problem : str
        Why it can't be graded, when that is known already; else empty.

    Returns
    -------
    Outcome
    """
    began = time.perf_counter()
    peak = 0
    with ended_after(AT_MOST * course.limit, log_of(course, student)):
        answers = "" if problem else answers_of(course, student)
        problem = problem or regrade(course, student, answers)
        if problem:
            give_nothing(course, student)
            # A page of an earlier version shows points that no longer count.
            shutil.rmtree(course.folder("feedback", student), ignore_errors=True)
        else:
            found, peak = read_notes(course.notebook("autograded", student))
            notes += found
        seconds = round(time.perf_counter() - began, 3)
        outcome = Outcome(student, mark, notes, problem, seconds, peak, answers)
        if not problem:
            make_feedback(course, student)
    if problem != FAILED:  # else the next run tries again: the machine may be at fault
        write_state(course.state(student), outcome)
    return outcome


def log_of(course: Course, student: str) -> Path:
    """Return the file that gets nbgrader's log of a submission."""
    return course.root / "log" / course.assignment / f"{student}.txt"


def lose(course: Course, student: str, mark: str) -> Outcome:
    """Enter a submission whose grading killed its process; it is tried again later."""
    give_nothing(course, student)
    return Outcome(student, mark, problem=LOST)


def regrade(course: Course, student: str, answers: str) -> str:
    """Autograde; points given by hand for the same answers need no second look."""
    before = read_state(course.state(student))
    is_same = before is not None and before.answers == answers
    with open_book(course) as book:
        settled = by_hand(book, course, student) if is_same else []
    problem = autograde(course, student)
    if not problem:
        with open_book(course) as book:
            settle(book, course, student, settled)
    return problem


def autograde(course: Course, student: str) -> str:
    """Run nbgrader's autograde for a student; return why it failed, if it did."""
    problem = convert(Autograde, course, student, log_of(course, student))
    if problem or not course.notebook("autograded", student).is_file():
        return FAILED
    return ""


def make_feedback(course: Course, student: str) -> str:
    """Write a student's feedback as a web page; return what it was made of."""
    with open_book(course) as book:
        said = said_of(book, course, student)
    log = course.root / "log" / course.assignment / f"{student}-feedback.txt"
    problem = convert(GenerateFeedback, course, student, log)
    if problem:
        raise GradingError(f"no feedback for {student}: {problem}")
    write_whole(course.state(student).with_suffix(".feedback"), said)
    return said


def read_notes(graded: Path) -> tuple[tuple[str, ...], int]:
    """Return what a graded notebook says of its run: what was odd, its memory."""
    own = json.loads(graded.read_text(encoding="utf-8"))["metadata"]["mmcourse"]
    return tuple(own["notes"]), int(own["peak"])


def write_state(path: Path, outcome: Outcome) -> None:
    """Keep an outcome."""
    write_whole(path, json.dumps(asdict(outcome), indent=1))


def write_whole(path: Path, text: str) -> None:
    """Write a file at once, so that it is never there in part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def read_state(path: Path) -> Outcome | None:
    """Return what became of a submission, None when that is not known."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Outcome(**{**kept, "notes": tuple(kept["notes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def fingerprint(course: Course, submitted: Path | None, problem: str) -> str:
    """Return what changes when a submission is to be graded again.

    Its file, the sheet, the checks and the limits count.
    """
    limits = f"{course.limit} {course.memory}"
    parts = [problem, str(course.sandbox), limits, _checks()]
    files = [path for path in (course.solution, submitted) if path]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join([*parts, *digests]).encode()).hexdigest()


def answers_of(course: Course, student: str) -> str:
    """Return what changes when points given by hand need another look.

    The file counts, and what the cells of the sheet are worth.
    """
    submitted = course.notebook("submitted", student).read_bytes()
    cells = json.loads(course.solution.read_text(encoding="utf-8"))["cells"]
    worth = [cell["metadata"].get("nbgrader", {}).get("points") for cell in cells]
    return hashlib.sha256(f"{worth}\n".encode() + submitted).hexdigest()


@cache
def _checks() -> str:
    """Return a digest of the package, which the checks compute with."""
    package = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()
