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
# # 09 · Running a mixed model
#
# **The question:** what changes when every student may have a level of their own?
#
# *About 45 minutes. You need ordinary regression, no more. Lessons 04 to 08 lead up to
# this one, but you can start here.*
#
# After this lesson you can
#
# - fit a random-intercepts model with `lmer` and read its formula aloud,
# - say what the model changes in a table of coefficients, and what it leaves as it is,
# - explain why a careful program prints no p-values here,
# - ask for intervals, and say which kind of interval you got.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from scipy.optimize import minimize, minimize_scalar

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()
gpa[["student", "occasion", "gpa", "sex", "highgpa"]].head(6)

# %% [markdown]
# Each of 200 students has six rows, one for each semester of three years. `gpa` is the
# grade point average of a semester; 4.0 is best. `occasion` counts the semesters from
# 0 to 5, so that an intercept is a grade in the first one.
#
# The rows are reconstructed. The models of the text give the numbers of the original
# data (the data card says how), but single students are not real people.

# %% tags=["R31"]
n_rows, n_students = len(gpa), gpa["student"].nunique()
assert (n_rows, n_students) == (1200, 200)
assert (gpa.groupby("student").size() == 6).all()

# %% [markdown]
# ## 1 · The regression that knows no students
#
# First the model to beat: one line for everybody, every row on its own.

# %% tags=["R30"]
line = smf.ols("gpa ~ occasion", data=gpa).fit()
by_line = pd.DataFrame({"value": line.params, "se": line.bse, "t": line.tvalues})
assert by_line["value"].round(3).tolist() == [2.599, 0.106]
assert by_line["value"].round(2).tolist() == [2.6, 0.11]
assert by_line["se"].round(3).tolist() == [0.018, 0.006]
by_line.round(3)

# %% [markdown]
# The average student starts at about 2.6 and gains about 0.11 a semester. The standard
# errors (`se`) take the 1200 rows for 1200 independent pieces of information. They are
# not: the six grades of one student resemble each other. Lesson 07 measures how much.

# %% [markdown] tags=["R38"]
# ## 2 · The formula
#
# The mixed model adds one piece to the formula:
#
# `gpa ~ occasion + (1 | student)`
#
# Read the parenthesis from the right. *For each student* (what is behind the bar) let
# *the intercept* (the `1` before it) vary. The slope of `occasion` stands outside the
# parenthesis: it is one number for all.

# %% [markdown]
# In symbols, for one grade:
#
# $$\text{gpa} = b_\text{intercept} + b_\text{occ}\cdot\text{occasion}
# + \text{effect}_\text{student} + \epsilon$$
#
# $$\text{effect}_\text{student} \sim N(0, \tau), \qquad \epsilon \sim N(0, \sigma)$$
#
# The second number in $N$ is a standard deviation (sd). A student's effect is drawn
# once and shared by all six grades: a *random effect*. The model has no 200 separate
# coefficients. It asks how far the effects spread, and that is one number, $\tau$.
#
# **Guess before you run:** will the two coefficients change? Will their standard
# errors grow or shrink, and both in the same direction?

# %%
model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
model

# %% [markdown]
# The short print has two parts. *Random effects*: how far students differ ($\tau$), and
# how far single grades scatter ($\sigma$, in the row `Residual`), both as sds. *Fixed
# effects*: the line of the average student.
#
# Before the numbers, a picture: the line of the average student (red), and the first two
# students with their grades. Look at the blue lines: in what do they differ from the
# red one?

# %% alt="Grey grades of two students over semesters 0 to 5, a blue line for each, and a thick red line for the population from 2.60 to 3.13. The three lines are parallel; student 1 starts at 2.53, student 2 at 2.38."
ax = mm.plot_predictions(model, "occasion", [1, 2])
_ = ax.set(xlabel="occasion (semester)", ylabel="gpa (grade points)")

