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
# # 06 · Look first
#
# **The question:** what can be seen in 200 lines before any model is fitted?
#
# *About 35 minutes. You need to know what a regression line is; no earlier lesson is
# needed.*
#
# After this lesson you can
#
# - draw the trajectories of many groups so that single ones can still be followed,
# - read two things off the picture, and check both with numbers,
# - name three ways in which such a picture misleads,
# - find what a bundle of lines hides: spread and correlation.

# %%
import statistics

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

# %% [markdown]
# The data: 200 students, each with a grade point average `gpa` (4.0 is best) in six
# semesters, which `occasion` counts from 0 to 5. A *trajectory* is what one student's
# grades do over time.
#
# *The text* is the one that the course follows, M. Clark's *Mixed Models with R*.

# %% [markdown]
# The rows are reconstructed. The models of the course come out as on the original data;
# single students, single semesters and their correlations are facts of *these* rows only.
# This lesson reads a lot off them: do not quote it as research about students.

# %%
gpa = mm.load_gpa()
Y = gpa.pivot(index="student", columns="occasion", values="gpa")  # a row a student
assert Y.shape == (200, 6) and Y.notna().all(axis=None)
Y.head(3)

# %% [markdown]
# ## 1 · Two hundred lines at once
#
# One line a student gives a bundle in which nobody can be followed. The remedy is old
# and good: draw everybody faintly, and a few students boldly. *Which* few should be left
# to chance, else one finds what one looks for.

# %% [markdown]
# The text draws ten students with R's random numbers and the seed 1234.
# `mm.r_random` makes the same draws as R, so we get the same ten.

# %% tags=["R28"]
drawn = mm.r_random.RRandom(1234).sample(200, 10)  # R: set.seed(1234); sample(200, 10)
picked = sorted(drawn.tolist())
assert picked == [28, 80, 101, 111, 132, 133, 137, 144, 150, 166]
picked

# %% [markdown]
# (The numbers 28 to 166 are those of the text; the rows of these students are
# reconstructed like all others.)
#
# The picture also gets the regression line over all 1200 rows, groups ignored. Its slope
# is the covariance of grade and occasion, divided by the variance of occasion.

# %% tags=["R28"]
occasion, grade = gpa["occasion"], gpa["gpa"]
slope = np.cov(occasion, grade)[0, 1] / np.var(occasion, ddof=1)
ends = np.array([0, 5])
line = grade.mean() + slope * (ends - occasion.mean())
assert np.allclose(line, np.polyval(np.polyfit(occasion, grade, 1), ends))
pd.Series(line, index=["at occasion 0", "at occasion 5"]).round(4)

# %% [markdown]
# Now by hand, in a loop over students.
#
# **Guess before you run:** how far apart will the lines be at the first occasion, compared
# with the rise of the red line over all six? Will many of the ten bold ones go down?

# %% tags=["R28"] alt="Two hundred faint grey trajectories over six semesters, between 1.7 and 4.0, ten of them bold and dark, zigzagging at different heights, most of them upward. A thick red regression line rises from 2.6 to 3.13."
faint = {"color": OBSERVED, "alpha": 0.25, "linewidth": 0.7, "zorder": 1}
bold = {"color": PICKED, "alpha": 0.9, "linewidth": 1.6, "zorder": 2}
fig, ax = plt.subplots(figsize=(6.8, 4.2))
for student, own in Y.iterrows():
    ax.plot(own.index, own, **(bold if student in picked else faint))
ax.plot(ends, line, color=OVERALL, linewidth=2.6, zorder=3)
ax.text(5.1, line[1], "overall", color=OVERALL, va="center")
ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")
ax.set_xlim(-0.2, 5.7)
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The lines start far apart, much farther than the red line rises over all six semesters.
# It goes up; most of the ten do, too. Before we put numbers on that: is the picture what
# we think it is? Its lines can be counted.

# %% tags=["R28"]
lines = ax.get_lines()
dark = [one for one in lines if one.get_color() == PICKED]
red = lines[-1].get_ydata()
assert len(lines) == 200 + 1 and len(dark) == 10
assert np.round(red, 4).tolist() == [2.5992, 3.1308]
assert all(
    np.array_equal(one.get_ydata(), Y.loc[student])
    for one, student in zip(dark, picked, strict=True)
)

