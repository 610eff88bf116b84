"""The bootstrap's two routes: batches of cross-products, and models fitted one by one.

A replicate must be what `lmer` finds for the same response; simulated products must
have the moments that the model gives them.
"""

from __future__ import annotations

import numpy as np
import pytest

import mmcourse as mm
from mmcourse import refitted, replicates
from mmcourse.arrays import as_arrays
from mmcourse.refit import products_of
from tests.invariants.compare import REST, school

FORMULAS = [
    "y ~ x + (1 | g)",
    "y ~ x + (x | g)",
    "y ~ x + (x || g)",
    "y ~ x + (1 | g) + (1 | h)",
    "y ~ x + f + (x | g) + (1 | h)",
    "y ~ z + (1 | h/g)",
    "y ~ 1 + (0 + f | h)",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("weights", [None, "w"])
def test_a_batch_of_refits_is_what_lmer_finds(formula, weights):
    data = school(n=120)
    model = mm.lmer(formula, data, weights=weights, reml=weights is None)
    sims = model.simulate(12, seed=5)
    drawn = sims.to_numpy().T - model.design.X @ model.fit.beta
    response = products_of(model.fit, as_arrays(model.design), drawn)
    refits = replicates.refit(model.fit, response)
    found = refitted.estimates(model.fit, refits)
    criteria = refits.evaluation.criterion + model.fit.problem.constant
    effects = refitted.random_effects(model.fit, refits, response)
    for i, name in enumerate(sims):
        one = mm.lmer(formula, data.assign(y=sims[name]), reml=model.reml,
                      weights=weights)  # fmt: skip
        assert criteria[i] == pytest.approx(one.criterion, rel=1e-9)
        assert found.sigma[i] == pytest.approx(one.sigma, rel=REST)
        error = np.abs(found.beta[i] - one.fixef) / one.std_error
        assert error.max() < REST
        for block, term in zip(found.covariances, one.fit.relative_covariances(),
                               strict=True):  # fmt: skip
            size = one.sigma**2 * (1 + np.abs(term).max())
            assert np.abs(block[i] - one.sigma**2 * term).max() < 2e-5 * size
        for own, modes in zip(effects, one.posterior.modes, strict=True):
            np.testing.assert_allclose(own[i], modes, atol=2e-5 * one.sigma)


@pytest.mark.parametrize("use_u", [False, True])
@pytest.mark.parametrize("formula", FORMULAS[1:5])
def test_products_drawn_without_rows_are_those_of_simulated_rows(formula, use_u):
    """Means and variances of X'y, Z'y, y'y, by both routes, at Monte-Carlo error."""
    model = mm.lmer(formula, school(n=100), weights="w")
    n, fit = 4000, model.fit
    modes = model.posterior.conditioned_modes if use_u else {}
    rng = np.random.default_rng(3)
    one = replicates.Simulator(fit, use_u, modes, rng).draw(n)
    rows = model.simulate(n, seed=4, re_form="all" if use_u else "none")
    drawn = rows.to_numpy().T - model.design.X @ fit.beta
    two = products_of(fit, as_arrays(model.design), drawn)
    pairs = [(one.x, two.x), (one.square[:, None], two.square[:, None])]
    pairs += [
        (a.reshape(n, -1), b.reshape(n, -1)) for a, b in zip(one.z, two.z, strict=True)
    ]
    for a, b in pairs:
        sd = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2)
        assert np.all(np.abs(a.mean(axis=0) - b.mean(axis=0)) < 6 * sd * np.sqrt(2 / n))
        ratio = a.var(axis=0) / b.var(axis=0)
        # The sd of log(ratio) is 2 / sqrt(n) for normal numbers.
        assert np.all(np.abs(np.log(ratio)) < 12 / np.sqrt(n))


def test_one_replicate_takes_the_same_numbers_in_any_batch():
    model = mm.lmer("y ~ x + (x | g) + (1 | h)", school())
    every = replicates.Simulator(model.fit, False, {}, np.random.default_rng(1)).draw(9)
    again = replicates.Simulator(model.fit, False, {}, np.random.default_rng(1))
    parts = [again.draw(4), again.draw(5)]
    square = np.concatenate([part.square for part in parts])
    np.testing.assert_allclose(square, every.square, rtol=1e-12)


def test_a_zero_variance_is_exactly_zero_and_correlations_stay_in_range():
    """Dyestuff2: its variance is 0; about half of the replicates' are, exactly."""
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    boot = mm.boot_mer(model, n_sims=400, seed=2)
    zero = (boot.estimates["sd_Intercept|Batch"] == 0).mean()
    assert 0.45 < zero < 0.68  # of 6 batches: P(F(5, 24) < 1), 0.56
    assert not len(boot.failures)
    few = mm.load_sleepstudy().query("Subject < 332")
    boot = mm.boot_mer(mm.lmer("Reaction ~ Days + (Days | Subject)", few), n_sims=300)
    cor = boot.estimates["cor_Days.Intercept|Subject"].dropna()
    assert cor.abs().max() <= 1
    assert (cor.abs() > 1 - 1e-9).any()
