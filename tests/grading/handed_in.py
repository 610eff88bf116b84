"""Sheets and exports as the tests of collecting make them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmcourse.grading.collecting.collect import Submission, collect, find_strays

ASSIGNMENT = "20_sleepstudy"
NAME = f"{ASSIGNMENT}.ipynb"
CELLS = ("setup", "effects", "check_effects", "explain")


def cell(grade_id: str | None = None, source: str = "1", **more: Any) -> dict[str, Any]:
    """Return a cell of code, marked for grading if it has a name."""
    mark = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    found = {"cell_type": "code", "source": source, "metadata": mark}
    return found | {"outputs": [], "execution_count": None} | more


def notebook(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a notebook of these cells."""
    found = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)}
    return found | more


def sheet(source: str = "1", cells: tuple[str, ...] = CELLS) -> bytes:
    """Return a sheet as the bytes of its file; the source tells one from another."""
    return json.dumps(notebook(*(cell(name, source) for name in cells))).encode()


def packed(files: Mapping[str, bytes] | list[tuple[Any, bytes]]) -> bytes:
    """Return a ZIP of files, by name or ZipInfo, in their order."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            archive.writestr(name, content)
    return data.getvalue()


@dataclass(frozen=True)
class Course:
    """A folder of submissions, and one to collect them into."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "export"

    @property
    def into(self) -> Path:
        return self.root / "submitted"

    def add(self, path: str, data: bytes = b"") -> Path:
        """Put a file into the export."""
        file = self.source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def zipped(self, files: Mapping[str, bytes] | list[tuple[Any, bytes]]) -> Course:
        """Make the export a ZIP."""
        self.source.write_bytes(packed(files))
        return self

    def collect(self, pattern: str | None = None) -> dict[str, Submission]:
        """Return what became of everybody, by id."""
        found = collect(self.source, ASSIGNMENT, CELLS, self.into, pattern=pattern)
        by_id = {one.student: one for one in found}
        assert len(by_id) == len(found)
        return by_id

    def only(self) -> Submission:
        """Return what became of the only person."""
        (found,) = self.collect().values()
        return found

    def strays(self) -> list[str]:
        return find_strays(self.source, ASSIGNMENT)

    def collected(self) -> dict[str, bytes]:
        """Return what lies in the folder of the collected, by path."""
        files = (file for file in self.into.rglob("*") if not file.is_dir())
        return {f.relative_to(self.into).as_posix(): f.read_bytes() for f in files}
