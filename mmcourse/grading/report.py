"""What went wrong with whom, for the instructor."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmcourse.grading.course import Course
from mmcourse.grading.marks import Row
from mmcourse.grading.worker import Outcome


@dataclass(frozen=True, slots=True)
class Oddities:
    """What is odd about a class, not about one submission.

    Attributes
    ----------
    same : sequence of groups of students, who handed in the very same file
    strays : sequence of str, files among the submissions that belong to nobody
    unlisted : sequence of str, who handed in without being on the list of students
    """

    same: Sequence[Sequence[str]] = ()
    strays: Sequence[str] = ()
    unlisted: Sequence[str] = ()


def write_report(
    course: Course,
    rows: Sequence[Row],
    outcomes: Mapping[str, Outcome],
    odd: Oddities,
) -> None:
    """Write the report.

    Parameters
    ----------
    course : Course
    rows : sequence of Row
        The marks.
    outcomes : mapping
        Student to what became of the submission.
    odd : Oddities
    """
    counts = Counter(row.status for row in rows)
    lines = [f"# {course.assignment}: what went wrong with whom", ""]
    lines += [f"- {status}: {count}" for status, count in sorted(counts.items())]
    lines += [f"- the very same file: {', '.join(group)}" for group in odd.same]
    lines += [f"- nobody's, left out: {quiet(stray)}" for stray in odd.strays]
    lines += [f"- not on the list of students: {one}" for one in odd.unlisted]
    for row in rows:
        found = remarks(outcomes.get(row.student))
        if found:
            head = f"## {row.student}" + f" ({quiet(row.name)})" * bool(row.name)
            lines += ["", head, "", *(f"- {quiet(remark)}" for remark in found)]
    course.report.parent.mkdir(parents=True, exist_ok=True)
    course.report.write_text("\n".join(lines) + "\n", encoding="utf-8")


def remarks(outcome: Outcome | None) -> list[str]:
    """Return what there is to say of a submission, the worst first."""
    if outcome is None:
        return ["There is no submission."]
    problem = [f"Not graded: {outcome.problem}"] if outcome.problem else []
    return [*problem, *outcome.notes]


def quiet(text: str) -> str:
    """Return a text that stays one line and makes no markup of its own."""
    line = " ".join(text.split())
    return re.sub(r"([<>\[\]#|*_])", r"\\\1", line) if "`" not in line else line
