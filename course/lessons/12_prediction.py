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
# # 12 · Prediction
#
# **The question:** what grade do we expect of a student whom we know, what of one whom
# we have never seen, and how sure may we be?
#
# *About 40 minutes. You need ordinary regression. Lessons 09 and 11 help, but what is
# needed from them is said again here.*
#
# After this lesson you can
#
# - predict with random effects and without, and say which question each answers,
# - say what the shift between the two lines means, and what it does not mean,
# - compute a prediction interval by hand, for a known student and for a new one,
# - choose the arguments of `predict_interval`, and check by simulation that it holds.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()

# %% [markdown]
# Each of 200 students has six rows, one a semester. `gpa` is the grade point average of
# a semester, 4.0 is best; `occasion` counts the semesters from 0 to 5. (The rows are
# reconstructed: the models give the numbers of the original data, but single students
# are no real people.)
#
# The *mixed model* gives each student an effect of their own, which shifts the line up
# or down: `(1 | student)`. Such an effect, drawn from a normal distribution, is a
# *random effect*. The line that all share is the *fixed* part.

# %%
line = smf.ols("gpa ~ occasion", data=gpa).fit()
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
model

# %% [markdown]
# ## 1 · Without random effects
#
# A *population* (or *marginal*) prediction leaves the students out. It is the height of
# the average student's line: the fixed part, and nothing else. In `predict` that is
# `re_form="none"` (lme4 writes `re.form=NA`).
#
# **Guess before you run:** the table has the first six rows, all of student 1. Will
# these predictions differ from those of the ordinary regression?

# %% tags=["R59"]
without = model.predict(re_form="none")
without.head(6).round(6).to_frame("gpa").T

# %% [markdown]
# Six numbers, 0.106 apart: a straight line from 2.60 to 3.13. By hand it is one product
# of matrices. Is it the line of the regression?

# %% tags=["R59", "R60"]
X = np.column_stack([np.ones(len(gpa)), gpa["occasion"]])
assert np.allclose(X @ model.fixef.to_numpy(), without)
printed = [2.599214, 2.705529, 2.811843, 2.918157, 3.024471, 3.130786]
assert without.head(6).round(6).tolist() == printed
assert np.allclose(without, line.predict(gpa), atol=1e-9)
assert without.groupby(gpa["occasion"]).nunique().max() == 1

# %% [markdown]
# All 1200 predictions equal those of the regression, and all students get the same six.
# That the two models agree is a gift of balanced data: every student has the same six
# semesters. Drop some rows and the lines differ a little (lesson 09 shows it).
#
# ## 2 · With random effects
#
# A *conditional prediction* adds the student's own effect: that is what `predict` does
# when nothing is said.
#
# **Guess before you run:** in which rows of the table will the last two columns differ,
# and by how much?

# %% tags=["R60", "R61"]
first_two = gpa[gpa["student"] <= 2]
table = pd.DataFrame(
    {
        "student": first_two["student"],
        "gpa": first_two["gpa"],
        "lm": line.predict(first_two),
        "lmer, no random effects": model.predict(first_two, re_form="none"),
        "lmer, with": model.predict(first_two),
    }
)
table.round(2)

# %% [markdown]
# They differ in every row, and within a student always by the same amount: student 1 is
# predicted 0.07 below the average student, student 2 0.22 below. By hand: a
# student's six grades are on average some distance from the average of all.
# The model keeps a part $\lambda$ of that distance,
#
# $$\lambda = \frac{6\tau^2}{6\tau^2 + \sigma^2},$$
#
# where $\tau$ is the standard deviation (sd) of students and $\sigma$ the residual sd,
# that of single grades around a student's line. What is kept is the estimated effect,
# also called the *conditional mode*.

# %%
tau, sigma = model.var_corr()["sd"]
kept = 6 * tau**2 / (6 * tau**2 + sigma**2)
distance = gpa.groupby("student")["gpa"].mean() - gpa["gpa"].mean()
by_hand = pd.DataFrame({"distance": distance, "effect": kept * distance})
by_hand.head(2).round(4)

