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
# # 22 · Simulating a mixed model
#
# *Five exercises, about 90 minutes. You need
# [Lesson 05](../../notebooks/05_the_mixed_model.ipynb),
# [Lesson 09](../../notebooks/09_running_a_mixed_model.ipynb),
# [Lesson 10](../../notebooks/10_variance_components.ipynb) and
# [Lesson 11](../../notebooks/11_random_effects.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

import mmcourse as mm
from mmcourse.checks import simulating as check

# %% [markdown] tags=["R81"]
# ## The model
#
# Who simulates knows the truth, and can see what a model makes of it. Ours is
#
# $$y = 2 + 0.5\,x + u_\text{group} + e$$
#
# for 100 groups of 3 rows. Each group has one $u$, drawn from a normal distribution with
# mean 0 and standard deviation (sd) 0.5. Each row has an $e$ of its own, with sd 0.25, and
# an $x$, which is standard normal.

# %% [markdown] tags=["R82"]
# ## Exercise 1 ★ predict
#
# **1a.** Which part of a mixed model does each piece belong to? Say of each:
#
# - `"fixed"`: it belongs to the line, which is the same for all groups and all studies,
# - `"random"`: to the model it is a draw; what is estimated is how such draws spread,
# - `"grouping"`: it says which rows belong together, and nothing else.

