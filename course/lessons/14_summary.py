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
# # 14 · Summary
#
# **The question:** what did we gain, in numbers, and what comes next? (First of all: slopes
# that vary.)
#
# *About 40 minutes. Best after lessons 09 to 13, but every term is named again.*
#
# After this lesson you can
#
# - name four gains of a mixed model and put a number on each,
# - compare models by how well they predict what they have not seen,
# - say when a mixed model pays and when it hardly matters,
# - fit a random slope, and read its sd and its correlation.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, stats

import mmcourse as mm
from mmcourse.plots import GROUP, OVERALL, PICKED

gpa = mm.load_gpa()

# %% [markdown]
# Each of 200 students has six grades, one a semester: `gpa` (4.0 is best), `occasion` 0
# to 5. The rows are reconstructed: models of the text give the numbers of the original
# data, single grades and students are facts of our file only.
#
# Three ways to model them: one *regression* for all rows; a *mixed model*, in which each
# student's intercept is drawn from a normal distribution (`(1 | student)`); and
# *separate regressions*, a line for each student.

# %%
line = smf.ols("gpa ~ occasion", data=gpa).fit()
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
separate = mm.lm_list("gpa ~ occasion | student", gpa)

# %% [markdown]
# ## 1 · Four gains, four numbers
#
# **More accurate inference.** How sure are we of the average start and the average trend?
# We simulate a thousand data sets from the mixed model, fit the line to each, and look
# how much it varies. In these worlds students differ in level only. (With balanced data
# both models have the same line, so it is one spread for both.)
#
# **Guess before you run:** for which of the two coefficients is the regression too sure?

# %% tags=["R71"]
X = np.column_stack([np.ones(1200), gpa["occasion"]])
worlds = model.simulate(1000, seed=14).to_numpy()
lines = np.linalg.lstsq(X, worlds, rcond=None)[0]
inference = pd.DataFrame(
    {
        "regression says": line.bse,
        "mixed model says": model.std_error,
        "spread in the worlds": lines.std(axis=1),
    }
)
inference.round(4)

# %% [markdown]
# If students differ in level only, the mixed model is right about both. The regression
# is too sure of the start and not sure enough of the trend: it does not know that rows
# of one student belong together. (Are our students like that? Section 4 asks.)

# %% tags=["R71"]
spread = inference["spread in the worlds"]
assert np.allclose(inference["mixed model says"], spread, rtol=0.08)
ratio = inference["regression says"] / spread
assert ratio.iloc[0] < 0.9 and ratio.iloc[1] > 1.3

# %% [markdown]
# **Sources of variability.** The regression has one lump of scatter. The mixed model
# splits it into differences between students and scatter of single grades.

# %% tags=["R72"]
components = mm.extract_vc(model)
components.round(3).astype(object).fillna("")

# %% [markdown]
# **Estimates for every student.** 200 effects, each with an interval: which students are
# clearly above or below the average line?
#
# **Guess before you run:** of how many of the 200 can we say so?

# %% tags=["R73"]
effects = mm.extract_random_effects(model)
above, below = effects["lower_2.5"] > 0, effects["upper_97.5"] < 0
counts = {
    "above": above.sum(),
    "below": below.sum(),
    "can't tell": (~above & ~below).sum(),
}
pd.Series(counts, name="students").to_frame().T

# %% [markdown]
# Of 94, nearly half. (Intervals at 95 % each; among 200 some err.)
#
# **Prediction for each student.** The error of a prediction we measure by its root mean
# square (*RMSE*), in grade points. First for the grades that the models have seen.

# %% tags=["R74"]
coefficients = separate.coef.loc[gpa["student"]].to_numpy()
residuals = {
    "regression": line.resid,
    "mixed model": model.residuals,
    "separate": gpa["gpa"] - np.sum(coefficients * X, axis=1),
}
seen = pd.Series({name: np.sqrt(np.mean(e**2)) for name, e in residuals.items()})
seen.round(4).to_frame("RMSE, grades seen").T

# %% [markdown]
# 0.348 against 0.223. The four gains in one table. The first two rows suppose that
# students differ in level only. The last row is not the whole truth either: separate
# regressions look better still.

