"""Profile intervals follow the units of the data, whatever these are."""

import numpy as np
import pytest

import mmcourse as mm

FORMULA = "Reaction ~ Days + (Days | Subject)"
SD = ["sd_Intercept|Subject", "sd_Days|Subject", "sigma"]
COR = "cor_Days.Intercept|Subject"


def intervals(criterion, by=1.0, per=1.0, plus=0.0, weight=None):
    data = mm.load_sleepstudy()
    data["Reaction"] *= by
    data["Days"] = data["Days"] * per + plus
    weights = None if weight is None else np.full(len(data), weight)
    model = mm.lmer(FORMULA, data, weights=weights)
    found = model.confint(criterion=criterion)
    assert found.attrs["notes"] == []
    return found


@pytest.mark.parametrize("criterion", ["ml", "reml"])
@pytest.mark.parametrize("per", [1e-6, 1e6])
@pytest.mark.parametrize("by", [1e-6, 1e7])
def test_units_of_response_and_slope(by, per, criterion):
    expected = intervals(criterion)
    found = intervals(criterion, by, per)
    units = np.array([by, 1.0, by / per, by, by, by / per])
    np.testing.assert_allclose(found / units[:, None], expected, rtol=1e-6)


def test_a_slope_counted_from_far_away_keeps_its_sd():
    expected, found = intervals("ml"), intervals("ml", plus=1000.0)
    own = ["sd_Days|Subject", "sigma", "Days"]
    np.testing.assert_allclose(found.loc[own], expected.loc[own], rtol=1e-6)
    # Far from the data all lines seem to meet: the correlation is next to -1.
    assert -1 < found.loc[COR, "lower"] < found.loc[COR, "upper"] < -0.999


def test_a_constant_weight_changes_sigma_alone():
    expected, found = intervals("ml"), intervals("ml", weight=4.0)
    expected.loc["sigma"] *= 2
    np.testing.assert_allclose(found, expected, rtol=1e-6)
