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
# # 13 · Cluster-level covariates
#
# **The question:** we know something about the student, not about the single grade.
# Where does it enter the model, and what can it explain?
#
# *About 40 minutes. You need ordinary regression and the idea of a random intercept
# ([Lesson 09](09_running_a_mixed_model.ipynb)); its parts are named again below.*
#
# After this lesson you can
#
# - write a covariate of the group on two levels and on one, and see one model,
# - say which variance it can explain, and which it never can,
# - tell how many observations its standard error really rests on,
# - split a covariate into a part between groups and a part within.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from formulaic import model_matrix
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL

gpa = mm.load_gpa()

# %% [markdown]
# The data: 200 students, six semesters each (`occasion` 0 to 5), one grade point average
# a semester (`gpa`). The *random intercepts* model gives each student a level of their
# own around a common line. The standard deviation (sd) of these levels is $\tau$, the
# *student sd*; single grades scatter around a student's line with the *residual sd*
# $\sigma$. (The rows are reconstructed: single students are no real people.)
#
# Two columns belong to the student and not to the semester: `sex`, and `highgpa`, the
# grade point average at high school.

# %%
by_student = gpa.groupby("student")
columns = ["occasion", "gpa", "sex", "highgpa"]
different = by_student[columns].nunique().max()
assert (different > 1).tolist() == [True, True, False, False]
different.to_frame("most values within one student").T

# %% [markdown] tags=["R64", "R65"]
# A *cluster-level* (or *level-2*) covariate has one value for all rows of a group.
#
# ## 1 · One model, written twice
#
# On two levels, as *multilevel* texts write it: the grade of a student
#
# $$\mathrm{gpa} = b_{\mathrm{int\_student}} + b_{\mathrm{occ}}\cdot\mathrm{occasion} + \epsilon$$
#
# has an intercept that belongs to the student. So far
#
# $$b_{\mathrm{int\_student}} = b_{\mathrm{intercept}} + \mathrm{effect}_{\mathrm{student}}.$$

# %% [markdown] tags=["R66", "R67"]
# With a covariate of the student, here `sex` (1 for female, 0 for male), the second line
# becomes a regression of its own:
#
# $$b_{\mathrm{int\_student}} = b_{\mathrm{intercept}} + b_{\mathrm{sex}}\cdot\mathrm{sex}
# + \mathrm{effect}_{\mathrm{student}}$$
#
# Put it into the first, and a single line remains:
#
# $$\mathrm{gpa} = b_{\mathrm{intercept}} + b_{\mathrm{occ}}\cdot\mathrm{occasion}
# + b_{\mathrm{sex}}\cdot\mathrm{sex} + (\mathrm{effect}_{\mathrm{student}} + \epsilon)$$
#
# **Guess before you run:** we make grades once by the two-level form and once by the
# single line, with the same random numbers. How large is the largest difference?

# %% tags=["R64", "R65", "R66", "R67"]
rng = np.random.default_rng(13)
b_intercept, b_occ, b_sex = 2.5, 0.1, 0.2  # chosen, not estimated
effect = pd.Series(rng.normal(0, 0.25, 200), index=range(1, 201))
epsilon = rng.normal(0, 0.24, 1200)
female = (gpa["sex"] == "female").astype(float)

female_student = female.groupby(gpa["student"]).first()  # level 2: a row a student
b_int_student = b_intercept + b_sex * female_student + effect
two_levels = gpa["student"].map(b_int_student) + b_occ * gpa["occasion"] + epsilon

own = gpa["student"].map(effect)  # one line: a row a grade
one_line = b_intercept + b_occ * gpa["occasion"] + b_sex * female + (own + epsilon)
assert np.allclose(two_levels, one_line, atol=1e-12)
float(abs(two_levels - one_line).max().round(12))

# %% [markdown] tags=["R68"]
# None. The two-level form is a way to write, not another model. For the fit a student's
# covariate is just another column of the design matrix, one that repeats its value:

