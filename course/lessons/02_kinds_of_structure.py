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
# # 02 · Kinds of structure
#
# **The question:** in which ways can rows belong together, and does each way need a
# model of its own?
#
# *About 35 minutes. You need ordinary regression; [Lesson
# 01](01_mixed_models_and_their_names.ipynb) helps.*
#
# After this lesson you can
#
# - tell nested, crossed and partly crossed groups apart, from a picture and from a
#   table,
# - say whether data are balanced, and what changes when they are not,
# - write one kind of formula for all of them,
# - avoid the most common trap: labels that are used again in every group.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap

import mmcourse as mm
from mmcourse.plots import GROUP, OVERALL, PICKED

TILES = ListedColormap(["#ececec", GROUP])  # does not occur, occurs

# %% [markdown]
# Most data sets on this page are small and made up, so that you know what is in them.
# Two real ones come in sections 4 and 5. No model is fitted before section 4.

# %% [markdown]
# ## 1 · Who meets whom
#
# Rows are *clustered* when some of them share something: a person, a school, a task.
# What they share is a **grouping factor**, its values are **levels**. There may be one
# source of clustering or many.
#
# Take an experiment on reaction times. Four participants do the same three tasks, each
# task twice. Two rows may share the participant, the task, both or neither.
#
# **Guess before you run:** count the rows of each combination, participants down and
# tasks across. What numbers will the table hold?

# %% tags=["R7"]
people, tasks = [1, 2, 3, 4], ["click", "match", "name"]
trials = pd.MultiIndex.from_product(
    [people, tasks, [1, 2]], names=["participant", "task", "trial"]
).to_frame(index=False)
met = pd.crosstab(trials["participant"], trials["task"])
met

# %% [markdown]
# Two everywhere. Now as a picture: a tile for each combination, blue where it occurs.
# Is any tile grey?

