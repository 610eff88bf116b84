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
# # 01 · Mixed models and their names
#
# **The question:** what is a mixed model, why has it ten names, and what has it to do
# with the analysis of variance?
#
# *About 35 minutes. You need ordinary regression, no more.*
#
# After this lesson you can
#
# - tell a fixed effect from a random one,
# - split a variance into two by hand, and get the same from a mixed model,
# - say where the classical analysis of variance stops and a mixed model goes on,
# - read ten names, and know what each of them promises.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import AnovaRM, anova_lm

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

# %% [markdown]
# ## 1 · Six batches, five samples of each
#
# A factory makes dyestuff from an intermediate product that arrives in batches. Of six
# batches, five samples each were made into dyestuff. `Yield` is what came out, in grams
# of standard colour. Some of the variation comes from the batches, some from
# everything else. How much comes from which?

# %%
dye = mm.load("dyestuff")
Y = dye["Yield"].to_numpy(float).reshape(6, 5)  # a row a batch
pd.DataFrame(
    Y.astype(int),
    index=pd.Index(dye["Batch"].unique(), name="Batch"),
    columns=[f"sample {i}" for i in range(1, 6)],
)

# %% [markdown]
# Look for two spreads in the next picture: of the points around the mean of their
# batch, and of the six means around the overall mean.
#
# **Guess before you run:** about how far, in grams, do batches differ from each other
# (as a standard deviation, sd)? And samples of one batch?

# %% alt="Strip chart of the yields of five samples in each of six batches, between 1440 and 1635 grams. A blue bar marks each batch's mean; the means run from 1470 in F to 1600 in E. A red line marks the overall mean, 1527.5."
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for place, own in enumerate(Y):
    ax.plot(np.full(5, place), own, "o", color=OBSERVED, markersize=5)
    ax.hlines(own.mean(), place - 0.25, place + 0.25, color=GROUP, linewidth=2.5)
ax.axhline(Y.mean(), color=OVERALL, linewidth=1.2, zorder=0)
ax.text(5.45, Y.mean() + 4, "overall", color=OVERALL)
ax.text(4.3, Y[4].mean(), "batch mean", color=GROUP, va="center")
ax.set_xticks(range(6), dye["Batch"].unique())
ax.set(xlabel="batch", ylabel="yield (grams)", xlim=(-0.5, 6.1))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Both spreads are there, and of similar size. But part of the second comes from the
# first: even if batches did not differ at all, means of five samples would not be
# equal. So the spread of the means is too large an answer to our question. Section 2
# works out by how much, and gives both numbers.

# %%
assert (dye["Batch"].to_numpy().reshape(6, 5) == [[b] * 5 for b in "ABCDEF"]).all()
assert [Y.min(), Y.max(), Y.mean()] == [1440, 1635, 1527.5]
assert [Y[5].mean(), Y[4].mean()] == [1470, 1600]

# %% [markdown] tags=["R4"]
# ### Two kinds of effect
#
# $$\text{yield} = b_\text{intercept} + \text{effect}_\text{batch} + \epsilon$$
#
# $b_\text{intercept}$ is a **fixed effect**: one unknown number that holds for all
# batches, past and future. In regression it is an ordinary coefficient; some call it
# the *population average*. The name says only that this part is not random. It is not a
# good name, but everybody uses it.
#
# $\text{effect}_\text{batch}$ is a **random effect**: it belongs to one *unit*, here
# one batch. We regard it as a draw from a distribution with mean zero.

# %% [markdown] tags=["R4"]
# In this course the unit is nearly always a *level* (one batch, one student) of a
# *grouping factor* (the column `Batch`, or `student`). Others are possible: a place on
# a map, a week in a series, a piece of a curve.

# %% [markdown] tags=["R4"]
# A model with effects of both kinds is a **mixed model**. Its first question about
# batches is not "what is batch C like?" but "how far do batches differ?". The answer is
# a single number, the standard deviation of the effects, $\tau$. The rest, $\epsilon$,
# has the sd $\sigma$, and does not depend on the batch.

# %% [markdown]
# ## 2 · The analysis of variance, by hand
#
# This is an old problem. Astronomers of the 1860s had it with their nights of
# observation. Since R. A. Fisher's *analysis of variance* (ANOVA) of the 1920s it has
# been solved with two *mean squares*:
#
# - *within* batches: the average of the six sample variances;
# - *between* batches: the variance of the six means, times 5.

