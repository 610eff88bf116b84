"""Work in several processes, one run at a time, safe against being stopped."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from mmcourse.grading.course import Course, GradingError

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

T = TypeVar("T")


@contextmanager
def locked(course: Course) -> Iterator[None]:
    """Keep other runs out of the folder.

    Raises
    ------
    GradingError
        If another run is in it.
    """
    course.root.mkdir(parents=True, exist_ok=True)
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


def run_apart(
    work: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], workers: int
) -> Iterator[tuple[str, T | None]]:
    """Do work for many students in several processes; yield each result as it comes.

    A process that dies takes nobody else with it: what was under way is done again,
    each in a process of its own.

    Parameters
    ----------
    work : callable
        Of a module, so that other processes find it.
    jobs : mapping
        Student to the arguments of `work`.
    workers : int
        How many processes.

    Yields
    ------
    (str, object)
        The student and what `work` returned; None where its process died, twice.
    """
    unfinished = []
    for student, result in _pooled(work, jobs, workers):
        if result is None:
            unfinished.append(student)
        else:
            yield student, result
    for student in unfinished:
        yield from _pooled(work, {student: jobs[student]}, 1)


def _pooled(
    work: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], workers: int
) -> Iterator[tuple[str, T | None]]:
    """Yield the result of each job, None where its process died."""
    if not jobs:
        return
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(workers, len(jobs))),
        mp_context=get_context("spawn"),
        initializer=_prepare,
    )
    try:
        futures = {pool.submit(work, *job): student for student, job in jobs.items()}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                yield futures[future], None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare() -> None:
    """Make a process ready: it ends with the run, and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
