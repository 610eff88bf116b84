"""What is done with a fitted model, and what each engine has for it.

An engine's module has `WORK`, a dictionary from a name here to a `Work`; what is not
in it, the engine has no public function for. lme4 is run by `lme4.R`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

N_SIMS = 1000
TITLES = {
    "boot": "parametric bootstrap, 1000 replicates",
    "profile": "profile intervals of all parameters",
    "predict": "prediction intervals of all rows, 1000 draws",
    "effects": "simulated random effects, 1000 draws",
}
# What is shown of a result, so that who did other work is seen.
NUMBERS = {
    "boot": "sd of the replicates of each sd and sigma",
    "profile": "95 % interval of the first sd",
    "predict": "mean width",
    "effects": "mean sd",
}


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work as an engine does it.

    Attributes
    ----------
    run : callable
        From model, case and frame to a result; this is timed.
    look : callable
        From the result and the case to what `NUMBERS` says.
    differs : str
        How what the engine does is other work than what the title says.
    """

    run: Callable[[Any, Any, Any], Any]
    look: Callable[[Any, Any], Sequence[float]]
    differs: str = ""


def spread_of_sds(theta: Any, sigma: Any, case: Any) -> list[float]:
    """Sds over the replicates of the random effects' sds and of sigma.

    `theta`, (replicates, n_theta), has the terms in the order of the case, the lower
    triangle of each column by column.
    """
    theta, sigma = np.asarray(theta, float), np.asarray(sigma, float)
    columns, first = [], 0
    for effects, _ in case["terms"]:
        k = len(effects.split("+"))
        rows, size = np.triu_indices(k)[1], k * (k + 1) // 2
        own = theta[:, first : first + size]
        columns += [
            sigma * np.sqrt(np.square(own[:, rows == i]).sum(1)) for i in range(k)
        ]
        first += size
    return [float(np.nanstd(c, ddof=1)) for c in (*columns, sigma)]
