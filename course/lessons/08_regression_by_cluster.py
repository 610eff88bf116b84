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
# # 08 · Regression by cluster
#
# **The question:** if students differ, why not fit a line to each of them?
#
# *About 40 minutes. You need ordinary regression, no more. Lesson 07 leads up to this
# one, but you can start here.*
#
# After this lesson you can
#
# - fit a regression to every group, by one matrix product and with `lm_list`,
# - name three drawbacks of doing so, and show each in numbers,
# - compute how far a mixed model pulls a group towards the others, and say why,
# - say when separate lines are good enough.

# %%
import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()

# %% [markdown]
# 200 students have six rows each, one for each semester of three years. `gpa` is the
# grade point average of that semester, 4.0 is best; `occasion` counts the semesters from
# 0 to 5. The rows are reconstructed: the models of the text (M. Clark's *Mixed Models with
# R*, which the course follows) give the numbers of the original data, but single students
# are not real people.
#
# A *cluster*, or group, is a set of rows that belong together: here, a student's. This
# lesson fits `gpa` on `occasion` within each cluster.

# %%
gpa[["student", "occasion", "gpa"]].head(6)

# %% [markdown]
# ## 1 · A line for each student
#
# All students have the same six occasions, so the matrix $X$ of least squares is the
# same for all, and so is what turns six grades into a line, $(X'X)^{-1}X'$. Put the
# grades into a table with a row for each student, and 200 regressions are one product.

# %% tags=["R35"]
X = np.column_stack([np.ones(6), np.arange(6)])
Y = gpa.sort_values(["student", "occasion"])["gpa"].to_numpy().reshape(200, 6)
to_line = np.linalg.inv(X.T @ X) @ X.T  # six grades in, intercept and slope out
coef = Y @ to_line.T
coef.shape

# %% [markdown]
# The package does the same for any data, also where students have different occasions.
# The formula has a bar: *on the left a regression, on the right the groups*.

# %% tags=["R35"]
separate = mm.lm_list("gpa ~ occasion | student", data=gpa)
assert separate.coef.shape == coef.shape == (200, 2)
assert np.allclose(separate.coef, coef)
alone = np.polyfit(np.arange(6), Y[0], 1)[::-1]  # a second route for student 1
assert np.allclose(separate.coef.loc[1], alone)
separate.coef.head().round(3)

# %% [markdown]
# Student 1 starts at 2.53 and gains 0.10 a semester. Student 2 starts higher and goes
# down. In the next picture every student has a line. Look for what you could say
# about all of them in one sentence.

# %% tags=["R35"] alt="Two hundred thin grey lines over semesters 0 to 5, most of them rising, many crossing. The red average line rises from 2.60 to 3.13. Two lines are dark and named: student 2 falls slightly, student 3 rises steeply."
fig, ax = plt.subplots(figsize=(6.6, 4))
ends = np.array([0, 5])
for start, gain in coef:
    ax.plot(ends, start + gain * ends, color=OBSERVED, alpha=0.35, linewidth=0.7)
average = coef.mean(axis=0)
ax.plot(ends, average[0] + average[1] * ends, color=OVERALL, linewidth=2.6)
ax.annotate("average", (5.08, average @ [1, 5]), color=OVERALL, va="center")
for student in (2, 3):
    start, gain = separate.coef.loc[student]
    ax.plot(ends, start + gain * ends, color=PICKED, linewidth=1.8)
    ax.annotate(f"student {student}", (5.08, start + 5 * gain), va="center")
ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)", xlim=(-0.1, 6))
ax.set_xticks(range(6))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Lines start nearly anywhere and have nearly any slope. Only the average is easy to name:
# 2.60, and 0.11 more each semester. With balanced data (everybody at the same occasions)
# that average is the line of one regression over all 1200 rows.

# %%
overall = np.polyfit(gpa["occasion"], gpa["gpa"], 1)[::-1]
assert np.allclose(average, overall)
assert separate.coef.loc[1].round(2).tolist() == [2.53, 0.1]
assert separate.coef.loc[2, "occasion"] < 0 < separate.coef.loc[3, "occasion"]
assert average.round(2).tolist() == [2.6, 0.11]

# %% [markdown] tags=["R36"]
# ## 2 · Three drawbacks
#
# **First: 200 lines are hard to summarise.** They are 400 numbers. One can describe how
# they are distributed, as one would describe data:

