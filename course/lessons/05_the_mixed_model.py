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
# # 05 · The mixed model
#
# **The question:** what does a model say that gives every student an effect of their
# own?
#
# *About 45 minutes. You need regression with one predictor. Lesson 04 has its notation,
# but the lines needed are repeated here.*
#
# After this lesson you can
#
# - write the random-intercepts model in three ways and show that they are one,
# - simulate data from it, and say what is drawn once for each student and what for each
#   row,
# - say what $\tau$ measures and what it does not,
# - explain why two grades of one student are correlated.

# %%
from fractions import Fraction

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

# %% [markdown]
# Think of the course's data: 200 students, a grade point average `gpa` (4.0 is best) in
# each of six semesters, and `occasion`, which counts the semesters from 0 to 5. For
# most of this lesson we *simulate* such data, because then we know the truth. The data
# themselves come in sections 3 and 4. Their rows are reconstructed: the models come out
# as on the original data, but single students are not real people.

# %%
n_students, n_occasions = 200, 6
student = np.repeat(np.arange(1, n_students + 1), n_occasions)
occasion = np.tile(np.arange(n_occasions), n_students)
gpa = mm.load_gpa()
assert (gpa["student"] == student).all() and (gpa["occasion"] == occasion).all()

# %% [markdown]
# An ordinary regression says: a grade is a line plus an error.
#
# $$\text{gpa} = b_\text{intercept} + b_\text{occ} \cdot \text{occasion} + \epsilon,
# \qquad \epsilon \sim N(0, \sigma)$$
#
# The *errors* $\epsilon$ are drawn anew for every row, independently, from a normal
# distribution with mean 0 and standard deviation (sd) $\sigma$. Who got the grade is
# not in the formula.

# %% [markdown] tags=["R18"]
# ## 1 · One more source of variance
#
# The mixed model adds one term, the *effect of the student*:
#
# $$\text{gpa} = b_\text{intercept} + b_\text{occ} \cdot \text{occasion}
# + (\text{effect}_\text{student} + \epsilon)$$
#
# The parenthesis holds what makes a grade differ from the line. It has two parts
# now. One goes with the student and is the same in all six semesters. The other is
# drawn anew each time.

# %% [markdown] tags=["R19"]
# The effects of the students are random too, and usually taken to be normal:
#
# $$\text{effect}_\text{student} \sim N(0, \tau)$$
#
# They are drawn from a normal distribution with mean 0 and sd $\tau$ (tau),
# independently of each other and of the errors. As with $\sigma$, the second number is
# a **standard deviation**, in grade points; many books write the variance $\tau^2$
# there. In code we call the two `sd_student` and `sd_resid`.

# %% [markdown]
# We take round numbers for the truth. The next cell draws one data set.
#
# **Guess before you run:** how many random numbers does it take? One for each of the
# 1200 rows, or more, or fewer?

# %% tags=["R18", "R19"]
b_intercept, b_occ = 2.6, 0.11
sd_student, sd_resid = 0.25, 0.24
rng = np.random.default_rng(5)
effects = rng.normal(0, sd_student, n_students)  # one for each student
error = rng.normal(0, sd_resid, n_students * n_occasions)  # one for each row
rows = pd.DataFrame({"student": student, "occasion": occasion})
rows["line"] = b_intercept + b_occ * occasion
rows["effect"] = effects[student - 1]
rows["error"] = error
rows["gpa"] = rows["line"] + (rows["effect"] + rows["error"])
rows.head(8).round(3)

# %% [markdown]
# It takes 1400: 200 effects and 1200 errors. Follow the column `effect`: it stays the
# same within a student. The column `error` changes in every row. Since effects and
# errors are independent, their variances add up. We check that with many draws of both.

