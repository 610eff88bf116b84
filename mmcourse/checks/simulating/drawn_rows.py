"""Look at rows that a learner simulated: do they come from the model asked for.

The model is y = 2 + 0.5 x + u[group] + e with x standard normal, and groups of one
size. How far a size may be off is what chance does: five standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmcourse.checks.findings import RIGHT, Finding, blank
from mmcourse.checks.mistakes import Mistake, first

Array = NDArray[np.float64]

INTERCEPT, SLOPE = 2.0, 0.5
COLUMNS = ("x", "y", "groups")
MARGIN = 5.0  # standard errors: what may be right
SURE = 2.5  # what is named as a certain mistake
NOTHING = 1e-9  # a variance that is none


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated: sizes and standard deviations; by default as in the text."""

    n_groups: int = 100
    n_per: int = 3
    sd_u: float = 0.5
    sd_e: float = 0.25

    @property
    def icc(self) -> float:
        """Share of the variance around the line that lies between groups."""
        return self.sd_u**2 / (self.sd_u**2 + self.sd_e**2)


@dataclass(frozen=True, slots=True)
class Parts:
    """What rows say of the parts that they were made of.

    Attributes
    ----------
    n_groups, n_per : int
    intercept, slope : float, of the line within groups
    slope_se : float
    u_var, e_var : float, variances between and within groups, around that line
    elsewhere : float, variance between groups if rows are grouped by their position
    x_mean, x_sd, x_within : float, mean and sd of x; its sd within groups
    """

    n_groups: int
    n_per: int
    intercept: float
    slope: float
    slope_se: float
    u_var: float
    e_var: float
    elsewhere: float
    x_mean: float
    x_sd: float
    x_within: float

    @property
    def sd_u(self) -> float:
        """Estimated sd of u."""
        return max(self.u_var, 0.0) ** 0.5

    @property
    def sd_e(self) -> float:
        """Estimated sd of e."""
        return float(self.e_var**0.5)

    def u_is(self, sd: float, margin: float = MARGIN) -> bool:
        """Return whether u may have this sd."""
        noise = np.sqrt(2 / (self.n_groups - 1)) * (sd**2 + self.e_var / self.n_per)
        return bool(abs(self.u_var - sd**2) <= margin * noise + NOTHING)

    def e_is(self, sd: float, margin: float = MARGIN) -> bool:
        """Return whether e may have this sd."""
        df = self.n_groups * (self.n_per - 1)
        return abs(self.e_var - sd**2) <= margin * sd**2 * (2 / df) ** 0.5 + NOTHING

    def slope_is(self, slope: float) -> bool:
        """Return whether the line may have this slope."""
        return abs(self.slope - slope) <= MARGIN * self.slope_se + NOTHING

    def intercept_is(self, intercept: float) -> bool:
        """Return whether the line may have this intercept."""
        variance = max(self.u_var, 0.0) + self.e_var / self.n_per + self.slope_se**2
        noise = (variance / self.n_groups) ** 0.5
        return abs(self.intercept - intercept) <= MARGIN * noise + NOTHING


def read_parts(frame: pd.DataFrame) -> Parts:
    """Return what rows say of their parts; all groups have the same number of rows.

    Examples
    --------
    >>> from mmcourse.simulations import simulate_random_intercepts
    >>> parts = read_parts(simulate_random_intercepts(1000, 5, 0.6, 0.4))
    >>> parts.u_is(0.6), parts.u_is(0.4), parts.slope_is(0.5)
    (True, False, True)
    """
    x, y = (frame[name].to_numpy(dtype=float) for name in ("x", "y"))
    codes, labels = pd.factorize(frame["groups"])
    n_groups, n = len(labels), len(x)
    x_var, dx = _within(x, codes), _deviations(x, codes)
    slope = float(dx @ y / (dx @ dx)) if x_var > NOTHING else 0.0
    rest = y - slope * x
    e_var, place = _within(rest, codes), np.arange(n)
    blocks = place // (n // n_groups), place % n_groups
    return Parts(
        n_groups=n_groups,
        n_per=n // n_groups,
        intercept=float(rest.mean()),
        slope=slope,
        slope_se=float(np.sqrt(e_var / (dx @ dx))) if x_var > NOTHING else 0.0,
        u_var=_between(rest, codes),
        e_var=e_var,
        elsewhere=max(_between(rest, block) for block in blocks),
        x_mean=float(x.mean()),
        x_sd=float(x.std(ddof=1)),
        x_within=x_var**0.5,
    )


def _means(values: Array, codes: Any) -> Array:
    """Mean of each group, (J,)."""
    return np.bincount(codes, values) / np.bincount(codes)


def _deviations(values: Array, codes: Any) -> Array:
    """Distances from the mean of the group, (n,)."""
    return values - _means(values, codes)[codes]


def _within(values: Array, codes: Any) -> float:
    """Variance within groups, pooled."""
    rest = _deviations(values, codes)
    return float(rest @ rest / max(len(values) - codes.max() - 1, 1))


def _between(values: Array, codes: Any) -> float:
    """Variance between groups, what the rows add to it taken off."""
    means = _means(values, codes)
    return float(means.var(ddof=1) - _within(values, codes) * len(means) / len(values))


def _x_is_normal(got: Parts) -> bool:
    n = got.n_groups * got.n_per
    centred = abs(got.x_mean) <= MARGIN * n**-0.5
    return centred and abs(got.x_sd - 1) <= MARGIN * (2 * n) ** -0.5


