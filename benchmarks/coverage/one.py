"""One data set: fitted, and asked for every interval, test and prediction."""

from __future__ import annotations

import re
import time
import warnings
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import mmcourse as mm
from benchmarks.coverage.designs import DataSet, designs, draw
from benchmarks.coverage.intervals import all_intervals
from benchmarks.coverage.predictions import all_predictions
from benchmarks.coverage.sizes import all_p_values

Record = dict[str, Any]


@dataclass(frozen=True)
class Templates:
    """Fitted models of a design, to be refitted to every data set."""

    true: mm.MixedModel
    larger: mm.MixedModel
    smaller: dict[str, mm.MixedModel]  # by ML, without one idle covariate


@cache
def templates(name: str) -> Templates:
    """Fit the models of a design once, to a data set that is not studied."""
    design = designs()[name]
    frame = design.data.assign(**{design.response: draw(design, 2**32).y})
    smaller = {}
    for covariate in design.idle:
        formula = re.sub(rf"\b{covariate} \+ ", "", design.tests_formula, count=1)
        smaller[covariate] = mm.lmer(formula, frame, reml=False)
    return Templates(
        mm.lmer(design.formula, frame), mm.lmer(design.tests_formula, frame), smaller
    )


def study(name: str, i: int) -> Record:
    """Return all that is asked of data set i of a design."""
    start = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        record = _ask(name, draw(designs()[name], i))
    problems = [*record["problems"], *(w.category.__name__ for w in caught)]
    seconds = record["seconds"] | {"all": time.process_time() - start}
    return record | {"i": i, "problems": problems, "seconds": seconds}


def _ask(name: str, data: DataSet) -> Record:
    """Fit, and ask for everything; with the seconds of each part."""
    design, ready = designs()[name], templates(name)
    ticks = [time.process_time()]
    model = ready.true.refit(data.y)
    same = design.formula == design.tests_formula
    larger = model if same else ready.larger.refit(data.y)
    ticks.append(time.process_time())
    intervals, troubles = all_intervals(model, data.rng)
    ticks.append(time.process_time())
    p_values, more = all_p_values(larger, ready.smaller, data.y)
    ticks.append(time.process_time())
    predictions, rest = all_predictions(model, design, data)
    ticks.append(time.process_time())
    parts = ("fits", "intervals", "tests", "predictions")
    return {
        "boundary": model.is_singular,
        "boundary_tests": larger.is_singular,
        "intervals": intervals,
        "p_values": p_values,
        "predictions": predictions,
        "problems": [*troubles, *more, *rest],
        "seconds": dict(zip(parts, (b - a for a, b in pairwise(ticks)), strict=True)),
    }