# %% tags=["R18"]
assert effects.size + error.size == 1400
assert (rows.groupby("student")["effect"].nunique() == 1).all()
many = np.random.default_rng(1)
own = many.normal(0, sd_student, 400_000)
rest = many.normal(0, sd_resid, 400_000)
variances = {"effect": own.var(), "error": rest.var()}
variances["effect + error"] = (own + rest).var()
pd.Series(variances).round(4)

# %% [markdown]
# In theory 0.0625 and 0.0576 add up to 0.1201, and the simulation is close. (Variances
# add up; sds don't.) So the student is a second source of variance, beside the error.

# %% tags=["R18"]
in_theory = [sd_student**2, sd_resid**2, sd_student**2 + sd_resid**2]
assert np.allclose(in_theory, [0.0625, 0.0576, 0.1201])
assert np.allclose(list(variances.values()), in_theory, rtol=0.01)

# %% [markdown] tags=["R20"]
# ### The only difference
#
# Nothing else in the model is new. Take the effects away, and what is left is an
# ordinary regression with the same line and the same errors. The effects are deviations
# from that line, up for some students and down for others, and their distribution has
# mean 0.
#
# **Guess before you run:** will the average of these 200 effects be exactly 0?

# %% tags=["R20"]
regression = rows["line"] + rows["error"]
assert np.allclose(rows["gpa"] - regression, rows["effect"], atol=1e-14)
pd.Series(
    {
        "mean of these effects": effects.mean(),
        "sd of such a mean": sd_student / np.sqrt(200),
    }
).round(4)

# %% [markdown]
# No. The mean of the *distribution* is 0. The mean of 200 draws from it misses 0 a
# little, by about $\tau / \sqrt{200} = 0.018$. Over many samples of 200 students the
# misses average out. The check takes 4000 samples.

# %% tags=["R20"]
samples = np.random.default_rng(2).normal(0, sd_student, (4000, n_students))
means = samples.mean(axis=1)
assert abs(means.mean()) < 4 * sd_student / np.sqrt(200 * 4000)
assert abs(means.std() / (sd_student / np.sqrt(200)) - 1) < 4 / np.sqrt(2 * 4000)
assert round(sd_student / np.sqrt(200), 3) == 0.018
assert abs(effects.mean()) < 4 * sd_student / np.sqrt(200)

# %% [markdown] tags=["R21", "R22"]
# ## 2 · Three ways to write it
#
# So far the effect stood beside the error. The sum stays the same if the parenthesis
# moves to the intercept:
#
# $$\text{gpa} = (b_\text{intercept} + \text{effect}_\text{student})
# + b_\text{occ} \cdot \text{occasion} + \epsilon$$
#
# Now the effect no longer looks like an error. It changes a *coefficient*: each student
# has an intercept of their own. Give it a name, and the formula is short again:
#
# $$\text{gpa} = b_{\text{int}\_\text{student}} + b_\text{occ} \cdot \text{occasion} + \epsilon$$

# %% [markdown] tags=["R23", "R24"]
# These intercepts are random as well. Their mean is $b_\text{intercept}$, and their sd
# is that of the effects:
#
# $$b_{\text{int}\_\text{student}} \sim N(b_\text{intercept}, \tau)$$
#
# Hence the name **random-intercepts model**. The slope has no such index: it is the
# same for all.
#
# **Guess before you run:** draw the intercepts from this distribution, with the random
# seed of section 1. Will the same students come out?

# %% tags=["R21", "R22", "R23"]
again = np.random.default_rng(5)
intercepts = again.normal(b_intercept, sd_student, n_students)
b_int_student = intercepts[student - 1]
rearranged = b_int_student + b_occ * occasion + error
assert np.allclose(intercepts, b_intercept + effects, atol=1e-14)
assert np.allclose(rearranged, rows["gpa"], atol=1e-14)
pd.DataFrame(
    {"section 1": rows["gpa"], "rearranged": rearranged, "b_int_student": b_int_student}
).head(7).round(3)

