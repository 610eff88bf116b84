"""Where the time goes: a timer interrupts the fit, again and again, and looks.

Nothing is slowed as by a tracing profiler, and only the names of the package's modules
are known here, none of its functions. An interrupt waits for the end of a call into
NumPy, so each look is worth the time since the last one: a long call has its share.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType

PERIOD = 0.0005
# Modules of mmcourse, by what they are for; the innermost one on the stack decides.
STAGES = {
    "formula": "formula and design",
    "design": "formula and design",
    "conditioning": "cross-products",
    "crossproducts": "cross-products",
    "covariance": "search",
    "elimination": "search",
    "criterion": "search",
    "start": "search",
    "optimize": "search",
}
REST = "rest"
NAMES = ("formula and design", "cross-products", "search", REST)


def sample(run: Callable[[], object], seconds: float) -> dict[str, dict[str, float]]:
    """Run for about so long; return shares of the time by stage and by function."""
    stages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    last = time.perf_counter()

    def look(_number: int, frame: FrameType | None) -> None:
        nonlocal last
        where, now = place(frame), time.perf_counter()
        if where is not None:
            stages[where[0]] += now - last
            functions[where[1]] += now - last
        last = now
        # Waits are drawn: even ones would fall in step with fits of two milliseconds.
        signal.setitimer(signal.ITIMER_REAL, random.expovariate(1 / PERIOD) + 1e-5)

    old = signal.signal(signal.SIGALRM, look)
    end = last + seconds
    signal.setitimer(signal.ITIMER_REAL, PERIOD)
    try:
        run()
        while time.perf_counter() < end:
            run()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, old)
    return {"stages": shares(stages), "functions": shares(functions)}


def place(frame: FrameType | None) -> tuple[str, str] | None:
    """Return the stage and the function of the innermost frame of the package."""
    while frame is not None:
        found = of_package(frame.f_code.co_filename)
        if found is not None:
            name = frame.f_code.co_name.strip("<>")
            return STAGES.get(found[0], REST), ".".join([*found, name])
        frame = frame.f_back
    return None


@cache
def of_package(filename: str) -> tuple[str, ...] | None:
    """Return the module of a file of the package below `mmcourse`, or None."""
    package = Path(sys.modules["mmcourse"].__file__ or "").parent
    path = Path(filename)
    if not path.is_relative_to(package):
        return None
    return path.relative_to(package).with_suffix("").parts


def shares(seconds: Counter[str]) -> dict[str, float]:
    """Return each one's share of the whole, the largest first."""
    total = sum(seconds.values()) or 1.0
    return {name: value / total for name, value in seconds.most_common()}