# %% tags=["R36"]
table = pd.DataFrame(coef, columns=["intercept", "slope"]).describe()
table.loc[["mean", "std", "min", "max"]].round(3)

# %% [markdown]
# One can also count. **Guess before you run:** how many of the 200 lines fall?

# %% tags=["R36"]
tenths = np.rint(10 * Y).astype(int)  # whole numbers: no rounding decides a sign
trend = tenths @ [-5, -3, -1, 1, 3, 5]  # 350 times the slope
assert np.allclose(trend / 350, coef[:, 1])
falling, flat, rising = [int(np.sum(np.sign(trend) == sign)) for sign in (-1, 0, 1)]
assert (falling, flat, rising) == (22, 2, 176)
pd.Series({"fall": falling, "exactly flat": flat, "rise": rising}, name="lines")

# %% [markdown] tags=["R36"]
# Slopes reach from -0.11 to 0.31. 22 lines fall and 2 are exactly flat: computed with
# decimals their slopes come out as something like $\pm 10^{-17}$, and a careless count
# may call them falling. So we counted in whole tenths of a grade point.
#
# What do the 22 tell us? **Second: each line stands on six rows.** Look in the next
# picture at the length of the intervals, and at how many on the left are wholly below
# zero (dashed).

# %% tags=["R36"] alt="Two hundred vertical 95 percent intervals for the slopes, in order of size from -0.1 to 0.3, each about 0.2 long. A red line marks the mean slope 0.106. Almost all intervals at the left end reach above zero."
assert coef[:, 1].min().round(2) == -0.11 and coef[:, 1].max().round(2) == 0.31
ax = mm.plot_lm_list(separate, "occasion")
ax.axhline(0, color=PICKED, linewidth=0.8, linestyle="--")
_ = ax.set_ylabel("slope (grade points a semester)")

# %% [markdown]
# These intervals use a residual standard deviation (sd) that all students share, pooled
# from all 200 lines. That already borrows from the others. A student who is really alone
# has a residual sd from six rows, with only $6 - 2 = 4$ degrees of freedom. We do both.

# %% tags=["R36"]
left = Y - coef @ X.T
own_sd = np.sqrt(np.sum(left**2, axis=1) / 4)
spread = np.sum((X[:, 1] - X[:, 1].mean()) ** 2)  # 17.5
halves = {
    "sd of all": stats.t.ppf(0.975, 800) * separate.sigma / np.sqrt(spread),
    "own sd": stats.t.ppf(0.975, 4) * own_sd / np.sqrt(spread),
}
slope = coef[:, 1]
counted = pd.DataFrame(index=[*halves], columns=["falls", "rises", "can't tell"])
for name, half in halves.items():
    sure = [np.sum(slope + half < 0), np.sum(slope - half > 0)]
    counted.loc[name] = [*sure, 200 - sum(sure)]
counted["median length"] = [2 * np.median(half) for half in halves.values()]
counted.round(2)

# %% [markdown] tags=["R36"]
# A typical interval is about 0.2 points long or more, twice the average slope. Of the 22
# falling lines only **one** has an interval wholly below zero. (Even that one may be luck:
# among 200 intervals at 95 %, some miss.) By their own rows alone, for 108 of the 200
# students we can't tell up from down. Is that sd of one's own worth anything?

# %% tags=["R36"]
assert counted["falls"].tolist() == [1, 1] and counted["can't tell"].iloc[1] == 108
assert (counted["median length"] > 1.8 * average[1]).all()
by_package = separate.confint()
own_rows = by_package[by_package["effect"] == "occasion"]
assert np.allclose(own_rows["upper_97.5"], slope + halves["sd of all"])
assert np.isclose(separate.sigma, np.sqrt(np.mean(own_sd**2)))
extremes = [own_sd.min(), own_sd.max()]
by_luck = separate.sigma * np.sqrt(stats.chi2.ppf([0.005, 0.995], 4) / 4)
found = {"our students": extremes, "one sd for all": by_luck}
pd.DataFrame(found, ["least", "most"]).T.round(2)

# %% [markdown] tags=["R36"]
# The own sds run from 0.05 to 0.41: by six rows one student looks eight times as steady
# as another. If all had the same sd, chance alone would spread 200 of them about as far
# (second row: one in a hundred lies outside). An sd from six rows is worth little.