# %% [markdown]
# The same students, the same grades. In the next picture the blue lines are
# $b_{\text{int}\_\text{student}} + b_\text{occ} \cdot \text{occasion}$ for twelve of
# them. The curve at the left is the distribution of all intercepts. What do all lines
# share? And around which line do the grades of student 8 scatter?

# %% tags=["R24"] alt="Twelve parallel blue lines rise by 0.11 a semester over occasions 0 to 5, around a thick red line from 2.6 to 3.15. A normal curve at the left edge shows how the intercepts spread around 2.6. One line, of student 8, is dark, with its six grades as dots around it, all below the red line."
fig, ax = plt.subplots(figsize=(6.8, 3.8))
ends = np.array([0, 5])
for i, own in enumerate(intercepts[:12]):
    colour, width = (PICKED, 1.8) if i == 7 else (GROUP, 0.8)
    ax.plot(ends, own + b_occ * ends, color=colour, linewidth=width)
ax.plot(ends, b_intercept + b_occ * ends, color=OVERALL, linewidth=2.6)
ax.plot("occasion", "gpa", "o", data=rows[rows["student"] == 8], color=PICKED)
grid = np.linspace(-3, 3, 81)
bell = -0.1 - 0.6 * np.exp(-(grid**2) / 2)
ax.fill_betweenx(b_intercept + sd_student * grid, -0.1, bell, color=GROUP, alpha=0.25)
ax.text(5.1, b_intercept + 5 * b_occ, "average student", color=OVERALL, va="center")
ax.text(5.1, intercepts[7] + 5 * b_occ, "student 8", color=PICKED, va="center")
ax.set(xlabel="occasion (semester, from 0)", ylabel="gpa (grade points)")
ax.set(xlim=(-0.9, 7), xticks=range(6))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# All lines are parallel; only their heights differ. The dots of student 8 scatter
# around that student's own line, and all six lie below the red one. How far grades
# scatter around a student's own line is $\sigma$. How far the lines themselves are
# apart is $\tau$.

# %% tags=["R24"]
heights = intercepts[:12, None] + b_occ * np.arange(6)
assert np.allclose(np.diff(heights, axis=1), b_occ)
student_8 = rows[rows["student"] == 8]
assert np.allclose(student_8["gpa"] - heights[7], student_8["error"])
assert (student_8["gpa"] < student_8["line"]).all()
assert round((student_8["gpa"] - heights[7]).mean(), 2) == -0.02

# %% [markdown] tags=["R25"]
# ### On two levels
#
# The *multilevel* literature writes two regressions. Level 1 is about rows, level 2
# about students:
#
# $$\text{gpa} = b_{\text{int}\_\text{student}} + b_\text{occ} \cdot \text{occasion} + \epsilon$$
#
# $$b_{\text{int}\_\text{student}} = b_\text{intercept} + \text{effect}_\text{student}$$
#
# In the second, the intercept is the outcome and the effect is the error. It looks like
# a bigger model. Is it one?

# %% [markdown]
# In code the levels are two tables, `students` with 200 rows and `grades` with 1200. We
# write both formulas as texts, which pandas can evaluate (`eval`). Level 2 makes a
# column in `students`. `join` brings it to the grades, where level 1 uses it.

# %% tags=["R25"]
level_1 = "b_int_student + b_occ * occasion + error"
level_2 = "b_intercept + effect"
students = pd.DataFrame({"effect": effects}, index=np.arange(1, n_students + 1))
students["b_intercept"] = b_intercept
students["b_int_student"] = students.eval(level_2)
grades = pd.DataFrame({"student": student, "occasion": occasion, "error": error})
grades["b_occ"] = b_occ
grades = grades.join(students, on="student")
grades["two levels"] = grades.eval(level_1)
grades[["student", "occasion", "b_int_student", "two levels"]].head(3).round(3)

