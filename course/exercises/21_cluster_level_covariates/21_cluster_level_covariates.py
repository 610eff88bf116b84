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
# # 21 · Cluster-level covariates
#
# *Five exercises, about 60 minutes. You need
# [Lesson 09](../../notebooks/09_running_a_mixed_model.ipynb),
# [Lesson 10](../../notebooks/10_variance_components.ipynb) and
# [Lesson 13](../../notebooks/13_cluster_level_covariates.ipynb).*
#
# - Write where it says so, and replace the dots. Run the cell, then the check below it.
# - A check says what is wrong, not what is right. Try as often as you like; part of an
#   answer gives part of its points.
# - An exercise that you leave out does not stop the others.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import pandas as pd
import statsmodels.formula.api as smf

import mmcourse as mm
from mmcourse.checks import covariates as check

# %% [markdown]
# ## The data
#
# 200 students, six semesters each (`occasion` 0 to 5), one grade point average a semester
# (`gpa`, 4.0 is best). Two columns belong to the student: `sex`, and `highgpa`, the grade
# point average at high school. (The rows are reconstructed so that models give the
# numbers of the original data; single students are not real people.)

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
gpa = mm.load_gpa()
gpa[["student", "occasion", "gpa", "sex", "highgpa"]].iloc[4:10]

# %% [markdown]
# `base` is the model so far: a common line, and for each student a level of their own.
# Does this level have to do with who they are? Each dot of the picture is a student.

# %% nbgrader={"grade": false, "grade_id": "base", "locked": true, "schema_version": 3, "solution": false, "task": false} alt="Two panels with 200 dots, a student's mean distance from the common line. Left, beside each other: male students, and female students, who lie a little higher. Right, against the high school grades from 2 to 4: a wide cloud that rises a little."
base = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
above = gpa["gpa"] - base.predict(re_form="none")
students = gpa.groupby("student")[["sex", "highgpa"]].first()
students["above"] = above.groupby(gpa["student"]).mean()
shift = (students.index % 21 - 10) / 40  # so that the dots don't cover each other
fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
axes[0].plot(students["sex"].cat.codes + shift, students["above"], ".", color="0.5")
axes[0].set(xticks=[0, 1], xticklabels=students["sex"].cat.categories, xlabel="sex")
axes[1].plot(students["highgpa"] + shift / 6, students["above"], ".", color="0.5")
axes[1].set(xlabel="highgpa (grade points)")
_ = axes[0].set(ylabel="mean distance from the line\n(grade points)")

# %% [markdown] tags=["R80"]
# ## Exercise 1 ★ predict
#
# Say beforehand what will happen when `sex` comes into `base`.
#
# - `student_variance`: will the variance of the students be `"smaller"`, the `"same"` or
#   `"larger"`?
# - `sex_se`: is the standard error of `sex` in the mixed model `"smaller"`, the `"same"` or
#   `"larger"` than in an ordinary regression of all 1200 rows?
# - `independent`: how many independent observations of sex do these data hold? `2`, `6`,
#   `200` or `1200`.

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
student_variance = ...
sex_se = ...
independent = ...
### BEGIN SOLUTION
student_variance = "smaller"
sex_se = "larger"
independent = 200
rows = smf.ols("gpa ~ occasion + sex", data=gpa).fit()
mixed = mm.lmer("gpa ~ occasion + sex + (1 | student)", data=gpa)
pd.DataFrame({"regression": rows.bse, "mixed model": mixed.std_error}).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predictions", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.predictions(student_variance, sex_se, independent)

# %% [markdown] tags=["R79"]
# ## Exercise 2 ★ compute
#
# **2a.** Fit `base` again with `sex`, or with `highgpa`, or with both beside `occasion`;
# the choice is yours. Keep the model as `cov_fit`. What follows is about the model that
# you chose.

# %% nbgrader={"grade": false, "grade_id": "cov_fit", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
cov_fit = ...
### BEGIN SOLUTION
cov_fit = mm.lmer("gpa ~ occasion + sex + highgpa + (1 | student)", data=gpa)
sex_fit = mm.lmer("gpa ~ occasion + sex + (1 | student)", data=gpa)
high_fit = mm.lmer("gpa ~ occasion + highgpa + (1 | student)", data=gpa)
fits = {"base": base, "sex": sex_fit, "highgpa": high_fit, "both": cov_fit}
estimates = {}
for name, fit in fits.items():
    estimates[name, "value"], estimates[name, "se"] = fit.fixef, fit.std_error