# %%
n_batches, n_samples = Y.shape
within = Y.var(axis=1, ddof=1).mean()
between = n_samples * Y.mean(axis=1).var(ddof=1)
df_between, df_within = n_batches - 1, n_batches * (n_samples - 1)
by_hand = pd.DataFrame(
    {"df": [df_between, df_within], "mean_sq": [between, within]},
    index=["between batches", "within batches"],
)
by_hand

# %% [markdown]
# Both are in squared grams. What do they estimate? *Within* estimates $\sigma^2$. A
# batch mean has the variance $\tau^2 + \sigma^2/5$: the batch's own, and what five
# samples leave of the rest. Times 5, *between* estimates $5\tau^2 + \sigma^2$. So
#
# $$\hat\tau^2 = \frac{\text{between} - \text{within}}{5}$$
#
# The subtraction takes away what chance alone would give.

# %% [markdown]
# A mixed model does not subtract. It takes the variances under which the data are most
# probable, those of the greatest *likelihood*. In the formula, `1` is the intercept,
# and `(1 | Batch)` gives each batch an effect.
#
# **Guess before you run:** will it find the same variances?

# %% tags=["R1"]
batches = mm.lmer("Yield ~ 1 + (1 | Batch)", data=dye)
two_ways = pd.DataFrame(
    {
        "ANOVA, by hand": [(between - within) / n_samples, within],
        "mixed model": batches.var_corr()["variance"].to_numpy(),
    },
    index=["batch variance", "residual variance"],
)
two_ways.round(2)

# %% tags=["R1"]
assert np.allclose(two_ways.iloc[:, 0], two_ways.iloc[:, 1], rtol=0, atol=1e-6)
theirs = anova_lm(smf.ols("Yield ~ Batch", data=dye).fit())
assert np.allclose(theirs["mean_sq"], by_hand["mean_sq"])
assert np.allclose(theirs["df"], by_hand["df"])
sds = pd.Series(
    np.sqrt(two_ways["mixed model"].to_numpy()), ["batch sd", "residual sd"]
)
sds.round(1)

# %% [markdown] tags=["R1"]
# The two agree to a millionth, and statsmodels confirms the mean squares. Batches
# differ with an sd of 42 grams, samples of one batch with 49.5. In this sense
# **classical ANOVA is a special case of the mixed model**. It holds when every group
# has the same number of rows (the data are *balanced*) and the subtraction gives no
# negative number. The likelihood must be the *restricted* one (REML), the default of
# `lmer`; [Lesson 09](09_running_a_mixed_model.ipynb) explains it.

# %%
assert sds.round(1).tolist() == [42.0, 49.5]
assert batches.reml

# %% [markdown]
# ## 3 · Where the subtraction goes wrong
#
# A second data set of the same form, `dyestuff2`, is not real. Box and Tiao simulated
# it to make a point.
#
# **Guess before you run:** can the subtraction give a negative variance? What should a
# sensible program say then?

# %%
dye2 = mm.load("dyestuff2")
Y2 = dye2["Yield"].to_numpy(float).reshape(6, 5)
within2 = Y2.var(axis=1, ddof=1).mean()
between2 = n_samples * Y2.mean(axis=1).var(ddof=1)
batches2 = mm.lmer("Yield ~ 1 + (1 | Batch)", data=dye2)
shown = pd.DataFrame(
    {
        "ANOVA, by hand": [(between2 - within2) / n_samples, within2],
        "mixed model": batches2.var_corr()["variance"].to_numpy(),
    },
    index=["batch variance", "residual variance"],
)
shown.round(2)

# %% [markdown]
# ANOVA's estimate is $-1.32$. No variance is negative. The number only says that the
# six means lie *closer* together than chance alone puts them on average. The mixed
# model says 0, and says so in words:

# %%
assert shown.round(2).to_numpy().tolist() == [[-1.32, 0.0], [14.95, 13.81]]
batches2.messages

# %% [markdown]
# With the batch variance at 0 there are no batches for the model, only 30 rows. Its
# residual variance is then the ordinary variance of all rows. That is our check.
#
# The next picture shows what the model looked at. $\theta = \tau/\sigma$ is the batch
# sd, measured in residual sds. For each $\theta$ the model takes the best intercept and
# $\sigma$. The height is the *criterion*, $-2$ times the log likelihood: the lower, the
# better the fit. Where is each curve lowest?

# %%
assert np.isclose(batches2.sigma**2, Y2.var(ddof=1))
theta = np.linspace(0, 2.5, 101)
rise = pd.DataFrame(
    {
        name: [fit.criterion_at([t]) - fit.criterion for t in theta]
        for name, fit in {"dyestuff": batches, "dyestuff2": batches2}.items()
    },
    index=theta,
)

