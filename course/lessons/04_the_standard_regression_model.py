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
# # 04 · The standard regression model
#
# **The question:** what does an ordinary regression claim about a single grade?
#
# *About 35 minutes. You need to have met a regression with one predictor; no earlier
# lesson is needed.*
#
# After this lesson you can
#
# - write a regression in two notations and pass from one to the other,
# - say what the second number in $N(\mu, \sigma)$ is, and find out what it is
#   elsewhere,
# - say what has to be normal, and what need not be,
# - simulate data from a regression and check that a fit finds the truth again.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()
gpa[["student", "occasion", "gpa"]].head(6)

# %% [markdown]
# The data: 200 students, each with a grade point average in six semesters, 1200 rows.
# `gpa` is in grade points, up to 4.0, the best. `occasion` counts the semesters from
# 0 to 5. The rows are reconstructed: the models of the course come out as on the
# original data, but single students are not real people.
#
# The model: one straight line for everybody. It knows nothing of students, and that is
# the point. Lesson 05 adds one term to it, so we look closely at what is there before.

# %%
assert gpa.shape[0] == 1200 and gpa["student"].nunique() == 200
assert sorted(gpa["occasion"].unique()) == [0, 1, 2, 3, 4, 5]

# %% [markdown]
# ## 1 · A line plus an error
#
# What makes a grade? The first notation says: a line, and something else.

# %% [markdown] tags=["R14"]
# $$\text{gpa} = b_\text{intercept} + b_\text{occ} \cdot \text{occasion} + \epsilon$$
#
# The two *coefficients* $b$ are the same for every row. The intercept is the height of
# the line where `occasion` is 0, in the first semester. The slope is what one more
# semester adds. The *error* $\epsilon$ (epsilon) is what is left: how far this grade
# lies above or below the line.

# %% [markdown] tags=["R15"]
# The errors are not free. The model says how they are spread:
#
# $$\epsilon \sim N(0, \sigma)$$
#
# Read: each error is drawn from a normal distribution with mean 0 and *standard
# deviation* (sd) $\sigma$ (sigma). Errors have the same $\sigma$ in every row, and they
# are *independent*: to know one of them tells nothing about the others.

# %% [markdown]
# Suppose that the coefficients are 2.6 and 0.11, in round numbers. Section 4 shows
# where they come from. We subtract the line from the six grades of student 1.
#
# **Guess before you run:** what grade does the line give in the last semester, where
# `occasion` is 5?

# %% tags=["R14"]
intercept, slope = 2.6, 0.11
first = gpa.loc[gpa["student"] == 1, ["student", "occasion", "gpa"]].copy()
first["line"] = intercept + slope * first["occasion"]
first["error"] = first["gpa"] - first["line"]
first.round(2)

# %% [markdown]
# The line ends at 3.15. Line and error add up to the grade in every row, by
# construction. In the next picture the red segments are the six errors. How many point
# downwards?

# %% tags=["R14"]
assert np.isclose(first["line"].iloc[-1], 3.15) and (first["error"] < 0).sum() == 4
assert np.allclose(first["line"] + first["error"], first["gpa"])

