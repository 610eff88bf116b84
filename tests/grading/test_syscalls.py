"""The filter of system calls, run step by step as Linux would, for both machines."""

from __future__ import annotations

import errno
import struct

import pytest

from mmcourse.grading.box.syscalls import (
    ALLOW,
    CLONE,
    CLONE3,
    ERROR,
    KILL,
    MACHINES,
    REFUSED,
    SOCKET,
    system_filter,
)

MACHINE = pytest.mark.parametrize("machine", MACHINES)
READ, WRITE, OPENAT = (0, 63), (1, 64), (257, 56)  # asm/unistd.h: x86-64, ARM
OTHER = 0x40000003  # AUDIT_ARCH_I386
THREAD = 0x3D0F00  # what the C library starts a thread with


def outcome(machine: str, number: int, first: int = 0, audit: int | None = None) -> int:
    """What the filter makes of a call: `seccomp_data` is number, machine, arguments."""
    said = MACHINES[machine][0] if audit is None else audit
    data = struct.pack("=IIQ6Q", number, said, 0, first, *[0] * 5)
    steps = [*struct.iter_unpack("=HBBI", system_filter(machine))]
    place = value = 0
    while True:
        code, if_so, if_not, constant = steps[place]
        place += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, constant)
        else:
            tests = {
                0x15: value == constant,
                0x35: value >= constant,
                0x45: bool(value & constant),
            }
            place += if_so if tests[code] else if_not


@MACHINE
def test_ordinary_calls_pass(machine):
    column = MACHINES[machine][1]
    for numbers in (READ, WRITE, OPENAT):
        assert outcome(machine, numbers[column]) == ALLOW
    assert outcome(machine, CLONE[column], THREAD) == ALLOW
    for family in (1, 2, 10, 16):
        assert outcome(machine, SOCKET[column], family) == ALLOW


@MACHINE
@pytest.mark.parametrize("call", REFUSED)
def test_what_gets_around_limits_is_refused(machine, call):
    number = REFUSED[call][MACHINES[machine][1]]
    assert outcome(machine, number) == ERROR | errno.EPERM
    assert outcome(machine, number, 2) == ERROR | errno.EPERM


@MACHINE
def test_no_process_starts_in_a_namespace_of_its_own(machine):
    column = MACHINES[machine][1]
    for bit in (7, 17, 25, 26, 27, 28, 29, 30):  # linux/sched.h, CLONE_NEW...
        flags = THREAD | 1 << bit
        assert outcome(machine, CLONE[column], flags) == ERROR | errno.EPERM
    assert outcome(machine, CLONE3[column]) == ERROR | errno.ENOSYS


@MACHINE
@pytest.mark.parametrize("family", [0, 3, 17, 38, 40, 44, 2**31])
def test_other_sockets_are_refused(machine, family):
    number = SOCKET[MACHINES[machine][1]]
    assert outcome(machine, number, family) == ERROR | errno.EAFNOSUPPORT


@MACHINE
def test_calls_by_another_way_end_the_process(machine):
    assert outcome(machine, 1, audit=OTHER) == KILL
    assert outcome(machine, 0x40000001) == ERROR | errno.EPERM