pd.DataFrame(estimates).T.round(4).astype(object).fillna("")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_cov_fit", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.covariate_model(cov_fit)

# %% [markdown] tags=["R79"]
# **2b.** Two students in the same semester, of whom you know no grade yet: Ada is female
# and had 3.5 at high school, Ben is male and had 2.5. By how many grade points does your
# model expect Ada to be above Ben? Keep it as `ada_ben`. (Your model may know of one of
# the two differences only.)

# %% nbgrader={"grade": false, "grade_id": "ada_ben", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
ada_ben = ...
### BEGIN SOLUTION
two = pd.DataFrame({"occasion": 0, "sex": ["female", "male"], "highgpa": [3.5, 2.5]})
ada_ben = -cov_fit.predict(two, re_form="none").diff().iloc[1]
# With text instead of a categorical, the first level in the alphabet is the reference:
as_text = gpa.assign(sex=gpa["sex"].astype(str))
flipped = mm.lmer("gpa ~ occasion + sex + (1 | student)", data=as_text)
both_ways = pd.DataFrame({"categorical": sex_fit.fixef, "text": flipped.fixef})
both_ways.round(4).astype(object).fillna("")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_ada_ben", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.difference(ada_ben, cov_fit)

# %% [markdown] tags=["R79"]
# **2c.** How sure is that? Keep the limits of a 95 % interval for the coefficient of your
# covariate (with both: for that of `sex`) as `lower` and `upper`. Any method will do.

# %% nbgrader={"grade": false, "grade_id": "interval", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
lower = ...
upper = ...
### BEGIN SOLUTION
ci = cov_fit.confint()
lower, upper = ci.loc["sex[T.female]"]
tests = mm.extract_fixed_effects(cov_fit, p_value="satterthwaite").set_index("term")
shown = tests[["value", "se", "t", "df", "p_value"]].join(ci).round(4)
shown.assign(p_value=shown["p_value"].where(shown["p_value"] >= 0.001, "<0.001"))
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_interval", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.interval(lower, upper, cov_fit)

# %% [markdown] tags=["R80"]
# ## Exercise 3 ★★ compute
#
# **3a.** What became of the student variance, from `base` to `cov_fit`?
#
# - `variance_change`: by how much it changed, with its sign: negative when it fell;
# - `percent_change`: the same in per cent of what it was in `base`.

# %% nbgrader={"grade": false, "grade_id": "variance_change", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R80"]
variance_change = ...
percent_change = ...
### BEGIN SOLUTION
variances = pd.DataFrame(
    {name: fit.var_corr()["variance"] for name, fit in fits.items()}
)
variances.index = ["student", "residual"]
changes = variances.loc["student"] - variances.loc["student", "base"]
percent = 100 * changes / variances.loc["student", "base"]
variance_change, percent_change = changes["both"], percent["both"]
shown = pd.concat([variances.T, (variances.T**0.5).add_suffix(" sd")], axis=1)
shown.assign(change=changes, percent=percent).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_variance_change", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.student_variance(variance_change, percent_change, cov_fit)

# %% [markdown] tags=["R80"]
# **3b.** Beside your covariate, which share of the remaining variance lies between
# students? Keep it as `icc_now`.

# %% nbgrader={"grade": false, "grade_id": "icc_now", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R80"]
icc_now = ...
### BEGIN SOLUTION
shares = variances.loc["student"] / variances.sum()
icc_now = shares["both"]
shares.round(4).to_frame("icc").T
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_icc_now", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.share(icc_now, cov_fit)

# %% [markdown] tags=["R80"]
# **3c.** What else changed from `base` to `cov_fit`? `True` if one of its first four
# digits did, otherwise `False`:
#
# - `residual_changed`: the residual variance,
# - `occasion_changed`: the slope of `occasion`,
# - `occasion_se_changed`: its standard error,
# - `intercept_changed`: the intercept.
#
# Suppose that more were known. `could_help`: which of these could make the residual
# variance fall? `"age at entry"`, `"days ill"` (in the semester) or `"home town"`.