# %% alt="Grades of all students in six semesters as grey dots, a red line rising from 2.6 to 3.15, and the six grades of student 1 as dark dots, joined to the line by vertical red segments; four of them lie below it, two above."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
jitter = np.random.default_rng(1).uniform(-0.12, 0.12, len(gpa))
ax.plot(gpa["occasion"] + jitter, gpa["gpa"], ".", color=OBSERVED, ms=3, alpha=0.5)
ax.plot(first["occasion"], first["line"], color=OVERALL, linewidth=2)
ax.vlines(first["occasion"], first["line"], first["gpa"], color=OVERALL)
ax.plot(first["occasion"], first["gpa"], "o", color=PICKED, ms=5)
ax.text(5.25, first["line"].iloc[-1], "the line", color=OVERALL)
ax.text(5.25, first["gpa"].iloc[-1], "student 1", color=PICKED, va="top")
ax.set(xlabel="occasion (semester, from 0)", ylabel="gpa (grade points)")
ax.set(xlim=(-0.4, 6.1), xticks=range(6))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown] tags=["R17"]
# Four of the six. For this student the line is mostly too high.
#
# ### Where are the rows?
#
# The formula has no index. Strictly every grade has a *subscript*, $i$ from 1 to 1200:
#
# $$\text{gpa}_i = b_\text{intercept} + b_\text{occ} \cdot \text{occasion}_i + \epsilon_i$$
#
# Like the text, we leave it out. Read the short form as the model of one student at one
# point in time. What would carry the subscript changes from row to row: `gpa`,
# `occasion`, the error. What would not is one number: the two $b$, and $\sigma$.

# %% [markdown]
# In NumPy the two kinds look different: what has a subscript is an array. We start the
# array of line heights, which the next section will call $\mu$ (mu).

# %% tags=["R17"]
occasion = gpa["occasion"].to_numpy()
mu = intercept + slope * occasion
pd.Series({"gpa": gpa["gpa"].size, "mu": mu.size, "intercept": np.size(intercept)})

# %% tags=["R17"]
heights = np.unique(mu.round(10))
assert len(mu) == 1200 and len(heights) == 6
assert np.allclose(mu, [2.6 + 0.11 * i for i in gpa["occasion"]])
heights

# %% [markdown]
# There are 1200 values of $\mu$, but only six different ones. Any two students in the
# same semester get the same: nothing else about them is in the formula.

# %% [markdown] tags=["R16"]
# ## 2 · A distribution around a line
#
# The second notation leaves out the error. It says how a grade comes about:
#
# $$\text{gpa} \sim N(\mu, \sigma)$$
#
# $$\mu = b_\text{intercept} + b_\text{occ} \cdot \text{occasion}$$
#
# First find $\mu$, the height of the line. Then draw a grade from a normal distribution
# around it. The line is the *mean* of the grades at an occasion, and $\sigma$ says how
# far they scatter around that mean.

# %% [markdown]
# Is this the same model? We write it both ways in code, start both from the same
# random numbers, and compare.
#
# **Guess before you run:** will the two lists of grades be equal, nearly equal, or only
# alike on average?

# %% tags=["R14", "R15", "R16"]
sigma = 0.35
error = np.random.default_rng(4).normal(0, sigma, size=1200)
by_first_form = intercept + slope * occasion + error
by_second_form = np.random.default_rng(4).normal(mu, sigma)
both = pd.DataFrame({"line + error": by_first_form, "N(mu, sigma)": by_second_form})
both.head(4).round(4)

# %% tags=["R16"]
assert np.allclose(by_first_form, by_second_form, atol=1e-12)
assert np.allclose(by_second_form - mu, error)
chance = stats.norm.cdf(error, 0, sigma)  # of a smaller error
by_quantiles = stats.norm.ppf(chance, mu, sigma)  # a third route: SciPy's quantiles
assert np.allclose(by_quantiles, by_first_form)

# %% [markdown]
# They are equal: drawing around $\mu$ is the same as drawing around 0 and adding $\mu$.
# The first form looks at how far a row deviates, the second at how a row is made. In
# the next picture each semester has its own distribution. What differs between the six,
# and what does not?

# %% alt="A red line rising over six occasions from 2.6 to 3.15. At each occasion a normal density is drawn sideways around the line, all six of the same width, one of them filled with the middle 95 percent marked from 2.13 to 3.51 at occasion 2."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
grid = np.linspace(-3.2, 3.2, 121) * sigma
for at, height in enumerate(heights):
    curve = at + 0.7 * np.exp(-((grid / sigma) ** 2) / 2)
    ax.plot(curve, height + grid, color=GROUP, linewidth=1)
    ax.fill_betweenx(height + grid, at, curve, color=GROUP, alpha=0.12)
