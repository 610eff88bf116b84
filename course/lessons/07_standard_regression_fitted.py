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
# # 07 · Standard regression, fitted
#
# **The question:** what does an ordinary regression say about the grades, and may we
# believe its standard errors?
#
# *About 40 minutes. You need ordinary regression, no more.*
#
# After this lesson you can
#
# - read every number of a regression table, and compute it with NumPy,
# - see in the residuals which rows belong together,
# - test a standard error by simulation, and say in which direction it errs,
# - name what a regression without students can't tell at all.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()
gpa[["student", "occasion", "gpa"]].head(8)

# %% [markdown]
# Each of 200 students has six rows, one for each semester of three years. `gpa` is the
# grade point average of that semester; 4.0 is best. `occasion` counts the semesters
# from 0 to 5.
#
# The rows are reconstructed: the models of the text (M. Clark's *Mixed Models with R*,
# which the course follows) give the numbers of the original data, but single students are
# not real people.
#
# The model is ordinary regression of `gpa` on `occasion`: one line for everybody. It is
# not told which rows belong to one student.

# %% [markdown]
# ## 1 · One line for everybody
#
# **Guess before you run:** the grades lie between 1.7 and 4.0. At which grade does the
# line start, and how much does a semester add?

# %% tags=["R30"]
assert (gpa["gpa"].min(), gpa["gpa"].max()) == (1.7, 4.0)
line = smf.ols("gpa ~ occasion", data=gpa).fit()
table = pd.DataFrame(
    {"estimate": line.params, "se": line.bse, "t": line.tvalues, "p": line.pvalues}
)
shown = table[["estimate", "se"]].map("{:.3f}".format)
shown["t"] = table["t"].map("{:.4g}".format)
shown["p"] = table["p"].map("{:.3f}".format).replace("0.000", "<0.001")
shown

# %% tags=["R31"]
overall = {
    "observations": f"{line.nobs:.0f}",
    "residual standard error": f"{np.sqrt(line.scale):.4f}",
    "R²": f"{line.rsquared:.4f}",
    "adjusted R²": f"{line.rsquared_adj:.4f}",
}
pd.Series(overall, name="gpa ~ occasion").to_frame().T

# %% [markdown] tags=["R32"]
# `occasion` is a number here, so it has one coefficient. The intercept is the grade
# when `occasion` is 0: **on average, students start at 2.6**. The slope is what one
# semester adds: **about 0.11 points** (0.106). Both are many standard errors away from
# zero, which is what $t$ counts. The text prints the p-values as 0; no p-value is 0, so
# we write `<0.001`.

# %% [markdown]
# A *standard error* (se) is a statement about data that we did not see: had 200 other
# students been drawn, the coefficient would have come out differently, typically by
# about this much. Keep that sentence in mind; section 4 puts it to the test.
#
# The *residual standard error* is the standard deviation (sd) of the grades around the
# line. $R^2$, 0.21, says that the line explains a fifth of the variance of the grades.
#
# Are these the tables of the text?

# %% tags=["R30", "R31", "R32"]
printed = pd.DataFrame(
    {"estimate": ["2.599", "0.106"], "se": ["0.018", "0.006"], "t": ["145.7", "18.04"]},
    index=["Intercept", "occasion"],
)
assert shown[printed.columns].to_numpy().tolist() == printed.to_numpy().tolist()
assert list(overall.values()) == ["1200", "0.3487", "0.2136", "0.2129"]
assert table["estimate"].round(2).tolist() == [2.6, 0.11]
assert (table["p"] < 0.001).all()

# %% [markdown]
# Every digit. Now a look at what was fitted. Watch two things in the picture: do the
# means of the semesters (dark) lie on the red line, and how far do single grades
# (grey) lie from it?

