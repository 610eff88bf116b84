"""Which calls to the system a sandbox refuses, as a filter for seccomp.

What is refused would get around the limits of the box: memory that belongs to no
process (files in memory, System V), new namespaces, sockets that no network namespace
holds back (of virtual machines), and doors into the system that no sheet needs.

References: Linux, `Documentation/userspace-api/seccomp_filter.rst`; the numbers are
those of `asm/unistd.h`.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Sequence

# Machine to its number in `linux/audit.h` and its column in the table below.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
REFUSED = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265),
}
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
NAMESPACES = 0x7E020080  # the flags of `clone` that ask for one
FAMILIES = (1, 2, 10, 16)  # of sockets: Unix, IPv4, IPv6, the kernel's own
OTHER_WORLD = 0x40000000  # numbers from here on are another way to call (x32)

# What a filter consists of: `linux/bpf_common.h`, `linux/seccomp.h`.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # bytes into what is looked at
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000

Step = tuple[int, int, int, int]


def system_filter(machine: str | None = None) -> bytes:
    """Return the filter, empty where the numbers of the machine are not known.

    Parameters
    ----------
    machine : str, optional
        As `platform.machine` names it; by default, this one.

    Returns
    -------
    bytes

    Examples
    --------
    >>> len(system_filter("x86_64")) % 8, system_filter("pdp11")
    (0, b'')
    """
    known = MACHINES.get(machine or platform.machine())
    if known is None:
        return b""
    audit, column = known
    refused = [numbers[column] for numbers in REFUSED.values()]
    steps = [
        *_only_if(MACHINE, EQUAL, audit, KILL),
        (LOAD, 0, 0, NUMBER),
        *_refuse(AT_LEAST, OTHER_WORLD),
        *(step for number in refused for step in _refuse(EQUAL, number)),
        # The C library falls back to `clone`, whose flags can be looked at.
        *_refuse(EQUAL, CLONE3[column], errno.ENOSYS),
        *_arguments(CLONE[column], _refuse(ANY_BIT, NAMESPACES)),
        *_arguments(SOCKET[column], _families()),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _only_if(where: int, test: int, value: int, otherwise: int) -> list[Step]:
    return [(LOAD, 0, 0, where), (test, 1, 0, value), (RETURN, 0, 0, otherwise)]


def _refuse(test: int, value: int, error: int = errno.EPERM) -> list[Step]:
    """Fail a call when what was loaded passes a test."""
    return [(test, 0, 1, value), (RETURN, 0, 0, ERROR | error)]


def _arguments(number: int, steps: Sequence[Step]) -> list[Step]:
    """Look at the first argument of one call, then go on with the number."""
    there = [(LOAD, 0, 0, FIRST_ARGUMENT), *steps, (LOAD, 0, 0, NUMBER)]
    return [(EQUAL, 0, len(there), number), *there]


def _families() -> list[Step]:
    """Refuse all families of sockets but a few."""
    left = range(len(FAMILIES), 0, -1)
    tests = [(EQUAL, n, 0, family) for n, family in zip(left, FAMILIES, strict=True)]
    return [*tests, (RETURN, 0, 0, ERROR | errno.EAFNOSUPPORT)]
