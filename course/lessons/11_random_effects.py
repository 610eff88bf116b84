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
# # 11 · Estimates of the random effects
#
# **The question:** where does each student stand, and how surely do we know?
#
# *About 45 minutes. You need ordinary regression. [Lesson 09](09_running_a_mixed_model.ipynb)
# fits the model and [lesson 10](10_variance_components.ipynb) reads its variances; you can
# start here all the same.*
#
# After this lesson you can
#
# - get the effect of each group, and compute it by hand in two ways,
# - turn effects into intercepts, with the right standard error,
# - say what each kind of standard error takes as known,
# - draw and read a caterpillar plot, and know why not to rank by it.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()
rng = np.random.default_rng(11)

# %% [markdown]
# The data: 200 students, six grades each, one for every semester (`occasion` 0 to 5);
# 4.0 is the best grade. The rows are reconstructed: models give the numbers of the
# original data, and so do the averages of students 1 to 5. The other students are
# invented. *The text* is M. Clark's *Mixed Models with R*, which the course follows.

# %% [markdown]
# The model: one line for everybody, and for each student a *random effect* that lifts or
# lowers it. The effects are drawn from a normal distribution with mean 0 and standard
# deviation (sd) $\tau$; residuals have the sd $\sigma$.

# %%
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
sigma, tau = model.sigma, model.theta[0] * model.sigma
model

# %% [markdown]
# ## 1 · What is a student's effect?
#
# The fit has estimated $\tau$, one number for all. Yet each student has an effect of
# their own, and it can be worked out afterwards. Here are the first five.

# %% tags=["R49"]
effects = mm.extract_random_effects(model)
effects.head().round(3)

# %% [markdown] tags=["R49"]
# Student 2's line runs 0.216 grade points below the line for all. `se` is a standard error
# and the limits are `value` $\pm$ 1.96 `se`; section 3 asks what they are worth. First: is
# this what the text prints?

# %% tags=["R49"]
printed = pd.DataFrame(
    {
        "value": [-0.071, -0.216, 0.088, -0.187, 0.030],
        "se": 0.092,
        "lower_2.5": [-0.251, -0.395, -0.091, -0.366, -0.149],
        "upper_97.5": [0.109, -0.036, 0.268, -0.007, 0.210],
    }
)
assert (effects.loc[:4, printed.columns].round(3) == printed).all(axis=None)
assert effects["group"].tolist() == sorted(gpa["student"].unique())
assert (effects["group_var"] == "student").all()

# %% [markdown]
# All 20 cells agree. Where does -0.216 come from? By hand, the obvious way: take the line
# away and average what remains of a student's six grades. Call that the student's *level*.
#
# **Guess before you run:** the level of student 2 is -0.248. The effect was -0.216. Why
# is it nearer to zero, and will the same happen to student 5, who lies above the line?

# %% tags=["R49"]
grades = gpa.pivot(index="student", columns="occasion", values="gpa")
line = np.polyval(np.polyfit(gpa["occasion"], gpa["gpa"], 1), grades.columns)
level = (grades - line).mean(axis=1).to_numpy()
by_hand = pd.DataFrame({"level": level, "effect": effects["value"]})
by_hand["effect / level"] = by_hand["effect"] / by_hand["level"]
by_hand.index = effects["group"]
by_hand.head().round(4)

# %% [markdown]
# Every effect is 0.868 of the level. A level is part student, part luck: the mean of six
# residuals still has a variance of $\sigma^2/6$. So the best guess keeps the share of the
# level's variance that is the student's,
#
# $$\lambda = \frac{\tau^2}{\tau^2 + \sigma^2/6}$$
#
# and gives up the rest. This is *shrinkage*. A student with one grade would keep less,
# with sixty grades nearly all.

# %% tags=["R49"]
keep = tau**2 / (tau**2 + sigma**2 / 6)
assert np.allclose(keep * level, effects["value"], atol=1e-6)
assert round(keep, 3) == 0.868
assert by_hand["level"].round(3)[2] == -0.248
keeps = {n: tau**2 / (tau**2 + sigma**2 / n) for n in (1, 2, 6, 20, 60)}
pd.Series(keeps, name="kept").rename_axis("grades").round(2).to_frame().T