# %% [markdown] tags=["R36"]
# **Third: a separate line ignores what students have in common.** To see what that
# costs, make 200 students who all have *the same* true line, and only their single
# grades scatter.
#
# **Guess before you run:** our 200 slopes have an sd of 0.083. Which sd will the slopes of
# these 200 copies have?

# %% tags=["R36"]
rng = np.random.default_rng(8)
twins = average @ X.T + rng.normal(0, separate.sigma, (5000, 200, 6))
twin_slopes = (twins @ to_line.T)[:, :, 1]
noise_sd = separate.sigma / np.sqrt(spread)
assert np.isclose(twin_slopes.std(axis=1).mean(), noise_sd, rtol=0.01)
twice = {
    "sd of slopes": [twin_slopes.std(axis=1).mean(), slope.std(ddof=1)],
    "falling": [(twin_slopes < 0).sum(axis=1).mean(), falling],
}
twice = pd.DataFrame(twice, ["200 times the same student", "our students"])
twice.round({"sd of slopes": 3, "falling": 1})

# %% [markdown] tags=["R36"]
# On average the 200 copies have slopes with an sd of 0.049, and about three of them fall.
# That is noise, and our 200 slopes hold as much of it. Variances add:
#
# $$\text{spread of the estimates} = \text{spread of the students} + \text{noise}$$
#
# So the true slopes spread less than the estimates: $0.083^2 - 0.049^2 = 0.067^2$. The
# text calls separate models *over-contextualized*: each takes its own noise for a
# property of the student.

# %%
true_variance = slope.var(ddof=1) - noise_sd**2
expected_fall = 200 * stats.norm.cdf(-average[1] / noise_sd)
assert np.isclose((twin_slopes < 0).sum(axis=1).mean(), expected_fall, atol=0.1)
assert [round(v, 3) for v in (slope.std(ddof=1), noise_sd)] == [0.083, 0.049]
assert round(np.sqrt(true_variance), 3) == 0.067
assert np.round(extremes, 2).tolist() == [0.05, 0.41]
assert np.allclose(extremes, by_luck, atol=0.02)
assert round(expected_fall) == 3

# %% [markdown]
# ## 3 · Pull each student towards the others
#
# If estimates spread more than students do, they should be pulled together. How far? We
# begin with the height of the lines alone, and with a model that
# [Lesson 09](09_running_a_mixed_model.ipynb) explains:
#
# `gpa ~ occasion + (1 | student)`
#
# All students share the slope. Each has an *effect*, a shift of the line up or down,
# drawn from a normal distribution with mean 0 and sd $\tau$; grades scatter around the
# shifted line with sd $\sigma$. A drawn effect is called *random*, such a model *mixed*.

# %% tags=["R37"]
mixed = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
sd_student, sd_residual = mm.extract_vc(mixed, ci_level=0)["sd"]
shift = (Y - mixed.fixef.to_numpy() @ X.T).mean(axis=1)  # mean distance from the line
pd.Series({"sd_student": sd_student, "sd_residual": sd_residual}).round(3)

# %% [markdown]
# Left alone, a student's effect is estimated by the mean distance of the six grades from
# the common line. That mean has two parts: the true effect, with the variance $\tau^2$, and
# what the scatter of six single grades leaves, with the variance $\sigma^2/6$. The share of
# truth in its variance is
#
# $$\lambda = \frac{\tau^2}{\tau^2 + \sigma^2/6} = \frac{6\tau^2}{6\tau^2 + \sigma^2}$$
#
# **Guess before you run:** with $\tau = 0.252$ and $\sigma = 0.241$, is $\lambda$ nearer
# to 0, to one half, or to 1?

# %% tags=["R37"]
weight = 6 * sd_student**2 / (6 * sd_student**2 + sd_residual**2)
effect = mixed.ranef()["student"]["Intercept"].to_numpy()
both = pd.DataFrame({"left alone": shift, "mixed model": effect})
both["ratio"] = both["mixed model"] / both["left alone"]
both.index = pd.Index(range(1, 201), name="student")
both.head().round(4)