# %% alt="Grey dots, 1200 grades, in six columns for the semesters 0 to 5, between 1.7 and 4.0. The red line rises from 2.60 to 3.13. Six dark means lie on it. Single grades lie up to 1.1 points away."
rng = np.random.default_rng(7)
fig, ax = plt.subplots(figsize=(6.6, 3.8))
beside = gpa["occasion"] + rng.uniform(-0.16, 0.16, len(gpa))
ax.plot(beside, gpa["gpa"], "o", color=OBSERVED, markersize=2.5, alpha=0.5)
ends = np.array([0, 5])
at_ends = line.params["Intercept"] + line.params["occasion"] * ends
ax.plot(ends, at_ends, color=OVERALL, linewidth=2.4)
means = gpa.groupby("occasion")["gpa"].mean()
ax.plot(means, "D", color=PICKED, markersize=6)
for x, y, side in zip(ends, at_ends, ["right", "left"], strict=True):
    ax.annotate(f"{y:.2f}", (x + 0.3 * (x - 2.5) / 2.5, y), ha=side, color=OVERALL)
ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)", xlim=(-0.8, 5.8))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The six means lie on the line, within 0.02 points: a straight line is a fair summary
# of the trend. Single grades are up to 1.1 points away. In five semesters the
# line climbs from 2.60 to 3.13.

# %%
left = line.resid
assert left.groupby(gpa["occasion"]).mean().abs().max() < 0.02
assert 1.0 < left.abs().max() < 1.2
assert at_ends.round(2).tolist() == [2.6, 3.13]

# %% [markdown]
# ## 2 · The same by hand
#
# Least squares puts a column of ones and the occasions side by side, $X$, and solves
# $X'X\,b = X'y$. What is left over gives the residual variance $s^2$: the sum of the
# squared residuals over $1200 - 2$, since two coefficients were estimated. The standard
# errors are $s\sqrt{\text{diagonal of } (X'X)^{-1}}$.

# %% tags=["R30", "R31"]
X = np.column_stack([np.ones(len(gpa)), gpa["occasion"]])
y = gpa["gpa"].to_numpy()
b = np.linalg.solve(X.T @ X, X.T @ y)
rss = np.sum((y - X @ b) ** 2)  # residual sum of squares
tss = np.sum((y - y.mean()) ** 2)
s = np.sqrt(rss / (1200 - 2))
se = s * np.sqrt(np.diag(np.linalg.inv(X.T @ X)))
r2, r2_adjusted = 1 - rss / tss, 1 - (rss / 1198) / (tss / 1199)
by_hand = pd.DataFrame({"estimate": b, "se": se, "t": b / se}, index=table.index)
assert np.allclose(by_hand, table[by_hand.columns])
assert np.allclose([s**2, r2], [line.scale, line.rsquared])
assert np.isclose(r2_adjusted, line.rsquared_adj)
by_hand.round(4)

# %% [markdown]
# The same numbers. One formula will return: the standard error of a slope is the residual
# sd over the root of the spread of $x$. Our occasions have the spread
# $\sum (x - \bar x)^2 = 3500$, so the slope's is $0.3487 / \sqrt{3500} = 0.0059$. What
# goes in: the residual sd, the occasions, the number of rows. Not the students.

# %%
spread = np.sum((X[:, 1] - X[:, 1].mean()) ** 2)
assert np.isclose(spread, 3500)
assert np.isclose(s / np.sqrt(spread), line.bse["occasion"])
assert line.bse["occasion"].round(4) == 0.0059

# %% [markdown]
# ## 3 · The residuals remember the student
#
# Behind these standard errors stands an assumption: the 1200 residuals have nothing to
# do with each other. If so, a residual lies as often above the line as below, whatever
# the other five of that student are. That can be counted.
#
# **Guess before you run:** if so, how many of the 200 students would have all six
# grades on the same side of the line? And how many have?

# %%
R = left.to_numpy().reshape(200, 6)  # a row a student
above = (R > 0).sum(axis=1)
same_side = int(np.isin(above, [0, 6]).sum())
pd.Series({"independent": 200 * 2 * 0.5**6, "our students": same_side})

# %% [markdown]
# Six tosses of a coin agree in 2 of 64 cases, so about 6 students. In our data 59 have
# all six grades on one side. Was the coin fair, and could it be chance? Second route,
# without a coin: deal the 1200 residuals out to the students anew, a thousand times, and
# count each time.

