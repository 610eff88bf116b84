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
# # 00 · Start here
#
# **The question:** what is in this course, and does everything work on this machine?
#
# *About 10 minutes. Nothing is needed before.*
#
# After this page you can
#
# - say what a mixed model is for, in one sentence and with one picture,
# - run a cell, change it, and get the original back,
# - be sure that the installation gives the right numbers,
# - choose the lesson to begin with.

# %%
import sys

import numpy as np
import pandas as pd

import mmcourse as mm

assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"

# %% [markdown]
# ## What this course is about
#
# Data often come in groups: grades of the same student, patients of the same
# hospital, measurements on the same day. Rows of one group resemble each other.
# Ordinary regression does not know that. A *mixed model* does: it estimates what holds
# for everybody, how much groups differ, and where each single group stands.

# %% [markdown]
# Here are the data that most lessons use. A row is one grade: the average `gpa` of a
# `student` in one of six semesters, counted by `occasion` from 0 to 5. Grades go up to
# 4.0, the best. (The rows are reconstructed, as Lesson 03 tells: models give the numbers of
# the original data, but single students are not real people.)

# %%
gpa = mm.load_gpa()
gpa[["student", "occasion", "gpa"]].head(3)

# %% [markdown]
# There are 200 students, so 1200 rows. The next cell fits a mixed model and draws it for
# three of them. Look at what the lines have in common, and at what sets them apart.

# %% alt="Grey grades of three students over semesters 0 to 5. Each student has a blue line among their own grades: student 169 far above, student 1 just below, student 118 far below the thick red line of the population. All four lines are parallel and rise."
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
ax = mm.plot_predictions(model, "occasion", [169, 1, 118])
_ = ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")

# %% [markdown]
# The red line is what holds for everybody: grades rise from semester to semester. An
# ordinary regression would stop there. Grey points are the grades of the three. The mixed model gives each student a line as well,
# higher or lower than the red one, and says how far such lines spread. All rise alike:
# this model lets students differ in level only. Lesson 14 lets their slopes differ, too.

# %% [markdown]
# The course follows one text section by section: the opening chapter of M. Clark's
# *Mixed Models with R*. The numbers of its models come out here too, with Python and
# with a package of our own, `mmcourse`, that you can take to your own data.
#
# You should have met regression with one or two predictors. You need not have met a
# random effect.

# %% [markdown]
# ## How to use it
#
# You can read the lessons as they are; their outputs are stored. To run them, type
# `make lab` in the course's folder: it opens a copy of your own. Change things; your edits
# stay, and the originals are safe. To get a page back, delete or rename yours and start
# `make lab` again.

# %% [markdown]
# - Click into a cell and press **Shift + Enter** to run it. Run a lesson from top to
#   bottom; later cells need earlier ones.
# - Where it says **Guess before you run**, guess. A wrong guess teaches most.
# - Cells with `assert` are checks. They show nothing when they hold.
#
# Try it: run the next cell, then change 6 to another number and run it again.

# %%
n = 6
pd.DataFrame({"n": np.arange(1, n + 1), "square": np.arange(1, n + 1) ** 2})

# %% [markdown]
# ## A check of the installation
#
# Four numbers describe the model in the picture. The text prints them, as R computes
# them. Do they come out on this machine?

# %%
printed = {
    "grade in the first semester, average student": 2.599,
    "gain in a semester": 0.106,
    "standard deviation of students": 0.252,
    "standard deviation of grades around a student's line": 0.241,
}
check = pd.Series(printed, name="printed in the text").to_frame()
check["here"] = np.round([*model.fixef, *mm.extract_vc(model, ci_level=0)["sd"]], 3)
assert gpa.shape == (1200, 10) and gpa["student"].nunique() == 200
assert gpa["gpa"].max() == 4.0
assert (check["here"] == check["printed in the text"]).all(), check
check

# %% [markdown]
# Where the columns agree, the installation works. Lesson 09 explains each of the numbers.
#
# Did an error appear instead? Then close this page, type `make lab` again and read
# what it says; it repairs an incomplete installation.
#
# A second route to the first two: fit an ordinary regression to each student, then
# average the 200 lines. When all students have the same semesters, that is the red line.

