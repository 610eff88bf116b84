"""Draws for make_gpa.py: students and marks from the model that the course fits.

The draws are the same with every Python version and on every machine: only `random()`
is used, whose stream Python guarantees; normal draws are sums of uniform ones (no
logarithm, whose last digit depends on the machine), added by `fsum` (what `sum` does
with floats changed in Python 3.12).

Conventions: marks (y) and high-school gpa (h) are in tenths of a grade point, as in
gpa_figures.json.
"""

import json
import math
from pathlib import Path

FIGURES = json.loads(Path(__file__).with_name("gpa_figures.json").read_text("utf-8"))
N = FIGURES["n_students"]
OCCASIONS = range(FIGURES["n_occasions"])
FIRST_TOTALS = FIGURES["S_first_five_students"]
FREE = range(len(FIRST_TOTALS), N)  # students whose total may change

SEED = 764  # by trial: marks reach both ends of their range, and few need a shift

# The drawing model, in tenths. Trend and effects: the mixed model with both covariates.
# The sds solve the moment equations of the figures, given residual variances that fall
# by a quarter each semester (the spread of late semesters comes from the slopes).
START, SLOPE = 25.992, 1.0631
SEX_EFFECT, H_EFFECT = 1.56, 0.092
LEVEL_SD, SLOPE_SD, SLOPE_PER_LEVEL = 1.58, 0.653, 0.032
RESIDUAL_SD = 2.79, 2.40, 2.06, 1.76, 1.51, 1.29


def draw_students(rng):
    """Return sex (1: female) and high-school gpa of each student; student 1 is set."""
    n_female = FIGURES["n_female"]
    low, high = FIGURES["h_range"]
    sex = shuffled(rng, [1] * (n_female - 1) + [0] * (N - n_female))
    h = [low + below(rng, high - low + 1) for _ in range(N - 1)]
    return [1, *sex], [28, *h]


def draw_marks(rng, sex, h):
    """Return all marks; the first students are drawn until they have their totals."""
    y = []
    for student in range(N):
        row = draw_row(rng, sex[student], h[student])
        while student < len(FIRST_TOTALS) and sum(row) != FIRST_TOTALS[student]:
            row = draw_row(rng, sex[student], h[student])
        y.append(row)
    return y


def draw_row(rng, sex, h):
    """Return six marks of one student, all within the range of marks."""
    covariates = SEX_EFFECT * (sex - FIGURES["n_female"] / N)
    covariates += H_EFFECT * (h - FIGURES["sum_h"] / N)
    while True:
        level = covariates + LEVEL_SD * normal(rng)
        slope = SLOPE + SLOPE_PER_LEVEL * level + SLOPE_SD * normal(rng)
        marks = [
            START + level + slope * t + sd * normal(rng)
            for t, sd in zip(OCCASIONS, RESIDUAL_SD, strict=True)
        ]
        row = [math.floor(mark + 0.5) for mark in marks]
        if all(map(is_mark, row)):
            return row


def is_mark(mark):
    """Say whether a mark is within the range of marks."""
    low, high = FIGURES["y_range"]
    return low <= mark <= high


def normal(rng):
    """Return twelve uniform draws (variance 1/12 each), less their mean."""
    return math.fsum(rng.random() for _ in range(12)) - 6


def below(rng, n):
    """Return an integer, 0 .. n - 1."""
    return int(rng.random() * n)


def shuffled(rng, items):
    """Return a list in random order."""
    return [item for _, item in sorted((rng.random(), item) for item in items)]
