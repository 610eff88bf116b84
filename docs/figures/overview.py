"""The README's picture: students' grades, their lines in a mixed model, their effects.

`make figures` writes overview.png beside this file.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mmcourse as mm
from mmcourse.plots import GROUP, OVERALL, PICKED

TARGET = Path(__file__).with_name("overview.png")
SHARES = (0.05, 0.95)  # of the students, in order of their effects


def draw() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the predicted lines in it: student, occasion, gpa."""
    gpa = mm.load_gpa()
    model = mm.lmer("gpa ~ occasion + (1 | student)", data=gpa)
    # Students with equal totals have equal effects; last digits must not choose one.
    effects = model.ranef()["student"]["Intercept"].round(6).sort_values(kind="stable")
    students = [effects.index[int(share * len(effects))] for share in SHARES]
    lines = gpa.loc[gpa["student"].isin(students), ["student", "occasion"]]
    lines = lines.assign(gpa=model.predict(lines))
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    mm.plot_trajectories(
        gpa, "occasion", "gpa", "student", highlight=students, trend=False, ax=left
    )
    average = model.predict({"occasion": [0, 5]}, re_form="none")
    left.plot([0, 5], average, color=OVERALL, linewidth=2.4)
    left.annotate("average student", (5.06, average.iloc[1] - 0.03), color=OVERALL)
    draw_lines(left, lines)
    left.set(xlabel="semester", ylabel="grade (points)", xlim=(-0.1, 7.1))
    left.set_xticks(range(6))
    left.spines["bottom"].set_bounds(-0.1, 5)  # the names at the right need no axis
    title = "Grades (thin), fitted lines (thick)"
    left.set_title(title, loc="left", fontsize="medium")
    mm.plot_random_effects(model, ax=right)
    right.set(ylabel="distance from the average line (points)")
    title = "Where each student stands (dark: 95% interval without 0)"
    right.set_title(title, loc="left", fontsize="medium")
    return fig, lines


def draw_lines(ax: Axes, lines: pd.DataFrame) -> None:
    """Draw the students' own lines and name them at their ends."""
    for student, own in lines.groupby("student", observed=True):
        ax.plot(own["occasion"], own["gpa"], color=GROUP, linewidth=2.2, zorder=4)
        end = own.iloc[np.argmax(own["occasion"])]
        ax.annotate(f"student {student}", (5.06, end["gpa"]), color=PICKED, va="center")


if __name__ == "__main__":
    figure, _ = draw()
    figure.savefig(TARGET, dpi=110)
