"""One run at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mmcourse.grading.course import Course, GradingError


@contextmanager
def locked(course: Course) -> Iterator[None]:
    """Keep other runs out of the folder.

    Raises
    ------
    GradingError
        If another run is in it.
    """
    # Names and marks: other users of the machine have no business there.
    course.root.mkdir(0o700, parents=True, exist_ok=True)
    with (course.root / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read().strip() or "unknown"
            raise GradingError(
                f"another run (process {who}) is grading into {course.root}. Wait "
                "until it is done, or stop it; this one would have nothing to add."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
