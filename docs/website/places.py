"""Where each file of the repository stands on the website.

Solutions have no place: what is not named here can't get there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# Single pages that live elsewhere in the repository.
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "benchmarks/COVERAGE.md": "coverage.md",
    "benchmarks/RESULTS.md": "speed.md",
    "data/README.md": "data.md",
    "exercises/README.md": "exercises/index.md",
}
KINDS = {".md", ".png", ".rst", ".svg"}  # of files in docs/ that are pages or figures
NO_PAGES = {"_build", "_static", "r_users", "website"}


def places(root: Path) -> dict[str, str]:
    """Return the place on the site of each file, both relative to their roots."""
    found = {name: place for name, place in PAGES.items() if (root / name).exists()}
    found |= {name(root, path): place for path, place in documents(root)}
    for path in sorted(root.glob("benchmarks/*.png")) + data_files(root):
        found[name(root, path)] = name(root, path)
    for path in lessons(root):
        found[name(root, path)] = f"lessons/{path.name}"
    for path in sheets(root):
        found[name(root, path)] = f"exercises/{path.name}"
    return found


def documents(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of docs/ that become pages, or figures of them, with places."""
    docs = root / "docs"
    for path in sorted(docs.rglob("*")):
        inside = path.relative_to(docs)
        if path.suffix in KINDS and inside.parts[0] not in NO_PAGES:
            yield path, inside.as_posix()


def lessons(root: Path) -> list[Path]:
    """Return the built lessons in their order."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def sheets(root: Path) -> list[Path]:
    """Return the sheets that students get, not those with solutions."""
    return sorted((root / "exercises").glob("*/*.ipynb"))


def data_files(root: Path) -> list[Path]:
    """Return the data sets."""
    return sorted((root / "data").glob("*.csv*"))


def name(root: Path, path: Path) -> str:
    """Return a file's name in the repository."""
    return path.relative_to(root).as_posix()
