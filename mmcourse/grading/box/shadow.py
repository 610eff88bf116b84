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
    ...     shown = [path.read_text() for path in Path(temporary).rglob("*.py")]
    >>> len(shown) > 20, any("@worth" in text for text in shown)
    (True, False)
    """
    real = Path(__file__).resolve().parents[2] / "checks"
    for module in real.rglob("*.py"):
        name = module.relative_to(real)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.as_posix() in SHOWN:
            shutil.copyfile(module, target)
        else:
            text = "" if name.as_posix() == "__init__.py" else STAND_IN
            target.write_text(text, encoding="utf-8")
    return real
