"""Simulated intervals and effects against merTools 0.5.2, at Monte-Carlo error.

The references are averages of runs of merTools (see README.md); where they are exact
(means and sds without residuals) the comparison is with theory.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.reference.models import HERE, fitted, label

NAMES = ["sleepstudy_ri_reml", "sleepstudy_rs_reml"]
N = 20_000
ERRORS = 5.0  # Monte-Carlo errors of a comparison; there are some 500 of them


def mertools(name):
    return json.loads((HERE / f"mertools_{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("which", ["full", "fixed", "random"])
@pytest.mark.parametrize("noisy", [True, False], ids=["response", "expectation"])
def test_the_independent_method_is_that_of_mertools(name, which, noisy):
    ref, model = mertools(name), fitted(name)
    new = mm.load_sleepstudy().iloc[:12]
    for entry in ref["predictInterval"]:
        if entry["which"] != which or entry["include_resid_var"] != noisy:
            continue
        options = {"which": which, "method": "independent", "include_resid_var": noisy}
        runs = ref["runs_averaged"] * ref["n_sims_per_run"]
        for level in (0.8, 0.95):
            found = mm.predict_interval(model, new, level, N, seed=1, **options)
            names = {"fit": "fit"}
            names |= {end: f"{end}{100 * level:.0f}" for end in ("upr", "lwr")}
            for column, key in names.items():
                value = np.array(entry[key]["value"])
                error = np.array(entry[key]["mc_se"]) * np.sqrt(1 + runs / N)
                assert np.all(np.abs(found[column] - value) < ERRORS * error), key


@pytest.mark.parametrize("name", NAMES)
def test_a_new_level_counts_as_zero_and_is_named(name):
    ref = mertools(name)["predictInterval_new_level"]
    new = mm.load_sleepstudy().iloc[[i - 1 for i in ref["rows_1based"]]]
    new = new.assign(Subject=-999)
    found = mm.predict_interval(
        fitted(name), new, ref["level"], N, method="independent",
        include_resid_var=False, seed=2,
    )  # fmt: skip
    sd = (found["upr"] - found["lwr"]) / 2.563
    for column in ("fit", "upr", "lwr"):
        error = 1.8 * sd / np.sqrt(N)  # of an 80 % end; the reference has 2 runs of N
        assert np.all(np.abs(found[column] - ref[column]) < ERRORS * 1.3 * error)
    assert "-999" in found.attrs["notes"][0]


@pytest.mark.parametrize("name", NAMES)
def test_simulated_random_effects(name):
    ref = mertools(name)["REsim"]
    found = mm.re_sim(fitted(name), N, seed=3)
    levels = found["group"]
    n = len(ref["groupID"])
    expected = pd.DataFrame({k: ref[k][:n] for k in ("mean", "median", "sd")})
    rows = [
        found[
            (levels == label(i, pd.Index(levels)))
            & (found["effect"] == ("Intercept" if t == "(Intercept)" else t))
        ].index[0]
        for i, t in zip(ref["groupID"], ref["term"], strict=True)
    ]
    own = found.loc[rows].reset_index(drop=True)
    error = expected["sd"] / np.sqrt(N)
    assert np.all(np.abs(own["mean"] - expected["mean"]) < ERRORS * 1.3 * error)
    assert np.all(np.abs(own["median"] - expected["median"]) < ERRORS * 1.6 * error)
    assert np.all(np.abs(own["sd"] - expected["sd"]) < ERRORS * error)


@pytest.mark.parametrize("name", NAMES)
def test_simulated_fixed_effects(name):
    ref = mertools(name)["FEsim"]
    found = mm.fe_sim(fitted(name), N, seed=4)
    error = np.array(ref["sd"]) / np.sqrt(N)
    assert np.all(np.abs(found["mean"] - ref["mean"]) < ERRORS * 1.3 * error)
    assert np.all(np.abs(found["median"] - ref["median"]) < ERRORS * 1.6 * error)
    assert np.all(np.abs(found["sd"] - ref["sd"]) < ERRORS * error)


def test_the_sd_of_re_sim_is_0932_not_the_conditional_0917():
    """R55: beta is uncertain too."""
    model = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    sd = mm.re_sim(model, 4000, seed=1)["sd"]
    error = 0.0932 / np.sqrt(2 * 4000 * 200)
    # 200 students share the draws of beta, which are a small part of the variance.
    assert sd.mean() == pytest.approx(0.0932, abs=5e-5 + 5 * error)
    assert model.ranef_sd()["student"]["Intercept"].iloc[0] == pytest.approx(
        0.0917, abs=5e-5
    )


def test_x9_the_joint_interval_is_narrower_than_the_independent_one():
    """X9: sds of 0.0923 and 0.0942 before residual noise, for observed groups."""
    model = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())
    sds = {}
    for method in ("joint", "independent"):
        _, sims = mm.predict_interval(
            model, n_sims=N // 4, method=method, include_resid_var=False,
            return_sims=True, seed=5,
        )  # fmt: skip
        occasion = mm.load_gpa()["occasion"].to_numpy()
        first = occasion == 0
        sds[method] = np.sqrt((sims[first].std(axis=1) ** 2).mean())
    assert sds["joint"] == pytest.approx(0.0923, abs=3e-4)
    assert sds["independent"] == pytest.approx(0.0942, abs=3e-4)
