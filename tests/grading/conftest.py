"""What the tests of grading share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.grading.handed_in import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)