# %% [markdown]
# In their height only; the slope is the same for all. From the red line down to a blue
# one is the *effect* of that student. From a blue line to its grey points (dots for student
# 1, squares for student 2) are the *residuals*. So $\tau$ is about distances between lines, $\sigma$ about distances from
# them. How such a line is found is told in [Lesson 11](11_random_effects.ipynb).
#
# Now the numbers as tables that we can compute with. First the fixed effects.

# %% tags=["R39"]
own = model.coef()["student"].loc[[1, 2]]  # the two blue lines
assert own["Intercept"].round(2).tolist() == [2.53, 2.38]
assert (own["occasion"] == model.fixef["occasion"]).all()
fixed = mm.extract_fixed_effects(model)
shown = fixed.round(3)
shown["p_value"] = shown["p_value"].map("{:.3f}".format).replace("0.000", "<0.001")
shown

# %% [markdown]
# The limits are *Wald* limits: the estimate plus and minus 1.96 standard errors. The
# p-value treats $t$ as a normal variable. $\Phi(x)$, the normal distribution function,
# is the chance of a value below $x$; hence $p = 2\,\Phi(-|t|)$, both tails together.
# The text prints these p-values as 0. That is rounding: a tail never ends, it only gets
# small. The slope's $p$ has 149 zeros behind the point; the intercept's is too small even
# for a computer. So we write `<0.001`. Section 5 asks whether it should be there at all.

# %% tags=["R40"]
assert np.allclose(fixed["p_value"], 2 * stats.norm.cdf(-fixed["t"].abs()))
assert 1e-150 < fixed["p_value"].iloc[1] < 1e-149
variances = mm.extract_vc(model, ci_level=0)
variances.round(3).fillna("")

# %% [markdown]
# Students differ around the red line with an sd of 0.252 grade points. Around a student's
# own line, single grades scatter with an sd of 0.241. Is this what the text prints?
# Here are its two tables, digit by digit.

# %% tags=["R39", "R40"]
printed_fixed = pd.DataFrame(
    {
        "value": [2.599, 0.106],
        "se": [0.022, 0.004],
        "t": [119.800, 26.096],
        "p_value": [0.0, 0.0],
        "lower_2.5": [2.557, 0.098],
        "upper_97.5": [2.642, 0.114],
    }
)
printed_variances = pd.DataFrame({"variance": [0.064, 0.058], "sd": [0.252, 0.241]})
assert (fixed[printed_fixed.columns].round(3) == printed_fixed).all(axis=None)
assert (variances[["variance", "sd"]].round(3) == printed_variances).all(axis=None)

# %% [markdown]
# Every cell agrees. The full report follows lme4's layout; it has no p-values.

# %%
model.summary()

# %% [markdown]
# ## 3 · The same by hand
#
# What did `lmer` do? Look at one student. The six grades share the student's effect, so
# any two of them have the covariance $\tau^2$, and each has the variance
# $\tau^2 + \sigma^2$. With the sds of section 2 that makes a matrix, a row and a column
# for each semester.

# %%
n_occasions = 6
sd_student, sd_residual = variances["sd"]
shared, alone = np.ones((n_occasions, n_occasions)), np.eye(n_occasions)
covariance = sd_student**2 * shared + sd_residual**2 * alone
table = pd.DataFrame(covariance).rename_axis("occasion")
table.rename_axis("occasion", axis=1).round(3)

# %% [markdown]
# Two different numbers, no more. Divided by $\sigma^2$ they are $1 + \theta^2$ and
# $\theta^2$, with one unknown, $\theta = \tau / \sigma$: the students' sd, measured in
# residual sds. Call that matrix $V$.
#
# If $V$ is known, the rest follows. *Generalized* least squares gives the line: least
# squares that knows which rows go together. What is left over gives $\sigma$. So only one
# number has to be searched for, $\theta$.