# %% tags=["R68"]
X = model_matrix("occasion + sex", gpa)
columns = X.columns.tolist()
hand = np.column_stack([np.ones(1200), gpa["occasion"], female])
assert np.array_equal(X.to_numpy(), hand)
X.iloc[[0, 1, 5, 6, 7, 11]]

# %% [markdown]
# And so the formula is `gpa ~ occasion + sex + (1 | student)`. What its fit says about
# these students is yours to find out: it is the second exercise sheet. In this lesson we
# learn how to read such a fit, with covariates that we made and whose truth we know.

# %% [markdown]
# ## 2 · What it can explain
#
# We give our 200 students new grades. Each has a score in a test before college, `prep`
# (mean 0, sd 1), and every point of it raises the level by 0.2. What is left of a
# student's level has an sd of 0.15.

# %%
made = gpa[["student", "occasion"]].copy()
prep = rng.normal(0, 1, 200)
rest = rng.normal(0, 0.15, 200)
level = pd.DataFrame({"prep": prep, "level": 2.6 + 0.2 * prep + rest}, range(1, 201))
made["prep"] = made["student"].map(level["prep"])
made["gpa"] = made["student"].map(level["level"]) + 0.1 * made["occasion"]
made["gpa"] += rng.normal(0, 0.24, 1200)
without = mm.lmer("gpa ~ occasion + (1 | student)", data=made)
with_prep = mm.lmer("gpa ~ occasion + prep + (1 | student)", data=made)

# %% [markdown]
# **Guess before you run:** four numbers may change when `prep` comes in: the student sd,
# the residual sd, the slope of `occasion`, and its standard error. Which will?

# %%
models = {"without prep": without, "with prep": with_prep}
changes = pd.DataFrame(
    {
        name: [*m.var_corr()["sd"], m.fixef["occasion"], m.std_error["occasion"]]
        for name, m in models.items()
    },
    index=["student sd", "residual sd", "slope of occasion", "its standard error"],
)
changes.round(5)

# %% [markdown]
# Only the first. The student sd falls from 0.25 to 0.14 (the truth that we put in: 0.25
# and 0.15). The other three are the same in all digits shown. In the picture each dot is a student. The long bar is the
# student sd without `prep`, the short one the sd that is left *around the line*.

# %% alt="Scatter of 200 students: average distance of their grades from the common line against the prep score, rising along a red line. To the right two vertical bars: the longer one, the student sd without prep, 0.25; the shorter one, with prep, 0.14."
mean_left = (made["gpa"] - without.predict(re_form="none")).groupby(made["student"])
dots = level.assign(left=mean_left.mean())
ends = np.array([-2.6, 2.6])
fig, ax = plt.subplots(figsize=(6.6, 3.8))
ax.plot(dots["prep"], dots["left"], "o", color=OBSERVED, markersize=4)
ax.plot(ends, with_prep.fixef["prep"] * ends, color=OVERALL, linewidth=2.4)
for at, (name, m) in zip([3.2, 4.6], models.items(), strict=True):
    sd = m.var_corr()["sd"].iloc[0]
    ax.plot([at, at], [-sd, sd], color=GROUP, linewidth=5, solid_capstyle="butt")
    ax.annotate(f"±{sd:.2f}\n{name}", (at, sd + 0.03), ha="center", color=GROUP)
ax.set(xlabel="prep (score, sd 1)", ylabel="student's mean distance (grade points)")
ax.set_xticks([-2, -1, 0, 1, 2])
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The covariate moves students along the line; only their distance from it is still
# unexplained. That is the whole effect on $\tau$.
#
# Why can it never reach $\sigma$? Because $\sigma$ is about differences between grades of
# the *same* student, and there a student's covariate cancels. By hand: the squares
# between students split into a part along the line and the rest, those within are left
# alone.

