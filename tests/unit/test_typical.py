"""find_typical, expected_rank: against their definitions, one pair at a time."""

import numpy as np
import pytest
from scipy import stats

import mmcourse as mm
from tests.behaviour.fits import SLOPES, fit, sleep


def test_typical_is_nearest_to_zero():
    table = mm.find_typical(sleep(SLOPES))
    effects = mm.extract_random_effects(sleep(SLOPES))
    assert list(table.columns) == list(effects.columns)
    assert table["effect"].tolist() == ["Intercept", "Days"]
    for _, row in table.iterrows():
        own = effects.loc[effects["effect"] == row["effect"], "value"]
        assert abs(row["value"]) == own.abs().min()
    assert table["group"].tolist() == [335, 333]  # of lme4's modes, behaviour is exact


def test_typical_of_quantiles():
    table = mm.find_typical(sleep(), probs=[0, 0.5, 1])
    assert table.columns[0] == "probs"
    assert table["probs"].tolist() == ["0%", "50%", "100%"]
    values = sleep().ranef()["Subject"]["Intercept"]
    assert table["group"].iloc[0] == values.idxmin()
    assert table["group"].iloc[2] == values.idxmax()
    middle = (values - values.median()).abs()
    assert middle[table["group"].iloc[1]] == pytest.approx(middle.min())
    assert len(mm.find_typical(sleep(), probs=0.25)) == 1
    crossed = fit("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
    assert mm.find_typical(crossed, re="sample")["group_var"].tolist() == ["sample"]
    assert len(mm.find_typical(crossed, probs=[0.1, 0.9])) == 4


def test_expected_ranks_are_sums_of_probabilities():
    ranks = mm.expected_rank(sleep())
    value, se = ranks["value"].to_numpy(), ranks["se"].to_numpy()
    for i in range(18):
        others = [k for k in range(18) if k != i]
        gaps = (value[i] - value[others]) / np.hypot(se[i], se[others])
        expected = 1 + stats.norm.cdf(gaps).sum()
        assert ranks["expected_rank"].iloc[i] == pytest.approx(expected, rel=1e-12)
    # Each pair has one winner.
    assert ranks["expected_rank"].sum() == pytest.approx(18 * 19 / 2)
    found = 100 * (ranks["expected_rank"] - 0.5) / 18
    assert list(ranks["percentile"]) == pytest.approx(list(found))


def test_ranks_of_groups_that_cant_be_told_apart():
    ranks = mm.expected_rank(fit("dyestuff2", "Yield ~ 1 + (1 | Batch)"))
    assert list(ranks["expected_rank"]) == pytest.approx([3.5] * 6)
    assert list(ranks["percentile"]) == pytest.approx([50] * 6)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mm.find_typical(sleep(), probs=25), mm.InferenceError, "probs holds"),
        (lambda: mm.find_typical(sleep(), probs="a"), TypeError, "probs is 'a'"),
        (lambda: mm.find_typical(sleep(), probs=["a"]), TypeError, "probs holds 'a'"),
        (lambda: mm.find_typical(sleep(), re="Days"), mm.InferenceError, "Subject"),
        (lambda: mm.find_typical(3), TypeError, "takes a model"),
        (lambda: mm.expected_rank(3), TypeError, "expected_rank takes a model"),
        (lambda: mm.expected_rank(sleep(), "x"), mm.InferenceError, "Subject"),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()
