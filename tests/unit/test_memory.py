"""No fit is killed for memory: what does not fit is refused before it is allocated."""

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse import memory
from mmcourse.elimination import layout


@pytest.fixture
def crossed():
    """Partly crossed: each of 40,000 users has rated 3 of 30,000 items."""
    rng = np.random.default_rng(5)
    user = np.repeat(np.arange(40_000), 3)
    item = rng.integers(0, 30_000, len(user))
    return pd.DataFrame({"y": rng.normal(size=len(user)), "user": user, "item": item})


def test_too_many_crossed_levels_are_refused_with_the_memory(crossed, monkeypatch):
    monkeypatch.setattr(layout, "available", lambda: 8.0 * memory.GIB)
    with pytest.raises(mm.DesignError) as caught:
        mm.lmer("y ~ 1 + (1 | user) + (1 | item)", crossed)
    text = str(caught.value)
    levels = crossed["item"].nunique()
    # Three arrays of 8 bytes for every pair of items.
    assert f"about {24 * (levels + 1) ** 2 / memory.GIB:.1f} GiB" in text
    assert "7.2 GiB are free" in text
    assert f"the {levels} random effects of 'item'" in text


def test_nested_levels_need_no_pairs(crossed, monkeypatch):
    monkeypatch.setattr(layout, "available", lambda: 2.0**20)
    crossed["region"] = crossed["user"] // 100
    model = mm.lmer("y ~ 1 + (1 | region/user)", crossed)
    assert model.n_groups == {"user:region": 40_000, "region": 400}


def test_the_free_memory_is_some_of_this_machine():
    assert 2**20 < memory.available() < 2**50


def test_the_limit_of_a_container_counts(monkeypatch, tmp_path):
    numbers = {"memory.max": 3.0 * memory.GIB, "memory.current": 1.0 * memory.GIB}
    monkeypatch.setattr(memory, "_read", numbers.get)
    monkeypatch.setattr(memory, "_machine", lambda: 100.0 * memory.GIB)
    assert memory.available() == 2.0 * memory.GIB