# %% [markdown]
# Look how the lines converge in the next picture, from the levels at the left to the
# effects at the right. Of all students, in order of their level, every eighth is drawn; the
# first five of the table are dark and numbered.

# %% alt="Lines from student levels at the left to their effects at the right. All run towards zero, by 13 percent of the distance; the extreme ones move farthest. The first five students are dark and numbered; 2 and 4 lie lowest among them, 3 highest."
moves = np.array([level, keep * level])
fig, ax = plt.subplots(figsize=(6.4, 4.0))
ax.plot([0, 1], np.sort(moves)[:, ::8], color=OBSERVED, linewidth=0.8)
ax.plot([0, 1], moves[:, :5], color=PICKED, linewidth=1.6)
for student, at in enumerate(moves[1, :5], start=1):
    ax.annotate(str(student), (1.03 + 0.05 * (student == 2), at), va="center")
ax.axhline(0, color=OVERALL)
ax.annotate("the line for all", (1.13, 0.02), color=OVERALL)
ax.set(xlim=(-0.1, 1.5), ylabel="distance from the line (grade points)")
ax.set_xticks([0, 1], ["level (average of six)", "effect (shrunken)"])
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Everybody moves towards the line, and who lies far away moves most: extreme levels are
# the ones that luck has helped along.
#
# ### The same from one system of equations
#
# With unbalanced groups each student has a $\lambda$ of their own; with slopes or several
# groupings there is no such simple factor. What always works are *Henderson's equations*.
# They are least squares for the line and all
# 200 effects at once, with one addition: $1/\theta^2$, where $\theta = \tau/\sigma$, on the
# diagonal of the effects. It is that addition which shrinks.

# %% [markdown]
# $$\begin{pmatrix} X'X & X'Z \\ Z'X & Z'Z + I/\theta^2 \end{pmatrix}
# \begin{pmatrix} \beta \\ b \end{pmatrix} =
# \begin{pmatrix} X'y \\ Z'y \end{pmatrix}$$
#
# $X$ has the columns of the line, $Z$ has a column for each student, with a 1 in the
# rows that are theirs.
#
# **Guess before you run:** how many equations is that? And what would happen to the
# effects if $\theta$ were tiny?

# %% tags=["R49"]
X = np.column_stack([np.ones(len(gpa)), gpa["occasion"]])
Z = pd.get_dummies(gpa["student"]).to_numpy(float)
both = np.hstack([X, Z])
equations = both.T @ both
equations[2:, 2:] += np.eye(200) / model.theta[0] ** 2
solution = np.linalg.solve(equations, both.T @ gpa["gpa"])
beta, b = solution[:2], solution[2:]
assert np.allclose(beta, model.fixef)
assert np.allclose(b, effects["value"])
pd.Series(b[:5], index=range(1, 6), name="effect").round(3)

# %% [markdown] tags=["R53"]
# 202 equations give the line and all effects, the same as `lmer`. (With a tiny $\theta$
# the addition is huge, and all effects go to zero.)
#
# These estimates have many names:
#
# | name | why |
# |---|---|
# | BLUP | best linear unbiased *prediction*, if the variances were known |
# | EBLUP | *empirical*: with estimated variances, as here |
# | conditional mode | the most likely effect, given the data; this name also fits models that are not linear |
# | posterior mean or parameter | in Bayesian models, where effects are parameters like any other |

# %% [markdown] tags=["R53"]
# "Best" is about squared error, averaged over students. We can watch it: let the model
# invent 2000 sets of 200 students, and compare levels and shrunken levels with the
# effects that were truly drawn. "Unbiased" is an average over students too: shrunken
# levels of *high* students are too low on average. That is the price.

# %% tags=["R53"]
truth = rng.normal(0, tau, (2000, 200))
noisy = truth + rng.normal(0, sigma / np.sqrt(6), truth.shape)
errors = pd.Series(
    {
        "level": np.sqrt(np.mean((noisy - truth) ** 2)),
        "kept 0.868": np.sqrt(np.mean((keep * noisy - truth) ** 2)),
        "kept 0.75": np.sqrt(np.mean((0.75 * noisy - truth) ** 2)),
    }
)
assert errors.idxmin() == "kept 0.868"
assert abs(errors["kept 0.868"] - effects["se"].iloc[0]) < 0.0005
high = truth > 2 * tau
assert (keep * noisy - truth)[high].mean() < 0
errors.map("{:.4f}".format).to_frame("root mean squared error").T