# %%
means = made.groupby("student")["gpa"].mean()
z = level["prep"] - level["prep"].mean()
b = (z @ means) / (z @ z)  # ordinary regression of 200 means
between = 6 * np.sum((means - means.mean()) ** 2)
along = 6 * b**2 * (z @ z)
time = made["occasion"] - 2.5
slope = (time @ made["gpa"]) / (time @ time)
within = np.sum((made["gpa"] - made["student"].map(means) - slope * time) ** 2)
sigma2 = within / (1200 - 200 - 1)
tau2 = [(between / 199 - sigma2) / 6, ((between - along) / 198 - sigma2) / 6]
squares = pd.Series({"along": along, "rest": between - along, "within": within})
squares.round(2).to_frame("sum of squares").T

# %%
for m, variance in zip(models.values(), tau2, strict=True):
    assert np.allclose(m.var_corr()["variance"], [variance, sigma2], rtol=1e-5)
    assert np.isclose(m.fixef["occasion"], slope)
assert np.isclose(with_prep.fixef["prep"], b)
assert changes.iloc[0].round(2).tolist() == [0.25, 0.14]
assert np.allclose(changes.iloc[1:, 0], changes.iloc[1:, 1], rtol=1e-6)

# %% [markdown]
# The three sums of squares give all four variances of the two fits, by hand. (Exactly so
# for *balanced* data, where every student has the same semesters. Otherwise $\sigma$ and
# the slope may move a little, for the same reason not much.)

# %% [markdown]
# Two warnings. The student variance need not fall when a covariate comes in: a useless
# one takes a degree of freedom and explains nothing, as we shall see. And with
# covariates in the model a random effect means *better or worse than students with the
# same values*.
#
# ## 3 · How many observations are behind it?
#
# Now a covariate that surely explains nothing: we take the grades of our file again and
# toss a coin for each student.

# %%
coin = rng.integers(0, 2, 200)
tossed = gpa.assign(coin=coin[gpa["student"] - 1])
base = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
coin_line = smf.ols("gpa ~ occasion + coin", data=tossed).fit()
coin_mixed = mm.lmer("gpa ~ occasion + coin + (1 | student)", data=tossed)
both = pd.DataFrame(
    {
        "value": [coin_line.params["coin"], coin_mixed.fixef["coin"]],
        "se": [coin_line.bse["coin"], coin_mixed.std_error["coin"]],
    },
    index=["regression", "mixed model"],
)
both.round(4)

# %% [markdown]
# Same value, but the mixed model's standard error is nearly twice as large. By the
# regression this coin is 3.3 standard errors from zero, a discovery; by the mixed model
# 1.7. Who is right? By hand, with one number a student: a regression of the 200 *student
# means* on the coin.

# %%
student_means = by_student["gpa"].mean().to_numpy()
c = coin - coin.mean()
value = (c @ student_means) / (c @ c)
left = student_means - student_means.mean() - value * c
se = np.sqrt(left @ left / 198 / (c @ c))
assert np.allclose([value, se], both.loc["mixed model"], rtol=1e-5)
assert (both["value"] / both["se"]).round(1).tolist() == [3.3, 1.7]
assert 1.8 < both["se"].iloc[1] / both["se"].iloc[0] < 2
pd.Series({"value": value, "se": se}, name="200 means").round(4).to_frame().T

# %% [markdown]
# The mixed model gives what a regression of the 200 student means gives: it counts
# students. The regression of 1200 rows counts each coin six times.
#
# A test of the two: toss the coins for the 200 students ten thousand times. No toss can
# have an effect, so a test at 5 % should give a false alarm in 5 % of them.
#
# **Guess before you run:** in how many per cent does the regression give a false alarm?

