"""What the study says, in sentences made from its counts.

A sentence has its numbers from the counts and its verdict from a condition on them; it
is left out where a run has no such design.
"""

from __future__ import annotations

from typing import Any

from benchmarks.coverage.intervals import METHODS
from benchmarks.coverage.predictions import N_SIMS
from benchmarks.coverage.reading import (
    covers,
    held,
    joined,
    kind,
    one,
    rejects,
    select,
    share,
    verdict,
)
from benchmarks.coverage.sizes import TESTS

Row = dict[str, Any]

STUDENT = ("satterthwaite", "kenward_roger")
SIZE = {-1: "rejects too rarely", 0: "keeps its level", 1: "rejects too often"}


def sayings(results: Row) -> list[str]:
    """Return the sentences."""
    designs = results["designs"]
    out = []
    if "gpa" in designs:
        out += [many_groups(designs["gpa"]), many_groups_sds(designs["gpa"])]
    if "small" in designs:
        out += [few_groups(designs["small"]), few_groups_tests(designs["small"])]
        out += [boundary(designs["small"])]
    if "crossed" in designs:
        out += [few_levels(designs["crossed"]), few_levels_tests(designs["crossed"])]
    out += [sds(designs, "profile_ml", "profile_reml"), sds(designs, "percentile")]
    out += [sigmas(designs), within_tests(designs)]
    out += [known_groups(designs), new_groups(designs), failures(designs)]
    return out


def rate(row: Row) -> str:
    """Return the share of a row, of intervals or of tests, in percent."""
    count = row["covered"] if "covered" in row else row["rejected"]
    known = row.get("theory")
    said = "" if known is None else f" (theory {100 * known:.1f})"
    return f"{share(count, row['n'])} %{said}"


def span(rows: list[Row]) -> str:
    """Return the lowest and the highest coverage of some rows."""
    shares = sorted(row["covered"] / row["n"] for row in rows)
    low, high = (f"{100 * p:.1f}" for p in (shares[0], shares[-1]))
    return f"{low} %" if low == high else f"{low} to {high} %"


def judged(rows: list[Row]) -> str:
    """Say which of some intervals cover as they should."""
    off = [row for row in rows if covers(row)]
    if not off:
        return f"all {len(rows)} cover as they should, {span(rows)}"
    named = [f"{METHODS[r['method']]} for `{r['parameter']}` {rate(r)}" for r in off]
    rest = f"; the other {len(rows) - len(off)} do" if len(off) < len(rows) else ""
    return f"not as they should: {joined(named)}{rest}"


def many_groups(design: Row) -> str:
    """With many groups all intervals of a fixed effect are as good."""
    rows = [r for r in design["intervals"] if kind(r["parameter"]) == "fixed"]
    return (
        "**Many groups, fixed effects.** In the GPA design (200 students) the "
        f"intervals of the fixed effects, by {len({r['method'] for r in rows})} "
        f"methods: {judged(rows)}."
    )


def many_groups_sds(design: Row) -> str:
    """With many groups the methods for an sd hardly differ."""
    rows = [r for r in design["intervals"] if kind(r["parameter"]) != "fixed"]
    return f"**Many groups, sds.** Those of the two sds: {judged(rows)}."


def few_groups(design: Row) -> str:
    """With few groups normal intervals of a coefficient between groups are short."""
    rows = select(design["intervals"], parameter="w")
    by = {r["method"]: r for r in rows}
    parts = [f"{METHODS[m]} {rate(by[m])}" for m in METHODS if m in by]
    width = by["satterthwaite"]["mean_width"] / by["wald"]["mean_width"]
    return (
        "**Few groups, fixed effects.** With 8 groups, intervals of a coefficient that "
        f"is constant within groups: {joined(parts)}. "
        f"Satterthwaite's are on average {width:.2f} times as wide as Wald's."
    )


def few_groups_tests(design: Row) -> str:
    """Sizes of all tests of a coefficient between few groups."""
    return "**Few groups, tests.** " + sized(design, "w", "8 groups")


def sized(design: Row, coefficient: str, groups: str) -> str:
    """Say how often each test of a coefficient rejects, and whether it should."""
    rows = select(design["tests"], coefficient=coefficient)
    words = [f"{TESTS[r['test']]} {SIZE[rejects(r)]}, {rate(r)}" for r in rows]
    return (
        f"Tests of 5 % of a true 0 that is constant within each of {groups}: "
        f"{'; '.join(words)}."
    )


def boundary(design: Row) -> str:
    """Say what happens where a variance is estimated as 0."""
    rows = {r["test"]: r for r in select(design["tests"], coefficient="w")}
    n, of = rows["wald"]["n_boundary"], rows["wald"]["n"]
    if not n:
        return "**At the boundary.** No variance was estimated as 0."
    parts = [
        f"{TESTS[m]} in {share(rows[m]['rejected_boundary'], n)} %"
        for m in ("wald", *STUDENT)
    ]
    return (
        f"**At the boundary.** In {share(n, of)} % of the small data sets the groups' "
        f"variance is estimated as 0, although it is not. There {joined(parts)} of the "
        "fits reject."
    )