# %% alt="Two curves of the rise of the REML criterion against theta. That of dyestuff falls from 6.4 at theta 0 to its lowest point at 0.85 and rises slowly. That of dyestuff2 is lowest at theta 0 and only rises."
fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.plot(rise["dyestuff"], color=GROUP)
ax.plot(rise["dyestuff2"], color=PICKED, linestyle="--")
for fit in (batches, batches2):
    ax.plot(fit.theta, [0], "o", color=OVERALL, clip_on=False, zorder=3)
ax.text(2.05, 2.6, "dyestuff", color=GROUP)
ax.text(1.25, 9.6, "dyestuff2", color=PICKED, ha="right")
ax.set(xlabel="θ = batch sd / residual sd", ylabel="criterion, above its lowest")
ax.set(xlim=(0, 2.5), ylim=(0, 12))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# For `dyestuff` the lowest point lies inside, at 0.85. For `dyestuff2` the curve only
# rises: an sd can't be below 0, so the best $\theta$ is 0. The likelihood has this
# boundary built in. The subtraction has not.

# %% [markdown]
# Is this rare? Suppose that batches truly do not differ. Then the ratio of the mean
# squares, between / within, follows Fisher's $F$ with 5 and 24 degrees of freedom. The
# estimate is negative whenever the ratio is below 1.
#
# **Guess before you run:** in how many of 100 such studies is the estimate negative?

# %%
assert round(batches.theta[0], 2) == 0.85
assert batches2.theta[0] == 0 and (np.diff(rise["dyestuff2"]) > 0).all()
rng = np.random.default_rng(1)
studies = rng.normal(0, 1, size=(20_000, n_batches, n_samples))
within_all = studies.var(axis=2, ddof=1).mean(axis=1)
between_all = n_samples * studies.mean(axis=2).var(axis=1, ddof=1)
estimates = (between_all - within_all) / n_samples
below = np.mean(estimates < 0)
by_theory = stats.f.cdf(1, df_between, df_within)
pd.Series({"simulated": below, "theory": by_theory}, name="share negative").round(2)

# %% [markdown]
# More than half. When there is nothing to find, a negative estimate is the normal case,
# and so is a zero from a mixed model. It is not a failure of the program. Nor does it
# prove that batches are all alike: with a true $\theta$ of 0.3 it still happens in 36
# of 100 studies.

# %%
assert abs(below - by_theory) < 4 * np.sqrt(by_theory * (1 - by_theory) / 20_000)
assert 0.5 < by_theory < 0.6
at_03 = stats.f.cdf(1 / (1 + 5 * 0.3**2), df_between, df_within)  # theta = 0.3
moved = studies + 0.3 * rng.normal(size=(20_000, n_batches, 1))
between_all = n_samples * moved.mean(axis=2).var(axis=1, ddof=1)
assert abs(np.mean(between_all < within_all) - at_03) < 0.015
assert round(at_03, 2) == 0.36

# %% [markdown]
# ## 4 · Repeated measures
#
# The other classic is the *repeated-measures* ANOVA: the same subjects under all
# conditions. In `sleepstudy` the average reaction time of 18 people was measured on
# each of ten days, 0 to 9, in milliseconds. After day 2 they had only three hours in
# bed a night. Do days differ? Day is a factor with ten levels here; no line is assumed.

# %% [markdown]
# Two people are drawn bold: the fastest on average, 309, and the slowest, 337. Look for
# two things: how far apart the paths are, and how the daily means (dots) go.

# %% alt="Reaction times of 18 subjects over days 0 to 9, a grey path each, from about 200 to 470 milliseconds. Subject 309, bold, stays between 200 and 240; subject 337, bold, lies between 290 and 460. Red dots, the daily means, rise from 257 to 351 along a red line."
sleep = mm.load_sleepstudy()
ax = mm.plot_trajectories(sleep, "Days", "Reaction", "Subject", highlight=[309, 337])
daily = sleep.groupby("Days")["Reaction"].mean()
ax.plot(daily, "o", color=OVERALL, zorder=4)
ax.text(7.2, 198, "309", color=PICKED)
ax.text(6.0, 420, "337", color=PICKED)
_ = ax.set(xlabel="day of the study", ylabel="reaction time (ms)")

