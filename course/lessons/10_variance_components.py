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
# # 10 · Variance components
#
# **The question:** how much of a grade is the student, and how sure can we be of that?
#
# *About 45 minutes. You need ordinary regression. [Lesson 09](09_running_a_mixed_model.ipynb)
# fits the model that is read here, but you can start with this page.*
#
# After this lesson you can
#
# - say in words what the two variances of a mixed model mean, and in which units,
# - compute the intraclass correlation, as a share and as a correlation,
# - check whether your data have the correlations that the model assumes,
# - choose an interval for a variance, and read an estimate of zero.

# %%
import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import optimize, stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()
rng = np.random.default_rng(10)

# %% [markdown]
# The data: 200 students, six grades each, one for every semester (`occasion` 0 to 5);
# 4.0 is the best grade. The rows are reconstructed so that models give the numbers of
# the original data; single students are not real people. *The text* is M. Clark's *Mixed
# Models with R*, which the course follows.
#
# The model: one line over the semesters for everybody, and for each student their own
# distance from it, the same in all semesters. `(1 | student)` asks for that distance.

# %%
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
model

# %% [markdown]
# ## 1 · How far apart are students?
#
# Every grade is line + student's effect + residual. The effect is a *random effect*:
# drawn once for a student, shared by the six grades, with mean 0 and standard
# deviation (sd) $\tau$. The residual is drawn anew for each grade, with sd $\sigma$. The
# two variances $\tau^2$ and $\sigma^2$ are the *variance components*.

# %% tags=["R45"]
components = mm.extract_vc(model, ci_level=0)
var_student, var_residual = components["variance"]
sd_student, sd_residual = components["sd"]
slope = model.fixef["occasion"]
components[["group", "variance", "sd"]].round(3)

# %% [markdown] tags=["R45"]
# $\tau$ is 0.252 grade points. Once the semester is known, this is how far students
# typically lie from the line, up or down. Ordinary regression has no such number. Read
# the sd, not the variance: 0.064 is in squared grade points, and nobody thinks in those.

# %% [markdown]
# Where do the two numbers come from? With *balanced* data (six grades for everybody)
# they need no search, only two averages of squares.
#
# Take the line away. A student's six remainders scatter around their own mean, the
# student's *level*, with the variance $\sigma^2$. The levels vary too, but by more than
# $\tau^2$: six residuals do not average out fully, and leave $\sigma^2/6$.
#
# So $\tau^2$ is the variance of the levels minus $\sigma^2 / 6$.

# %% tags=["R45"]
n_students, n_each = 200, 6
grades = gpa.pivot(index="student", columns="occasion", values="gpa")
time = grades.columns.to_numpy()
line = np.polyval(np.polyfit(gpa["occasion"], gpa["gpa"], 1), time)
left = grades.to_numpy() - line
level = left.mean(axis=1)
around_level = left - level[:, None]

within = np.sum(around_level**2) / (n_students * (n_each - 1) - 1)
between = np.sum(level**2) / (n_students - 1) - within / n_each
assert np.allclose([between, within], [var_student, var_residual], rtol=1e-6)
assert round(np.sqrt(between), 3) == 0.252
pd.Series({"students": between, "residual": within}, name="variance").round(3)

# %% [markdown]
# The sums are divided by what is left to vary: 200 levels around one mean leave 199;
# five free remainders a student, minus one for the slope, leave 999. The result is what
# `lmer` found by searching, to six digits; the cell checks that. Without balance there is
# no such short cut, and the search is needed.

# %% [markdown] tags=["R46"]
# Is 0.252 large? Hold it against the trend. The average student gains 0.106 a semester.
#
# **Guess before you run:** how many semesters of average progress separate a typical
# student from the line?

# %% tags=["R46"]
mean_distance = np.sqrt(2 / np.pi) * sd_student
sd_of_trend = slope * time.std()
draws = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000, scale=sd_student)
assert np.isclose(np.abs(draws).mean(), mean_distance, rtol=1e-3)
assert [round(mean_distance, 3), round(sd_of_trend, 3)] == [0.201, 0.182]
assert np.isclose(sd_of_trend, np.std(line))
assert round(np.sqrt(between) / (line[1] - line[0]), 2) == 2.37
pd.Series(
    {
        "student sd / step of a semester": sd_student / slope,
        "mean distance / step of a semester": mean_distance / slope,
        "student sd / sd of the trend": sd_student / sd_of_trend,
    }
).round(2)