# %% tags=["R71", "R72", "R73", "R74"]
tau, sigma = components["sd"]
gains = pd.DataFrame(
    [
        ["se of the average start", line.bse.iloc[0], model.std_error.iloc[0]],
        ["se of the trend", line.bse.iloc[1], model.std_error.iloc[1]],
        ["sd of students", np.nan, tau],
        ["residual sd", np.sqrt(line.scale), sigma],
        ["students with an estimate", 0, len(effects)],
        ["RMSE, grades seen", seen["regression"], seen["mixed model"]],
    ],
    columns=["what", "regression", "mixed model"],
).set_index("what")
gains.map("{:.4g}".format).replace("nan", "not asked")

# %% tags=["R72", "R73", "R74"]
assert components["var_prop"].round(2).tolist() == [0.52, 0.48]
assert [*counts.values()] == [48, 46, 106]
assert seen.round(4).tolist()[:2] == [0.3484, 0.2228]
kept = 6 * tau**2 / (6 * tau**2 + sigma**2)  # part of a student's distance, lesson 12
away = line.resid.groupby(gpa["student"]).transform("mean")
assert np.allclose(line.resid - kept * away, model.residuals, atol=1e-6)
half = 1.959964 * np.sqrt((1 - kept) * tau**2)
clear = kept * line.resid.groupby(gpa["student"]).mean().abs() > half
assert clear.sum() == counts["above"] + counts["below"] == 94

# %% [markdown]
# ## 2 · The fair comparison: grades not seen
#
# A model that may bend to every grade looks good on those grades. So we hide one
# semester, fit on the other five and predict the hidden one, in turn for all six.
#
# **Guess before you run:** order the three by their error. Will separate lines, the best
# on grades seen, stay ahead?


# %%
def errors(train, test):
    """Squared errors of the three models in a semester that they have not seen."""
    lists = mm.lm_list("gpa ~ occasion | student", train).coef.loc[test["student"]]
    mixed = mm.lmer("gpa ~ occasion + (1 | student)", train)
    predictions = {
        "regression": smf.ols("gpa ~ occasion", train).fit().predict(test).to_numpy(),
        "mixed model": mixed.predict(test).to_numpy(),
        "separate": (lists.to_numpy() @ [1, test["occasion"].iloc[0]]),
    }
    return {name: (test["gpa"] - p) ** 2 for name, p in predictions.items()}


# %% tags=["R74"]
squares = {}
for k in range(6):
    is_hidden = gpa["occasion"] == k
    found = errors(gpa[~is_hidden], gpa[is_hidden])
    squares[k] = {name: square.mean() for name, square in found.items()}
hidden = pd.DataFrame(squares)
hidden["all six"] = hidden.mean(axis=1)
hidden = np.sqrt(hidden).rename_axis(columns="hidden semester")
hidden.round(3)

# %% [markdown]
# Column 5 first, the last semester: 0.397 for one line, 0.256 for the mixed model.
# Knowing the student saves a third of the error. And the separate lines? They had 0.168 on
# grades seen; on hidden ones that lead is gone. They are ahead in some semesters, behind
# in 1 and 2, and on a par over all six.

# %% [markdown]
# Column 0 is a warning: to guess the *first* grade from the later ones the mixed model is
# worse than the regression. It takes for granted that all students rise alike. Section 4 gives
# that up.

# %% tags=["R74"]
assert hidden[5].round(3).tolist()[:2] == [0.397, 0.256]
assert 0.3 < 1 - hidden.loc["mixed model", 5] / hidden.loc["regression", 5] < 0.4
ahead = hidden.loc["separate"] < hidden.loc["mixed model"]
assert ahead[[0, 3, 4, 5]].all() and not ahead[[1, 2]].any()
assert hidden.loc["mixed model", 0] > hidden.loc["regression", 0]
assert abs(hidden["all six"].diff().loc["separate"]) < 0.005

# %% [markdown]
# The 0.256 by hand: fit the line to five semesters, and shrink each student's distance
# from it.

# %%
five = gpa[gpa["occasion"] < 5]
tau5, sigma5 = mm.lmer("gpa ~ occasion + (1 | student)", five).var_corr()["sd"]
line5 = smf.ols("gpa ~ occasion", five).fit()
kept5 = 5 * tau5**2 / (5 * tau5**2 + sigma5**2)
own5 = kept5 * line5.resid.groupby(five["student"]).mean()
last = gpa[gpa["occasion"] == 5]
left = last["gpa"] - line5.predict(last) - last["student"].map(own5)
assert np.isclose(np.sqrt(np.mean(left**2)), hidden.loc["mixed model", 5])

