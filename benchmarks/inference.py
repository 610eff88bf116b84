"""The part of the page on what is done with a fitted model: bootstrap, intervals."""

from __future__ import annotations

from engines.work import NUMBERS
from wording import Row, cell, detail_cells, table

MARK = " *"


def section(results: Row) -> str:
    """One table of medians, and a table of details a case."""
    rows = results.get("inference", [])
    if not rows:
        return ""
    engines = [n for n in results["engines"] if any(has(row, n) for row in rows)]
    lines = [
        [f"`{row['name']}` {row['title']}", *(marked(row, name) for name in engines)]
        for row in rows
    ]
    text = (
        "## Inference\n\nWall time from a fitted model to the numbers, each time from "
        "a new fit: median, and how many times mmcourse's it is. Engines without a "
        "public function for any of it are left out; with a star, other work is done, "
        "which the tables below name.\n\n"
    )
    return "\n\n".join([text + table(["work", *engines], lines), *map(details, rows)])


def has(row: Row, name: str) -> bool:
    """Whether an engine did, or tried, that work."""
    answer = row["engines"].get(name, {"status": "not tried"})
    return answer["status"] != "not tried"


def marked(row: Row, name: str) -> str:
    """Median and ratio of an engine, with a star where it does other work."""
    answer = row["engines"].get(name, {})
    return cell(row, name) + (MARK if answer.get("differs") else "")


def details(row: Row) -> str:
    """Spread, processor time, and the numbers that tell whose work it was."""
    lines = [detail(row, name) for name in row["engines"] if has(row, name)]
    columns = ["engine", "median", "lowest to highest", "CPU", "times"]
    columns += [NUMBERS[row["work"]], "other work"]
    heading = f"### {row['name']}: {row['title']}\n\n`{row['formula']}`\n\n"
    return heading + table(columns, lines)


def detail(row: Row, name: str) -> list[str]:
    """One engine on one case."""
    answer = row["engines"][name]
    if answer["status"] != "ok":
        return [name, answer["status"], answer.get("reason", ""), "", "", "", ""]
    join = " to " if row["work"] == "profile" else ", "
    numbers = join.join(f"{x:.4g}" for x in answer["numbers"])
    return [name, *detail_cells(answer), numbers, answer["differs"]]