# %%
X = np.column_stack([np.ones(n_occasions), np.arange(n_occasions)])
Y = gpa.sort_values(["student", "occasion"])["gpa"].to_numpy()
Y = Y.reshape(n_students, n_occasions)  # a row a student


def fit_by_hand(theta):
    """Line, left-over sum of squares, X'V⁻¹X and V⁻¹ at a given theta."""
    V_inverse = np.linalg.inv(theta**2 * shared + alone)
    A = n_students * X.T @ V_inverse @ X
    beta = np.linalg.solve(A, X.T @ V_inverse @ Y.sum(axis=0))
    left = Y - X @ beta
    return beta, np.sum((left @ V_inverse) * left), A, V_inverse


# %% [markdown]
# How good is a $\theta$? Its *likelihood* is the density of the grades that we have, in a
# model with this $\theta$: where it is high, the model would easily produce such grades.
# `lmer` takes the *restricted* likelihood (REML), that of what remains of the data once
# the line is taken out. Two coefficients are spent on the line, so it divides by
# $1200 - 2$, as regression does. The *criterion* is $-2$ times its logarithm; smaller
# is better.
#
# **Guess before you run:** near which $\theta$ will the criterion be lowest?


# %%
def criterion_by_hand(theta):
    """-2 log restricted likelihood; line and sigma at their best for this theta."""
    _, square, A, V_inverse = fit_by_hand(theta)
    dof = n_rows - 2
    log_det = -n_students * np.linalg.slogdet(V_inverse)[1]
    log_det += np.linalg.slogdet(A)[1]
    return log_det + dof * (1 + np.log(2 * np.pi * square / dof))


grid = np.linspace(0, 2, 81)
curve = np.array([criterion_by_hand(theta) for theta in grid])
best = minimize_scalar(criterion_by_hand, bounds=(0, 2), method="bounded")
pd.Series({"theta": best.x, "criterion": best.fun}).round(3)

# %% [markdown]
# Look for two things in the next picture: where the curve is lowest, and what it says
# about $\theta = 0$, the regression without students.

# %% alt="Curve of the REML criterion against theta from 0 to 2. It starts near 890 at theta 0, falls steeply to its lowest point, 409 at theta 1.047, and rises slowly to 500 at theta 2."
fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
ax.plot(grid, curve, color=GROUP)
ax.plot(best.x, best.fun, "o", color=PICKED)
ax.annotate(
    f"lowest at {best.x:.3f}",
    (best.x, best.fun),
    (0.9, 560),
    arrowprops={"arrowstyle": "-"},
)
ax.annotate("no student effect", (0, curve[0]), (0.14, curve[0] - 12))
ax.set(xlabel="θ = τ / σ", ylabel="REML criterion\n(smaller is better)")
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The curve falls steeply from $\theta = 0$ and is flat around its lowest point, near
# one: students differ about as much as a student's own grades scatter. Leaving students
# out costs hundreds of units.
#
# Is this the curve that `lmer` went down? `criterion_at` gives its height anywhere. It
# takes a list, since larger models have more than one $\theta$.

# %%
for theta in (0.0, 0.5, 1.3):
    assert abs(criterion_by_hand(theta) - model.criterion_at([theta])) < 1e-6
assert abs(best.x - model.theta[0]) < 1e-4
assert abs(best.fun - model.criterion) < 1e-6
assert curve[0] - best.fun > 400
pd.Series(
    {"theta": model.theta[0], "sigma": model.sigma, "criterion": model.criterion}
).round(3)

# %% [markdown]
# It is: the package and our few lines agree at every $\theta$ that we try, and at the
# lowest point. Do the line and the two sds come out as well? The students' sd is the
# product $\tau = \theta\sigma$.

# %%
beta, square, A, _ = fit_by_hand(model.theta[0])
sigma = np.sqrt(square / (n_rows - 2))
by_hand = np.array([*beta, model.theta[0] * sigma, sigma])
by_package = np.array([*model.fixef, *variances["sd"]])
assert np.allclose(by_hand, by_package, atol=1e-6)