# %% [markdown]
# A level errs by 0.098, the shrunken one by 0.092, and shrinking more makes it worse
# again. The smallest error, 0.0917, is what the table of section 1 calls `se`.

# %% [markdown]
# ## 2 · Effects as intercepts
#
# Add the overall intercept to the effect, and you get each student's own intercept:
# `coef = fixef + ranef`.

# %% tags=["R50", "R51"]
coefs = mm.extract_random_coefs(model)
assert np.allclose(coefs["value"], model.fixef["Intercept"] + effects["value"])
coefs.head().round(3)

# %% [markdown] tags=["R50"]
# Compare with the text, which prints these five rows:
#
# | student | value | se | lower | upper |
# |---|---|---|---|---|
# | 1 | 2.528 | 0.095 | 2.343 | 2.713 |
# | 2 | 2.383 | 0.095 | 2.198 | 2.568 |
# | 3 | 2.687 | 0.095 | 2.502 | 2.872 |
# | 4 | 2.412 | 0.095 | 2.227 | 2.597 |
# | 5 | 2.629 | 0.095 | 2.444 | 2.814 |
#
# **Guess before you run:** 2.384 here, 2.383 there. Who rounded how?

# %% tags=["R50"]
rounded = effects.head().round(3)
fixed = mm.extract_fixed_effects(model).round(3).iloc[0]
theirs = pd.DataFrame({"value": fixed["value"] + rounded["value"]})
theirs["se"] = np.sqrt(fixed["se"] ** 2 + rounded["se"] ** 2)
theirs["lower_2.5"] = theirs["value"] - 1.96 * theirs["se"]
theirs["upper_97.5"] = theirs["value"] + 1.96 * theirs["se"]
theirs.round(3)

# %% [markdown] tags=["R50"]
# The text adds two tables that were already rounded to three digits, 2.599 - 0.216 =
# 2.383. Exact numbers give 2.38364. The same happens to the standard errors, and 0.095
# should be 0.094. All 20 cells come out so; 13 of them differ from the exact ones. Round
# last.

# %% tags=["R50", "R51"]
columns = ["value", "se", "lower_2.5", "upper_97.5"]
text = pd.DataFrame({"value": [2.528, 2.383, 2.687, 2.412, 2.629], "se": 0.095})
text["lower_2.5"] = [2.343, 2.198, 2.502, 2.227, 2.444]
text["upper_97.5"] = [2.713, 2.568, 2.872, 2.597, 2.814]
assert (theirs[columns].round(3) == text[columns]).all(axis=None)
assert (coefs.loc[:4, columns].round(3) != text[columns]).sum().sum() == 13
assert coefs.loc[:4, "value"].round(3).tolist() == [2.528, 2.384, 2.687, 2.413, 2.630]
assert (coefs["se"].round(3) == 0.094).all()
assert round(beta[0] + b[1], 5) == 2.38364
assert [fixed["value"], rounded["value"].iloc[1]] == [2.599, -0.216]

# %% [markdown] tags=["R52"]
# And the slope? `occasion` stands outside the parenthesis, so it is one number for all
# students. `coef` shows whole lines, a row for each student.

# %% tags=["R51", "R52"]
lines = model.coef()["student"]
assert lines["occasion"].nunique() == 1
assert np.isclose(lines["occasion"].iloc[0], beta[1])
assert np.allclose(lines["Intercept"], beta[0] + b)
lines.head(3).round(4)

# %% [markdown]
# ### Which standard error?
#
# The table's `se` adds squares: uncertainty of the effect and of the overall intercept,
# as if the two were *independent*. They are not: if the line is set too high, all effects
# come out too low. In the sum, part of that cancels.
#
# The inverse of Henderson's matrix, times $\sigma^2$, holds the covariance of
# everything. So we can see what the exact answer is.

