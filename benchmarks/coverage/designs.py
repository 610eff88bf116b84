"""What is simulated: three designs, their true parameters, and the rows to predict.

A design's covariates and groups are the same in every data set; random effects and
residuals are drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mmcourse as mm

Array = NDArray[np.float64]

# For covariates, which are drawn once; a data set's own seed is [SEED, design, number].
SEED = 20260


@dataclass(frozen=True, eq=False)
class Design:
    """A model with known parameters, and the rows it is simulated for.

    Attributes
    ----------
    formula : str
        Of the model whose intervals are studied: the true one.
    tests_formula : str
        Of the model whose tests are studied; it may have more covariates than the true
        one.
    data : DataFrame
        Covariates and groups; no response.
    fixed : dict of column -> true coefficient, "Intercept" among them
    sds : dict of grouping factor -> true sd of its intercepts
    sigma : float
    idle : dict of column -> words
        Covariates of the tests' model whose true coefficient is 0, and what they
        are constant within.
    cases : dict of words -> DataFrame
        Rows to predict. Levels that are not in `data` are new groups.
    """

    name: str
    title: str
    number: int
    formula: str
    tests_formula: str
    data: pd.DataFrame
    fixed: dict[str, float]
    sds: dict[str, float]
    sigma: float
    idle: dict[str, str]
    cases: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def response(self) -> str:
        """Name of the response."""
        return self.formula.split("~")[0].strip()

    @property
    def truth(self) -> dict[str, float]:
        """True parameters under the names of `confint`."""
        sds = {f"sd_Intercept|{group}": sd for group, sd in self.sds.items()}
        return sds | {"sigma": self.sigma} | self.fixed


@dataclass(frozen=True, eq=False)
class DataSet:
    """One simulated data set: the response, and the random effects behind it."""

    y: Array
    effects: dict[str, pd.Series]  # grouping factor -> effect of each level
    rng: np.random.Generator  # for what else is random: bootstrap, simulated intervals


def draw(design: Design, i: int) -> DataSet:
    """Draw data set i of a design; the same number gives the same data.

    Examples
    --------
    >>> first, again = draw(small(), 1), draw(small(), 1)
    >>> bool((first.y == again.y).all())
    True
    """
    rng = np.random.default_rng([SEED, design.number, i])
    effects = {}
    for group, sd in design.sds.items():
        levels = pd.unique(design.data[group])
        effects[group] = pd.Series(rng.normal(0, sd, len(levels)), index=levels)
    y = known_part(design, design.data, effects)
    return DataSet(y + rng.normal(0, design.sigma, len(y)), effects, rng)


def known_part(
    design: Design, rows: pd.DataFrame, effects: dict[str, pd.Series]
) -> Array:
    """Add the fixed part and the effects of levels that are in the data, (rows,)."""
    out = np.zeros(len(rows))
    for column, coefficient in design.fixed.items():
        out += coefficient * (1.0 if column == "Intercept" else rows[column].to_numpy())
    for group, own in effects.items():
        out += own.reindex(rows[group]).fillna(0.0).to_numpy()
    return out


def unknown_sd(design: Design, rows: pd.DataFrame, with_residual: bool) -> Array:
    """Sd of what a row adds to its known part: new groups' effects, residual."""
    variance = np.full(len(rows), design.sigma**2 if with_residual else 0.0)
    for group, sd in design.sds.items():
        is_new = ~rows[group].isin(design.data[group]).to_numpy()
        variance += np.where(is_new, sd**2, 0.0)
    return np.sqrt(variance)


def gpa() -> Design:
    """Return the GPA design: 200 students, 6 semesters; estimates as the truth."""
    data = mm.load_gpa()[["student", "occasion"]].astype({"occasion": float})
    rng = np.random.default_rng([SEED, 1])
    data["x"] = rng.normal(size=len(data)).round(2)
    data["w"] = _per_group(data["student"], rng.normal(size=200))
    return Design(
        name="gpa",
        title="GPA: 200 students, 6 semesters each",
        number=1,
        formula="gpa ~ occasion + (1 | student)",
        tests_formula="gpa ~ occasion + x + w + (1 | student)",
        data=data,
        # The REML estimates of the course's first model, rounded.
        fixed={"Intercept": 2.599, "occasion": 0.106},
        sds={"student": 0.252},
        sigma=0.241,
        idle={"x": "nothing", "w": "a student"},
        cases={
            "a known student": pd.DataFrame({"student": range(1, 11), "occasion": 6.0}),
            "a new student": pd.DataFrame({"student": [1001], "occasion": 6.0}),
        },
    )


def small() -> Design:
    """Return the small unbalanced design: 8 groups of 2 to 9 rows."""
    rng = np.random.default_rng([SEED, 2])
    data = pd.DataFrame({"group": np.repeat(np.arange(1, 9), np.arange(2, 10))})
    data["x"] = rng.normal(size=len(data)).round(2)
    w = rng.permutation(np.linspace(-1, 1, 8)).round(2)
    data["w"] = _per_group(data["group"], w)
    return Design(
        name="small",
        title="Small: 8 groups of 2 to 9 rows",
        number=2,
        formula="y ~ x + w + (1 | group)",
        tests_formula="y ~ x + w + (1 | group)",
        data=data,
        fixed={"Intercept": 10.0, "x": 0.0, "w": 0.0},
        sds={"group": 0.7},
        sigma=1.0,
        idle={"x": "nothing", "w": "a group"},
        cases={
            "a known group": pd.DataFrame({"group": range(1, 9), "x": 0.5, "w": w}),
            "a new group": pd.DataFrame({"group": [99], "x": 0.5, "w": 0.5}),
        },
    )


def crossed() -> Design:
    """Return the crossed design: Penicillin's 24 plates by 6 samples."""
    data = mm.load("penicillin")[["plate", "sample"]]
    data = data.astype({"plate": str, "sample": str})
    rng = np.random.default_rng([SEED, 3])
    data["x"] = rng.normal(size=len(data)).round(2)
    data["w_plate"] = _per_group(data["plate"], rng.normal(size=24))
    data["w_sample"] = _per_group(data["sample"], rng.normal(size=6))
    return Design(
        name="crossed",
        title="Crossed: 24 plates by 6 samples, one row each",
        number=3,
        formula="diameter ~ 1 + (1 | plate) + (1 | sample)",
        tests_formula="diameter ~ x + w_plate + w_sample + (1 | plate) + (1 | sample)",
        data=data,
        # The REML estimates of the Penicillin data, rounded.
        fixed={"Intercept": 22.97},
        sds={"plate": 0.847, "sample": 1.932},
        sigma=0.550,
        idle={"x": "nothing", "w_plate": "a plate", "w_sample": "a sample"},
        cases=_crossed_cases(data),
    )


def _crossed_cases(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Six rows with both levels known, six with a new plate, six with a new sample."""
    samples, plates = pd.unique(data["sample"]), pd.unique(data["plate"])[:6]
    known = pd.DataFrame({"plate": plates, "sample": samples})
    return {
        "a known plate and sample": known,
        "a new plate, a known sample": known.assign(plate="new"),
        "a known plate, a new sample": known.assign(sample="new"),
    }


def _per_group(group: pd.Series, values: Array) -> Array:
    """Give every row its group's value, rounded, (n,)."""
    return values.round(2)[pd.factorize(group)[0]]


@cache
def designs() -> dict[str, Design]:
    """Return all designs by name."""
    return {design.name: design for design in (gpa(), small(), crossed())}
