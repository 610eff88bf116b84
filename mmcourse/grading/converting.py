"""Run one of nbgrader's converters, with its log in a file of its own."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from mmcourse.grading.course import Course, settings_for


def convert(kind: type[BaseConverter], course: Course, student: str, log: Path) -> str:
    """Run a converter for one student; what it made before is made again.

    Parameters
    ----------
    kind : type
        One of `nbgrader.converters`.
    course : Course
    student : str
        "." for the assignment itself.
    log : Path
        Of the file that gets nbgrader's log.

    Returns
    -------
    str
        What went wrong, empty when nothing did.
    """
    settings = settings_for(course)
    settings.CourseDirectory.student_id = student
    step = kind(coursedir=CourseDirectory(config=settings), config=settings)
    step.force = True
    logger = logging.Logger(f"mmcourse.grading.{student}", logging.INFO)
    log.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(log, mode="w", encoding="utf-8")
    logger.addHandler(handler)
    step.log = logger
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, of nbgrader's own code
            step.start()
    except Exception as problem:  # whatever nbgrader or a broken notebook raises
        logger.exception("failed")
        return f"{type(problem).__name__}: {problem} (see {log})"
    finally:
        handler.close()
    return ""