# %% [markdown]
# ## 4 · Same line, other standard errors
#
# Back to the question of section 2. The regression and the mixed model, side by side.
#
# **Guess before you run:** of which coefficient is the mixed model less sure than the
# regression, of the starting level or of the trend?

# %% tags=["R41", "R42"]
both = pd.DataFrame(
    {
        "value": line.params,
        "se regression": line.bse,
        "se mixed": model.std_error,
    }
)
both["ratio"] = both["se mixed"] / both["se regression"]
both.round(3)

# %% [markdown]
# The values are the same. The standard errors move in *opposite* directions. The
# intercept's grows: to know the average starting level we have 200 students, not 1200
# unrelated grades. The slope's shrinks: in this model students differ in level only, and
# a level lifts all six grades of a student alike. It does not tilt the trend, so it no
# longer counts as noise about the trend.

# %% [markdown]
# That is what the *model* says, and it holds if students differ in level only. Here they
# differ in their slopes too: [Lesson 07](07_standard_regression_fitted.ipynb), section 5,
# shows it, and [Lesson 14](14_summary.ipynb) fits a slope for each student. Then the
# standard errors are 0.018 and 0.006, by luck the regression's up to the third digit.

# %% tags=["R41", "R42"]
assert np.allclose(line.params, model.fixef, atol=1e-9)
assert both["se mixed"].iloc[0] > both["se regression"].iloc[0]
assert both["se mixed"].iloc[1] < both["se regression"].iloc[1]
assert (both["value"] - 4 * both["se regression"] > 0).all()
assert (both["value"] - 4 * both["se mixed"] > 0).all()
with_slopes = mm.lmer("gpa ~ occasion + (1 + occasion | student)", data=gpa)
assert with_slopes.std_error.round(3).tolist() == by_line["se"].round(3).tolist()

# %% [markdown]
# Must the values always agree? They do for *balanced* data, where everybody is seen at the
# same occasions: both models then weigh all students alike. Let every seventh
# grade go missing, and look at the third digit after the point.

# %%
fewer = gpa[gpa.index % 7 != 3]
lines = pd.DataFrame(
    {
        "regression": smf.ols("gpa ~ occasion", data=fewer).fit().params,
        "mixed model": mm.lmer("gpa ~ occasion + (1 | student)", data=fewer).fixef,
    }
)
assert round(abs(lines["regression"] - lines["mixed model"])["Intercept"], 3) == 0.001
lines.round(4)

# %% [markdown]
# Close, but no longer equal: the intercepts are about 0.001 apart. With balanced data the
# standard errors of the mixed model can be written down as well, our second route:
#
# $$\text{se}_\text{slope}^2 = \frac{\sigma^2}{3500}, \qquad
# \text{se}_\text{intercept}^2 = \frac{6\tau^2 + \sigma^2}{1200}
# + 2.5^2\,\frac{\sigma^2}{3500}$$
#
# 3500 is the sum of squares of all occasions around their mean, 2.5. The slope's has no
# $\tau$ in it. The first part of the intercept's is the variance of the average grade.

# %%
at_mean = X[:, 1].mean()
spread = n_students * np.sum((X[:, 1] - at_mean) ** 2)
assert (at_mean, spread) == (2.5, 3500)
variance_slope = sd_residual**2 / spread
variance_level = (6 * sd_student**2 + sd_residual**2) / n_rows
by_formula = np.sqrt([variance_level + at_mean**2 * variance_slope, variance_slope])
assert np.allclose(by_formula, model.std_error, rtol=1e-6)

# %% [markdown]
# The regression's slope has the same formula, with a residual sd of its own. It has to
# call the differences between students noise, so that sd is larger.

