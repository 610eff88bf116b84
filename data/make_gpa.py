"""Rebuild gpa.csv: 200 students, six semesters each, from aggregate figures alone.

The original GPA records carry no licence and are not part of this project; nothing here
reads them. Rows are drawn from the model that the course fits, then shifted by one or
two tenths of a grade point here and there until every figure of gpa_figures.json holds
exactly. For balanced data these figures are the sufficient statistics of the models of
the course, so estimates, standard errors, intervals and predictions come out as they do
with the original records, to every digit (README.md says for which models).

Exact: all sums in gpa_figures.json, the number of women, the totals of the first five
students, the counts of the job and admission labels, and mean gpa by job to the digits
given there. Taken from the book that describes the original: student 1 is a woman with
a high-school gpa of 2.8 who was admitted. Everything else is drawn.

Method
1. Draw sex and high-school gpa, then six marks per student: a trend common to all, an
   intercept and a slope of the student's own, and a residual that shrinks over the
   semesters. The first five students are drawn until they have their totals.
2. Shift single marks by a tenth until sum_y and sum_occasion_y hold.
3. Exchange tenths between two students in one semester, which keeps those two sums,
   until sum_S2, sum_ST and sum_T2 are near; a look-up of all pairs of exchanges then
   closes what is left. No mark moves by more than a tenth in steps 2 and 3.
4. Within a student, (+1, -2, +1) and (+1, -1, -1, +1) tenths keep the total and the
   weighted total: one of them, in as many students as sum_y2 asks for. A mark ends
   within two tenths of its draw.
5. Swap the sex of two students, and exchange tenths of high-school gpa, for the rest.

Conventions: y and h are in tenths of a grade point, as in gpa_figures.json; S is a
student's total, T the total weighted by occasion 0..5. The file is the same, byte for
byte, with every Python version and on every machine: gpa_draws.py says why for the
draws; after them, the marks are decided by integers alone.

Usage: python make_gpa.py [FILE]     (default: gpa.csv beside this script)
"""

import random
import sys
from pathlib import Path

from exact_sums import dot, exchange, less, sign
from gpa_draws import (
    FIGURES,
    FREE,
    OCCASIONS,
    SEED,
    N,
    below,
    draw_marks,
    draw_students,
    is_mark,
    normal,
    shuffled,
)

PATTERNS = [(1, -2, 1), (-1, 2, -1), (1, -1, -1, 1), (-1, 1, 1, -1)]


def main(path):
    """Draw, adjust and write."""
    rng = random.Random(SEED)
    sex, h = draw_students(rng)
    drawn = draw_marks(rng, sex, h)
    y = match_sums(rng, drawn)
    y = match_products(rng, drawn, y)
    y = match_squares(rng, drawn, y)
    sex = match_sex(rng, sex, totals(y)[0])
    h = match_h(rng, h, sex, totals(y)[0])
    job = draw_jobs(rng, y)
    admitted = draw_admitted(rng)
    Path(path).write_text(as_csv(y, job, sex, h, admitted), "utf-8", newline="\n")


def totals(y):
    """Return S and T of each student."""
    return [sum(row) for row in y], [dot(OCCASIONS, row) for row in y]


# Marks


def match_sums(rng, drawn):
    """Shift marks by a tenth until sum_y and sum_occasion_y hold."""
    y = copied(drawn)
    S, T = totals(y)
    short, late = missing(("y", "occasion_y"), (sum(S), sum(T)))
    while short:
        i, t, step = one_free(rng), below(rng, len(OCCASIONS)), sign(short)
        if may_move(drawn[i][t], y[i][t] + step):
            y[i][t] += step
            short -= step
            late -= step * t
    while late:  # a tenth from one semester of a student to another
        i, up, down = one_free(rng), *shuffled(rng, OCCASIONS)[:2]
        closer = abs(late - up + down) < abs(late)
        if closer and may_exchange(drawn, y, (i, up), (i, down)):
            y[i][up] += 1
            y[i][down] -= 1
            late -= up - down
    return y


def copied(y):
    """Return rows that can be changed without changing those of `y`."""
    return [row[:] for row in y]


def one_free(rng):
    """Return one of the students whose total may change."""
    return FREE[below(rng, len(FREE))]


def may_move(drawn, mark):
    """Say whether a mark stays in range and within a tenth of what was drawn."""
    return is_mark(mark) and abs(mark - drawn) <= 1


def may_exchange(drawn, y, up, down):
    """Say whether the mark at `up` may rise a tenth and that at `down` fall."""
    (i, t), (j, s) = up, down
    return may_move(drawn[i][t], y[i][t] + 1) and may_move(drawn[j][s], y[j][s] - 1)


def match_products(rng, drawn, y):
    """Exchange tenths of two students in one semester; sum_S2, sum_ST, sum_T2 hold.

    The gap is taken in S and the trend U = 2T - 5S, which are far less correlated than
    S and T: when both are near, so is everything.
    """
    y = copied(y)
    S, T = totals(y)
    U = [2 * b - 5 * a for a, b in zip(S, T, strict=True)]
    S2, ST, T2 = missing(("S2", "ST", "T2"), (dot(S, S), dot(S, T), dot(T, T)))
    gap = S2, 2 * ST - 5 * S2, 4 * T2 - 20 * ST + 25 * S2

    def change(i, j, t):
        dS, dU, u = S[i] - S[j], U[i] - U[j], 2 * t - 5
        return 2 * dS + 2, u * dS + dU + 2 * u, 2 * u * dU + 2 * u * u

    def allowed(i, j, t):
        return may_exchange(drawn, y, (i, t), (j, t))

    def apply(i, j, t):
        for student, step in ((i, 1), (j, -1)):
            y[student][t] += step
            S[student] += step
            U[student] += step * (2 * t - 5)

    moves = [(i, j, t) for t in OCCASIONS for i in FREE for j in FREE if i != j]
    exchange(rng, gap, (30, 60, 200), moves, change, allowed, apply)
    return y