# %% tags=["R61"]
effects = model.ranef()["student"]["Intercept"]
assert np.allclose(by_hand["effect"], effects, atol=1e-6)
assert round(kept, 2) == 0.87
assert effects.loc[[1, 2]].round(3).tolist() == [-0.071, -0.216]
own_line = without + gpa["student"].map(by_hand["effect"])
assert np.allclose(own_line, model.predict(), atol=1e-6)
assert table["lmer, with"].round(2).tolist() == [
    *[2.53, 2.63, 2.74, 2.85, 2.95, 3.06],
    *[2.38, 2.49, 2.60, 2.70, 2.81, 2.92],
]
assert table["lm"].round(2).tolist() == 2 * [2.60, 2.71, 2.81, 2.92, 3.02, 3.13]

# %% [markdown]
# The package does no more than this: 87 % of the distance is kept, and added to the
# line.
#
# ## 3 · The picture, and what the shift is
#
# Now the two students as lines. Look for three things: are the blue lines parallel to
# the red one? Do they lie above or below it? And do the grey points follow them?

# %% tags=["R62"] alt="Grades of two students against occasion as grey points, with three parallel rising lines: the red line of the regression from 2.60 to 3.13, below it the blue lines of student 1 from 2.53 and student 2 from 2.38. Student 2's points do not rise."
fig, ax = plt.subplots(figsize=(6.4, 3.8))
styles = {1: ("o", "-"), 2: ("s", "--")}
for student, (marker, dash) in styles.items():
    own = table[table["student"] == student]
    ax.plot(range(6), own["gpa"], marker, color=OBSERVED)
    ax.plot(range(6), own["lmer, with"], dash, color=GROUP)
    ax.annotate(f"student {student}", (5.1, own["lmer, with"].iloc[-1]), color=GROUP)
ax.plot(range(6), own["lm"], color=OVERALL, linewidth=2.4)
ax.annotate("regression", (5.1, own["lm"].iloc[-1]), color=OVERALL)
ax.annotate("● student 1's grades\n■ student 2's grades", (0, 3.1), color="0.4")
ax.set(xlabel="occasion (semesters)", ylabel="gpa (grade points)", xlim=(-0.2, 6.1))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The lines are parallel and both shifted down; only their intercepts differ. The points
# of student 1 follow the line, those of student 2 do not rise at all. `plot_predictions`
# draws the same. On the left our two students again, on the right those with the
# largest and the smallest effect.

# %% tags=["R62"] alt="Two panels with grades and lines from plot_predictions. Left, students 1 and 2: both blue lines lie a little below the red population line. Right, the student with the largest and the one with the smallest effect: blue lines far above and far below the red line, all parallel."
fig, axes = plt.subplots(1, 2, figsize=(9.2, 3.6), sharey=True, layout="constrained")
extremes = [effects.idxmax(), effects.idxmin()]
mm.plot_predictions(model, "occasion", extremes, ax=axes[1])
_, drawn = mm.plot_predictions(model, "occasion", [1, 2], ax=axes[0], return_data=True)
for ax, label in zip(axes, ["gpa (grade points)", ""], strict=True):
    ax.set(xlabel="occasion (semesters)", ylabel=label, xlim=(-0.2, 6.9))

# %% [markdown]
# Left, the picture that we drew. Right, how far apart students can be: the line for all
# is far from the grades of both. The ends of our two lines:

# %% tags=["R62"]
ends = drawn[(drawn["what"] == "group") & drawn["x"].isin([0, 5])]
ends = ends.pivot(index="group", columns="x", values="y")
ends.columns = ["start", "end"]
assert ends.round(4).to_numpy().tolist() == [[2.5283, 3.0599], [2.3836, 2.9152]]
assert np.allclose(ends["end"] - ends["start"], 5 * model.fixef["occasion"])
assert np.allclose(drawn.query("what == 'group'")["y"], table["lmer, with"])
ends.round(4)

