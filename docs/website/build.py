"""Build the website: assemble its source, then let Sphinx make the pages.

    python -m docs.website.build                     into docs/_build/html
    python -m docs.website.build --output FOLDER     into FOLDER/html

A warning of Sphinx is an error. No cell of a notebook is run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from sphinx.cmd.build import build_main

from docs.website.assemble import assemble

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def main(arguments: list[str] | None = None) -> int:
    """Build the site; return the exit status."""
    parser = argparse.ArgumentParser(description="Build the website.")
    parser.add_argument("--output", type=Path, default=DOCS / "_build")
    output = parser.parse_args(arguments).output.resolve()
    start = time.monotonic()
    shutil.rmtree(output / "html", ignore_errors=True)  # no page that is no longer made
    assemble(ROOT, output / "source")
    status = build_main(
        [
            *("-b", "html", "-c", str(DOCS), "-d", str(output / "doctrees")),
            *("-j", "2", "-W", "--keep-going", "-n", "-q"),
            *(str(output / "source"), str(output / "html")),
        ]
    )
    if status == 0:
        seconds = time.monotonic() - start
        print(f"mmcourse: {output / 'html' / 'index.html'} ({seconds:.0f} s)")
    return status


if __name__ == "__main__":
    sys.exit(main())
