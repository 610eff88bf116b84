"""Section 3 of `table.md`: rows in which a value is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from tests.behaviour.fits import INTERCEPTS, SLOPES, assert_run, sleep, sleep_data


def lost(column: str, rows: list[int]) -> pd.DataFrame:
    """Sleepstudy with values of a column missing."""
    data = sleep_data(w=1.0, o=0.0).astype({column: float})
    data.loc[rows, column] = np.nan
    return data


def without_three() -> mm.MixedModel:
    """The model of lme4's na_* runs: no response in the first three rows."""
    return mm.lmer(INTERCEPTS, lost("Reaction", [0, 1, 2]))


def test_rows_without_response_or_group_are_dropped():
    # lme4 1.1-31: na_response, na_group
    fixef = [254.856457256293, 9.96829150730311]
    assert_run(without_three(), fixef, 30.0014440462324, [1.30120389868362])
    model = mm.lmer(INTERCEPTS, lost("Subject", [0, 1, 2, 3]))
    fixef = [255.335041373685, 9.91135323739368]
    assert_run(model, fixef, 29.9944000152013, [1.31523387917138])
    assert "4 of 180 rows dropped" in model.messages[0]


@pytest.mark.parametrize("column", ["Reaction", "Days", "Subject", "w", "o"])
def test_a_missing_value_in_any_used_column_drops_its_row(column):
    model = mm.lmer(INTERCEPTS, lost(column, [5, 40]), weights="w", offset="o")
    whole = mm.lmer(INTERCEPTS, sleep_data().drop(index=[5, 40]))
    assert model.n_obs == 178
    assert model.criterion == pytest.approx(whole.criterion, rel=1e-10)
    assert f"{column} (2)" in model.messages[0]


def test_a_missing_value_elsewhere_drops_nothing():
    assert mm.lmer(INTERCEPTS, lost("w", [5, 40])).n_obs == 180


def test_results_have_the_labels_of_the_rows_used():
    model = without_three()
    # lme4 1.1-31: na_omit_lengths
    assert len(model.fitted) == len(model.residuals) == len(model.predict()) == 177
    assert list(model.fitted.index) == list(range(3, 180))
    named = lost("Reaction", [0]).set_axis([f"row {i}" for i in range(180)])
    assert list(mm.lmer(INTERCEPTS, named).residuals.index[:2]) == ["row 1", "row 2"]


def test_results_are_padded_by_reindexing():
    padded = without_three().fitted.reindex(sleep_data().index)
    # lme4 1.1-31: na_exclude_lengths
    assert len(padded) == 180
    assert padded.isna().sum() == 3


def test_missing_values_can_be_refused():
    with pytest.raises(mm.DesignError, match=r"3 of 180 rows .* Reaction \(3\)"):
        mm.lmer(INTERCEPTS, lost("Reaction", [0, 1, 2]), missing="raise")
    assert mm.lmer(INTERCEPTS, sleep_data(), missing="raise").n_obs == 180
    with pytest.raises(ValueError, match="'pass'; it must be 'drop' or 'raise'"):
        mm.lmer(INTERCEPTS, sleep_data(), missing="pass")


def test_new_rows_are_predicted_whatever_was_missing_in_the_fit():
    model = without_three()
    new = sleep_data()[:6]  # three of them were not used
    shrunk = model.coef()["Subject"].loc[308]
    line = shrunk["Intercept"] + shrunk["Days"] * new["Days"]
    assert list(model.predict(new)) == pytest.approx(list(line), rel=1e-12)


def test_a_level_whose_rows_are_all_dropped_is_new():
    model = mm.lmer(INTERCEPTS, lost("Reaction", list(range(10))))
    assert model.n_groups == {"Subject": 17}
    with pytest.raises(mm.DesignError, match=r"1 level of 'Subject' .* 308"):
        model.predict(sleep_data()[:1])
    value = model.predict(sleep_data()[:1], allow_new_levels=True)
    assert value.iloc[0] == pytest.approx(model.fixef["Intercept"])


def test_an_appended_row_without_response_changes_nothing():
    extra = pd.DataFrame({"Reaction": [np.nan], "Days": [99], "Subject": [308]})
    model = mm.lmer(SLOPES, pd.concat([sleep_data(), extra], ignore_index=True))
    whole = sleep(SLOPES)
    assert list(model.fixef) == pytest.approx(list(whole.fixef), rel=1e-8)
    pd.testing.assert_frame_equal(model.var_corr(), whole.var_corr(), rtol=1e-8)
    one, other = model.ranef()["Subject"], whole.ranef()["Subject"]
    pd.testing.assert_frame_equal(one, other, atol=1e-8)