# %%
tosses = rng.integers(0, 2, (10_000, 200))
c = tosses - tosses.mean(axis=1, keepdims=True)
cc = np.sum(c**2, axis=1)
value = c @ student_means / cc
rss_line = smf.ols("gpa ~ occasion", data=gpa).fit().ssr - 6 * value**2 * cc
t_line = value / np.sqrt(rss_line / 1197 / (6 * cc))
total = np.sum((student_means - student_means.mean()) ** 2)
t_mixed = value / np.sqrt((total - value**2 * cc) / 198 / cc)  # as of 200 means
p_line, p_mixed = (
    2 * stats.t.sf(abs(t), df) for t, df in [(t_line, 1197), (t_mixed, 198)]
)
alarms = pd.Series(
    {"regression": np.mean(p_line < 0.05), "mixed model": np.mean(p_mixed < 0.05)}
)
alarms.round(3).to_frame("false alarms at 5 %").T

# %% [markdown]
# p-values of a covariate without effect should be spread evenly from 0 to 1. Look at the
# left end.

# %% alt="Two histograms of p-values of ten thousand coin tosses. Left, the regression: a tall bar below 0.05 that holds about 30 percent, falling to the right. Right, the mixed model: all bars of equal height at the dashed line of 5 percent."
fig, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True, layout="constrained")
titles = {"regression of 1200 rows": p_line, "mixed model": p_mixed}
for ax, (title, p) in zip(axes, titles.items(), strict=True):
    weights = np.full(len(p), 100 / len(p))
    ax.hist(p, bins=np.linspace(0, 1, 21), weights=weights, color=GROUP, alpha=0.8)
    ax.axhline(5, color="0.2", linestyle="--", linewidth=1)
    ax.set(title=title, xlabel="p-value of the coin")
    ax.spines[["top", "right"]].set_visible(False)
_ = axes[0].set_ylabel("tosses (%)")

# %% [markdown]
# The mixed model keeps its promise; for the regression 31 % of the coins are
# "significant". Its 1200 rows are 200 students, and a covariate of the student can only
# be compared *between* students.
#
# The tosses also show what a useless covariate does to the student variance: in two of
# three it *rises* a little. It falls only if $t^2 > 1$.

# %%
assert alarms.round(2).tolist() == [0.31, 0.05]
too_small = np.sqrt(rss_line.mean() / 1197 / 6 / (total / 199))
expected = 2 * stats.norm.sf(1.96 * too_small)  # theory: se too small by this factor
assert abs(alarms["regression"] - expected) < 0.015
rises = (total - value**2 * cc) / 198 > total / 199
assert (rises == (t_mixed**2 < 1)).all()
assert abs(rises.mean() - 0.68) < 0.02  # P(|t| < 1)

# %% [markdown]
# What would more data buy? The variance of the coefficient has two parts,
# $(\tau^2 + \sigma^2/n)\,/\,S$, with $n$ grades a student and $S$ the sum of squares of
# the covariate over *students*.
#
# **Guess before you run:** which helps more, ten times as many grades of each student, or
# four times as many students?

# %%
tau, sigma = base.var_corr()["sd"]
plans = pd.DataFrame(
    [(200, 6), (200, 60), (800, 6)], columns=["students", "grades each"]
)
plans["rows"] = plans["students"] * plans["grades each"]
squares = plans["students"] / 4  # half of the students have the coin at 1
plans["se"] = np.sqrt((tau**2 + sigma**2 / plans["grades each"]) / squares)
plans.round(4)

# %% [markdown]
# Ten times as many grades take 6 % off the standard error, four times as many students
# halve it. More grades make each student's level better known; they make no new
# students.
#
# ### Tests
#
# A p-value asks for *degrees of freedom*: 1197 as for rows, or 198 as for students less
# two? Satterthwaite's method reads them off the fit. Another way compares the
# likelihoods of the models with and without the covariate.

# %%
assert np.round(plans["se"] / plans["se"].iloc[0], 2).tolist() == [1, 0.94, 0.5]
table = mm.extract_fixed_effects(coin_mixed, p_value="satterthwaite")
shown = table.round(4)
shown["p_value"] = shown["p_value"].map("{:.3f}".format).replace("0.000", "<0.001")
shown

