"""The source of the site: every page, lesson and figure, copied to its place."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat

from docs.website.lessons import as_page, read
from docs.website.links import rewrite
from docs.website.parts import filled
from docs.website.places import places

DOWNLOADS = "downloads"  # of notebooks as they are in the repository


def assemble(root: Path, target: Path) -> None:
    """Write the source of the site into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    found = places(root)
    for page, place in found.items():
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = filled((root / page).read_text(encoding="utf-8"), page, root)
            path.write_text(rewrite(text, page, found), encoding="utf-8")
        elif path.suffix == ".ipynb":
            copy_notebook(root, page, target, found)
        else:
            shutil.copyfile(root / page, path)


def copy_notebook(
    root: Path, page: str, target: Path, found: Mapping[str, str]
) -> None:
    """Write a notebook twice: as a page, and as it is for download."""
    path = target / found[page]
    whole = target / DOWNLOADS / path.name
    whole.parent.mkdir(exist_ok=True)
    shutil.copyfile(root / page, whole)
    notebook = read(root / page)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = rewrite(cell.source, page, found)
    shown = as_page(notebook, f"../{DOWNLOADS}/{path.name}")
    path.write_text(nbformat.writes(shown), encoding="utf-8")
