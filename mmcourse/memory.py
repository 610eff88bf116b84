"""How much memory there is, and a refusal before too much of it is asked for.

Layer: arrays only; knows the operating system.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

GIB = 2**30
# Of the free memory; the rest is for what goes with it.
SHARE = 0.9


class TooLarge(Exception):
    """The elimination needs more memory than there is.

    Attributes
    ----------
    factors : tuple of int
        Grouping factors that are crossed.
    size : int
        Their random effects together.
    needed, available : float, bytes
    """

    def __init__(
        self, factors: Sequence[int], size: int, needed: float, available: float
    ) -> None:
        super().__init__(factors, size, needed, available)
        self.factors, self.size = tuple(factors), size
        self.needed, self.available = needed, available


def available() -> float:
    """Bytes that this process may still use: of the machine, and of its container."""
    free = [_machine()]
    limit, used = _read("memory.max"), _read("memory.current")
    if limit is not None and used is not None:
        free.append(limit - used)
    return min(free)


def _machine() -> float:
    """Ask for the free memory of the machine; if it does not say, for all of it."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found = next(line for line in lines if line.startswith("MemAvailable:"))
        return 1024.0 * float(found.split()[1])
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def _read(name: str) -> float | None:
    """Read one of the container's limits (Linux, control groups version 2)."""
    try:
        return float(Path("/sys/fs/cgroup", name).read_text())
    except (OSError, ValueError):
        return None
