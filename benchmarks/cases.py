"""What is fitted: real data from the package, and simulated data of any size.

Conventions
    A case says which rows it has by a function that makes them, and its model in two
    parts, so that an engine without lme4's formulas can build its own. `aim` is in
    seconds, of wall time, for the official size on two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from engines.work import TITLES

SEED = 20240
ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the benchmark.

    Attributes
    ----------
    fixed : str
        ``"y ~ x"``; patsy and formulaic read it as R does.
    terms : tuple of (effects, group)
        ``("1 + x", "g")`` stands for ``(1 + x | g)``.
    make : callable
        Makes the data frame.
    work : str
        What is timed: "fit", or what is done with a fitted model, by its name in
        `engines.work`.
    """

    name: str
    title: str
    fixed: str
    terms: tuple[tuple[str, str], ...]
    make: Callable[[], pd.DataFrame]
    aim: float | None = None
    # Memory beside 1.5 times the data: what the dense part of crossed factors takes.
    dense_levels: int = 0
    has_memory_aim: bool = False
    # An engine that did not finish one of these cases is not tried here.
    after: tuple[str, ...] = ()
    work: str = "fit"

    @property
    def formula(self) -> str:
        """The model as lme4 writes it."""
        bars = [f"({effects} | {group})" for effects, group in self.terms]
        return " + ".join([self.fixed, *bars])


def fit_cases(quick: bool = False) -> list[Case]:
    """Return the fits in the order of the report; quick ones have few rows."""
    n = 10_000 if quick else ROWS
    return [
        *small_cases(),
        intercepts_case("a", n, "whole numbers", aim=0.2),
        replace(intercepts_case("a-text", n, "text", aim=0.2), after=("a",)),
        replace(intercepts_case("a-category", n, "a Categorical", 0.2), after=("a",)),
        Case(
            "b",
            f"(b) intercept and slope, {n:,} rows, {n // 50:,} groups",
            "y ~ x",
            (("1 + x", "g"),),
            partial(slopes, n),
            aim=0.5,
            has_memory_aim=True,
        ),
        Case(
            "insteval",
            "InstEval, 73,421 rows, 2972 x 1128 levels crossed, 14 departments",
            "y ~ service",
            (("1", "s"), ("1", "d"), ("1", "dept")),
            partial(load, "insteval"),
            aim=1.2,
        ),
        crossed_case(n),
    ]


def small_cases() -> list[Case]:
    """Return the fits of a few rows, which inference starts from, too."""
    return [
        Case(
            "gpa",
            "GPA, random intercept, 1200 rows",
            "gpa ~ occasion",
            (("1", "student"),),
            partial(load, "gpa"),
            aim=0.002,
        ),
        Case(
            "sleepstudy",
            "sleepstudy, intercept and slope, 180 rows",
            "Reaction ~ Days",
            (("1 + Days", "Subject"),),
            partial(load, "sleepstudy"),
            aim=0.003,
        ),
        Case(
            "penicillin",
            "Penicillin, two crossed factors, 144 rows",
            "diameter ~ 1",
            (("1", "plate"), ("1", "sample")),
            partial(load, "penicillin"),
            aim=0.003,
        ),
    ]


def inference_cases() -> list[Case]:
    """Return what is done with a fitted model; quick runs have nothing smaller."""
    gpa, sleepstudy, penicillin = small_cases()
    wanted = [
        (gpa, "boot", 0.1),
        (sleepstudy, "boot", 0.5),
        (penicillin, "boot", 2.0),
        (gpa, "profile", 0.02),
        (sleepstudy, "profile", 0.1),
        (gpa, "predict", 0.05),
        (gpa, "effects", 0.05),
    ]
    return [
        replace(
            case,
            name=f"{work}-{case.name}",
            title=f"{TITLES[work]}: {case.title}",
            work=work,
            aim=aim,
        )
        for case, work, aim in wanted
    ]