# %% tags=["R31"]
sd_line = np.sqrt(line.scale)
assert np.isclose(line.bse["occasion"], sd_line / np.sqrt(spread))
assert round(sd_residual / sd_line, 3) == both["ratio"].round(3)["occasion"] == 0.691
pd.Series({"regression": sd_line, "mixed": sd_residual}, name="residual sd").round(3)

# %% [markdown]
# 0.241 is 0.691 times 0.349: that is the ratio in the table above. The whiskers in the
# next picture reach 1.96 standard errors to each side. Which model has the longer ones?

# %% alt="Two panels with estimates and whiskers of 1.96 standard errors to each side, the regression red above, the mixed model blue below. Left, the intercept 2.6: the mixed model's whiskers are longer. Right, the slope 0.106: the regression's are longer."
fig, axes = plt.subplots(1, 2, figsize=(7.8, 2.3), sharey=True)
units = ["intercept (grade points)", "slope (grade points a semester)"]
models = {"mixed": GROUP, "regression": OVERALL}
for ax, (_, row), unit in zip(axes, both.iterrows(), units, strict=True):
    for at, (name, colour) in enumerate(models.items()):
        half = 1.96 * row[f"se {name}"]
        ax.errorbar(row["value"], at, xerr=half, fmt="o", color=colour, capsize=4)
    ax.set(xlabel=unit, ylim=(-0.6, 1.6))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_yticks([0, 1], ["mixed model", "regression"])
fig.tight_layout(w_pad=3)

# %% [markdown]
# If students differ in level only, the regression is too sure of the level and not sure
# enough of the trend. Here no conclusion changes, since both coefficients are far from
# zero. With smaller effects it could.

# %% [markdown] tags=["R43"]
# ## 5 · Where are the p-values?
#
# lme4's report has none, and ours follows it. A p-value compares $t$ with a reference
# distribution, and the usual one, Student's, needs *degrees of freedom* (df): how many
# independent pieces of information the standard error rests on. How many does this intercept have?
# There are 1200 grades, but only 200 students, and groups may be of any size, even one
# row. For most designs no number is exactly right. There are several approximations,
# some of them poor; some programs pick one without telling.

# %% [markdown]
# Mixed models are not alone in this: ridge regression and smoothing splines, which also
# pull estimates together, have the same trouble.
#
# Take our balanced data. The slope's standard error rests on $\sigma$ alone: 1200 grades
# less 200 levels less one slope leave 999. The intercept's is a sum of two parts
# (section 4). The first rests on 200 means, less one: 199. For such a sum *Satterthwaite's*
# approximation takes a number in between: the larger part counts most.

# %%
parts = np.array([variance_level, at_mean**2 * variance_slope])
df_slope = n_rows - n_students - 1
df_of_parts = np.array([n_students - 1, df_slope])
df_intercept = parts.sum() ** 2 / np.sum(parts**2 / df_of_parts)
df_package = mm.extract_fixed_effects(model, p_value="satterthwaite")["df"]
assert np.allclose(df_package, [df_intercept, df_slope], rtol=1e-4)
pd.Series({"intercept": df_intercept, "slope": df_slope}, name="df").round(2)

# %% [markdown]
# So the intercept has 322 degrees of freedom, nearer to the students than to the
# rows, and the slope has 999. Does the choice matter? We try all of them, first on our
# slope, then on a weaker $t$ of 2. The last row is an average over only 6 groups.
#
# **Guess before you run:** with 6 groups, is $p$ still below 0.05 at $t = 2$?

# %% tags=["R43"]
df = {
    "infinite (normal)": np.inf,
    "999 (our slope)": df_slope,
    "322 (our intercept)": df_intercept,
    "5 (six groups)": 5,
}
t = {"p of our slope": fixed["t"].iloc[1], "p at t = 2": 2.0}
p = pd.DataFrame({name: 2 * stats.t.sf(t[name], [*df.values()]) for name in t})
p.index = pd.Index(df, name="degrees of freedom")
p.map("{:.3f}".format).replace("0.000", "<0.001")