# %% nbgrader={"grade": false, "grade_id": "parts", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R82"]
part_of = {"2": ..., "0.5": ..., "x": ..., "u": ..., "e": ..., "groups": ...}
### BEGIN SOLUTION
part_of = {
    "2": "fixed",
    "0.5": "fixed",
    "x": "fixed",
    "u": "random",
    "e": "random",
    "groups": "grouping",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_parts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.parts(part_of)

# %% [markdown]
# **1b.** Guess before you simulate; you will see later. A model has four parameters here:
# `"intercept"`, `"slope"`, `"sd_u"` and `"sd_e"`, each with a 95 % interval.
#
# - `factor_50`: with 50 groups in place of 100, how many times as wide are the intervals
#   on average? 1, 1.4, 2 or 4.
# - `hardly_narrower`: with 10 rows in each of 100 groups, in place of 3, which intervals
#   get hardly narrower? A list of names.

# %% nbgrader={"grade": false, "grade_id": "guesses", "locked": false, "schema_version": 3, "solution": true, "task": false}
factor_50 = ...
hardly_narrower = ...
### BEGIN SOLUTION
factor_50 = 1.4
hardly_narrower = ["sd_u", "intercept"]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_guesses", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.guesses(factor_50, hardly_narrower)

# %% [markdown] tags=["R81"]
# ## Exercise 2 ★★★ compute
#
# **2a.** Write the function. It returns a DataFrame with a row for each observation and
# columns `x`, `y` and `groups`, the labels. The line is always $2 + 0.5\,x$. The same seed
# gives the same rows again.
#
# With `mm.r_random.set_seed(seed)` and then `mm.r_random.rnorm(n, 0, sd)` you get the
# numbers that R draws. NumPy's generators do as well here; they draw other numbers.


# %% nbgrader={"grade": false, "grade_id": "simulate_ri", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R81"]
def simulate_ri(n_groups, n_per, sd_u, sd_e, seed):
    """Simulate n_groups groups of n_per rows; u has sd_u, e has sd_e."""
    ### BEGIN SOLUTION
    mm.r_random.set_seed(seed)
    u = mm.r_random.rnorm(n_groups, 0, sd_u)
    e = mm.r_random.rnorm(n_groups * n_per, 0, sd_e)
    x = mm.r_random.rnorm(n_groups * n_per)
    group = np.repeat(np.arange(n_groups), n_per)
    y = 2 + 0.5 * x + u[group] + e
    return pd.DataFrame({"x": x, "y": y, "groups": group + 1})
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_simulate_ri", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.simulation(simulate_ri)

# %% nbgrader={"grade": true, "grade_id": "unseen_simulate_ri", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other sizes and seeds. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_simulation(simulate_ri)
### END HIDDEN TESTS

# %% [markdown] tags=["R81"]
# **2b.** Make the rows of the text, M. Clark's *Mixed Models with R*, and keep them as
# `data`. With seed 1234, R's generator, and $u$ drawn first, then $e$, then $x$, they are
# those that R makes.

# %% nbgrader={"grade": false, "grade_id": "data", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R81"]
data = ...
### BEGIN SOLUTION
data = simulate_ri(100, 3, 0.5, 0.25, seed=1234)
data.head(3).round(6)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_data", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.rows(data)

# %% [markdown]
# So that nobody is stuck: the package has such a function too, and `given` holds these
# rows. Below, use your own function and rows or these, as you like. Checks judge the rows
# that you used.

# %% nbgrader={"grade": false, "grade_id": "given", "locked": true, "schema_version": 3, "solution": false, "task": false}
given = mm.simulate_random_intercepts(100, 3, 0.5, 0.25, seed=1234)

# %% [markdown] tags=["R83"]
# **2c.** Fit the model that the rows come from, and look at its summary: `fit`. Keep 95 %
# profile intervals of its parameters, as the method of the model gives them: `ci`.

# %% nbgrader={"grade": false, "grade_id": "fit", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R83"]
fit = ...
ci = ...
### BEGIN SOLUTION
fit = mm.lmer("y ~ x + (1 | groups)", data=data)
ci = fit.confint()
fit.summary()
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_fit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.base_fit(fit, ci)

# %% [markdown] tags=["R83", "R84"]
# **2d.** Draw a scatter plot of the rows, `x` across and `y` upwards, both axes labelled,
# and keep its axes as `ax_xy`. Which intervals of `ci` contain the truth? `inside` holds
# the names of their rows in `ci`.

# %% nbgrader={"grade": false, "grade_id": "first_look", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R83", "R84"] alt="A cloud of 300 blue dots, x from about -3 to 3 across and y from about 0 to 4 upwards, which rises from left to right."
ax_xy = ...
inside = ...
### BEGIN SOLUTION
ax_xy = data.plot.scatter("x", "y", s=12)
truth = pd.Series([0.5, 0.25, 2, 0.5], index=ci.index)
inside = ci.index[(ci["lower"] < truth) & (truth < ci["upper"])]
ci.assign(truth=truth, width=ci["upper"] - ci["lower"]).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_first_look", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.first_look(ax_xy, inside, fit)

# %% [markdown] tags=["R85"]
# ## Exercise 3 ★★ change
#
# **Step 3.0: as it is.** Three answers.
#
# - `icc_0`: the intraclass correlation (ICC) that `fit` estimates,
# - `effects`: the estimated random effects of the 100 groups, a Series or an array,
# - `ax_0`: the axes of a density of these effects, whose horizontal axis goes from -3 to
#   3, both axes labelled. seaborn's `kdeplot` draws one; as `x` it takes a column, not a
#   table.

# %% nbgrader={"grade": false, "grade_id": "as_it_is", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R85"] alt="One curve over -3 to 3, highest just below 0, with a shoulder near 1, and all of it between -1.6 and 1.8."
icc_0 = ...
effects = ...
ax_0 = ...
### BEGIN SOLUTION
icc_0 = mm.icc(fit)["icc"].iloc[0]
effects = fit.ranef()["groups"]["Intercept"]
_, ax_0 = plt.subplots(figsize=(5, 2.5))
sns.kdeplot(x=effects, ax=ax_0)
ax_0.set(xlim=(-3, 3), xlabel="effect of the group on y", ylabel="density")
u = np.array(given.attrs["u"])  # unknown in real data
sd_of_effects, sd_of_u = effects.std(), u.std(ddof=1)
correlation = np.corrcoef(effects, u)[0, 1]
pd.Series({"sd of effects": sd_of_effects, "sd of u": sd_of_u, "corr": correlation})
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_as_it_is", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.as_it_is(icc_0, effects, ax_0, fit)

# %% [markdown] tags=["R86"]
# **Step 3.1: other spreads.** Choose another sd of $u$, or of $e$, or of both: `sd_u_1`
# and `sd_e_1`. Say first what the ICC of such data is: `true_icc_1`. Then simulate and fit
# `fit_1`, and keep the ICC that it estimates, `icc_1`, and the axes of the density of its
# effects, `ax_1`, drawn as in step 3.0. Try several pairs, and keep one.

# %% nbgrader={"grade": false, "grade_id": "other_spreads", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R86"] alt="One curve over -3 to 3, half as high as the one of step 3.0 and twice as wide: it just reaches both ends."
sd_u_1, sd_e_1 = ..., ...
true_icc_1 = ...
fit_1 = ...
icc_1 = ...
ax_1 = ...
### BEGIN SOLUTION
pairs = {"u 0.1, e 1": (0.1, 1), "e 1": (0.5, 1), "u 1": (1, 0.25)}
found, tried = {}, {}
for pair, (sd_u_1, sd_e_1) in pairs.items():
    true_icc_1 = sd_u_1**2 / (sd_u_1**2 + sd_e_1**2)
    fit_1 = mm.lmer("y ~ x + (1 | groups)", simulate_ri(100, 3, sd_u_1, sd_e_1, 1234))
    icc_1 = mm.icc(fit_1)["icc"].iloc[0]
    effects_1 = fit_1.ranef()["groups"]["Intercept"]
    corr = np.corrcoef(effects_1, sd_u_1 / 0.5 * u)[0, 1]
    tried[pair] = fit_1
    found[pair] = [true_icc_1, icc_1, effects_1.std(), corr]
_, ax_1 = plt.subplots(figsize=(5, 2.5))
sns.kdeplot(x=effects_1, ax=ax_1)
ax_1.set(xlim=(-3, 3), xlabel="effect of the group on y", ylabel="density")
spreads = pd.DataFrame(found, ["true ICC", "ICC", "sd of effects", "corr with u"]).T
spreads.round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_other_spreads", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.other_spreads(sd_u_1, sd_e_1, true_icc_1, fit_1, icc_1, ax_1)

# %% [markdown] tags=["R87"]
# **Step 3.2: fewer groups.** Set the sds back. Simulate 50 groups of 3 rows and fit
# `fit_2`. Then compare: `widths_2` is a table with the rows of `confint` and two columns,
# `base` and `fewer_groups`, which hold how wide the intervals of `fit` and `fit_2` are.

# %% nbgrader={"grade": false, "grade_id": "fewer_groups", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R87"]
fit_2 = ...
widths_2 = ...
### BEGIN SOLUTION
fit_2 = mm.lmer("y ~ x + (1 | groups)", data=simulate_ri(50, 3, 0.5, 0.25, 1234))
ci_2 = fit_2.confint()
widths_2 = pd.DataFrame(
    {"base": ci["upper"] - ci["lower"], "fewer_groups": ci_2["upper"] - ci_2["lower"]}
)
widths_2.assign(times=widths_2["fewer_groups"] / widths_2["base"]).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_fewer_groups", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.fewer_groups(fit_2, widths_2, fit)

# %% [markdown] tags=["R88"]
# **Step 3.3: more rows.** Now 100 groups of 10 rows: `fit_3`, and `widths_3` with the
# columns `base` and `more_rows`.

# %% nbgrader={"grade": false, "grade_id": "longer_groups", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R88"]
fit_3 = ...
widths_3 = ...
### BEGIN SOLUTION
fit_3 = mm.lmer("y ~ x + (1 | groups)", data=simulate_ri(100, 10, 0.5, 0.25, 1234))
ci_3 = fit_3.confint()
widths_3 = widths_2[["base"]].assign(more_rows=ci_3["upper"] - ci_3["lower"])
widths_3.assign(times=widths_3["more_rows"] / widths_3["base"]).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_longer_groups", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.longer_groups(fit_3, widths_3, fit)

# %% [markdown]
# ## Exercise 4 ★★ compute
#
# One seed is one study. Do step 3.2 for the seeds 1 to 40, and keep the intervals of the
# intercept: `many` has 40 rows and the columns `lower` and `upper`. How many contain 2?
# Would you say that the estimate is biased, `True` or `False`? Keep it as `biased`.

# %% nbgrader={"grade": false, "grade_id": "many", "locked": false, "schema_version": 3, "solution": true, "task": false}
many = ...
biased = ...
### BEGIN SOLUTION
designs = {"base": (100, 3), "fewer groups": (50, 3), "more rows": (100, 10)}
intervals = {}
for design, size in designs.items():
    for seed in range(1, 41):
        one = simulate_ri(*size, 0.5, 0.25, seed)
        fitted = mm.lmer("y ~ x + (1 | groups)", data=one)
        intervals[design, seed] = fitted.confint().rename_axis("parameter")
everything = pd.concat(intervals, names=["design", "seed"])
many = everything.loc["fewer groups"].xs("Intercept", level="parameter")
biased = False
width = everything["upper"] - everything["lower"]
average = width.groupby(["design", "parameter"]).mean().unstack()
intercepts = everything.xs("Intercept", level="parameter").assign(
    contain_2=lambda table: (table["lower"] < 2) & (table["upper"] > 2),
    middle=lambda table: (table["lower"] + table["upper"]) / 2,
)
of_intercepts = intercepts.groupby("design").agg({"contain_2": "sum", "middle": "mean"})
average.join(of_intercepts).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_many", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.many_seeds(many, biased)

# %% [markdown] tags=["R84", "R89"]
# ## Exercise 5 ★★ explain
#
# **5a.** Is what `fit` says in keeping with what you expected? Then name for each of the
# steps 3.1 to 3.3 at least one thing that changed, with its numbers. Which intervals do
# more groups help, and which do more rows in the same groups? At most 120 words.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain_changes", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false} tags=["R84", "R89"]
# <!-- BEGIN SOLUTION -->
# Yes: all four intervals contain the truth, and the ICC is 0.79 (truth 0.80). Step 3.1:
# with sd 1 of $u$ the ICC rises to 0.94 and the density widens; with sd 1 of $e$ it falls
# to 0.16, and effects shrink to an sd of 0.26. Step 3.2: all intervals are about 1.4 times
# as wide. Step 3.3: those of $e$ (0.049 to 0.023) and slope halve; those of $u$ and
# intercept stay. Of groups, only more groups tell.
#
# *Rubric.* 1 point: estimates beside the truth, with intervals. 1 point: step 3.1, ICC or
# density, with numbers. 1 point: step 3.2, with numbers. 1 point: step 3.3, with numbers.
# 2 points: which intervals follow the number of groups and which the number of rows, and
# why.
# <!-- END SOLUTION -->

# %% [markdown] tags=["R84", "R89"]
# **5b.** Which intervals of step 3.2 contain the truth, with the rows that R makes (or with
# your own)? Someone who looks at nothing else says that 50 groups are too few for this
# model, since it is biased then. What do you answer? At most 80 words.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain_one_seed", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false} tags=["R89"]
# <!-- BEGIN SOLUTION -->
# With R's rows the intervals of intercept (1.66 to 1.94) and slope (0.39 to 0.49) both
# miss the truth, those of the sds contain it. But this is one seed. One interval in
# twenty misses when all is right, and a study may have bad luck twice. Over 40 seeds the
# intercept's intervals lie around 2, and 36 contain it: no bias. Fewer groups scatter
# more, and the wider intervals say so.
#
# *Rubric.* 2 points: with R's rows both miss the truth (with own rows: what they show).
# 2 points: one seed, so sampling error and not bias. Exercise 4 is good evidence, not
# needed for all points.
# <!-- END SOLUTION -->
