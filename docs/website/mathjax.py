"""MathJax from the site itself: one file of a Python package, not from elsewhere.

The package `sphinx-mathjax-offline` carries the whole of MathJax, 24 MB. Pages need the
one file that reads TeX and draws with paths, without fonts to load.
"""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx

PACKAGE = "sphinx-mathjax-offline"
SCRIPT = "mathjax/tex-svg.js"  # in the package and in the site's _static


def offer(app: Sphinx) -> None:
    """Copy the script into the site when its pages are built."""
    app.connect("build-finished", copy_script)


def copy_script(app: Sphinx, problem: Exception | None) -> None:
    """Copy the script, unless the build failed."""
    if problem is None:
        package = Path(importlib.import_module(PACKAGE).__file__).parent
        target = Path(app.outdir) / "_static" / SCRIPT
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package / "static" / SCRIPT, target)