# %%
ordered = gpa.sort_values(["student", "occasion"])
assert ordered.index.equals(gpa.index)  # so that reshaping was right
dealt = rng.permuted(np.tile(R.ravel(), (1000, 1)), axis=1).reshape(1000, 200, 6)
counts = np.isin((dealt > 0).sum(axis=2), [0, 6]).sum(axis=1)
assert same_side == 59
assert abs(counts.mean() - 6.25) < 0.5 and counts.max() < 20
pd.Series({"mean": counts.mean(), "most of 1000": counts.max()}).round(1)

# %% [markdown]
# Never nearly as many as 59. Here is what the counting saw. On the left are the
# residuals of the first 25 students, on the right those of one new deal; dark bars are
# the means of six. In which panel do the six dots of a column keep together?

# %% alt="Two panels with six blue residuals above each of 25 students and a dark bar for their mean. Left, as they are: many columns lie wholly above or below the red zero line. Right, dealt anew: all columns straddle zero and the means stay near it."
fig, axes = plt.subplots(1, 2, figsize=(9, 3.3), sharey=True, layout="constrained")
panels = {"as they are": R[:25], "dealt out anew": dealt[0, :25]}
for ax, (title, some) in zip(axes, panels.items(), strict=True):
    who = np.arange(1, 26)
    ax.axhline(0, color=OVERALL, linewidth=1.4)
    ax.vlines(who, some.min(axis=1), some.max(axis=1), color=OBSERVED, linewidth=0.8)
    ax.plot(who, some, "o", color=GROUP, markersize=3.5, alpha=0.7)
    ax.plot(who, some.mean(axis=1), "_", color=PICKED, markersize=11, mew=2.2)
    ax.set(title=title, xlabel="student", xticks=[1, 5, 10, 15, 20, 25])
    ax.spines[["top", "right"]].set_visible(False)
_ = axes[0].set_ylabel("residual (grade points)")

# %% [markdown]
# On the left whole columns hang above or below zero, and the dark means spread. On the
# right they stay near zero. One number says how strongly the residuals of a student
# hang together: their correlation. Put each residual beside each of the other five of
# its student, and correlate the 6000 pairs.
#
# Second route: means of six independent residuals have a sixth of the variance. With a
# correlation $r$ it is $1 + 5r$ times as much. So the spread of the dark bars gives $r$.

# %%
one, other = np.nonzero(~np.eye(6, dtype=bool))  # 30 pairs of two semesters
r = np.corrcoef(R[:, one].ravel(), R[:, other].ravel())[0, 1]
from_means = (6 * np.mean(R.mean(axis=1) ** 2) / np.mean(R**2) - 1) / 5
assert R[:, one].size == 6000
assert np.isclose(r, from_means)
assert round(r, 2) == 0.52
pd.Series({"correlation within a student": r}).round(3)

# %% [markdown]
# The correlation is 0.52. The assumption is wrong: six grades of one student are not six
# independent pieces of evidence, but the regression counts them so.

# %% [markdown]
# ## 4 · What is a standard error worth?
#
# A standard error claims how much a coefficient varies from one set of students to the
# next. To test the claim we need many sets of students, so we make them. For that we must
# choose a model that students follow, a *world*. We take the simplest one in which grades
# of a student hang together, that of the mixed model in
# [Lesson 09](09_running_a_mixed_model.ipynb):
#
# $$\text{gpa} = b_\text{intercept} + b_\text{occ}\cdot\text{occasion}
# + \text{effect}_\text{student} + \epsilon$$

# %% [markdown]
# Each student draws one effect, from a normal distribution with mean 0 and sd $\tau$,
# and all six grades share it; such an effect is called *random*. Each grade draws its
# own $\epsilon$, with sd $\sigma$. The values of $\tau$ and $\sigma$ come from a fit to
# our grades.

# %%
mixed = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
sd_student, sd_residual = mm.extract_vc(mixed, ci_level=0)["sd"]
pd.Series({"sd_student (tau)": sd_student, "sd_residual (sigma)": sd_residual}).round(3)