# %% [markdown] tags=["R26"]
# Now plug level 2 into level 1: where level 1 has $b_{\text{int}\_\text{student}}$,
# write what level 2 says that it is. On paper, from
#
# $$\text{gpa} = b_{\text{int}\_\text{student}} + b_\text{occ} \cdot \text{occasion} + \epsilon$$
#
# we get
#
# $$\text{gpa} = (b_\text{intercept} + \text{effect}_\text{student})
# + b_\text{occ} \cdot \text{occasion} + \epsilon$$
#
# and moving the parenthesis gives the formula of section 1. Our formulas are texts, so
# Python can plug in as well. Then it can compute the grades from the new text.
#
# **Guess before you run:** will they be those of two levels, and those of section 1?

# %% tags=["R26"]
plugged_in = level_1.replace("b_int_student", f"({level_2})")
grades["one level"] = grades.eval(plugged_in)
plugged_in

# %% tags=["R26"]
section_1 = "b_intercept + b_occ * occasion + (effect + error)"
grades["section 1"] = grades.eval(section_1)
forms = grades[["two levels", "one level", "section 1"]]
assert np.allclose(forms, rows[["gpa"]], rtol=0, atol=1e-14)
forms.head(3)

# %% [markdown]
# The three columns agree. A computer rounds each sum, so we allowed a difference in the
# fifteenth digit. With exact fractions no allowance is needed. The next cell evaluates
# the same texts with fractions: the forms are equal in all 1200 rows, without any
# tolerance.

# %% tags=["R26"]
names = ["b_intercept", "b_occ", "occasion", "effect", "error"]
exact = grades[names].map(Fraction)
exact["b_int_student"] = exact.eval(level_2, engine="python")
two_levels = exact.eval(level_1, engine="python")
one_level = exact.eval(plugged_in, engine="python")
as_in_section_1 = exact.eval(section_1, engine="python")
assert (two_levels == one_level).all() and (two_levels == as_in_section_1).all()
assert len(two_levels) == 1200 and isinstance(two_levels[0], Fraction)

# %% [markdown]
# So it is *one* model. Two levels are another way to write it; they add nothing and
# take nothing away. The subscripts are left out here as in the text. With them, for
# student $j$ and row $i$, level 2 would read $b_{0j} = b_0 + u_j$ and level 1
# $y_{ij} = b_{0j} + b_1 x_{ij} + \epsilon_{ij}$: more exact, and harder to read.

# %% [markdown] tags=["R27"]
# ### What about the slope?
#
# `occasion` has a *fixed* effect only: one slope for all students. It need not be so. A
# third line,
# $b_{\text{occ}\_\text{student}} = b_\text{occ} + \text{slope effect}_\text{student}$,
# would let every student climb at a pace of their own. [Lesson 14](14_summary.ipynb)
# does that. What would change in the picture?
#
# **Guess before you run:** let slopes have an sd of 0.07, drawn independently of the
# intercepts. Where will the lines of the students be farther apart, at the first or at
# the last occasion?

# %% tags=["R27"]
rng = np.random.default_rng(3)
height = rng.normal(b_intercept, sd_student, 100_000)
pace = rng.normal(b_occ, 0.07, 100_000)
apart = pd.DataFrame(
    {
        "one slope": [np.std(height + b_occ * at) for at in range(6)],
        "random slopes": [np.std(height + pace * at) for at in range(6)],
    }
)
apart.rename_axis("occasion").round(2).T

# %% [markdown]
# The table holds the sd of the heights of the lines. With one slope they stay parallel,
# and it stays at 0.25. With random slopes the lines fan out, to 0.43 at the last
# occasion.

# %% tags=["R27"]
fan = np.sqrt(sd_student**2 + 0.07**2 * np.arange(6) ** 2)
assert np.allclose(apart["one slope"], sd_student, rtol=0.01)
assert np.allclose(apart["random slopes"], fan, rtol=0.01) and round(fan[5], 2) == 0.43