# %%
comparison = mm.anova(base=base, coin=coin_mixed)
comparison.drop(columns=["bic", "deviance"]).round(3).astype(object).fillna("")

# %% [markdown]
# The coin has 198 degrees of freedom; the slope, which lives within students, has 999.
# Both tests give a p of about 0.09. The name of the index says that `anova` refitted the two models
# by maximum likelihood (ML). It has to: REML criteria of models with different fixed
# effects are not comparable (lesson 09 explains REML).

# %%
assert np.isclose(table["df"].iloc[2], 198, atol=0.01)
assert np.isclose(table["df"].iloc[1], 999, atol=0.01)
by_hand = 2 * stats.t.sf(abs(table["t"].iloc[2]), 198)
assert np.isclose(table["p_value"].iloc[2], by_hand, rtol=1e-4)
fall = base.refit_ml().criterion - coin_mixed.refit_ml().criterion
assert np.isclose(comparison["chisq"].iloc[1], fall)
assert np.isclose(comparison["p_value"].iloc[1], stats.chi2.sf(fall, 1))
assert np.allclose([by_hand, comparison["p_value"].iloc[1]], 0.09, atol=0.005)

# %% [markdown] tags=["R69"]
# ## 4 · Groups make covariates of their own
#
# Some cluster-level covariates are *summaries* of what was observed below: the median
# income of the people of a region says how wealthy the region is. Then one variable
# carries two questions. Within a region: are people with more income less stressed than
# their neighbours? Between regions: is life in wealthy regions more stressful?
#
# We make 40 regions of 15 people in which the answers are yes and yes, so that the two
# slopes have *opposite signs*: −0.5 within, +0.4 between.

# %% tags=["R69"]
region = np.repeat(np.arange(1, 41), 15)
people = pd.DataFrame({"region": region})
people["income"] = rng.normal(0, 1, 40)[region - 1] + rng.normal(0, 1, 600)
people["region_income"] = people.groupby("region")["income"].transform("mean")
people["own_income"] = people["income"] - people["region_income"]
people["stress"] = 5 + 0.4 * people["region_income"] - 0.5 * people["own_income"]
people["stress"] += rng.normal(0, 0.3, 40)[region - 1] + rng.normal(0, 0.5, 600)
summaries = people.groupby("region")["income"].agg(["mean", "median"])
summaries.head(3).round(2)

# %% [markdown]
# The income is split in two columns: the mean of the region, and the person's distance
# from it. In the picture a blue line is a regression within one region, the red line one
# through the region means.

# %% alt="Grey cloud of 600 people, stress against income. Forty short blue lines, one for each region, fall from left to right. A red line through the region means rises."
fig, ax = plt.subplots(figsize=(6.6, 4))
ax.plot(people["income"], people["stress"], ".", color=OBSERVED, markersize=3)
for _, own in people.groupby("region"):
    line = np.polyfit(own["income"], own["stress"], 1)
    ends = own["region_income"].iloc[0] + np.array([-0.7, 0.7])
    ax.plot(ends, np.polyval(line, ends), color=GROUP, linewidth=1)
centres = people.groupby("region")[["income", "stress"]].mean()
between = np.polyfit(centres["income"], centres["stress"], 1)
ends = np.array([-2.2, 3.8])
ax.plot(ends, np.polyval(between, ends), color=OVERALL, linewidth=2.4)
ax.annotate("between regions", (3.9, np.polyval(between, 3.7)), color=OVERALL)
ax.annotate("within a region", (-3.4, 7.2), color=GROUP)
ax.set(xlabel="income (standardized)", ylabel="stress (points)", xlim=(-3.6, 5.9))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Blue falls, red rises. **Guess before you run:** what will the model
# `stress ~ income + (1 | region)` answer, which has one slope for both?

