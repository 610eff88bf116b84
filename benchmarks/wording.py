"""Answers and numbers as a person reads them."""

from __future__ import annotations

from statistics import median
from typing import Any

Row = dict[str, Any]
ENGINE = "mmcourse"
MB = 1e6


def brief(answer: Row) -> str:
    """One line about an answer, for the terminal."""
    if answer["status"] != "ok":
        return f"{answer['status']}: {answer.get('reason', '')}"
    wall, cpu = answer["wall"], answer["cpu"]
    cpu_text = time_text(sum(cpu) / len(cpu))
    return f"{time_text(median(wall))} ({len(wall)} times, CPU {cpu_text})"


def detail_cells(answer: Row) -> list[str]:
    """Median, spread, processor time and number of runs, as cells."""
    wall, cpu = answer["wall"], answer["cpu"]
    spread = f"{time_text(min(wall))} to {time_text(max(wall))}"
    mean = time_text(sum(cpu) / len(cpu))
    return [time_text(median(wall)), spread, mean, str(len(wall))]


def cell(row: Row, name: str) -> str:
    """Median wall time of an engine and its ratio to mmcourse's."""
    answer = row["engines"].get(name, {"status": "not tried"})
    if answer["status"] == "limit":
        return answer["reason"].split(" for")[0].replace("over", ">")
    if answer["status"] != "ok":
        return answer["status"]
    seconds = median(answer["wall"])
    text = time_text(seconds)
    ours = row["engines"].get(ENGINE)
    if name != ENGINE and ours and ours["status"] == "ok":
        text += f" ({ratio(seconds / median(ours['wall']))})"
    return text


def finished(row: Row, without: str = "") -> dict[str, Row]:
    """Return the answers of engines that fitted a case."""
    answers = row["engines"].items()
    return {n: a for n, a in answers if a["status"] == "ok" and n != without}


def added_memory(answer: Row) -> float:
    """Return the peak over what was resident before the fit, in MB."""
    return (answer["resident_peak"] - answer["resident_before"]) / MB


def time_text(seconds: float | None) -> str:
    """Show seconds to three figures, in ms below one second."""
    if seconds is None:
        return ""
    if seconds >= 1:
        return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"
    return f"{seconds * 1e3:.3g} ms"


def ratio(value: float) -> str:
    """Show how many times as long."""
    return f"{value:.2g} x" if value < 10 else f"{value:.0f} x"


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    cells = [[str(c).replace("|", "\\|") for c in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)
