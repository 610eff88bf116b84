"""Random designs: a formula with its data, and the same model described for the oracle.

The structure is drawn by hypothesis, the numbers by NumPy from a drawn seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st

import mmcourse as mm
from tests.invariants.oracle import Oracle, Term, levels

LEVELS = ("a", "b", "c")  # of the fixed factor f

# Fixed parts: text -> columns.
FIXED = {
    "1": ("1",),
    "0": (),
    "1 + x": ("1", "x"),
    "0 + x": ("x",),
    "1 + x + z": ("1", "x", "z"),
    "1 + f": ("1", "f=b", "f=c"),
    "0 + f + x": ("f=a", "f=b", "f=c", "x"),
}

# Effects of a random term with its bar: text -> columns of the blocks it makes.
EFFECTS = {
    "1 |": (("1",),),
    "x |": (("1", "x"),),
    "0 + x |": (("x",),),
    "x + z |": (("1", "x", "z"),),
    "0 + x + z |": (("x", "z"),),
    "x ||": (("1",), ("x",)),
    "x + z ||": (("1",), ("x",), ("z",)),
    "f |": (("1", "f=b", "f=c"),),
    "0 + f |": (("f=a", "f=b", "f=c"),),
}

# Groups: text -> grouping columns of each term they make.
GROUPS = {
    "g": (("g",),),
    "h": (("h",),),
    "k": (("k",),),
    "g:h": (("g", "h"),),
    "g/inner": (("g",), ("inner", "g")),
}


@dataclass(frozen=True)
class Design:
    """A model and its data, for the package and for the oracle."""

    formula: str
    frame: pd.DataFrame = field(repr=False)
    fixed: tuple[str, ...] = field(repr=False)
    terms: tuple[Term, ...] = field(repr=False)
    options: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def model(self) -> mm.MixedModel:
        return mm.lmer(self.formula, self.frame, **self.options)

    @cached_property
    def oracle(self) -> Oracle:
        return Oracle(self.frame, self.fixed, self.terms, **self.options)


def grouped_rows(rng: np.random.Generator, kind: str, n: int, m: int) -> pd.DataFrame:
    """Columns g, h, k, inner: m levels of g, and other factors as `kind` says."""
    if kind == "balanced":
        g = np.arange(n) % m
    elif kind == "single rows":  # every level of g but one has one row
        g = np.minimum(np.arange(n), m - 1)
    else:
        g = rng.choice(m, n, p=rng.dirichlet(np.full(m, 2.0)))
    h = rng.integers(0, 5, n)
    if kind == "nested":
        h = g // 3
    elif kind == "partly crossed":
        h = np.where(rng.random(n) < 0.8, g // 2, h)
    k = rng.integers(0, 6, n)
    inner = rng.integers(0, 2, n)
    own = {"g": g, "h": h, "k": k, "inner": inner}
    for codes in own.values():
        codes[:2] = 0, 1  # at least two levels of each
    return pd.DataFrame(own).astype({"h": str})


def covariates(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Columns x, z, f, weights w and offset o."""
    return {
        "x": rng.normal(1.0, 2.0, n),
        "z": rng.integers(-1, 2, n).astype(float),
        "f": np.array(LEVELS)[rng.permutation(np.arange(n) % 3)],
        "w": rng.uniform(0.3, 3.0, n),
        "o": rng.normal(size=n),
    }


def response(
    rng: np.random.Generator, oracle: Oracle, sizes: list[float]
) -> np.ndarray:
    """A draw of the model, each term's effects of the given relative size."""
    y = oracle.offset + oracle.X @ rng.normal(0.0, 2.0, oracle.X.shape[1])
    for Z, size in zip(oracle.Z, sizes, strict=True):
        y = y + Z @ rng.normal(0.0, size, Z.shape[1])
    return y + rng.normal(size=len(y)) / np.sqrt(oracle.w)


@st.composite
def designs(draw: st.DrawFn, sizes: tuple[float, ...] = (0.0, 0.7, 2.0)) -> Design:
    """Draw one of the models; the effects of a term have one of the given sds."""
    fixed = draw(st.sampled_from(sorted(FIXED)))
    groups = draw(st.lists(st.sampled_from(sorted(GROUPS)), min_size=1, max_size=3))
    pairs = [(draw(st.sampled_from(sorted(EFFECTS))), g) for g in dict.fromkeys(groups)]
    kind = draw(
        st.sampled_from(
            ["balanced", "crossed", "nested", "partly crossed", "single rows"]
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(50, 70))
    frame = grouped_rows(rng, kind, n, draw(st.integers(4, 12)))
    frame = frame.assign(y=0.0, **covariates(rng, n))
    terms = []
    for effects, group in pairs:
        terms += [Term(g, e) for g in GROUPS[group] for e in EFFECTS[effects]]
    # With as many random effects as rows a term is refused.
    counts = [levels(frame, t).nunique() * len(t.effects) for t in terms]
    assume(max(counts) < n)
    options = {
        "reml": draw(st.booleans()),
        "weights": draw(st.sampled_from([None, "w"])),
        "offset": draw(st.sampled_from([None, "o"])),
    }
    random = " + ".join(f"({effects} {group})" for effects, group in pairs)
    out = Design(f"y ~ {fixed} + {random}", frame, FIXED[fixed], tuple(terms), options)
    # The oracle of this draw knows Z; the response is drawn from it.
    chosen = [draw(st.sampled_from(sizes)) for _ in terms]
    frame["y"] = response(rng, Oracle(frame, out.fixed, out.terms, **options), chosen)
    return out


def random_theta(rng: np.random.Generator, oracle: Oracle) -> np.ndarray:
    """Any theta: large, small, zero and of either sign."""
    theta = rng.normal(size=oracle.n_theta) * np.exp(rng.normal(size=oracle.n_theta))
    theta[rng.random(oracle.n_theta) < 0.15] = 0.0
    return theta