# %% tags=["R69"]
fits = {
    "regression of all rows": smf.ols("stress ~ income", data=people).fit().params,
    "one slope": mm.lmer("stress ~ income + (1 | region)", people),
    "two slopes": mm.lmer("stress ~ own_income + region_income + (1 | region)", people),
    "contextual": mm.lmer("stress ~ income + region_income + (1 | region)", people),
}
slopes = pd.DataFrame(
    {name: getattr(fit, "fixef", fit) for name, fit in fits.items()}
).drop("Intercept")
slopes.T.round(3).astype(object).fillna("")

# %% [markdown]
# The regression sees nothing, −0.03: the two trends cancel. The mixed model with one
# slope gives −0.50. That is near the slope within, but not it, and silent about regions.
# With two columns both come out. The last row is the same model in other words: beside
# `income` itself, the region's mean has the *difference* of the two slopes, the
# *contextual effect*: what the region adds for a person of given income.
#
# Where does −0.50 come from? A weighted average, by hand:

# %% tags=["R69"]
two, context, one = fits["two slopes"], fits["contextual"], fits["one slope"]
difference = two.fixef["region_income"] - two.fixef["own_income"]
assert np.isclose(context.fixef["region_income"], difference)
assert np.isclose(context.criterion, two.criterion)
assert abs(people["own_income"] @ people["region_income"]) < 1e-9
s_within = np.sum(people["own_income"] ** 2)
s_between = np.sum((people["region_income"] - people["income"].mean()) ** 2)
v_region, v_residual = one.var_corr()["variance"]
w = np.array([s_within / v_residual, s_between / (v_residual + 15 * v_region)])
w /= w.sum()
both_slopes = two.fixef[["own_income", "region_income"]]
assert np.isclose(w @ both_slopes, one.fixef["income"])
pd.Series(w, ["within", "between"], name="weight").round(3).to_frame().T

# %% [markdown]
# The mixed model weights each slope by how well it is known, and within regions there is
# much more to go by. The price of the single slope sits elsewhere: what it can't say
# about regions, it calls random. The region sd is 1.0 with one slope and 0.3 with two; 0.3
# is what we put in.

# %%
sd_of_regions = [fit.var_corr()["sd"].iloc[0] for fit in (one, two)]
assert np.round(sd_of_regions, 1).tolist() == [1.0, 0.3]
assert slopes.loc["income", "one slope"].round(2) == -0.50
assert slopes.loc["income", "regression of all rows"].round(2) == -0.03
assert abs(two.fixef["own_income"] + 0.5) < 3 * two.std_error["own_income"]
assert abs(two.fixef["region_income"] - 0.4) < 3 * two.std_error["region_income"]
weights = np.array([s_within, s_between]) / (s_within + s_between)
assert np.isclose(weights @ both_slopes, slopes.iloc[0, 0])

# %% [markdown]
# ### The same with grades
#
# In our data `occasion` is such a variable: it differs between the rows of a student. Its
# mean is 2.5 for everybody, so there is nothing to compare between students. That
# changes when students leave. Suppose the weakest third (by their mean grade) left after
# the third semester.
#
# **Guess before you run:** with all grades the slope is 0.106. Will the grades that are
# left show a steeper or a flatter one?

# %%
assert by_student["occasion"].mean().eq(2.5).all()
mean_grade = by_student["gpa"].transform("mean")
weak = mean_grade < mean_grade.quantile(1 / 3)
stayed = gpa[~weak | (gpa["occasion"] <= 2)].copy()
stayed["mean_occasion"] = stayed.groupby("student")["occasion"].transform("mean")
one = mm.lmer("gpa ~ occasion + (1 | student)", stayed)
two = mm.lmer("gpa ~ occasion + mean_occasion + (1 | student)", stayed)
growth = {
    "all grades": base.fixef["occasion"],
    "left: regression": smf.ols("gpa ~ occasion", stayed).fit().params["occasion"],
    "left: mixed": one.fixef["occasion"],
    "left: mixed, with mean occasion": two.fixef["occasion"],
}
pd.Series(growth, name="slope of occasion").round(3).to_frame()