# %% [markdown]
# Now 4000 times 200 new students with six grades each. A regression for each of the
# 4000 data sets sounds like work. The coefficients are one matrix product: all students
# have the same occasions, so they need only the six semester means of a data set.
#
# **Guess before you run:** will the regression's standard errors be too small or too
# large? Both in the same direction?


# %%
def regress(worlds):
    """Coefficients and the standard errors that lm reports, for every data set."""
    X6 = np.column_stack([np.ones(6), np.arange(6)])
    coef = worlds.mean(axis=1) @ np.linalg.pinv(X6).T
    rss = np.sum((worlds - (coef @ X6.T)[:, None, :]) ** 2, axis=(1, 2))
    scaled = np.sqrt(np.diag(np.linalg.inv(200 * X6.T @ X6)))
    return coef, np.sqrt(rss / 1198)[:, None] * scaled


n_worlds = 4000
truth = line.params.to_numpy()
effects = rng.normal(0, sd_student, (n_worlds, 200, 1))
noise = rng.normal(0, sd_residual, (n_worlds, 200, 6))
worlds = truth[0] + truth[1] * np.arange(6) + effects + noise
coef, se_lm = regress(worlds)

# %% [markdown]
# First a check that these few lines do what statsmodels does, on our grades and on the
# first of the 4000 data sets. Then the comparison: how much the 4000 coefficients really vary, and
# what the regression says, on average, about how much they vary.

# %% tags=["R33"]
first = gpa.assign(gpa=worlds[0].ravel())
for data in (gpa, first):
    again = smf.ols("gpa ~ occasion", data=data).fit()
    mine = np.concatenate(regress(data["gpa"].to_numpy().reshape(1, 200, 6)))
    assert np.allclose(mine, [again.params, again.bse])
honest = pd.DataFrame(
    {"really": coef.std(axis=0, ddof=1), "regression says": se_lm.mean(axis=0)},
    index=table.index,
)
honest["says / really"] = honest["regression says"] / honest["really"]
honest.round(4)

# %% [markdown] tags=["R33"]
# In this world, where students differ in level only, the standard errors are wrong in
# **opposite** directions. The intercept's is too small: the regression believes in 1200
# independent grades where there are 200 students. The slope's is too large: every student
# is seen at all six occasions, so a good student lifts the line as a whole and does not
# tilt it. Yet the regression counts the differences between students as noise, and noise
# makes slopes uncertain.

# %% [markdown]
# Theory is the second route. With these balanced data (everybody at the same six
# occasions) the true standard deviations can be written down. The slope involves
# $\sigma$ alone:
#
# $$\text{sd(slope)} = \frac{\sigma}{\sqrt{3500}}, \qquad
# \text{sd(intercept)}^2 = \frac{6\tau^2 + \sigma^2}{1200}
# + 2.5^2\,\frac{\sigma^2}{3500}$$
#
# The first part is the variance of the average grade; the second comes from going back
# from the middle of the occasions, 2.5, to the start.

# %% tags=["R33"]
level = (6 * sd_student**2 + sd_residual**2) / 1200
sd_slope = sd_residual / np.sqrt(3500)
theory = np.array([np.sqrt(level + 2.5**2 * sd_slope**2), sd_slope])
chance = 4 / np.sqrt(2 * n_worlds)  # four standard errors of a simulated sd
assert np.allclose(honest["really"], theory, rtol=chance)
assert theory.round(4).tolist() == [0.0217, 0.0041]
assert (honest["says / really"] < 1).tolist() == [True, False]

# %% [markdown]
# Simulation and theory, 0.0217 and 0.0041, agree within what chance allows. Look in the
# next picture at the width of the histograms (what really happens) against the width of
# the red curves (what the regression claims).

