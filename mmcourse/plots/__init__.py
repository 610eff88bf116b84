"""Pictures: tables to Axes.

Every function takes `ax`, draws, labels both axes and returns the Axes; nothing is
shown, saved or changed globally.
"""

from mmcourse.plots.common import GROUP, OBSERVED, OVERALL, PICKED
from mmcourse.plots.density import plot_density
from mmcourse.plots.diagnostics import plot_diagnostics
from mmcourse.plots.effects import plot_coefficients, plot_re_sim
from mmcourse.plots.groups import plot_random_effects, plot_trajectories
from mmcourse.plots.lm_list import plot_lm_list
from mmcourse.plots.predictions import plot_predictions
from mmcourse.plots.profiles import plot_profile
from mmcourse.plots.shrinkage import plot_shrinkage

__all__ = [
    "GROUP",
    "OBSERVED",
    "OVERALL",
    "PICKED",
    "plot_coefficients",
    "plot_density",
    "plot_diagnostics",
    "plot_lm_list",
    "plot_predictions",
    "plot_profile",
    "plot_random_effects",
    "plot_re_sim",
    "plot_shrinkage",
    "plot_trajectories",
]
