"""The reference models: R's formula and data in ours, fitted once a session."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mmcourse as mm

HERE = Path(__file__).resolve().parent

# R contrasts an ordered factor by polynomials; here that is asked for by name.
POLYNOMIAL = {"cake": ("temperature", "C(temperature, contr.poly)")}
BUNDLED = {
    "sleepstudy",
    "Penicillin",
    "Pastes",
    "Dyestuff",
    "Dyestuff2",
    "cake",
    "InstEval",
}
# Fits that take seconds: only what is new in them is tested everywhere.
LARGE = {"insteval_reml"}


def ids() -> list[str]:
    """Names of all mixed models with a reference."""
    return [
        path.stem
        for path in sorted(HERE.glob("*.json"))
        if json.loads(path.read_text()).get("kind") == "lmm"
    ]


@cache
def reference(name: str) -> dict[str, Any]:
    """One reference file."""
    return json.loads((HERE / f"{name}.json").read_text())


@cache
def data(name: str) -> pd.DataFrame:
    """The data set of a reference."""
    if name in BUNDLED:
        return mm.load(name)
    return pd.read_csv(HERE / "data" / f"{name}.csv")


def formula(ref: dict[str, Any]) -> str:
    """The reference's formula in our syntax."""
    text = ref["formula"]
    if "temperature" in (ref["contrasts"] or {}):
        old, new = POLYNOMIAL[ref["dataset"]]
        text = text.replace(old, new)
    return text


@cache
def fitted(name: str) -> mm.MixedModel:
    """Fit a reference model; redundant columns are expected where R dropped some."""
    import warnings

    ref = reference(name)
    with warnings.catch_warnings():
        if ref["dropped_columns"]:
            warnings.simplefilter("ignore", mm.RankWarning)
        return mm.lmer(
            formula(ref),
            data(ref["dataset"]),
            reml=ref["REML"],
            weights=ref["weights"],
            offset=ref["offset"],
        )


def numbers(values: Any) -> np.ndarray:
    """A list with nulls as an array with NaN."""
    return np.array(values, dtype=float)


def label(value: Any, like: pd.Index) -> Any:
    """R's level text as the label of an index."""
    return int(value) if pd.api.types.is_integer_dtype(like) else value
