"""`make formgrader`: mark written answers by hand, in nbgrader's formgrader.

Run by the Python of `.venv`. INTO= names the folder that was graded into.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from jupyterlab_server.workspaces_handler import WorkspacesManager
from serving import Lab, serve, stop

ROOT = Path(__file__).resolve().parent.parent
OWN = Path(sys.prefix, "share", "jupyter", "lab", "formgrader")
EXTENSION = "mmcourse.grading.pages.formgrader"
# Of the parts of nbgrader in JupyterLab the menu and the formgrader stay.
DISABLED = (
    "assignment-list",
    "course-list",
    "create-assignment",
    "validate-assignment",
)
# Nothing that is opened here fetches anything from elsewhere.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'self'"
)
HEADERS = {"headers": {"Content-Security-Policy": POLICY}}
TAB = "nbgrader-formgrader:nbgrader-formgrader"
OPEN = {TAB: {"data": {}}} | {
    "layout-restorer:data": {
        "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": [TAB]}}
    }
}


def main() -> int:
    """Serve the folder with what was graded."""
    folder = (ROOT / (os.environ.get("INTO") or "grading")).resolve()
    if not (folder / "gradebook.db").is_file():
        return stop(
            f"nothing was graded in {folder}. Grade first: make grade "
            "ASSIGNMENT=p1 SUBMISSIONS=export.zip; or name another folder: "
            "make formgrader INTO=/path/to/grading"
        )
    workspaces = OWN / "workspaces"
    manager = WorkspacesManager(str(workspaces))
    manager.save("default", json.dumps({"data": OPEN, "metadata": {"id": "default"}}))
    lab = Lab(
        target="formgrader",
        folder=folder,
        page="",
        settings=OWN / "settings",
        disabled=tuple(f"@jupyter/nbgrader:{name}" for name in DISABLED),
        extensions=(EXTENSION,),
        options=(
            f"--LabApp.workspaces_dir={workspaces}",
            f"--ServerApp.tornado_settings={HEADERS}",
            f"--ServerApp.kernel_manager_class={EXTENSION}.NoKernels",
            f"--ServerApp.kernel_spec_manager_class={EXTENSION}.NoKernelSpecs",
        ),
        bye="then type `make grade ASSIGNMENT=...` for marks and feedback",
    )
    return serve(lab)


if __name__ == "__main__":
    sys.exit(main())