# %% [markdown]
# **What the shift is.** A student's line differs from the average line by that student's
# effect, in all semesters alike. The text that the course follows reads the two shifts
# as a poorer start. That is true of the *fitted* lines: they begin lower. But the effect is no measurement of the
# first semester.
#
# **Guess before you run:** a 95 % interval around each effect says how sure it is. Which
# of the two intervals will hold 0? (In the picture, compare the first grades with 2.6,
# the average start.)

# %% tags=["R63"]
starts = pd.DataFrame(
    {
        "first grade": first_two.groupby("student")["gpa"].first(),
        "mean of six": first_two.groupby("student")["gpa"].mean(),
        "effect": effects.loc[[1, 2]],
    }
)
own = mm.extract_random_effects(model).set_index("group").loc[[1, 2]]
starts[["lower", "upper"]] = own[["lower_2.5", "upper_97.5"]]
starts.round(3)

# %% [markdown]
# In our file student 2 *began above* the average and still has the lower line: the
# average of all six grades is low. (These are reconstructed grades; only these averages
# are those of the original students.) And student 1's interval reaches from −0.251 to
# 0.109: this student may well be average.
#
# A sharper test: students whose six grades have the same sum.

# %% tags=["R63"]
totals = gpa.groupby("student")["gpa"].agg(["sum", "first"]).round(1)
spread = totals.groupby("sum")["first"].agg(np.ptp)
same_sum = totals[totals["sum"] == spread.idxmax()].sort_values("first")
pair = same_sum.iloc[[0, -1]].assign(effect=effects)
pair.rename(columns={"sum": "sum of six", "first": "first grade"}).round(3)

# %% [markdown]
# One began more than a grade point higher than the other, and the effect is the same:
# it knows the sum only, not the order. So say: *over the whole period these two students
# are predicted below the average student*. Whether someone starts low and catches up is
# a question for a model in which slopes vary too
# ([Lesson 14](14_summary.ipynb)).

# %% tags=["R63"]
assert starts["first grade"].loc[2] > model.fixef["Intercept"]
assert starts["lower"].loc[1] < 0 < starts["upper"].loc[1]
assert starts["lower"].loc[1].round(3) == -0.251
assert starts["upper"].loc[1].round(3) == 0.109
assert np.isclose(*pair["effect"], atol=1e-9)
assert np.ptp(pair["first"]) > 1
assert (starts["effect"] < 0).all()

# %% [markdown]
# ## 4 · Known students and new ones
#
# The useful prediction is about a row that we do not have. We ask for occasion 6, the
# semester after the last, for student 1 and for a student 201 who was never seen. (It
# supposes that the line goes on; no data can vouch for that.)

# %%
next_semester = pd.DataFrame({"student": [1, 201], "occasion": [6, 6]})
try:
    model.predict(next_semester)
except mm.DesignError as error:
    message = str(error)
message.splitlines()

# %% [markdown]
# For a stranger there is no effect to add, and the package does not make one up
# silently. The message says how to go on: `allow_new_levels=True` gives a new student
# the effect 0, which is the average of the effects.
#
# **Guess before you run:** which of the four predictions in the next table are equal?

# %%
ask = {"conditional": "all", "marginal": "none"}
predicted = pd.DataFrame(
    {
        name: model.predict(next_semester, re_form=part, allow_new_levels=True)
        for name, part in ask.items()
    }
)
predicted.index = pd.Index(["known (1)", "new (201)"], name="student")
predicted.round(3)

# %% [markdown]
# Three are equal: *marginal* means the average line, and a new student is put on it as
# well. The column `student` is not even needed for it. The
# predictions are the same number, but they are not equally sure, and they answer
# different questions.

# %%
assert np.allclose(predicted.to_numpy()[[0, 1, 1], [1, 0, 1]], predicted.iloc[1, 1])
only_time = next_semester[["occasion"]]
assert np.allclose(model.predict(only_time, re_form="none"), predicted["marginal"])
assert np.isclose(predicted.iloc[0, 0], predicted.iloc[0, 1] + effects.loc[1])