ax.plot(range(6), heights, "o-", color=OVERALL, linewidth=2)
ends = heights[2] + np.array([-1.96, 1.96]) * sigma
ax.vlines(2, *ends, color=PICKED, linewidth=2.5)
for end, side in zip(ends, ["top", "bottom"], strict=True):
    ax.annotate(f"{end:.2f}", (1.95, end), ha="right", va=side)
ax.annotate("μ", (5, heights[5]), (5.8, heights[5]), color=OVERALL, va="center")
ax.set(xlabel="occasion (semester, from 0)", ylabel="gpa (grade points)")
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The centre moves along the line; the width stays. The dark bar marks the middle 95 %
# of the grades that the model expects at occasion 2: 1.96 sds to either side, from
# 2.13 to 3.51.

# %% [markdown] tags=["R15", "R16"]
# ### What is the second number?
#
# Here and in the text, the second number in $N(0, \sigma)$ is a **standard deviation**.
# Many books write $N(0, \sigma^2)$ instead and mean a *variance*, the square of an sd.
# Both habits are common, so always look. NumPy's `normal`, SciPy's `norm` and R's
# `rnorm` take the sd; `multivariate_normal` takes variances and covariances. The unit
# tells them apart: an sd is in grade points, a variance in squared grade points.

# %% [markdown]
# The variance is $0.35^2 = 0.1225$. Suppose that someone hands it to `normal`.
#
# **Guess before you run:** which share of all grades will lie within the range where
# this person expects 95 % of them?

# %% tags=["R15"]
many = np.random.default_rng(5).normal(0, sigma, 200_000)
widths = pd.DataFrame({"taken for the sd": [sigma, sigma**2]})
widths.index = ["the sd, 0.35", "the variance, 0.1225"]
widths["expected half width"] = 1.96 * widths["taken for the sd"]
widths["share inside"] = [
    np.mean(np.abs(many) < half) for half in widths["expected half width"]
]
widths.round(4)

# %% [markdown]
# About half of them. The expected range is only 0.35 times as wide as it should be. The
# normal distribution function is the second route to both shares.

# %%
theory = [2 * stats.norm.cdf(h / sigma) - 1 for h in widths["expected half width"]]
assert np.allclose(widths["share inside"], theory, atol=0.005)
assert np.round(theory, 2).tolist() == [0.95, 0.51]
assert np.isclose(np.divide(*widths["expected half width"][::-1]), 0.35)
assert ends.round(2).tolist() == [2.13, 3.51]

# %% [markdown]
# ## 3 · What has to be normal?
#
# "Regression needs normal data" is often said, and wrong. The model says
# $\epsilon \sim N(0, \sigma)$: the *errors* are normal. The predictor may have any
# distribution, and the response then gets some of its shape.
#
# A made-up example: hours of study are very skewed (most study little, a few a lot),
# and points in a test are a line in the hours plus a normal error.
#
# **Guess before you run:** will a histogram of the points look normal? And one of the
# errors?

# %%
rng = np.random.default_rng(6)
hours = rng.exponential(2.0, 4000)
noise = rng.normal(0, 4.0, 4000)
points = 20 + 5 * hours + noise
fit = smf.ols("points ~ hours", data={"points": points, "hours": hours}).fit()
skewness = pd.Series({"hours": stats.skew(hours), "points": stats.skew(points)})
skewness["residuals"] = stats.skew(fit.resid)
skewness.rename("skewness").to_frame().round(2)

# %% [markdown]
# *Skewness* is 0 for a symmetric distribution and positive when the long tail lies to
# the right. The *residuals* are the distances from the *fitted* line. The errors
# themselves are never seen in real data, because the true line is not. In the picture
# compare each histogram with the normal curve of the same mean and sd.