# %% [markdown]
# Steeper: late semesters are full of better students. The regression takes this for
# growth, 0.154; the mixed model in part, 0.134; with the mean of
# `occasion` beside it the slope is the one *within* students. It is still above 0.106,
# for another reason: in these data weaker students also rise more slowly, and their late
# semesters are missing. No split repairs that. (Slopes that
# vary are in [Lesson 14](14_summary.ipynb).)

# %%
assert pd.Series(growth).round(3).tolist() == [0.106, 0.154, 0.134, 0.124]
centred = stayed["occasion"] - stayed["mean_occasion"]
assert np.isclose(centred @ stayed["gpa"] / (centred @ centred), two.fixef["occasion"])
own_slopes = mm.lm_list("gpa ~ occasion | student", gpa).coef["occasion"]
is_weak = weak.groupby(gpa["student"]).first()
assert own_slopes[is_weak].mean() < own_slopes[~is_weak].mean()

# %% [markdown]
# Two footnotes. The mean of a few people is only an estimate of a region's wealth; with
# few rows a group the between slope is pulled towards the slope within. And a median may
# serve as well as a mean, but only the mean splits a covariate in two parts that are
# uncorrelated.
#
# ## 5 · A covariate for the slope
#
# Back to the two-level form. Let the *slope* differ between students too, and let `prep`
# predict both:
#
# $$b_{\mathrm{int\_student}} = b_0 + b_1\cdot\mathrm{prep} + \mathrm{effect}_{\mathrm{int}}$$
#
# $$b_{\mathrm{occ\_student}} = c_0 + c_1\cdot\mathrm{prep} + \mathrm{effect}_{\mathrm{occ}}$$

# %% [markdown] tags=["R70"]
# Plugged in, the second line is multiplied by `occasion`:
#
# $$\mathrm{gpa} = b_0 + b_1\,\mathrm{prep} + c_0\,\mathrm{occasion}
# + c_1\,\mathrm{prep}\cdot\mathrm{occasion} + \dots$$
#
# There is a product in it that the two lines do not show: a *cross-level interaction*.
# Whoever lets a group covariate predict a slope has to fit it.
#
# **Guess before you run:** which one-line formula has the fixed part of the two-level
# form, `occasion + prep` or `occasion * prep`?

# %% tags=["R70"]
level_one = np.column_stack([np.ones(1200), made["occasion"]])  # a row a grade
level_two = np.column_stack([np.ones(1200), made["prep"]])  # the student's, repeated
two_level = np.column_stack(
    [level_one[:, i] * level_two[:, j] for i in (0, 1) for j in (0, 1)]
)
plus = model_matrix("occasion + prep", made)
star = model_matrix("occasion * prep", made)
order = ["Intercept", "prep", "occasion", "occasion:prep"]
assert np.allclose(two_level, star[order])
assert np.linalg.matrix_rank(np.hstack([two_level, plus])) == 4
designs = {"two levels": two_level, "occasion + prep": plus, "occasion * prep": star}
pd.Series({name: X.shape[1] for name, X in designs.items()}).to_frame("columns").T

# %% [markdown]
# The two-level form has the four columns of `occasion * prep`, number for number. The
# formula with the plus has three: it is another model, in which $c_1 = 0$.
#
# What does it matter? We make grades once more, now with slopes that depend on `prep`:
# $c_1 = 0.06$, and a remaining sd of the slopes of 0.04.

# %% tags=["R70"]
slope_of = 0.1 + 0.06 * level["prep"] + rng.normal(0, 0.04, 200)
made["fans"] = made["student"].map(level["level"])
made["fans"] += made["student"].map(slope_of) * made["occasion"]
made["fans"] += rng.normal(0, 0.24, 1200)
formulas = {
    "plus": "fans ~ occasion + prep + (1 + occasion | student)",
    "star": "fans ~ occasion * prep + (1 + occasion | student)",
}
pair = {name: mm.lmer(formula, made) for name, formula in formulas.items()}
spread = {
    name: [*m.var_corr()["sd"].iloc[[0, 1, 3]], m.fixef.get("occasion:prep", np.nan)]
    for name, m in pair.items()
}
rows = ["sd of intercepts", "sd of slopes", "residual sd", "interaction"]
pd.DataFrame(spread, rows).round(3).astype(object).fillna("")