# %% [markdown] tags=["R46"]
# More than two: one sd of students is 2.37 times what a semester adds. But an sd and a
# step are different things, so two more ways to compare:
#
# - An sd is not the average distance. For a normal variable that is
#   $\sqrt{2/\pi}\,\tau$, here 0.201, still 1.89 steps. (The text calls the sd an average
#   deviation; that is loose.)
# - Sd against sd: along the trend the six semesters have an sd of 0.182, and that of
#   students is 1.39 times as large.

# %% [markdown]
# All of this in one picture. Grey are the 200 levels, blue is the distribution that the
# model estimates for the effects. Compare the three lengths above.

# %% alt="Histogram of 200 student levels from -0.66 to 0.53 grade points, with a blue normal curve of sd 0.252 a little narrower than the bars. Three horizontal bars start at zero: one semester 0.106, mean distance 0.201, sd 0.252."
fig, ax = plt.subplots(figsize=(6.6, 3.8))
ax.hist(level, bins=18, density=True, color=OBSERVED, alpha=0.45)
x = np.linspace(-0.85, 0.85, 300)
ax.plot(x, stats.norm.pdf(x, scale=sd_student), color=GROUP, linewidth=2)
ax.annotate("effects,\nas estimated", (0.32, 0.95), color=GROUP)
lengths = {
    "one semester": (slope, OVERALL, 1.85),
    "mean distance": (mean_distance, PICKED, 2.05),
    "sd of students": (sd_student, GROUP, 2.25),
}
for name, (length, colour, height) in lengths.items():
    ax.plot([0, length], [height] * 2, color=colour, linewidth=4, solid_capstyle="butt")
    ax.annotate(f"{name}, {length:.3f}", (length + 0.02, height), va="center")
ax.set(xlabel="distance from the line (grade points)", ylabel="density", ylim=(0, 2.4))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Both lengths of the students are longer than one semester. The bars reach a little farther
# than the curve: observed levels still contain some luck, with the variance $\sigma^2/6$,
# which the estimate takes out. [Lesson 11](11_random_effects.ipynb) does the same for
# single students.

# %% [markdown]
# ## 2 · What share is due to students?
#
# The two variances add up to that of a grade around the line, $\tau^2 + \sigma^2$. (Sds
# do not add up; variances do, and that is what they are good for.) The share of the students in the
# sum is the *intraclass correlation*, ICC. Why a share has the name of a correlation
# is the subject of section 3.
#
# **Guess before you run:** the two sds are 0.252 and 0.241. Is the share above or below
# one half, and by how much?

# %% tags=["R47", "R48"]
total = var_student + var_residual
icc = var_student / total
shared_out = pd.DataFrame(
    {"variance": [var_student, var_residual, total], "share": [icc, 1 - icc, 1]},
    index=["students", "residual", "total"],
)
shared_out.round(3)

# %% [markdown] tags=["R47"]
# 52 %: of what remains when time is taken out, about one half is the student and one half
# the single semester. The text divides the rounded numbers, 0.064 / 0.122. That is 0.525; the
# exact share is 0.523. Both are 52 %, so no harm is done, but round at the end, not on
# the way.

# %% tags=["R47", "R48"]
assert round(var_student, 3) / round(total, 3) == 0.064 / 0.122
assert round(0.064 / 0.122, 3) == 0.525
assert round(icc, 3) == 0.523
assert f"{0.064 / 0.122:.0%}" == f"{icc:.0%}" == "52%"
assert np.isclose(mm.icc(model)["icc"].iloc[0], between / (between + within))
mm.icc(model).round(3)

# %% [markdown]
# `mm.icc` gives the same; with one grouping factor, its share and the last row, `all`,
# are equal.
#
# A share needs a whole, and here the whole has time taken out already. Many programs
# and books report the ICC of the *null model*, which has no predictors at all.
#
# **Guess before you run:** without `occasion` in the model, does the student share rise
# or fall? And the student variance itself?

