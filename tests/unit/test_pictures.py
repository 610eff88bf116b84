"""Pictures look as they did: lines, colours and places, without words.

What is drawn is tested elsewhere, number by number. Here a handful of pictures is
compared with stored ones, which a person has looked at, by pytest-mpl. Words are left
out, because fonts differ between machines, and so is what makes room for them. `make
figures` draws the stored pictures anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

import mmcourse as mm

STORED = Path(__file__).parent / "pictures"
# Root mean square of the differences of 0 to 255. Other versions of matplotlib smooth
# edges otherwise; a line that moves or changes its colour costs more, see below.
TOLERANCE = 3
DPI = 50

compared = pytest.mark.mpl_image_compare(
    baseline_dir=STORED.name,
    tolerance=TOLERANCE,
    style="default",
    backend="agg",
    savefig_kwargs={"dpi": DPI},
)


@pytest.fixture(scope="module")
def gpa():
    return mm.load_gpa()


@pytest.fixture(scope="module")
def model(gpa):
    return mm.lmer("gpa ~ occasion + (1 | student)", gpa)


def without_words(draw: Callable[..., object], columns: int = 1) -> Figure:
    """A figure of a fixed layout, drawn on by a function that takes `ax`."""
    figure = plt.figure(figsize=(4, 3))
    width = 0.96 / columns
    axes = [
        figure.add_axes((0.02 + i * width, 0.04, width - 0.02, 0.92))
        for i in range(columns)
    ]
    draw(np.array(axes) if columns > 1 else axes[0])
    for words in [*figure.findobj(Text), *figure.findobj(Legend)]:
        words.set_visible(False)
    return figure


@compared
def test_trajectories(gpa):
    picked = [1, 20, 40, 60, 80, 100, 120, 140, 160, 180]
    columns = ("occasion", "gpa", "student")
    return without_words(
        lambda ax: mm.plot_trajectories(gpa, *columns, highlight=picked, ax=ax)
    )


@compared
def test_random_effects():
    # Eighteen subjects: the intervals of 200 students would melt into an area.
    model = mm.lmer("Reaction ~ Days + (Days | Subject)", mm.load_sleepstudy())
    return without_words(lambda ax: mm.plot_random_effects(model, effect="Days", ax=ax))


@compared
def test_predictions(model):
    return without_words(
        lambda ax: mm.plot_predictions(model, "occasion", [1, 2], ax=ax)
    )


@compared
def test_profile_zeta(model):
    profile = model.profile("theta_")
    return without_words(lambda ax: mm.plot_profile(profile, ax=ax), columns=2)


@compared
def test_density(model):
    return without_words(lambda ax: mm.plot_density(model, limits=(-1, 1), ax=ax))


@compared
def test_shrinkage():
    sleep = mm.load_sleepstudy()
    alone = mm.lm_list("Reaction ~ Days | Subject", sleep)
    model = mm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
    return without_words(
        lambda ax: mm.plot_shrinkage(alone, model, highlight=[308, 330], ax=ax)
    )


def move(line):
    """Move a line by a tenth of a grade point."""
    line.set_ydata(np.asarray(line.get_ydata()) + 0.1)


CHANGES = {
    "moved": move,
    "in another colour": lambda line: line.set_color("#1f5a92"),
    "gone": lambda line: line.set_visible(False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_line_that_changes_is_more_than_is_tolerated(model, tmp_path, change):
    """The comparison bites on the overall line of the predictions."""
    with plt.style.context("default", after_reset=True):
        figure = without_words(
            lambda ax: mm.plot_predictions(model, "occasion", [1, 2], ax=ax)
        )
        (overall,) = [
            line
            for line in figure.axes[0].get_lines()
            if line.get_color() == mm.plots.OVERALL
        ]
        change(overall)
        figure.savefig(tmp_path / "changed.png", dpi=DPI)
    stored = str(STORED / "test_predictions.png")
    assert compare_images(stored, str(tmp_path / "changed.png"), TOLERANCE)
