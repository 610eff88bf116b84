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
# # p1 · Practice: from structure to model
#
# *Five short exercises, about 45 minutes. You need Lessons
# [01](../../notebooks/01_mixed_models_and_their_names.ipynb) to
# [05](../../notebooks/05_the_mixed_model.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import pandas as pd

import mmcourse as mm
from mmcourse.checks import first_models as check

# %% [markdown]
# ## Exercise 1 ★ predict
#
# **1a.** How do the two kinds of group go together: `"nested"`, `"crossed"` or `"partly"`
# crossed?
#
# - `wines`: twelve judges taste the same twenty wines. Judges and wines.
# - `leaves`: three leaves of each of 40 trees are measured often. Trees and leaves.
# - `doctors`: patients come several times, to whichever of the town's doctors is free.
#   Patients and doctors.
# - `wards`: each of nine hospitals numbers its wards from 1 to 5. Hospitals and wards.

# %% nbgrader={"grade": false, "grade_id": "structures", "locked": false, "schema_version": 3, "solution": true, "task": false}
wines, leaves, doctors, wards = ..., ..., ..., ...
### BEGIN SOLUTION
wines, leaves, doctors, wards = "crossed", "nested", "partly", "nested"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_structures", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.structures(wines, leaves, doctors, wards)

# %% [markdown]
# **1b.** You are going to simulate a test score for 30 classes of 20 pupils each, by a
# model with random intercepts of classes and one score a pupil. How many random numbers
# does it take? Keep it as `n_draws`.

# %% nbgrader={"grade": false, "grade_id": "n_draws", "locked": false, "schema_version": 3, "solution": true, "task": false}
n_draws = ...
### BEGIN SOLUTION
n_draws = 30 + 30 * 20
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_n_draws", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.draws(n_draws)

# %% [markdown]
# ## Exercise 2 ★★ compute
#
# Lesson 01 splits the variance of the dyes by hand. Write a function that does so for any
# balanced table: it returns two numbers, the variance between groups and that within them.
# Where the subtraction gives less than 0, it returns 0 for the first. It will also be
# tried with data that you don't see here.

# %% nbgrader={"grade": false, "grade_id": "dyes", "locked": true, "schema_version": 3, "solution": false, "task": false}
dyes = mm.load("dyestuff")
dyes.head(3)


# %% nbgrader={"grade": false, "grade_id": "split_variance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_variance(data, outcome, group):
    """Split the variance of a column: between groups, within groups."""
    ### BEGIN SOLUTION
    groups = data.groupby(group)[outcome]
    n = len(data) / groups.ngroups
    within = groups.var().mean()
    between = (n * groups.mean().var() - within) / n
    return max(between, 0.0), within
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_split_variance", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.split(split_variance)

# %% nbgrader={"grade": true, "grade_id": "unseen_split_variance", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Here your function will be tried with other data. Leave this cell as it is.
### BEGIN HIDDEN TESTS
check.unseen_split(split_variance)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3 ★★ change
#
# Twelve schools have three classes each (`group`), of eight pupils. The model below takes
# something for granted that is not true. Look at `pupils`, then change the formula so that
# the model has effects of schools and of classes, each class on its own: `nested`.

# %% nbgrader={"grade": false, "grade_id": "pupils", "locked": true, "schema_version": 3, "solution": false, "task": false}
pupils = check.pupils()
too_simple = mm.lmer("score ~ 1 + (1 | school) + (1 | group)", data=pupils)
pupils.groupby(["school", "group"])["score"].mean().unstack().head(4).round(1)

# %% nbgrader={"grade": false, "grade_id": "nested", "locked": false, "schema_version": 3, "solution": true, "task": false}
nested = ...
### BEGIN SOLUTION
nested = mm.lmer("score ~ 1 + (1 | school/group)", data=pupils)
sds = {"too simple": too_simple.var_corr(), "nested": nested.var_corr()}
pd.concat(sds)[["group", "sd"]].round(2)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_nested", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.classes(nested)

# %% [markdown]
# ## Exercise 4 ★★★ compute
#
# Grades follow the line $2.6 + 0.11 \cdot \text{semester}$, and semesters count from 0.
# Students differ from it with an sd of $\tau = 0.25$, single grades of a student with an
# sd of $\sigma = 0.24$. No data here: work from the model.
#
# - `line_6`: the grade of the average student in the sixth semester.
# - `sd_grade`: the sd of the grades of many students in one semester, one grade each.
# - `correlation`: of two grades of the same student, after the line is taken off.
# - `sd_of_means`: take the mean of all six grades of a student, the line taken off. How
#   much do such means differ between students, as an sd?

# %% nbgrader={"grade": false, "grade_id": "from_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
line_6 = ...
sd_grade = ...
correlation = ...
sd_of_means = ...
### BEGIN SOLUTION
tau, sigma = 0.25, 0.24
line_6 = 2.6 + 0.11 * 5
sd_grade = (tau**2 + sigma**2) ** 0.5
correlation = tau**2 / (tau**2 + sigma**2)
sd_of_means = (tau**2 + sigma**2 / 6) ** 0.5
found = [line_6, sd_grade, correlation, sd_of_means]
pd.Series(found, ["line_6", "sd_grade", "correlation", "sd_of_means"]).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_from_model", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.from_model(line_6, sd_grade, correlation, sd_of_means)

# %% [markdown]
# ## Exercise 5 ★★ explain
#
# Fifteen of 30 classes are taught by a new method, 20 pupils in each class. Someone
# compares the 300 scores with the other 300 by an ordinary regression. What does this
# overlook, what comes out wrong, and what does a mixed model add? At most 100 words.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# Pupils of one class share a teacher and a room, so their scores are alike. The regression
# takes them for 600 independent ones. The method was given to classes, so 30 classes are
# compared; the standard error comes out too small and the interval too narrow. A mixed
# model has a random effect of each class, drawn from a normal distribution, and estimates
# its sd. So it knows how alike pupils are, and tells the two sources of variance apart.
#
# *Rubric.* 1 point: scores of a class are not independent. 1 point: the standard error of
# the method is too small. 2 points: an effect of each class, described by one sd, shared
# by its pupils.
# <!-- END SOLUTION -->
