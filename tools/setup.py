"""Make `.venv` and install what `requirements.lock` says, once per lock.

Standard library only: this runs before anything is installed. A stamp in `.venv`
holds the hash of the lock, so that every later run ends here after milliseconds.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "mmcourse-setup.sha256"

# .venv holds 1.3 GB; pip needs room to unpack beside it.
NEEDED_GB = 2.0
LITTLE_GB = 0.1  # less than an empty .venv and a few files
DISK_FULL = (
    f"the disk is full; .venv needs {NEEDED_GB:.0f} GB. Make room, then try again."
)


def main() -> int:
    """Bring `.venv` in step with the lock; return the exit status."""
    if STAMP.is_file() and STAMP.read_text() == wanted_stamp() and same_python():
        return 0
    problem = reason_to_stop()
    if problem:
        return stop(problem)
    if not same_python():
        print(f"mmcourse: making .venv with Python {platform.python_version()}")
        problem = make_venv()
        if problem:
            return stop(problem)
    print(
        "mmcourse: installing from requirements.lock into .venv "
        "(a few minutes the first time)",
        flush=True,
    )
    STAMP.unlink(missing_ok=True)
    problem = install()
    if problem:
        return stop(problem)
    STAMP.write_text(wanted_stamp())
    return 0


def wanted_stamp() -> str:
    """Return the hash of all that decides what `.venv` holds, and of where it is."""
    parts = LOCK.read_bytes(), PROJECT.read_bytes(), str(ROOT).encode()
    return hashlib.sha256(b"".join(parts)).hexdigest()


def same_python() -> bool:
    """Return whether `.venv` works and has the version of the Python in use."""
    python = VENV / "bin" / "python"
    if Path(sys.prefix).resolve() == VENV.resolve():
        return importlib.util.find_spec("pip") is not None
    code = "import platform, pip; print(platform.python_version())"
    if not python.exists():
        return False
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return answer.stdout.strip() == platform.python_version()


def reason_to_stop() -> str | None:
    """Return what this machine lacks before anything is made, or None."""
    missing = [m for m in ("venv", "ensurepip") if importlib.util.find_spec(m) is None]
    if missing and not VENV.exists():
        return (
            f"{sys.executable} has no {missing[0]} module; install it "
            "(Debian, Ubuntu: sudo apt-get install python3-venv), then try again."
        )
    free = free_gb()
    if free < NEEDED_GB and not STAMP.exists():
        return (
            f"{free:.1f} GB are free on the disk of {ROOT}, and .venv needs "
            f"{NEEDED_GB:.0f} GB; make room, then try again."
        )
    return None


def free_gb() -> float:
    """Return the free space beside `.venv` in GB; MMCOURSE_FREE_GB overrides it."""
    told = os.environ.get("MMCOURSE_FREE_GB")
    return float(told) if told else shutil.disk_usage(ROOT).free / 1e9


def make_venv() -> str | None:
    """Make an empty `.venv`; return what went wrong, or None."""
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    run = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if not run.returncode:
        return None
    # venv hides what its child said of a full disk, so we look ourselves.
    free = shutil.disk_usage(ROOT).free / 1e9
    if "No space left" in run.stdout or free < LITTLE_GB:
        return DISK_FULL
    sys.stderr.write(run.stdout)
    return (
        f"{sys.executable} could not make .venv; its own words are above. "
        "Name another Python: make lab PYTHON=/path/to/python3.12"
    )


def install() -> str | None:
    """Install the lock, then the package itself; return what went wrong, or None."""
    pip = [VENV / "bin" / "python", "-m", "pip", "install"]
    pip += ["--disable-pip-version-check", "--no-input", "--quiet"]
    # The build backend is in the lock too: nothing is fetched that is not pinned.
    itself = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    for what in (["--requirement", LOCK], itself):
        run = subprocess.run([*pip, *what], stderr=subprocess.PIPE, text=True)
        if run.returncode:
            sys.stderr.write(run.stderr)
            return explain(run.stderr)
    return None


def explain(stderr: str) -> str:
    """Return one line about a failed installation, from what pip wrote."""
    if "No space left on device" in stderr:
        return DISK_FULL
    if "Connection" in stderr or "resolve" in stderr or "Max retries" in stderr:
        return "packages could not be downloaded; check the network, then try again."
    return "pip could not install requirements.lock; its own words are above."


def stop(problem: str) -> int:
    """Print the one line that says what to do; return the exit status."""
    print(f"mmcourse: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
