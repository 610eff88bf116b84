"""The box in which a student's kernel runs, and what reaches over its wall.

`sandbox` makes it, `launch` is what starts inside, `shadow` what it shows of the
checks, `syscalls` what it may ask of Linux, `watch` its limits in time and memory;
`listening` hears what the kernel says, with care.
"""
