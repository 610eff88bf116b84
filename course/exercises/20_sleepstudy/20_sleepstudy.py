# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 20 · Sleep study
#
# *Five exercises, about 60 minutes. You need
# [Lesson 09](../../notebooks/09_running_a_mixed_model.ipynb),
# [Lesson 10](../../notebooks/10_variance_components.ipynb) and
# [Lesson 11](../../notebooks/11_random_effects.ipynb); exercise 4 also needs section 4 of
# [Lesson 14](../../notebooks/14_summary.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

import mmcourse as mm
from mmcourse.checks import sleepstudy as check

# %% [markdown] tags=["R75"]
# ## The data
#
# Eighteen people slept three hours a night. Each day they were tested many times;
# `Reaction` is the average reaction time of a day, in milliseconds (ms). Day 0 is the
# one after normal sleep. So there are ten rows for each `Subject`.

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["R75"]
sleep = mm.load_sleepstudy()
sleep.head(6).round(3)

# %% nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["R75"] alt="Eighteen grey lines of reaction time over the days 0 to 9, from about 200 to 470 ms, most of them rising. Two are bold: subject 337 rises steeply at the top, subject 309 stays flat at the bottom. A red line rises through the middle."
ax = mm.plot_trajectories(sleep, "Days", "Reaction", "Subject", highlight=[309, 337])
_ = ax.set(xlabel="days of deprivation", ylabel="reaction time (ms)")

# %% [markdown]
# *Aside.* Today's description of these data (help page of R's lme4) differs from the one
# above: days 0 and 1 were for adaptation and training, day 2 was the baseline, and the
# nights were cut short after it. The exercises keep all ten days, as the text does. When
# you are done, try `sleep[sleep["Days"] >= 2]` and see what changes.

# %% [markdown] tags=["R78"]
# ## Exercise 1 ★ predict
#
# You are going to fit an ordinary regression and a model with random intercepts, both
# with `Days` as the only covariate. Say beforehand, with `True` or `False`, what the
# mixed model will do in comparison:
#
# - `same_coefficients`: its intercept and slope are the same,
# - `slope_se_smaller`: the standard error of its slope is smaller,
# - `intercept_se_smaller`: the standard error of its intercept is smaller.

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
same_coefficients = ...
slope_se_smaller = ...
intercept_se_smaller = ...
### BEGIN SOLUTION
same_coefficients = True
slope_se_smaller = True
intercept_se_smaller = False
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predictions", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.predictions(same_coefficients, slope_se_smaller, intercept_se_smaller)

# %% [markdown] tags=["R76"]
# ## Exercise 2 ★ compute
#
# **2a.** Fit the regression of the reaction time on the number of days. Keep the fitted
# model as `lm_fit`.

# %% nbgrader={"grade": false, "grade_id": "lm_fit", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R76"]
lm_fit = ...
### BEGIN SOLUTION
lm_fit = smf.ols("Reaction ~ Days", data=sleep).fit()
table = pd.concat(
    [lm_fit.params, lm_fit.bse, lm_fit.tvalues, lm_fit.conf_int()], axis=1
)
table.set_axis(["estimate", "se", "t", "lower", "upper"], axis=1).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_lm_fit", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.standard_regression(lm_fit)

# %% [markdown] tags=["R77"]
# **2b.** Now let each subject have a level of their own: random intercepts, by REML. Keep
# the model as `ri_fit`.

# %% nbgrader={"grade": false, "grade_id": "ri_fit", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R77"]
ri_fit = ...
### BEGIN SOLUTION
ri_fit = mm.lmer("Reaction ~ Days + (1 | Subject)", data=sleep)
ri_fit.summary()
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_ri_fit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.random_intercepts(ri_fit)

# %% [markdown]
# **2c.** How sure are we of its four parameters? Keep 95 % *profile* intervals as `ci`, a
# table with a row for each parameter, as the method of the model gives it.

# %% nbgrader={"grade": false, "grade_id": "ci", "locked": false, "schema_version": 3, "solution": true, "task": false}
ci = ...
### BEGIN SOLUTION
ci = ri_fit.confint()
wald = ri_fit.confint(method="wald")
ci.join(wald.add_suffix(" (Wald)")).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_ci", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.intervals(ci)