# %% alt="Two histograms of 4000 simulated estimates in grey, each with a red bell curve of the regression's claim. Left, the intercept: the curve is narrower and higher than the histogram. Right, the slope: the curve is wider and lower."
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.1), layout="constrained")
units = ["intercept (grade points)", "slope (grade points a semester)"]
for k, (ax, unit) in enumerate(zip(axes, units, strict=True)):
    bars, *_ = ax.hist(coef[:, k], 40, density=True, color=OBSERVED, alpha=0.6)
    claim = stats.norm(truth[k], se_lm[:, k].mean())
    width = 4 * max(honest["really"].iloc[k], claim.std())
    x = np.linspace(truth[k] - width, truth[k] + width, 200)
    ax.plot(x, claim.pdf(x), color=OVERALL, linewidth=2)
    ax.set(xlabel=unit, yticks=[], ylim=(0, 1.1 * max(bars.max(), claim.pdf(truth[k]))))
    ax.spines[["top", "right", "left"]].set_visible(False)
axes[0].set_title("claim (red) too narrow")
axes[1].set_title("claim (red) too wide")
_ = axes[0].set_ylabel("density")

# %% [markdown]
# On the left the truth is wider than the claim, on the right narrower. (A narrow curve
# is a high one, since its area is 1; the right histogram overtops its curve.)
#
# What would do better? One repair keeps the regression and changes only its standard
# errors. A *cluster-robust* standard error lets each student speak once: it adds up
# residuals, and residuals times occasion, within the student, and looks how these 200
# sums spread. The other way is the mixed model itself.

# %% [markdown]
# For all 4000 data sets at once these are a few lines. For balanced data the mixed model's
# standard errors are the theory's, with two estimates put in: six times the variance of
# the students' means in place of $6\tau^2 + \sigma^2$, and the variance that is left
# within students in place of $\sigma^2$.


# %%
def robust(worlds, coef):
    """Cluster-robust standard errors as statsmodels gives them, for every data set."""
    X6 = np.column_stack([np.ones(6), np.arange(6)])
    sums = (worlds - (coef @ X6.T)[:, None, :]) @ X6  # two for each student
    bread = np.linalg.inv(200 * X6.T @ X6)
    sandwich = bread @ (sums.transpose(0, 2, 1) @ sums) @ bread
    small = 200 / 199 * 1199 / 1198  # a correction for few students; here nearly 1
    return np.sqrt(small * np.diagonal(sandwich, axis1=1, axis2=2))


def by_mixed_model(worlds, coef):
    """Standard errors of the random-intercepts model, for every data set."""
    means = worlds.mean(axis=2)
    between = 6 * means.var(axis=1, ddof=1)
    within = worlds - means[:, :, None] - coef[:, 1:, None] * (np.arange(6) - 2.5)
    slope2 = np.sum(within**2, axis=(1, 2)) / 999 / 3500
    return np.sqrt(np.column_stack([between / 1200 + 2.5**2 * slope2, slope2]))


# %% [markdown]
# Do both agree with the packages? We compare on the first data set.

# %%
by_student = {"groups": first["student"]}
clustered = smf.ols("gpa ~ occasion", data=first).fit(
    cov_type="cluster", cov_kwds=by_student
)
se_robust, se_mixed = robust(worlds, coef), by_mixed_model(worlds, coef)
fit = mm.lmer("gpa ~ occasion + (1 | student)", data=first)
assert np.allclose(se_robust[0], clustered.bse)
assert np.allclose(se_mixed[0], fit.std_error, rtol=1e-5)

# %% [markdown]
# They do. What counts in the end are intervals: estimate plus and minus 1.96 standard
# errors should hold the truth in 95 of 100 data sets.
#
# **Guess before you run:** how often does the regression's interval for the intercept
# hold the truth?

# %% tags=["R33"]
claims = {"regression": se_lm, "cluster-robust": se_robust, "mixed model": se_mixed}
rows = {"really": honest["really"].to_numpy()}
rows |= {name: reported.mean(axis=0) for name, reported in claims.items()}
report = pd.DataFrame(rows, index=["se of intercept", "se of slope"]).T
for k, name in enumerate(["intercept", "slope"]):
    inside = {
        n: np.mean(abs(coef - truth)[:, k] < 1.96 * c[:, k]) for n, c in claims.items()
    }
    report[f"% covered, {name}"] = 100 * pd.Series(inside)
shown = report.map("{:.4f}".format)
shown.iloc[:, 2:] = report.iloc[:, 2:].map("{:.1f}".format).replace("nan", "")
shown