# %% [markdown]
# And students whom no model has seen? We leave out twenty at a time.
#
# **Guess before you run:** how much better than the regression will the mixed model be?

# %% tags=["R74"]
fold = gpa["student"] % 10
missed = {"regression": [], "mixed model": []}
for k in range(10):
    train, test = gpa[fold != k], gpa[fold == k]
    one_line = smf.ols("gpa ~ occasion", train).fit()
    mixed = mm.lmer("gpa ~ occasion + (1 | student)", train)
    missed["regression"].append(test["gpa"] - one_line.predict(test))
    by_mixed = mixed.predict(test, allow_new_levels=True)
    missed["mixed model"].append(test["gpa"] - by_mixed)
strangers = {name: np.sqrt(np.mean(pd.concat(e) ** 2)) for name, e in missed.items()}
pd.Series({**strangers, "separate": np.nan}).round(3).to_frame("RMSE, new students").T

# %% [markdown]
# Not at all. For a stranger the mixed model has the average line only, the same as the
# regression's when all have the same semesters; separate lines have nothing to offer. The
# gain is for students of whom something is known. (It still knows better *how unsure* it
# is about a stranger: [Lesson 12](12_prediction.ipynb).)

# %%
assert np.isclose(strangers["regression"], strangers["mixed model"], atol=1e-6)

# %% [markdown]
# ## 3 · When does it pay?
#
# It pays when clusters differ. How much they do is the *intraclass correlation* (ICC),
# $\tau^2/(\tau^2+\sigma^2)$; with our grades, at a given semester, 0.52. We make worlds
# from 0 to 0.9, 50 students each, and hide the last of six grades. The total sd is 1, so
# that an error of 1 means: no better than the average.
#
# **Guess before you run:** from which ICC on are *separate lines* better than one line for
# all? Is the mixed model ever worse than one of them?


# %%
def last_errors(icc, rng, n_worlds=200, n=50):
    """RMSE of one line, mixed model and separate lines for the last of six grades."""
    y = rng.normal(0, np.sqrt(icc), (n_worlds, n, 1))
    y = y + rng.normal(0, np.sqrt(1 - icc), (n_worlds, n, 6))
    x, seen, last = np.arange(5) - 2, y[..., :5], y[..., 5]
    level, slope = seen.mean(axis=2), seen @ x / 10
    grand, trend = level.mean(axis=1, keepdims=True), slope.mean(axis=1, keepdims=True)
    left = seen - level[..., None] - trend[..., None] * x
    s2 = np.sum(left**2, axis=(1, 2)) / (4 * n - 1)
    t2 = np.maximum(5 * level.var(axis=1, ddof=1) - s2, 0) / 5
    keep = (5 * t2 / (5 * t2 + s2))[:, None]
    guesses = grand, grand + keep * (level - grand), level + 3 * (slope - trend)
    return [np.sqrt(np.mean((last - g - 3 * trend) ** 2)) for g in guesses]


# %%
rng = np.random.default_rng(14)
iccs = np.linspace(0, 0.9, 10)
names = ["one line", "mixed model", "separate lines"]
worlds = pd.DataFrame([last_errors(icc, rng) for icc in iccs], iccs.round(1), names)
worlds.T.round(2)

# %% [markdown]
# Theory gives the same, for many students: the squared error of one line is 1; that of
# separate lines $2.1\,\sigma^2$, since a line through five grades is a shaky thing to
# prolong; and the mixed model has $\sigma^2 + (1-\lambda)\tau^2$, where $\lambda$ is the part
# of a student's distance that it keeps.

# %%
grid = np.linspace(0, 0.9, 91)
lam = 5 * grid / (5 * grid + 1 - grid)
theory = pd.DataFrame(
    {
        "one line": np.ones_like(grid),
        "mixed model": np.sqrt(1 - grid + (1 - lam) * grid),
        "separate lines": np.sqrt(2.1 * (1 - grid)),
    }
)
assert np.allclose(worlds, theory.iloc[::10], atol=0.04)

# %% [markdown]
# In the picture, marks are worlds and lines are theory. Where do lines cross?