# %% [markdown]
# For our slope the choice does not matter: it is 26 standard errors from zero. At
# $t = 2$ hundreds of degrees of freedom agree to a thousandth, but with six groups $p$ is
# 0.10, no longer below 0.05. Where the choice is harmless, a p-value tells little
# that $t$ does not. Where it matters, the program would have to choose for you.
# `p_value=None` leaves the column out.

# %%
assert (round(df_intercept), df_slope) == (322, 999)
assert (p["p of our slope"] < 0.001).all()
assert np.ptp(p["p at t = 2"].iloc[:3]) < 1e-3
assert round(p["p at t = 2"].iloc[3], 2) == 0.10
mm.extract_fixed_effects(model, p_value=None).round(3)

# %% [markdown]
# ## 6 · Intervals are the better question
#
# How far off may an estimate be? `confint` answers for every parameter: the students'
# sd $\tau$ (`sd_Intercept|student`), the residual sd $\sigma$ (`sigma` here, `Residual` in
# the other tables), and the two coefficients.

# %% tags=["R44"]
intervals = model.confint()
intervals.round(4)

# %% [markdown]
# These are *profile* intervals. Hold one parameter at a value, let all others adapt, and
# see how much worse the fit becomes. The interval holds the values at which $-2$ log
# likelihood rises by at most 3.84, the square of 1.96.
#
# Here is the profile of the students' sd by hand. One detail: the likelihood is the full
# one (*maximum likelihood*, ML), not the restricted one of section 3. lme4 profiles ML
# even if the fit was by REML, and `confint` follows it.


# %%
def deviance_by_hand(sigma, sd):
    """-2 log likelihood at a residual and a student sd, line at its best."""
    _, square, _, V_inverse = fit_by_hand(sd / sigma)
    log_det = -n_students * np.linalg.slogdet(V_inverse)[1]
    return log_det + n_rows * np.log(2 * np.pi * sigma**2) + square / sigma**2


ends = intervals.loc["sd_Intercept|student"]
profile = {
    sd: minimize_scalar(deviance_by_hand, (0.2, 0.25, 0.3), args=(sd,)).fun
    for sd in np.sort([*np.linspace(0.21, 0.30, 46), *ends])
}
lowest = minimize(lambda at: deviance_by_hand(*at), [0.24, 0.25], method="Nelder-Mead")
rise = pd.Series(profile) - lowest.fun

# %% [markdown]
# The dashed line in the next picture marks 3.84; the curve is the price of each value.
#
# **Guess before you run:** are the two places where it crosses the line equally far
# from the lowest point? If not, which is farther?

# %% alt="Curve of the rise of -2 log likelihood against the students' sd from 0.21 to 0.30, lowest near 0.252. It crosses the dashed line at 3.84 twice, at 0.225 and at 0.282; the right crossing is farther from the lowest point."
fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.plot(rise, color=GROUP)
ax.axhline(3.84, color=OBSERVED, linestyle="--", linewidth=1)
ax.plot(ends, [3.84, 3.84], "o", color=PICKED)
for end, side in zip(ends, [-1, 1], strict=True):
    ax.annotate(f"{end:.3f}", (end, 3.84), (end - side * 0.007, 4.3), ha="center")
ylabel = "rise of -2 log likelihood\n(smaller is better)"
ax.set(xlabel="students' sd τ (grade points)", ylabel=ylabel, ylim=(0, 12))
ax.spines[["top", "right"]].set_visible(False)

# %%
assert np.allclose(rise[ends], 1.959964**2, atol=1e-3)
left_arm, right_arm = lowest.x[1] - ends["lower"], ends["upper"] - lowest.x[1]
assert ends.round(3).tolist() == [0.225, 0.282]
assert [round(left_arm, 3), round(right_arm, 3)] == [0.027, 0.031]
pd.Series({"left arm": left_arm, "right arm": right_arm}).round(3)