def _is_right(got: Parts, want: Setting) -> bool:
    drawn = got.u_is(want.sd_u) and got.e_is(want.sd_e) and _x_is_normal(got)
    return drawn and got.slope_is(SLOPE) and got.intercept_is(INTERCEPT)


def _no_groups(got: Parts, want: Setting) -> bool:
    """Return whether all that varies around the line varies within groups."""
    return got.u_is(0.0) and got.e_is(float(np.hypot(want.sd_u, want.sd_e)))


def _squares_or_roots(got: Parts, want: Setting) -> bool:
    """Return whether an sd is the square or the root of what it should be."""
    u, e = ({sd**2, sd**0.5} - {sd} for sd in (want.sd_u, want.sd_e))
    of_u = not got.u_is(want.sd_u) and any(got.u_is(sd, SURE) for sd in u)
    return of_u or (not got.e_is(want.sd_e) and any(got.e_is(sd, SURE) for sd in e))


ROWS = (
    Mistake(
        "All rows of a group have the same `x`. It is `u` that a group shares; `x` is "
        "drawn for every row.",
        lambda got, want: got.x_within**2 <= NOTHING < got.x_sd**2,
    ),
    Mistake(
        "`x` has mean {got.x_mean:.2f} and sd {got.x_sd:.2f}; that is not a standard "
        "normal variable.",
        lambda got, want: not _x_is_normal(got),
    ),
    Mistake(
        "`y` does not depend on `x`: where does the line come in?",
        lambda got, want: got.slope_is(0.0) and not got.slope_is(SLOPE),
    ),
    Mistake(
        "`y` rises by {got.slope:.2f} for each unit of `x`. Compare that with the "
        "equation.",
        lambda got, want: not got.slope_is(SLOPE),
    ),
    Mistake(
        "Rows of one group lie exactly on a line: nothing tells them apart but `x`. An "
        "`e` is drawn for every row.",
        lambda got, want: got.e_var <= NOTHING and want.sd_e > 0,
    ),
    Mistake(
        "`u` has the sd of `e`, and `e` that of `u`: the two have changed places.",
        lambda got, want: got.u_is(want.sd_e, SURE) and got.e_is(want.sd_u, SURE),
    ),
    Mistake(
        "The rows that share their `u` are not those that have the same label in "
        "`groups`: the two are put in different orders.",
        lambda got, want: _no_groups(got, want) and got.elsewhere > want.sd_u**2 / 2,
    ),
    Mistake(
        "Rows of one group have nothing in common: every row has a `u` of its own. How "
        "many are to be drawn, and which rows get the same?",
        _no_groups,
    ),
    Mistake(
        "The groups don't differ: `u` is not in `y`.",
        lambda got, want: got.u_is(0.0) and got.e_is(want.sd_e),
    ),
    Mistake(
        "A standard deviation was squared, or a root of it taken, before the draw. R's "
        "and NumPy's normal draws take a standard deviation, not a variance.",
        _squares_or_roots,
    ),
    Mistake(
        "`u` has an sd of about {got.sd_u:.2f}; {want.sd_u:g} was asked for.",
        lambda got, want: not got.u_is(want.sd_u),
    ),
    Mistake(
        "`e` has an sd of about {got.sd_e:.2f}; {want.sd_e:g} was asked for.",
        lambda got, want: not got.e_is(want.sd_e),
    ),
    Mistake(
        "At `x` = 0 the rows lie around {got.intercept:.2f}. Compare that with the "
        "equation.",
        lambda got, want: not got.intercept_is(INTERCEPT),
    ),
)


def check_parts(frame: pd.DataFrame, want: Setting) -> Finding:
    """Return what is wrong with how rows of the right form were made.

    Examples
    --------
    >>> from mmcourse.simulations import simulate_random_intercepts
    >>> rows = simulate_random_intercepts(sd_group=0)
    >>> check_parts(rows, Setting()).hint
    "The groups don't differ: `u` is not in `y`."
    """
    parts = read_parts(frame)
    return RIGHT if _is_right(parts, want) else first(ROWS, parts, want) or RIGHT


def check_form(name: str, answer: Any, want: Setting) -> Finding:
    """Return what is wrong with the columns and groups of a table.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [1.0], "y": [2.0]})
    >>> check_form("data", table, Setting()).hint
    '`data` has no column groups.'
    """
    missing = blank(name, answer)
    if missing:
        return missing
    if not isinstance(answer, pd.DataFrame):
        return Finding(f"`{name}` is a {type(answer).__name__}, not a DataFrame.")
    lost = [column for column in COLUMNS if column not in answer]
    if lost:
        return Finding(f"`{name}` has no column {lost[0]}.")
    hint = _sizes(answer, want)
    return Finding(f"`{name}` {hint}") if hint else RIGHT


def _sizes(frame: pd.DataFrame, want: Setting) -> str:
    """Say what is wrong with the numbers of rows and groups; nothing when they fit."""
    rows, counts = want.n_groups * want.n_per, frame["groups"].value_counts()
    if frame[list(COLUMNS)].isna().any().any():
        return "has missing values."
    if len(frame) != rows and len(frame) == want.n_groups:
        return f"has one row for each group; a group has {want.n_per}."
    if len(counts) == want.n_per != want.n_groups:
        return (
            f"has {want.n_per} groups: the number of groups and that of rows in a "
            "group have changed places."
        )
    if len(counts) != want.n_groups:
        return f"has {len(counts)} different groups; {want.n_groups} are asked for."
    if len(frame) != rows or counts.nunique() != 1:
        return f"has {len(frame)} rows; each group has {want.n_per}."
    return ""