# %% [markdown]
# As in section 2, now for slopes. Without the product the slopes seem to vary
# at random with an sd of 0.08; with it 0.05 remains (we put in 0.04). The covariate
# explains variance of the *slopes*, only through the interaction, and again nothing of
# the residual. (The sd of the intercepts moves along: without the product one
# coefficient of `prep` has to serve all semesters.)

# %%
assert pair["plus"].var_corr()["sd"].iloc[1].round(2) == 0.08
assert pair["star"].var_corr()["sd"].iloc[1].round(2) == 0.05
assert np.ptp([m.sigma for m in pair.values()]) < 1e-3
interaction = pair["star"].fixef["occasion:prep"]
own_slopes = mm.lm_list("fans ~ occasion | student", made).coef["occasion"]
second_route = np.polyfit(level["prep"], own_slopes, 1)[0]  # slopes on prep, by hand
assert np.isclose(interaction, second_route, rtol=1e-5)
assert abs(interaction - 0.06) < 3 * pair["star"].std_error["occasion:prep"]

# %% [markdown]
# Lines of students with a low and a high score, as the two models predict them. In which
# panel does the distance between the two grow?

# %% alt="Two panels of predicted lines over occasions 0 to 5 for prep minus 1 and prep plus 1. Left, without the product: parallel lines. Right, with it: the line of prep plus 1 rises steeply, that of minus 1 hardly, so that they fan out."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
for ax, (name, m) in zip(axes, pair.items(), strict=True):
    for score, dash in ((-1, "--"), (1, "-")):
        grid = pd.DataFrame({"occasion": range(6), "prep": score})
        y = m.predict(grid, re_form="none")
        ax.plot(range(6), y, dash, color=OVERALL)
        ax.annotate(f"prep {score:+d}", (5.1, y.iloc[-1]), color=OVERALL, va="center")
    title = formulas[name].partition(" + (")[0].removeprefix("fans ~ ")
    ax.set(title=title, xlabel="occasion (semesters)", xlim=(-0.2, 6.4))
    ax.spines[["top", "right"]].set_visible(False)
_ = axes[0].set_ylabel("predicted grade (points)")

# %% [markdown]
# On the right only: the distance grows with `occasion`, and that is what the product
# says. Whichever way you write the model, fit what the plugged-in line shows.

# %% [markdown]
# ## Summary
#
# - A covariate of the group is one more column of the fixed part; two levels or one line,
#   it is the same model.
# - It can explain $\tau$, never $\sigma$: within a group it does not vary.
# - Its standard error rests on the number of groups, not of rows.
# - Summaries of a group make covariates too; within and between slopes may differ.
# - A covariate for a random slope implies a cross-level interaction.
#
# **Common mistakes.** Testing a student's covariate with the degrees of freedom of
# grades. Expecting the residual variance to fall. Reading one slope as the one within
# when groups differ in the covariate. Letting a covariate predict a slope and leaving the
# product out. Comparing REML criteria of models with different fixed parts.
#
# **In the code.** `mmcourse/inference/satterthwaite.py`: degrees of freedom.
# `mmcourse/extract/compare.py`: `anova`. The fixed part of a formula is read by the
# library formulaic.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Mundlak (1978), Econometrica 46: the group mean as a covariate. Bell, Jones (2015),
# Political Science Research and Methods 3: within and between.
#
# **Next.** [Lesson 14](14_summary.ipynb) puts the gains in one place and lets the slopes
# vary. The sheet *cluster-level covariates* asks what sex and high school do.