# %% alt="Two histograms with normal curves. Left, points in the test: lopsided, steep on the left, with a long right tail that the curve misses. Right, residuals: symmetric, and the curve fits."
fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.0))
for ax, values, name in zip(
    axes, [points, fit.resid], ["response: points", "residual (points)"], strict=True
):
    ax.hist(values, bins=50, density=True, color=OBSERVED, alpha=0.5)
    at = np.linspace(values.min(), values.max(), 200)
    ax.plot(at, stats.norm.pdf(at, values.mean(), values.std()), color=OVERALL)
    ax.set(xlabel=name, ylabel="density")
    ax.spines[["top", "right"]].set_visible(False)
fig.tight_layout()

# %% [markdown]
# The response is far from normal and the model holds exactly. Theory gives the skewness
# too: only the part $5 \cdot \text{hours}$ is skewed (hours have skewness 2), and the
# normal part dilutes it. So look at residuals, not at a histogram of the response.

# %%
sd_hours_part, sd_total = 5 * 2.0, np.hypot(5 * 2.0, 4.0)
in_theory = 2 * (sd_hours_part / sd_total) ** 3
assert abs(skewness["points"] - in_theory) < 0.25 and round(in_theory, 1) == 1.6
assert abs(skewness["residuals"]) < 4 * np.sqrt(6 / 4000)
assert np.allclose(fit.params, [20, 5], atol=0.3)

# %% [markdown]
# How much does it matter? With many rows, the intervals and tests of coefficients
# hardly depend on normal errors. Statements about *single* rows do, such as the 95 %
# range of section 2. That the errors are **independent** matters far more. Section 5
# comes back to that.

# %% [markdown]
# ## 4 · Finding the line: least squares
#
# Which line fits the grades best? *Least squares* takes the one with the smallest sum
# of squared residuals. Write the rows as a matrix $X$ with a column of ones and a
# column of occasions, the grades as $y$. At the minimum the residuals are *orthogonal*
# to both columns: multiplied with either, they sum to 0. This gives two equations for
# two unknowns:
#
# $$X^\top X\, b = X^\top y$$

# %%
X = np.column_stack([np.ones(len(gpa)), occasion])
y = gpa["gpa"].to_numpy()
b = np.linalg.solve(X.T @ X, X.T @ y)
residual = y - X @ b
n_obs, n_fixed = X.shape
sigma_hat = np.sqrt(residual @ residual / (n_obs - n_fixed))
pd.Series({"intercept": b[0], "slope": b[1], "sigma": sigma_hat}).round(3)

# %% [markdown]
# The line starts at 2.599 and gains 0.106 a semester; grades scatter around it with an
# sd of 0.349. Those were the round numbers 2.6, 0.11 and 0.35. The sum of squares is
# divided by $1200 - 2$, since two coefficients were fitted.
#
# How sure are the coefficients? Their *standard errors* (se) are the sds that the
# estimates would have over repeated samples. If the errors are independent and have one
# $\sigma$, as the model says, they are
# $\text{se} = \sigma \sqrt{\text{diag}\,(X^\top X)^{-1}}$.

# %%
se = sigma_hat * np.sqrt(np.diag(np.linalg.inv(X.T @ X)))
line = smf.ols("gpa ~ occasion", data=gpa).fit()
by_hand = pd.DataFrame({"b": b, "se": se}, index=["Intercept", "occasion"])
by_statsmodels = pd.DataFrame({"b": line.params, "se": line.bse})
assert np.allclose(by_hand, by_statsmodels, atol=1e-10)
assert np.isclose(sigma_hat, np.sqrt(line.scale))
by_statsmodels.round(4)

# %% [markdown]
# `smf.ols` of the library statsmodels gives the same, to ten decimals. Its formula
# `gpa ~ occasion` names only what has a subscript; coefficients and error are
# understood. Two more checks: the slope is a covariance divided by a variance, and the
# residuals are indeed orthogonal to both columns.

