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
# # p2 · Looking and fitting
#
# *Five exercises, about 40 minutes, to practise
# [Lesson 06](../../notebooks/06_look_first.ipynb),
# [Lesson 07](../../notebooks/07_standard_regression_fitted.ipynb),
# [Lesson 08](../../notebooks/08_regression_by_cluster.ipynb) and
# [Lesson 09](../../notebooks/09_running_a_mixed_model.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points. Don't round: keep all digits.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

import mmcourse as mm
from mmcourse.checks import batters as check

# %% [markdown]
# ## The data
#
# 45 batters for chocolate cake were mixed, 15 by each of three recipes, and six cakes
# baked from each, at 175, 185, ..., 225 °F. Every cake was bent until it broke: `angle`, in
# degrees. `heat` counts the temperatures from 0 to 5. (Recipes we leave aside here.)

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
cakes = mm.load("cake")
cakes["batter"] = cakes["recipe"].astype(str) + cakes["replicate"].astype(str)
cakes["heat"] = (cakes["temp"] - 175) / 10
cakes[["batter", "temp", "heat", "angle"]].head(7)

# %% [markdown]
# In the picture a line joins the six cakes of a batter. Four batters, drawn at random, are
# dark. The red line is the regression over all 270 cakes.

# %% nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false} alt="Forty-five grey trajectories of the breaking angle over six temperatures, between 18 and 63 degrees, four of them dark, zigzagging at different heights. A red line rises from 28 to 36."
drawn = np.random.default_rng(2).choice(cakes["batter"].unique(), 4, replace=False)
ax = mm.plot_trajectories(cakes, "heat", "angle", "batter", highlight=drawn)
_ = ax.set(xlabel="heat (steps of 10 °F above 175 °F)", ylabel="angle (degrees)")

# %% [markdown]
# ## Exercise 1 ★ predict
#
# Answer from the picture, before you compute anything.
#
# - `first_range`: at heat 0, is the range of the 45 angles `"smaller"` or `"larger"` than the
#   rise of the red line from heat 0 to 5?
# - `near_line`: how many batters stay within 3 degrees of the red line at all six
#   temperatures, `"few"`, about `"half"` of them, or `"most"`?
# - `less_sure`: a model in which each batter has a level of its own is less sure than the
#   regression of the `"intercept"`, of the `"slope"`, of `"both"` or of `"neither"`?

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
first_range = ...
near_line = ...
less_sure = ...
### BEGIN SOLUTION
first_range = "larger"
near_line = "few"
less_sure = "intercept"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predictions", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.predictions(first_range, near_line, less_sure)

# %% [markdown]
# ## Exercise 2 ★★ compute
#
# **2a.** Fit the red line: the ordinary regression of `angle` on `heat`. Keep the fitted
# model as `line`.

# %% nbgrader={"grade": false, "grade_id": "line", "locked": false, "schema_version": 3, "solution": true, "task": false}
line = ...
### BEGIN SOLUTION
line = smf.ols("angle ~ heat", data=cakes).fit()
pd.DataFrame({"estimate": line.params, "se": line.bse, "t": line.tvalues}).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_line", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.standard_regression(line)

# %% [markdown]
# **2b.** Write a function that counts how many groups have all their residuals on the same
# side of 0. It gets two columns, such as `line.resid` and `cakes["batter"]`. Groups may
# have any number of rows, and rows may stand in any order. It will also be tried with data
# that you don't see here.


# %% nbgrader={"grade": false, "grade_id": "one_sided", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_sided(residuals, groups):
    """Count the groups whose residuals all lie on the same side of 0."""
    ### BEGIN SOLUTION
    part_above = (residuals > 0).groupby(groups).mean()
    return part_above.isin([0, 1]).sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_one_sided", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.same_side(one_sided)

# %% nbgrader={"grade": true, "grade_id": "unseen_one_sided", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other data. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_same_side(one_sided)
### END HIDDEN TESTS

# %% [markdown]
# **2c.** How many of the 45 batters does it find for your `line` (`found`)? And how many would
# you expect if residuals had nothing to do with each other, each as likely above 0 as
# below (`by_chance`, with its decimals)?

# %% nbgrader={"grade": false, "grade_id": "sides", "locked": false, "schema_version": 3, "solution": true, "task": false}
found = ...
by_chance = ...
### BEGIN SOLUTION
found = one_sided(line.resid, cakes["batter"])
by_chance = 45 * 2 * 0.5**6
pd.Series({"found": found, "by_chance": by_chance}).round(1)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_sides", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.sides(found, by_chance)

# %% [markdown]
# ## Exercise 3 ★★ compute
#
# **3a.** Fit a line to each batter. How many of the 45 lines fall (`falling`)? And how many
# slopes have a 95 % interval that holds 0, so that one can't tell up from down (`unsure`)?
# Take the intervals of `confint`, which pool the residual sd.

