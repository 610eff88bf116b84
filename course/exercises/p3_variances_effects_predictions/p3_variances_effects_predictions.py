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
# # p3 · Variances, effects, predictions
#
# *Five exercises, about 40 minutes, to practise
# [Lesson 10](../../notebooks/10_variance_components.ipynb),
# [Lesson 11](../../notebooks/11_random_effects.ipynb) and
# [Lesson 12](../../notebooks/12_prediction.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import pandas as pd

import mmcourse as mm
from mmcourse.checks import casks as check

# %% [markdown]
# ## The data
#
# A paste is delivered in casks. Of each of 30 casks (`sample`) the `strength` was
# measured twice. (Which cask came with which delivery we leave aside here.)

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
pastes = mm.load("pastes")
pastes[["sample", "strength"]].head(6)

# %% [markdown]
# In the picture the casks are sorted by their mean. A bar joins the two measurements of a
# cask, which are equal sometimes.

# %% nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false} alt="Thirty casks sorted by their mean strength, from about 54 to 66. Each is two dots joined by a bar; most bars are shorter than two units, some have no length. A dashed line marks the mean of all, 60."
casks = pastes.groupby("sample", observed=True)["strength"].agg(["min", "mean", "max"])
casks = casks.sort_values("mean")
fig, ax = plt.subplots(figsize=(6.6, 3.4))
ax.vlines(range(30), casks["min"], casks["max"], color="0.4", linewidth=2)
ax.plot(range(30), casks[["min", "max"]], "o", color="0.4", markersize=4)
ax.axhline(pastes["strength"].mean(), color="0.4", linestyle="--", linewidth=1)
_ = ax.set(xlabel="cask (sorted)", ylabel="strength", xticks=[])

# %% [markdown]
# ## Exercise 1 ★ predict
#
# Answer from the picture, before you fit anything.
#
# - `share`: is the casks' share of the variance `"below"` or `"above"` one half?
# - `effects_keep`: of six grades a student's effect kept 87 % of the student's distance
#   from the line. Do the effects of casks keep `"less"`, the `"same"` or `"more"` of it?
# - `new_interval`: is an interval for a measurement of a new cask `"narrower"`, the `"same"`
#   or `"wider"` than one for a further measurement of a cask that we know?

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
share = ...
effects_keep = ...
new_interval = ...
### BEGIN SOLUTION
share = "above"
effects_keep = "more"
new_interval = "wider"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predictions", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.predictions(share, effects_keep, new_interval)

# %% [markdown]
# ## Exercise 2 ★ compute
#
# **2a.** Fit a model of `strength` in which nothing is fixed but the overall mean, and each
# `sample` has a random intercept. Keep it as `cask_fit`.

# %% nbgrader={"grade": false, "grade_id": "cask_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
cask_fit = ...
### BEGIN SOLUTION
cask_fit = mm.lmer("strength ~ 1 + (1 | sample)", data=pastes)
mm.extract_vc(cask_fit).round(3).fillna("")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_cask_fit", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.random_intercepts(cask_fit)

# %% [markdown]
# **2b.** By this model, what is the correlation `r` of two measurements of one cask?

# %% nbgrader={"grade": false, "grade_id": "r", "locked": false, "schema_version": 3, "solution": true, "task": false}
r = ...
### BEGIN SOLUTION
between, within = cask_fit.var_corr()["variance"]
r = between / (between + within)
mm.icc(cask_fit).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_r", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.correlation(r)

# %% [markdown]
# ## Exercise 3 ★★ compute
#
# **3a.** A group was measured `n` times; groups differ with sd `tau`, measurements of a
# group with sd `sigma`. Which share of the distance of its mean does its random effect
# keep? Write the function. It will also be tried with numbers that you don't see here.


# %% nbgrader={"grade": false, "grade_id": "kept", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kept(n, tau, sigma):
    """Share of a group's distance from the mean that is kept, 0 to 1."""
    ### BEGIN SOLUTION
    return tau**2 / (tau**2 + sigma**2 / n)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_kept", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.share_kept(kept)

# %% nbgrader={"grade": true, "grade_id": "unseen_kept", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other numbers. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_share(kept)
### END HIDDEN TESTS

# %% [markdown]
# **3b.** Cask `"E:b"` has the lowest mean. How far is it from the mean of all measurements
# (`level`, negative when below), and what is its random effect (`effect`)?

# %% nbgrader={"grade": false, "grade_id": "one_cask", "locked": false, "schema_version": 3, "solution": true, "task": false}
level = ...
effect = ...
### BEGIN SOLUTION
level = casks.loc["E:b", "mean"] - pastes["strength"].mean()
effect = level * kept(2, between**0.5, within**0.5)
effects = mm.extract_random_effects(cask_fit).set_index("group")
effects.loc[["E:b"], ["value", "se", "lower_2.5", "upper_97.5"]].round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_one_cask", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.one_cask(level, effect)

# %% [markdown]
# ## Exercise 4 ★★★ change
#
# **4a.** Which strength do you expect of a third measurement of cask `"E:b"`
# (`next_known`), and which of one measurement of a new cask (`next_new`)?

# %% nbgrader={"grade": false, "grade_id": "known_and_new", "locked": false, "schema_version": 3, "solution": true, "task": false}
next_known = ...
next_new = ...
### BEGIN SOLUTION
two = pd.DataFrame({"sample": ["E:b", "new"]})
next_known, next_new = cask_fit.predict(two, allow_new_levels=True)
cask_fit.predict(two, allow_new_levels=True, se=True).set_index(two["sample"]).round(3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_known_and_new", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.known_and_new(next_known, next_new)

# %% [markdown]
# **4b.** Somebody predicts one measurement of a new cask, with an 80 % interval:
#
# ```python
# new_cask = pd.DataFrame({"sample": ["new"]})
# mm.predict_interval(cask_fit, new_cask, n_sims=20_000, seed=3)
# ```
#
# It comes out 2.7 wide. Casks differ by more than that, so it can't be right. Change the
# call, or do it by hand, and keep the `width` of the interval, upper minus lower end.

# %% nbgrader={"grade": false, "grade_id": "width", "locked": false, "schema_version": 3, "solution": true, "task": false}
width = ...
### BEGIN SOLUTION
settings = {"n_sims": 20_000, "seed": 3}
new_cask = pd.DataFrame({"sample": ["new"]})
both = pd.concat(
    {
        choice: mm.predict_interval(cask_fit, new_cask, new_levels=choice, **settings)
        for choice in ("zero", "draw")
    }
).droplevel(1)
width = (both["upr"] - both["lwr"])["draw"]
both.assign(width=both["upr"] - both["lwr"]).round(1)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_width", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.new_width(width)

# %% [markdown]
# ## Exercise 5 ★★ explain
#
# In at most 80 words: what does `r` say about a second measurement of a cask? And why is so
# much known about a cask that was measured, and so little about a new one?

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# 94 % of the variance lies between casks: measurements of one cask agree, so a second one
# tells little that is new. Casks differ with an sd of 3.2, measurements of one by 0.8. Two of
# them fix the level of a cask to about 0.6; that is why its effect keeps 97 % of the
# distance. A new cask may lie anywhere in the spread of casks, and no number of
# measurements of *other* casks makes that smaller.
#
# *Rubric.* 1 point: what the correlation, or the share, means for a second measurement.
# 1 point: a measured cask: small residual sd, hence its level is known. 1 point: a new
# cask: the whole sd between casks stays open.
# <!-- END SOLUTION -->
