"""`make bench-setup`: the other engines, in an environment of their own.

They get the same NumPy, SciPy and pandas that mmcourse runs with here, so that only
the engines differ. mmcourse itself stays in `.venv`. An engine that does not install
on this machine is named and left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engines import PACKAGES
from launch import BENCH_PYTHON, installed

SHARED = ("numpy", "scipy", "pandas", "formulaic", "pyarrow", "statsmodels", "patsy")


def main() -> int:
    """Make `.venv-bench`, install each engine, say which are there."""
    folder = BENCH_PYTHON.parent.parent
    if not BENCH_PYTHON.exists():
        print(f"mmcourse: making {folder.name}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    with tempfile.TemporaryDirectory() as temporary:
        same = Path(temporary) / "same-versions.txt"
        same.write_text("\n".join(pins()) + "\n")
        for name, package in PACKAGES.items():
            said = install(package, same)
            print(f"mmcourse: {name:<12} {said}", flush=True)
    here = "lme4" in installed()
    print(f"mmcourse: {'lme4':<12} {'found' if here else why_no_lme4()}")
    return 0


def pins() -> list[str]:
    """Return the versions that mmcourse runs with, as constraints."""
    out = []
    for name in SHARED:
        try:
            out.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            continue
    return out


def install(package: str, constraints: Path) -> str:
    """Install a package from a wheel; return what came of it."""
    pip = [BENCH_PYTHON, "-m", "pip", "install", "--quiet", "--no-input"]
    pip += ["--disable-pip-version-check", "--constraint", constraints, package]
    run = subprocess.run(pip, capture_output=True, text=True)
    if run.returncode == 0:
        return "installed"
    errors = [s for s in run.stderr.splitlines() if s.startswith("ERROR")]
    return f"left out, it does not install here: {(errors or ['pip failed'])[-1]}"


def why_no_lme4() -> str:
    """Return what is missing for lme4."""
    if shutil.which("Rscript") is None:
        return "left out: no Rscript; install R and its package lme4"
    return 'left out: in R, install.packages("lme4")'


if __name__ == "__main__":
    sys.exit(main())
