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
# - say what a mixed model is for, in one sentence,
# - run a cell, change it, and get the original back,
# - be sure that the installation gives the right numbers,
# - choose the lesson to begin with.

# %%
import sys

import numpy as np
import pandas as pd

import mmcourse as mm

# %% [markdown]
# ## What this course is about
#
# Data often come in groups: grades of the same student, patients of the same
# hospital, measurements on the same day. Rows of one group resemble each other.
# Ordinary regression does not know that. A *mixed model* does: it estimates what holds
# for everybody, how much groups differ, and where each single group stands.

# %% [markdown]
# The course follows one text section by section: the opening chapter of M. Clark's
# *Mixed Models with R*. The numbers of its models come out here too, with Python and
# with a package of our own, `mmcourse`, that you can take to your own data.

# %% [markdown]
# You should have met regression with one or two predictors. You need not have met a
# random effect.

# %% [markdown]
# ## How to use it
#
# - Click into a cell and press **Shift + Enter** to run it. Run a lesson from top to
#   bottom; later cells need earlier ones.
# - Where it says **Guess before you run**, guess. A wrong guess teaches most.
# - Change things. What you see is a working copy: your edits stay, and the originals
#   are safe. To get a page back, delete or rename yours and start `make lab` again.
# - Cells with `assert` are checks. They show nothing when they hold.

# %% [markdown]
# Try it: run the next cell, then change 6 to another number and run it again.

# %%
n = 6
pd.DataFrame({"n": np.arange(1, n + 1), "square": np.arange(1, n + 1) ** 2})

# %% [markdown]
# ## A check of the installation
#
# This fits the first model of the course and compares it with published values.

# %%
assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"

gpa = mm.load_gpa()
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
model

# %% [markdown]
# Grades go up to 4.0, the best. The average student starts at about 2.6 and gains 0.11 a
# semester; students differ around that line with a standard deviation of 0.25. Lesson 09
# explains every number of this print. Here we only check that they are right.

# %%
assert gpa.shape == (1200, 10) and gpa["gpa"].max() == 4.0
assert model.fixef.round(3).tolist() == [2.599, 0.106]
assert round(model.criterion, 4) == 408.8929
assert round(model.sigma, 3) == 0.241
assert model.fixef.round(2).tolist() == [2.6, 0.11]
assert round(model.theta[0] * model.sigma, 2) == 0.25
"The installation works."

# %% [markdown]
# Did an error appear instead? Then close this page, type `make lab` again and read
# what it says; it repairs an incomplete installation.
#
# A second route to the same line: fit a line to each student, then average the lines.
# When all students have the same semesters, that is the line of the mixed model.

# %%
by_student = gpa.groupby("student")[["occasion", "gpa"]].apply(
    lambda rows: pd.Series(
        np.polyfit(rows["occasion"], rows["gpa"], 1)[::-1], ["intercept", "slope"]
    )
)
average = by_student.mean()
assert np.allclose(average, model.fixef)
average.round(3)

# %% [markdown]
# ## The map of the lessons
#
# The numbers follow the sections of the text. Pages that can be opened are linked;
# the others are on their way.
#
# | page | what it is about |
# |---|---|
# | 00 Start here | this page |
# | 01 Mixed models and their names *(not there yet)* | ten names for one family, and a classical special case |
# | 02 Kinds of structure *(not there yet)* | nested, crossed, balanced and not |
# | 03 The GPA data *(not there yet)* | 200 students, six semesters |
# | 04 The standard regression model *(not there yet)* | one line for all, in two notations |
# | 05 The mixed model *(not there yet)* | an effect for each student, on one level or two |
# | 06 Look first *(not there yet)* | trajectories before models |
# | 07 Standard regression, fitted *(not there yet)* | what is wrong with its standard errors |
# | 08 Regression by cluster *(not there yet)* | a line for each student, and why not |
# | [09 Running a mixed model](09_running_a_mixed_model.ipynb) | the fit, by hand and by the package; intervals |
# | 10 Variance components *(not there yet)* | how much is due to students |
# | 11 Random effects *(not there yet)* | where each student stands, and how surely |
# | 12 Prediction *(not there yet)* | known students and new ones |
# | 13 Cluster-level covariates *(not there yet)* | what explains differences between students |
# | 14 Summary *(not there yet)* | the gains in one place, and a first random slope |
# | Exercises *(not there yet)* | sleep, covariates, simulation; with automatic feedback |

# %% [markdown]
# ## Summary
#
# - A mixed model is regression that knows which rows belong together.
# - Run cells in order; guess first; change things without fear.
# - The installation was checked against published values.
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
# **Next.** [Lesson 09](09_running_a_mixed_model.ipynb), the heart of the course.