# %% [markdown]
# ## 3 · What $\tau$ says, and what it does not
#
# Now to the data. Fitted to them, the model estimates both sds. In the formula `(1 |
# student)` gives each student an effect on the intercept, `1`. ([Lesson
# 09](09_running_a_mixed_model.ipynb) shows how the fit works.)

# %%
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
found = model.var_corr()
tau, sigma = found["sd"]
found[["group", "variance", "sd"]].round(3)

# %% [markdown]
# Students differ with an sd of 0.252 grade points. The text that the course follows
# reads this as what students vary by "on average". That is handy, but not quite what an
# sd is: the square root of the average *squared* deviation.
#
# **Guess before you run:** take a student at random. Is the distance from the average
# student, on average, more than 0.252, the same, or less?

# %%
draws = np.random.default_rng(4).normal(0, tau, 1_000_000)
grid = np.linspace(0, 8 * tau, 20_001)
density = 2 * np.exp(-((grid / tau) ** 2) / 2) / (tau * np.sqrt(2 * np.pi))
pd.Series(
    {
        "sd": draws.std(),
        "mean absolute deviation, simulated": np.abs(draws).mean(),
        "by integration": np.trapezoid(grid * density, grid),
        "by formula, sqrt(2/pi) tau": np.sqrt(2 / np.pi) * tau,
    }
).round(3)

# %% [markdown]
# Less: 0.201. For a normal distribution the mean absolute deviation is
# $\sqrt{2/\pi} = 0.798$ times the sd. Squaring gives large deviations more weight, so
# the sd is the larger of the two. In the picture, look where most students are.

# %%
mean_absolute = np.sqrt(2 / np.pi) * tau
assert [round(tau, 3), round(mean_absolute, 3)] == [0.252, 0.201]
assert np.isclose(np.abs(draws).mean(), mean_absolute, rtol=0.005)
assert np.isclose(np.trapezoid(grid * density, grid), mean_absolute, rtol=1e-6)
assert np.isclose(draws.std(), tau, rtol=0.005)
assert round(np.sqrt(2 / np.pi), 3) == 0.798

# %% alt="Density of the distance between a student and the average student, falling from 0 to 0.8 grade points. A dashed dark line marks the mean distance, 0.201, a red line the sd, 0.252; about two thirds of the area lie left of the red line."
fig, ax = plt.subplots(figsize=(6.4, 3.0))
shown = grid < 3.2 * tau
ax.fill_between(grid[shown], density[shown], color=GROUP, alpha=0.25)
ax.axvline(mean_absolute, color=PICKED, linestyle="--")
ax.axvline(tau, color=OVERALL)
ax.text(mean_absolute - 0.01, 3.3, f"mean distance\n{mean_absolute:.3f}", ha="right")
ax.text(tau + 0.01, 3.3, f"sd, {tau:.3f}", color=OVERALL, va="bottom")
ax.set(xlabel="distance from the average student (grade points)", ylabel="density")
ax.set(xlim=(0, 3.2 * tau), ylim=(0, 4.2))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Two thirds of the students are closer than one sd, and about 5 % are farther than two.
# Three more things that $\tau$ is *not*: it is no variance ($0.252^2 = 0.064$), it is
# no standard error (which would shrink with more students), and it does not say how far
# the grades of one student scatter (that is $\sigma$).

# %%
inside = np.mean(np.abs(draws) < np.array([[1], [2]]) * tau, axis=1)
assert np.allclose(inside, [0.6827, 0.9545], atol=0.003)
assert round(tau**2, 3) == 0.064

# %% [markdown]
# ## 4 · Two grades of one student
#
# All grades of a student share the effect, and that has a consequence. Subtract the
# line from two grades of one student, and $\text{effect} + \epsilon_1$ and
# $\text{effect} + \epsilon_2$ are left. They are correlated, because the effect is in
# both.
#
# We simulate very many students with six semesters, with the sds of section 1, 0.25 and
# 0.24.
#
# **Guess before you run:** how large will the correlations be? Will neighbouring
# semesters be more strongly correlated than the first and the last?