# %% [markdown] tags=["R37"]
# The ratio is the same for all, 0.8681, and it is $\lambda$: **the mixed model
# multiplies every student's own estimate by the part of it that is truth.** Student 1
# goes from -0.0817 to -0.0709. This pull towards the average is called *shrinkage*.
#
# Second route: why is $\lambda$ the right factor? Make very many students, and
# regress the true effect on what six grades show. Least squares finds the factor with the
# smallest error.

# %% tags=["R37"]
assert round(weight, 4) == 0.8681
assert np.allclose(effect, weight * shift, atol=1e-6)
assert both.loc[1].round(4).tolist() == [-0.0817, -0.0709, 0.8681]
true_effect = rng.normal(0, sd_student, 400_000)
seen = true_effect + rng.normal(0, sd_residual / np.sqrt(6), 400_000)
best_factor = np.polyfit(seen, true_effect, 1)[0]
assert abs(best_factor - weight) < 0.005
guesses = {"left alone": seen, "shrunken": weight * seen}
off = pd.Series({k: np.std(v - true_effect) for k, v in guesses.items()}, name="error")
off.round(4)

# %% [markdown]
# The shrunken estimates are nearer to the truth. The gain is only 7 %, since six grades
# already say much about a student. Look in the next picture at who moves most.

# %% tags=["R37"] alt="Twenty-five students in order of their own mean distance, grey dots from -0.45 to 0.4. A short line leads from each to a blue dot nearer to the red zero line. The farther a grey dot is from zero, the longer the line."
some = both.iloc[:25].sort_values("left alone")
place = np.arange(25)
fig, ax = plt.subplots(figsize=(7.4, 3.4))
ax.axhline(0, color=OVERALL, linewidth=1.2)
ax.vlines(place, some["left alone"], some["mixed model"], color=OBSERVED, linewidth=1)
ax.plot(place, some["left alone"], "o", color=OBSERVED, markersize=4.5)
ax.plot(place, some["mixed model"], "o", color=GROUP, markersize=4.5)
ax.text(19.3, 0.36, "left alone", color="0.35")
ax.text(21.2, 0.12, "mixed model", color=GROUP)
ax.set_xticks(place, some.index)
ax.set(xlabel="student, of the first 25", ylabel="effect (grade points)")
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Whoever is far out moves most: far out, good or bad luck is most likely part of it. The
# average stays where it is.
#
# ## 4 · The same for lines
#
# That is not yet the comparison that we want: the 200 lines have slopes of their own, and
# this model has one for all. So we let the slope vary as well. The formula is
# `gpa ~ occasion + (1 + occasion | student)`; read it as *intercept and slope vary by
# student*. [Lesson 14](14_summary.ipynb) comes back to it.

# %% tags=["R37"]
assert round(1 - off["shrunken"] / off["left alone"], 2) == 0.07
slopes = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=gpa)
slopes

# %% [markdown]
# Two sds for the students now: 0.213 for where they start, and 0.067 for their slopes. The
# second is the number that we found in section 2 by taking the noise away.
#
# By hand again, now with two numbers a student. The weight becomes a matrix, *signal over
# signal plus noise*: with $\Psi$ the covariance matrix of the students' true lines, and
# $\sigma^2(X'X)^{-1}$ that of the noise in an own line,
#
# $$W = \Psi\,(\Psi + \sigma^2 (X'X)^{-1})^{-1}$$

# %% tags=["R37"]
noise = separate.sigma**2 * np.linalg.inv(X.T @ X)
signal = np.cov(coef.T) - noise  # what we see, less the noise
W = signal @ np.linalg.inv(signal + noise)
by_hand = average + (coef - average) @ W.T
shrunken = slopes.coef()["student"]
assert np.allclose(by_hand, shrunken, atol=1e-5)
assert np.allclose(
    np.sqrt(np.diag(signal)), slopes.var_corr()["sd"].iloc[:2], rtol=1e-4
)
assert np.sqrt(np.diag(signal)).round(3).tolist() == [0.213, 0.067]
W.round(2)

# %% [markdown] tags=["R37"]
# One product for 200 students, and it gives the lines of the mixed model, to four decimals.
# For these balanced data `lmer` has nothing else to find. Now the comparison that the text
# announces: 200 separate lines, and the lines of the mixed model.
#
# **Guess before you run:** 22 separate lines fall. How many lines of the mixed model do?

