"""R's numbers: values that R prints after set.seed, and what its manual promises."""

import numpy as np
import pytest
from scipy.special import ndtri

import mmcourse as mm
from mmcourse import r_random
from mmcourse.r_quantile import normal_quantile
from mmcourse.r_random import RRandom


def test_normals_after_set_seed_1234():
    # R 4.2.2: set.seed(1234); rnorm(5)
    expected = [-1.2070657494, 0.2774292421, 1.0844411767, -2.3456977026, 0.4291246888]
    np.testing.assert_allclose(RRandom(1234).rnorm(5), expected, atol=5e-11)


def test_uniforms_after_set_seed_42():
    # R 4.2.2: set.seed(42); runif(3)
    expected = [0.9148060435, 0.9370754133, 0.2861395348]
    np.testing.assert_allclose(RRandom(42).runif(3), expected, atol=5e-11)


def test_samples():
    # R 4.2.2: set.seed(1234); sample(1:200, 10)
    expected = [28, 80, 150, 101, 111, 137, 133, 166, 144, 132]
    assert RRandom(1234).sample(200, 10).tolist() == expected


def test_module_functions_draw_from_one_stream_that_set_seed_starts_anew():
    r_random.set_seed(1234)
    first = np.concatenate([r_random.rnorm(2), r_random.runif(1)])
    rng = RRandom(1234)
    np.testing.assert_array_equal(first, np.concatenate([rng.rnorm(2), rng.runif(1)]))
    assert mm.r_random.set_seed(1234).sample(200, 3).tolist() == [28, 80, 150]
    r_random.set_seed(7)
    one = r_random.sample([3, 1, 2])
    r_random.set_seed(7)
    np.testing.assert_array_equal(one, r_random.sample([3, 1, 2]))


def test_draws_in_parts_are_the_draws_at_once():
    whole, parts = RRandom(5), RRandom(5)
    apart = np.concatenate([parts.rnorm(3), parts.rnorm(1000)])
    np.testing.assert_array_equal(whole.rnorm(1003), apart)


def test_parameters_are_recycled_and_an_sd_of_zero_draws_nothing():
    rng, other = RRandom(1), RRandom(1)
    found = rng.rnorm(4, mean=[1, 2], sd=[0, 3])
    z = other.rnorm(2)
    np.testing.assert_allclose(found, [1, 2 + 3 * z[0], 1, 2 + 3 * z[1]])
    assert rng.runif(2, 3, 3).tolist() == [3, 3]
    assert rng.runif(1) == other.runif(1)


def test_quantiles_of_the_normal_agree_with_another_algorithm():
    p = np.concatenate(
        [np.linspace(1e-6, 1 - 1e-6, 10_001), 10.0 ** -np.arange(7, 300)]
    )
    np.testing.assert_allclose(normal_quantile(p), ndtri(p), rtol=3e-15)


@pytest.mark.parametrize("n", [1, 2, 100, 65_536, 70_000])
def test_a_sample_of_all_is_a_permutation(n):
    assert sorted(RRandom(3).sample(n)) == list(range(1, n + 1))


def test_a_sample_with_replacement_is_uniform():
    counts = np.bincount(RRandom(3).sample(6, 6000, replace=True), minlength=7)[1:]
    assert counts.sum() == 6000
    # chi-squared with 5 degrees of freedom exceeds 20.5 once in a thousand
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5


def test_a_few_of_very_many_are_drawn_without_a_list_of_all():
    found = RRandom(3).sample(range(1), 1).tolist()
    assert found == [0]
    few = RRandom(3).sample(20_000_000, 50)
    assert len(set(few.tolist())) == 50 and few.max() <= 20_000_000