# %% [markdown]
# ## 5 · How sure? By hand
#
# Three things can be wrong with a prediction:
#
# 1. **the line**: its level and its slope are estimates;
# 2. **the student**: a known student's effect is estimated, a new one's is unknown;
# 3. **the grade**: single grades scatter around a student's line with sd $\sigma$.
#
# For balanced data each has a formula. The variances $\tau^2$ and $\sigma^2$ are taken
# as known.

# %%
occasion, middle, n_students = 6, 2.5, 200
var_level = (tau**2 + sigma**2 / 6) / n_students
var_slope = sigma**2 / (n_students * np.sum((np.arange(6) - middle) ** 2))
var_time = (occasion - middle) ** 2 * var_slope
known = [(1 - kept) ** 2 * var_level + var_time, (1 - kept) * tau**2, sigma**2]
new = [var_level + var_time, tau**2, sigma**2]
parts = pd.DataFrame({"known": known, "new": new}, ["line", "student", "grade"])
sds = np.sqrt(parts)
sds.loc["in all"] = np.sqrt(parts.sum())
sds.round(3)

# %% [markdown]
# The middle row is the difference. Of a new student all of $\tau^2$ is unknown; six
# grades leave only $(1-\lambda)\tau^2$ of it, an sd of 0.092 in place of 0.252. The line
# is a small worry in both columns. Its level matters less for a known student, whose own
# grades tell most of the level.
#
# The package computes the first two rows together, from the covariance of all
# estimates: `se=True`.

# %%
with_se = model.predict(next_semester, allow_new_levels=True, se=True)
assert np.isclose(with_se["se"].iloc[0] ** 2, parts["known"].iloc[:2].sum(), rtol=1e-6)
assert np.isclose(with_se["se"].iloc[1] ** 2, parts["new"].iloc[0], rtol=1e-6)
assert np.isclose(var_slope, model.vcov.loc["occasion", "occasion"], rtol=1e-6)
with_se.round(3)

# %% [markdown]
# Careful with the second number: 0.024 is the uncertainty of the *average line*. The
# spread of new students around it is not in it, as the help of `predict` says.
#
# Now all four cases. As a prediction of a *student's own level*, the marginal one leaves
# nearly the whole of $\tau^2$ open even for a student with six grades: to ignore the
# history makes a known student almost a new one. (Not quite: the average line rests on
# this student's grades, too, one part in 200.)

# %%
unknown = parts["new"].iloc[:2].sum()
one_part = 2 * tau**2 / n_students  # 2 cov(average line, this student's effect)
sure = pd.DataFrame(
    {
        "conditional": [parts["known"].iloc[:2].sum(), unknown],
        "marginal": [unknown - one_part, unknown],
    },
    index=predicted.index,
)
what_varies = {"sd of level": sure**0.5, "sd of one grade": (sure + sigma**2) ** 0.5}
pd.concat({"prediction": predicted, **what_varies}, axis=1).round(3)

# %% [markdown]
# An 80 % *prediction interval* is the prediction plus and minus 1.28 times the last sd.
# Eight of ten grades should fall into it.

# %%
z = stats.norm.ppf(0.9)
half = z * sds.loc["in all"].to_numpy()
hand = pd.DataFrame({"fit": predicted["conditional"]})
hand["upr"], hand["lwr"] = hand["fit"] + half, hand["fit"] - half
hand.round(2)

# %% [markdown]
# Student 1's next grade lies between 2.84 and 3.50, that of a new student between 2.79
# and 3.69: eight times of ten, if the model is true. Here are the two intervals for one
# further grade in each semester. Where do they differ more: in their middle, or in
# their width?