# %% alt="Error of predicting the last grade against the intraclass correlation from 0 to 0.9. One line stays at 1. Separate lines fall from 1.45 and cross it at 0.52. The mixed model falls from 1 to 0.34, below both everywhere. Dots of simulated worlds lie on the lines."
fig, ax = plt.subplots(figsize=(6.8, 3.8))
looks = zip(names, [OVERALL, GROUP, PICKED], ["-", "-", "--"], "^os", strict=True)
for name, colour, dash, marker in looks:
    ax.plot(grid, theory[name], dash, color=colour)
    ax.plot(iccs, worlds[name], marker, color=colour, markersize=5)
    ax.annotate(name, (0.92, theory[name].iloc[-1]), color=colour, va="center")
ax.set(
    xlabel="intraclass correlation", ylabel="RMSE (total sd = 1)", xlim=(-0.03, 1.18)
)
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# One line and separate lines change places at an ICC of 0.52, as it happens that of our
# grades. The mixed model need not choose: near 0 it is the single line, near 1 it trusts
# each student, and it is nowhere worse than the better of the two. With little between
# clusters there is little to gain: at an ICC of 0.1 the error falls by 2 %, at 0.5 by 24 %, at
# 0.9 by 65 %. (In these worlds all students rise alike. Real ones may not.)

# %%
saved = 1 - theory["mixed model"]
assert saved.iloc[[10, 50, 90]].round(2).tolist() == [0.02, 0.24, 0.65]
assert (theory["mixed model"] <= theory.min(axis=1) + 1e-12).all()
assert round(1 - 1 / 2.1, 2) == 0.52 == round(components["var_prop"].iloc[0], 2)
assert (theory["mixed model"].iloc[0], theory["one line"].iloc[0]) == (1, 1)

# %% [markdown] tags=["R27"]
# ## 4 · A first random slope
#
# So far `occasion` had a *fixed effect* only, one slope for all. Now let the slope differ
# between students as well:
#
# `gpa ~ occasion + (1 + occasion | student)`
#
# For each student an intercept *and* a slope of `occasion`: two random effects, each with
# an sd, and a correlation between the two. The estimates to compare with were computed
# in R on the original data; the aggregates that our file keeps fix them, so they must
# agree.
#
# **Guess before you run:** the mean slope is 0.106. Which sd may the slopes have?

# %% tags=["R27"]
slopes = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=gpa)
slopes.var_corr().round(4).astype(object).fillna("")

# %% tags=["R27"]
cov = slopes.var_corr()
ours = {
    "intercept variance": cov["variance"].iloc[0].round(4),
    "slope variance": cov["variance"].iloc[1].round(4),
    "correlation": cov["sd"].iloc[2].round(3),
    "residual variance": cov["variance"].iloc[3].round(4),
    "se of the trend": slopes.std_error.iloc[1].round(6),
    "REML criterion": round(slopes.criterion, 2),
    "AIC": round(slopes.aic, 2),
}
by_r = [0.0452, 0.0045, -0.098, 0.0424, 0.005885, 260.96, 272.96]
assert [*ours.values()] == by_r
pd.DataFrame({"ours": ours, "R, original data": by_r}, index=ours).map("{:.5g}".format)

# %% [markdown]
# All agree. In the first table the third row is the pair: covariance, and in the column of the sds
# the *correlation*, −0.098.
#
# A variance of 0.0045 looks like nothing beside 0.0452. But it has another unit: grade
# points *per semester*, squared. Take the sd, 0.067, and put it beside the mean slope of
# 0.106: students' slopes reach from about −0.03 to 0.24. Some students hardly rise, or fall.

# %%
mean_slope, sd_slope = slopes.fixef["occasion"], cov["sd"].iloc[1]
reach = mean_slope + np.array([-2, 2]) * sd_slope
assert reach.round(2).tolist() == [-0.03, 0.24]
falling = stats.norm.cdf(0, mean_slope, sd_slope)
fitted_slopes = slopes.coef()["student"]["occasion"]
separate_slopes = separate.coef["occasion"].round(6)  # two lines are exactly flat
pd.Series(
    {
        "model: share below 0": falling,
        "fitted slopes below 0": (fitted_slopes < 0).mean(),
        "separate slopes below 0": (separate_slopes < 0).mean(),
    }
).round(3).to_frame("share of students")

