"""The engines: a module each, all with the same four names.

    PACKAGE                      what pip calls it
    reason_against(case)         why it can't fit a case, or None
    fit(case, frame)             a fitted model
    criterion(model)             its REML criterion, or None where it reports none

Some have `WORK`, what they do with a fitted model (see `work`). mmcourse's module has
`evaluate(model)` too, for the growth of one evaluation.

`case` has "fixed", "terms", "formula" and "n_rows" (see `cases.Case`). lme4 is run by
`lme4.R`, which does what `worker.py` does for the others.
"""

from __future__ import annotations

# In the order of the report: mmcourse first, what it is compared with after it.
NAMES = ("mmcourse", "statsmodels", "mixedlm", "mixedlm_rs", "lme_python", "lme4")
PACKAGES = {
    "statsmodels": "statsmodels",
    "mixedlm": "mixedlm",
    "mixedlm_rs": "mixedlm-rs",
    "lme_python": "lme-python[pandas]",
}

# Whole programs, from an empty process to a printed fit of the file they are given;
# "imports" is what mmcourse can't do without, the floor below its cold start.
_READ = "import sys\nimport pandas as pd\nframe = pd.read_csv(sys.argv[1])\n"
_BARS = '"gpa ~ occasion + (1 | student)"'
_GROUPS = '"gpa ~ occasion", frame, groups="student"'
COLD = {
    "imports": "import numpy, pandas, scipy.linalg, formulaic",
    "mmcourse": f"import mmcourse as mm\n{_READ}print(mm.lmer({_BARS}, frame))",
    "statsmodels": "import statsmodels.formula.api as smf\n"
    f"{_READ}print(smf.mixedlm({_GROUPS}).fit().summary())",
    "mixedlm": f"import mixedlm\n{_READ}print(mixedlm.lmer({_BARS}, frame).summary())",
    "mixedlm_rs": "import mixedlm_rs\n"
    f"{_READ}print(mixedlm_rs.mixedlm({_GROUPS}).fit().summary())",
    "lme_python": "import lme_python\n"
    f"{_READ}print(lme_python.lmer({_BARS}, data=frame, reml=True).summary())",
    "lme4": "library(lme4)\n"
    "frame <- read.csv(commandArgs(TRUE)[1])\n"
    "print(lmer(gpa ~ occasion + (1 | student), frame))",
}
