#!/bin/sh
# Find a Python that is new enough, then let tools/setup.py make .venv with it.
# Every way this can fail ends in one line that says what to do.
set -eu
cd "$(dirname "$0")/.."

stop() {
    echo "mmcourse: $*" >&2
    exit 1
}

version_of() { # prints "3.12.1" and fails where the command is no working Python
    "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null
}

new_enough() { # 3.11 or later; a Python 2 answers too
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

chosen=""
if [ -n "${PYTHON:-}" ]; then
    found=$(version_of "$PYTHON") ||
        stop "PYTHON=$PYTHON does not run; name a Python 3.11 or newer, or leave PYTHON away."
    new_enough "$PYTHON" ||
        stop "PYTHON=$PYTHON is Python $found, and 3.11 or newer is needed; name a newer one."
    chosen=$PYTHON
elif [ -x .venv/bin/python ] && new_enough .venv/bin/python; then
    chosen=.venv/bin/python
else
    found=$(version_of python3) || found=""
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$name"; then
            chosen=$name
            break
        fi
    done
    if [ -z "$chosen" ] && [ -n "$found" ]; then
        stop "python3 is Python $found, and 3.11 or newer is needed; install one (python.org/downloads), or name it: make lab PYTHON=/path/to/python3.12"
    elif [ -z "$chosen" ]; then
        stop "no Python was found, and 3.11 or newer is needed; install one (python.org/downloads), or name it: make lab PYTHON=/path/to/python3.12"
    fi
fi

exec "$chosen" tools/setup.py