# %% [markdown]
# Person 309 needs less than 240 ms on every day, person 337 always more than 290:
# people differ. The daily means rise, from 257 to 351 ms. ANOVA compares the spread of
# these means with what is left when both the day and the person are taken out.
#
# **Guess before you run:** if we forget the persons, and take the 180 rows as
# unrelated, will $F$ be larger or smaller?

# %% tags=["R1"]
assert daily.round(0).iloc[[0, 9]].tolist() == [257, 351]
R = sleep.pivot(index="Subject", columns="Days", values="Reaction").to_numpy()
n_subjects, n_days = R.shape
by_day = n_subjects * R.mean(axis=0).var(ddof=1)
rest = R - R.mean(axis=0) - R.mean(axis=1, keepdims=True) + R.mean()
left = np.sum(rest**2) / ((n_days - 1) * (n_subjects - 1))
forgetful = np.sum((R - R.mean(axis=0)) ** 2) / (n_days * (n_subjects - 1))
F = {"persons taken out": by_day / left, "persons forgotten": by_day / forgetful}
one_way = anova_lm(smf.ols("Reaction ~ C(Days)", data=sleep).fit())
assert np.isclose(one_way.loc["C(Days)", "F"], F["persons forgotten"])
pd.Series(F, name="F for days").round(2)

# %% [markdown]
# Smaller, by far: the differences between persons then count as noise, and $F$ measures
# the days against it. Now the mixed model with a random effect of the person.
# `mm.anova` tests its terms.

# %% tags=["R1"]
days = mm.lmer("Reaction ~ C(Days) + (1 | Subject)", data=sleep)
table = mm.anova(days)
table[["num_df", "den_df", "F"]].round(2)

# %% tags=["R1"]
repeated = AnovaRM(sleep, "Reaction", "Subject", within=["Days"]).fit().anova_table
assert np.isclose(table["F"].iloc[0], F["persons taken out"], rtol=1e-6)
assert np.isclose(table["F"].iloc[0], repeated["F Value"].iloc[0], rtol=1e-6)
assert np.allclose(table[["num_df", "den_df"]], repeated[["Num DF", "Den DF"]])
assert repeated["Den DF"].tolist() == [153]
by_person = n_days * R.mean(axis=1).var(ddof=1)
assert np.isclose(days.var_corr()["variance"].iloc[0], (by_person - left) / n_days)
assert F["persons forgotten"] < F["persons taken out"] / 2
by_name = sleep.groupby("Subject")["Reaction"].agg(["mean", "min", "max"])
assert by_name["mean"].idxmin() == 309 and by_name.loc[309, "max"] < 240
assert by_name["mean"].idxmax() == 337 and by_name.loc[337, "min"] > 290

# %% [markdown]
# Three routes, one $F$: by hand, statsmodels' `AnovaRM`, and the mixed model's test.
# The last two also agree in the degrees of freedom, 9 and 153. The variance between
# persons is again the subtraction of two mean squares. The test rests on one
# assumption, whatever the route: the difference of any two days varies equally between
# persons. (A random slope, Lesson 14, gives that up.)
#
# Now let one in ten measurements be lost, as happens in real studies. The classical
# tables need every person on every day.

# %% tags=["R2"]
rng = np.random.default_rng(2)
fewer = sleep.drop(index=rng.choice(sleep.index, 18, replace=False))
try:
    answer = AnovaRM(fewer, "Reaction", "Subject", within=["Days"]).fit()
except ValueError as error:
    answer = f"AnovaRM refuses: {error}"
answer

# %% tags=["R2"]
unbalanced = mm.lmer("Reaction ~ C(Days) + (1 | Subject)", data=fewer)
mm.anova(unbalanced)[["num_df", "den_df", "F"]].round(2)

# %% [markdown] tags=["R2"]
# The mixed model goes on: the same formula, 162 rows. The second degrees of freedom are
# now an approximation (Lesson 09), hence the fraction. As a second route, statsmodels'
# own mixed model gives this $F$ too (as a chi-square, 9 times as large).
#
# ANOVA has recipes for tidy designs. A mixed model takes groups of any size, predictors
# that are numbers, groups within groups, and several kinds of groups at once.

# %%
assert answer == "AnovaRM refuses: Data is unbalanced."
assert len(fewer) == 162 and not mm.describe_structure(fewer, "Subject")["balanced"][0]
theirs = smf.mixedlm("Reaction ~ C(Days)", fewer, groups="Subject").fit(reml=True)
chi2 = theirs.wald_test_terms(scalar=True).table.loc["C(Days)", "statistic"]
assert np.isclose(mm.anova(unbalanced)["F"].iloc[0], chi2 / 9, rtol=1e-3)