# %%
null = mm.lmer("gpa ~ 1 + (1 | student)", data=gpa)
rows = {"null model": null, "with occasion": model}
shares = pd.DataFrame(
    [mm.extract_vc(m, ci_level=0)["variance"].to_numpy() for m in rows.values()],
    index=rows,
    columns=["students", "residual"],
)
shares["icc"] = [mm.icc(m)["icc"].iloc[0] for m in rows.values()]
shares.round(3)

# %% [markdown]
# Without time the share is 0.369. The trend now counts as residual, which grows from
# 0.058 to 0.098. And the student variance *falls*, for the same students: it is the
# variance of the levels minus a sixth of the residual variance, and that sixth is larger.
#
# So the share depends on the model: 0.369 in the null model, 0.523 of what time leaves
# (the *residual* or *adjusted* ICC). A third one keeps the better estimate, 0.064, and
# divides by everything, trend included: 0.412. Say which one you report.

# %%
trend = slope**2 * np.sum((gpa["occasion"] - 2.5) ** 2)
within_null = (within * 999 + trend) / 1000
between_null = level.var(ddof=1) - within_null / n_each
assert np.allclose([between_null, within_null], shares.iloc[0, :2], rtol=1e-6)
assert np.isclose(mm.icc_null("gpa", "student", gpa), shares.loc["null model", "icc"])
assert shares["icc"].round(3).tolist() == [0.369, 0.523]
assert shares["residual"].round(3).tolist() == [0.098, 0.058]
assert between_null < between
assert round(between / (between + within + np.var(line)), 3) == 0.412

# %% [markdown]
# ## 3 · The share is a correlation
#
# Take two grades of one student. They share the effect, so their covariance is
# $\tau^2$. Grades of two students share nothing. Let us write down the covariance of
# *all* grades at once.
#
# $Z$ has a row for each grade and a column for each student, with a 1 where the grade
# is the student's. $\Psi$ (psi) holds the variances of the effects: $\tau^2$ on its
# diagonal. Then
#
# $$V = Z \Psi Z' + \sigma^2 I$$

# %% tags=["R48"]
first_five = gpa[gpa["student"] <= 5].sort_values(["student", "occasion"])
Z = pd.get_dummies(first_five["student"]).to_numpy(float)
Psi = var_student * np.eye(5)
V = Z @ Psi @ Z.T + var_residual * np.eye(len(first_five))
values, counts = np.unique(V.round(4), return_counts=True)
pd.DataFrame({"value": values, "cells": counts})

# %% [markdown]
# A matrix of 900 cells with only three different numbers. Look where they stand.

# %% tags=["R48"] alt="Square heat map of 30 by 30 cells. Five blue blocks of 6 by 6 stand along the diagonal, one for each student, all in the same shade, with a darker diagonal. Everything outside the blocks is white, which is zero."
fig, ax = plt.subplots(figsize=(5.2, 4.3))
picture = ax.imshow(V, cmap="Blues")
bar = fig.colorbar(picture, ax=ax, ticks=values, format="{x:.4f}")
middle = np.arange(5) * n_each + 2.5
ax.set_xticks(middle, range(1, 6))
ax.set_yticks(middle, range(1, 6))
ax.hlines(np.arange(6, 30, 6) - 0.5, -0.5, 29.5, color=OBSERVED, linewidth=0.5)
ax.vlines(np.arange(6, 30, 6) - 0.5, -0.5, 29.5, color=OBSERVED, linewidth=0.5)
ax.set(xlabel="student (six semesters each)", ylabel="student (six semesters each)")
bar.set_label("covariance (squared grade points)")

# %% [markdown] tags=["R48"]
# On the diagonal the variance of a grade, 0.1218. Beside it, within a student, 0.0637
# in every cell. Outside the blocks 0.
#
# A correlation is a covariance divided by the variance, if both variances are the
# same. Here: 0.0637 / 0.1218. That is the share of section 2, and so *intraclass
# correlation* is the right name: it is the correlation of two grades of one student,
# around the line.

