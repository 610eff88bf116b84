"""What the sandbox shows of `mmcourse.checks`: what a sheet hands out, no check.

The checks run outside. In the sandbox their modules are there, since sheets import
them, but all of their functions do nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

SHOWN = ("given.py", "reading.py")
STAND_IN = '''"""Stands in for checks, which run outside of the kernel."""

from mmcourse.checks import given


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(given, name, _nothing)


def _nothing(*answers, **named):
    return None
'''


def build_shadow(folder: Path) -> Path:
    """Write what stands in for the checks into a folder; return the real one.

    Parameters
    ----------
    folder : Path
        It is made.

    Returns
    -------
    Path

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as temporary:
    ...     real = build_shadow(Path(temporary) / "checks")
    ...     "share" in (Path(temporary) / "checks" / "sleepstudy.py").read_text()
    False
    """
    real = Path(__file__).resolve().parent.parent / "checks"
    folder.mkdir(parents=True)
    for module in real.glob("*.py"):
        if module.name in SHOWN:
            shutil.copyfile(module, folder / module.name)
        else:
            text = "" if module.name == "__init__.py" else STAND_IN
            (folder / module.name).write_text(text, encoding="utf-8")
    return real