# %% alt="Two bands over occasions 0 to 6. The dark blue band of student 1, about 0.66 wide, lies inside the pale red band of a new student, about 0.90 wide. Both rise in parallel; student 1's dark dots lie inside the blue band."
when = np.arange(7)
time = (when - middle) ** 2 * var_slope
base = model.fixef["Intercept"] + model.fixef["occasion"] * when
half_known = z * np.sqrt(parts["known"].sum() - var_time + time)
half_new = z * np.sqrt(parts["new"].sum() - var_time + time)
own = base + effects.loc[1]
fig, ax = plt.subplots(figsize=(6.4, 3.8))
ax.fill_between(when, base - half_new, base + half_new, color=OVERALL, alpha=0.15)
ax.fill_between(when, own - half_known, own + half_known, color=GROUP, alpha=0.35)
ax.plot(table["gpa"].iloc[:6].to_numpy(), "o", color=PICKED)
ax.annotate("new student", (6.1, base[-1] + 0.36), color=OVERALL)
ax.annotate("student 1", (6.1, own[-1]), color=GROUP)
ax.set(xlabel="occasion (semesters)", ylabel="gpa (grade points)", xlim=(-0.2, 7.4))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# In the width: 0.66 against 0.90. The six points are the grades that student 1's band
# has learned from. Even the narrow band is two thirds of a grade point wide, because
# single grades scatter.

# %%
assert hand.round(2).to_numpy().tolist() == [[3.17, 3.50, 2.84], [3.24, 3.69, 2.79]]
assert (2 * half).round(2).tolist() == [0.66, 0.90]
weights = np.full(n_students, 1 / n_students)  # of the effects in the average line
weights[0] -= 1  # minus the effect of student 1
history_ignored = tau**2 * weights @ weights + sigma**2 / 1200 + var_time
assert np.isclose(sure.iloc[0, 1], history_ignored)
assert sds.loc["student"].round(3).tolist() == [0.092, 0.252]
assert with_se["se"].round(3).tolist() == [0.093, 0.024]

# %% [markdown]
# ## 6 · The same by simulation: `predict_interval`
#
# With unbalanced data or several grouping factors there is no short formula.
# `mm.predict_interval` (after `predictInterval` of the R package merTools) draws many
# possible lines, effects and grades from the fitted model and takes their quantiles.
#
# **Guess before you run:** without further arguments, what will it take for the effect
# of student 201? Will that interval be too wide or too narrow?

# %%
settings = {"n_sims": 20_000, "seed": 12}
by_default = mm.predict_interval(model, next_semester, **settings)
drawn_new = mm.predict_interval(model, next_semester, new_levels="draw", **settings)
compared = pd.concat(
    {"by hand": hand.set_axis([0, 1]), "zero": by_default, "draw": drawn_new}, axis=1
).drop(columns=[("zero", "fit"), ("draw", "fit"), ("by hand", "fit")])
compared.index = predicted.index
compared.round(2)

# %% [markdown]
# For the known student all agree, up to a hundredth of chance. For the new one the default, `new_levels="zero"`,
# takes the effect for 0 *and sure*: its interval, about 0.62 wide, is even narrower than that
# of student 1. `new_levels="draw"` draws the effect as well, and agrees with our
# formula. merTools knows the first way only.

# %%
width = drawn_new["upr"] - drawn_new["lwr"]
assert np.allclose(width, 2 * half, rtol=0.03)
width_zero = (by_default["upr"] - by_default["lwr"]).iloc[1]
zero_by_hand = 2 * z * np.sqrt(parts.loc[["line", "grade"], "new"].sum())
assert np.isclose(width_zero, zero_by_hand, rtol=0.03)
assert round(zero_by_hand, 2) == 0.62
assert width_zero < width.iloc[0]

# %% [markdown]
# Four more traps, all inherited from merTools so that its users find what they know:
# without new data it answers for all 1200 rows, the level is 80 % and not 95 %, the
# *upper* end comes before the lower one, and `which="random"` gives a row for each
# *row*, not each student, with the scatter of single grades still in it.