# %% tags=["R48"]
correlation = V[0, 1] / np.sqrt(V[0, 0] * V[1, 1])
assert np.isclose(correlation, icc)
assert np.allclose(V[:6, :6], var_student * np.ones((6, 6)) + var_residual * np.eye(6))
assert values.tolist() == [0.0, 0.0637, 0.1218]
round(float(correlation), 3)

# %% [markdown]
# What does a correlation of 0.523 look like? The left panel draws ten invented students
# with six grades each, time taken out; the right one, for 200 invented students, a
# second grade against a first. The total variance stays that of our data; only the ICC
# differs.
#
# **Guess before you run:** with an ICC of 0, what do the blue means of the left panel do? And
# with an ICC of 1?

# %%
shared, single = rng.standard_normal(200), rng.standard_normal((200, 6))


def draw_icc(icc):
    """Draw grades that have this intraclass correlation."""
    marks = np.sqrt(icc * total) * shared[:, None] + np.sqrt((1 - icc) * total) * single
    _, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.4), sharey=True)
    place = np.arange(1, 11)
    left.plot(place, marks[:10], "o", color=OBSERVED, markersize=4)
    left.hlines(marks[:10].mean(axis=1), place - 0.35, place + 0.35, color=GROUP)
    left.set(xlabel="invented student", ylabel="distance from the line (grade points)")
    right.plot(marks[:, 0], marks[:, 1], "o", color=GROUP, alpha=0.5, markersize=4)
    r = np.corrcoef(marks[:, 0], marks[:, 1])[0, 1]
    right.set(xlabel="one grade of a student", ylabel="another grade")
    right.axis((-1.3, 1.3, -1.3, 1.3))
    right.set_title(f"ICC {icc:.2f}, correlation {r:.2f}", fontsize="medium")
    plt.show()


# %% alt="Two panels for an ICC of 0.52. Left, ten students as columns of six grey dots with a blue line at their mean; the means differ about as much as the dots scatter. Right, 200 pairs of grades in a rising cloud."
draw_icc(round(icc, 2))

# %% [markdown]
# The blue means differ about as much as the dots around them: that is one half. In
# the cloud one grade says something about the other, but not much. Move the slider in
# a running notebook.

# %% tags=["widget"]
_ = widgets.interact(draw_icc, icc=widgets.FloatSlider(0.52, min=0, max=1, step=0.02))

# %% [markdown]
# At 0 the means are nearly equal; what remains of their differences is luck. At 1 the six
# dots fall together, and a second grade would tell nothing new. The correlation of 200
# pairs is near the ICC, not equal to it; section 4 shows how near.

# %% [markdown]
# ## 4 · Do these data agree?
#
# The blocks of $V$ say something strong: *every* two semesters correlate equally, and
# every semester varies equally. This is called *compound symmetry*. (*Sphericity*, known
# from repeated-measures ANOVA, asks less: that all differences of two semesters vary
# equally. *Unstructured* asks nothing; it needs 21 numbers where we use two.) The model
# did not find compound symmetry in the data. It assumed it.
#
# **Guess before you run:** is a first grade as telling about the second as about the
# sixth?

# %%
observed = grades.corr()
observed.round(2)

# %% [markdown]
# These correlations are read off our 200 reconstructed students; they are facts of this
# file, not of the original one. Are they equal up to chance? We let the model simulate
# 500 data sets, in which it is right, and note where 95 % of their correlations fall:
# the grey band. In the right panel look for pairs outside of it.

# %%
simulated = model.simulate(n_sims=500, seed=10).to_numpy()
order = gpa.sort_values(["student", "occasion"]).index
cubes = simulated[gpa.index.get_indexer(order)].T.reshape(500, n_students, n_each)
pair = np.triu_indices(n_each, k=1)
by_chance = np.array([np.corrcoef(cube, rowvar=False)[pair] for cube in cubes])
low, high = np.quantile(by_chance, [0.025, 0.975])
pairs = pd.DataFrame({"apart": pair[1] - pair[0], "r": observed.to_numpy()[pair]})
by_lag = pairs.groupby("apart")["r"].mean()
by_lag.map("{:.2f}".format).to_frame("mean correlation").T