# %% nbgrader={"grade": false, "grade_id": "own_lines", "locked": false, "schema_version": 3, "solution": true, "task": false}
falling = ...
unsure = ...
### BEGIN SOLUTION
separate = mm.lm_list("angle ~ heat | batter", data=cakes)
falling = (separate.coef["heat"] < 0).sum()
slopes = separate.confint().query("effect == 'heat'")
unsure = ((slopes["lower_2.5"] < 0) & (slopes["upper_97.5"] > 0)).sum()
pd.Series({"falling": falling, "unsure": unsure})
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_own_lines", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.own_lines(falling, unsure)

# %% [markdown]
# **3b.** Do batters differ in their slopes? Compare two standard deviations (sds): that of
# the 45 slopes (`sd_slopes`), and the one that such slopes would have by noise alone, if
# all batters had the same true slope (`sd_noise`). Take the residual sd that is pooled
# over the 45 lines.

# %% nbgrader={"grade": false, "grade_id": "spreads", "locked": false, "schema_version": 3, "solution": true, "task": false}
sd_slopes = ...
sd_noise = ...
### BEGIN SOLUTION
sd_slopes = separate.coef["heat"].std()
sd_noise = separate.sigma / np.sqrt(np.sum((np.arange(6) - 2.5) ** 2))
pd.Series({"sd_slopes": sd_slopes, "sd_noise": sd_noise}).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_spreads", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.spreads(sd_slopes, sd_noise)

# %% [markdown]
# ## Exercise 4 ★★★ change
#
# **4a.** Change the regression of 2a so that each batter has a level of its own, drawn at
# random, and all have one slope. Keep the fitted model as `batter_fit`.

# %% nbgrader={"grade": false, "grade_id": "batter_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
batter_fit = ...
### BEGIN SOLUTION
batter_fit = mm.lmer("angle ~ heat + (1 | batter)", data=cakes)
batter_fit
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_batter_fit", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.random_intercepts(batter_fit)

# %% [markdown]
# **4b.** Its intercept is the angle at 175 °F. Change `heat` so that the intercept becomes the
# angle at 200 °F, in the middle. Keep the intercept as `level`, and its standard error in
# the mixed model as `level_se`.

# %% nbgrader={"grade": false, "grade_id": "middle", "locked": false, "schema_version": 3, "solution": true, "task": false}
level = ...
level_se = ...
### BEGIN SOLUTION
centred = cakes.assign(heat=cakes["heat"] - 2.5)
middle_fit = mm.lmer("angle ~ heat + (1 | batter)", data=centred)
level, level_se = middle_fit.fixef["Intercept"], middle_fit.std_error["Intercept"]
middle_line = smf.ols("angle ~ heat", data=centred).fit()
ses = {
    "regression, from 175 °F": line.bse,
    "regression, from 200 °F": middle_line.bse,
    "mixed, from 175 °F": batter_fit.std_error,
    "mixed, from 200 °F": middle_fit.std_error,
}
pd.DataFrame(ses).T.add_prefix("se of ").round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_middle", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.middle(level, level_se)

# %% [markdown]
# **4c.** Somebody reports how far batters differ: "sd 6.34, 95 % interval 26.08 to 30.26". These
# limits, from `batter_fit.confint("beta_", method="wald")`, can't belong to that sd. Change
# the call, and keep the limits of the batters' sd as `sd_lower` and `sd_upper`.

# %% nbgrader={"grade": false, "grade_id": "limits", "locked": false, "schema_version": 3, "solution": true, "task": false}
sd_lower = ...
sd_upper = ...
### BEGIN SOLUTION
intervals = batter_fit.confint()
sd_lower, sd_upper = intervals.loc["sd_Intercept|batter"]
intervals.round(2)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_limits", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.limits(sd_lower, sd_upper)

# %% [markdown]
# ## Exercise 5 ★★ explain
#
# In at most 80 words: report the slope and the batters' sd, each with its interval and the
# kind of interval. Why is the mixed model surer of the slope than the regression? And which
# finding of exercise 3 supports that?

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# Each 10 °F adds 1.58 degrees (95 % Wald interval 1.26 to 1.90). Batters differ with an sd
# of 6.3 degrees (95 % profile interval 5.1 to 7.9). A batter's level lifts all six cakes alike
# and does not tilt the line; the regression counts it as noise, the mixed model does not:
# standard error 0.16, not 0.28. That holds if batters differ in level only. Their own slopes
# spread no more than noise explains: 1.08 against 1.09.
#
# *Rubric.* 1 point: the slope with its unit, interval and kind. 1 point: the sd, likewise.
# 1 point: levels shift lines and don't tilt them. 1 point: the spread of the slopes is that
# of noise, so one slope for all is in keeping with the data.
# <!-- END SOLUTION -->
