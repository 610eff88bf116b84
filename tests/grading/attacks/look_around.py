"""What `test_sandbox` runs in the sandbox: it looks around and prints what it found.

It is told where the course lies. What it does before it looks, `launch` does before a
kernel starts.
"""

import ctypes
import errno
import json
import os
import resource
import socket
import subprocess
import sys
import threading
from pathlib import Path

from mmcourse.checks import first_models
from mmcourse.grading.box import launch

LIMITS = ("NPROC", "AS", "FSIZE", "NOFILE", "CPU", "CORE")
ROOM = ("/dev/shm", "/tmp", "/course")
NEW_USER, CHILD = 0x10000000, 17
system = ctypes.CDLL(None, use_errno=True)


def files(*folders):
    """Return the files below folders."""
    found = [path for folder in folders for path in Path(folder).rglob("*")]
    return [str(path) for path in found if not path.is_dir()]


def written():
    """Return where something can be written to."""
    found = []
    for folder, _, names in os.walk("/"):
        if folder.startswith(("/proc", "/usr/share", "/usr/lib")):
            continue
        for path in (os.path.join(folder, name) for name in ("new", *names[:50])):
            try:
                open(path, "a").close()
                found.append(path)
            except OSError:
                pass
    return found


def error_of(number, *arguments):
    """Return the error of a call to the system; nothing where it works."""
    ctypes.set_errno(0)
    system.syscall(number, *arguments)
    return errno.errorcode.get(ctypes.get_errno())


def calls():
    """Return the errors of calls that are refused; ARM has other numbers than x86."""
    arm = os.uname().machine == "aarch64"
    found = {
        "memfd_create": error_of(279 if arm else 319, b"x", 0),
        "shmget": error_of(194 if arm else 29, 0, 4096, 0o1600),
        "unshare": error_of(97 if arm else 272, NEW_USER),
        "clone3": error_of(435, None, 0),
        "fork into a namespace": error_of(
            220 if arm else 56, NEW_USER | CHILD, 0, 0, 0, 0
        ),
    }
    try:
        socket.socket(40, socket.SOCK_STREAM)
    except OSError as error:
        found["vsock"] = errno.errorcode[error.errno]
    return found


def works():
    """Return what ordinary code may do."""
    found = []
    thread = threading.Thread(target=found.append, args=("a thread",))
    thread.start()
    thread.join()
    run = subprocess.run(["echo", "a process"], capture_output=True, text=True)
    one, other = socket.socketpair()
    one.send(b"a socket")
    return [*found, run.stdout.strip(), other.recv(100).decode()]


def status():
    """Return what the system says of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return dict(line.replace("\t", "").split(":", 1) for line in lines)


def room(folder):
    """Return the megabytes that a folder has room for."""
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize >> 20


def look(course):
    """Return all that is to be seen."""
    checks = Path(first_models.__file__).parent
    return {
        "files": {
            "course": files(course),
            "own": files("/tmp", "/course"),
            "others": files("/home", "/var", "/run", "/mnt", "/opt", "/srv"),
        },
        "check": first_models.structures(1, 2),
        "pupils": first_models.pupils().shape,
        "checks": "".join(path.read_text() for path in checks.rglob("*.py")),
        "user": [os.getuid(), os.getgid(), os.getgroups()],
        "host": os.uname().nodename,
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
        "networks": [name for _, name in socket.if_nameindex()],
        "environment": sorted(os.environ),
        "limits": {
            name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
            for name in LIMITS
        },
        "room": {folder: room(folder) for folder in ROOM},
        "status": status(),
        "refused": calls(),
        "works": works(),
    }


def main():
    """Become what a kernel is, and look."""
    launch.start = lambda connection: connection.unlink()
    Path("/tmp", "here").write_text("{}")
    launch.main(Path("/tmp", "here"), 7)
    seen = look(sys.argv[1])
    print(json.dumps(seen | {"written": written()}))


if __name__ == "__main__":
    main()
