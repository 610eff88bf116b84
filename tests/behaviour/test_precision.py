"""How far the numbers of a computer reach: units of any size, residuals of almost 0."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.school import school

# Other units; at the far end, where squares overflow or vanish, a refusal.
SCALES = {
    "score": [1e-200, 1e-100, 1e-50, 1e-8, 1e8, 1e50, 1e100, 1e200],
    "day": [1e-200, 1e-100, 1e-50, 1e-8, 1e8, 1e50, 1e100, 1e200],
    "w": [1e-300, 1e-100, 1e-10, 1e-8, 1e8, 1e10, 1e100, 1e280],
}


def scaled(name, factor):
    data = school()
    data[name] = data[name] * factor
    return data


@pytest.mark.parametrize(
    ("name", "factor"), [(k, f) for k in SCALES for f in SCALES[k]]
)
def test_scales_do_not_matter(name, factor):
    formula = "score ~ day + (day | pupil)"
    plain = mm.lmer(formula, school(), weights="w")
    if name != "w" and not 1e-60 < factor < 1e60:
        size = "large" if factor > 1 else "small"
        with pytest.raises(mm.DesignError, match=f"'{name}' has values too {size}"):
            mm.lmer(formula, scaled(name, factor), weights="w")
        return
    other = mm.lmer(formula, scaled(name, factor), weights="w")
    assert other.status == plain.status
    t = other.fixef / other.std_error
    assert list(t) == pytest.approx(list(plain.fixef / plain.std_error), rel=1e-5)


@pytest.mark.parametrize(("sd", "near"), [(1e-3, 1e-6), (1e-4, 1e-4)])
def test_a_small_residual_is_estimated(sd, near):
    fitted, within = almost_constant(sd)
    assert fitted.sigma == pytest.approx(within, rel=near)


def test_a_residual_that_rounding_hides_is_said_to_be_hidden():
    fitted, _ = almost_constant(1e-6)
    assert fitted.status == "singular"
    assert "too small to be told from rounding" in fitted.messages[0]


def almost_constant(sd):
    """A balanced one-way layout with group sd 25, and the ANOVA estimate of sigma."""
    m, k = 18, 10
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"g": np.repeat(np.arange(m), k)})
    data["y"] = (data["g"] + 1) ** 1.5 + sd * rng.normal(size=m * k)
    within = np.sqrt(data.groupby("g")["y"].var().mean())
    return mm.lmer("y ~ 1 + (1 | g)", data), within


@pytest.mark.parametrize("ratio", [1e10, 1e17, 1e30])
def test_weights_far_apart_are_no_obstacle(ratio):
    """Rows of next to no weight count as if they were left out."""
    data = school()
    data["w"] = np.where(data["day"] == 3, 1 / ratio, 1.0)
    heavy = mm.lmer("score ~ day + (1 | pupil)", data, weights="w")
    alone = mm.lmer("score ~ day + (1 | pupil)", data[data["day"] < 3])
    assert list(heavy.fixef) == pytest.approx(list(alone.fixef), rel=1e-6)
