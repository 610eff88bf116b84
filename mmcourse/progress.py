"""A progress bar for what takes long, where somebody looks.

Layer: above `errors`. tqdm is an extra: without it nothing is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Seconds without a bar.
PATIENCE = 2.0


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], object]]:
    """Show how many of `total` are done; yields the function that is told of more.

    Examples
    --------
    >>> with progress(10, "refits") as advance:
    ...     _ = advance(10)
    """
    bar = _bar(total, what)
    if bar is None:
        yield lambda n: None
        return
    try:
        yield bar.update
    finally:
        bar.close()


def _bar(total: int, what: str):  # type: ignore[no-untyped-def]
    """Return a bar of tqdm; None on no terminal, or without tqdm."""
    if not (_in_notebook() or sys.stderr.isatty()):
        return None
    try:
        from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return None
    return tqdm(total=total, desc=what, delay=PATIENCE, leave=False)


def _in_notebook() -> bool:
    """Whether output goes to a kernel's front end."""
    return "ipykernel" in sys.modules and hasattr(sys.stderr, "topic")