# %%
covariance = sigma**2 * np.linalg.inv(equations)
var_line, var_effect = covariance[0, 0], covariance[2, 2]  # intercept, student 1
shared = covariance[0, 2]
joint = np.sqrt(var_line + var_effect + 2 * shared)
independent = np.hypot(model.std_error["Intercept"], effects["se"].iloc[0])

assert shared < 0
assert np.isclose(independent, coefs["se"].iloc[0])
assert np.isclose(
    joint, mm.extract_random_coefs(model, se_method="joint")["se"].iloc[0]
)
pd.DataFrame({"independent": [independent], "joint": joint}, ["se of coef"]).round(4)

# %% [markdown]
# 0.0942 or 0.0923: with 200 students it hardly matters. With few groups it does. The
# `penicillin` data hold the effect of six samples of penicillin on 24 plates of bacteria,
# each sample on each plate: diameters in mm of the zone where nothing grows.
#
# **Guess before you run:** for the six samples, by how much will `independent` overstate
# the standard error?

# %%
assert [round(independent, 4), round(joint, 4)] == [0.0942, 0.0923]
penicillin = mm.lmer(
    "diameter ~ 1 + (1 | plate) + (1 | sample)", data=mm.load("penicillin")
)
methods = {
    method: mm.extract_random_coefs(penicillin, se_method=method)
    .groupby("group_var")["se"]
    .mean()
    for method in ("independent", "joint")
}
pd.DataFrame(methods).round(3)

# %% [markdown]
# Four times for samples, 0.833 against 0.206. The overall mean of six very different
# samples is poorly known, but where *these* samples lie is known well. The default
# follows the text's software; use `se_method="joint"` in your own work.

# %%
data = mm.load("penicillin")
var = penicillin.var_corr()["variance"].to_numpy()  # plate, sample, residual
A = pd.get_dummies(data[["plate", "sample"]]).to_numpy(float)  # 24 + 6 columns
A = np.column_stack([np.ones(len(data)), A])
added = np.diag([0, *[1 / var[0]] * 24, *[1 / var[1]] * 6])
C = np.linalg.inv(A.T @ A / var[2] + added)  # Henderson again
exact = np.sqrt(C[0, 0] + C[-1, -1] + 2 * C[0, -1])  # the last sample
assert np.isclose(exact, methods["joint"]["sample"], rtol=1e-5)
assert round(exact, 3) == 0.206
assert round(methods["independent"]["sample"], 3) == 0.833

# %% [markdown]
# ## 3 · How sure are we of one student?
#
# Back to the effects. The `se` of section 1 is a formula,
#
# $$\text{se} = \sqrt{\frac{1}{6/\sigma^2 + 1/\tau^2}},$$
#
# the *conditional sd*: how uncertain an effect is if line and variances are known. They
# are not; they are estimated. The text names three other ways, from the R packages lme4
# and merTools. Each has its counterpart here.

# %% tags=["R55"]
simulated = mm.re_sim(model, n_sims=1000, seed=11)
simulated.head().round(3)

# %% [markdown] tags=["R55"]
# `re_sim` (merTools: `REsim`) draws line and effects together, and lists for each student
# what 1000 draws show. The covariance of section 2 says what the sd must be in the long
# run: the joint one.

# %% tags=["R55"]
conditional = np.sqrt(1 / (6 / sigma**2 + 1 / tau**2))
joint_effect = np.sqrt(var_effect)
assert np.allclose(effects["se"], conditional)
assert round(conditional, 4) == 0.0917
assert round(joint_effect, 4) == 0.0932
assert abs(simulated["sd"].mean() - joint_effect) < 0.001
assert np.allclose(simulated["mean"], effects["value"], atol=0.015)
pd.Series({"conditional": conditional, "joint": joint_effect}).round(4).to_frame("sd").T

# %% [markdown] tags=["R55"]
# The next way is `predict_interval` (merTools: `predictInterval`). It is made for
# predictions of single grades, and it sets some traps for those who ask it for effects.
#
# **Guess before you run:** how many rows will it return, for 200 students?