# %% [markdown]
# By the model 6 % of students fall. Of the separate lines 11 % do, about twice as many:
# they mistake scatter for falling. Fitted slopes are drawn towards the mean, and fewer
# cross zero.
#
# ### By hand
#
# With balanced data the estimates follow from the separate lines. Their 200 intercepts
# and slopes vary for two reasons: students differ ($\Psi$, the covariance we look for),
# and each line is an estimate from six grades. The second part is known from regression,
# $\sigma^2 (X'X)^{-1}$; subtract it.

# %%
X6 = np.column_stack([np.ones(6), np.arange(6)])
sigma2 = separate.sigma**2  # pooled over all separate lines
Psi = np.cov(separate.coef.to_numpy().T) - sigma2 * np.linalg.inv(X6.T @ X6)
assert np.allclose(
    cov["variance"], [Psi[0, 0], Psi[1, 1], Psi[0, 1], sigma2], atol=1e-7
)
se_of_mean = separate.coef.std() / np.sqrt(200)
assert np.allclose(se_of_mean, slopes.std_error, rtol=1e-5)
V = X6 @ Psi @ X6.T + sigma2 * np.eye(6)
left = gpa["gpa"].to_numpy().reshape(200, 6) - X6 @ slopes.fixef.to_numpy()
A = 200 * X6.T @ np.linalg.solve(V, X6)
criterion = 200 * np.linalg.slogdet(V)[1] + np.linalg.slogdet(A)[1]
criterion += np.sum(left * np.linalg.solve(V, left.T).T) + 1198 * np.log(2 * np.pi)
assert np.isclose(criterion, slopes.criterion, atol=1e-6)

# %% [markdown]
# Variances, standard errors and the REML criterion come out. Is it worth two more
# parameters? The *likelihood-ratio test* compares the two criteria; AIC asks the same with
# a price of 2 for each parameter.

# %%
comparison = mm.anova(intercepts=model, slopes=slopes)
shown = comparison[["n_par", "aic", "deviance", "chisq", "df"]].round(2)
shown.astype(object).fillna("")

# %% [markdown]
# The criterion falls by 147.94 for 2 parameters, AIC from 416.89 to 272.96: beyond any
# doubt. (Both fits are REML; that is fair here, as their fixed parts are the same. The
# p-value errs on the safe side, since a variance of zero lies at the end of its range.)

# %% [markdown]
# And the first gain, the standard errors? *Cluster-robust* errors judge the line by how
# much students really differ from it, without a model of how they do
# ([Lesson 07](07_standard_regression_fitted.ipynb) builds them).

# %%
grouped = {"cov_type": "cluster", "cov_kwds": {"groups": gpa["student"]}}
ses = pd.DataFrame(
    {
        "regression": line.bse,
        "mixed model, one slope": model.std_error,
        "mixed model, slopes vary": slopes.std_error,
        "cluster-robust": smf.ols("gpa ~ occasion", data=gpa).fit(**grouped).bse,
    }
)
ses.round(4).T

# %% [markdown]
# The model whose slopes vary agrees with the robust errors, 0.0184 and 0.0059. If slopes
# differ, 200 students are 200 slopes: the model with one slope was too sure of the trend.
# The regression is nearly right on these grades, by luck (lesson 07 says why). Section 1
# could not see it, as its worlds came from the model with one slope. A model's standard
# errors are as good as the model.

# %%
fall = model.criterion - slopes.criterion
assert np.isclose(comparison["chisq"].iloc[1], fall) and round(fall, 2) == 147.94
assert comparison["df"].iloc[1] == 2 and comparison["p_value"].iloc[1] < 1e-30
assert comparison["aic"].round(2).tolist() == [416.89, 272.96]
assert ses["mixed model, slopes vary"].round(4).tolist() == [0.0184, 0.0059]
assert np.allclose(ses["cluster-robust"], ses["mixed model, slopes vary"], rtol=1e-3)
assert np.allclose(ses["regression"], ses["cluster-robust"], rtol=0.04)
assert ses["mixed model, one slope"].iloc[1] < 0.7 * ses["cluster-robust"].iloc[1]
assert 0.05 < falling < 0.065
assert (separate_slopes < 0).mean() == 0.11 > 1.7 * falling

# %% [markdown]
# Lines of forty students by both models. Where are they closest together, where farthest
# apart?