# %%
separate = mm.lm_list("gpa ~ occasion | student", gpa).coef
average = separate.mean()
assert np.allclose(average, model.fixef)
average.round(3)

# %% [markdown]
# ## The map of the lessons
#
# The numbers follow the sections of the text. Each lesson names what it needs, so that
# you can begin where you like. Together they take about nine hours.
#
# **In a hurry?** Lessons 07, 09, 10 and 12 are the core: why regression is not enough, the
# model, its variances, its predictions. They take three hours.
#
# | page | minutes | what it is about |
# |---|---|---|
# | 00 Start here | 10 | this page |
# | [01 Mixed models and their names](01_mixed_models_and_their_names.ipynb) | 35 | ten names for one family, and a classical special case |
# | [02 Kinds of structure](02_kinds_of_structure.ipynb) | 35 | nested, crossed, balanced and not |
# | [03 The GPA data](03_the_gpa_data.ipynb) | 30 | 200 students, six semesters |
# | [04 The standard regression model](04_the_standard_regression_model.ipynb) | 35 | one line for all, in two notations |
# | [05 The mixed model](05_the_mixed_model.ipynb) | 45 | an effect for each student, on one level or two |
# | [06 Look first](06_look_first.ipynb) | 35 | trajectories before models |
# | [07 Standard regression, fitted](07_standard_regression_fitted.ipynb) | 40 | what its standard errors are worth |
# | [08 Regression by cluster](08_regression_by_cluster.ipynb) | 40 | a line for each student, and why not |
# | [09 Running a mixed model](09_running_a_mixed_model.ipynb) | 45 | the fit, by hand and by the package; intervals |
# | [10 Variance components](10_variance_components.ipynb) | 45 | how much is due to students |
# | [11 Estimates of the random effects](11_random_effects.ipynb) | 45 | where each student stands, and how surely |
# | [12 Prediction](12_prediction.ipynb) | 40 | known students and new ones |
# | [13 Cluster-level covariates](13_cluster_level_covariates.ipynb) | 40 | what explains differences between students |
# | [14 Summary](14_summary.ipynb) | 40 | the gains in one place, and a first random slope |
# | [p1](../exercises/p1/p1.ipynb), [p2](../exercises/p2_looking_and_fitting/p2_looking_and_fitting.ipynb), [p3](../exercises/p3_variances_effects_predictions/p3_variances_effects_predictions.ipynb), [p4](../exercises/p4_covariates_slopes_unseen_rows/p4_covariates_slopes_unseen_rows.ipynb) | 45, 40, 40, 45 | practice for 01 to 05, 06 to 09, 10 to 12, 13 and 14 |
# | [20](../exercises/20_sleepstudy/20_sleepstudy.ipynb), [21](../exercises/21_cluster_level_covariates/21_cluster_level_covariates.ipynb), [22](../exercises/22_simulating_a_mixed_model/22_simulating_a_mixed_model.ipynb) | 60, 60, 90 | exercises: sleep, covariates, simulation; each says what went wrong |

# %% [markdown]
# ## Summary
#
# - A mixed model is regression that knows which rows belong together.
# - Run cells in order; guess first; change things without fear.
# - The installation was checked against the numbers of the text.
#
# **Common mistakes.** Running cells out of order, so that a name is missing: use
# *Run → Restart Kernel and Run All Cells*. Editing files in `notebooks/` instead of
# the working copy that `make lab` opens.
#
# **In the code.** `mmcourse/datasets.py`: `load_gpa`. `mmcourse/model/lmer.py`: `lmer`.
#
# **References.** M. Clark, *Mixed Models with R*. The data card, `data/README.md`, names
# the source of each data set.
#
# **Next.** [Lesson 01](01_mixed_models_and_their_names.ipynb): what a mixed model is, and
# its ten names. In a hurry: [Lesson 09](09_running_a_mixed_model.ipynb), the heart of the
# course.
