"""The four looks at a fit, by what is drawn.

Sources: arithmetic on the table of `augment`; normal quantiles of scipy.stats.
"""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

import mmcourse as mm
from tests.behaviour.fits import SLOPES, sleep


def points(ax):
    """Coordinates of the first line with dots only."""
    dots = next(line for line in ax.get_lines() if line.get_linestyle() == "None")
    return dots.get_xdata(), dots.get_ydata()


def test_residuals_stand_over_fitted_values_and_over_normal_quantiles():
    axes, table = mm.plot_diagnostics(sleep(), return_data=True)
    against, quantiles, spread, _ = axes
    x, y = points(against)
    np.testing.assert_array_equal(x, sleep().fitted)
    np.testing.assert_array_equal(y, table["standardized"])
    z, ordered = points(quantiles)
    np.testing.assert_allclose(z, stats.norm.ppf((np.arange(180) + 0.5) / 180))
    np.testing.assert_array_equal(ordered, np.sort(table["standardized"]))
    np.testing.assert_allclose(points(spread)[1] ** 2, table["standardized"].abs())
    assert against.get_xlabel() == "fitted Reaction"


def test_running_means_have_the_mean_of_all():
    axes, table = mm.plot_diagnostics(sleep(), return_data=True)
    line = axes[0].get_lines()[1]
    assert len(line.get_ydata()) == 10  # of 18 rows each
    assert np.mean(line.get_ydata()) == pytest.approx(table["standardized"].mean())
    assert (np.diff(line.get_xdata()) > 0).all()


def test_each_random_effect_has_its_own_points_and_name():
    ax = mm.plot_diagnostics(sleep(SLOPES))[3]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["Intercept | Subject", "Days | Subject"]
    modes = sleep(SLOPES).ranef()["Subject"]["Intercept"]
    expected = np.sort(modes / modes.std(ddof=0))
    np.testing.assert_allclose(points(ax)[1], expected)


def test_a_fit_without_variance_between_groups_has_an_empty_panel():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    assert not mm.plot_diagnostics(model)[3].get_lines()


def test_it_draws_where_it_is_told():
    given = plt.subplots(2, 2)[1]
    assert list(mm.plot_diagnostics(sleep(), ax=given)) == list(given.ravel())
    with pytest.raises(TypeError, match="3 Axes; the picture has 4"):
        mm.plot_diagnostics(sleep(), ax=given.ravel()[:3])
    with pytest.raises(TypeError, match="takes a model"):
        mm.plot_diagnostics(3)
