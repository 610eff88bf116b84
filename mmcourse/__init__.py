"""Linear mixed models with lme4's answers, and the course that stands on them.

>>> import mmcourse as mm
>>> model = mm.lmer("gpa ~ occasion + (1 | student)", data=mm.load_gpa())
>>> model.fixef.round(3).to_dict()
{'Intercept': 2.599, 'occasion': 0.106}
"""

from mmcourse.bootstrap import boot_mer
from mmcourse.datasets import load, load_gpa, load_sleepstudy
from mmcourse.effect_plots import plot_coefficients, plot_density, plot_re_sim
from mmcourse.errors import (
    ConvergenceWarning,
    DesignError,
    DownloadError,
    FormulaError,
    InferenceError,
    MMCourseError,
    RankWarning,
)
from mmcourse.extract import (
    expected_rank,
    extract_fixed_effects,
    extract_random_coefs,
    extract_random_effects,
    extract_vc,
    find_typical,
    icc,
    summarize_model,
)
from mmcourse.model import MixedModel, lmer
from mmcourse.model.profile import Profile
from mmcourse.plots import plot_random_effects, plot_trajectories
from mmcourse.prediction_plots import plot_predictions
from mmcourse.profile_plots import plot_profile
from mmcourse.simulated import fe_sim, predict_interval, re_sim

__version__ = "0.1.0"

__all__ = [
    "ConvergenceWarning",
    "DesignError",
    "DownloadError",
    "FormulaError",
    "InferenceError",
    "MMCourseError",
    "MixedModel",
    "Profile",
    "RankWarning",
    "boot_mer",
    "expected_rank",
    "extract_fixed_effects",
    "extract_random_coefs",
    "extract_random_effects",
    "extract_vc",
    "fe_sim",
    "find_typical",
    "icc",
    "lmer",
    "load",
    "load_gpa",
    "load_sleepstudy",
    "plot_coefficients",
    "plot_density",
    "plot_predictions",
    "plot_profile",
    "plot_random_effects",
    "plot_re_sim",
    "plot_trajectories",
    "predict_interval",
    "re_sim",
    "summarize_model",
]