# %% tags=["R37"]
spreads = pd.DataFrame(
    {"separate": separate.coef.std(), "mixed model": shrunken.std()}
).T.set_axis(["sd of intercepts", "sd of slopes"], axis=1)
spreads["falling"] = [falling, int((shrunken["occasion"] < 0).sum())]
spreads.round(3)

# %% [markdown]
# Intercepts spread by 0.180 instead of 0.260, slopes by 0.056 instead of 0.083. Of 22
# falling lines 8 remain. Both in one picture: look at the tails.

# %% tags=["R37"] alt="Two panels of density curves, separate estimates in grey and the mixed model's in blue. In both, intercepts and slopes, the blue curve is narrower and higher around the same centre."
fig, axes = plt.subplots(1, 2, figsize=(8.4, 3), layout="constrained")
labels = ["intercept (grade points)", "slope (grade points a semester)"]
for ax, name, label in zip(axes, shrunken, labels, strict=True):
    sns.kdeplot(separate.coef[name], ax=ax, color=OBSERVED, fill=True, alpha=0.5)
    sns.kdeplot(shrunken[name], ax=ax, color=GROUP, linewidth=2)
    ax.set(xlabel=label, ylabel="density" if ax is axes[0] else "", yticks=[])
    ax.spines[["top", "right", "left"]].set_visible(False)
axes[0].text(3.0, 0.9, "separate", color="0.35")
_ = axes[0].text(2.72, 1.9, "mixed model", color=GROUP)

# %% [markdown]
# The extremes are gone: no student starts above 3.1 any more. Now each student's move,
# intercept and slope together. Look which way the lines point.

# %% tags=["R37"] alt="Intercepts on the horizontal, slopes on the vertical axis. Grey dots, the separate lines, form a wide cloud; thin lines lead to blue dots in a smaller cloud around the red average. Most lines point inwards along a falling diagonal."
assert spreads.iloc[:, 0].round(3).tolist() == [0.260, 0.180]
assert spreads.iloc[:, 1].round(3).tolist() == [0.083, 0.056]
assert spreads["falling"].tolist() == [22, 8]
assert shrunken["Intercept"].max() < 3.1 < separate.coef["Intercept"].max()
ax = mm.plot_shrinkage(separate, slopes, highlight=[2, 3])
_ = ax.set(xlabel=labels[0], ylabel=labels[1])

# %% [markdown]
# Inwards, but along a diagonal. A line that starts too high by luck also rises too little:
# the errors of intercept and slope go in opposite directions, and the model takes them
# out together. Who stands out by all six grades (upper right: high start, steep rise)
# hardly moves: six grades tell a mean well.

# %% [markdown]
# ## 5 · Which lines predict better?
#
# A line should tell something about grades that it has not seen. Take the first $k$
# semesters of all students, fit, and predict the semester that follows. The error is the
# root of the mean squared difference (RMSE) to the 200 grades that came.
#
# **Guess before you run:** from how many semesters on do separate lines beat one line
# for everybody?

# %% tags=["R37"]
varying = {"intercept varies": "1", "slope varies too": "1 + occasion"}
errors = {}
for k in (2, 3, 4, 5):
    early, point = gpa[gpa["occasion"] < k], [1, k]
    own = mm.lm_list("gpa ~ occasion | student", data=early).coef.to_numpy()
    predicted = {"one line": own.mean(axis=0) @ point, "separate lines": own @ point}
    for name, what in varying.items():
        if k > 2 or "slope" not in name:  # two rows can't carry two effects
            model = mm.lmer(f"gpa ~ occasion + ({what} | student)", data=early)
            predicted[name] = model.coef()["student"].to_numpy() @ point
    errors[k] = {n: np.sqrt(np.mean((Y[:, k] - p) ** 2)) for n, p in predicted.items()}
rmse = pd.DataFrame(errors).T.rename_axis("semesters known")
rmse.map("{:.3f}".format).replace("nan", "")

# %% [markdown] tags=["R37"]
# From two semesters, separate lines are nearly twice as wrong as one line for everybody.
# From four on they beat it, and from five also the model that shifts one line up and down:
# by then students' slopes count. The mixed model in which slopes vary is best wherever it
# can be fitted. (From two rows a student it can't: that is as many effects as rows.)
#
# A second route for two cells, without `lm_list`.

