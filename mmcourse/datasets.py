"""Data sets of the course, as frames with the right types.

Layer: top; needs the messages of `errors` and pandas, nothing of the engine.

Conventions: a label that is a number stays a number, also as a level of a Categorical.
Grouping factors with numbers for labels (Subject, student, replicate, s, d) are integer
columns; other factors are Categoricals, whose first level is the base of contrasts. The
data card, `data/README.md`, has sources, licences, columns and units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from mmcourse.download import fetch
from mmcourse.errors import brief, did_you_mean, listing


@dataclass(frozen=True, slots=True)
class _Source:
    """One file; its factors, with sorted levels or with an order of their own."""

    file: str
    factors: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    levels: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


# Order of levels: sex so that its coefficient is female minus male, admitted so that it
# is that of "yes"; dept as in lme4, where it also orders the levels of `dept:service`.
_GPA = _Source(
    "gpa.csv",
    levels={
        "occas": tuple(f"year {y} semester {s}" for y in (1, 2, 3) for s in (1, 2)),
        "job": ("1 hour", "2 hours", "3 hours"),
        "sex": ("male", "female"),
        "admitted": ("no", "yes"),
    },
)
_INSTEVAL = _Source(
    "insteval.csv.gz",
    factors=("service",),
    ordered=("studage", "lectage"),
    levels={"dept": (15, 5, 10, 12, 6, 7, 4, 8, 9, 14, 1, 3, 11, 2)},
)
_SOURCES = {
    "sleepstudy": _Source("sleepstudy.csv"),
    "penicillin": _Source("penicillin.csv", factors=("plate", "sample")),
    "pastes": _Source("pastes.csv", factors=("batch", "cask", "sample")),
    "dyestuff": _Source("dyestuff.csv", factors=("Batch",)),
    "dyestuff2": _Source("dyestuff2.csv", factors=("Batch",)),
    "cake": _Source("cake.csv", factors=("recipe",), ordered=("temperature",)),
    "insteval": _INSTEVAL,
    "gpa": _GPA,
}
NAMES = tuple(_SOURCES)


def load(name: str) -> pd.DataFrame:
    """Load a data set of the course by its name.

    Parameters
    ----------
    name : str
        "sleepstudy", "penicillin", "pastes", "dyestuff", "dyestuff2", "cake",
        "insteval" or "gpa"; capitals don't matter.

    Returns
    -------
    DataFrame
        A new frame, a row an observation. Factors are Categoricals, apart from grouping
        factors whose labels are numbers; `data/README.md` has columns and units.

    Raises
    ------
    ValueError
        If there is no data set of that name.
    TypeError
        If `name` is not a string.
    FileNotFoundError
        If the installation lacks the file.

    Examples
    --------
    >>> import mmcourse as mm
    >>> mm.load("Penicillin").head(2)
       diameter plate sample
    0        27     a      A
    1        23     a      B
    """
    if not isinstance(name, str):
        raise TypeError(
            f"the name of a data set is a string, not {type(name).__name__}. "
            f"Data sets: {listing(_SOURCES)}."
        )
    key = name.strip().casefold()
    if key not in _SOURCES:
        raise ValueError(
            f"there is no data set {name!r}. "
            f"{did_you_mean(key, _SOURCES)}Data sets: {listing(_SOURCES)}."
        )
    source = _SOURCES[key]
    frame = pd.read_csv(path_of(source.file))
    return frame.astype(_categories(source, frame))


def load_gpa(original: bool = False) -> pd.DataFrame:
    """Load gpa: 200 students, each in six semesters, a row a semester.

    Parameters
    ----------
    original : bool
        Download the original records (once; they are checked and cached) instead of
        reading the reconstructed ones. They state no licence: don't pass them on.

    Returns
    -------
    DataFrame
        1200 rows, columns student, occas, gpa (grade points), job, sex, highgpa (grade
        points), admitted (with missing values), year, semester, occasion (0 to 5).

    Raises
    ------
    TypeError
        If `original` is neither True nor False.
    ImportError
        If `original` and pooch is not installed: ``pip install "mmcourse[data]"``.
    DownloadError
        If the original can't be downloaded, checked or kept.

    Notes
    -----
    The rows are reconstructed: single students are not those of the original study, but
    the models of the course give the numbers that the original rows give.

    Examples
    --------
    >>> import mmcourse as mm
    >>> gpa = mm.load_gpa()
    >>> gpa.shape, gpa["student"].nunique(), f"{gpa['gpa'].mean():.3f}"
    ((1200, 10), 200, '2.865')
    """
    if not isinstance(original, bool):
        raise TypeError(f"original is {brief(original)}; it must be True or False.")
    if not original:
        return load("gpa")
    figures = path_of("gpa_figures.json").read_text(encoding="utf-8")
    told = json.loads(figures)["original"]
    frame = pd.read_csv(fetch(told["url"], told["sha256"], "gpa_original.csv"))
    # Marks that happen to be whole numbers stay numbers with decimals.
    frame = frame[told["columns"].split(",")].astype({"gpa": float, "highgpa": float})
    return frame.astype(_categories(_GPA, frame))


def load_sleepstudy() -> pd.DataFrame:
    """Load sleepstudy: reaction times of 18 subjects over ten days of short nights.

    Returns
    -------
    DataFrame
        180 rows, columns Reaction (ms), Days (0 to 9), Subject (integer label).

    Examples
    --------
    >>> import mmcourse as mm
    >>> mm.load_sleepstudy().head(2)
       Reaction  Days  Subject
    0  249.5600     0      308
    1  258.7047     1      308
    """
    return load("sleepstudy")


def path_of(file: str) -> Path:
    """Return the path of a file of `data/`: as installed, else in the repository."""
    package = Path(__file__).resolve().parent
    folders = package / "data", package.parent / "data"
    for folder in folders:
        if (folder / file).is_file():
            return folder / file
    raise FileNotFoundError(
        f"{file} is neither in {folders[0]} nor in {folders[1]}. "
        "Every installation of mmcourse has it, so install mmcourse again."
    )


def _categories(source: _Source, frame: pd.DataFrame) -> dict[str, pd.CategoricalDtype]:
    """Types of the columns that are to be Categoricals."""
    levels = {name: list(own) for name, own in source.levels.items()}
    for name in source.factors + source.ordered:
        levels[name] = sorted(frame[name].unique())
    return {
        name: pd.CategoricalDtype(own, ordered=name in source.ordered)
        for name, own in levels.items()
    }