# %% [markdown]
# ### The same from the package
#
# `mm.plot_trajectories` does all this in one call. With `return_data=True` it also gives
# back the points that it drew, so that both pictures can be compared number by number.
#
# Below on the left is our picture again. On the right other students are bold: give each
# student a least-squares line of their own, and take those whose line falls. (Section 2
# explains the weights.) Which panel would make you say "grades go up"?

# %% tags=["R28"]
tenths = np.rint(10 * Y.to_numpy()).astype(int)  # whole tenths of a grade point
weights = np.array([-5, -3, -1, 1, 3, 5])  # twice the distance from the middle
rise = pd.Series(tenths @ weights, index=Y.index)  # its sign is that of the slope
falling = rise.index[rise < 0].tolist()
assert np.allclose(
    rise / 350, [np.polyfit(range(6), own, 1)[0] for own in Y.to_numpy()]
)

# %% tags=["R28", "R29"] alt="Two panels with 200 faint trajectories and a red line that rises. Left, ten students bold, most of them rising. Right, other students bold, those whose own line falls: most start high and end low, crossing the bundle."
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
_, points = mm.plot_trajectories(
    gpa, "occasion", "gpa", "student", highlight=picked, ax=left, return_data=True
)
mm.plot_trajectories(gpa, "occasion", "gpa", "student", highlight=falling, ax=right)
left.set_title("ten students at random", fontsize=10)
right.set_title("all students whose own line falls", fontsize=10)
left.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")
right.set(xlabel="occasion (semester)", ylabel="")
fig.tight_layout()

# %% tags=["R28"]
again = left.get_lines()
assert len(again) == len(lines)
for mine, theirs in zip(lines, again, strict=True):
    assert np.allclose(mine.get_ydata(), theirs.get_ydata())
    assert (mine in dark) == (theirs.get_color() == PICKED)
assert points.groupby("group")["highlighted"].first().sum() == 10
assert np.allclose(points["y"], Y.to_numpy().ravel())

# %% [markdown]
# Line by line they agree. The two panels hold the same 200 students and tell two
# stories. Either choice of bold lines is legitimate, if one says how it was made.

# %% [markdown] tags=["R29"]
# ## 2 · Two readings, with numbers
#
# The text reads two things off the picture: students differ a lot at the start; and the
# trend goes up in general, but single trajectories vary. We check both.
#
# ### The start

# %% tags=["R29"]
first = Y[0]
start = pd.Series({"lowest": first.min(), "highest": first.max(), "sd": first.std()})
start["range"] = start["highest"] - start["lowest"]
start["rise of the red line"] = line[1] - line[0]
start.round(3)

# %% [markdown]
# In the first semester grades lie between 1.7 and 3.6. That range is more than three
# times the rise of the red line over all semesters; the standard deviation (sd) alone,
# 0.338, is more than half of that rise.

# %% tags=["R29"]
in_order = sorted(tenths[:, 0].tolist())
assert [in_order[0], in_order[-1]] == [17, 36]
by_library = statistics.stdev(in_order) / 10  # exact arithmetic
assert np.isclose(first.std(), by_library) and round(by_library, 3) == 0.338
assert start["range"] > 3 * start["rise of the red line"]
assert start["sd"] > start["rise of the red line"] / 2

# %% [markdown]
# ### The trend
#
# The average of each occasion, beside the red line:

# %% tags=["R29"]
trend = pd.DataFrame({"mean gpa": Y.mean(), "line": np.linspace(*line, 6)})
trend["difference"] = trend["mean gpa"] - trend["line"]
trend.round(3)

# %% [markdown]
# Averages rise from semester to semester, from 2.598 to 3.131, about a tenth each time. The
# straight line misses none of them by more than 0.02, so it is a fair summary of the
# *averages*.

# %% tags=["R29"]
in_tenths = tenths.sum(axis=0) / 200
assert np.allclose(in_tenths / 10, trend["mean gpa"])
assert (np.diff(in_tenths) > 0).all() and trend["difference"].abs().max() < 0.02
assert trend["mean gpa"].round(3).iloc[[0, 5]].tolist() == [2.598, 3.131]
assert np.allclose(np.diff(in_tenths) / 10, 0.1, atol=0.035)

# %% [markdown]
# ### Single students
#
# Now the 200 slopes of the students' own lines.
#
# **Guess before you run:** the bold lines of the right panel: how many are they? And how
# many students had a worse grade than in the semester before at least once?