def missing(names, found):
    """Return what sums still miss."""
    return [
        FIGURES[f"sum_{name}"] - sum_ for name, sum_ in zip(names, found, strict=True)
    ]


def match_squares(rng, drawn, y):
    """Bend single students, totals kept, until sum_y2 holds; each at most once."""
    y = copied(y)
    (gap,) = missing(["y2"], [sum(dot(row, row) for row in y)])
    for i in shuffled(rng, range(N)):
        bends = []
        for row in bent(y[i]):
            after = gap - dot(row, row) + dot(y[i], y[i])
            near = max(map(abs, less(row, drawn[i]))) <= 2
            if near and all(map(is_mark, row)) and abs(after) < abs(gap):
                bends.append((row, after))
        if bends:
            y[i], gap = bends[below(rng, len(bends))]
    if gap:
        raise ValueError(f"sum_y2 misses {gap}; try another seed")
    return y


def bent(row):
    """Yield rows with one of the patterns added at one place."""
    for pattern in PATTERNS:
        for place in range(len(row) - len(pattern) + 1):
            padded = [0] * place + [*pattern] + [0] * (len(row) - place - len(pattern))
            yield [mark + step for mark, step in zip(row, padded, strict=True)]


# Students


def match_sex(rng, sex, S):
    """Swap the sex of two students, student 1 apart, until sum_sex_S holds."""
    sex = sex[:]
    (gap,) = missing(["sex_S"], [dot(sex, S)])
    while gap:
        i, j = 1 + below(rng, N - 1), 1 + below(rng, N - 1)
        after = gap - (S[j] - S[i])
        if sex[i] > sex[j] and abs(after) < abs(gap):
            sex[i], sex[j] = 0, 1
            gap = after
    return sex


def match_h(rng, h, sex, S):
    """Shift and exchange tenths of high-school gpa, student 1 apart; its sums hold."""
    h = h[:]
    low, high = FIGURES["h_range"]
    while gap := FIGURES["sum_h"] - sum(h):
        i = 1 + below(rng, N - 1)
        if low <= h[i] + sign(gap) <= high:
            h[i] += sign(gap)

    def change(i, j):
        return 2 * (h[i] - h[j]) + 2, sex[i] - sex[j], S[i] - S[j]

    def allowed(i, j):
        return h[i] < high and h[j] > low

    def apply(i, j):
        h[i] += 1
        h[j] -= 1

    gap = missing(("h2", "sex_h", "h_S"), (dot(h, h), dot(sex, h), dot(h, S)))
    moves = [(i, j) for i in range(1, N) for j in range(1, N) if i != j]
    exchange(rng, gap, (12, 1, 20), moves, change, allowed, apply)
    return h


def draw_jobs(rng, y):
    """Draw the job label of each mark: fewer hours with better marks.

    The labels are dealt in order of a score (a student's rows lean the same way), then
    swapped between two marks until mean gpa by job is what gpa_figures.json gives.
    """
    marks = [mark for row in y for mark in row]
    habits = [habit for row in y for habit in [normal(rng)] * len(row)]
    scores = [
        m / 4 + habit + normal(rng) for m, habit in zip(marks, habits, strict=True)
    ]
    counts, means = FIGURES["job_counts_over_rows"], FIGURES["job_mean_gpa"]
    goal = {label: round(10 * means[label] * counts[label]) for label in counts}
    goal["2 hours"] += sum(marks) - sum(goal.values())  # rounding, to the largest class

    labels = [label for label, count in counts.items() for _ in range(count)]
    ranks = sorted(range(len(marks)), key=lambda k: -scores[k])
    job = [label for _, label in sorted(zip(ranks, labels, strict=True))]
    for mark, label in zip(marks, job, strict=True):
        goal[label] -= mark
    while any(goal.values()):
        a, b = below(rng, len(marks)), below(rng, len(marks))
        after = dict(goal)
        after[job[a]] -= marks[b] - marks[a]
        after[job[b]] -= marks[a] - marks[b]
        if sum(map(abs, after.values())) < sum(map(abs, goal.values())):
            job[a], job[b], goal = job[b], job[a], after
    return job


def draw_admitted(rng):
    """Deal the admission labels at random; student 1 is admitted."""
    counts = FIGURES["admitted_counts_over_students"]
    labels = [label for label, count in counts.items() for _ in range(count)]
    labels.remove("yes")
    return ["yes", *shuffled(rng, labels)]


def as_csv(y, job, sex, h, admitted):
    """Return the text of the file, one line per mark."""
    lines = [FIGURES["original"]["columns"]]
    for i, row in enumerate(y):
        person = (
            ("male", "female")[sex[i]],
            f"{h[i] / 10:.1f}",
            admitted[i].replace("missing", ""),
        )
        for t, mark in enumerate(row):
            year, semester = 1 + t // 2, 1 + t % 2
            when = f"year {year} semester {semester}"
            cells = i + 1, when, f"{mark / 10:.1f}", job[i * len(row) + t], *person
            lines.append(",".join(map(str, (*cells, year, semester, t))))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("gpa.csv"))