# %% [markdown] tags=["R33"]
# The regression's interval for the intercept holds the truth in only 89 of 100 data
# sets: it promises an error rate of 5 % and has one of 11 %. Its interval for the slope
# nearly always holds it, since it is far too wide. The robust and the mixed model's
# standard errors are both right in this world. As for the second route: a standard
# error of $c$ times the true one covers with the probability $2\Phi(1.96\,c) - 1$.

# %% tags=["R33"]
lm_mean = np.sqrt(sd_residual**2 + sd_student**2 * 1194 / 1198) * se / s
expected = 2 * stats.norm.cdf(1.96 * lm_mean / theory) - 1
covered = report.iloc[1:, 2:] / 100
within_chance = 4 * np.sqrt(0.11 * 0.89 / n_worlds)
assert np.allclose(covered.loc["regression"], expected, atol=within_chance)
assert (abs(covered.drop("regression") - 0.95) < within_chance).all(axis=None)
assert expected.round(2).tolist() == [0.89, 1.0]
expected.round(3)

# %% [markdown]
# Here are the first 60 of the 4000 intervals for the intercept. Look for those that
# miss the true value, the red line: three would be fair.

# %% alt="Sixty vertical intervals for the intercept in grey around a red horizontal line at 2.6. Those that miss the line are dark; there are more of them than the three that would be fair."
some, half = coef[:60, 0], 1.96 * se_lm[:60, 0]
missed = abs(some - truth[0]) > half
fig, ax = plt.subplots(figsize=(8.6, 3))
for miss, colour, width in [(False, OBSERVED, 1.2), (True, PICKED, 2.6)]:
    at = np.flatnonzero(missed == miss)
    ax.vlines(at + 1, (some - half)[at], (some + half)[at], color=colour, lw=width)
ax.axhline(truth[0], color=OVERALL, linewidth=1.6)
ax.set(xlabel="simulated data set", ylabel="intercept (grade points)", xlim=(0, 61))
ax.set_title(f"{missed.sum()} of 60 miss", loc="left", fontsize="medium")
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Eight of these sixty miss. Claims about *students* fare worse still. Suppose a coin
# decides who of the 200 gets a blue cap, and we ask whether blue caps have better
# grades. They have not, but at the 5 % level 5 of 100 data sets will say so by chance.
#
# **Guess before you run:** in how many of 100 does the regression
# `gpa ~ occasion + cap` find an effect of the cap?

# %% tags=["R33"]
assert missed.sum() == 8
# The students are drawn in no order: let the first hundred wear the cap.
student_means = worlds.mean(axis=2)
cap, none = student_means[:, :100], student_means[:, 100:]
effect = cap.mean(axis=1) - none.mean(axis=1)
spread_cap = 1200 / 4  # sum of squares of a 0/1 column, half of it ones
rss = se_lm[:, 1] ** 2 * spread * 1198 - spread_cap * effect**2
t_rows = effect / np.sqrt(rss / 1197 / spread_cap)
pooled = (cap.var(axis=1, ddof=1) + none.var(axis=1, ddof=1)) / 2
t_students = effect / np.sqrt(pooled / 50)
found = {"rows": abs(t_rows) > 1.96, "students": abs(t_students) > 1.97}
pd.Series({f"% found, counting {k}": 100 * v.mean() for k, v in found.items()}).round(1)

# %% [markdown] tags=["R33"]
# In about 30 of 100 data sets, where it promises 5. A cap never changes within a student, so
# the right unit to count is the student. A comparison of 200 students' means keeps the
# promise. Second route: the variance of a mean of six is $1 + 5\rho$ times what
# independent rows would give, with $\rho$ the correlation within a student.

# %% tags=["R33"]
capped = first.assign(cap=np.repeat([1.0, 0.0], 600))
check = smf.ols("gpa ~ occasion + cap", data=capped).fit()
assert np.isclose(check.tvalues["cap"], t_rows[0])
rho = sd_student**2 / (sd_student**2 + sd_residual**2)
expected_share = 2 * stats.norm.sf(1.96 / np.sqrt(1 + 5 * rho))
assert abs(found["rows"].mean() - expected_share) < 4 * np.sqrt(0.21 / n_worlds)
assert abs(found["students"].mean() - 0.05) < 4 * np.sqrt(0.05 / n_worlds)
assert round(expected_share, 2) == 0.3