# %% [markdown]
# By hand, a slope is a weighted sum of the six grades. The weights are the distances of
# the occasions from their middle, 2.5, divided by the sum of their squares, 17.5.
# Doubled, the distances are whole numbers; that is what section 1 used.

# %% tags=["R29"]
own_slope = Y.to_numpy() @ (np.arange(6) - 2.5) / 17.5
fits = mm.lm_list("gpa ~ occasion | student", gpa)
assert np.allclose(own_slope, fits.coef["occasion"])
assert np.allclose(own_slope, rise / 350)
fell_once = (np.diff(tenths, axis=1) < 0).any(axis=1)
signs = {"own line rises": rise > 0, "exactly flat": rise == 0, "falls": rise < 0}
counts = pd.Series({name: found.sum() for name, found in signs.items()})
counts["a worse grade at least once"] = fell_once.sum()
counts

# %% [markdown]
# 22 of 200 lines fall: those are the bold students of the right panel. Yet 171 students
# had a worse grade at least once. "The trend is upward" is a statement about averages.
#
# Two lines are exactly flat. Counting slopes below 0 could go wrong here: computed with
# decimals, a slope of 0 may come out as $-10^{-17}$, and up to 24 lines would seem to
# fall. So we counted in whole tenths.

# %% tags=["R29"]
assert counts.tolist() == [176, 2, 22, 171]
assert (own_slope < -1e-9).sum() == len(falling) == 22
assert (np.abs(own_slope) < 1e-9).sum() == 2
assert Y.diff(axis=1).lt(-0.05).any(axis=1).sum() == 171
assert np.isclose(own_slope.mean(), slope)  # balanced data: the mean slope is the slope

# %% [markdown]
# ## 3 · One student at a time
#
# A bundle shows the crowd. *Small multiples*, one small panel a student with the same axes
# everywhere, show persons. Here are the ten drawn at random. Blue is the student's own
# line, red the overall one.
#
# **Guess before you run:** whose own line is steepest, and is there one that falls?
# Look for them in the picture of section 1 first.

