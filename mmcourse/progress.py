"""A progress bar for what takes long, where somebody looks.

Layer: above `errors`. tqdm is an extra: without it nothing is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# What takes less than so many seconds shows no bar.
PATIENCE = 2.0


@contextmanager
def progress(
    total: int | None, what: str, unit: str = "it"
) -> Iterator[Callable[[int], object]]:
    """Show how many of `total` are done; yields the function that is told of more.

    Examples
    --------
    >>> with progress(10, "refits") as advance:
    ...     _ = advance(10)
    """
    bar = _bar(total, what, unit) if _is_watched() else None
    if bar is None:
        yield lambda n: None
        return
    with bar:
        yield bar.update


def _bar(total: int | None, what: str, unit: str) -> Any:
    """Return a bar that appears once the wait is long; None without tqdm."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    how = {"unit": unit, "unit_scale": unit != "it", "delay": PATIENCE, "leave": False}
    return tqdm(total=total, desc=what, **how)


def _is_watched() -> bool:
    """Whether what is written to the screen is seen: in a terminal or a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return sys.stderr.isatty() or hasattr(shell, "kernel")
