"""What both methods for degrees of freedom share: the result of an F test.

Layer: lowest of `inference`; arrays only.

Conventions
    A hypothesis is L beta = 0, with L (q, p) of full row rank, on the kept fixed
    effects in the user's basis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmcourse.errors import InferenceError
from mmcourse.fit import Fit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FTest:
    """F and its degrees of freedom."""

    f: float
    num_df: int
    den_df: float


class SmallSample(Protocol):
    """A method that gives tests of fixed effects their degrees of freedom.

    Attributes
    ----------
    vcov : array, (p, p)
        Covariance of the fixed effects that its tests use.
    notes : tuple of str
        What a reader of the results should know.
    """

    @property
    def vcov(self) -> Array:  # noqa: D102
        ...

    @property
    def notes(self) -> tuple[str, ...]:  # noqa: D102
        ...

    def df(self, L: Array) -> Array:
        """Degrees of freedom (q,) of the t tests of each row of L (q, p)."""

    def f_test(self, L: Array) -> FTest:
        """Test all rows of L (q, p) together."""


def check_testable(fit: Fit) -> None:
    """Refuse a fit without residual variance, where nothing is uncertain."""
    if fit.no_residual or fit.sigma <= 0:
        raise InferenceError(
            "the model leaves no residual variance, so its effects have no standard "
            "errors and no degrees of freedom.\n"
            "  Check whether the response is constant, or computed from columns of the "
            "model."
        )