# %% alt="Two panels with lines of forty students in blue and the average line in red. Left, intercepts vary: all lines parallel. Right, slopes vary too: lines start closer together and fan out to the right, a few fall."
some = list(range(1, 201, 5))
fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.8), sharey=True, layout="constrained")
for ax, (title, m) in zip(
    axes, [("(1 | student)", model), ("(1 + occasion | student)", slopes)], strict=True
):
    own = m.coef()["student"].loc[some].to_numpy() @ X6.T
    ax.plot(range(6), own.T, color=GROUP, linewidth=0.8, alpha=0.7)
    ax.plot(range(6), X6 @ m.fixef.to_numpy(), color=OVERALL, linewidth=2.6)
    ax.set(title=title, xlabel="occasion (semesters)")
    ax.spines[["top", "right"]].set_visible(False)
_ = axes[0].set_ylabel("predicted gpa (grade points)")

# %% [markdown]
# Left they are parallel, right they fan out: students start closer together than they
# end. In numbers: the sd of the lines at occasion $t$ is
# $\sqrt{\Psi_{00} + 2t\,\Psi_{01} + t^2\,\Psi_{11}}$, 0.21 at the start and 0.38 at the end.
#
# Students 1 and 2 of lesson 12, with slopes of their own:

# %% alt="Grades and lines of students 1 and 2 with the red population line. Student 1's line rises a little below it. Student 2's line starts at 2.60 and stays almost level, as the grey points do."
at = np.column_stack([np.ones(6), np.arange(6)])
sd_lines = np.sqrt(np.einsum("ti,ij,tj->t", at, Psi, at))
assert sd_lines[[0, 5]].round(2).tolist() == [0.21, 0.38]
ax = mm.plot_predictions(slopes, "occasion", [1, 2])
_ = ax.set(xlabel="occasion (semesters)", ylabel="gpa (grade points)", xlim=(-0.2, 6.2))

# %% [markdown]
# Student 2 now starts at the average and hardly rises: the model with one slope had to
# read this as a low start. Does it predict hidden grades better?

# %%
squares = {}
for k in range(6):
    train, test = gpa[gpa["occasion"] != k], gpa[gpa["occasion"] == k]
    m = mm.lmer("gpa ~ occasion + (1 + occasion | student)", train)
    squares[k] = np.mean((test["gpa"] - m.predict(test)) ** 2)
squares["all six"] = np.mean([*squares.values()])
hidden.loc["random slopes"] = np.sqrt(pd.Series(squares))
hidden.round(3)

# %% [markdown]
# Yes: 0.238 over all six, better than every other, and for the last semester 0.181, less
# than half the error of one line. The first semester, too,
# is now better than with one line. What separate lines
# knew (students rise differently) and what the mixed model knew (a student's few grades
# need support) are now in one model.

# %%
assert hidden["all six"].idxmin() == "random slopes"
assert hidden.loc["random slopes"].round(3)[[5, "all six"]].tolist() == [0.181, 0.238]
assert hidden.loc["random slopes", 5] < hidden.loc["regression", 5] / 2
assert hidden[0].idxmin() == "random slopes"
start = slopes.coef()["student"].loc[2]
assert round(start["Intercept"], 2) == 2.60 and start["occasion"] < 0.01

# %% [markdown]
# ### The correlation
#
# −0.10: do students who start high rise less? How sure is it? The *profile* holds the
# correlation at a value, lets all else adapt, and sees how much worse the fit becomes (by
# likelihood, not REML, as in lme4). `plot_profile` draws the signed root of that price,
# $\zeta$. A straight line means symmetry; steps mark the intervals, the second largest
# is that of 95 %.
#
# **Guess before you run:** will the 95 % interval hold 0?

# %% alt="Profile of the correlation between intercept and slope: a nearly straight rising line of zeta from -3 to 3 against the correlation from about -0.4 to 0.25, with nested steps for the intervals; the one of 95 percent reaches from -0.29 to 0.13."
name = "cor_occasion.Intercept|student"
profile = slopes.profile(name)
(ax,) = mm.plot_profile(profile)
_ = ax.set(xlabel="correlation of intercept and slope", title="")
ax.figure.set_size_inches(6.4, 3.8)

# %%
ends = profile.confint().loc[name]
assert ends.round(2).tolist() == [-0.29, 0.13]