# %% [markdown]
# The limits of `confint` are the two crossings, 0.225 and 0.282. The right arm is the
# longer one: 0.031 against 0.027. That suits an sd: it can't be negative, and large values
# are harder to rule out than small ones. Wald limits would be symmetric.
#
# `extract_vc` puts the limits of the sds beside their estimates.

# %% tags=["R44"]
components = mm.extract_vc(model)
components.round(3).fillna("")

# %% [markdown]
# The limits belong to the sds, not to the variances. The last column is the share of
# the total variance: students account for 52 %. Again we hold the table of the text
# beside ours.
#
# For the coefficients `confint` can give Wald limits, too. `"beta_"` is lme4's word for
# all of them.

# %% tags=["R44"]
printed_components = pd.DataFrame(
    {
        "variance": [0.064, 0.058],
        "sd": [0.252, 0.241],
        "sd_2.5": [0.225, 0.231],
        "sd_97.5": [0.282, 0.252],
        "var_prop": [0.523, 0.477],
    }
)
same = components[printed_components.columns].round(3) == printed_components
assert same.all(axis=None)
wald = model.confint("beta_", method="wald")
assert np.allclose(wald, fixed[["lower_2.5", "upper_97.5"]])
assert abs(wald - intervals.loc[wald.index]).max(axis=None) < 1e-4
wald.round(4)

# %% [markdown]
# Less than 0.0001 from the profile limits: with so many rows the kind hardly matters here.
# Still: **two kinds of interval on this page, and the text labels neither.** The
# fixed effects of section 2 have Wald limits, the variance components profile limits.
# Effects of single students, in Lesson 11, have a third kind. Always ask which you look at.
#
# And which likelihood? The restricted one can be profiled too. `"theta_"` is lme4's
# word for the rows of the variances. It means the two sds here, not the ratio $\theta$.

# %%
reml = model.confint("theta_", criterion="reml")
assert reml.round(3).to_numpy().tolist() == [[0.226, 0.283], [0.231, 0.252]]
assert round(components["sd"].iloc[0], 2) == 0.25
assert ends.round(2).tolist() == [0.23, 0.28]
reml.round(3)

# %% [markdown]
# The limits of $\tau$ move in the third digit, from 0.225 and 0.282 to 0.226 and 0.283.
# With few students the two kinds would differ more. `summarize_model` shows all at once
# and says above each table which kind it is.

# %%
mm.summarize_model(model)

# %% [markdown]
# So the sentence to write is: *the standard deviation between students is 0.25 grade
# points (95 % profile-likelihood interval 0.23 to 0.28).* It names the quantity, its
# unit, and the kind of interval.

# %% [markdown]
# ## Summary
#
# - `(1 | student)` lets the intercept vary by student; the rest reads as in regression.
# - On balanced data the line stays, its standard errors do not. If students differ in level
#   only, the level becomes less certain and the trend more.
# - The fit looks for one number, the ratio of two sds.
# - p-values need degrees of freedom, which most designs do not fix; intervals say more.
# - Name the interval: Wald for the fixed effects, profile for the variances.
#
# **Common mistakes.** Reading a printed p of 0 as zero. Comparing a Wald limit with a
# profile limit. Taking 0.252 for a variance. Expecting that a regression that ignores
# groups has standard errors that are merely "too small": which way they err depends on
# what the groups differ in.
#
# **In the code.** `mmcourse/model/lmer.py`: `lmer`. `mmcourse/criterion.py`: the curve of
# section 3. `mmcourse/inference/profile.py`: the crossings of section 6.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows. Bates,
# Mächler, Bolker, Walker (2015), *Fitting linear mixed-effects models using lme4*, J. Stat.
# Softw. 67(1). Satterthwaite (1946), Biometrics Bull. 2.
#
# **Next.** [Lesson 10](10_variance_components.ipynb) reads the variance components: what
# the 52 % mean, and for whom.
