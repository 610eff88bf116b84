"""Bring `work/`, the learner's copy of notebooks and exercises, up to date.

What a learner has changed is never overwritten. A manifest in `work/` remembers what
each file looked like when it was copied: a file that still looks like that may be
replaced by a newer one. Notebooks are compared by their cells' sources, because
running a lesson is not changing it. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS = ("notebooks", "exercises")
MANIFEST = ".copied.json"


@dataclass(slots=True)
class Report:
    """Which files were brought, and which were left because the learner changed them.

    `kept` names only files of which a newer version exists.
    """

    brought: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def update(root: Path, work: Path) -> Report:
    """Copy what is new or newer from `root` into `work`; report what was done."""
    manifest = _read_manifest(work)
    sources = _sources(root)
    report = Report()
    for name, source in sources.items():
        target = work / name
        theirs = fingerprint(target) if target.exists() else None
        ours = fingerprint(source)
        if theirs == ours:
            manifest[name] = ours
        elif theirs is None or theirs == manifest.get(name):
            _copy(source, target)
            manifest[name] = ours
            report.brought.append(name)
        elif manifest.get(name) != ours:
            report.kept.append(name)
    _remove_vanished(work, sources, manifest)
    _write_manifest(work, manifest)
    return report


def fingerprint(path: Path) -> str:
    """Return a hash of what a learner can edit: cell sources, else all bytes."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = json.loads(content)["cells"]
            sources = [(c["cell_type"], "".join(c["source"])) for c in cells]
            content = json.dumps(sources).encode()
        except (KeyError, TypeError, ValueError):
            pass  # no notebook any more: compare it as it is
    return hashlib.sha256(content).hexdigest()


def _sources(root: Path) -> dict[str, Path]:
    """Return the files to copy, by their name relative to the root."""
    files = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and not hidden and path.name != "README.md":
                files[path.relative_to(root).as_posix()] = path
    return files


def _copy(source: Path, target: Path) -> None:
    """Copy a file so that an interruption never leaves half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".part")
    shutil.copyfile(source, half)
    os.replace(half, target)


def _remove_vanished(
    work: Path, sources: dict[str, Path], manifest: dict[str, str]
) -> None:
    """Remove copies whose source is gone, unless the learner changed them."""
    for name in [name for name in manifest if name not in sources]:
        target = work / name
        if target.exists() and fingerprint(target) == manifest[name]:
            target.unlink()
        del manifest[name]


def _read_manifest(work: Path) -> dict[str, str]:
    """Return what was copied before; nothing when there is no readable manifest."""
    try:
        manifest = json.loads((work / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _write_manifest(work: Path, manifest: dict[str, str]) -> None:
    """Write the manifest in one step."""
    work.mkdir(parents=True, exist_ok=True)
    half = work / (MANIFEST + ".part")
    half.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    os.replace(half, work / MANIFEST)
