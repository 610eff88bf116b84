"""What all tests share: a plot backend without a screen, closed figures, last words."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest

# Not through MPLBACKEND: the kernels that re-run the lessons inherit the environment,
# and theirs must stay the inline backend.
matplotlib.use("Agg")

# How a test says what this machine lacks: pytest.skip("left out: no git; ...")
LEFT_OUT = "left out:"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI when a layer was left out, however well the rest went."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None:
        skipped = reporter.stats.get("skipped", [])
        if any(LEFT_OUT in str(report.longrepr) for report in skipped):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say by name what was left out, and what it means in CI."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = {str(r.longrepr[2]) for r in skipped if LEFT_OUT in str(r.longrepr)}
    for reason in sorted(left_out):
        terminalreporter.write_line(reason.removeprefix("Skipped: "))
    if left_out and os.environ.get("CI"):
        terminalreporter.write_line("CI may leave nothing out: this run has failed.")
    say_seconds_of_lessons(terminalreporter)


def say_seconds_of_lessons(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long every lesson took that nbval ran again."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            file = getattr(report, "nodeid", "").partition("::")[0]
            if file.endswith(".ipynb"):
                seconds[Path(file).stem[:2]] += getattr(report, "duration", 0)
    if seconds:
        each = ", ".join(f"{name} {seconds[name]:.0f}" for name in sorted(seconds))
        total = sum(seconds.values())
        terminalreporter.write_line(f"lessons, seconds: {each}; in all {total:.0f}")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Close the figures of a test, if it made any."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