def deviance(log_sds, correlation):
    """ML criterion of our grades, but for a constant, at three sds and a correlation."""
    a, b, s = np.exp(log_sds)
    both = correlation * a * b
    V = X6 @ np.array([[a**2, both], [both, b**2]]) @ X6.T + s**2 * np.eye(6)
    return 200 * np.linalg.slogdet(V)[1] + np.sum(left.T @ left * np.linalg.inv(V))


start = np.log(cov["sd"].iloc[[0, 1, 3]].to_numpy(float))
lowest = [optimize.minimize(deviance, start, args=(end,)).fun for end in ends]
price = lowest + 1200 * np.log(2 * np.pi) - slopes.refit_ml().criterion
assert np.allclose(np.sqrt(price), 1.96, atol=0.01)
ends.round(2).to_frame().T

# %% [markdown]
# It does, −0.29 to 0.13. And the number belongs to the *place of zero*: it is about lines
# at occasion 0. Count the semesters from the middle, and the same model has another
# correlation: where lines fan out, who is above in the middle is likely to rise.

# %%
centred = gpa.assign(from_middle=gpa["occasion"] - 2.5)
middle = mm.lmer("gpa ~ from_middle + (1 + from_middle | student)", data=centred)
shift = np.array([[1, 2.5], [0, 1]])  # level in the middle = intercept + 2.5 slopes
moved = shift @ Psi @ shift.T
correlation = moved[0, 1] / np.sqrt(moved[0, 0] * moved[1, 1])
assert np.isclose(middle.var_corr()["sd"].iloc[2], correlation, atol=1e-5)
assert np.isclose(middle.criterion, slopes.criterion, atol=1e-6)
pd.Series(
    {"zero at the start": cov["sd"].iloc[2], "in the middle": correlation},
    name="correlation",
).round(2).to_frame().T

# %% [markdown]
# Same criterion, same lines, another number: never report the correlation without saying
# where zero is.
#
# ## 5 · Where to go next
#
# `mmcourse` fits *linear* models: a response that is roughly normal around its mean,
# residuals that are independent and equally spread (or with known weights). For other
# questions there are other tools. The table names them; nothing of it was run in this
# course, so try before you trust.

# %% [markdown]
# | you have | in Python | know before |
# |---|---|---|
# | yes/no, counts | statsmodels: `BinomialBayesMixedGLM`, `PoissonBayesMixedGLM` | approximate; independent random effects only |
# | the same, many groups | GPBoost | made for prediction with trees, too |
# | priors, or a model of your own | Bambi (formulas like ours, on PyMC); PyMC | sampling takes time, and checks |
# | lme4's `glmer` from Python | pymer4 | needs R |
# | interest in averages only | statsmodels: `GEE` | no estimates for single groups |
# | residuals correlated in time | in R: `nlme`, `glmmTMB` | `GEE` may do, for averages |

# %% [markdown]
# Outside of Python, `lme4`, `glmmTMB` and `brms` in R and MixedModels.jl in Julia are what
# specialists use. A *Bayesian* model treats the variances as unknown too, which helps
# most with few groups. A *generalized* one changes the meaning of a coefficient: for one
# student and for the average of students it is no longer the same number. That is for
# another course. Limits of our own data: rows reconstructed, six semesters, no word about
# who left.

# %% [markdown]
# ## Summary
#
# - Four gains: standard errors that know of groups (as good as the model), sources of
#   variance, estimates for each group, better prediction for groups that are known.
# - Judge models on rows that they have not seen.
# - It pays when groups differ, and costs next to nothing when they do not.
# - Here slopes differ too: criterion −147.94 for two parameters, and better predictions.
# - Read a slope's sd beside the mean slope, and a correlation with its place of zero.
#
# **Common mistakes.** Comparing models on the rows they were fitted to. Calling a slope
# variance small because of its unit. Reading the correlation as a law of nature. Expecting
# a better prediction for new groups.
#
# **In the code.** `mmcourse/model/lmer.py`: `lmer`. `mmcourse/extract/compare.py`: `anova`.
# `mmcourse/inference/profile.py`: profiles. `mmcourse/lm_list.py`: separate lines.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Bates, Mächler, Bolker, Walker (2015), J. Stat. Softw. 67(1). Self, Liang (1987), J. Am.
# Stat. Assoc. 82: tests at the end of the range.
#
# **Next.** The exercises: sleep, cluster-level covariates, a simulation. Or back to the map in
# [Lesson 00](00_start_here.ipynb).