def intercepts_case(
    name: str, n: int, kind: str, aim: float | None = None, per_group: int = 10
) -> Case:
    """Return (a) of any size, its group column as numbers, text or a Categorical."""
    return Case(
        name,
        f"(a) random intercept, {n:,} rows, {n // per_group:,} groups as {kind}",
        "y ~ x1 + x2 + x3",
        (("1", "g"),),
        partial(intercepts, n, n // per_group, kind),
        aim=aim,
        has_memory_aim=aim is not None,
    )


def crossed_case(n: int) -> Case:
    """Return (c) of any size; the levels shrink with the square root of the rows."""
    shrink = (n / ROWS) ** 0.5
    users, items = round(6000 * shrink), round(3700 * shrink)
    return Case(
        "c",
        f"(c) crossed, {n:,} rows, {users:,} users x {items:,} items",
        "y ~ x",
        (("1", "user"), ("1", "item")),
        partial(crossed, n, users, items),
        aim=20.0,
        dense_levels=items,
        has_memory_aim=True,
    )


def growth_cases(quick: bool = False) -> list[Case]:
    """Return (a) at growing size; at the size of (a) it is no news who stops there."""
    sizes = (1_000, 10_000) if quick else (10_000, 100_000, 1_000_000, 10_000_000)
    cases: list[Case] = []
    for n in sizes:
        before = [case.name for case in cases[-1:]] + ["a"] * (n >= ROWS)
        case = intercepts_case(f"growth-{n}", n, "whole numbers")
        cases.append(replace(case, after=tuple(before)))
    return cases


def load(name: str) -> pd.DataFrame:
    """Load a data set of the package."""
    import mmcourse

    return mmcourse.load(name)


def intercepts(n: int, n_groups: int, kind: str) -> pd.DataFrame:
    """Simulate (a): group sizes weighted by gamma(2), three covariates."""
    rng = np.random.default_rng(SEED)
    g = draw_levels(rng, rng.gamma(2.0, size=n_groups), n)
    x = rng.standard_normal((3, n))
    y = 1 + 0.5 * x[0] - 0.3 * x[1] + 0.1 * x[2]
    y += 0.8 * rng.standard_normal(n_groups)[g] + rng.standard_normal(n)
    frame = pd.DataFrame({"y": y, "x1": x[0], "x2": x[1], "x3": x[2]})
    return frame.assign(g=group_column(g, kind))


def group_column(codes: np.ndarray, kind: str) -> pd.Series:
    """Return groups as the kind of column that is asked for."""
    if kind == "whole numbers":
        return pd.Series(codes)
    levels = [f"g{i:07d}" for i in range(int(codes.max()) + 1)]
    column = pd.Series(pd.Categorical.from_codes(codes, levels))
    return column if kind == "a Categorical" else column.astype("str")


def slopes(n: int) -> pd.DataFrame:
    """Simulate (b): group sizes weighted by gamma(4), correlated slopes."""
    rng = np.random.default_rng(SEED + 1)
    n_groups = n // 50
    g = draw_levels(rng, rng.gamma(4.0, size=n_groups), n)
    cov = np.array([[0.64, 0.12], [0.12, 0.25]])
    b = rng.standard_normal((n_groups, 2)) @ np.linalg.cholesky(cov).T
    x = rng.standard_normal(n)
    y = 2 + 0.5 * x + b[g, 0] + b[g, 1] * x + 1.2 * rng.standard_normal(n)
    return pd.DataFrame({"y": y, "x": x, "g": g})


def crossed(n: int, n_users: int, n_items: int) -> pd.DataFrame:
    """Simulate (c): log-normal activity of users, a power law of items."""
    rng = np.random.default_rng(SEED + 2)
    user = draw_levels(rng, rng.lognormal(0.0, 1.2, size=n_users), n)
    item = draw_levels(rng, np.arange(1.0, n_items + 1) ** -0.8, n)
    x = rng.standard_normal(n)
    y = 3 + 0.2 * x + 0.45 * rng.standard_normal(n_users)[user]
    y += 0.6 * rng.standard_normal(n_items)[item] + 0.9 * rng.standard_normal(n)
    return pd.DataFrame({"y": y, "x": x, "user": user, "item": item})


def draw_levels(rng: np.random.Generator, weight: np.ndarray, n: int) -> np.ndarray:
    """Draw n levels, whose chances are in proportion to the weights, (n,)."""
    edges = np.cumsum(weight / weight.sum())
    drawn = np.searchsorted(edges, rng.random(n), side="right")
    return np.minimum(drawn, len(weight) - 1).astype(np.int64)