# %%
assert np.isclose(b[1], np.cov(occasion, y)[0, 1] / np.var(occasion, ddof=1))
assert np.isclose(b[0], y.mean() - b[1] * occasion.mean())
assert np.allclose(X.T @ residual, 0, atol=1e-9)
assert b.round(3).tolist() == [2.599, 0.106] and round(sigma_hat, 3) == 0.349
assert [*b.round(1), b[1].round(2), sigma_hat.round(2)] == [2.6, 0.1, 0.11, 0.35]

# %% [markdown]
# ## 5 · Does a fit find the truth?
#
# In real data we never learn the true line. In a simulation we know it, because we
# choose it. We draw grades from the second form, with 2.6, 0.11 and 0.35, for the same
# 1200 occasions, fit, and do that 2000 times. All data sets are columns of one matrix,
# so a single `solve` fits them all.
#
# **Guess before you run:** the slope is 0.11. How far off will a single fit
# typically be: by 0.1, 0.01, or less?

# %% tags=["R16"]
n_sims = 2000
truth = np.array([intercept, slope])
rng = np.random.default_rng(2024)
Y = rng.normal(mu[:, None], sigma, size=(n_obs, n_sims))  # gpa ~ N(mu, sigma)
B = np.linalg.solve(X.T @ X, X.T @ Y)  # a column a data set
S = np.sqrt(np.sum((Y - X @ B) ** 2, axis=0) / (n_obs - n_fixed))
found = pd.DataFrame({"intercept": B[0], "slope": B[1], "sigma": S})
found.head(4).round(4)

# %% [markdown]
# Each row is what one researcher would have found. Now theory: what should the mean and
# the sd of each column be? The mean should be the truth. The sd is given for the
# coefficients by the formula of section 4, with the true $\sigma$; for $\hat\sigma$,
# the estimate of $\sigma$, it is about $\sigma / \sqrt{2 (n - 2)}$.

# %% tags=["R16"]
se_theory = sigma * np.sqrt(np.diag(np.linalg.inv(X.T @ X)))
compared = pd.DataFrame({"truth": [*truth, sigma]}, index=found.columns)
compared["mean of fits"] = found.mean()
compared["sd of fits"] = found.std()
compared["se by theory"] = [*se_theory, sigma / np.sqrt(2 * (n_obs - n_fixed))]
compared.round(4)

# %% [markdown]
# The fits scatter around the truth, and the sd of 2000 fits is what the formula says. A
# single slope is typically off by 0.006. A mean of 2000 fits should be within four of
# *its* standard errors of the truth, and an sd within four of its own. That we can
# assert.

# %%
error_of_mean = compared["se by theory"] / np.sqrt(n_sims)
off = (compared["mean of fits"] - compared["truth"]).abs()
assert (off < 4 * error_of_mean).all()
ratio = compared["sd of fits"] / compared["se by theory"]
assert ((ratio - 1).abs() < 4 / np.sqrt(2 * n_sims)).all()
assert compared["se by theory"].round(3)["slope"] == 0.006

# %% [markdown]
# The next picture shows the 2000 slopes. The red curve is not fitted to them: it is the
# normal distribution that theory predicts. The bars are the simulation.

# %% alt="Histogram of 2000 fitted slopes between about 0.09 and 0.13, centred at the true 0.11, with a red normal curve of theory that follows the bars closely."
fig, ax = plt.subplots(figsize=(6.4, 3.0))
ax.hist(found["slope"], bins=40, density=True, color=OBSERVED, alpha=0.5)
at = np.linspace(0.088, 0.132, 200)
ax.plot(at, stats.norm.pdf(at, slope, se_theory[1]), color=OVERALL, linewidth=2)
ax.axvline(slope, color=PICKED, linewidth=1, linestyle="--")
ax.annotate("truth", (slope, 72), (slope + 0.0008, 74), color=PICKED)
ax.annotate("theory", (0.1165, 40), (0.1175, 40), color=OVERALL)
ax.set(xlabel="fitted slope (grade points a semester)", ylabel="density", ylim=(0, 80))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The bars follow the curve. So an interval of 1.96 standard errors around a fitted
# slope, each with its own $\hat\sigma$, should contain the truth in 95 % of the data
# sets.