# %% tags=["R55"]
plain = mm.predict_interval(model, seed=11)
asked = mm.predict_interval(model, which="random", seed=11)
assert len(plain) == len(asked) == len(gpa)
assert (plain["upr"] - plain["lwr"]).mean() > 2 * 1.2816 * sigma
assert (asked["upr"] - asked["lwr"]).mean() > 2 * 1.2816 * sigma
side_by_side = {"predict_interval(model)": plain, 'which="random"': asked}
pd.concat(side_by_side, axis=1).head(3).round(2)

# %% [markdown] tags=["R55"]
# 1200, one for each row of the data. In all there are five traps:
#
# | trap | what to do |
# |---|---|
# | by default it predicts grades, not effects | `which="random"` |
# | 1200 rows, one for each grade | give `newdata` one row a student |
# | a residual is added, even to an effect | `include_resid_var=False` |
# | 80 % limits, not 95 % | `level=0.95` |
# | `upr` stands before `lwr` | use names, not positions |
#
# The function keeps merTools' habits, so that results can be compared.
# `extract_random_effects` has none of them.

# %% tags=["R55"]
per_student = mm.predict_interval(
    model,
    gpa[gpa["occasion"] == 0],
    which="random",
    include_resid_var=False,
    level=0.95,
    n_sims=2000,
    seed=11,
)
by_interval = (per_student["upr"] - per_student["lwr"]).mean() / (2 * 1.96)
assert len(per_student) == 200
assert abs(by_interval - joint_effect) < 0.001
round(float(by_interval), 3)

# %% [markdown] tags=["R54"]
# So asked, it agrees with `re_sim`. Last the *bootstrap* (lme4: `bootMer`), the way that
# the text calls typical and more work: simulate data from the model, fit again, look at
# the effects again.
#
# **Guess before you run:** in each simulated data set, is "student 1" still the same
# student?

# %% tags=["R54"]
names = [f"Intercept|student[{student}]" for student in range(1, 201)]
ask = {"n_sims": 1000, "seed": 11, "re": "student"}
new = mm.boot_mer(model, **ask).estimates[names]
same = mm.boot_mer(model, **ask, use_u=True).estimates[names]
table = pd.DataFrame({"new students": new.std(), "use_u=True": same.std()})
pulled = same.mean().to_numpy() / effects["value"].to_numpy()
again = keep * tau**2 / (keep * tau**2 + sigma**2 / 6)  # what a second fit keeps
assert np.isclose(np.median(pulled), again, atol=0.01)
assert round(again, 2) == 0.85
assert np.isclose(table["new students"].mean(), np.sqrt(keep) * tau, rtol=0.01)
table.mean().round(3).to_frame("sd of an effect").T

# %% [markdown] tags=["R54"]
# Neither is what we want. By default every data set has *new* students: 0.235 tells how
# much estimated effects differ. With `use_u=True` the students stay and residuals are new.
# But effects that were shrunk are shrunk again: the replicates centre at 0.85 of the
# estimate, and their sd leaves that bias out.
#
# What we want is the error: estimated effect minus drawn effect. By hand it takes six
# lines. Two variances, of levels and within students, stand in for `lmer`; for balanced
# data that is the same.

# %% tags=["R54"]
drawn = rng.normal(0, tau, (2000, 200))
levels = drawn + rng.normal(0, sigma / np.sqrt(6), drawn.shape)
levels -= levels.mean(axis=1, keepdims=True)  # the line is estimated, too
within = sigma**2 * rng.chisquare(999, (2000, 1)) / 999
kept = np.maximum(0, 1 - within / 6 / levels.var(axis=1, ddof=1, keepdims=True))
of_error = np.sqrt(np.mean((kept * levels - drawn) ** 2))
assert abs(of_error - 0.0932) < 0.0005
round(float(of_error), 4)

# %% [markdown] tags=["R56"]
# Line and variances are estimated anew each time, and still the error is about 0.0932. The
# text adds, in a footnote, that merTools' way leaves out some uncertainty but comes close
# to a Bayesian analysis. That can be checked. With flat priors (on the line, on $\theta$
# and on $\log\sigma$) the *posterior* of this model needs no sampler: go through values of
# $\theta$, weigh each by its likelihood, and average.