# %%
everything = mm.predict_interval(model, seed=12)
noisy = mm.predict_interval(model, which="random", seed=12)
quiet = mm.predict_interval(model, which="random", include_resid_var=False, seed=12)
asked = {"default": everything, 'which="random"': noisy, "... without residual": quiet}
traps = pd.DataFrame(
    {
        "rows": {name: len(frame) for name, frame in asked.items()},
        "columns": {name: ", ".join(frame) for name, frame in asked.items()},
        "mean width": {n: (f["upr"] - f["lwr"]).mean() for n, f in asked.items()},
    }
)
traps.round(2)

# %%
assert len(everything) == len(noisy) == 1200
assert list(everything) == ["fit", "upr", "lwr"]
assert everything.attrs["level"] == 0.8
effect_only = 2 * z * np.sqrt((1 - kept) * tau**2 + kept**2 * var_level)
assert np.isclose((quiet["upr"] - quiet["lwr"]).mean(), effect_only, rtol=0.03)
assert (noisy["upr"] - noisy["lwr"]).mean() > 2 * effect_only

# %% [markdown]
# ### Together or one by one
#
# The line and the effects are estimated from the same grades, so their errors hang
# together: where the line is too high, the effects come out too low, and in their *sum* a
# part of both errors cancels. `method="joint"`, our default, draws them together.
# `method="independent"` draws them one by one, as merTools does. How much does it
# matter? First our data, at occasion 0; then four groups of 200 rows each, whose means
# differ with an sd of 1.

# %%
four = mm.simulate_random_intercepts(
    n_groups=4, n_per_group=200, sd_group=1.0, sd_resid=0.25, seed=12, rng="numpy"
)
large = mm.lmer("y ~ x + (1 | groups)", data=four)
cases = {
    "200 students": (model, pd.DataFrame({"student": [1], "occasion": [0]})),
    "4 large groups": (large, pd.DataFrame({"groups": [1], "x": [0.0]})),
}
sd_drawn = pd.DataFrame(index=cases, columns=["joint", "independent"], dtype=float)
settings |= {"include_resid_var": False, "return_sims": True}
for case, (fit, row) in cases.items():
    for way in sd_drawn:
        _, draws = mm.predict_interval(fit, row, method=way, **settings)
        sd_drawn.loc[case, way] = draws.std()
sd_drawn.round(4)

# %% [markdown]
# With 200 students the two differ little, by formula 0.092 and 0.094. With four large groups
# drawing one by one is off by a factor of more than ten. The mean of 200 rows whose sd
# is 0.25 is known to about $0.25/\sqrt{200} = 0.018$: the joint draws are right.

# %%
expected = model.predict(cases["200 students"][1], se=True)["se"].iloc[0]
one_by_one = np.sqrt(sds.loc["student", "known"] ** 2 + model.std_error.iloc[0] ** 2)
assert np.allclose(sd_drawn.iloc[0], [expected, one_by_one], rtol=0.02)
assert np.round([expected, one_by_one], 3).tolist() == [0.092, 0.094]
assert np.isclose(sd_drawn.iloc[1, 0], large.sigma / np.sqrt(200), rtol=0.1)
assert sd_drawn.iloc[1, 1] > 10 * sd_drawn.iloc[1, 0]
assert round(0.25 / np.sqrt(200), 3) == 0.018

# %% [markdown]
# ## 7 · Does an 80 % interval hold 80 %?
#
# A promise that can be checked. We make worlds in which the model is true, with the
# estimates as truth. In each one we fit six semesters of 200 students, predict the
# seventh, and look whether the seventh grade falls into its interval: for 50 of the
# known students, and for 200 new ones.
#
# **Guess before you run:** which coverage will the interval that takes a new student's
# effect for 0 have?


# %%
def grades(rng, *shape):
    """Seven grades of each of so many students, in worlds where the model is true."""
    average = model.fixef["Intercept"] + model.fixef["occasion"] * np.arange(7)
    effect = rng.normal(0, tau, (*shape, 1))
    return average + effect + rng.normal(0, sigma, (*shape, 7))


