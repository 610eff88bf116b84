"""Work in several processes, safe against being stopped and against their deaths."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, TypeVar

from mmcourse.grading.box.launch import limit

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
MEMORY = 8 << 30  # bytes of a process, whatever it is led to read

T = TypeVar("T")


def run_apart(
    work: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], workers: int
) -> Iterator[tuple[str, T | None]]:
    """Do work for many students in several processes; yield each result as it comes.

    A process that dies takes nobody else with it: what may have been its work is done
    again, each in a process of its own, and the rest by new ones.

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
    left = dict(jobs)
    while left:
        for student, result in _pooled(work, left, workers):
            if result is not None:
                del left[student]
                yield student, result
        # Work is handed out in order, one piece more than there are processes.
        for student in [*left][: workers + 1]:
            yield from _pooled(work, {student: left.pop(student)}, 1)


def _pooled(
    work: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], workers: int
) -> Iterator[tuple[str, T | None]]:
    """Yield the result of each job, None where a process died before it was done."""
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
    except BaseException:  # Ctrl-C, or whoever asked has enough: nobody waits for these
        for process in active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare() -> None:
    """Make a process ready: it ends with the run, and Ctrl-C does not reach it."""
    os.setsid()
    limit(resource.RLIMIT_AS, MEMORY)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


@contextmanager
def ended_after(seconds: float, log: Path) -> Iterator[None]:
    """End this process when it takes too long: nothing else stops a check.

    Parameters
    ----------
    seconds : float
    log : Path
        Of the file that gets what it was at.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        faulthandler.dump_traceback_later(seconds, exit=True, file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