@pytest.mark.parametrize(
    ("call", "piece"),
    [
        (lambda: RRandom("1"), "seed is '1'; it must be a whole number"),
        (lambda: RRandom(True), "whole number"),
        (lambda: RRandom(2**31), "R's seeds lie between"),
        (lambda: RRandom(1).rnorm(-1), "n is -1"),
        (lambda: RRandom(1).rnorm(2.5), "n is 2.5"),
        (lambda: RRandom(1).rnorm(2, sd=-1), "can't be negative"),
        (lambda: RRandom(1).rnorm(2, mean=np.nan), "finite"),
        (lambda: RRandom(1).runif(2, 1, 0), "high is below low"),
        (lambda: RRandom(1).sample(3, 4), "only 3 elements"),
        (lambda: RRandom(1).sample([[1]]), "a sequence of elements"),
    ],
)
def test_what_is_refused(call, piece):
    with pytest.raises((TypeError, ValueError), match=piece):
        call()


# lmer on R's own data: variances, fixed effects and their standard errors.
SIMULATED = {
    "base": ({}, [0.22908, 0.06254], [1.9379, 0.5075], [0.0500, 0.0175]),
    "u 1": ({"sd_group": 1}, [0.96073, 0.06254], [1.8594, 0.5057], None),
    "e 1": ({"sd_resid": 1}, [0.18474, 0.99957], [1.9866, 0.5292], None),
    "both": ({"sd_group": 0.1, "sd_resid": 1}, [0.02285, 0.99903], None, None),
    "50": ({"n_groups": 50}, [0.22889, 0.05891], [1.7982, 0.4405], [0.0706, 0.0258]),
    "10": ({"n_per_group": 10}, [0.24559, 0.06097], [1.9165, 0.5112], [0.0502, 0.0082]),
}


@pytest.mark.parametrize("case", SIMULATED.values(), ids=SIMULATED)
def test_simulated_data_are_those_of_r(case):
    changes, variances, fixef, se = case
    model = mm.lmer("y ~ x + (1 | groups)", mm.simulate_random_intercepts(**changes))
    np.testing.assert_allclose(model.var_corr()["variance"], variances, atol=6e-6)
    if fixef is not None:
        np.testing.assert_allclose(model.fixef, fixef, atol=6e-5)
    if se is not None:
        np.testing.assert_allclose(model.std_error, se, atol=6e-5)


def test_the_truth_is_in_the_attrs():
    data = mm.simulate_random_intercepts(5, 4, seed=3)
    u, e = np.array(data.attrs["u"]), np.array(data.attrs["e"])
    y = 2 + 0.5 * data["x"] + u[data["groups"] - 1] + e
    np.testing.assert_allclose(data["y"], y)
    # R: head(d$y, 3), head(d$x, 3)
    base = mm.simulate_random_intercepts()
    np.testing.assert_allclose(
        base["y"].head(3), [0.88669046, 1.29586394, 1.20226894], atol=5e-9
    )
    np.testing.assert_allclose(
        base["x"].head(3), [-1.226815, 0.036153, -0.421393], atol=5e-7
    )


def test_frames_with_different_truths_can_be_concatenated():
    import pandas as pd

    one, two = (mm.simulate_random_intercepts(3, 2, seed=s) for s in (1, 2))
    assert len(pd.concat([one, two])) == 12


def test_numpy_draws_are_others_and_repeat():
    one = mm.simulate_random_intercepts(rng="numpy")
    assert one.equals(mm.simulate_random_intercepts(rng="numpy"))
    assert not np.allclose(one["x"], mm.simulate_random_intercepts()["x"])


@pytest.mark.parametrize(
    ("change", "piece"),
    [
        ({"n_groups": 0}, "n_groups is 0"),
        ({"n_per_group": 2.5}, "n_per_group is 2.5"),
        ({"sd_group": -1}, "an sd can't be negative"),
        ({"slope": "a"}, "slope is 'a'"),
        ({"intercept": np.inf}, "finite"),
        ({"rng": "R"}, "rng is 'R'; it must be 'r'"),
        ({"rng": "numpy", "seed": -1}, "seed is -1"),
    ],
)
def test_simulations_that_are_refused(change, piece):
    with pytest.raises((TypeError, ValueError), match=piece):
        mm.simulate_random_intercepts(**change)