# %%
rng = np.random.default_rng(8)
n_many = 100_000
shared = rng.normal(0, sd_student, (n_many, 1))  # one for each student ...
deviation = shared + rng.normal(0, sd_resid, (n_many, 6))  # ... in all six columns
cor = pd.DataFrame(np.corrcoef(deviation.T))
cor.rename_axis("occasion").round(2)

# %% [markdown]
# All pairs have the same correlation, 0.52, near or far: the model has no notion of
# "neighbouring". In theory, effect and errors are independent, so only the shared part
# contributes to the *covariance*, the mean product of two deviations:
#
# $$\text{cov} = \text{var}(\text{effect}) = \tau^2, \qquad
# \text{cor} = \frac{\tau^2}{\tau^2 + \sigma^2}$$
#
# This is the *intraclass correlation*. Two grades of different students share nothing:
# their covariance is 0.

# %%
cov = np.cov(deviation.T)
total = sd_student**2 + sd_resid**2
V = sd_resid**2 * np.eye(6) + sd_student**2  # theory: tau^2 everywhere, sigma^2 added
assert np.allclose(cov, V, atol=0.002)
assert np.allclose(cor, V / total, atol=0.01)
assert round(sd_student**2 / total, 2) == 0.52
other = np.mean(deviation[:-1, 0] * deviation[1:, 1])  # two different students
assert abs(other) < 4 * total / np.sqrt(n_many)

# %% [markdown]
# In the next picture each dot is a pair of grades, less the line. Left: two semesters
# of one student. Right: two different students. Which cloud has a direction?

# %% alt="Two scatter plots of deviations from the line. Left, the first and last semester of the same student: an upward cloud, correlation about one half. Right, semesters of two different students: a round cloud without direction."
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.5), sharey=True)
first, last = deviation[:600, 0], deviation[:600, 5]
partner = deviation[600:1200, 5]
for ax, values, who in zip(
    axes, [last, partner], ["same student", "another student"], strict=True
):
    ax.plot(first, values, ".", color=OBSERVED, ms=4)
    ax.set_title(f"{who}: cor {np.corrcoef(first, values)[0, 1]:.2f}", fontsize=10)
    ax.set(xlabel="occasion 0, less the line (gpa)", aspect="equal")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("occasion 5, less the line (gpa)")
fig.tight_layout()

# %% [markdown]
# The left one: who is above the line in the first semester tends to be above it in the
# last. (The correlations are those of the 600 pairs drawn.) Whether real semesters are
# equally correlated, as the model assumes, is another question. [Lesson
# 10](10_variance_components.ipynb) asks it of our grades.

# %% [markdown]
# ### Estimates by hand
#
# From the shared part $\tau$ can be estimated. Average the six grades of each student.
# The averages vary for two reasons: effects, and what is left of six averaged errors:
#
# $$\text{var}(\text{average}) = \tau^2 + \sigma^2 / 6$$
#
# And $\sigma^2$ is estimated *within* students, where the effect cancels. For balanced
# data such as ours these two equations give the same estimates as `lmer` (by REML, its
# default).

# %%
Y = gpa["gpa"].to_numpy().reshape(n_students, n_occasions)  # a row a student
average = Y.mean(axis=1)
centred = np.arange(6) - 2.5
slope = (Y @ centred).mean() / (centred @ centred)
within = Y - average[:, None] - slope * centred
sigma_squared = np.sum(within**2) / (1200 - 200 - 1)  # 200 averages, one slope
tau_squared = average.var(ddof=1) - sigma_squared / 6
by_hand = pd.Series(
    {"sd_student": np.sqrt(tau_squared), "sd_resid": sigma_squared**0.5}
)
assert np.allclose(by_hand, [tau, sigma], atol=1e-7)
by_hand.round(3)

# %% [markdown]
# 0.252 and 0.241, as from `lmer`. What the averages vary beyond what their errors
# explain is put down to the students.