# %% alt="Left, a heat map of the 15 correlations between semesters, from 0.20 in the first column to 0.86 in the last corner. Right, the same against semesters apart: means fall from 0.59 to 0.20, and many dots lie outside the grey band from 0.42 to 0.62."
fig, (ax, right) = plt.subplots(1, 2, figsize=(8.4, 3.6), layout="constrained")
hidden = np.triu(np.ones((6, 6), bool))
style = {"cmap": "Blues", "vmin": 0, "vmax": 1, "annot": True, "fmt": ".2f"}
below = observed.iloc[1:, :-1]  # every pair once
sns.heatmap(below, mask=hidden[1:, :-1], cbar=False, square=True, ax=ax, **style)
ax.set(xlabel="occasion (semester)", ylabel="occasion (semester)")
ax.tick_params(rotation=0)
right.axhspan(low, high, color=OBSERVED, alpha=0.3, linewidth=0)
right.axhline(icc, color=OVERALL)
right.plot(pairs["apart"], pairs["r"], "o", color=GROUP, alpha=0.7)
right.plot(by_lag, "_", color=PICKED, markersize=22)
right.annotate("ICC", (5.15, icc + 0.015), color=OVERALL)
right.set(xlabel="semesters apart", ylabel="correlation", xlim=(0.6, 5.6), ylim=(0, 1))
right.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Chance would leave one in twenty outside the band. Here it is 10 of 15, in two patterns.
# Semesters far apart resemble each other less: the mean (dark dash) falls from 0.59 for
# neighbours to 0.20 for the first and the last. And later semesters hang together more
# closely than early ones: 0.29 for the first two, 0.86 for the last two.

# %% [markdown]
# So 0.523 is the correlation of a typical pair, not of every pair. As an average it is
# right: the mean covariance divided by the mean variance gives it back, to two digits.
#
# What would do better? A slope for each student lets students drift apart, and then
# correlations differ; [Lesson 14](14_summary.ipynb) takes that first step. With it the
# line stays the same, but the standard error of its slope grows, from 0.0041 to 0.0059:
# the smaller one rested on a symmetry that these data do not have.

# %%
outside = (pairs["r"] < low) | (pairs["r"] > high)
assert by_lag.is_monotonic_decreasing
assert by_lag.round(2).iloc[[0, -1]].tolist() == [0.59, 0.20]
assert observed.round(2).loc[0, 1] == 0.29
assert observed.round(2).loc[4, 5] == 0.86
assert abs(by_chance.mean() - icc) < 0.01
assert outside.sum() == 10
covariance = grades.cov().to_numpy()
mean_covariance = covariance[pair].mean()
assert abs(mean_covariance / np.diag(covariance).mean() - icc) < 0.002
with_slopes = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=gpa)
assert np.allclose(with_slopes.fixef, model.fixef)
assert round(model.std_error["occasion"], 4) == 0.0041
assert round(with_slopes.std_error["occasion"], 4) == 0.0059

# %% [markdown]
# ## 5 · How sure are we?
#
# An estimate of an sd needs an interval like any other. The text prints 0.225 to 0.282
# and does not say of which kind. There are several.
#
# - *Profile* intervals keep the values of the sd at which the best possible $-2\log$
#   likelihood is at most 3.84 above the least of all. (3.84 is $1.96^2$.)
# - *Bootstrap* intervals simulate new data from the model, refit, and take the middle
#   95 % of the estimates.

# %%
kinds = {
    "profile, ML": model.confint("theta_"),
    "profile, REML": model.confint("theta_", criterion="reml"),
    "bootstrap": model.confint("theta_", method="boot", n_sims=2000, seed=10),
    "Wald": model.confint("theta_", method="wald"),
}
limits = pd.concat({name: table.stack() for name, table in kinds.items()}, axis=1).T
limits.columns = ["student 2.5", "student 97.5", "residual 2.5", "residual 97.5"]
in_the_text = [0.225, 0.282, 0.231, 0.252]
assert limits.loc["profile, ML"].round(3).tolist() == in_the_text
assert limits.loc["profile, REML"].round(3).tolist() == [0.226, 0.283, 0.231, 0.252]
limits.map("{:.3f}".format).replace("nan", "none")

