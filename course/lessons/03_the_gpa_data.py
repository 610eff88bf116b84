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
# # 03 · The GPA data
#
# **The question:** what is in the data of this course, what can be trusted, and how
# much of it is due to students?
#
# *About 30 minutes. You need ordinary regression; [Lesson
# 01](01_mixed_models_and_their_names.ipynb) says what a random effect is.*
#
# After this lesson you can
#
# - describe a data set before you model it: rows, columns, levels, balance, gaps,
# - turn a table with a row for each semester into one with a row for each student, and
#   back,
# - say which facts of these data hold for the original study, and which do not,
# - fit the simplest mixed model, and say what share of the variance lies between
#   students.

# %%
import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import HTML

import mmcourse as mm
from mmcourse.plots import GROUP, OBSERVED, OVERALL, PICKED

gpa = mm.load_gpa()

# %% [markdown] tags=["R13"]
# ## 1 · A row is a semester
#
# College students were followed through their first three years, two semesters a year.
# At each of these six *occasions* their grade point average, `gpa`, was noted: 4.0
# is best. Here are the first two students. They are not real people: the rows are
# *reconstructed*. Section 4 says what that means.
#
# **Guess before you run:** which columns stay the same within a student?


# %% tags=["R13"]
def show_students(first=1):
    """Show all rows of a student and of the next."""
    return gpa[gpa["student"].between(first, first + 1)]


show_students(1)

# %% [markdown] tags=["R13"]
# Student 1 is a woman, had a `highgpa` (grade point average at high school) of 2.8, and
# was admitted to a university. These three do not change from row to row. Her grades
# do, and so do the semester and the job.
#
# To see the others, run the next two cells: a slider that turns the pages, and a window
# to scroll through all 1200 rows. (They need a running notebook.)

# %% tags=["widget"]
pages = widgets.IntSlider(1, 1, 199, step=2, description="student")
_ = widgets.interact(show_students, first=pages)

# %% tags=["widget", "R13"]
HTML(f"<div style='height: 20em; overflow: auto'>{gpa.to_html(index=False)}</div>")

# %% [markdown] tags=["R13"]
# Now the columns. How many values has each, how many are missing, and does it ever
# change within a student?

# %% tags=["R13"]
by_student = gpa.groupby(gpa["student"].to_numpy())  # keeps `student` as a column, too
within = by_student.nunique(dropna=False) > 1
overview = pd.DataFrame(
    {
        "type": gpa.dtypes.astype(str).replace("category", "label"),
        "values": gpa.nunique(),
        "missing": gpa.isna().sum(),
        "changes within a student": within.any(),
    }
)
overview.index.name = "column"
overview

# %% [markdown] tags=["R13"]
# - Some things are there twice, as labels and as numbers: `occas` says "year 2 semester
#   1"; `year` and `semester` say it in two numbers, and `occasion` counts from 0 to 5.
# - `sex`, `highgpa` and `admitted` belong to the *student*, `gpa` and the time to the
#   *row*.
# - `student` looks like a number, but is only a name. In a formula it will stand behind
#   the bar, and there it is a label.

# %% tags=["R13"]
assert gpa.shape == (1200, 10) and gpa["student"].nunique() == 200
columns = "student occas gpa job sex highgpa admitted year semester occasion".split()
assert list(gpa.columns) == columns
changing = overview.index[overview["changes within a student"]]
assert list(changing) == ["occas", "gpa", "job", "year", "semester", "occasion"]
assert (gpa["occasion"] == 2 * (gpa["year"] - 1) + gpa["semester"] - 1).all()
assert (gpa["occas"].cat.codes == gpa["occasion"]).all()
first = gpa.iloc[0]
assert [first["sex"], first["highgpa"], first["admitted"]] == ["female", 2.8, "yes"]

# %% [markdown] tags=["R13"]
# Are the data *balanced*: has every student all six occasions? Two routes, the
# package's and a table of counts.

# %% tags=["R13"]
structure = mm.describe_structure(gpa, ["student", "occasion"])
counts = pd.crosstab(gpa["student"], gpa["occasion"])
assert (counts == 1).all(axis=None) and counts.shape == (200, 6)
assert structure["balanced"].all()
structure.round(2).astype(object).fillna("")

