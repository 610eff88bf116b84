"""A watch over a sandbox, which ends it when it takes too much memory or time."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
EVERY = 0.1  # seconds


class Watch(threading.Thread):
    """A thread that looks at a process and those that it started.

    Attributes
    ----------
    peak : int, bytes, the most memory that they had together
    reason : str, why they were ended; empty when they were not
    """

    def __init__(self, pid: int, memory: int, seconds: float):
        super().__init__(name=f"watch over {pid}", daemon=True)
        self.pid, self.memory, self.seconds = pid, memory, seconds
        self.peak, self.reason = 0, ""
        self._over = threading.Event()

    def run(self) -> None:
        """Look until told to stop, or until a limit is passed."""
        end = time.monotonic() + self.seconds
        while not self._over.wait(EVERY):
            taken = sum(map(resident, family(self.pid)))
            self.peak = max(self.peak, taken)
            if taken > self.memory:
                self.reason = f"it took more than {self.memory >> 20} MB of memory"
            elif time.monotonic() > end:
                self.reason = f"it took more than {self.seconds:.0f} s in all"
            if self.reason:
                end_process(self.pid)
                return

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()


def family(pid: int) -> list[int]:
    """Return a process and all that come from it."""
    found, new = [pid], [pid]
    while new:
        parent = new.pop()
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            children = [int(word) for word in _read(listed).split()]
            found += children
            new += children
    return found


def resident(pid: int) -> int:
    """Return the bytes that a process has in memory; 0 when it is gone."""
    words = _read(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * PAGE if len(words) > 1 else 0


def end_process(pid: int) -> None:
    """End a process now; with the first of a sandbox, all in it end."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