# %% [markdown]
# The text's limits are in the first row: profiles of the *full* likelihood (ML). Its
# estimate, though, is a REML one: it maximises the likelihood of what remains when the line
# is taken out. lme4 mixes the two, and `confint` follows it; `criterion="reml"` does not
# mix. Here the third digit changes; with few groups it can be a lot more. There are no
# *Wald* limits (estimate $\pm$ 1.96 standard errors) for an sd; section 6 says why.

# %% [markdown]
# COVERAGE-SENTENCE

# %% [markdown]
# Two checks by other routes. With balanced data $999\,\hat\sigma^2/\sigma^2$ is
# chi-square distributed, which gives an exact interval for $\sigma$. And six times the
# variance of the levels over $\hat\sigma^2$ (the ratio of two *mean squares*) follows an
# $F$ distribution, once divided by $1 + 6\tau^2/\sigma^2$: an exact interval for the ICC.

# %%
middle_95 = np.array([0.975, 0.025])
exact_sigma = np.sqrt(999 * within / stats.chi2.ppf(middle_95, 999))
ratio = n_each * level.var(ddof=1) / within
theta_squared = (ratio / stats.f.ppf(middle_95, 199, 999) - 1) / n_each
exact_icc = theta_squared / (1 + theta_squared)

boot = mm.boot_mer(model, n_sims=2000, seed=10).estimates ** 2
boot_icc = boot["sd_Intercept|student"] / boot.iloc[:, :2].sum(axis=1)
boot_icc = boot_icc.quantile([0.025, 0.975]).to_numpy()
assert np.allclose(exact_icc, boot_icc, atol=0.01)
assert np.allclose(exact_sigma, kinds["profile, REML"].loc["sigma"], atol=2e-4)
icc_limits = {"exact": exact_icc, "bootstrap": boot_icc}
pd.DataFrame(icc_limits, index=["lower", "upper"]).T.round(3)

# %% [markdown]
# The ICC is 0.52, with exact limits of 0.46 and 0.59: "half" is as precise as we can be.
# The bootstrap agrees to a hundredth. And the exact limits of $\sigma$ are the REML
# profile's, to the third digit.

# %% [markdown]
# Why are profile limits not symmetric? `plot_profile` shows it. $\zeta$ (zeta) is the
# root of the rise of $-2\log$ likelihood, negative to the left of the best value: a 95 %
# interval ends where it is $\pm$1.96. (The steps are intervals from 50 to 99 %.) Were all
# curves straight, Wald limits would do. The first two panels are ours. The third is a
# classical data set, the yield of dye (grams of standard colour) from six batches only,
# `dyestuff`.
#
# **Guess before you run:** in which panel is the curve bent most?

# %% alt="Three profile curves of zeta from -3 to 3. Those of the student sd and the residual sd of 200 students are nearly straight lines. The third, the sd of six batches, bends strongly: steep at the left, flat to the right, so that intervals reach far to the right."
dyestuff = mm.lmer("Yield ~ 1 + (1 | Batch)", data=mm.load("dyestuff"))
of_batches = "sd_Intercept|Batch"
fig, axes = plt.subplots(1, 3, figsize=(9.6, 3.1), layout="constrained")
mm.plot_profile(model.profile("theta_", criterion="reml"), ax=axes[:2])
mm.plot_profile(dyestuff.profile(of_batches, criterion="reml"), ax=axes[2:])
panels = {
    "200 students": "grade points",
    "residual": "grade points",
    "six batches": "g",
}
for ax, (title, unit) in zip(axes, panels.items(), strict=True):
    ax.set_title(title, fontsize="medium")
    ax.set(xlabel=f"standard deviation ({unit})")
axes[2].set_xlim(left=-35)

# %%
arms = pd.DataFrame(
    {
        "200 students": kinds["profile, REML"].iloc[0],
        "six batches": dyestuff.confint(of_batches, criterion="reml").iloc[0],
        "six batches, ML": dyestuff.confint(of_batches).iloc[0],
    }
).T
sd_batch = dyestuff.theta[0] * dyestuff.sigma
arms.insert(1, "estimate", [sd_student, sd_batch, sd_batch])
lengths = arms["upper"] - arms["estimate"], arms["estimate"] - arms["lower"]
arms["right / left"] = lengths[0] / lengths[1]
assert arms["right / left"].round(1).tolist()[:2] == [1.2, 2.2]
arms.round(2)

