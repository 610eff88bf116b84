"""A watch over a sandbox, which ends it when it takes too much memory or time.

References: `proc(5)` for what is read; `pidfd_open(2)`, which holds on to a process, so
that no other one is ended that got its number.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
EVERY = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What all processes of a sandbox may take together.

    Attributes
    ----------
    memory : int, bytes, its folders in memory included
    seconds : float, from the start
    processes : int, at a time
    files : int, in each of its folders
    """

    memory: int = 3 << 30
    seconds: float = 300
    processes: int = 32
    files: int = 20_000


class Watch(threading.Thread):
    """A thread that looks at a process and those that it started.

    Parameters
    ----------
    pid : int
        The first process of a sandbox.
    limits : Limits
    folders : sequence of str
        The folders in memory, as the sandbox names them.

    Attributes
    ----------
    peak : int, bytes, the most memory that they had together
    reason : str, why they were ended; empty when they were not
    """

    def __init__(self, pid: int, limits: Limits, folders: Sequence[str] = ()):
        super().__init__(name=f"watch over {pid}", daemon=True)
        self.pid, self.limits = pid, limits
        self.folders = [Path(f"/proc/{pid}/root{folder}") for folder in folders]
        self.peak, self.reason = 0, ""
        self._process = os.pidfd_open(pid)
        self._over = threading.Event()

    def run(self) -> None:
        """Look until told to stop, or until a limit is passed."""
        end = time.monotonic() + self.limits.seconds
        while not self._over.wait(EVERY):
            self.reason = self.look(late=time.monotonic() > end)
            if self.reason:
                self.end()
                break
        os.close(self._process)

    def look(self, late: bool) -> str:
        """Return the limit that is passed, as a reason; empty when none is."""
        processes, limits = family(self.pid), self.limits
        taken, files = stored(self.folders)
        taken += sum(map(resident, processes))
        self.peak = max(self.peak, taken)
        if taken > limits.memory:
            return f"it took more than {limits.memory >> 20} MB of memory"
        if len(processes) > limits.processes:
            return f"it started more than {limits.processes} processes"
        if files > limits.files:
            return f"it made more than {limits.files} files"
        return f"it took more than {limits.seconds:.0f} s in all" * late

    def end(self) -> None:
        """End the first process of the sandbox, and with it all others."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

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


def stored(folders: Sequence[Path]) -> tuple[int, int]:
    """Return the bytes in folders that are in memory, and the most files in one."""
    size, most = 0, 0
    for folder in folders:
        with contextlib.suppress(OSError):  # the process is gone
            found = os.statvfs(folder)
            size += (found.f_blocks - found.f_bfree) * found.f_frsize
            most = max(most, found.f_files - found.f_ffree)
    return size, most


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