def few_levels(design: Row) -> str:
    """With six samples the overall mean is known to few degrees of freedom."""
    by = {r["method"]: r for r in select(design["intervals"], parameter="Intercept")}
    parts = [f"{METHODS[m]} {rate(by[m])}" for m in METHODS if m in by]
    return (
        "**Crossed, the mean.** With 24 plates and 6 samples, intervals of the overall "
        f"mean: {joined(parts)}."
    )


def few_levels_tests(design: Row) -> str:
    """Sizes of all tests of a coefficient between six samples."""
    return "**Crossed, tests.** " + sized(design, "w_sample", "6 samples")


def sds(designs: Row, *methods: str) -> str:
    """Coverage of the groups' sds by some methods, and on which side they miss."""
    names = joined([METHODS[m] for m in methods])
    parts, low, high = [], 0, 0
    for design in designs.values():
        for parameter in design["truth"]:
            if kind(parameter) != "sd":
                continue
            rows = [
                one(design["intervals"], parameter=parameter, method=m) for m in methods
            ]
            low, high = (
                low + sum(r["below"] for r in rows),
                high + sum(r["above"] for r in rows),
            )
            said = " and ".join(rate(r) for r in rows)
            parts.append(f"{parameter.split('|')[1]} {said}")
    side = "too low" if low > high else "too high"
    return (
        f"**Sds of groups, {names}.** {'; '.join(parts)}. Of the misses, "
        f"{share(max(low, high), low + high)} % are intervals that are {side}."
    )


def sigmas(designs: Row) -> str:
    """Coverage of the residual sd."""
    rows = [r for d in designs.values() for r in select_sigma(d)]
    return f"**Residual sd.** Over all designs and methods: {judged(rows)}."


def select_sigma(design: Row) -> list[Row]:
    """Return the rows of sigma, each telling its design."""
    title = design["title"].split(":")[0]
    rows = select(design["intervals"], parameter="sigma")
    return [row | {"parameter": f"sigma ({title})"} for row in rows]


def within_tests(designs: Row) -> str:
    """Sizes of the tests of a coefficient that changes from row to row."""
    rows = [
        r | {"title": d["title"].split(":")[0]}
        for d in designs.values()
        for r in select(d["tests"], coefficient="x")
    ]
    shares = sorted(r["rejected"] / r["n"] for r in rows)
    off = [
        f"{TESTS[r['test']]} in the {r['title']} design {rate(r)}"
        for r in rows
        if rejects(r)
    ]
    end = f"; off: {joined(off)}" if off else "; none is off"
    return (
        "**Within groups.** Tests of a coefficient that changes from row to row reject "
        f"in {100 * shares[0]:.1f} to {100 * shares[-1]:.1f} %{end}."
    )


def known_groups(designs: Row) -> str:
    """Joint against independent draws, for the expected value of known groups."""
    parts = []
    for design in designs.values():
        rows = select(design["predictions"], target="mean", level=0.95)
        joint, alone = (one(rows, method=m) for m in ("joint", "independent"))
        width = alone["mean_width"] / joint["mean_width"]
        shares = [f"{100 * row['coverage']:.1f} % ({sized_up(row)})" for row in rows]
        parts.append(
            f"{design['title'].split(':')[0]} {joined(shares)}, the latter "
            f"{width:.2f} times as wide"
        )
    return (
        "**Known groups.** 95 % intervals of a known group's expected value, joint and "
        f"independent draws: {'; '.join(parts)}."
    )


def sized_up(row: Row) -> str:
    """Say whether predictions cover as they should, given their number of draws."""
    off = verdict(row["coverage"], held(row["level"], N_SIMS), row["se"])
    return {-1: "too small", 0: "as it should be", 1: "too large"}[off]


def new_groups(designs: Row) -> str:
    """Compare new effects taken as 0 with drawn ones."""
    parts = []
    for design in designs.values():
        rows = select(design["predictions"], level=0.95, method="joint")
        for case in dict.fromkeys(r["case"] for r in rows if r["new_levels"]):
            zero, drawn = (one(rows, case=case, new_levels=w) for w in ("zero", "draw"))
            parts.append(
                f"{case} {100 * zero['coverage']:.1f} %, "
                f"{100 * drawn['coverage']:.1f} % ({sized_up(drawn)})"
            )
    return (
        "**New groups.** 95 % intervals of a response with the new effect taken as 0, "
        f"and drawn (joint): {'; '.join(parts)}."
    )


def failures(designs: Row) -> str:
    """How many intervals and tests could not be made."""
    rows = [r for d in designs.values() for r in d["intervals"] + d["tests"]]
    rows += [r for d in designs.values() for r in d["predictions"]]
    failed, n = sum(r["failed"] for r in rows), sum(r["n"] for r in rows)
    if not failed:
        return f"**Failures.** None of {n:,} intervals and tests failed."
    worst = max(rows, key=lambda r: r["failed"])
    name = worst.get("parameter", worst.get("coefficient", worst.get("case")))
    return (
        f"**Failures.** {failed} of {n:,} intervals and tests failed, most of them "
        f"({worst['failed']}) for `{name}`."
    )
