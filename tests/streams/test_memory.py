"""The memory that a pass takes does not grow with the rows."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd

import mmcourse as mm

N_LEVELS = 500
CHUNK = 20_000


class Simulated:
    """Frames that are made when they are asked for."""

    def __init__(self, n_chunks: int) -> None:
        self.n_chunks = n_chunks

    def __iter__(self):
        for seed in range(self.n_chunks):
            rng = np.random.default_rng(seed)
            g = rng.integers(0, N_LEVELS, CHUNK)
            x, y = rng.normal(size=(2, CHUNK))
            yield pd.DataFrame({"y": y + 0.1 * (g % 7), "x": x, "g": g})


def peak(n_chunks: int) -> int:
    """Most bytes in use during a fit."""
    mm.lmer("y ~ x + (x | g)", Simulated(1))  # what is imported late
    tracemalloc.start()
    try:
        mm.lmer("y ~ x + (x | g)", Simulated(n_chunks))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_rows_take_the_same_memory():
    few, many = peak(3), peak(30)
    assert many < 1.1 * few
    assert many < 20 * CHUNK * 8 * 3