def share_inside(interval, seventh):
    """Share of seventh grades inside of their intervals."""
    return np.mean((interval["lwr"] <= seventh) & (seventh <= interval["upr"]))


# %%
rng = np.random.default_rng(12)
ordered = gpa.sort_values(["student", "occasion"])
ordered_fit = mm.lmer("gpa ~ occasion + (1 | student)", data=ordered)
sixth = pd.DataFrame({"student": [*range(1, 51), 201], "occasion": 6})
coverage = []
for _ in range(60):
    world, strangers = grades(rng, 200), grades(rng, 200)[:, 6]
    again = ordered_fit.refit(world[:, :6].ravel())
    draw = mm.predict_interval(again, sixth, new_levels="draw", seed=rng)
    zero = mm.predict_interval(again, sixth.tail(1), seed=rng)
    known_share = share_inside(draw.iloc[:50], world[:50, 6])
    shares = [share_inside(i.iloc[-1], strangers) for i in (draw, zero)]
    coverage.append([known_share, *shares])

# %%
names = ["known student", "new student, effect drawn", "new student, effect 0"]
coverage = pd.DataFrame(coverage, columns=names)
calibration = pd.DataFrame(
    {"coverage": coverage.mean(), "Monte Carlo error": coverage.sem()}
)
calibration.round(3)

# %% [markdown]
# The first two keep their promise, 80 %. (The last column says how far off the shares may
# be because we looked at 60 worlds only.) The third holds only about 63 % of the new
# students' grades. Theory says the same: an interval that is too short by the ratio $r$
# of two sds covers $2\Phi(1.28\,r) - 1$.

# %%
ratio = zero_by_hand / (2 * half[1])
theory = np.array([0.8, 0.8, 2 * stats.norm.cdf(z * ratio) - 1])
off = abs(calibration["coverage"] - theory)
assert (off < 3 * calibration["Monte Carlo error"]).all()
assert (off < 0.015).all()
assert round(theory[2], 3) == 0.625

# %% [markdown]
# The same in one picture: 150 new students' grades in semester 6, and the two intervals
# of our fit. Look at the dots that only the pale band holds.

# %% alt="Dots of 150 new students' grades between about 2.5 and 4.1, with a dark band from 2.93 to 3.55 inside a pale band from 2.79 to 3.69. Many dots lie outside the dark band, about a fifth outside the pale one."
seen = grades(np.random.default_rng(3), 150)[:, 6]
fig, ax = plt.subplots(figsize=(7.2, 3.4))
bands = {"effect drawn": (drawn_new, 0.15), "effect 0": (by_default, 0.3)}
for name, (interval, alpha) in bands.items():
    low, high = interval.loc[1, ["lwr", "upr"]]
    ax.axhspan(low, high, color=GROUP, alpha=alpha, linewidth=0)
    inside = np.mean((low <= seen) & (seen <= high))
    ax.annotate(f"{name}: {inside:.0%} inside", (153, high - 0.02), va="top")
ax.plot(np.arange(150), seen, ".", color=PICKED)
ax.set(xlabel="new student", ylabel="gpa in semester 6 (grade points)", xlim=(-3, 228))
ax.set_xticks([])
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Leave the students' spread out, and about one grade in three falls outside. (Dots above
# 4.0: a normal model does not know where grades end.)
#
# ### With few students
#
# All these intervals hold $\tau$ and $\sigma$ at their estimates, as if they were known.
# With 200 students that costs nothing. With fewer? Our formulas are quick: they take
# thousands of worlds at once.
#
# **Guess before you run:** with 40, 10 and 4 students, where will the promise of 80 %
# be broken?


