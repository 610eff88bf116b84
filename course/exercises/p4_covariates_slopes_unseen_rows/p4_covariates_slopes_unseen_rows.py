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
# # p4 · Covariates, slopes, unseen rows
#
# *Five exercises, about 45 minutes, to practise
# [Lesson 13](../../notebooks/13_cluster_level_covariates.ipynb) and
# [Lesson 14](../../notebooks/14_summary.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points. Don't round: keep all digits.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import mmcourse as mm
from mmcourse.checks import levels as check

# %% [markdown]
# ## Cakes
#
# Chocolate cakes by three recipes. Of each recipe 15 batters were made, and of each batter
# six cakes, one for each oven temperature (`temp`, °F). A cake is bent until it breaks:
# `angle`, in degrees. Each line of the picture is a batter.

# %% nbgrader={"grade": false, "grade_id": "cakes", "locked": true, "schema_version": 3, "solution": false, "task": false} alt="Three panels, recipes A, B and C, each with 15 zigzag lines of the breaking angle against temperature from 175 to 225. In all three most lines lie between 20 and 40 degrees and rise a little; one to three lie above the others at nearly all temperatures."
cakes = mm.load("cake")
cakes["batter"] = cakes["recipe"].astype(str) + cakes["replicate"].astype(str)
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), sharey=True, layout="constrained")
for ax, (recipe, some) in zip(axes, cakes.groupby("recipe"), strict=True):
    ax.plot(some.pivot(index="temp", columns="batter", values="angle"), color="0.5")
    ax.set(xlabel="temp (°F)", xticks=[175, 200, 225], title=f"recipe {recipe}")
_ = axes[0].set_ylabel("angle (degrees)")

# %% [markdown]
# ## Exercise 1 ★ predict
#
# Batters have random intercepts. Answer before you fit anything.
#
# - `temp_explains`: which sd can become smaller when `temp` enters the model, that of the
#   `"batter"` or the `"residual"` one?
# - `batter_sd`: recipes hardly differ, as the picture shows. When `recipe` enters as
#   well, what is true of the batter sd: it `"must fall"`, `"may rise"` or `"can't move"`?
# - `better_for`: the mixed model and a regression with the same fixed part predict cakes
#   that neither has seen. Who is better served by the mixed model: `"known"` batters,
#   `"new"` ones or `"both"`?

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
temp_explains = ...
batter_sd = ...
better_for = ...
### BEGIN SOLUTION
temp_explains = "residual"
batter_sd = "may rise"
better_for = "known"
formulas = ["1", "temp", "temp + recipe"]
fits = {f: mm.lmer(f"angle ~ {f} + (1 | batter)", data=cakes) for f in formulas}
sds = pd.DataFrame({f: m.var_corr()["sd"] for f, m in fits.items()})
# The batter sd rose with `temp`, too: batter means scatter as before, and less of that
# is due to single cakes.
sds.set_axis(["batter sd", "residual sd"]).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predictions", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.predictions(temp_explains, batter_sd, better_for)

# %% [markdown]
# ## Exercise 2 ★ compute
#
# **2a.** Fit the model of `angle` with a straight line for `temp`, a shift for each
# `recipe`, and a level of its own for each `batter`.

# %% nbgrader={"grade": false, "grade_id": "recipe_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
recipe_fit = ...
### BEGIN SOLUTION
recipe_fit = mm.lmer("angle ~ temp + recipe + (1 | batter)", data=cakes)
effects = mm.extract_fixed_effects(recipe_fit, p_value="satterthwaite")
shown = effects[["term", "value", "se", "t", "df", "p_value"]].round(3)
shown.assign(p_value=shown["p_value"].where(shown["p_value"] >= 0.001, "<0.001"))
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_recipe_fit", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.recipes(recipe_fit)

# %% [markdown]
# **2b.** The difference of two recipes has a standard error of 2.46 degrees. It is a
# difference of two means, each of 15 batters with six cakes. What would the standard error
# be if both sds stayed as they are, and there were
#
# - `se_batters`: four times as many batters of each recipe, with six cakes each;
# - `se_cakes`: 15 batters of each recipe, with four times as many cakes each?