# %% [markdown] tags=["R78"]
# ## Exercise 3 ★★ compute
#
# **3a.** How far is a typical subject from the common line, and how far is a single day
# from the line of its subject? Keep the two standard deviations, in ms, as `sd_subject`
# and `sd_residual`.

# %% nbgrader={"grade": false, "grade_id": "spreads", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R78"]
sd_subject = ...
sd_residual = ...
### BEGIN SOLUTION
sd_subject, sd_residual = mm.extract_vc(ri_fit, ci_level=0)["sd"]
mm.extract_vc(ri_fit).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_spreads", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.spreads(sd_subject, sd_residual)

# %% [markdown]
# **3b.** Which share of the variance around the line lies between groups? Write a
# function that answers this for any random-intercept model of `mm.lmer`. It will also be
# tried with models that you don't see here.


# %% nbgrader={"grade": false, "grade_id": "share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share(model):
    """Share of the variance around the line that lies between groups, 0 to 1."""
    ### BEGIN SOLUTION
    between, within = model.var_corr()["variance"]
    return between / (between + within)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_share", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.subject_share(share)

# %% nbgrader={"grade": true, "grade_id": "unseen_share", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other models. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_share(share)
### END HIDDEN TESTS

# %% [markdown] tags=["R78"]
# **3c.** Two questions about single subjects.
#
# - `stand_out`: the labels of all subjects whose random intercept has a 95 % interval that
#   does not contain 0. Take the interval of `extract_random_effects`.
# - `reaction_337`: the reaction time that `ri_fit` predicts for subject 337 on day 5.

# %% nbgrader={"grade": false, "grade_id": "subjects", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R78"]
stand_out = ...
reaction_337 = ...
### BEGIN SOLUTION
effects = mm.extract_random_effects(ri_fit)
outside = effects[(effects["lower_2.5"] > 0) | (effects["upper_97.5"] < 0)]
stand_out = list(outside["group"])
reaction_337 = ri_fit.predict(pd.DataFrame({"Days": [5], "Subject": [337]}))
outside.round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_subjects", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.subjects(stand_out, reaction_337)

# %% [markdown]
# ## Exercise 4 ★★★ change
#
# In the picture, subject 337 climbs and 309 does not. Change the model so that each
# subject has a slope of their own too, which may go together with their level: `rs_fit`.
# Then compare it with `ri_fit` by a likelihood-ratio test, and keep its statistic as
# `chisq`.

# %% nbgrader={"grade": false, "grade_id": "rs_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
rs_fit = ...
chisq = ...
### BEGIN SOLUTION
rs_fit = mm.lmer("Reaction ~ Days + (1 + Days | Subject)", data=sleep)
chisq = ri_fit.criterion - rs_fit.criterion
chisq_ml = mm.anova(ri_fit, rs_fit, refit=True)["chisq"].iloc[1]
rs_fit.var_corr().round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_rs_fit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.random_slopes(rs_fit, chisq)

# %% [markdown] tags=["R78"]
# ## Exercise 5 ★★ explain
#
# Explain `ri_fit` to somebody who knows regression, in at most 120 words: what the fixed
# effects say, what the two standard deviations say, what differs from `lm_fit` and why,
# and how sure one may be.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false} tags=["R78"]
# <!-- BEGIN SOLUTION -->
# After normal sleep reactions take about 251 ms; each day adds 10.5 ms (95 % interval
# 8.9 to 12.0). Subjects differ around this line by 37 ms, worth 3.5 days; single days by
# 31 ms: 59 % of the remaining variance is between subjects. The
# coefficients are the regression's, since all have the same days. Levels no longer count
# as noise: the slope's standard error falls (1.24 to 0.80), the intercept's rises (6.61
# to 9.75). Slopes may differ too.
#
# *Rubric.* 2 points: intercept and slope with their units. 2 points: what each standard
# deviation is about, and what the share means. 1 point: which standard errors move, and
# why. 1 point: an interval or standard error, no claim that data can't support, and that
# one slope for all is an assumption.
# <!-- END SOLUTION -->