# %% [markdown]
# ## 5 · Is it so in our grades?
#
# In the worlds that we made, the robust and the mixed model's standard errors agree.
# The robust ones need no world: they look at the data only.
#
# **Guess before you run:** for the slope the regression says 0.0059, the mixed model
# 0.0041. Which of them do our grades support?

# %% tags=["R33"]
Y = gpa["gpa"].to_numpy().reshape(1, 200, 6)
real = pd.DataFrame(
    {
        "regression": line.bse,
        "cluster-robust": robust(Y, truth[None])[0],
        "mixed model": mixed.std_error,
    }
).T
real.round(4)

# %% [markdown]
# A surprise. For the slope the robust standard error sides with the regression, and for
# the intercept it comes close to it. Nothing is broken. Our students do not live in the
# world of section 4: there, all students climb at the same rate. Let us see whether ours
# do. If all had one slope, lines fitted student by student would have slopes that differ
# by chance only, with an sd of $\sigma / \sqrt{17.5}$, where 17.5 is the spread of six
# occasions.

# %%
separate = mm.lm_list("gpa ~ occasion | student", data=gpa).coef
by_chance = sd_residual / np.sqrt(np.sum((np.arange(6) - 2.5) ** 2))
spreads = {"by chance": by_chance, "in our grades": separate["occasion"].std()}
pd.Series(spreads, name="sd of 200 slopes").round(3)

# %% [markdown]
# They spread 1.4 times as much as chance explains: students differ in their slopes, too.
# (The chance is even overrated: part of this $\sigma$ comes from the slopes.
# [Lesson 08](08_regression_by_cluster.ipynb) takes it out.)
#
# So we make a second world, in which each student draws a level *and* a slope. Its sds are
# again estimated from our grades; the formula `(1 + occasion | student)` is for
# [Lesson 14](14_summary.ipynb).

# %%
assert spreads["in our grades"] > 1.4 * by_chance
slopes = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=gpa)
intercept, slope, both, residual = slopes.var_corr()["variance"]
psi = [[intercept, both], [both, slope]]  # covariance of a student's two effects
drawn = rng.multivariate_normal(truth, psi, (n_worlds, 200))
lines = drawn[:, :, :1] + drawn[:, :, 1:] * np.arange(6)
worlds_2 = lines + rng.normal(0, np.sqrt(residual), (n_worlds, 200, 6))
coef_2, se_2 = regress(worlds_2)
ris = by_mixed_model(worlds_2, coef_2)
rows = {"really": coef_2.std(axis=0, ddof=1), "regression": se_2.mean(axis=0)}
rows["cluster-robust"] = robust(worlds_2, coef_2).mean(axis=0)
rows["mixed, one slope for all"] = ris.mean(axis=0)
second = pd.DataFrame(rows, index=["se of intercept", "se of slope"]).T
second.round(4)

# %% [markdown] tags=["R33"]
# Here the regression is nearly right, by luck. It still counts differences of level as
# noise, which inflates the slope's standard error; and it still overlooks that slopes
# differ, which should inflate it too. On these grades the two errors happen to cancel.
# Now it is the mixed model with one slope for all that is wrong: its interval for the
# slope is too narrow.

# %% tags=["R33"]
held = np.mean(abs(coef_2 - truth)[:, 1] < 1.96 * ris[:, 1])
true_sd = separate.std() / np.sqrt(200)  # the second route: a coefficient is a mean
assert np.allclose(slopes.std_error, true_sd, rtol=1e-4)
assert np.allclose(second.loc["really"], true_sd, rtol=chance)
assert np.allclose(real.loc["cluster-robust"], true_sd, rtol=1e-3)
assert np.allclose(real.loc["regression"], true_sd, rtol=0.03)
assert 0.80 < held < 0.86
pd.Series({"slope covered, %": 100 * held}).round(1)