# %% tags=["R56"]
theta = np.linspace(0.8, 1.35, 221)
rises = np.array([model.criterion_at([value]) for value in theta]) - model.criterion
weight = np.exp(-rises / 2) / np.sum(np.exp(-rises / 2))
grow = 1 + 6 * theta**2
share = 6 * theta**2 / grow  # of a level, what is kept at each theta
squares = 999 * sigma**2 + 6 * np.sum(level**2) / grow
sigma_2 = squares / (1198 - 2)  # mean of sigma squared, given theta
variance = sigma_2 * (share / 6 + share**2 * grow / 1200)  # of effect, and of line
means = np.outer(level, share)
posterior_mean = means @ weight
posterior_sd = np.sqrt(variance @ weight + means**2 @ weight - posterior_mean**2)
round(float(posterior_sd.mean()), 4)

# %% [markdown] tags=["R54", "R55", "R56"]
# All ways side by side, averaged over students:

# %% tags=["R54", "R55", "R56"]
ways = {
    "conditional sd": (conditional, "line and variances"),
    "joint, Henderson": (joint_effect, "variances"),
    "re_sim": (simulated["sd"].mean(), "ratio of variances"),
    "predict_interval": (by_interval, "variances"),
    "bootstrap, use_u": (table["use_u=True"].mean(), "the students; bias left out"),
    "bootstrap of the error": (of_error, "nothing, but simulates at the estimates"),
    "Bayes on a grid": (posterior_sd.mean(), "nothing; flat priors"),
}
assert abs(posterior_sd - joint_effect).max() < 0.001
assert np.allclose(posterior_mean, b, atol=1e-3)
values = [sd for name, (sd, _) in ways.items() if "use_u" not in name]
assert max(values) / min(values) < 1.02
ways = pd.DataFrame(ways, index=["sd", "takes as known"]).T.rename_axis("way")
ways.assign(sd=ways["sd"].map("{:.4f}".format))

# %% [markdown] tags=["R56"]
# Apart from `use_u`, the values differ by 2 % at most: 200 students pin down line and
# variances well. The footnote is right *here*: what merTools' way leaves out, the
# uncertainty of the variances, is small. In one point it errs to the other side: its
# `predictInterval` draws line and effects independently, so that sums are too uncertain
# (section 2; `method="independent"` does the same). With few groups that matters, as the
# six samples showed.

# %% [markdown]
# ## 4 · All students in one picture
#
# Effects in order of size, with their intervals, are a *caterpillar plot*. By hand, for
# the first 30 students; dark where the interval excludes zero. Are these the students
# farthest out?

# %% tags=["R57"] alt="Intervals of 30 students in order of their effects, from about -0.4 to 0.4, around a red line at zero. The lowest and the highest are dark because they exclude zero; those in the middle are grey."
some = effects.head(30).sort_values("value", ignore_index=True)
excludes = (some["lower_2.5"] > 0) | (some["upper_97.5"] < 0)
colours = np.where(excludes, PICKED, OBSERVED)
fig, ax = plt.subplots(figsize=(7.0, 3.4))
ax.axhline(0, color=OVERALL)
ax.vlines(some.index, some["lower_2.5"], some["upper_97.5"], color=colours)
ax.scatter(some.index, some["value"], color=colours, s=18)
ax.set_xticks(some.index, some["group"], fontsize="x-small")
ax.set(xlabel="student", ylabel="effect (grade points)")
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Here they are, since all intervals have the same length. Zero, the red line, stands for a
# student on the line for all. Now all 200, by the package.
#
# **Guess before you run:** for how many of the 200 will the interval exclude zero? Ten
# would do so by chance, if nobody differed and nothing were shrunk.

# %% tags=["R57"] alt="Caterpillar plot of 200 students, from -0.58 to 0.46. A band of grey intervals in the middle crosses the red line at zero; 46 dark ones at the left lie wholly below it, 48 at the right wholly above."
ax, drawn = mm.plot_random_effects(model, return_data=True)
ax.set_title("Plot of Random Effects", loc="left", pad=20)
ax.text(0, 1.02, "Interval Estimates", transform=ax.transAxes, color="#555555")
_ = ax.set(xlabel="Student", ylabel="effect (grade points)")

