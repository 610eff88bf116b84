"""Linear mixed models with lme4's answers, and the course that stands on them.

>>> import mmcourse as mm
>>> model = mm.lmer("gpa ~ occasion + (1 | student)", data=mm.load_gpa())
>>> model.fixef.round(3).to_dict()
{'Intercept': 2.599, 'occasion': 0.106}
"""

from mmcourse import r_random
from mmcourse.bootstrap import boot_mer
from mmcourse.datasets import load, load_gpa, load_sleepstudy
from mmcourse.diagnostics import (
    Influence,
    augment,
    cooks_distance,
    hat_values,
    influence,
)
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
    anova,
    expected_rank,
    extract_fixed_effects,
    extract_model_data,
    extract_random_coefs,
    extract_random_effects,
    extract_vc,
    find_typical,
    icc,
    icc_null,
    r2,
    ranova,
    summarize_model,
)
from mmcourse.lm_list import LmList, lm_list
from mmcourse.matrices import Matrices, model_matrices
from mmcourse.model import MixedModel, lmer
from mmcourse.model.profile import Profile
from mmcourse.plots import (
    plot_coefficients,
    plot_density,
    plot_diagnostics,
    plot_lm_list,
    plot_predictions,
    plot_profile,
    plot_random_effects,
    plot_re_sim,
    plot_shrinkage,
    plot_trajectories,
)
from mmcourse.simulated import fe_sim, predict_interval, re_sim
from mmcourse.simulations import simulate_random_intercepts
from mmcourse.structure import describe_structure
from mmcourse.version import __version__

__all__ = [
    "ConvergenceWarning",
    "DesignError",
    "DownloadError",
    "FormulaError",
    "InferenceError",
    "Influence",
    "LmList",
    "MMCourseError",
    "Matrices",
    "MixedModel",
    "Profile",
    "RankWarning",
    "__version__",
    "anova",
    "augment",
    "boot_mer",
    "cooks_distance",
    "describe_structure",
    "expected_rank",
    "extract_fixed_effects",
    "extract_model_data",
    "extract_random_coefs",
    "extract_random_effects",
    "extract_vc",
    "fe_sim",
    "find_typical",
    "hat_values",
    "icc",
    "icc_null",
    "influence",
    "lm_list",
    "lmer",
    "load",
    "load_gpa",
    "load_sleepstudy",
    "model_matrices",
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
    "predict_interval",
    "r2",
    "r_random",
    "ranova",
    "re_sim",
    "simulate_random_intercepts",
    "summarize_model",
]