# %% [markdown]
# 200 students make a nearly straight curve, and arms of similar length (from the estimate
# to the limits). Six batches do not: the sd is 42 g, and anything from 16 to 101 is
# compatible with the data; the right arm is more than twice as long. Here ML and REML
# differ, too: 84 against 101. Count groups, not rows, before you trust a variance between
# groups.

# %% [markdown]
# ## 6 · A variance of zero
#
# First, why no program should print "estimate $\pm$ 1.96 standard errors" for a
# variance. We do it once, for the six batches. A mean square with $k$ degrees of freedom
# has the variance $2\,\text{MS}^2/k$, so the variance between batches has a standard
# error, and a rule of calculus (the delta method) turns it into one for the sd.

# %%
table = mm.load("dyestuff").groupby("Batch")["Yield"].agg(["mean", "var"])
ms_between, ms_within = 5 * table["mean"].var(), table["var"].mean()
var_batch = (ms_between - ms_within) / 5
se = np.sqrt(2 / 25 * (ms_between**2 / 5 + ms_within**2 / 24))
by_variance = var_batch + 1.96 * se * np.array([-1, 1])
by_sd = sd_batch + 1.96 * se / (2 * sd_batch) * np.array([-1, 1])
as_variances = np.round([by_variance, by_sd**2]).astype(int)
pd.DataFrame(as_variances, ["by variance", "by sd"], ["lower", "upper"])

# %% [markdown]
# The same data, the same rule, two answers, both here as variances. The first has a
# negative lower limit, the second reaches from 73 to 5690. A profile does not depend on
# the scale and never leaves the possible values.
#
# Now data for which the estimate itself has trouble: `dyestuff2`, again six batches of
# five.

# %%
assert np.isclose(var_batch, sd_batch**2, rtol=1e-5)
assert by_variance[0] < 0 < by_sd[0]
dyestuff2 = mm.load("dyestuff2")
zero = mm.lmer("Yield ~ 1 + (1 | Batch)", data=dyestuff2)
zero

# %% [markdown]
# The sd of the batches is 0, and the fit says "boundary": it ended at the edge of what is
# possible. Is that an error? Do as in section 1: the variance between batches is that of
# their means, minus a fifth of the residual variance.

# %%
table = dyestuff2.groupby("Batch")["Yield"].agg(["mean", "var"])
ms_between, ms_within = 5 * table["mean"].var(), table["var"].mean()
difference = (ms_between - ms_within) / 5
assert difference < 0 and zero.theta[0] == 0
assert zero.status == "singular"
pd.Series(
    {"between": ms_between, "within": ms_within, "difference / 5": difference}
).round(2).to_frame("mean square")

# %% [markdown]
# Batch means differ *less* than residuals alone make them differ on average. The best
# variance would be negative; the nearest possible one is 0. So nothing went wrong. But
# does it mean that batches are all the same?

# %%
both = {
    "profile, ML": zero.confint().iloc[0],
    "bootstrap": zero.confint(method="boot", seed=10).iloc[0],
    "Wald": zero.confint(method="wald").iloc[0],
}
pd.DataFrame(both).T.map("{:.2f}".format).replace("nan", "none")

# %% [markdown]
# No: by the profile, batch sds up to 2.08 are compatible with these data, while the
# residual sd is 3.7. The lower limit is 0, an honest end. (The bootstrap simulates
# batches that do not differ. Its 2.01 says what luck alone can produce, another
# question.) A standard error at 0 would pretend that values below exist; so `confint`
# gives no Wald limits.
#
# **Guess before you run:** suppose batches really differ, with an ICC of 0.10. In how
# many of 100 such studies would the estimate be exactly 0?


# %%
def deviance(sigma, sd):
    """Deviance of six batches of five: -2 log likelihood, up to a constant."""
    whole = sigma**2 + 5 * sd**2
    logs = 24 * np.log(sigma**2) + 6 * np.log(whole)
    return logs + 24 * ms_within / sigma**2 + 5 * ms_between / whole


