"""The page for R users: up to date, every call exists, both sides agree."""

from __future__ import annotations

import json
import re

import pytest

import mmcourse as mm
from docs.r_users.build import (
    FENCE,
    MASTER,
    PAGE,
    PRINTED,
    STORED,
    BuildError,
    Built,
    build,
    r_output,
    side_by_side,
    unmatched,
)

BLOCKS = [(m[1], m[2] or "", m[3]) for m in FENCE.finditer(MASTER.read_text())]
# The second column of the tables of calls, and what follows it.
ROWS = re.findall(r"^\| [^|]*(?:\\\|[^|]*)* \| (.*) \|$", MASTER.read_text(), re.M)
CALLS = sorted({c for row in ROWS for c in re.findall(r"\b(mm|model)\.(\w+)", row)})


@pytest.fixture(scope="module")
def built() -> Built:
    return build()


def test_the_page_is_in_step_with_its_master(built):
    assert PAGE.read_text(encoding="utf-8") == built.page, "`make build` writes it"


def test_both_sides_of_a_pair_agree_or_are_said_to_differ(built):
    assert len(built.pairs) > 40
    for theirs, ours in built.pairs:
        found = unmatched(theirs.output, ours.output)
        if ours.mark == "differs":
            assert found, f"agrees, but is marked as different:\n{ours.code}"
        else:
            assert found == [], f"{ours.code}\n{theirs.output}\n{ours.output}"


def test_a_number_that_is_another_is_found():
    r = "(Intercept) 251.40510 6.824597\n2 17"
    assert unmatched(r, "251.4051 6.8246 17.0") == []
    assert unmatched(r, "251.4051 6.8346") == ["6.8346"]
    assert unmatched(r, "2.3") == ["2.3"]
    assert unmatched("30031 < 2.2e-16", "30031.0148 3.1e-40") == []


def test_no_output_outlives_its_code():
    code = {text for language, mark, text in BLOCKS if language == "r" and not mark}
    assert code == set(json.loads(STORED.read_text())["outputs"])
    printed = {text for _, mark, text in BLOCKS if mark == "printed"}
    assert printed == set(json.loads(PRINTED.read_text())["outputs"])
    with pytest.raises(BuildError, match=r"capture\.R"):
        r_output("fixef(other)", "", {"r": {}})


@pytest.mark.parametrize(("owner", "name"), CALLS)
def test_every_call_of_the_tables_exists(owner, name):
    assert len(CALLS) > 60
    if owner == "model":
        model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
        assert hasattr(model, name)
    else:
        assert name in mm.__all__


def test_wide_outputs_stand_one_below_the_other(built):
    narrow = next(p for p in built.pairs if p[0].code == "fixef(gpa_mixed)")
    assert "side-by-side" in side_by_side(*narrow)
    wide = next(p for p in built.pairs if p[0].width > 60)
    assert "side-by-side" not in side_by_side(*wide)
