"""Hat values and Cook's distances of lme4, first ten rows of each model."""

import numpy as np
import pytest

import mmcourse as mm
from tests.reference.models import LARGE, fitted, ids, numbers, reference

WITH_VALUES = [
    name
    for name in ids()
    if name not in LARGE and reference(name).get("hatvalues") is not None
]


@pytest.mark.parametrize("name", WITH_VALUES)
def test_leverage_and_distance_are_those_of_lme4(name):
    ref, model = reference(name), fitted(name)
    n = len(ref["hatvalues"])
    hat = mm.hat_values(model).to_numpy()[:n]
    np.testing.assert_allclose(hat, numbers(ref["hatvalues"]), rtol=2e-5)
    distance = mm.cooks_distance(model).to_numpy()[:n]
    np.testing.assert_allclose(
        distance, numbers(ref["cooks_distance"]), rtol=1e-4, atol=1e-9
    )
