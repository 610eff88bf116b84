"""Profile curves and their pictures.

Sources: intervals at other levels (solved for on their own, compared with lme4 in
tests/reference), the normal distribution, and the geometry of contours.
"""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.special import ndtr

import mmcourse as mm


@pytest.fixture(scope="module")
def model():
    return mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())


@pytest.fixture(scope="module")
def profile(model):
    return model.profile()


def curve(profile, name):
    own = profile.zeta[profile.zeta["parameter"] == name]
    return own["value"].to_numpy(), own["zeta"].to_numpy()


def test_a_curve_for_every_parameter_in_the_order_of_confint(model, profile):
    assert list(profile.traces) == model.confint(method="wald").index.tolist()
    assert profile.zeta.columns.tolist() == ["parameter", "value", "zeta"]
    assert profile.notes == []


@pytest.mark.parametrize("criterion", ["ml", "reml"])
@pytest.mark.parametrize("zeta", [-2.5, -1.0, 0.5, 2.0])
def test_the_curves_pass_through_the_ends_of_intervals(model, criterion, zeta):
    """zeta at a point is +-z where the interval of level 2 Phi(z) - 1 has its end."""
    found = model.profile(criterion=criterion)
    ends = model.confint(level=2 * ndtr(abs(zeta)) - 1, criterion=criterion)
    for name, end in ends["upper" if zeta > 0 else "lower"].items():
        value, zetas = curve(found, name)
        assert np.interp(end, value, zetas) == pytest.approx(zeta, abs=0.01)


def test_a_profile_gives_the_intervals_of_confint(model, profile):
    again, expected = profile.confint(0.9), model.confint(level=0.9)
    np.testing.assert_array_equal(again, expected)
    assert again.attrs == expected.attrs


def test_a_trace_holds_its_own_parameter_and_the_estimates_at_zero(model, profile):
    best = mm.lmer(
        "Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy(), reml=False
    )
    for name, trace in profile.traces.items():
        value, zeta = curve(profile, name)
        np.testing.assert_allclose(trace[name], value, rtol=1e-10)
        at_best = trace.to_numpy()[np.argmin(np.abs(zeta))]
        assert at_best[:4] == pytest.approx(_in_order(best), rel=1e-5)
        assert at_best[4:] == pytest.approx(best.fixef.to_numpy(), rel=1e-8)


def _in_order(best):
    """sd, cor, sd, sigma from the rows of var_corr."""
    table = best.var_corr()
    is_sd = table["effect_2"].isna()
    first, second, sigma = table.loc[is_sd, "sd"]
    return [first, float(table.loc[~is_sd, "sd"].iloc[0]), second, sigma]


def test_the_curve_of_a_variance_of_zero_begins_at_zero():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    value, zeta = curve(model.profile("theta_"), "sd_Intercept|Batch")
    assert value[0] == 0 and zeta[0] == 0 and zeta[-1] == pytest.approx(3)


def test_weights_and_units_are_those_of_the_user():
    data = mm.load_sleepstudy()
    data["w"] = 5.0
    plain = mm.lmer("Reaction ~ Days + (1 | Subject)", data)
    heavy = mm.lmer("Reaction ~ Days + (1 | Subject)", data, weights="w")
    one, other = plain.profile(), heavy.profile()
    for name, factor in (("sigma", np.sqrt(5)), ("sd_Intercept|Subject", 1.0)):
        value, _ = curve(one, name)
        weighted, _ = curve(other, name)
        np.testing.assert_allclose(weighted, factor * value, rtol=1e-5)
        np.testing.assert_allclose(other.traces[name][name], weighted, rtol=1e-9)


def test_what_has_no_profile_is_named():
    data = mm.load_sleepstudy()
    data["flat"] = 2.0 + data["Days"]
    model = mm.lmer("flat ~ Days + (1 | Subject)", data)
    found = model.profile()
    assert "sigma has no profile" in found.notes
    with pytest.raises(mm.InferenceError, match="there are 0 profiles to draw"):
        mm.plot_profile(found)


def test_zeta_is_drawn_with_the_steps_of_five_intervals(model, profile):
    axes, drawn = mm.plot_profile(profile, return_data=True)
    assert [one.get_title() for one in axes] == list(profile.traces)
    assert len(drawn) == len(profile.zeta)
    labels = [text.get_text().strip() for text in axes[0].texts]
    assert labels == ["50%", "80%", "90%", "95%", "99%"]
    steps = axes[-1].collections[2 * 3].get_segments()  # vlines of 95 %
    ends = sorted(float(segment[0, 0]) for segment in steps)
    assert ends == pytest.approx(model.confint("Days").loc["Days"].tolist(), rel=1e-3)
    plt.close("all")


def test_a_density_has_the_area_between_its_ends(profile):
    _, drawn = mm.plot_profile(profile, "density", return_data=True)
    own = drawn[drawn["parameter"] == "sigma"]
    area = np.trapezoid(own["density"], own["value"])
    assert area == pytest.approx(2 * ndtr(3.0) - 1, abs=1e-4)
    plt.close("all")


def test_a_region_is_as_wide_as_the_profile_at_its_level(profile):
    """The contour of 95 % for two parameters reaches as far as zeta = 2.4477."""
    axes, drawn = mm.plot_profile(profile, "pairs", return_data=True)
    assert axes.shape == (5, 5)
    region = drawn[drawn["level"].eq(0.95) & drawn["x"].eq("Intercept")]
    value, zeta = curve(profile, "Intercept")
    reach = np.interp([-2.4477, 2.4477], zeta, value)
    found = region["x_value"].min(), region["x_value"].max()
    assert found == pytest.approx(reach, rel=1e-3)
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda m: m.profile("nope"), mm.InferenceError, "no parameter 'nope'"),
        (lambda m: m.profile(criterion="x"), mm.InferenceError, "'ml' or 'reml'"),
        (lambda m: mm.plot_profile(m, "x"), mm.InferenceError, "kind is 'x'"),
        (lambda m: mm.plot_profile(3), TypeError, "model.profile"),
        (lambda m: m.profile("sigma").confint(2), mm.InferenceError, "level is 2"),
        (
            lambda m: mm.plot_profile(m.profile("sigma"), "pairs"),
            mm.InferenceError,
            "needs 2",
        ),
    ],
)
def test_what_can_not_be_profiled_is_said(model, call, error, match):
    with pytest.raises(error, match=match):
        call(model)
