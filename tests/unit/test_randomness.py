"""Seeds, counts and streams."""

import numpy as np
import pytest

import mmcourse as mm
from mmcourse.randomness import Streams, check_count, generator


def test_a_number_is_a_seed_and_a_generator_moves_on():
    assert generator(3).random() == generator(np.int64(3)).random()
    own = np.random.default_rng(3)
    assert generator(own) is own
    assert generator(None).random() != generator(None).random()


@pytest.mark.parametrize("seed", [True, 1.0, "1", [1], np.random.RandomState(1)])
def test_what_is_no_seed(seed):
    with pytest.raises(TypeError, match="seed is"):
        generator(seed)


@pytest.mark.parametrize(
    ("n", "error"),
    [
        (0, mm.InferenceError),
        (-1, mm.InferenceError),
        (1.0, TypeError),
        (True, TypeError),
    ],
)
def test_what_is_no_count(n, error):
    with pytest.raises(error, match="n_sims is"):
        check_count(n)


def test_streams_are_normal_independent_and_their_own():
    streams = Streams(np.random.default_rng(1))
    z = streams.normals(range(100), (1000,), 0)
    assert abs(z.mean()) < 5 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 5 / np.sqrt(2 * z.size)
    assert np.abs(np.corrcoef(z) - np.eye(100)).max() < 6 / np.sqrt(1000)
    np.testing.assert_array_equal(z[[7, 3]], streams.normals([7, 3], (1000,), 0))
    other = streams.normals([7], (1000,), 1)[0]
    assert abs(np.corrcoef(z[7], other)[0, 1]) < 5 / np.sqrt(1000)
    again = Streams(np.random.default_rng(1))
    assert again.at(5, 2).random() == streams.at(5, 2).random()
    assert again.at(5, 2).random() != streams.at(6, 2).random()
    # Any name's hash is a place.
    assert np.isfinite(streams.normals([2**56 - 1], (3,), 9)).all()


def test_nothing_global_is_touched():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    mm.boot_mer(mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff")), n_sims=3)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
