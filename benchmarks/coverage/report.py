"""The page about a study: tables from the counts, nothing typed."""

from __future__ import annotations

from typing import Any

from benchmarks.coverage.intervals import METHODS, N_BOOT
from benchmarks.coverage.picture import described
from benchmarks.coverage.predictions import N_SIMS
from benchmarks.coverage.reading import (
    Z,
    covers,
    held,
    rejects,
    select,
    share,
    share_error,
    verdict,
)
from benchmarks.coverage.saying import sayings
from benchmarks.coverage.sizes import TESTS
from benchmarks.coverage.theory import with_theory
from benchmarks.wording import table

Row = dict[str, Any]
WORDS = {-1: "too rarely", 0: "yes", 1: "too often"}
MARKS = {-1: " (-)", 0: "", 1: " (+)"}


def page(results: Row) -> str:
    """Return COVERAGE.md."""
    results = with_theory(results)
    parts = [head(results), said(results)]
    parts.append(f"![{described(results)}](coverage.png)")
    for design in results["designs"].values():
        parts += [section(design), intervals(design), tests(design)]
    parts += [predictions(results), how(results), machine(results)]
    return "\n\n".join(parts) + "\n"


def head(results: Row) -> str:
    """Title, and what kind of run this was."""
    text = "# Which intervals cover, which tests keep their level\n\n"
    text += "Written by `make study`; not edited by hand. "
    if results["quick"]:
        text += "**A quick run: few data sets. It shows that all runs.** "
    counts = sorted({d["sets"] for d in results["designs"].values()})
    sets = " to ".join(str(n) for n in counts[:1] + counts[1:][-1:])
    return text + (
        f"{sets} data sets of each design are drawn from a model whose parameters are "
        "known. Each is fitted by REML and asked for every interval, test and "
        "prediction. An interval of 95 % should hold the truth in 95 % of the data "
        "sets, a test of a coefficient that is 0 should reject it in 5 %."
    )


def said(results: Row) -> str:
    """Return the sentences, as a list."""
    lines = [f"- {sentence}" for sentence in sayings(results)]
    return "## What this says\n\n" + "\n".join(lines)


def section(design: Row) -> str:
    """Describe a design and its fits."""
    truth = ", ".join(f"`{k}` {v:g}" for k, v in design["truth"].items())
    return f"""## {design["title"]}

`{design["formula"]}`, {design["rows"]} rows. True values: {truth}.
A variance is estimated as 0 in {share(design["boundary"], design["sets"])} % of the
{design["sets"]} fits. One data set takes {design["seconds"]["all"]:.2f} s, of which
{design["seconds"]["intervals"]:.2f} s for intervals. {problems(design)}"""


def problems(design: Row) -> str:
    """Say what went wrong, or that nothing did."""
    if not design["problems"]:
        return "No fit, interval or test raised an error or a warning."
    found = ", ".join(f"{k} ({n} times)" for k, n in design["problems"].items())
    return f"Errors and warnings: {found}."


def intervals(design: Row) -> str:
    """Return the table of intervals."""
    lines = []
    for row in design["intervals"]:
        n, p = row["n"], row["covered"] / row["n"]
        known = row.get("theory")
        lines.append(
            [
                f"`{row['parameter']}`",
                METHODS[row["method"]],
                f"{share(row['covered'], n)} ± {100 * share_error(p, n):.1f}",
                WORDS[covers(row)],
                "" if known is None else f"{100 * known:.1f}",
                share(row["below"], n),
                share(row["above"], n),
                str(row["failed"]),
                f"{row['mean_width']:.3g}",
            ]
        )
    columns = ["parameter", "interval of 95 %", "covers, %", "as it should"]
    columns += ["theory, %", "too low, %", "too high, %", "failed", "mean width"]
    return "### Intervals\n\n" + table(columns, lines)


def tests(design: Row) -> str:
    """Return the table of tests."""
    lines = []
    for coefficient, within in design["idle"].items():
        own = select(design["tests"], coefficient=coefficient)
        cells = [
            f"{share(r['rejected'], r['n'])} ± "
            f"{100 * share_error(r['rejected'] / r['n'], r['n']):.1f}"
            f"{MARKS[rejects(r)]}"
            for r in own
        ]
        lines.append([f"`{coefficient}`", within, *cells])
        if all(r.get("theory") for r in own):
            cells = [f"{100 * r['theory']:.1f}" for r in own]
            lines.append(["", "(theory)", *cells])
        if own[0]["n_boundary"]:
            of = own[0]["n_boundary"]
            cells = [share(r["rejected_boundary"], of) for r in own]
            lines.append(["", f"(the {of} fits with a variance of 0)", *cells])
    columns = ["coefficient", "constant within", *TESTS.values()]
    lost = sum(r["failed"] for r in design["tests"])
    note = f" {lost} tests failed and count as no rejection." if lost else ""
    return (
        f"### Tests\n\n`{design['tests_formula']}`. Rejections of a true 0 by tests of "
        f"5 %, in percent; (+) too often, (-) too rarely.{note}\n\n"
        + table(columns, lines)
    )