# %% [markdown] tags=["R13"]
# Every student meets every occasion exactly once (the two are *crossed*). But
# `occasion` is time, a number that goes into the model as a predictor. So one grouping
# factor is left, `student`: the simplest structure there is.
#
# ## 2 · Long and wide
#
# The table is *long*: each row is one semester. Many studies come *wide*: each row is
# one person, with a column for each time. `pivot` turns long into wide, `melt` turns it
# back.
#
# **Guess before you run:** how many rows and columns will the wide table of grades
# have?

# %%
wide = gpa.pivot(index="student", columns="occasion", values="gpa")
wide.head(3)

# %%
again = wide.reset_index().melt(id_vars="student", value_name="gpa")
again = again.sort_values(["student", "occasion"], ignore_index=True)
assert wide.shape == (200, 6)
assert (again[["student", "occasion", "gpa"]] == gpa[again.columns]).all(axis=None)
again.head(3)

# %% [markdown]
# The wide table has 200 rows and six columns, and nothing is lost on the way back.
# `lmer` wants the long form: each row has its own time, and a missing grade is a
# missing row, not a missing person. The wide form is handy for looking, and for NumPy:
# sections 4 and 5 use it.

# %% [markdown] tags=["R13"]
# ## 3 · Who is in the data
#
# Grades first. In the next picture a box holds the middle half of the 200 grades of a
# semester, and the line in it is the median. The whiskers reach to the lowest and
# highest grades up to 1.5 box heights away; circles are farther out. A red diamond is
# the mean.
#
# **Guess before you run:** do grades rise or fall through college? By more or less than
# the spread of one semester?

# %% tags=["R13"] alt="Six box plots of grades by occasion 0 to 5, between 1.7 and 4.0. Red diamonds, the means, rise from 2.6 to 3.1. The boxes are about 0.4 to 0.6 high and overlap with their neighbours."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
sns.boxplot(gpa, x="occasion", y="gpa", color="#dddddd", linecolor=OBSERVED, ax=ax)
means = gpa.groupby("occasion")["gpa"].mean()
ax.plot(means.to_numpy(), "D", color=OVERALL, markersize=5)
ax.text(5.5, means.iloc[-1], "mean", color=OVERALL, va="center")
ax.set(xlabel="occasion (semester, from 0)", ylabel="gpa (grade points)")
ax.spines[["top", "right"]].set_visible(False)

# %% tags=["R13"]
by_time = gpa.groupby("occasion")["gpa"].agg(["mean", "std", "min", "max"])
assert [gpa["gpa"].min(), gpa["gpa"].max()] == [1.7, 4.0]
assert round(gpa["gpa"].mean(), 3) == 2.865
assert (by_time["mean"].diff().dropna() > 0).all()
assert round(by_time["mean"].iloc[5] - by_time["mean"].iloc[0], 1) == 0.5
assert by_time["std"].min() > 0.3 and by_time["std"].max() < 0.41
by_time.round(2)

# %% [markdown] tags=["R13"]
# They rise from semester to semester, by half a point in all. That is more than the
# standard deviation (sd) of one semester, 0.3 to 0.4, but neighbouring boxes overlap.
# Over all rows grades run from 1.7 to 4.0, with a mean of 2.865.
#
# For facts about students we keep one row each: in 1200 rows, every student would count
# six times.

# %% tags=["R13"]
students = gpa.drop_duplicates("student").set_index("student")
students["mean_gpa"] = wide.mean(axis=1)
by_sex = students.groupby("sex", observed=True)
table = by_sex[["highgpa", "mean_gpa"]].mean()
table.insert(0, "students", by_sex.size())
table.round(2)

# %% [markdown] tags=["R13"]
# 105 women and 95 men. Women have somewhat better grades at college (2.94 against
# 2.79), though not at high school. [Lesson 13](13_cluster_level_covariates.ipynb) comes
# back to it.
#
# Do grades at high school predict those at college? Look at the next picture: how
# narrow is the cloud?

# %% tags=["R13"] alt="Scatter plot of 200 students: mean college grade, 2.2 to 3.4, against high-school grade, 2.0 to 4.0. Women are filled blue dots, men hollow dark ones. The cloud is wide and rises very little to the right."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
looks = {"female": {"color": GROUP}, "male": {"color": "none", "edgecolor": PICKED}}
for sex, own in students.groupby("sex", observed=True):
    ax.scatter(own["highgpa"], own["mean_gpa"], s=22, label=sex, **looks[sex])