# %% nbgrader={"grade": false, "grade_id": "plans", "locked": false, "schema_version": 3, "solution": true, "task": false}
se_batters = ...
se_cakes = ...
### BEGIN SOLUTION
between, within = recipe_fit.var_corr()["variance"]
plans = pd.DataFrame({"batters": [15, 60, 15], "cakes": [6, 6, 24]})
variance_of_mean = (between + within / plans["cakes"]) / plans["batters"]
plans["se"] = np.sqrt(2 * variance_of_mean)
se_batters, se_cakes = plans["se"].iloc[1:]
plans.round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_plans", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.plans(se_batters, se_cakes)

# %% [markdown]
# ## Typists
#
# Fifty typists typed 8 to 14 texts each. Of each text we know the `speed` (words per
# minute) and the `errors` (in 1000 words). The data are made up. In the picture each text
# is a dot; a line is a regression of one typist's texts.

# %% nbgrader={"grade": false, "grade_id": "texts", "locked": true, "schema_version": 3, "solution": false, "task": false} alt="Cloud of dots, errors against speed from 30 to 100 words per minute, falling from upper left to lower right. Fifty short lines, one a typist: most rise, some steeply, a few fall."
texts = check.texts()
one_slope = mm.lmer("errors ~ speed + (1 | typist)", data=texts)
fig, ax = plt.subplots(figsize=(6.6, 3.8))
ax.plot(texts["speed"], texts["errors"], ".", color="0.7", markersize=3)
for _, own_texts in texts.groupby("typist"):
    ends = own_texts["speed"].agg(["min", "max"])
    line = np.polyfit(own_texts["speed"], own_texts["errors"], 1)
    ax.plot(ends, np.polyval(line, ends), color="0.3", linewidth=1)
ax.set(xlabel="speed (words per minute)", ylabel="errors (in 1000 words)")
mm.extract_fixed_effects(one_slope, p_value=None).round(3)

# %% [markdown]
# ## Exercise 3 ★★★ change
#
# **3a.** `one_slope` finds 0.37 errors more for each word per minute; the cloud falls.
# Change the model so that it has one slope for texts of the same typist and another one for
# typists: add the columns `usual`, the mean speed of the typist, and `own`, the distance
# of a text from it, to `texts`. Intercepts vary, slopes not yet.

# %% nbgrader={"grade": false, "grade_id": "two_slopes", "locked": false, "schema_version": 3, "solution": true, "task": false}
two_slopes = ...
### BEGIN SOLUTION
texts["usual"] = texts.groupby("typist")["speed"].transform("mean")
texts["own"] = texts["speed"] - texts["usual"]
two_slopes = mm.lmer("errors ~ own + usual + (1 | typist)", data=texts)
fits = {"one slope": one_slope, "two slopes": two_slopes}
found = pd.DataFrame({name: m.fixef for name, m in fits.items()}).T
found["typist sd"] = [m.var_corr()["sd"].iloc[0] for m in fits.values()]
found.round(3).astype(object).fillna("")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_two_slopes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.two_slopes(two_slopes)

# %% [markdown]
# **3b.** How many errors more (negative: fewer) does your model expect
#
# - `faster_text`: in a typist's text that is typed 10 words per minute faster than another
#   one of the same typist,
# - `faster_typist`: of a typist whose usual speed is 10 words per minute above that of
#   another one, when both type at their usual speed,
# - `same_speed`: of the same faster typist, when both type at the *same* speed?

# %% nbgrader={"grade": false, "grade_id": "faster", "locked": false, "schema_version": 3, "solution": true, "task": false}
faster_text = ...
faster_typist = ...
same_speed = ...
### BEGIN SOLUTION
faster_text = 10 * two_slopes.fixef["own"]
faster_typist = 10 * two_slopes.fixef["usual"]
same_speed = faster_typist - faster_text  # the contextual effect
found = [faster_text, faster_typist, same_speed]
names = ["faster text", "faster typist", "same speed"]
pd.Series(found, names, name="errors").round(2).to_frame().T
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_faster", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.faster(faster_text, faster_typist, same_speed)

# %% [markdown]
# **3c.** Some lines of the picture fall. Let the slope of `own` vary between typists, too
# (`slopes_vary`). By this model, what share of all typists, also of those not in the data,
# make *fewer* errors when they type faster than usual (`share_below`)?

