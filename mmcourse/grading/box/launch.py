"""What starts inside the sandbox: limits first, then the kernel.

Run as `python -m mmcourse.grading.box.launch CONNECTION_FILE NUMBER`.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

HOME = Path("/tmp")
PROCESSES = 128
ADDRESS_SPACE = 4 << 30  # bytes, of each process
FILE = 64 << 20  # bytes
OPEN_FILES = 512
CPU = 600  # seconds
# Nobody's numbers begin here. Nobody's, since the limit on processes does not hold for
# root; one for each sandbox, since it counts what a user has in all of them.
STRANGERS = 2_000_000_000


def main(connection: Path, number: int) -> None:
    """Limit this process, become nobody, and be the kernel."""
    text = connection.read_text(encoding="utf-8")
    limit(resource.RLIMIT_NPROC, PROCESSES)
    limit(resource.RLIMIT_AS, ADDRESS_SPACE)
    limit(resource.RLIMIT_FSIZE, FILE)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    limit(resource.RLIMIT_CPU, CPU)
    limit(resource.RLIMIT_CORE, 0)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(STRANGERS + number)
        os.setuid(STRANGERS + number)
    own = HOME / "connection.json"
    own.write_text(text, encoding="utf-8")
    start(own)


def limit(what: int, most: int) -> None:
    """Set a limit that the process can't raise again."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def start(connection: Path) -> None:
    """Be a kernel until told to stop."""
    from ipykernel.kernelapp import launch_new_instance

    sys.argv[1:] = ["-f", str(connection), "--log-level=50"]
    sys.argv += ["--HistoryManager.hist_file=:memory:"]
    launch_new_instance()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