# %% [markdown] tags=["R2"]
# ### Where it stands among the models
#
# You may know the generalized linear model (GLM): regression also for counts or for yes
# and no. It lets the *distribution* be other than normal, but takes all rows as
# independent. Mixed models go one step further: rows may belong together. Both steps
# can be taken at once (generalized mixed models). This course stays with the normal
# distribution.

# %% [markdown]
# ## 5 · Ten names
#
# Books and programs call these models by many names. Some are *historical*, some belong
# to a *discipline*, some promise a *structure* of the data, some mean a *special case*.
# Look for two things in the table: which names promise several levels, one within
# another, and for which one predictor must be time.

# %% [markdown] tags=["R3"]
# | name | what it is | what it stresses, and where you meet it |
# |---|---|---|
# | **variance components** | historical | how much variance comes from where; genetics, industry |
# | **random intercepts and slopes** | special case | which coefficients vary: the level, the trend, or both |
# | **random effects** | general | effects that are drawn; used everywhere, also for models without groups |
# | **random coefficients** | discipline | coefficients differ by unit, slopes too; econometrics |
# | **varying coefficients** | discipline | the same, without the word "random"; Bayesian statistics |
# | **intercepts- and slopes-as-outcomes** | historical | a second regression explains the groups' coefficients; education |
# | **hierarchical linear models** | structure | groups in groups; education, and a program of that name (HLM) |
# | **multilevel models** | structure | several levels of clustering; social sciences |
# | **growth curve models** | special case | time is the predictor; psychology, there often *latent* |
# | **mixed effects models** | general | fixed and random together; statistics, biology |

# %% [markdown] tags=["R3"]
# The borders are soft: "multilevel" is often said when there is one kind of group only.
# Two warnings. *Latent* growth curves are fitted with programs for structural
# equations, from a table with one row per person; with the same assumptions they are
# the same model. *Varying coefficients* means something else, too: a coefficient that
# changes smoothly with another variable.

# %% [markdown] tags=["R3"]
# Now we write a typical formula for each name. What is in front of the bar varies by
# what is behind it; Lesson 09 reads formulas slowly.
#
# **Guess before you run:** how many different formulas will the ten names need?

# %% tags=["R3"]
level, both = "(1 | Subject)", "(1 + Days | Subject)"
formulas = {
    "variance components": f"Reaction ~ 1 + {level}",
    "random effects": f"Reaction ~ Days + {level}",
    "mixed effects": f"Reaction ~ Days + {level}",
    "random intercepts and slopes": f"Reaction ~ Days + {both}",
    "random coefficients": f"Reaction ~ Days + {both}",
    "varying coefficients": f"Reaction ~ Days + {both}",
    "intercepts- and slopes-as-outcomes": f"Reaction ~ Days + {both}",
    "growth curve": f"Reaction ~ Days + {both}",
    "hierarchical linear": "strength ~ 1 + (1 | batch/cask)",
    "multilevel": "strength ~ 1 + (1 | batch/cask)",
}

# %% tags=["R3"]
frames = {"Reaction": sleep, "strength": mm.load("pastes")}
fits = [mm.lmer(text, frames[text.split()[0]]) for text in formulas.values()]
names = pd.DataFrame(
    {
        "formula": formulas.values(),
        "fixed effects": [len(fit.fixef) for fit in fits],
        "grouping factors": [len(fit.n_groups) for fit in fits],
        "variance parameters": [len(fit.theta) + 1 for fit in fits],
    },
    index=pd.Index(formulas, name="name"),
)
names

# %% [markdown] tags=["R3"]
# Four. Only the last two names promise a structure: casks lie within batches, so there
# are two grouping factors. (The data, `pastes`, come back in Lesson 02.) Only a growth
# curve needs time as its predictor. A slope that varies adds two variance parameters:
# its own variance, and its covariance with the intercept.
#
# So a name says little about what was fitted. The formula says it.

# %% tags=["R3"]
assert len(names) == 10 and names["formula"].nunique() == 4
assert names["variance parameters"].tolist() == [2] * 3 + [4] * 5 + [3, 3]
assert names["grouping factors"].tolist() == [1] * 8 + [2, 2]
assert round(fits[3].criterion, 4) == 1743.6283  # Bates et al. (2015)

