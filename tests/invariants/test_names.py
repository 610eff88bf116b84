"""Names of effects: one for each, the same in the fixed and the random part."""

from __future__ import annotations

import numpy as np
import pytest

import mmcourse as mm
from tests.behaviour.school import FORMULA, school

CLASHES = [
    "score ~ Intercept + (1 | pupil)",
    "score ~ 1 + (Intercept | school)",
    "score ~ 0 + Intercept + (1 | pupil)",
    "score ~ 1 + (Intercept || school)",
]


@pytest.mark.parametrize("formula", CLASHES)
def test_a_column_with_the_name_of_the_constant_is_refused(formula):
    data = school().rename(columns={"day": "Intercept"})
    with pytest.raises(mm.DesignError, match=r"two effects .* the name 'Intercept'"):
        mm.lmer(formula, data)


def test_a_constant_column_in_place_of_the_intercept_may_have_its_name():
    found = mm.lmer(
        "score ~ 0 + Intercept + day + (0 + Intercept | pupil)", school(Intercept=1)
    )
    expected = mm.lmer("score ~ day + (1 | pupil)", school())
    assert found.criterion == pytest.approx(expected.criterion, rel=1e-10)
    np.testing.assert_allclose(
        found.coef()["pupil"], expected.coef()["pupil"], rtol=1e-7
    )


def test_an_interaction_finds_its_fixed_partner_however_it_is_written():
    one = mm.lmer("score ~ day:w + (0 + day:w | school)", school())
    two = mm.lmer("score ~ day:w + (0 + w:day | school)", school())
    assert list(two.coef()["school"].columns) == ["Intercept", "day:w"]
    np.testing.assert_array_equal(two.coef()["school"], one.coef()["school"])
    for written in ("(0 + day:w | school)", "(0 + w:day | school)"):
        np.testing.assert_array_equal(two.predict(re_form=written), two.fitted)


def test_labels_of_another_type_are_not_taken_for_new_ones():
    data = school()
    data["pupil"] = data["pupil"].str[1:].astype(int)
    model = mm.lmer(FORMULA, data)
    words = data.assign(pupil=data["pupil"].astype(str))
    for allowed in (False, True):
        with pytest.raises(mm.DesignError) as caught:
            model.predict(words, allow_new_levels=allowed)
        assert "holds labels" in str(caught.value)
        assert "fitted to numbers (int64), such as 0" in str(caught.value)
    new = model.predict(words[:1].assign(pupil="else"), allow_new_levels=True)
    np.testing.assert_array_equal(new, model.predict(words[:1], re_form="none"))


def test_the_same_combinations_twice_are_found():
    model = mm.lmer("score ~ day + (1 | sex:school) + (1 | school:sex)", school())
    assert any(
        "(1 | sex:school) occurs twice, the other time as (1 | school:sex)" in text
        for text in model.messages
    )


def test_effects_without_covariance_are_a_column_of_names():
    table = mm.lmer(FORMULA, school()).var_corr()
    assert table["effect_2"].dtype == table["effect_1"].dtype
    assert table["effect_2"].isna().all()