# %% nbgrader={"grade": false, "grade_id": "unchanged", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R80"]
residual_changed = ...
occasion_changed = ...
occasion_se_changed = ...
intercept_changed = ...
could_help = ...
### BEGIN SOLUTION
residual_changed = False
occasion_changed = False
occasion_se_changed = False
intercept_changed = True
could_help = "days ill"
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_unchanged", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.unchanged(
    residual_changed,
    occasion_changed,
    occasion_se_changed,
    intercept_changed,
    could_help,
)

# %% [markdown] tags=["R79"]
# ## Exercise 4 ★★★ change
#
# **4a.** With `highgpa` in the model, the intercept is about a student who had 0 at high
# school. Nobody did; the lowest is 2.0. Fit the model with *both* covariates once more,
# changed so that its intercept is about a student with the average `highgpa` (still in
# the first semester) and its slopes are about one point, as before: `centred_fit`. Does
# that change the slope of `highgpa` (`slope_changed`) or the student variance
# (`variance_changed`)? `True` or `False`.

# %% nbgrader={"grade": false, "grade_id": "centred", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
centred_fit = ...
slope_changed = ...
variance_changed = ...
### BEGIN SOLUTION
centred_fit = mm.lmer(
    "gpa ~ occasion + sex + center(highgpa) + (1 | student)", data=gpa
)
slope_changed = False
variance_changed = False
mm.extract_fixed_effects(centred_fit, p_value=None).round(4)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_centred", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.centred(centred_fit, slope_changed, variance_changed)

# %% [markdown] tags=["R79"]
# **4b.** Is `sex` of use when `highgpa` is known? Compare the model with `highgpa` and the
# one with both by a likelihood-ratio test; keep its statistic as `chisq`.

# %% nbgrader={"grade": false, "grade_id": "chisq", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
chisq = ...
### BEGIN SOLUTION
with_sex = mm.anova(high_fit, cov_fit)  # refits by ML, since the fixed parts differ
chisq = with_sex["chisq"].iloc[1]
sex_alone = mm.anova(base, sex_fit)
# AIC can be compared for the ML fits only.
criteria = {"REML": {k: m.aic for k, m in fits.items()}}
criteria["ML"] = {k: m.refit_ml().aic for k, m in fits.items()}
pd.DataFrame(criteria).round(2).add_prefix("AIC ").T
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_chisq", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.comparison(chisq)

# %% [markdown] tags=["R79"]
# ## Exercise 5 ★★ explain
#
# **5a.** What does `cov_fit` say? In at most 100 words, with units: each fixed effect and
# what is held constant for it, the intercept included; how sure one may be.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain_fixed", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false} tags=["R79"]
# <!-- BEGIN SOLUTION -->
# Students gain 0.106 grade points a semester. In the same semester and with the same
# `highgpa`, female students are 0.16 points higher than male ones (95 % interval 0.09 to
# 0.23); with the same sex, a point more of `highgpa` goes with 0.09 (0.03 to 0.15). Both
# rest on 200 students, and say nothing about causes. The intercept, 2.24, is a male
# student's first semester if he had 0 at high school: nobody. For the average `highgpa`
# it is 2.52.
#
# *Rubric.* 2 points: each coefficient of `cov_fit` with direction, unit and what is held
# constant. 1 point: whom the intercept is about. 1 point: an interval or standard error,
# and no claim about causes.
# <!-- END SOLUTION -->

# %% [markdown] tags=["R80"]
# **5b.** What happened to the student variance, and why did neither the residual variance
# nor the slope of `occasion` move? At most 80 words.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain_variance", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false} tags=["R80"]
# <!-- BEGIN SOLUTION -->
# It falls by 12 %, from 0.064 to 0.056: that much of how students differ goes with sex
# and high school; most of it is still unexplained. Of what is left, 49 % lies between
# students (52 % before). Both covariates are constant in a student. They can't tell
# apart the grades of one, so the residual variance stays. All have the same semesters, so
# the slope, which rests on comparisons within students, stays too.
#
# *Rubric.* 1 point: it falls, and by how much. 1 point: what the fall and the share
# mean, and that much is left. 1 point: a covariate of the student is constant in a
# student. 1 point: hence no effect on residual and slope.
# <!-- END SOLUTION -->
