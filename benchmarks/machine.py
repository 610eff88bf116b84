"""What the numbers were measured on."""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def describe() -> dict[str, str]:
    """Return machine, software and date, as the report prints them."""
    set_here = [f"{k}={os.environ[k]}" for k in THREAD_SETTINGS if k in os.environ]
    return {
        "date": datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z"),
        "mmcourse": f"{version('mmcourse')}, commit {commit()}",
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{total_memory() / 2**30:.0f} GiB",
        "system": platform.platform(terse=True),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{p} {version(p)}" for p in packages()),
        "thread settings": ", ".join(set_here) or "none, each engine as it comes",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }


def packages() -> tuple[str, ...]:
    """Return the packages below mmcourse, which the other engines use too."""
    return "numpy", "scipy", "pandas", "formulaic"


def processor() -> str:
    """Return the processor's name."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return said("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()


def total_memory() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def commit() -> str:
    """Return the commit that was measured, and whether files differ from it."""
    name = said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    changed = said("git", "-C", str(ROOT), "status", "--porcelain", "mmcourse")
    return (name or "unknown") + (" with changes" if changed else "")


def said(*command: str) -> str:
    """Return what a command prints, or nothing when it can't be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
