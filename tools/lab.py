"""`make lab`: update the working copy, start JupyterLab on the first lesson.

Run by the Python of `.venv`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import working_copy
from serving import Lab, say, serve

ROOT = Path(__file__).resolve().parent.parent
FIRST_LESSON = "notebooks/00_start_here.ipynb"
# nbgrader, whose Validate button learners press, warns when it finds no such file.
NO_SETTINGS = "# Settings of nbgrader for learners: its defaults. By tools/lab.py.\n"
VALIDATE = "nbgrader.server_extensions.validate_assignment"
# Of the parts of nbgrader in JupyterLab the Validate button stays.
DISABLED = ("assignment-list", "course-list", "create-assignment", "formgrader", "menu")


def main() -> int:
    """Update `work/`, then serve it."""
    work = Path(os.environ.get("MMCOURSE_WORK") or ROOT / "work")
    say_report(working_copy.update(ROOT, work))
    jupyter = Path(sys.prefix, "etc", "jupyter")
    jupyter.mkdir(parents=True, exist_ok=True)
    (jupyter / "nbgrader_config.py").write_text(NO_SETTINGS)
    lab = Lab(
        target="lab",
        folder=work,
        page=f"/tree/{FIRST_LESSON}" if (work / FIRST_LESSON).exists() else "",
        settings=Path(sys.prefix, "share", "jupyter", "lab", "settings"),
        disabled=tuple(f"@jupyter/nbgrader:{name}" for name in DISABLED),
        extensions=(VALIDATE,),
        bye="your work is in work/",
    )
    return serve(lab)


def say_report(report: working_copy.Report) -> None:
    """Say what came into the working copy and what was left alone."""
    if report.brought:
        say(f"{len(report.brought)} new or newer files in work/")
    for name in report.kept:
        say(f"work/{name} is yours and stays; rename it to get the newer version")


if __name__ == "__main__":
    sys.exit(main())