# %%
assert by_hand.round(3).tolist() == [0.252, 0.241]
assert np.isclose(slope, model.fixef["occasion"])

# %% [markdown]
# ## 5 · Change the truth
#
# `mm.simulate_random_intercepts` draws data of this kind, with any number of groups and
# rows and any two sds. Its predictor $x$ is random, its line is $2 + 0.5\,x$. Below,
# two functions draw the two parts of a picture; a third simulates, fits and calls them.


# %%
def draw_lines(ax, data, fit):
    """Rows in grey, the fitted line of each group in blue, the overall line in red."""
    ax.plot(data["x"], data["y"], ".", color=OBSERVED, ms=4)
    lines = fit.coef()["groups"]
    ends = data.groupby("groups")["x"].agg(["min", "max"]).to_numpy()
    height = lines["Intercept"].to_numpy()[:, None] + fit.fixef["x"] * ends
    own = np.stack([ends, height], axis=-1)  # groups x two ends x (x, y)
    ax.add_collection(LineCollection(own, color=GROUP, linewidth=0.9))
    ends = np.array([-3, 3])
    ax.plot(ends, fit.fixef["Intercept"] + fit.fixef["x"] * ends, color=OVERALL, lw=2.4)
    ax.set(xlabel="x", ylabel="y", xlim=(-3, 3), ylim=(-2, 6))
    ax.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2, 4])
    ax.set_title(f"{len(lines)} groups, {len(data)} rows", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)


# %%
def draw_estimates(ax, data, fit):
    """Red bars for the true values, blue dots for the estimates."""
    names = ["intercept", "slope", "sd_group", "sd_resid"]
    truth = [data.attrs[name] for name in names]
    estimates = [*fit.fixef, *fit.var_corr()["sd"]]
    ax.plot(truth, range(4), "|", color=OVERALL, ms=22, mew=3)
    ax.plot(estimates, range(4), "o", color=GROUP)
    for at, value in enumerate(estimates):
        right = max(value, truth[at]) + 0.1
        ax.text(right, at, f"{value:.2f}", color=GROUP, va="center")
    ax.set_yticks(range(4), names)
    ax.set(xlabel="value", xticks=[0, 1, 2], xlim=(-0.1, 2.9), ylim=(3.6, -0.6))
    ax.set_title("bar: truth, dot: estimate", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)


# %% alt="Left, 60 grey dots in 12 groups with 12 parallel blue lines at different heights and a red overall line. Right, four estimates as dots beside bars for the truth: intercept, slope, sd of groups and residual sd, all near their bars."
def draw_groups(n_groups=12, n_per_group=5, sd_group=0.5, sd_resid=0.25, seed=1):
    """Simulate and fit; left the groups, right the estimates beside the truth."""
    size = (n_groups, n_per_group, sd_group, sd_resid)
    data = mm.simulate_random_intercepts(*size, seed=seed)
    fit = mm.lmer("y ~ x + (1 | groups)", data=data)
    _, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.3), width_ratios=[3, 2])
    plt.subplots_adjust(wspace=0.4)
    draw_lines(left, data, fit)
    draw_estimates(right, data, fit)
    plt.show()


draw_groups()

# %% [markdown]
# Left: rows grey, groups blue, overall line red. The lines are parallel, as the model
# says. Right: four estimates near the truth. Run the next cell to get sliders (they
# need a running notebook). Every move fits anew; `seed` draws other data from the same
# truth. Things to try:
#
# - move `seed` only: which of the four dots jumps about most?
# - set `sd_group` to 0: how far apart are the fitted lines then?
# - set `sd_resid` to 1 and `n_per_group` to 2: how good is the estimate of `sd_group`?