ax.legend(frameon=False, loc="upper left", ncols=2, handletextpad=0.1)
ax.set(
    xlabel="high-school gpa (grade points)", ylabel="mean college gpa (grade points)"
)
ax.set(ylim=(2.1, 3.65))
ax.spines[["top", "right"]].set_visible(False)

# %% tags=["R13"]
assert students["sex"].value_counts().to_dict() == {"female": 105, "male": 95}
assert table["mean_gpa"].round(2).to_dict() == {"male": 2.79, "female": 2.94}
assert table["highgpa"]["male"] > table["highgpa"]["female"]
assert round(students["highgpa"].mean(), 4) == 2.9875
assert [students["highgpa"].min(), students["highgpa"].max()] == [2.0, 4.0]
assert len(students) == len(gpa) / 6
correlations = students[["highgpa", "mean_gpa"]].corr()
assert round(correlations.iloc[0, 1], 2) == 0.18
correlations.round(2)

# %% [markdown] tags=["R13"]
# It is wide: the correlation is only 0.18. `highgpa` runs from 2.0 to 4.0 with a mean
# of 2.99.
#
# ### Two columns to leave alone
#
# **`admitted`** is empty in 384 rows, and nobody says why. A model drops these rows.
#
# **Guess before you run:** how many *students* does a model with `admitted` lose?

# %% tags=["R13"]
fewer = mm.lmer("gpa ~ occasion + admitted + (1 | student)", data=gpa)
status = students["admitted"].value_counts(dropna=False)
assert status.to_dict() == {"no": 68, "yes": 68, np.nan: 64}
assert fewer.n_obs == 1200 - 384 == 816
assert fewer.n_groups["student"] == 200 - 64 == 136
fewer.messages

# %% [markdown] tags=["R13"]
# 64 students, about a third, with all their grades. `lmer` says so in its messages.
# Never compare such a model with one that saw all rows.
#
# **`job`** has labels that make little sense, as the source of the data says itself. Of
# five possible answers three occur, "1 hour" to "3 hours", and it is not known whether
# per day or per week.

# %%
jobs = gpa.groupby("job", observed=True)["gpa"].agg(["size", "mean"])
assert jobs["size"].tolist() == [52, 967, 181]
jobs.round(2)

# %% [markdown]
# The means look like a strong effect. We can't tell what of, so no lesson uses `job`.

# %% [markdown]
# ## 4 · Rows that are reconstructed
#
# The original records state no licence, so they are not here. What you have seen was
# *made*, in such a way that certain sums are exactly those of the original: the sum of
# all grades, that of their squares, those of the squares of the students' totals, and a
# few more. The data card, `data/README.md`, lists them.

# %% [markdown]
# How can other rows give the same models? Try it: mirror each grade at the student's
# own regression line. A grade 0.2 above the line goes 0.2 below. The picture shows
# student 50.
#
# **Guess before you run:** which of these change: the mean of all grades, the range of
# the first semester, the results of a mixed model?

# %%
Y = wide.to_numpy()
X = np.column_stack([np.ones(6), np.arange(6)])
own_lines = Y @ X @ np.linalg.inv(X.T @ X) @ X.T  # a line a student, by least squares
mirrored = 2 * own_lines - Y
other = gpa.assign(gpa=mirrored.ravel())

# %% alt="Six grades of student 50 as filled grey dots, between 2.6 and 3.8, around a blue rising line, and their mirror images as hollow dark squares at the same distances on the other side of the line."
grades, line, other_grades = Y[49], own_lines[49], mirrored[49]  # student 50
fig, ax = plt.subplots(figsize=(6.0, 3.2))
ax.plot(line, color=GROUP)
ax.vlines(range(6), grades, other_grades, color="#dddddd", zorder=0)
ax.plot(grades, "o", color=OBSERVED)
ax.plot(other_grades, "s", color=PICKED, markerfacecolor="none")
ax.text(5.15, grades[5], "grade", color=OBSERVED, va="center")
ax.text(5.15, other_grades[5], "mirrored", color=PICKED, va="center")
ax.text(5.15, line[5], "own line", color=GROUP, va="center")
ax.set(xlabel="occasion (semester, from 0)", ylabel="gpa (grade points)")
ax.set(xticks=range(6), xlim=(-0.2, 6))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The squares are other grades than the dots, but they have the same line, and the same
# distances from it. Now the facts of both files, side by side.