# %% [markdown] tags=["R57"]
# 94 of 200: 48 above the line, 46 below. (With $\pm 2$ in place of $\pm 1.96$ they are
# the same.) This is read off our file; other students would give another count. And a
# dark student is not one with a high or low *start*, as the text has it: the effect shifts
# all six semesters, and the model has no separate starts.
#
# `plot_re_sim` draws the simulated version, the last line of the text's merTools code.
# Look whether anything changes.

# %% tags=["R55", "R57"] alt="Caterpillar plot of 200 students from simulated effects. It looks like the one before: grey intervals in the middle cross the red line at zero, dark ones at both ends do not; the line of dots is a little rougher."
assert drawn["excludes_zero"].sum() == (np.abs(b) > 1.96 * conditional).sum() == 94
assert ((b > 1.96 * conditional).sum(), (b < -1.96 * conditional).sum()) == (48, 46)
assert (np.abs(b) > 2 * conditional).sum() == 94
ax, simulated_drawn = mm.plot_re_sim(simulated, return_data=True)
assert abs(simulated_drawn["excludes_zero"].sum() - 94) <= 6
_ = ax.set(xlabel="Student", ylabel="effect (grade points)")

# %% [markdown] tags=["R58"]
# Next to nothing: the intervals are on average less than 2 % longer, and dots and lengths
# wobble with the draws. merTools would put this single effect into a panel with a title,
# which puzzles readers; panels help where there are two effects. `penicillin` has two, for
# plates and samples, *crossed*: each plate with each sample. In the upper row intervals
# come from the conditional sd, in the lower row from the joint one.
#
# **Guess before you run:** for plates or for samples: where will the two rows differ?

# %% tags=["R58"] alt="Four caterpillar plots. Upper row, conditional: 24 plates from -1.4 to 1.4 with medium intervals, six samples from -3.6 to 2.2 with tiny ones. Lower row, simulated jointly: plates nearly the same, samples with intervals four times as long."
fig, axes = plt.subplots(2, 2, figsize=(9.0, 5.6), sharey=True, layout="constrained")
for column, (group, n) in enumerate([("plate", 24), ("sample", 6)]):
    mm.plot_random_effects(penicillin, group, ax=axes[0, column])
    mm.plot_re_sim(penicillin, group, n_sims=4000, seed=11, ax=axes[1, column])
    axes[0, column].set_title("Mean known", loc="left", fontsize="medium")
    axes[1, column].set_title("Mean uncertain, too", loc="left", fontsize="medium")
    for ax in axes[:, column]:
        ax.set(xlabel=group, ylabel="effect (mm)", xlim=(-0.7, n - 0.3))

# %% [markdown] tags=["R58"]
# For samples. And the two rows answer two questions. Above: how do samples lie to each
# other? That is known well. Below: how do they lie to the mean of *all possible* samples?
# That mean is estimated from six samples, so it is known poorly. With few groups, say which
# question you answer.

# %% tags=["R58"]
sd_above = mm.extract_random_effects(penicillin).groupby("group_var")["se"].mean()
sd_below = mm.re_sim(penicillin, n_sims=4000, seed=11).groupby("group_var")["sd"].mean()
exact = np.sqrt(C.diagonal()[[1, -1]])  # a plate, a sample
assert np.allclose(sd_below[["plate", "sample"]], exact, rtol=0.05)
assert sd_below["sample"] > 3.5 * sd_above["sample"]
pd.DataFrame({"mean known": sd_above, "mean uncertain": sd_below}).round(2)

# %% [markdown]
# ## 5 · Prediction is not estimation
#
# Line and variances are *estimated*: fixed numbers that we do not know. Effects are
# *predicted*: draws from a distribution, about which each student's grades tell
# something. That has consequences.
#
# **Guess before you run:** $\tau$ is 0.252. What is the sd of the 200 predicted effects?
# And the student with the highest effect: how surely is it the highest in truth?