# %%
half = 1.96 * S * np.sqrt(np.linalg.inv(X.T @ X)[1, 1])
covered = np.mean(np.abs(B[1] - slope) < half)
assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n_sims)
pd.Series({"share of intervals that cover the truth": covered}).round(3)

# %% [markdown]
# It does, in 95.2 %. All of this holds because we drew from the model, with independent
# errors.
#
# ### What the model can't see
#
# Are the errors of *our* grades independent? `student` is not in the formula. To see
# what that means, we deal the students' names out anew, at random, over all rows.

# %% [markdown]
# How alike are two residuals of one student? Scale all residuals to sd 1, and average
# their products over all pairs of one student: about 0 if they are independent, 1 if they
# are the same.
#
# **Guess before you run:** how large is this average, before and after the names are
# dealt? And what will the fit do?

# %%
dealt = gpa.assign(student=np.random.default_rng(7).permutation(gpa["student"]))
refit = smf.ols("gpa ~ occasion", data=dealt).fit()
assert np.allclose(refit.params, line.params) and np.allclose(refit.bse, line.bse)
scaled = residual / residual.std()
likeness = {}
for name, rows in {"as they are": gpa, "dealt": dealt}.items():
    order = np.argsort(rows["student"], kind="stable")
    R = scaled[order].reshape(200, 6)  # a row a student
    products = R.T @ R / 200  # the mean product of any two columns
    likeness[name] = products[np.triu_indices(6, 1)].mean()
pd.Series(likeness, name="mean product of two residuals").round(2).to_frame()

# %% [markdown]
# The fit does not move by a digit: the model has no place where a student could matter.
# But the residuals know. Two residuals of one student have a mean product of 0.52; with
# dealt names it is about 0. As a second route, the square of a student's sum holds all
# products of that student at once.

# %%
for name, rows in {"as they are": gpa, "dealt": dealt}.items():
    sums = pd.Series(scaled).groupby(rows["student"]).sum()
    by_sums = (np.sum(sums**2) - n_obs) / (200 * 6 * 5)  # 30 ordered pairs a student
    assert np.isclose(by_sums, likeness[name])
assert round(likeness["as they are"], 2) == 0.52 and abs(likeness["dealt"]) < 0.05
assert round(covered, 3) == 0.952

# %% [markdown]
# So independent errors $\epsilon \sim N(0, \sigma)$ are not what these grades have. The
# error mixes what belongs to a student and what belongs to a single semester. The next
# lesson takes the two apart. What it means for the standard errors of this page,
# [Lesson 07](07_standard_regression_fitted.ipynb) works out.
#
# ## Summary
#
# - Line plus error and "normal around a line" are one model in two notations.
# - Subscripts are left out: $b$ and $\sigma$ are single numbers, the rest has one per
#   row.
# - In $N(\mu, \sigma)$ the second number is an sd here; elsewhere it may be a variance.
# - Normality is a claim about errors. Independence is the claim that matters more.
# - Fits to data from the model scatter around the truth as the standard errors say.
#
# **Common mistakes.** Handing a variance to a function that takes an sd. Testing the
# response for normality. Taking residuals (from the fitted line) for errors (from the
# true line). Reading a small standard error as proof that the model holds.
#
# **In the code.** The regression is statsmodels' `ols`; our package has none.
# `mmcourse/simulations.py`: `simulate_random_intercepts` draws from such a model with
# one term more.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Gelman, Hill, Vehtari (2020), *Regression and Other Stories*, Cambridge, chapters 7
# and 11.
#
# **Next.** [Lesson 05](05_the_mixed_model.ipynb) gives every student an effect.
