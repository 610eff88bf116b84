"""The page about a run: tables from the results, nothing typed."""

from __future__ import annotations

from statistics import median

import inference
import load
import stream
from aims import aims
from sampler import NAMES as STAGES
from wording import (
    ENGINE,
    MB,
    Row,
    added_memory,
    cell,
    detail_cells,
    finished,
    table,
    time_text,
)

# Criteria closer than this are the same optimum; lme4's own tolerance leaves more.
SAME = 1e-5


def page(results: Row, has_picture: bool, notes: str = "") -> str:
    """Return RESULTS.md."""
    parts = [head(results), aims(results, notes), fits(results), details(results)]
    parts += [
        inference.section(results),
        memory(results),
        cold(results),
        growth(results, has_picture),
    ]
    parts += [stream.section(results), load.section()]
    parts += [stages(results), how(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def head(results: Row) -> str:
    """Title, machine and what kind of run this was."""
    title = "# Benchmarks\n\nWritten by `make bench`; not edited by hand. "
    if results["quick"]:
        title += "**A quick run: small data, few repetitions. It shows that all runs.**"
    else:
        title += (
            "Times are those of this machine; the ratios, taken in one run, are "
            "what to compare."
        )
    rows = [[f"{k}", v] for k, v in results["machine"].items()]
    rows += [[f"{n}", v] for n, v in engine_versions(results).items()]
    return title + "\n\n" + table(["what", "here"], rows)


def engine_versions(results: Row) -> dict[str, str]:
    """Return the version of each other engine."""
    answers = [
        (name, answer["version"])
        for row in results["fits"] + results.get("inference", []) + results["growth"]
        for name, answer in row["engines"].items()
        if "version" in answer and name != ENGINE
    ]
    return dict(answers)


def fits(results: Row) -> str:
    """One table of medians: a row a case, a column an engine."""
    rows = []
    for row in results["fits"]:
        cells = [cell(row, name) for name in results["engines"]]
        rows.append([f"`{row['name']}` {row['title']}", *cells])
    if not rows:
        return ""
    text = (
        "## Fits\n\nWall time from formula and data frame to fitted model, REML: "
        "median, and how many times mmcourse's it is.\n\n"
    )
    return text + table(["work", *results["engines"]], rows)


def details(results: Row) -> str:
    """Spread, processor time, agreement and reasons, a table a case."""
    parts = []
    for row in results["fits"]:
        lines = [detail(row, name) for name in row["engines"]]
        heading = f"### {row['name']}: {row['title']}\n\n`{row['formula']}`\n\n"
        columns = ["engine", "median", "lowest to highest", "CPU", "fits"]
        columns += ["criterion less mmcourse's"]
        parts.append(heading + table(columns, lines))
    return "\n\n".join(parts)


def detail(row: Row, name: str) -> list[str]:
    """One engine on one case."""
    answer = row["engines"][name]
    if answer["status"] != "ok":
        return [name, answer["status"], answer.get("reason", ""), "", "", ""]
    return [name, *detail_cells(answer), agreement(row, name)]


def agreement(row: Row, name: str) -> str:
    """Compare the REML criterion with mmcourse's: above means short of the optimum."""
    value = row["engines"][name]["criterion"]
    ours = row["engines"].get(ENGINE, {}).get("criterion")
    if name == ENGINE or ours is None:
        return f"{value:.6f}" if value is not None else "reports none"
    if value is None:
        return "reports none"
    difference = value - ours
    scale = max(1.0, abs(ours) * 1e-9 / SAME)
    if abs(difference) <= SAME * scale:
        return "the same"
    below = ", below: another criterion" if difference < 0 else ""
    return f"{difference:+.3g}{below}"


def memory(results: Row) -> str:
    """Peak memory of the first fit over what was resident with the data loaded."""
    rows = [r for r in results["fits"] if r["has_memory_aim"] or r["n_rows"] > 10_000]
    lines = []
    for row in rows:
        done = finished(row)
        if done:
            data = next(iter(done.values()))["data_bytes"] / MB
            cells = [memory_cell(done.get(name)) for name in results["engines"]]
            lines.append([f"`{row['name']}`", f"{data:.0f} MB", *cells])
    if not lines:
        return ""
    text = (
        "## Memory\n\nPeak resident memory while fitting, over that after loading "
        "the data and fitting a small model.\n\n"
    )
    return text + table(["work", "the data", *results["engines"]], lines)


def memory_cell(answer: Row | None) -> str:
    """Megabytes over the data, for an engine that finished."""
    return "" if answer is None else f"{added_memory(answer):.0f} MB"


def cold(results: Row) -> str:
    """Whole processes, from start to a printed fit."""
    rows = []
    for name, answer in results["cold"].items():
        label = "its imports alone" if name == "imports" else name
        if answer["status"] != "ok":
            rows.append([label, answer["status"], "", ""])
            continue
        wall, cpu = answer["wall"], answer["cpu"]
        spread = f"{time_text(min(cpu))} to {time_text(max(cpu))}"
        rows.append([label, time_text(median(cpu)), spread, time_text(median(wall))])
    if not rows:
        return ""
    text = (
        "## Cold start\n\nA fresh process reads gpa.csv, fits the random intercept "
        "and prints it. The first line is what mmcourse can't do without: NumPy, "
        "pandas, scipy.linalg and formulaic.\n\n"
    )
    columns = ["engine", "CPU, median", "lowest to highest", "wall, median"]
    return text + table(columns, rows)


def growth(results: Row, has_picture: bool) -> str:
    """Model (a) at growing size, and what remains when the rows are read."""
    if not results["growth"]:
        return ""
    rows = []
    for row in results["growth"]:
        cells = [cell(row, name) for name in results["engines"]]
        once = time_text(evaluation_seconds(row))
        rows.append([f"{row['n_rows']:,}", *cells, once])
    text = (
        "## Growth\n\nModel (a) with ten rows a group. The last column is one "
        "evaluation of mmcourse's criterion once the rows are read: what profiles, "
        "bootstraps and further steps of the search cost.\n\n"
    )
    columns = ["rows", *results["engines"], "one evaluation"]
    text += table(columns, rows)
    if has_picture:
        text += f"\n\n![{alt_text(results)}](growth.png)"
    return text


def alt_text(results: Row) -> str:
    """Say in words what the picture of growth shows."""
    said = []
    for name in results["engines"]:
        done = [r for r in results["growth"] if name in finished(r)]
        if done:
            last = done[-1]
            seconds = median(last["engines"][name]["wall"])
            said.append(f"{name} {time_text(seconds)} at {last['n_rows']:,} rows")
    return (
        "Wall time of model (a) against the number of rows, both on logarithmic "
        "scales, a line an engine. Largest data finished: " + "; ".join(said) + "."
    )


def evaluation_seconds(row: Row) -> float | None:
    """Return the median seconds of one evaluation of mmcourse's criterion."""
    seconds = row["engines"].get(ENGINE, {}).get("evaluation")
    return median(seconds) if seconds else None


def stages(results: Row) -> str:
    """Shares of the time of mmcourse's fits, by stage and by function."""
    rows = []
    for row in results["fits"] + results["growth"]:
        profile = row.get("profile", {})
        if "stages" not in profile:
            continue
        cells = [f"{profile['stages'].get(s, 0.0):.0%}" for s in STAGES]
        most = list(profile["functions"].items())[:4]
        names = ", ".join(f"`{name}` {share:.0%}" for name, share in most)
        total = row["engines"].get(ENGINE, {}).get("wall")
        took = time_text(median(total)) if total else ""
        rows.append([f"`{row['name']}`", took, *cells, names])
    if not rows:
        return ""
    text = (
        "## Where the time goes\n\nmmcourse's fits, looked at every half "
        "millisecond or so. What NumPy, SciPy, pandas and formulaic do is "
        "counted where mmcourse called them: formula and design (formulaic, finding "
        "the levels), cross-products (conditioning, the pass over the rows), search "
        "(equal groups found, start, criterion, derivatives, steps), rest "
        "(the record, the model object).\n\n"
    )
    columns = ["work", "a fit", *STAGES, "functions that take most"]
    return text + table(columns, rows)


def how(results: Row) -> str:
    """How it was measured, for who wants to trust or repeat it."""
    return f"""## How it is measured

- Each engine does each case in a process of its own, on the same bytes; processes run
  one after the other. Imports and a first fit of sixty rows come before the clock, and
  so does the fit that inference starts from.
- What takes less than 0.3 s is a warm-up for many more; what takes longer counts and
  is repeated while there is time. Medians, with the lowest and highest.
- CPU is user and system time of all threads: above the wall time, threads were busy.
- What takes more than {results["limit"]:.0f} s is ended and said so. A process
  may take three quarters of the machine's memory.
- Criteria are REML criteria at the end of each engine's own search with its own
  settings. "The same" means to 1e-5 (1e-9 relative); a positive difference is how far
  from the optimum an engine stopped.
- The run took {results["seconds"]} s."""