# %%
formula = "gpa ~ occasion + sex + highgpa + (1 | student)"
facts = {}
for name, rows in {"these rows": gpa, "mirrored rows": other}.items():
    start, fit = rows.loc[rows["occasion"] == 0, "gpa"], mm.lmer(formula, data=rows)
    facts[name] = {
        "mean of all grades": rows["gpa"].mean(),
        "lowest first grade": start.min(),
        "sd of first grades": start.std(),
        "coefficient of sex": fit.fixef["sex[T.female]"],
        "se of it": fit.std_error["sex[T.female]"],
        "REML criterion": fit.criterion,
    }
facts = pd.DataFrame(facts)
facts.round(3)

# %% [markdown]
# No student keeps all grades, yet the model sees no difference: not in its
# coefficients, nor its standard errors, nor its *criterion* (the number that the fit
# makes as small as possible). For balanced data all it needs is in a few sums, its
# *sufficient statistics*, and mirroring keeps them. Facts outside these sums, such as
# the spread of a single semester, do change.

# %%
same = facts.loc[["mean of all grades", *facts.index[3:]]]
assert np.allclose(same["these rows"], same["mirrored rows"])
changed = facts.loc[["lowest first grade", "sd of first grades"]]
assert (changed["these rows"] - changed["mirrored rows"]).abs().min() > 0.05
assert np.allclose(mirrored.sum(axis=1), Y.sum(axis=1))
assert np.allclose(mirrored @ X, Y @ X)
assert np.isclose((mirrored**2).sum(), (Y**2).sum())
assert (np.abs(mirrored - Y).max(axis=1) > 1e-6).all()
assert Y[0].sum().round(1) == 16.7  # the total of student 1 in the original

# %% [markdown]
# So mind the difference:
#
# | holds for the original study | true of these rows only |
# |---|---|
# | mean of all grades; the average line; the totals of students 1 to 5 | the grades of a single student |
# | models with a random intercept and any of `occasion`, `sex`, `highgpa`: coefficients, standard errors, variances, intervals | means, spread and range of a single semester |
# | the model with `occasion` and a random slope of it | anything on `sex` by `occasion` |
# | 105 women, 95 men; mean `highgpa`, also by sex | who is best or worst |
# | counts of `job` and `admitted`, mean `gpa` by `job` | how semesters correlate |
#
# The lessons quote the left column as results, the right one as facts of the file.
# Online, `mm.load_gpa(original=True)` fetches the original for you alone.

# %% [markdown] tags=["R12"]
# ## 5 · The simplest mixed model
#
# The mixed model that is met most often has one grouping factor, and each group has an
# intercept of its own (*random intercepts*). With `occasion` as its predictor it is the
# model of Lessons 05 to 12. Simpler still is the one without any predictor, with
# *variance components* only:
#
# $$\text{gpa} = b_\text{intercept} + \text{effect}_\text{student} + \epsilon$$

# %% [markdown] tags=["R12"]
# It is called the *null model*. The effects of the students are drawn from a
# distribution with mean 0, and so are the errors $\epsilon$. The model asks one thing:
# how much of the variance of the grades lies between students?

# %% [markdown] tags=["R12"]
# Look at the next picture first: students in the order of their mean grade (dots), with
# a bar from their lowest to their highest.
#
# **Guess before you run:** which part of the variance is between students: a tenth, a
# third, two thirds?

# %% tags=["R12"] alt="200 students in the order of their mean grade, blue dots rising from 2.2 to 3.4 across a red line at 2.865. A grey bar through each dot, from the student's lowest to highest grade, is often about 0.8 high."
order = np.argsort(Y.mean(axis=1), kind="stable")
fig, ax = plt.subplots(figsize=(7.0, 3.6))
ax.vlines(range(200), Y.min(axis=1)[order], Y.max(axis=1)[order], color="#cccccc")
ax.plot(Y.mean(axis=1)[order], "o", color=GROUP, markersize=2.5)
ax.hlines(Y.mean(), 0, 199, color=OVERALL, linewidth=1.2)
ax.text(201, Y.mean(), "overall", color=OVERALL, va="center")
ax.set(xlabel="students, by their mean grade", ylabel="gpa (grade points)", xticks=[])
ax.set(xlim=(-2, 222))
ax.spines[["top", "right"]].set_visible(False)

