"""A machine with a class on it: hands submissions in, has them graded, looks around."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import re
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.grading.attacks import sheets
from tests.grading.attacks.cases import Case, Facts
from tests.grading.submissions import ROOT

SECRET = "a-word-that-only-the-grader-has-in-its-environment"
SOMEBODY = 54_321  # nobody's number
MARK = "98765.4321"  # seconds to sleep: what the processes of a submission show


@dataclass
class Listener:
    """Servers of this machine, and who reached them."""

    folder: Path
    reached: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.servers = [socket.create_server(("", 0)), socket.socket(socket.AF_UNIX)]
        self.port = self.servers[0].getsockname()[1]
        self.abstract = f"mmcourse-{self.port}"
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("", self.port))
        named = socket.socket(socket.AF_UNIX)
        named.bind(str(self.folder / "listening"))
        self.servers[1].bind(f"\0{self.abstract}")
        self.servers += [named, datagrams]
        for server in self.servers:
            threading.Thread(target=self.wait, args=(server,), daemon=True).start()

    def wait(self, server: socket.socket) -> None:
        while server.fileno() >= 0:
            try:
                if server.type == socket.SOCK_DGRAM:
                    self.reached.append(repr(server.recv(100)))
                else:
                    server.listen()
                    connection, address = server.accept()
                    connection.close()
                    self.reached.append(repr(address))
            except OSError:
                return

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *problem: object) -> None:
        for server in self.servers:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)  # whoever waits there goes on
            server.close()


@dataclass
class Classroom:
    """The folders of a graded class.

    `outside` holds what no submission may touch, `root` is what grading fills; `said`
    is what the last run printed, `course` a digest of the course before it. `user` is
    the command by which another user grades.
    """

    folder: Path
    limit: int = 10
    said: str = ""
    course: str = ""
    user: list[str] = field(default_factory=list)

    @property
    def handed_in(self) -> Path:
        return self.folder / "handed_in"

    @property
    def root(self) -> Path:
        return self.folder / "grading"

    @property
    def outside(self) -> Path:
        return self.folder / "outside"

    def facts(self, listener: Listener) -> Facts:
        """What the attacks are told, so that they need not guess."""
        return {
            "abstract": listener.abstract,
            "course": ROOT,
            "host": socket.gethostname(),
            "limit": self.limit,
            "mark": MARK,
            "outside": self.outside,
            "port": listener.port,
            "root": self.root,
            "secret": SECRET,
        }

    def set_up(self, cases: Iterable[Case], listener: Listener) -> None:
        """Let everybody hand in, beside something that nobody may touch."""
        self.outside.mkdir()
        (self.outside / "canary.txt").write_text("sings")
        self.course = digest_of_course()
        self.hand_in(cases, self.facts(listener))

    def hand_in(self, cases: Iterable[Case], facts: Facts) -> None:
        """Write the submissions, a folder for each, as platforms do."""
        for case in cases:
            folder = self.handed_in / case.name
            folder.mkdir(parents=True)
            for name, data in case.make(facts).items():
                name, _, target = name.partition(" -> ")
                if target:
                    (folder / name).symlink_to(sheets.SOLUTION)
                else:
                    (folder / name).write_bytes(data)

    def grade(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Grade by the command, as an instructor does."""
        run = subprocess.run(
            self.command(*options),
            env=environment(self.folder / "tmp"),
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        self.said = run.stdout + run.stderr
        return run

    def command(self, *options: str) -> list[str]:
        command = [*self.user, sys.executable, "-m", "mmcourse", "grade"]
        command += [sheets.ASSIGNMENT]
        command += ["--into", str(self.root), "--course", str(ROOT)]
        command += ["--workers", "2", "--memory", "1024", "--limit", str(self.limit)]
        return [*command, *options]

    def marks(self) -> dict[str, dict[str, str]]:
        """The table of marks: student to what stands in the row."""
        path = self.root / "marks" / f"{sheets.ASSIGNMENT}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def remarks(self) -> dict[str, list[str]]:
        """The report: student to its lines."""
        path = self.root / "report" / f"{sheets.ASSIGNMENT}.md"
        _, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M)
        return {
            part.split()[0]: re.findall(r"^- (.*)$", part, flags=re.M) for part in parts
        }


def environment(temporary: Path) -> dict[str, str]:
    """The environment of an instructor: this clone, folders of its own."""
    home = temporary.with_name("home")
    for folder in (temporary, home):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    own = {"PYTHONPATH": str(ROOT), "WORD": SECRET, "PYTHONDONTWRITEBYTECODE": "1"}
    own |= {"TMPDIR": str(temporary), "HOME": str(home)}
    return {**os.environ, **own}


def digest_of_course() -> str:
    """Return what changes with any file of solutions, checks or grader."""
    found = hashlib.sha256()
    for folder in ("solutions", "exercises", "mmcourse"):
        for path in sorted((ROOT / folder).rglob("*.[ip][py]*")):
            found.update(path.read_bytes() if "__pycache__" not in path.parts else b"")
    return found.hexdigest()


def processes_with(words: str) -> list[str]:
    """The command lines of this machine that hold some words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        found += [line] * (words in line)
    return found


def as_somebody() -> list[str]:
    """Return the command by which root runs another as an ordinary user.

    Where only root may look into a folder that Python needs, such as root's own, that
    user sees another one in its place.
    """
    command = ["bwrap", "--dev-bind", "/", "/"]
    for path in (Path(sys.base_prefix), Path(sys.prefix), ROOT):
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & stat.S_IXOTH:
                command += ["--perms", "0755", "--tmpfs", str(parent)]
                command += ["--ro-bind", str(path), str(path)]
                break
    return [
        *command,
        "setpriv",
        f"--reuid={SOMEBODY}",
        f"--regid={SOMEBODY}",
        "--clear-groups",
    ]
