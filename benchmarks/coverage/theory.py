"""What coverage and size should be, where that follows without simulation.

In a balanced design the sum of squares between the levels of a factor is its expected
mean square times a chi-squared variable. Where the residual hardly counts in that mean
square, the intervals and tests that rest on it are those of as many independent normal
values as there are levels: with 200 students, 24 plates or 6 samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.coverage.intervals import LEVEL
from benchmarks.coverage.sizes import ALPHA

Row = dict[str, Any]

# design -> factor -> levels, where the design is balanced.
LEVELS = {"gpa": {"student": 200}, "crossed": {"plate": 24, "sample": 6}}


def with_theory(results: Row) -> Row:
    """Return results whose rows have what theory says, where it says something."""
    designs = {}
    for name, design in results["designs"].items():
        sizes, covers = [], []
        for row in design["intervals"]:
            expected = of_interval(name, row["parameter"], row["method"])
            covers.append(row | {"theory": expected})
        for row in design["tests"]:
            expected = of_test(name, row["constant_within"], row["test"])
            sizes.append(row | {"theory": expected})
        designs[name] = design | {"intervals": covers, "tests": sizes}
    return results | {"designs": designs}


def of_interval(design: str, parameter: str, method: str) -> float | None:
    """Return the coverage that theory gives, or None.

    Examples
    --------
    >>> round(of_interval("crossed", "sd_Intercept|sample", "profile_ml"), 3)
    0.906
    """
    for factor, m in LEVELS.get(design, {}).items():
        if parameter == f"sd_Intercept|{factor}":
            tails = sd_tails(m, method)
            return None if tails is None else 1 - sum(tails)
    if (design, parameter) == ("crossed", "Intercept"):
        # The samples differ most: theirs are the values that the mean is taken of.
        return inside_t(method, LEVELS[design]["sample"], 1, LEVEL)
    return None


def of_test(design: str, constant_within: str, test: str) -> float | None:
    """Return the size that theory gives to a test between levels, or None.

    Examples
    --------
    >>> round(of_test("crossed", "a sample", "wald"), 3)
    0.122
    """
    m = LEVELS.get(design, {}).get(constant_within.removeprefix("a "))
    inside = None if m is None else inside_t(test, m, 2, 1 - ALPHA)
    return None if inside is None else 1 - inside


def inside_t(method: str, m: int, p: int, level: float) -> float | None:
    """Return the chance that a method accepts one true of p coefficients, m values.

    Wald takes Student's t as normal; -2 log likelihood rises by m log(1 + t^2 / df).
    """
    from scipy import stats

    df, z = m - p, stats.norm.ppf((1 + level) / 2)
    limits = {
        "wald": z,
        "likelihood_ratio": np.sqrt(df * np.expm1(z**2 / m)),
        "satterthwaite": stats.t.ppf((1 + level) / 2, df),
    }
    limits |= {"profile_ml": limits["likelihood_ratio"]}
    limits |= {"kenward_roger": limits["satterthwaite"]}
    if method not in limits:
        return None
    return float(1 - 2 * stats.t.sf(limits[method], df))


def sd_tails(m: int, method: str) -> tuple[float, float] | None:
    """Return the chances that an interval for an sd ends below, begins above the truth.

    Examples
    --------
    >>> [round(tail, 3) for tail in sd_tails(6, "percentile")]
    [0.144, 0.0]
    """
    tails: dict[str, Callable[[], tuple[float, float]]] = {
        "profile_ml": lambda: _likelihood_tails(m - 1, m),
        "profile_reml": lambda: _likelihood_tails(m - 1, m - 1),
        "percentile": lambda: _percentile_tails(m - 1),
    }
    return tails[method]() if method in tails else None


def _likelihood_tails(df: int, n: int) -> tuple[float, float]:
    """Solve for S where -2 log likelihood, n log(v) + S / v, is too high at v = 1."""
    from scipy import optimize, stats

    def excess(S: float) -> float:
        return float(S - n * np.log(S / n) - n - stats.norm.ppf((1 + LEVEL) / 2) ** 2)

    below = optimize.brentq(excess, 1e-12, n)
    above = optimize.brentq(excess, n, 20 * n + 100)
    return float(stats.chi2.cdf(below, df)), float(stats.chi2.sf(above, df))


def _percentile_tails(df: int) -> tuple[float, float]:
    """Take the estimate times quantiles of its own distribution over the truth."""
    from scipy import stats

    tail = (1 - LEVEL) / 2
    low, high = (float(stats.chi2.ppf(q, df)) / df for q in (tail, 1 - tail))
    return float(stats.chi2.cdf(df / high, df)), float(stats.chi2.sf(df / low, df))
