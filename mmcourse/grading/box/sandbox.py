"""A kernel in a box made by bubblewrap: no network, no folder of the course.

It sees Python, the package and its data, all read-only, and an empty folder of its own
in memory. Its sockets lie in there; this side reaches them through `/proc`, so nothing
of the machine can be written to. When its first process ends, all of them end.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

from mmcourse.datasets import path_of
from mmcourse.errors import MMCourseError
from mmcourse.grading.box.listening import CarefulClient, careful_context
from mmcourse.grading.box.shadow import build_shadow
from mmcourse.grading.box.syscalls import system_filter
from mmcourse.grading.box.watch import Limits, Watch

PACKAGE = Path(__file__).resolve().parents[2]
ROOM = "/tmp"  # inside: what a kernel may fill
SOCKETS = f"{ROOM}/kernel"
CONNECTION = "/run/connection.json"  # inside
MEGABYTE = 1 << 20  # bytes
FOLDERS = {"/dev/shm": 64, ROOM: 256, "/course": 256}  # in memory, with megabytes

SEALED = ("--remount-ro", "/dev", "--remount-ro", "/")
SYSTEM = ("usr", "etc/fonts", "etc/ld.so.cache", "etc/localtime", "etc/alternatives")
VARIABLES = {
    "HOME": ROOM,
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": f"{ROOM}/matplotlib",
    "IPYTHONDIR": f"{ROOM}/ipython",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "NBGRADER_EXECUTION": "autograde",
}

MISSING = (
    "Grading runs the code of submissions in a sandbox, which needs Linux with "
    "bubblewrap ({why}). Install it with `sudo apt install bubblewrap` (or your "
    "system's like), or grade with --no-sandbox in a machine that you can lose: code "
    "of students then has your network, your files and your gradebook."
)


class NoSandbox(MMCourseError):
    """There is no sandbox here; the message says what to install."""


def require_sandbox() -> None:
    """Raise where no sandbox can be made.

    Raises
    ------
    NoSandbox
        With what was tried.
    """
    if not sys.platform.startswith("linux"):
        raise NoSandbox(MISSING.format(why=f"this is {sys.platform}"))
    if not shutil.which("bwrap"):
        raise NoSandbox(MISSING.format(why="there is no command bwrap"))
    command = [*box(), *shown([]), *SEALED, "true"]
    tried = subprocess.run(command, capture_output=True, text=True)
    if tried.returncode:
        said = (tried.stderr.strip().splitlines() or ["it fails"])[-1]
        raise NoSandbox(MISSING.format(why=f"bwrap says: {said}"))


def box() -> list[str]:
    """Return the command that makes a box in which nothing is yet."""
    kinds = ("ipc", "pid", "net", "uts", "cgroup-try")
    command = ["bwrap", *(f"--unshare-{kind}" for kind in kinds)]
    command += ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if os.getuid():
        command += ["--unshare-user", "--disable-userns", "--uid", "1000", "--gid"]
        command += ["1000"]
    else:  # `launch` becomes nobody, for which it needs these, and loses them by it
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*command, "--hostname", "grader", "--proc", "/proc", "--dev", "/dev"]


def shown(folders: Sequence[Path]) -> list[str]:
    """Return what is in the box: the system, some folders, room in memory."""
    command: list[str] = []
    for path in SYSTEM:
        command += ["--ro-bind-try", f"/{path}", f"/{path}"]
    for path in ("bin", "lib", "lib64", "sbin"):
        command += ["--symlink", f"usr/{path}", f"/{path}"]
    for path, size in FOLDERS.items():
        command += ["--size", str(size * MEGABYTE), "--perms", "1777", "--tmpfs", path]
    parents = {parent for folder in folders for parent in folder.parents}
    parents.add(Path("/etc"))
    for folder in sorted(parents)[1:]:  # else they are root's own
        command += ["--perms", "0755", "--dir", str(folder)]
    for folder in folders:
        command += ["--ro-bind", str(folder), str(folder)]
    for name, value in VARIABLES.items():
        command += ["--setenv", name, value]
    path = f"{sys.prefix}/bin:/usr/bin"
    if not PACKAGE.is_relative_to(sys.prefix):  # a clone, not an installation
        command += ["--setenv", "PYTHONPATH", str(PACKAGE.parent)]
    return [*command, "--setenv", "PATH", path]


def furnished(checks: Path) -> list[str]:
    """Return the command that makes a box with all that a kernel needs.

    Parameters
    ----------
    checks : Path
        A folder that is made, for what the box shows of the checks.
    """
    real = build_shadow(checks)
    command = [*box(), *shown(needed()), "--ro-bind", str(checks), str(real)]
    return [*command, *fonts(), "--chdir", "/course"]


def needed() -> list[Path]:
    """Return the folders that a kernel needs: Python, the package, the data."""
    data = path_of("gpa.csv").parent
    found = [Path(sys.base_prefix), Path(sys.prefix), PACKAGE, data]
    return [p for p in dict.fromkeys(found) if not p.is_relative_to("/usr")]


class SandboxedKernelManager(AsyncKernelManager):
    """Starts a kernel in a box, and ends it when it takes too much.

    Attributes
    ----------
    limits : Limits, of all its processes together
    watch : Watch or None, over its memory and time, once it runs
    """

    client_factory = Type(CarefulClient)
    limits = Limits()
    watch: Watch | None = None

    def __init__(self, **named: Any):
        super().__init__(transport="ipc", context=careful_context(), **named)
        self._created_context = True
        self.folder = Path(tempfile.mkdtemp(prefix="mmcourse-kernel-"))
        self.connection_file = str(self.folder / "connection.json")
        self.ip = SOCKETS

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel in its box."""
        self._ends = os.pipe()
        self._filter = pipe_with(system_filter())
        command = furnished(self.folder / "checks")
        command += ["--ro-bind", self.connection_file, CONNECTION]
        command += [*SEALED, "--info-fd", str(self._ends[1])]
        command += ["--seccomp", str(self._filter)] if self._filter else []
        command += [sys.executable, "-m", "mmcourse.grading.box.launch", CONNECTION]
        return [*command, str(os.getpid())]

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        """Start it, and find its sockets and its first process."""
        try:
            await self._launch(kernel_cmd, **kw)
        except BaseException:
            await self._async_cleanup_resources()  # nobody else does
            raise

    async def _launch(self, kernel_cmd: list[str], **kw: Any) -> None:
        read, write = self._ends
        # What a student's code writes past the kernel would reach the terminal.
        kw |= dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        passed = (write, self._filter) if self._filter else (write,)
        await super()._async_launch_kernel(kernel_cmd, **kw, pass_fds=passed)
        for end in passed:
            os.close(end)
        with open(read, encoding="ascii") as information:
            text = information.read()
        if not text.strip():
            raise NoSandbox(MISSING.format(why="bwrap did not start the kernel"))
        first = json.loads(text)["child-pid"]
        self.ip = f"/proc/{first}/root{SOCKETS}"
        try:
            self.watch = Watch(first, self.limits, [*FOLDERS])
        except ProcessLookupError:
            raise RuntimeError("its first process ended at once") from None
        self.watch.start()

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Ask the kernel to stop what it does: a signal would reach the box only."""
        self._connect_control_socket()
        assert self._control_socket is not None
        message = self.session.msg("interrupt_request", content={})
        with contextlib.suppress(zmq.Again):  # it takes none: the run finds out
            self.session.send(self._control_socket, message)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        """Leave nothing behind."""
        if self.watch:
            self.watch.stop()
        await super()._async_cleanup_resources(restart=restart)
        shutil.rmtree(self.folder, ignore_errors=True)

    # The base has its own here, by which nothing was cleared up after a kernel's death.
    cleanup_resources = _async_cleanup_resources


def pipe_with(data: bytes) -> int:
    """Return the end of a pipe from which some bytes can be read; 0 for none."""
    if not data:
        return 0
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    return read


def fonts() -> list[str]:
    """Return how matplotlib's list of fonts is shown: to make one takes seconds."""
    import matplotlib

    command = ["--perms", "1777", "--dir", VARIABLES["MPLCONFIGDIR"]]
    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        command += ["--ro-bind", str(path), f"{VARIABLES['MPLCONFIGDIR']}/{path.name}"]
    return command