# %% [markdown] tags=["R12"]
# Means differ, from 2.2 to 3.4, but the bars are long. First by hand, as in Lesson 01:
# the average variance *within* students, and the variance of their means. The means of
# six grades would differ by chance alone, with the variance within / 6. That is
# subtracted.

# %% tags=["R12"]
within_students = Y.var(axis=1, ddof=1).mean()
between_students = Y.mean(axis=1).var(ddof=1) - within_students / 6
share = between_students / (between_students + within_students)
pd.Series(
    {"between": between_students, "within": within_students, "share": share}
).round(3)

# %% tags=["R12"]
null = mm.lmer("gpa ~ 1 + (1 | student)", data=gpa)
null

# %% tags=["R12"]
expected = [between_students, within_students]
assert np.allclose(null.var_corr()["variance"], expected, rtol=1e-6)
assert np.isclose(null.fixef["Intercept"], gpa["gpa"].mean())
assert np.isclose(mm.icc_null("gpa", "student", gpa), share)
assert round(share, 3) == 0.369  # as on the original records
assert Y.mean(axis=1).min().round(1) == 2.2 and Y.mean(axis=1).max().round(1) == 3.4
mm.icc(null).round(3)

# %% [markdown] tags=["R12"]
# The share is 0.369, a bit more than a third, by hand and by the package. It is called
# the *intraclass correlation* (ICC). `icc_null` gets it in one call. (The row *all*
# adds up all grouping factors; here there is only one.)
#
# The null model is only a beginning. Grades rise over time, and it
# has to count this rise as error *within* students. Put `occasion` into the model, and
# that part of the error is gone.

# %% tags=["R12"]
main = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
pair = {"null model": null, "with occasion": main}
shares = pd.DataFrame(
    {
        "student sd": {n: m.var_corr()["sd"].iloc[0] for n, m in pair.items()},
        "residual sd": {n: m.var_corr()["sd"].iloc[1] for n, m in pair.items()},
        "share of students": {n: mm.icc(m)["icc"].iloc[0] for n, m in pair.items()},
    }
)
shares.round(3)

# %% [markdown] tags=["R12"]
# The residual sd falls from 0.312 to 0.241. The share rises to 0.523, but it is now a
# share of the variance that is left when time is known. (The student sd rises a little,
# since less is subtracted for chance.) Say which ICC you mean. [Lesson
# 10](10_variance_components.ipynb) reads the second one.

# %%
assert shares["share of students"].round(3).tolist() == [0.369, 0.523]
assert shares["residual sd"].round(3).tolist() == [0.312, 0.241]
chance = shares["residual sd"] ** 2 / 6
assert np.allclose(shares["student sd"] ** 2 + chance, Y.mean(axis=1).var(ddof=1))

# %% [markdown]
# ## Summary
#
# - 1200 rows, 200 students, six occasions each: balanced, one grouping factor.
# - `sex`, `highgpa` belong to students; `gpa`, `occasion` to rows; leave `job` and
#   `admitted` alone.
# - Rows are reconstructed; models agree with the original, single rows do not.
# - The null model has variance components only; in it 37 % of the variance is between
#   students.
#
# **Common mistakes.** Counting students by counting rows. Using a column with gaps, and
# not noticing that a third of the students are gone. Quoting a single student of a
# reconstructed file. Comparing a null model's ICC with that of a model with predictors.
#
# **In the code.** `mmcourse/datasets.py`: `load_gpa`. `mmcourse/structure.py`:
# `describe_structure`. `mmcourse/extract/shares.py`: `icc`, `icc_null`.
# `data/make_gpa.py`: how the rows were made.
#
# **References.** M. Clark, *Mixed Models with R*: the text that the course follows. J.
# Hox (2010), *Multilevel Analysis*, 2nd ed.: where the data come from. The data card,
# `data/README.md`: every column, and which figures are exact.
#
# **Next.** [Lesson 04](04_the_standard_regression_model.ipynb): the model to beat, one
# line for everybody.