# %%
lines = np.polyfit(np.arange(5), Y[:, :5].T, 1)[::-1].T
common = np.polyfit(np.tile(np.arange(5), 200), Y[:, :5].ravel(), 1)[::-1]
for name, line in {"separate lines": lines, "one line": common}.items():
    assert np.isclose(
        rmse.loc[5, name], np.sqrt(np.mean((Y[:, 5] - line @ [1, 5]) ** 2))
    )
assert rmse.loc[2, "separate lines"] > 1.7 * rmse.loc[2, "one line"]
beats = rmse.lt(rmse["separate lines"], axis=0)
assert beats["one line"].tolist() == [True, True, False, False]
assert beats["intercept varies"].tolist() == [True, True, True, False]
assert (rmse.iloc[1:].idxmin(axis=1) == "slope varies too").all()

# %% [markdown]
# ## 6 · When are separate lines good enough?
#
# The weight $\lambda = n\tau^2 / (n\tau^2 + \sigma^2)$ for a student with $n$ rows
# answers: when it is near one. That takes many rows, or students who differ much, or
# grades that scatter little. The next picture has fifteen made-up students.

# %% alt="Fifteen students in order of their own estimate, from about -0.3 to 0.4, grey dots half hidden by blue dots slightly nearer to the red zero line. The title gives the factor, 0.87."
draws = rng.normal(size=(2, 15))
true_part, luck = draws - draws.mean(axis=1, keepdims=True)
fifteen = pd.Index(range(1, 16), name="student")


def draw_shrinkage(sd_student, sd_residual, n_rows):
    """Draw the own estimates of 15 students, and where a mixed model puts them."""
    weight = n_rows * sd_student**2 / (n_rows * sd_student**2 + sd_residual**2)
    seen = sd_student * true_part + sd_residual / np.sqrt(n_rows) * luck
    before = pd.DataFrame({"Intercept": seen}, index=fifteen)
    _, ax = plt.subplots(figsize=(7, 3.2))
    mm.plot_shrinkage(before, weight * before, ax=ax)
    ax.set(ylim=(-1, 1), ylabel="effect (grade points)")
    title = f"own estimate (grey), times {weight:.2f} (blue)"
    ax.set_title(title, loc="left", fontsize="medium")


draw_shrinkage(sd_student=0.25, sd_residual=0.24, n_rows=6)

# %% [markdown]
# Now move the sliders (they need a running kernel). **Guess before you move:** what
# happens to the blue dots when there is one row a student? When students hardly differ?
# When a single grade says nearly everything?

# %% tags=["widget"]
_ = widgets.interact(
    draw_shrinkage,
    sd_student=widgets.FloatSlider(value=0.25, min=0.0, max=0.4, step=0.05),
    sd_residual=widgets.FloatSlider(value=0.25, min=0.05, max=0.4, step=0.05),
    n_rows=widgets.IntSlider(value=6, min=1, max=30),
)

# %% [markdown]
# With one row a student the blue dots stand half-way; with a student sd of 0 they all lie on
# the line; with little scatter grey and blue coincide. The same holds for lines. Five
# settings, each with 200 new students whose true lines we know: like ours; five grades
# in each semester; students who differ twice as much; three semesters only; and
# *dropout*, where after each semester a quarter of those still there leave.


# %% tags=["R37"]
def compare_slopes(x, scale=1, leave=0.0):
    """Spread and error of 200 slopes: separate lines and a mixed model."""
    true = rng.multivariate_normal(average, scale**2 * signal, 200)
    scatter = rng.normal(0, separate.sigma, (200, len(x)))
    who, place = np.divmod(np.arange(200 * len(x)), len(x))  # student, row within
    rows = pd.DataFrame({"student": who, "occasion": x[place]})
    rows["gpa"] = (true[:, :1] + true[:, 1:] * x + scatter).ravel()
    stays = rng.geometric(leave, 200) if leave else np.full(200, len(x))
    rows = rows[place < stays[who]]
    own = mm.lm_list("gpa ~ occasion | student", data=rows).coef["occasion"]
    pulled = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=rows).coef()
    found = pd.DataFrame({"own": own, "mixed": pulled["student"]["occasion"]}).dropna()
    wrong = found.sub(true[found.index, 1], axis=0)
    return [len(found), *found.std(), *np.sqrt((wrong**2).mean())]