def best_at(sd):
    """Deviance at a batch sd, the residual sd at its best."""
    return optimize.minimize_scalar(deviance, (3, 4), args=(sd,)).fun


at = np.linspace(0, 3, 61)
rise = np.array([best_at(sd) - best_at(0) for sd in at])
true_icc = np.linspace(0, 0.5, 101)
theta_squared = true_icc / (1 - true_icc)
of_six = stats.f.cdf(1 / (1 + 5 * theta_squared), 5, 24)
of_ours = stats.f.cdf(1 / (1 + 6 * theta_squared), 199, 999)

# %% [markdown]
# The estimate is 0 whenever the ratio of mean squares is below 1, and the $F$ distribution
# of section 5 says how often that is. Left, how fast larger sds become implausible for
# `dyestuff2`: the rise of the deviance ($-2\log$ likelihood) over its least value, and the
# limit of 3.84. Right, the answer to the guess.

# %% alt="Left, the rise of the deviance against the batch sd starts flat at zero and crosses the dashed line of 3.84 at 2.08. Right, the chance that the estimate is zero against the true ICC: for six batches it falls slowly from 0.57, for 200 students almost at once from 0.5 to zero."
fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.3), layout="constrained")
left.plot(at, rise, color=GROUP)
left.axhline(3.84, color=OBSERVED, linestyle="--")
left.plot(both["profile, ML"]["upper"], 3.84, "o", color=PICKED)
left.annotate("3.84", (0.05, 4.0), color=PICKED)
left.set(xlabel="batch sd (dyestuff2, no unit)", ylabel="rise of the deviance")
right.plot(true_icc, of_six, color=GROUP)
right.plot(true_icc, of_ours, color=PICKED, linestyle="--")
right.annotate("six batches of five", (0.14, 0.3), color=GROUP)
right.annotate("200 students, six grades", (0.065, 0.02), color=PICKED)
right.set(xlabel="true ICC", ylabel="chance that the estimate is 0", ylim=(0, 0.65))
sns.despine(fig)

# %% [markdown]
# With six batches, about 33 of 100 studies would find a variance of exactly 0 though
# the true share is 10 %. With 200 students it practically never happens. **Zero is an
# estimate, not a finding.** Report the upper limit with it, and keep the term if the
# design has it.

# %%
assert abs(best_at(both["profile, ML"]["upper"]) - best_at(0) - 3.84) < 0.01
assert round(float(np.interp(0.10, true_icc, of_six)), 2) == 0.33
assert np.interp(0.10, true_icc, of_ours) < 1e-4
studies = rng.normal(size=(20_000, 6, 1)) / 3 + rng.normal(size=(20_000, 6, 5))
means, variances = studies.mean(axis=2), studies.var(axis=2, ddof=1)
is_zero = 5 * means.var(axis=1, ddof=1) < variances.mean(axis=1)
assert abs(is_zero.mean() - 0.33) < 0.02

# %% [markdown]
# ## Summary
#
# - $\tau$ is an sd in the units of the outcome; here students differ by 0.252 points.
# - The students' share of the variance that time leaves, the ICC, is 52 %; in the null model
#   it is 37 %.
# - The ICC is also the correlation of two grades of a student, if all pairs are alike.
# - Name the interval. Many groups: all kinds agree. Few groups: prefer a profile.
# - An estimate of 0 has an upper limit; report it.
#
# **Common mistakes.** Dividing sds where variances are meant. Comparing an ICC of a null
# model with one that has predictors. Taking compound symmetry for a result. Adding
# $\pm$ 2 standard errors to a variance. Reading 0 as "no differences".
#
# **In the code.** `mmcourse/extract/variances.py`: `extract_vc`.
# `mmcourse/extract/shares.py`: `icc`, `icc_null`. `mmcourse/inference/profile.py`: the
# limits. `mmcourse/plots/profiles.py`: the curves.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows. Searle, Casella, McCulloch (1992),
# *Variance Components*. Box, Tiao (1973), *Bayesian Inference in Statistical Analysis*,
# for the two dye data sets. Bates and others (2015), *Fitting linear mixed-effects
# models using lme4*, J. Stat. Softw. 67(1).
#
# **Next.** [Lesson 11](11_random_effects.ipynb): where each single student stands.