# %% [markdown] tags=["R5"]
# ## 6 · Which name to use
#
# Clark, whose text this course follows, says *mixed models* or *random effects models*.
# Both are short and promise no structure, and the second also covers extensions that
# nobody would call multilevel. We do the same. His own favourites, in a footnote, are
# two longer names: *richly parameterized linear models* and *structured additive
# regression* (STAR).

# %% [markdown] tags=["R5"]
# Why richly parameterized? Count: the model of `dyestuff` has an intercept *and* six
# batch effects, seven columns for six batches. Least squares can't tell them apart.
# What keeps the six in check is a *penalty*: large effects cost. For given $\tau$ and
# $\sigma$, minimise
#
# $$\sum_\text{rows} (\text{yield} - b - \text{effect}_\text{batch})^2
# + \frac{\sigma^2}{\tau^2} \sum_\text{batches} \text{effect}_\text{batch}^2$$
#
# This is *ridge regression*. The data choose the penalty, since $\tau$ and $\sigma$ are
# estimated.
#
# **Guess before you run:** will an effect be larger or smaller than the batch mean's
# distance from the overall mean?

# %% tags=["R5"]
tau2, sigma2 = batches.var_corr()["variance"]
X = np.ones((30, 1))
Z = np.kron(np.eye(6), np.ones((5, 1)))  # which row belongs to which batch
XZ = np.hstack([X, Z])
penalty = np.diag([0] + [sigma2 / tau2] * 6)  # none for the intercept
solution = np.linalg.solve(XZ.T @ XZ + penalty, XZ.T @ Y.ravel())
effects = pd.DataFrame(
    {
        "distance of the mean": Y.mean(axis=1) - Y.mean(),
        "ridge, by hand": solution[1:],
        "mixed model": batches.ranef()["Batch"]["Intercept"].to_numpy(),
    },
    index=pd.Index(list("ABCDEF"), name="Batch"),
)
effects.round(1)

# %% [markdown] tags=["R5"]
# Smaller: each is 78 % of the distance, the same part for all six. The effects that the
# mixed model estimates *are* the ridge solution. [Lesson 11](11_random_effects.ipynb)
# says more about them.
#
# Penalised effects need not belong to groups. Take the pieces of a curve, or the
# districts of a map with their neighbours, and you have smoothing splines and spatial
# models. *Structured additive* means: add such parts up.

# %% tags=["R5"]
assert np.linalg.matrix_rank(XZ) == 6 < XZ.shape[1]
assert np.allclose(effects.iloc[:, 1], effects.iloc[:, 2], atol=1e-6)
assert np.isclose(solution[0], batches.fixef["Intercept"])
part = effects["mixed model"] / effects["distance of the mean"]
assert np.allclose(part, 5 * tau2 / (5 * tau2 + sigma2))
assert round(part.iloc[0], 2) == 0.78

# %% [markdown]
# ## Summary
#
# - A fixed effect is one number for all; a random effect belongs to one unit and counts
#   as drawn from a distribution, whose sd we estimate.
# - On balanced data ANOVA's variances and $F$ are the mixed model's; it goes on where
#   ANOVA's tables stop.
# - A variance estimated as 0 is an answer, and common when groups do not differ.
# - Ten names, one family: read the formula.
#
# **Common mistakes.** Taking "fixed" for "known", or for the econometricians' *fixed
# effects model*, which has a separate coefficient for every group. Reporting a negative
# variance. Reading the spread of group means as the sd between groups: chance is in it.
# Taking a multilevel model for something else than a mixed model.
#
# **In the code.** `mmcourse/extract/f_tests.py`: the $F$ tests of `mm.anova`.
# `mmcourse/start.py`: the mean squares, where the search of `lmer` begins.
# `mmcourse/posterior.py`: the random effects.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Davies, Goldsmith (1972), *Statistical Methods in Research and Production*:
# `dyestuff`. Box, Tiao (1973), *Bayesian Inference in Statistical Analysis*:
# `dyestuff2`. Belenky et al. (2003), J. Sleep Res. 12: `sleepstudy`. Searle, Casella,
# McCulloch (1992), *Variance Components*: the history. Bates, Mächler, Bolker, Walker
# (2015), J. Stat. Softw. 67(1): the criterion of the `sleepstudy` model. Hodges (2014),
# *Richly Parameterized Linear Models*. Fahrmeir, Kneib, Lang (2004), Statistica Sinica
# 14: structured additive regression.
#
# **Next.** [Lesson 02](02_kinds_of_structure.ipynb): groups within groups, groups
# across groups, and how to see which you have.