# %% tags=["R7"] alt="A grid of four participants by three tasks. All twelve tiles are blue and show the number 2: every participant does every task twice."
fig, ax = plt.subplots(figsize=(3.4, 2.8))
ax.pcolormesh(met > 0, cmap=TILES, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
for (row, column), count in np.ndenumerate(met):
    ax.text(column + 0.5, row + 0.5, count, color="white", ha="center", va="center")
ax.set_xticks(np.arange(3) + 0.5, met.columns)
ax.set_yticks(np.arange(4) + 0.5, met.index)
ax.set(xlabel="task", ylabel="participant")
ax.tick_params(length=0)
ax.invert_yaxis()

# %% [markdown] tags=["R7", "R8"]
# None. Two grouping factors are **crossed** when every level of one meets every level
# of the other. A row belongs to its participant and also to its task, and neither of
# these lies within the other. Both may make it slow: a slow person, a slow task.

# %%
assert (met.to_numpy() == 2).all() and met.shape == (4, 3)
assert len(trials) == 24

# %% [markdown] tags=["R6"]
# ## 2 · Groups within groups
#
# Now an aptitude test, taken twice by each of twelve students. Three students go to
# each of four schools, and two schools lie in each of two districts.

# %% tags=["R6"]
tests = pd.DataFrame(
    {
        "district": np.repeat(["north", "south"], 12),
        "school": np.repeat(["N1", "N2", "S1", "S2"], 6),
        "student": np.repeat(np.arange(1, 13), 2),
        "test": np.tile([1, 2], 12),
    }
)
tests.iloc[[0, 1, 2, 6, 12, 23]]


# %% [markdown]
# The same picture again, now drawn by a function, for students by schools and schools
# by districts. A blue tile shows how many rows it has.
#
# **Guess before you run:** what pattern will the blue tiles make? How many are there in
# each row?


# %%
def draw_tiles(ax, data, down, across):
    """Draw a tile per combination, blue with its number of rows where it occurs."""
    met = pd.crosstab(data[down], data[across])
    ax.pcolormesh(met > 0, cmap=TILES, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for (row, column), n in np.ndenumerate(met):
        ax.text(column + 0.5, row + 0.5, n or "", color="w", ha="center", va="center")
    ax.set_xticks(np.arange(met.shape[1]) + 0.5, met.columns)
    ax.set_yticks(np.arange(met.shape[0]) + 0.5, met.index)
    ax.set(xlabel=across, ylabel=down)
    ax.tick_params(length=0)
    ax.invert_yaxis()


# %% tags=["R6"] alt="Two grids. Left, twelve students by four schools: one blue tile in each row, three in each column, like a staircase. Right, four schools by two districts: one blue tile in each row, two in each column, each with 6 rows."
fig, (left, right) = plt.subplots(1, 2, figsize=(7.4, 4.0), layout="constrained")
draw_tiles(left, tests, "student", "school")
draw_tiles(right, tests, "school", "district")

# %% [markdown] tags=["R6", "R8"]
# A staircase with one blue tile a row. A factor is **nested** in another when each of
# its levels meets a single level of the other: a student has one school, a school one
# district. The whole is a *hierarchy*: tests within students within schools within
# districts.

# %% [markdown]
# ### The same with NumPy
#
# Both words are statements about counts, so they can be checked. One blue tile in each
# row: nested. Every tile blue: crossed. Does it hold for our two data sets?


# %% tags=["R8"]
def look(data, a, b):
    """Say whether a is nested in b, and whether a and b are crossed."""
    met = pd.crosstab(data[a], data[b]).to_numpy() > 0
    return {"nested": bool((met.sum(axis=1) == 1).all()), "crossed": bool(met.all())}


by_hand = {
    "student, school": look(tests, "student", "school"),
    "school, district": look(tests, "school", "district"),
    "participant, task": look(trials, "participant", "task"),
}
pd.DataFrame(by_hand).T

# %% [markdown]
# The package has a function for it. It takes the data and the names of the grouping
# factors, and describes first each factor, then each pair.

# %% tags=["R6", "R8"]
hierarchy = mm.describe_structure(tests, ["student", "school", "district"])
hierarchy.round(2).astype(object).fillna("")

# %% [markdown] tags=["R6"]
# Read a row as a sentence: *student nested in school*. `n_levels` counts levels, or
# combinations that occur; `fewest` and `most` count their rows. `filled` is the blue
# part of the picture: 12 of 48 tiles, a quarter. Section 6 explains `balanced`.

# %%
words = ["group", "relation", "other"]
assert hierarchy[words].to_numpy().tolist()[3:] == [
    ["student", "nested in", "school"],
    ["student", "nested in", "district"],
    ["school", "nested in", "district"],
]
crossed = mm.describe_structure(trials, ["participant", "task"])
assert crossed[words].iloc[-1].tolist() == ["participant", "crossed with", "task"]
assert by_hand["student, school"] == {"nested": True, "crossed": False}
assert by_hand["school, district"] == {"nested": True, "crossed": False}
assert by_hand["participant, task"] == {"nested": False, "crossed": True}
assert hierarchy["filled"].iloc[3] == 12 / 48

# %% [markdown] tags=["R8"]
# ## 3 · Both, and neither quite
#
# Real studies mix the two. Suppose that participants 1 and 2 come to lab A, 3 and 4 to
# lab B. Then participants are nested in labs *and* crossed with tasks.
#
# And often levels meet *some* of the others. Eight students choose among five courses:
# neither nested, since a student takes several, nor crossed, since nobody takes all.
#
# **Guess before you run:** how will the third picture look?

# %% tags=["R8"]
labs = trials.assign(lab=np.where(trials["participant"] <= 2, "A", "B"))
choices = ["VX", "WXZ", "VY", "YZ", "VWX", "XZ", "WY", "VZ"]
courses = pd.DataFrame(
    [(who, one) for who, own in enumerate(choices, start=1) for one in own],
    columns=["student", "course"],
)

# %% tags=["R8"] alt="Three grids. Left, participants by labs: one blue tile a row, nested. Middle, participants by tasks: all tiles blue, crossed. Right, eight students by five courses: blue tiles scattered without a pattern, partly crossed."
fig, axes = plt.subplots(1, 3, figsize=(8.4, 3.2), layout="constrained")
draw_tiles(axes[0], labs, "participant", "lab")
draw_tiles(axes[1], labs, "participant", "task")
draw_tiles(axes[2], courses, "student", "course")

# %% [markdown] tags=["R8"]
# Scattered, without a pattern. `describe_structure` calls that *partly crossed*. Some
# people use *crossed* for everything that is not nested; say which you mean.

# %% tags=["R8"]
both = pd.concat(
    [
        mm.describe_structure(labs, ["participant", "lab", "task"]).iloc[3:],
        mm.describe_structure(courses, ["student", "course"]).iloc[2:],
    ],
    ignore_index=True,
)
both.round(2)

# %%
relations = ["nested in", "crossed with", "crossed with", "partly crossed with"]
assert both["relation"].tolist() == relations
assert look(labs, "participant", "lab") == {"nested": True, "crossed": False}
assert look(courses, "student", "course") == {"nested": False, "crossed": False}
assert look(courses, "course", "student") == {"nested": False, "crossed": False}

# %% [markdown] tags=["R10"]
# ## 4 · One way to write them all
#
# Does each kind need a model of its own? Two real studies will tell.
#
# - `penicillin`: six samples of penicillin (A to F) were tried on each of 24 plates.
#   The `diameter` of the zone where nothing grows is measured in mm. Plate and sample
#   are *crossed*.
# - `pastes`: from each of ten deliveries (`batch`) of a paste three casks were taken,
#   and of each cask the `strength` was measured twice. (The source gives no unit.)
#   `sample` names the cask. Samples are *nested* in batches.

# %% tags=["R10"]
penicillin, pastes = mm.load("penicillin"), mm.load("pastes")
real = pd.concat(
    [
        mm.describe_structure(penicillin, ["plate", "sample"]),
        mm.describe_structure(pastes, ["sample", "batch"]),
    ],
    keys=["penicillin", "pastes"],
)
real.round(2).astype(object).fillna("")

# %% [markdown] tags=["R10"]
# In a formula, `1` stands for the intercept, and `(1 | plate)` says: each plate has an
# effect of its own on it, drawn from a distribution. There is one such term for each
# grouping factor:
#
# `diameter ~ 1 + (1 | plate) + (1 | sample)`
#
# `strength ~ 1 + (1 | batch) + (1 | sample)`
#
# **Guess before you run:** nothing here says "crossed" or "nested". How will the
# program know?

# %% tags=["R10"]
models = {
    "penicillin": mm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", penicillin),
    "pastes": mm.lmer("strength ~ 1 + (1 | batch) + (1 | sample)", pastes),
}
columns = ["group", "variance", "sd"]
pd.concat({name: fit.var_corr()[columns] for name, fit in models.items()}).round(3)

# %% [markdown] tags=["R10"]
# It need not be told. Which rows share a plate, a batch or a cask is in the columns.
# **The structure is in the data; the model is written the same way each time.** In
# `penicillin` samples differ most (sd 1.93 mm). In `pastes` casks of one batch differ
# more (sd 2.90) than batches do (1.29).

# %%
assert real["relation"].dropna().tolist() == ["crossed with", "nested in"]
found = {name: fit.var_corr()["sd"].round(2) for name, fit in models.items()}
assert found["penicillin"].tolist() == [0.85, 1.93, 0.55]
assert found["pastes"].tolist() == [2.90, 1.29, 0.82]

# %% [markdown] tags=["R10"]
# ### Two old tables, by hand
#
# Both designs are balanced, so classical *mean squares* should give the same variances,
# as in [Lesson 01](01_mixed_models_and_their_names.ipynb). Crossed: take out plates and
# samples, see what is left. Nested: go up the hierarchy, from assays (the two
# measurements) to casks to batches. The spread at each step contains what lies below
# it, and that is subtracted.

# %% tags=["R10"]
D = penicillin["diameter"].to_numpy(float).reshape(24, 6)  # plates x samples
rest = D - D.mean(axis=0) - D.mean(axis=1, keepdims=True) + D.mean()
left = np.sum(rest**2) / (23 * 5)
plate = D.mean(axis=1).var(ddof=1) - left / 6
sample = D.mean(axis=0).var(ddof=1) - left / 24
assert np.allclose(models["penicillin"].var_corr()["variance"], [plate, sample, left])

S = pastes["strength"].to_numpy().reshape(10, 3, 2)  # batches x casks x assays
assay = S.var(axis=2, ddof=1).mean()
cask = S.mean(axis=2).var(axis=1, ddof=1).mean() - assay / 2
batch = S.mean(axis=(1, 2)).var(ddof=1) - cask / 3 - assay / 6
assert np.allclose(models["pastes"].var_corr()["variance"], [cask, batch, assay])
pd.Series({"batch": batch, "cask": cask, "assay": assay}, name="variance").round(3)

# %% [markdown]
# The two `assert`s hold: by hand each design has its own recipe, with `lmer` one kind
# of call.
#
# ## 5 · The trap: labels that are used again
#
# `pastes` has another column, `cask`. Its labels are a, b and c *in every batch*. Cask
# a of batch A and cask a of batch B are different casks. A program can't know that.
#
# **Guess before you run:** what will the picture of `batch` by `cask` look like, and
# what of `batch` by `sample`?

# %% alt="Two grids. Left, ten batches by three cask labels: all thirty tiles blue, as if crossed. Right, ten batches by thirty samples: a staircase of three blue tiles in each row, nested."
fig, axes = plt.subplots(
    1, 2, figsize=(8.6, 3.6), width_ratios=[1, 4], layout="constrained"
)
draw_tiles(axes[0], pastes, "batch", "cask")
draw_tiles(axes[1], pastes, "batch", "sample")
axes[1].tick_params(axis="x", rotation=90, labelsize=8)

# %% [markdown]
# On the left the casks look crossed with the batches, which they are not. On the right
# `sample` shows the truth. So does `batch:cask`, the *combination* of both labels:
# thirty different casks.

# %%
trap = mm.describe_structure(pastes, ["batch", "cask", "batch:cask", "sample"])
trap = trap[trap["other"].notna()].reset_index(drop=True)
trap.round(2)

# %% [markdown]
# `batch:cask` and `sample` are the *same* grouping under two names. Now we fit four
# formulas. `batch/cask` is short for `batch` and `batch:cask`: "batch, and within it
# cask".
#
# **Guess before you run:** the last of the four falls into the trap. Where will the
# differences between casks go?

# %%
formulas = [
    "strength ~ 1 + (1 | batch/cask)",
    "strength ~ 1 + (1 | batch) + (1 | batch:cask)",
    "strength ~ 1 + (1 | batch) + (1 | sample)",
    "strength ~ 1 + (1 | batch) + (1 | cask)",
]
ways = {}
for text in formulas:
    sd = mm.lmer(text, data=pastes).var_corr().set_index("group")["sd"]
    casks = sd.drop(["batch", "Residual"])
    ways[text] = [sd["batch"], casks.iloc[0], sd["Residual"]]
ways = pd.DataFrame(ways, index=["batch sd", "cask sd", "residual sd"]).T
ways.round(2)

# %% [markdown]
# The first three are one model. In the fourth, label a stands for ten casks at once,
# and the model looks for what these ten have in common: hardly anything. The true
# differences between casks have gone into the residual sd, which rises from 0.82 to
# 2.70, and a little into that of the batches. No warning appears. The formula is sound;
# what it says about the data is not true.

# %%
assert np.ptp(ways.iloc[:3], axis=0).max() < 1e-6
assert ways.iloc[3].round(2).tolist() == [1.83, 0.39, 2.70]
assert ways.iloc[0].round(2).tolist() == [1.29, 2.90, 0.82]
assert trap["relation"].tolist() == ["crossed with", *["nested in"] * 4, "same as"]
a_casks = pastes[pastes["cask"] == "a"]
assert a_casks["sample"].nunique() == 10
assert mm.lmer(formulas[3], data=pastes).messages == []

# %% [markdown]
# How do you find out? Not from the labels. Ask: *is "a" in batch A the same thing as
# "a" in batch B?* Sample A of penicillin is the same on every plate; cask a is another
# one in every batch. It is safest to give each object a label of its own, as `sample`
# does.

# %% [markdown] tags=["R9"]
# ## 6 · Balanced or not
#
# Data are **balanced** when each level, and each combination, has the same number of
# rows. Experiments can be planned so, like our reaction times. Elsewhere nobody plans
# the groups: students choose courses, and people live in regions, large and small. We
# make up a survey of income in eight regions.

# %% tags=["R9"]
sizes = np.array([4, 6, 10, 15, 25, 60, 120, 240])
rng = np.random.default_rng(10)
region = np.repeat(np.arange(1, 9), sizes)
level = rng.normal(40, 8, size=8)  # of each region, 1000 a year
income = level[region - 1] + rng.normal(0, 12, size=len(region))
survey = pd.DataFrame({"region": region, "income": income})
balance = pd.concat(
    [
        mm.describe_structure(trials, "participant"),
        mm.describe_structure(tests, "school"),
        mm.describe_structure(courses, "course"),
        mm.describe_structure(survey, "region"),
    ]
)
balance.set_index("group")[["n_levels", "fewest", "most", "balanced"]]

# %% [markdown] tags=["R9"]
# The regions have between 4 and 240 people in the survey. Is another formula needed?
# No: `income ~ 1 + (1 | region)`. But a question comes up that balanced data never ask:
# what is "the average income"? That of all rows, or that of all regions?
#
# **Guess before you run:** to which of the two will the intercept of the mixed model
# lie closer?

# %% tags=["R9"]
regional = mm.lmer("income ~ 1 + (1 | region)", data=survey)
means = survey.groupby("region")["income"].mean()
averages = pd.Series(
    {
        "all rows alike": survey["income"].mean(),
        "all regions alike": means.mean(),
        "mixed model": regional.fixef["Intercept"],
    }
)
averages.round(2)

# %% [markdown] tags=["R9"]
# To that of the regions. The mean of a region with $n$ people has the variance
# $\tau^2 + \sigma^2/n$ around the intercept ($\tau$: sd between regions, $\sigma$: sd
# within). The model weighs each region by the inverse of that. Large regions count
# more, but not without limit, since $\tau^2$ does not shrink with $n$. By hand:

# %% tags=["R9"]
tau2, sigma2 = regional.var_corr()["variance"]
weight = 1 / (tau2 + sigma2 / sizes)
weighted = np.sum(weight * means) / np.sum(weight)
assert np.isclose(weighted, averages["mixed model"])
share = pd.DataFrame(
    {
        "people": sizes,
        "mean income": means,
        "share of people": sizes / sizes.sum(),
        "weight in the model": weight / weight.sum(),
    }
)
share.round(2)

# %% [markdown] tags=["R9"]
# The last region has half of all people, and 15 % of the weight. In the next picture a
# dot is a region, the larger the more people. Compare where the three averages lie.

# %% tags=["R9"] alt="Eight blue dots, regions, along an axis of mean income from 26 to 47, the largest dot at the right end. Three vertical lines: all regions alike at 36.2, the mixed model at 37.2 close to it, all rows alike at 43.6."
fig, ax = plt.subplots(figsize=(6.8, 2.6))
ax.scatter(means, np.zeros(8), s=3 * sizes, color=GROUP, alpha=0.6, zorder=3)
places = {"all rows alike": 0.3, "all regions alike": 0.3, "mixed model": 0.75}
for name, value in averages.items():
    color = OVERALL if name == "mixed model" else PICKED
    ax.axvline(value, color=color, linewidth=1.4)
    side = "right" if name == "all regions alike" else "left"
    gap = -0.2 if side == "right" else 0.2
    ax.text(value + gap, places[name], name, color=color, ha=side)
ax.set(xlabel="mean income of the region (1000 a year)", ylim=(-0.6, 1), yticks=[])
ax.spines[["top", "right", "left"]].set_visible(False)

# %% [markdown] tags=["R9"]
# The large region at the right pulls the mean of all rows to itself, and the model much
# less. None of the three is wrong. They answer different questions: the average person,
# the average of these eight regions, and the centre of the distribution that regions
# come from.
#
# With balanced data the question does not arise. Keep four people of each region:

# %% tags=["R9"]
even = survey.groupby("region").head(4)
same = pd.Series(
    {
        "all rows alike": even["income"].mean(),
        "all regions alike": even.groupby("region")["income"].mean().mean(),
        "mixed model": mm.lmer("income ~ 1 + (1 | region)", even).fixef["Intercept"],
    }
)
assert np.ptp(same) < 1e-9
assert mm.describe_structure(even, "region")["balanced"].all()
same.round(2)

# %%
assert balance["balanced"].tolist() == [True, True, False, False]
assert [*balance.iloc[3][["fewest", "most"]]] == [4, 240]
assert averages.round(1).tolist() == [43.6, 36.2, 37.2]
assert share["share of people"].round(2).iloc[-1] == 0.50
assert share["weight in the model"].round(2).iloc[-1] == 0.15

# %% [markdown] tags=["R11"]
# ## 7 · An aside: time and space
#
# There is structure of another kind. With an effect for each cluster, any two of its
# rows are alike to the same degree. In a series in time, neighbours are more alike than
# rows far apart. On a map it is the same with places.

# %% [markdown] tags=["R11"]
# We make both, for 2000 units at 8 times, with all variances 1. In the *cluster* each
# unit has a random effect with half of the variance. In the *series* each value is 0.8
# of the one before, plus something new.
#
# **Guess before you run:** how does the correlation of two values change with the time
# between them, in either?

# %% tags=["R11"]
rng = np.random.default_rng(5)
n_units, n_times, rho = 2000, 8, 0.8
noise = rng.normal(size=(n_units, n_times))
cluster = np.sqrt(0.5) * (rng.normal(size=(n_units, 1)) + noise)
series = rng.normal(size=(n_units, n_times))
for t in range(1, n_times):
    series[:, t] = rho * series[:, t - 1] + np.sqrt(1 - rho**2) * series[:, t]
lags = np.arange(1, n_times)
by_lag = {
    name: [np.diag(np.corrcoef(y.T), lag).mean() for lag in lags]
    for name, y in {"cluster": cluster, "series": series}.items()
}

# %% tags=["R11"] alt="Correlation against the time between two values, 1 to 7. Blue dots of the cluster stay near a flat line at 0.5. Dark squares of the series fall along a curve from 0.8 to 0.2. The two cross near 3."
fig, ax = plt.subplots(figsize=(6.2, 3.0))
ax.plot(lags, np.full(7, 0.5), color=GROUP, linewidth=1)
ax.plot(lags, rho**lags, color=PICKED, linewidth=1, linestyle="--")
ax.plot(lags, by_lag["cluster"], "o", color=GROUP)
ax.plot(lags, by_lag["series"], "s", color=PICKED)
ax.text(7.1, 0.5, "cluster", color=GROUP, va="center")
ax.text(7.1, rho**7, "series", color=PICKED, va="center")
ax.set(xlabel="time between two values", ylabel="correlation", ylim=(0, 1))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown] tags=["R11"]
# Flat in the cluster, falling in the series; the marks follow the theory (lines). What
# does a model with `(1 | unit)` make of the series? It has a single number for how
# alike two rows of a unit are, the *intraclass correlation* (`mm.icc`): the variance
# between units as a share of the whole.

# %% tags=["R11"]
long = pd.DataFrame({"y": series.ravel(), "unit": np.repeat(range(n_units), n_times)})
reported = mm.icc(mm.lmer("y ~ 1 + (1 | unit)", data=long))["icc"].iloc[0]
pairs = np.corrcoef(series.T)[np.triu_indices(n_times, 1)]
assert abs(reported - pairs.mean()) < 0.01
assert np.allclose(by_lag["cluster"], 0.5, atol=0.05)
assert np.allclose(by_lag["series"], rho**lags, atol=0.05)
pd.Series({"mixed model": reported, "mean of all pairs": pairs.mean()}).round(2)

# %% [markdown] tags=["R11"]
# It reports the average over all pairs, near and far: true, but not all that is to be
# seen. Repeated measurements often have something of both, and so have the grades of
# this course ([Lesson 10](10_variance_components.ipynb)). There are models for time and
# space. They are not the subject of this course; the README names packages for series.

# %% [markdown]
# ## Summary
#
# - Nested: each level meets one level of the other factor. Crossed: all meet all.
#   Often: some meet some.
# - `describe_structure` reads it off the data; a formula has a term for each grouping
#   factor.
# - Labels that are used again hide nesting; `batch/cask`, or a label for each object,
#   shows it.
# - Unbalanced data need no other formula, only care with the word "average".
# - Neighbours in time or space are another kind of structure.
#
# **Common mistakes.** `(1 | cask)` where cask a of one batch is not cask a of the next.
# Calling partly crossed data nested because "students are in courses". Believing that
# the analyst chooses what is nested. Reading a mixed model's intercept as the mean of
# all rows when groups differ in size.
#
# **In the code.** `mmcourse/structure.py`: `describe_structure`.
# `mmcourse/design/grouping.py`: how `batch:cask` is made.
# `mmcourse/elimination/layout.py`: where the fit looks up what is nested, in order to
# be fast.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Davies, Goldsmith (1972), *Statistical Methods in Research and Production*:
# `penicillin` and `pastes`. Bates, Mächler, Bolker, Walker (2015), J. Stat. Softw.
# 67(1): the formulas.
#
# **Next.** [Lesson 03](03_the_gpa_data.ipynb): the data of this course, looked at with
# the same eyes.