# %% [markdown]
# It covers 82 of 100 times. A mixed model that allows for the slopes gives the standard
# errors 0.0184 and 0.0059 on our grades: the sds of the 200 separate intercepts and slopes,
# over $\sqrt{200}$.

# %% [markdown]
# So which way do the regression's standard errors err? The text calls them biased, and
# a footnote implies that the slope's is too large. That holds when students differ in level
# only. In general the direction depends on what they differ in. A standard error is as
# good as the model's idea of what belongs together.

# %% [markdown] tags=["R34"]
# ## 6 · The larger loss
#
# Wrong standard errors could be repaired: robust ones do it. What can't be repaired:
# **the regression has no student in it.** How much do students differ? Who stands
# where? The model can't answer, since it was never told that there are students.
#
# **Guess before you run:** the regression has a residual variance of $0.3487^2$. Which
# part of it do differences between students make?

# %% tags=["R34"]
assert slopes.std_error.round(4).tolist() == [0.0184, 0.0059]
parts = pd.Series({"students": sd_student**2, "single grades": sd_residual**2})
split = pd.DataFrame({"variance": parts, "% of the sum": 100 * parts / parts.sum()})
split.round({"variance": 3, "% of the sum": 0}).astype({"% of the sum": int})

# %% [markdown] tags=["R34"]
# Half of what the regression calls residual belongs to the students. It is not noise:
# most of it will be there again next semester. The two sources add up to the regression's
# residual variance, nearly: the exact sum has $1194/1198$ before the students' part.
#
# Look in the next picture at two of the 59 students of section 3, their grades in grey, and
# at the red line, the only one that the regression has.

# %% tags=["R34"] alt="Grades of two students over six semesters. All six of student 169 lie above the red population line, all six of student 118 below. Each has a blue line of their own from the mixed model, parallel to the red one."
assert np.isclose(line.scale, sd_residual**2 + 1194 / 1198 * sd_student**2, rtol=1e-6)
assert round(split["% of the sum"].iloc[0]) == 52
levels = mixed.coef()["student"]["Intercept"]
pair = [169, 118]
assert above[np.array(pair) - 1].tolist() == [6, 0]  # grades above, and none
ax = mm.plot_predictions(mixed, "occasion", pair)
_ = ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")

# %% tags=["R34"]
start = pd.DataFrame({"regression": truth[0], "mixed model": levels}, index=pair)
assert start["regression"].nunique() == 1
assert start["mixed model"].round(2).tolist() == [3.02, 2.04]
start.rename_axis("student").round(2)

# %% [markdown] tags=["R34"]
# For the regression both start at 2.60. In the mixed model one starts at 3.02 and the
# other at 2.04, and each line stays near its own points. How such a line is estimated, and
# why it does not simply go through the middle of the six points, is what the next lesson
# asks.

# %% [markdown]
# ## Summary
#
# - The line: start at 2.6, and 0.11 points more each semester.
# - Residuals of a student hang together (correlation 0.52): 1200 rows are not 1200
#   independent pieces of evidence.
# - If students differ in level only, the intercept's standard error is too small and the
#   slope's too large; a claim about students is called significant far too often.
# - If they differ in slope as well, that can turn; on our grades it nearly cancels.
# - The larger loss: half of the residual variance is students, and the model has none.
#
# **Common mistakes.** Thinking that ignored groups make all standard errors too small.
# Taking a printed p of 0 for zero. Taking the standard errors of a mixed model for true
# because it is a mixed model. Believing that robust standard errors bring back the
# student effect.
#
# **In the code.** `statsmodels`: `ols` and `cov_type="cluster"`. `mmcourse/model/lmer.py`:
# `lmer`. `mmcourse/lm_list.py`: `lm_list`.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Moulton (1986), *Random group effects and the precision of regression estimates*,
# J. Econometrics 32. Liang, Zeger (1986), *Longitudinal data analysis using generalized
# linear models*, Biometrika 73.
#
# **Next.** [Lesson 08](08_regression_by_cluster.ipynb): if students matter, why not a
# line for each of them?