# %% alt="Ten small panels, a student each, with six dots, a blue own line and a faint red overall line. Most blue lines rise, seven of the ten more steeply than the red one; student 111's falls; student 133's is steepest."
fig, axes = plt.subplots(
    2, 5, figsize=(9, 3.8), sharex=True, sharey=True, layout="constrained"
)
for ax, student in zip(axes.flat, picked, strict=True):
    own = np.polyfit(range(6), Y.loc[student], 1)
    ax.plot(ends, line, color=OVERALL, linewidth=1.2, alpha=0.7)
    ax.plot(ends, np.polyval(own, ends), color=GROUP)
    ax.plot(Y.columns, Y.loc[student], "o", color=PICKED, ms=3.5)
    ax.set_title(f"student {student}: {own[0]:.2f}", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
fig.supxlabel("occasion (semester)", fontsize=10)
_ = fig.supylabel("gpa (grade points)", fontsize=10)

# %% [markdown]
# The number in each title is the own slope, in grade points a semester. Student 133
# climbs fastest, 111 is the one who falls. Two things vary: the *height* of the blue
# lines, and their *slope*. A model with one slope for all can catch only the first. And
# the dots scatter around their line: six of them fix it poorly.

# %%
of_picked = fits.coef.loc[picked, "occasion"]
assert of_picked.idxmax() == 133 and of_picked.idxmin() == 111
assert (of_picked < 0).sum() == 1 and (of_picked > slope).sum() == 7
assert np.allclose(of_picked, rise[picked] / 350)

# %% [markdown]
# ## 4 · Where a picture misleads
#
# ### Dots on top of dots
#
# Grades come in tenths, occasions in whole numbers. So many of the 1200 points lie at
# exactly the same place.
#
# **Guess before you run:** at how many different places do the 1200 points lie?

# %%
places = gpa.groupby(["occasion", "gpa"]).size()
assert places.sum() == 1200
pd.Series(
    {
        "different places": len(places),
        "points at the fullest place": places.max(),
        "points at the emptiest place": places.min(),
    }
)

# %% [markdown]
# Only 108. A dot may stand for one student or for 28. *Jitter* moves each point by a
# small random amount, for drawing only, and faint dots get darker where they overlap.
# Compare the two panels: where are most of the grades?

# %% alt="Two panels of the same 1200 grades. Left, a regular grid of equal dots over six occasions, which shows only where grades occur. Right, jittered and faint: dense clouds in the middle of each occasion, sparse at the ends."
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
left.plot(gpa["occasion"], gpa["gpa"], "o", color=OBSERVED, ms=3)
move = np.random.default_rng(6).uniform(-1, 1, (2, 1200)) * [[0.3], [0.04]]
beside, above = gpa["occasion"] + move[0], gpa["gpa"] + move[1]
right.plot(beside, above, "o", color="0.2", ms=3, alpha=0.25)  # overlap shows
left.set(ylabel="gpa (grade points)", xlabel="occasion (semester)")
right.set(xlabel="occasion (semester)")
left.set_title("as they are", fontsize=10)
right.set_title("jittered", fontsize=10)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

# %%
recount = np.array([np.bincount(own, minlength=41) for own in tenths.T])
assert (recount > 0).sum() == len(places) == 108
assert recount.max() == places.max() == 28 and places.min() == 1
assert np.abs(move[1]).max() < 0.05  # less than half a tenth: no grade is mistaken

# %% [markdown]
# On the left all places look alike. On the right the middle is dense. Lines overlap as
# well: 200 students make 1000 steps from one semester to the next, but many steps have
# the same two ends and are drawn on top of each other.

# %%
# A step: the semester where it begins, and the two grades. A set keeps one of each.
steps = {(k, own[k], own[k + 1]) for own in tenths.tolist() for k in range(5)}
pd.Series({"steps": 200 * 5, "different steps": len(steps)})

# %%
both_ends = [np.stack([tenths[:, k], tenths[:, k + 1]], axis=1) for k in range(5)]
assert (
    sum(len(np.unique(ends_of, axis=0)) for ends_of in both_ends) == len(steps) == 520
)

# %% [markdown]
# Only 520 differ; nearly every second step lies under another one.
#
# ### The average line is not a student
#
# The red line is thick and seems to say "this is how students do".
#
# **Guess before you run:** how many of the 200 students stay within 0.2 grade points of it
# in all six semesters?

# %%
distance = (Y - trend["line"]).abs()
rows = {
    f"within {band}": {
        "grades, %": 100 * (distance <= band).mean(axis=None),
        "students, all six": (distance <= band).all(axis=1).sum(),
    }
    for band in (0.1, 0.2, 0.3)
}
pd.DataFrame(rows).T.round(0).astype(int)

# %% [markdown]
# Three, although 43 % of all grades lie so near. The red line sums up 200 trajectories,
# and hardly anybody follows it for long. An average of unlike things need not look like
# any of them.

# %%
heights = np.linspace(*line, 6)
near = sum(np.abs(own - heights).max() <= 0.2 for own in Y.to_numpy())
assert near == rows["within 0.2"]["students, all six"] == 3
assert round(rows["within 0.2"]["grades, %"]) == 43
assert np.allclose(Y.mean().mean(), line.mean())  # and yet it is the average

# %% [markdown]
# ## 5 · What the bundle hides
#
# Two things are hard to see in a bundle of lines: how far the grades are spread at each
# occasion, and how strongly two occasions go together. Both matter for models. The first
# mixed model of the course gives each student one *effect*, a number that lifts or lowers
# all six grades alike. It says that the spread is the *same* at all occasions, and the
# correlation the *same* for all pairs. First the spread.

# %% [markdown]
# In a box plot the box holds the middle half of the grades, with the median as a line;
# circles are grades farther from the box than one and a half times its height.
#
# **Guess before you run:** do grades spread more at the start or at the end?

# %% alt="Six box plots of gpa, one an occasion. The medians rise from 2.6 to 3.2, and the red line of the means rises with them; the boxes are taller at occasions 3 to 5 than before."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
sns.boxplot(
    data=gpa, x="occasion", y="gpa", color="0.88", linecolor=PICKED, width=0.5, ax=ax
)
ax.plot(range(6), Y.mean(), "o-", color=OVERALL, ms=4)
ax.text(5.35, Y[5].mean(), "mean", color=OVERALL, va="center")
ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")
ax.set_xlim(-0.6, 6)
ax.spines[["top", "right"]].set_visible(False)

# %%
spread = pd.DataFrame(
    {"sd": Y.std(), "middle half": Y.quantile(0.75) - Y.quantile(0.25)}
)
spread.T.round(3)

# %% [markdown]
# More at the end. In these rows the sd dips after the first semester and then grows: that
# of the last, 0.398, is 1.28 times that of the second. The last three boxes (row "middle
# half") are taller than the first three. Two explanations: students drift apart, or single
# grades scatter more.

# %%
by_hand = np.sqrt(((tenths - in_tenths) ** 2).sum(axis=0) / 199) / 10
assert np.allclose(by_hand, spread["sd"])
assert by_hand.argmin() == 1 and by_hand.argmax() == 5 and by_hand[0] > by_hand[1]
assert (np.diff(by_hand[1:]) > 0).all()
assert round(by_hand[5], 3) == 0.398 and round(by_hand[5] / by_hand[1], 2) == 1.28
assert spread["middle half"].iloc[3:].min() > spread["middle half"].iloc[:3].max()

# %% [markdown]
# Now the correlations: take two occasions, and ask whether the students who are good in
# one are good in the other. That tells the two explanations apart: if later grades
# scattered more, later semesters would be less alike.
#
# **Guess before you run:** which pair of occasions has the lowest correlation?

# %% alt="Heat map of the correlations between six occasions with the numbers written in. They darken towards the lower right corner, up to 0.86; the row of occasion 0 is pale, down to 0.20 with occasion 5."
correlation = Y.corr()
fig, ax = plt.subplots(figsize=(4.6, 4))
look = {"cmap": "Blues", "vmin": 0, "vmax": 2, "cbar": False}
sns.heatmap(
    correlation, annot=True, fmt=".2f", annot_kws={"color": PICKED}, ax=ax, **look
)
ax.set(xlabel="occasion (semester)", ylabel="occasion (semester)", aspect="equal")
ax.tick_params(length=0, labelrotation=0)

# %% [markdown]
# They go from 0.20, for the first and the last semester, to 0.86, for the last two. On
# average, neighbours are more alike than distant semesters; and of the neighbours, later
# ones more than earlier ones. So it is mainly students who drift apart. The average of
# all pairs is 0.52.

# %%
Z = (Y - Y.mean()) / Y.std()
assert np.allclose(Z.T @ Z / 199, correlation)
pairs = correlation.to_numpy()[np.triu_indices(6, 1)]
extremes = np.round([pairs.min(), pairs.max(), pairs.mean()], 2).tolist()
assert extremes == [0.2, 0.86, 0.52]
assert np.isclose(correlation.loc[0, 5], pairs.min())
assert np.isclose(correlation.loc[4, 5], pairs.max())
by_gap = [np.diag(correlation, gap).mean() for gap in range(1, 6)]
assert (np.diff(by_gap) < 0).all()  # farther apart, less alike
assert (np.diff(np.diag(correlation, 1)) > 0).all()  # neighbours: later, more alike

# %% [markdown]
# So a model with one effect a student will be right about the line, and right on average
# about the likeness of two grades. It will not know that students drift apart.
# [Lesson 10](10_variance_components.ipynb) holds its one correlation against these fifteen,
# and [lesson 14](14_summary.ipynb) adds slopes that vary.

# %% [markdown]
# ## Summary
#
# - All lines faint, a few bold ones drawn at random, the overall line: one picture.
# - Two readings: students start far apart; the trend is up, single students vary.
# - Read numbers off, and check them. Here 22 of 200 own lines fall, and 2 are flat.
# - Points hide points, and the average line is hardly anybody's.
# - Spread and correlation need pictures of their own.
#
# **Common mistakes.** Choosing the bold students by their looks, and not saying so. Drawing
# lines from rows that are not in order of time: they zigzag (`plot_trajectories` sorts).
# Jittering the data themselves instead of the picture. Reading "the trend is up" as
# "everybody improves". Counting computed slopes below zero when some are exactly zero.
#
# **In the code.** `mmcourse/plots/groups.py`: `plot_trajectories`. `mmcourse/r_random/`:
# `RRandom.sample`. `mmcourse/lm_list.py`: `lm_list`.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows. Tufte
# (1990), *Envisioning Information*, Graphics Press: small multiples. Singer, Willett
# (2003), *Applied Longitudinal Data Analysis*, Oxford, chapter 2: looking at change.
#
# **Next.** [Lesson 07](07_standard_regression_fitted.ipynb) fits the red line, and asks what
# its standard errors are worth.