# %%
draws = rng.normal(effects["value"], effects["se"], (20_000, 200))
top = effects["value"].argmax()
is_top = (draws.argmax(axis=1) == top).mean()
ranks = mm.expected_rank(model)
by_draws = stats.rankdata(draws, axis=1)
low, high = np.quantile(by_draws, [0.025, 0.975], axis=0)
assert np.allclose(by_draws.mean(axis=0), ranks["expected_rank"], atol=1)
assert np.isclose(effects["value"].std(), np.sqrt(keep) * tau)
assert abs(is_top - 0.18) < 0.01
ranks["plain_rank"] = ranks["value"].rank()
highest = ranks.loc[[top], ["group", "value", "plain_rank", "expected_rank"]]
highest.assign(probability_highest=is_top).round(2)

# %% [markdown]
# The left panel holds the effects against normal quantiles: if they are normal, the dots lie
# on a straight line, whose slope is their sd. The right one holds, against each student's
# rank (200 is highest), the *expected* rank: we drew all 200 effects 20 000 times, within
# their uncertainty, and each draw has its own ranks. In grey, the middle 95 % of them.

# %% alt="Left, normal quantile plot of 200 effects: dots along a straight line of slope 0.235, both ends a little nearer to zero than it. Right, expected ranks follow the diagonal, flatter at the ends; grey bars around them span about 100 ranks in the middle."
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.7), layout="constrained")
quantiles = stats.norm.ppf((np.arange(200) + 0.5) / 200)
left.plot(quantiles, np.sort(b), "o", color=GROUP, markersize=3)
left.plot(quantiles, quantiles * b.std(ddof=1), color=OVERALL)
left.annotate("slope 0.235", (0.4, -0.1), color=OVERALL)
left.set(xlabel="normal quantile", ylabel="effect (grade points)")
right.vlines(ranks["plain_rank"], low, high, color=OBSERVED, alpha=0.5)
right.plot(ranks["plain_rank"], ranks["expected_rank"], "o", color=GROUP, markersize=3)
right.set(xlabel="plain rank of the effect", ylabel="ranks in the draws")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Normality looks fine; both ends are a little short. But the line's slope is 0.235, not
# 0.252: **predicted effects spread less than effects do**, since each was shrunk. Never
# compute $\tau$ from them.
#
# And ranks are uncertain. The highest student has expected rank 193, and is highest in
# truth with a probability of only 18 %. In the middle the grey bars span 99 places on average,
# half of the table. League tables of schools or surgeons meet the same limit, often with
# fewer data for each.

# %%
assert round(effects["value"].std(), 3) == 0.235
assert round(ranks.loc[top, "expected_rank"]) == 193
assert np.corrcoef(quantiles, np.sort(b))[0, 1] > 0.99
middle = ranks["plain_rank"].between(75, 125)
spans = (high - low)[middle].mean()
assert abs(spans - 99) < 3
round(float(spans))

# %% [markdown]
# ## Summary
#
# - An effect is a level without the share that is luck: here 0.868 of it stays.
# - Henderson's equations give line, effects, and the covariance of both, for any design.
# - Coefficient = fixed + random; its standard error needs the joint covariance.
# - Say what an interval takes as known; with few groups it decides.
# - Predicted effects spread less than $\tau$, and their ranks are uncertain.
#
# **Common mistakes.** Adding rounded tables. Reading `predict_interval` as an interval
# for effects. Bootstrapping new students to learn about old ones. Taking 94 dark lines
# for 94 tests. Ranking by the dots.
#
# **In the code.** `mmcourse/posterior.py`: modes and their covariance.
# `mmcourse/extract/effects.py`: the tables. `mmcourse/simulated/`: `re_sim`,
# `predict_interval`. `mmcourse/plots/groups.py`: the caterpillar.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows. Henderson (1950), Ann. Math. Stat. 21.
# Robinson (1991), *That BLUP is a good thing*, Stat. Sci. 6. Goldstein, Spiegelhalter
# (1996), *League tables and their limitations*, J. R. Stat. Soc. A 159. Lingsma and others (2010),
# *Comparing and ranking hospitals based on outcome*, QJM 103, for expected ranks.
# J. E. Knowles, C. Frederick, *merTools*, an R package.
#
# **Next.** [Lesson 12](12_prediction.ipynb): predictions for students we know, and for
# new ones.
