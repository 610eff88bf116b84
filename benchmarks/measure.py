"""Wall time, processor time and peak memory of something that is done repeatedly."""

from __future__ import annotations

import contextlib
import gc
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

# Below this a first run is taken as the warm-up of many.
SHORT = 0.3
STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to go on: `limit` seconds a run, about `seconds` for all of them."""

    limit: float = 60.0
    seconds: float = 10.0
    fewest: int = 5
    most: int = 200


@dataclass(slots=True)
class Measured:
    """Seconds of each run; bytes resident before the first and at its peak."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    resident_before: int = 0
    resident_peak: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)


def measure(
    run: Callable[..., object],
    budget: Budget,
    prepare: Callable[[], tuple[object, ...]] = tuple,
) -> tuple[Measured, object]:
    """Run until the budget is used; return the measurements and the last result.

    What `prepare` makes is passed to each run; making it is not counted. A run that
    exceeds the limit ends the process by SIGALRM: native code can't be interrupted in
    a gentler way.
    """
    out = Measured()
    gc.collect()
    out.resident_before = start_peak()
    outcome, wall, cpu = timed(partial(run, *prepare()), budget.limit)
    out.resident_peak = max(peak(), out.resident_before)
    if wall >= SHORT:
        out.wall.append(wall)
        out.cpu.append(cpu)
        n = min(budget.fewest, int(budget.seconds / wall)) - 1
    else:
        n = max(budget.fewest, min(budget.most, int(budget.seconds / wall)))
    for _ in range(n):
        outcome = None  # one model at a time in memory
        outcome, wall, cpu = timed(partial(run, *prepare()), budget.limit)
        out.wall.append(wall)
        out.cpu.append(cpu)
    return out, outcome


def timed(run: Callable[[], object], limit: float) -> tuple[object, float, float]:
    """Run once; return the outcome, seconds of wall and of all the threads' CPU."""
    signal.setitimer(signal.ITIMER_REAL, limit)
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    return outcome, wall, cpu


def start_peak() -> int:
    """Forget the peak so far where the system can; return what is resident now."""
    with contextlib.suppress(OSError):
        CLEAR.write_text("5")
    return status_bytes("VmRSS:") or peak()


def peak() -> int:
    """Return the most bytes that were resident since `start_peak`, or ever."""
    inside = status_bytes("VmHWM:")
    if inside:
        return inside
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def status_bytes(name: str) -> int:
    """Return a field of Linux's process status, 0 elsewhere."""
    if not STATUS.exists():
        return 0
    line = next(s for s in STATUS.read_text().splitlines() if s.startswith(name))
    return int(line.split()[1]) * 1024
