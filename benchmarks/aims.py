"""What mmcourse is to reach, and what it reached: aims, not gates."""

from __future__ import annotations

from statistics import median

from wording import (
    ENGINE,
    MB,
    Row,
    added_memory,
    finished,
    ratio,
    table,
    time_text,
)

# Peak memory of (a), (b) and (c), relative to the data; (c) has its dense part besides.
MEMORY_FACTOR = 1.5
COLD_START = 0.8


def aims(results: Row, notes: str) -> str:
    """Compare mmcourse with what it is to reach."""
    if results["quick"]:
        return ""
    rows = [time_aim(row) for row in results["fits"] if row["aim"]]
    rows += [time_aim(row) for row in results.get("inference", [])]
    rows += [memory_aim(row) for row in results["fits"] if row["has_memory_aim"]]
    cold_start = results["cold"].get(ENGINE)
    if cold_start and cold_start["status"] == "ok":
        cpu = median(cold_start["cpu"])
        rows.append(
            ["process start to printed fit", *reached(cpu, COLD_START, " s CPU")]
        )
    rows = [row for row in rows if row]
    if not rows:
        return ""
    text = "## Aims\n\n" + table(["work", "aim", "measured", ""], rows)
    return text + ("\n\n" + notes.strip() if notes.strip() else "")


def time_aim(row: Row) -> list[str]:
    """Wall time against its aim, and against the fastest other engine."""
    answer = row["engines"].get(ENGINE, {"status": "not tried"})
    if answer["status"] != "ok":
        return []
    seconds = median(answer["wall"])
    cells = reached(seconds, row["aim"], "")
    # An engine that does other work under the same name is no measure.
    others = finished(row, without=ENGINE)
    others = {n: a for n, a in others.items() if not a.get("differs")}
    if others:
        fastest = min(others, key=lambda name: median(others[name]["wall"]))
        factor = median(others[fastest]["wall"]) / seconds
        cells[-1] += f"; fastest other: {fastest}, {ratio(factor)} the time"
    return [row["title"], *cells]


def memory_aim(row: Row) -> list[str]:
    """Peak memory over that after loading, against 1.5 times the data."""
    answer = row["engines"].get(ENGINE, {"status": "not tried"})
    if answer["status"] != "ok":
        return []
    most = (MEMORY_FACTOR * answer["data_bytes"] + row["dense_bytes"]) / MB
    name = f"memory of {row['name']}, over the data"
    return [name, *reached(added_memory(answer), most, " MB")]


def reached(value: float, aim: float, unit: str) -> list[str]:
    """Return aim, value and whether it is met, as cells."""
    show = (lambda x: f"{x:.3g}{unit}") if unit else time_text
    verdict = "reached" if value <= aim else f"missed, {value / aim:.1f} x the aim"
    return [f"under {show(aim)}", show(value), verdict]