# %%
def formula_intervals(six):
    """Semester 6: fits (worlds, students + 1), half widths of known and new."""
    n, x = six.shape[1], np.arange(6) - middle
    level, slope = six.mean(axis=2), (six.mean(axis=1) @ x)[:, None] / 17.5
    # mean squares within and between students give the two variances
    left = six - level[..., None] - slope[..., None] * x
    within = np.sum(left**2, axis=(1, 2))[:, None]
    between = 6 * level.var(axis=1, ddof=1, keepdims=True)
    t2 = np.maximum(between - within / (5 * n - 1), 0) / 6
    pooled = (within + (n - 1) * between) / (6 * n - 2)
    s2 = np.where(t2 > 0, within / (5 * n - 1), pooled)
    # fits and variances as in section 5; 17.5 is the spread of the six occasions
    keep, average = 6 * t2 / (6 * t2 + s2), level.mean(axis=1, keepdims=True)
    fits = np.hstack([average + keep * (level - average), average]) + 3.5 * slope
    v_level, v_time = (t2 + s2 / 6) / n, 3.5**2 * s2 / (17.5 * n)
    v = [(1 - keep) ** 2 * v_level + (1 - keep) * t2, v_level + t2]
    return fits, z * np.sqrt(np.hstack(v) + v_time + s2)


# %% [markdown]
# It estimates the variances from mean squares, which is what REML does with balanced
# data. First: does it agree with section 5, on our data?

# %%
Y = ordered["gpa"].to_numpy().reshape(200, 6)
fits, halves = formula_intervals(Y[None])
assert np.allclose(fits[0, [0, 200]], hand["fit"], atol=1e-6)
assert np.allclose(halves[0], half, rtol=1e-5)

# %%
rows = []
for n in (4, 10, 40):
    worlds = grades(rng, 80_000 // n, 2 * n)  # half of the students are new
    fits, halves = formula_intervals(worlds[:, :n, :6])
    miss_known = abs(worlds[:, :n, 6] - fits[:, :n])
    miss_new = abs(worlds[:, n:, 6] - fits[:, n:])
    inside = miss_known < halves[:, :1], miss_new < halves[:, 1:]
    rows.append([len(worlds), *(share.mean() for share in inside)])
few = pd.DataFrame(rows, [4, 10, 40], ["worlds", *names[:2]])
few.index.name = "students"
assert (abs(few.loc[40, names[:2]] - 0.8) < 0.01).all()
assert few.loc[10, names[:2]].between(0.78, 0.80).all()
assert few.loc[4, names[:2]].between(0.76, 0.785).all()
few.round(3)

# %% [markdown]
# Hardly anywhere: 40 students are as good as 200, with 10 about one point of the 80 is
# missing, and with 4 the intervals hold 77 or 78 % in place of 80 %. For variances like
# ours, and at this level, the price is real and small. (`boot_mer` refits the model to
# simulated data and so lets the variances vary, too; we did not test it here.)

# %% [markdown]
# COVERAGE-SENTENCE

# %% [markdown]
# ## Summary
#
# - Without random effects: the average student's line. With them: this student's line.
# - The shift is the student's effect, in all semesters alike; it is no starting grade.
# - A new student is predicted on the average line, and all of $\tau^2$ stays open.
# - `predict_interval(new_levels="draw")` says so; the default, `"zero"`, is too narrow.
# - A promise of coverage can be checked: simulate, refit, count.
#
# **Common mistakes.** Reading `se=True` of a new student as the uncertainty about that
# student. Taking the default 80 % for 95 %. Reading `upr` as the lower end, because it
# comes first. Drawing line and effects independently with few large groups.
#
# **In the code.** `mmcourse/predict.py`: `predict`. `mmcourse/simulated/intervals.py`:
# `predict_interval`. `mmcourse/simulated/sampler.py`: joint and independent draws.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows.
# J. E. Knowles, C. Frederick, *merTools*: the algorithm of `method="independent"`.
# Bates, Mächler, Bolker, Walker (2015), J. Stat. Softw. 67(1).
#
# **Next.** [Lesson 13](13_cluster_level_covariates.ipynb): what do we know about a student
# before the first grade, and how much of $\tau$ does it explain?