# %% [markdown]
# The *error* is the root mean square of estimated minus true slope; `lines` counts the
# students who have a line of their own.
#
# **Guess before you run:** in which of the five are the separate slopes worst, and in
# which are they nearly as good as the mixed model's?

# %% tags=["R37"]
semesters = np.arange(6)
settings = {
    "like ours": compare_slopes(semesters),
    "30 grades each": compare_slopes(np.repeat(semesters, 5)),
    "students differ twice as much": compare_slopes(semesters, scale=2),
    "three semesters": compare_slopes(semesters[:3]),
    "dropout": compare_slopes(semesters, leave=0.25),
}
columns = ["lines", "sd separate", "sd mixed", "error separate", "error mixed"]
outcome = pd.DataFrame(settings, columns).T.astype({"lines": int})
outcome.round(3)

# %% [markdown] tags=["R37"]
# With 30 grades each, or with students who differ more, separate slopes are nearly as
# good. With three semesters or dropout they are far off: two or three rows easily make a
# steep line. And where a student left after one semester there is no separate line at
# all; the mixed model has one for everybody.
#
# One draw of 200 students leaves some luck in these numbers. Second route: what theory
# says of the four settings without dropout.

# %%
times = [semesters, np.repeat(semesters, 5), semesters, semesters[:3]]
rows = []
for x, scale in zip(times, [1, 1, 2, 1], strict=True):
    A = np.column_stack([np.ones(len(x)), x])
    own = A.T @ A / separate.sigma**2  # what own rows tell of a line
    others = np.linalg.inv(scale**2 * signal)  # what the other students tell of it
    rows.append([np.sqrt(np.linalg.inv(m)[1, 1]) for m in (own, own + others)])
theory = pd.DataFrame(rows, [*settings][:4], ["error separate", "error mixed"])
chance = 4 / np.sqrt(2 * 200)  # four standard errors of an error over 200 students
assert np.allclose(outcome.loc[theory.index, theory.columns], theory, rtol=chance)
theory["separate / mixed"] = theory["error separate"] / theory["error mixed"]
theory.round(3)

# %% [markdown] tags=["R37"]
# By theory the separate slopes' errors are 8 and 9 % larger in the two good settings, and 2.4
# times as large with three semesters.
#
# That is the comparison in a sentence: **separate lines use only a student's own rows, one
# line for all uses none of them as such, and a mixed model finds the balance from the
# data.**

# %%
ratios = [1.08, 1.09, 2.42]
assert theory["separate / mixed"].iloc[1:].round(2).tolist() == ratios
gain = outcome["error separate"] / outcome["error mixed"]
assert (gain > 1).all() and (gain[["three semesters", "dropout"]] > 2).all()
assert outcome["lines"].iloc[:4].eq(200).all() and outcome.loc["dropout", "lines"] < 170

# %% [markdown]
# ## Summary
#
# - 200 regressions are one matrix product; `lm_list` does it for any data.
# - Three drawbacks: hard to summarise, few rows each, blind to what is shared.
# - Separate estimates spread by the students *and* by noise; a mixed model takes the
#   noise out by pulling each student towards the others.
# - The pull: keep the part $\lambda = n\tau^2/(n\tau^2 + \sigma^2)$ of the own estimate.
# - Many rows, or students who differ much: hardly any pull. Few rows: a strong one.
#
# **Common mistakes.** Counting falling lines and forgetting their intervals. Taking the
# spread of 200 estimates for the spread of 200 students. Thinking that shrinkage is a
# bias to be avoided. Comparing separate lines with a mixed model that has one slope for
# all, and calling the difference shrinkage.
#
# **In the code.** `mmcourse/lm_list.py`: `lm_list`. `mmcourse/plots/lm_list.py`:
# `plot_lm_list`. `mmcourse/plots/shrinkage.py`: `plot_shrinkage`. `mmcourse/posterior.py`:
# where the effects of a mixed model come from.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# Efron, Morris (1977), *Stein's paradox in statistics*, Scientific American 236(5).
# Robinson (1991), *That BLUP is a good thing*, Statistical Science 6(1).
#
# **Next.** [Lesson 09](09_running_a_mixed_model.ipynb) fits the mixed model, by hand and
# by the package.