# %% nbgrader={"grade": false, "grade_id": "slopes_vary", "locked": false, "schema_version": 3, "solution": true, "task": false}
slopes_vary = ...
share_below = ...
### BEGIN SOLUTION
slopes_vary = mm.lmer("errors ~ own + usual + (1 + own | typist)", data=texts)
mean_slope, sd_slope = slopes_vary.fixef["own"], slopes_vary.var_corr()["sd"].iloc[1]
share_below = stats.norm.cdf(0, mean_slope, sd_slope)
separate = mm.lm_list("errors ~ own | typist", texts).coef["own"]
shares = {
    "model": share_below,
    "fitted slopes": (slopes_vary.coef()["typist"]["own"] < 0).mean(),
    "separate lines": (separate < 0).mean(),
}
pd.Series(shares, name="share below 0").map("{:.3f}".format).to_frame().T
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_slopes_vary", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.slopes_vary(slopes_vary, share_below)

# %% [markdown]
# ## Exercise 4 ★★ compute
#
# **4a.** Judge a model by rows that it has not seen. Write the function: it fits `formula`
# with `mm.lmer` to the rows that are not hidden, predicts the `outcome` of the hidden ones,
# and returns the root mean square error (RMSE). A group that has no other rows is predicted
# by the average line. It will also be tried with other data.

# %% nbgrader={"grade": false, "grade_id": "hidden_rows", "locked": true, "schema_version": 3, "solution": false, "task": false}
is_last = ~texts.duplicated("typist", keep="last")  # one text of each typist
is_new = texts["typist"] > 40  # all texts of the last ten typists
pd.Series({"is_last": is_last.sum(), "is_new": is_new.sum()}, name="rows").to_frame().T


# %% nbgrader={"grade": false, "grade_id": "error_unseen", "locked": false, "schema_version": 3, "solution": true, "task": false}
def error_unseen(formula, outcome, data, is_hidden):
    """RMSE of the outcome, in its unit, for rows that are hidden from the fit."""
    ### BEGIN SOLUTION
    model = mm.lmer(formula, data=data[~is_hidden])
    hidden = data[is_hidden]
    missed = hidden[outcome] - model.predict(hidden, allow_new_levels=True)
    return np.sqrt(np.mean(missed**2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_error_unseen", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.error(error_unseen)

# %% nbgrader={"grade": true, "grade_id": "unseen_error_unseen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other data. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_error(error_unseen)
### END HIDDEN TESTS

# %% [markdown]
# **4b.** Which step helps whom? By how many per cent does the RMSE fall (with
# the columns of 3a, made from all texts)
#
# - `new_typists`: from `one_slope` to the model of 3a, when rows `is_new` are hidden,
# - `last_texts`: from the model of 3a to that of 3c, when rows `is_last` are hidden?

# %% nbgrader={"grade": false, "grade_id": "saved", "locked": false, "schema_version": 3, "solution": true, "task": false}
new_typists = ...
last_texts = ...
### BEGIN SOLUTION
formulas = {
    "one slope": "errors ~ speed + (1 | typist)",
    "two slopes": "errors ~ own + usual + (1 | typist)",
    "slopes vary": "errors ~ own + usual + (1 + own | typist)",
}
errors = pd.DataFrame(
    {
        name: [error_unseen(f, "errors", texts, rows) for rows in (is_new, is_last)]
        for name, f in formulas.items()
    },
    index=["new typists", "last texts"],
)
new_typists = 100 * (1 - errors["two slopes"] / errors["one slope"]).iloc[0]
last_texts = 100 * (1 - errors["slopes vary"] / errors["two slopes"]).iloc[1]
errors.round(2)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_saved", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.saved(new_typists, last_texts)

# %% [markdown]
# ## Exercise 5 ★★ explain
#
# A manager looks at `one_slope`: "Speed makes errors. I shall hire slow typists." In at
# most 80 words: what is wrong with that? What do the data say about typists, what about
# texts, and for whom is even that not true?

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# `one_slope` is close to the slope *within* typists: a text typed 10 words per minute
# faster has about 4 errors more. That is advice about texts. Hiring compares typists, and
# there it is reversed: a typist who is 10 words faster makes 6 errors fewer. Slopes within
# differ, with an sd of 0.35 around 0.41; one typist in eight makes fewer errors when
# hurrying. And nobody assigned the speeds, so causes stay open.
#
# *Rubric.* 1 point: the one slope is nearly that within typists. 2 points: both slopes, in
# words and with their sign. 1 point: slopes differ between typists, some are below 0.
# <!-- END SOLUTION -->