def predictions(results: Row) -> str:
    """Return the tables of predictions of all designs."""
    low, high = (f"{100 * held(level, N_SIMS):.1f}" for level in (0.8, 0.95))
    text = f"""## Predictions

`predict_interval` with {N_SIMS} draws: the chance that a fresh response, or the true
expected value, lies in the interval, in percent. Quantiles of {N_SIMS} draws hold {low}
and {high} % on average, were all else known; (+) is more than that, (-) less. A new
group's effect is taken as 0, or drawn (`new_levels`)."""
    for design in results["designs"].values():
        text += f"\n\n### {design['title']}: predictions\n\n" + prediction_table(design)
    return text


def prediction_table(design: Row) -> str:
    """Return a row for each kind of prediction; methods and levels side by side."""
    kinds = dict.fromkeys(
        (r["case"], r["target"], r["new_levels"]) for r in design["predictions"]
    )
    lines = []
    for case, target, new_levels in kinds:
        rows = select(
            design["predictions"], case=case, target=target, new_levels=new_levels
        )
        cells = []
        for level in (0.8, 0.95):
            for row in select(rows, level=level):
                mark = MARKS[verdict(row["coverage"], held(level, N_SIMS), row["se"])]
                cells.append(f"{100 * row['coverage']:.1f}{mark}")
        widths = [f"{row['mean_width']:.3g}" for row in select(rows, level=0.95)]
        what = "response" if target == "response" else "expected value"
        lines.append([case, what, new_levels, *cells, " / ".join(widths)])
    columns = ["a row of", "for its", "new effect", "80 %: joint", "independent"]
    columns += ["95 %: joint", "independent", "widths of 95 %"]
    errors = [100 * row["se"] for row in design["predictions"]]
    note = f"Standard errors of these shares are at most {max(errors):.1f}."
    return table(columns, lines) + "\n\n" + note


def how(results: Row) -> str:
    """Say how it was done."""
    n = min(d["sets"] for d in results["designs"].values())
    se = 100 * share_error(0.95, n)
    return f"""## How it is done

- Covariates and groups are the same in every data set of a design; random effects and
  residuals are drawn anew, from a seed of the data set's own.
- ± is one Monte-Carlo standard error. A share is called different from what it should
  be when it is {Z:.2f} standard errors off: for 95 % of {n} that is
  {Z * se:.1f} points. One in a hundred that are as they should be is called so, too.
- "Too low" is an interval that ends below the truth, "too high" one that begins above.
- An interval that was not found, or has an end that is not a number, is "failed". It
  counts as one that does not cover, and not for the mean width.
- Wald: estimate -+ 1.96 standard errors. Satterthwaite and Kenward-Roger: Student's t
  with their degrees of freedom, the latter with its standard errors too. Profiles: of
  the full likelihood (ML, lme4's) and of the restricted one (REML), of the same fit.
  Bootstrap: parametric, {N_BOOT} replicates; with so many the ends of a percentile
  interval are replicates, the 10th and the 10th from the end.
- Tests are of the coefficients of covariates that have no effect. The likelihood ratio
  compares ML fits with and without, and takes chi-squared with 1 degree of freedom.
- Theory is given where it is exact or nearly so: the balanced designs' students,
  plates and samples, taken as so many normal values each (`coverage/theory.py`).
  `tests/test_study_results.py` compares; it also says what is chance: an observed
  share that is off while theory's is not.
- A fresh response is not drawn: the chance that it lies in the interval follows from
  the true parameters and the true effects of the known groups. For a design's known
  groups the chance is averaged over some of them.
- Where a design's model of tests has more covariates than the true one, the model of
  intervals does not have them."""


def machine(results: Row) -> str:
    """Return the table of machine and software."""
    rows = [[k, v] for k, v in results["machine"].items()]
    seconds = sum(d["sets"] * d["seconds"]["all"] for d in results["designs"].values())
    rows.append(["processor time", f"{seconds / 60:.0f} minutes"])
    return "## Machine\n\n" + table(["what", "here"], rows)
