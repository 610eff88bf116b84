"""How closely results must agree with R's, by quantity, and why.

Suggested by the accuracy of the references themselves; relative unless noted.
"""

# The criterion at a theta given to 15 digits: only rounding is between us.
CRITERION_AT_THETA = 1e-10
# At the optimum the criterion is flat: it agrees better than theta does. The bound is
# 1e-8 per 1000 units.
CRITERION = 1e-11
# Of a standard error: what no reader of the estimate could notice.
FIXEF_PER_SE = 1e-6
SE = 1e-6
VCOV = 1e-6
SIGMA = 1e-6
# Of the sd of the term.
VARCORR = 1e-6
CORRELATION = 1e-6  # absolute
RANEF_PER_SD = 1e-6
# theta is what a flat criterion determines least; absolute, as theta is about 1.
THETA = 1e-6
# Parts of the criterion at the optimum: as theta, times a few.
DEVCOMP = 3e-6
# Of sigma.
FITTED_PER_SIGMA = 1e-6
# lme4's profile is interpolated between grid points; of the standard error.
PROFILE_PER_SE = 1e-3
WALD_PER_SE = 1e-6
ICC = 1e-6
# lmerTest's Hessian is numeric; relative. See the README of the references.
DF = 1e-4
T_VALUE = 1e-6
# lmerTest sets small entries of its contrasts to zero, which costs it 7 digits.
F_VALUE = 1e-6
# A tail: its relative error is that of the statistic and the df, times many.
P_VALUE = 1e-4
