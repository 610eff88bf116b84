"""Section 2 of `table.md`: what is checked before a model is fitted."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, SLOPES, assert_run, sleep, sleep_data

# lme4 1.1-31, sleepstudy, Reaction ~ Days + (1 | Subject)
FIXEF, SIGMA, THETA = [251.405104848484, 10.467285959596], 30.9912338986441, 1.197881533


def test_one_level_is_refused_and_two_are_fine():
    data = sleep_data()
    with pytest.raises(mm.DesignError, match=r"'Subject' has a single level \(308\)"):
        mm.lmer(INTERCEPTS, data[:10])
    # lme4 1.1-31: two_levels
    fixef = [224.623807272726, 12.0132439393939]
    assert_run(mm.lmer(INTERCEPTS, data[:20]), fixef, 45.1033331343807, [1.96419342])


def test_as_many_levels_as_rows_are_refused():
    data = sleep_data(obs=np.arange(180))
    with pytest.raises(mm.DesignError, match=r"'obs' has 180 levels.*only 180 rows"):
        mm.lmer("Reaction ~ Days + (1 | obs)", data)
    data.loc[0, "obs"] = 1  # one level fewer
    assert mm.lmer("Reaction ~ Days + (1 | obs)", data).n_groups == {"obs": 179}


def test_as_many_random_effects_as_rows_are_refused():
    data = sleep_data()
    with pytest.raises(mm.DesignError, match=r"36 random effects.*only 36 rows"):
        mm.lmer(SLOPES, data[data["Days"] < 2])  # lme4 1.1-31: ranef_ge_n
    assert mm.lmer(SLOPES, data[data["Days"] < 3]).n_obs == 54


def redundant():
    return sleep_data(double=2 * sleep_data()["Days"])


def test_redundant_columns_are_dropped_with_a_warning():
    with pytest.warns(mm.RankWarning, match="1 column .* left out: double"):
        model = mm.lmer("Reaction ~ Days + double + (1 | Subject)", redundant())
    assert_run(model, FIXEF, SIGMA, [THETA])  # lme4 1.1-31: rank_deficient
    assert any("double" in text for text in model.messages)
    # rank_add_dropped: the full vector, on request
    full = model.fixef.reindex(model.design.fixed_names)
    assert list(full.isna()) == [False, False, True]


def test_the_warning_can_be_made_an_error():
    with warnings.catch_warnings(), pytest.raises(mm.RankWarning):
        warnings.simplefilter("error", mm.RankWarning)
        mm.lmer("Reaction ~ Days + double + (1 | Subject)", redundant())


def cells():
    """A 4 x 4 table with an empty cell, 150 rows in 10 groups."""
    rng = np.random.default_rng(7)
    i = np.arange(160)
    data = pd.DataFrame({"a": i % 4, "b": i // 4 % 4, "g": rng.integers(0, 10, 160)})
    data["y"] = rng.normal(size=160) + rng.normal(size=10)[data["g"]]
    data["cell"] = data["a"].astype(str) + data["b"].astype(str)
    data = data.astype({"a": "category", "b": "category"})
    return data[data["cell"] != "11"]


def test_an_empty_cell_costs_one_interaction_column():
    with pytest.warns(mm.RankWarning, match="1 column"):
        model = mm.lmer("y ~ a*b + (1 | g)", cells(), reml=False)
    assert len(model.fixef) == 15
    # The same model in a coding of full rank: a mean for each cell that occurs.
    whole = mm.lmer("y ~ 0 + cell + (1 | g)", cells(), reml=False)
    assert model.loglik == pytest.approx(whole.loglik, rel=1e-9)
    assert (model.fitted**2).sum() == pytest.approx((whole.fitted**2).sum(), rel=1e-8)


def test_a_nearly_redundant_column_is_kept():
    data = sleep_data(double=2.0 * sleep_data()["Days"])
    data.loc[3, "double"] += 0.001
    model = mm.lmer("Reaction ~ Days + double + (1 | Subject)", data, reml=False)
    # Beside Days, it is an indicator of its one row.
    data["row"] = (data.index == 3).astype(float)
    other = mm.lmer("Reaction ~ Days + row + (1 | Subject)", data, reml=False)
    assert len(model.fixef) == 3
    assert model.criterion == pytest.approx(other.criterion, rel=1e-9)
    expected = other.fixef["row"] / 0.001
    assert model.fixef["double"] == pytest.approx(expected, rel=1e-6)


def test_new_data_drop_the_same_columns():
    with pytest.warns(mm.RankWarning):
        model = mm.lmer("Reaction ~ Days + double + (1 | Subject)", redundant())
    # `double` no longer is twice `Days`, which a dropped column does not show.
    new = redundant()[:5].assign(double=[9.0, 7.0, 5.0, 3.0, 1.0])
    assert list(model.predict(new)) == pytest.approx(list(sleep().fitted[:5]), rel=1e-7)


def test_no_complete_row_is_left():
    data = sleep_data()
    data.loc[:89, "Days"] = np.nan
    data.loc[90:, "Reaction"] = np.nan
    with pytest.raises(mm.DesignError, match="none of the 180 rows is complete"):
        mm.lmer(INTERCEPTS, data)  # lme4 1.1-31: all_na


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_with_their_row(value):
    data = sleep_data()
    data.loc[17, "Reaction"] = value  # lme4 1.1-31: inf_response
    with pytest.raises(mm.DesignError, match=r"'Reaction' is infinite in .*index 17"):
        mm.lmer(INTERCEPTS, data)
    data = sleep_data(Days=sleep_data()["Days"].astype(float))
    data.loc[17, "Days"] = value
    with pytest.raises(mm.DesignError, match=r"'Days' is infinite in .*index 17"):
        mm.lmer(INTERCEPTS, data)


WEIGHTS = {
    "wrong length": (np.ones(3), r"shape \(3,\), but the data has 180 rows"),
    "negative": (np.r_[-1, np.ones(179)], r"negative in 1 row \(index 0\)"),
    "zero": (np.r_[1, 0, np.ones(178)], r"zero in 1 row \(index 1\)"),
    "infinite": (np.r_[np.inf, np.ones(179)], "infinite in 1 row"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_that_are_refused(case):
    weights, text = WEIGHTS[case]  # lme4 1.1-31: weights_len, weights_neg
    with pytest.raises(mm.DesignError, match=text):
        mm.lmer(INTERCEPTS, sleep_data(), weights=weights)


def test_a_missing_weight_drops_its_row():
    weights = np.r_[np.nan, np.ones(179)]
    model = mm.lmer(INTERCEPTS, sleep_data(), weights=weights)
    # lme4 1.1-31: weights_na
    fixef = [252.323536263894, 10.3222704729522]
    assert_run(model, fixef, 30.8529724990331, [1.21510059774852])
    assert model.n_obs == 179