# %% tags=["widget"]
_ = widgets.interact(
    draw_groups,
    n_groups=widgets.IntSlider(12, 5, 60, 1),
    n_per_group=widgets.IntSlider(5, 2, 25),
    sd_group=widgets.FloatSlider(0.5, min=0.0, max=1.0, step=0.05),
    sd_resid=widgets.FloatSlider(0.25, min=0.05, max=1.0, step=0.05),
    seed=widgets.IntSlider(1, 1, 50),
)

# %% [markdown]
# ### More rows, or more groups?
#
# Start from 20 groups of 5 rows. Suppose that you may have five times as many rows: 25
# in each group, or 100 groups of 5.
#
# **Guess before you run:** which of the two makes the estimate of `sd_group` surer?

# %%
designs = {"20 x 5": (20, 5), "20 x 25": (20, 25), "100 x 5": (100, 5)}
n_fits, fitted = 60, {}
for name, size in designs.items():
    fits = []
    for seed in range(1, n_fits + 1):
        data = mm.simulate_random_intercepts(*size, seed=seed)
        fit = mm.lmer("y ~ x + (1 | groups)", data=data)
        fits.append([*fit.fixef, fit.theta[0] * fit.sigma])  # as above
    fitted[name] = np.array(fits)
names = ["intercept", "slope", "sd_group"]
sds = {name: fits.std(axis=0) for name, fits in fitted.items()}
scatter = pd.DataFrame(sds, index=names).T.rename_axis("groups x rows")
scatter.round(3)

# %% [markdown]
# Each number is the sd of an estimate over 60 data sets: the smaller, the surer. 100
# groups help all three. More rows in the same 20 groups help the slope, which is seen
# within groups, but hardly `sd_group` or the intercept: what the groups tell depends on
# their number. Theory agrees. The variance of $G$ group averages is known with a
# relative sd of $\sqrt{2 / (G - 1)}$, however many rows $m$ each group has, and an sd
# with about half of that.

# %%
G, m = np.array(list(designs.values())).T
of_averages = 0.5**2 + 0.25**2 / m
theory = pd.DataFrame({"intercept": np.sqrt(of_averages / G)}, index=scatter.index)
theory["slope"] = 0.25 / np.sqrt(G * (m - 1))
theory["sd_group"] = of_averages * np.sqrt(2 / (G - 1)) / (2 * 0.5)
assert (scatter / theory - 1).abs().max(axis=None) < 4 / np.sqrt(2 * n_fits)
more_rows = scatter.loc["20 x 25"] / scatter.loc["20 x 5"]
more_groups = scatter.loc["100 x 5"] / scatter.loc["20 x 5"]
assert more_rows["slope"] < 0.6 and (more_rows[["intercept", "sd_group"]] > 0.6).all()
assert (more_groups < 0.6).all()
theory.round(3)

# %% [markdown]
# ## Summary
#
# - The mixed model is a regression with one term more: an effect shared by all rows of
#   a student, drawn from $N(0, \tau)$.
# - As an error, as an intercept or on two levels: the same model, number for number.
# - $\tau$ is an sd. The mean distance from the average student is smaller, $0.8\,\tau$.
# - Grades of one student share the effect, so any two of them are equally correlated.
# - To learn $\tau$, more groups help; here more rows in the same groups hardly did.
#
# **Common mistakes.** Drawing the effect anew for each row: then it is only more
# error. Taking $\tau$ for a variance, or for a mean distance. Believing that two levels
# make another model. Expecting the effects of a *sample* to average exactly zero.
#
# **In the code.** `mmcourse/simulations.py`: `simulate_random_intercepts`.
# `mmcourse/model/lmer.py`: `lmer`.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Raudenbush, Bryk (2002), *Hierarchical Linear Models*, 2nd ed., Sage: the two levels.
# Searle, Casella, McCulloch (1992), *Variance Components*, Wiley: estimates from mean
# squares.
#
# **Next.** [Lesson 06](06_look_first.ipynb) looks at the data before any model is
# fitted. [Lesson 14](14_summary.ipynb) lets slopes vary.
