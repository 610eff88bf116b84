"""What a model and its tables look like, as text and as HTML."""

import html.parser

import numpy as np
import pandas as pd
import pytest

import mmcourse as mm
from mmcourse.display import format_table
from mmcourse.display.cells import decimals, number_cells, p_cells
from mmcourse.display.layout import shorten

# The blocks of lme4's summary of this model, features as in lme4 1.1-31.
GPA = """\
Linear mixed model fit by REML
Formula: gpa ~ occasion + (1 | student)

REML criterion at convergence: 408.9

Scaled residuals:
"""
RANDOM = """\
Random effects:
 Groups   Name      Variance Std.Dev.
 student  Intercept  0.06372   0.2524
 Residual            0.05809   0.2410
Number of obs: 1200, groups: student, 200
"""


@pytest.fixture(scope="module")
def gpa():
    return mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa())


@pytest.fixture(scope="module")
def wide():
    """Eighteen fixed effects with long names."""
    data = mm.load("cake")
    return mm.lmer(
        "angle ~ C(temp) * recipe + (1 | replicate) + (1 | replicate:recipe)", data
    )


class Text(html.parser.HTMLParser):
    """The texts of a page, and a check that its tags close."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())


def texts(thing):
    page = Text()
    page.feed(thing._repr_html_())
    assert page.open == []
    return page.texts


def test_the_short_print_is_short(gpa, wide):
    for model in (gpa, wide):
        lines = repr(model).splitlines()
        assert len(lines) <= 12
        assert max(map(len, lines)) <= 100
    assert repr(gpa).splitlines()[0] == "Linear mixed model fit by REML"


def test_the_summary_has_the_layout_of_lme4(gpa):
    text = str(gpa.summary())
    assert text.startswith(GPA)
    assert RANDOM in text
    # oracle: quantiles -3.6169 -0.6373 -0.0004 0.6361 2.8310 hold for the original
    # rows; ours are reconstructed, so only the order of the blocks is compared.
    blocks = ["Scaled residuals", "Random effects", "Fixed effects", "Correlation of"]
    places = [text.index(block) for block in blocks]
    assert places == sorted(places)
    assert text.endswith("occasion    -0.469")


def test_the_summary_by_maximum_likelihood_gives_the_criteria(gpa):
    fit = mm.lmer("gpa ~ occasion + (1 | student)", mm.load_gpa(), reml=False)
    line = str(fit.summary()).splitlines()[3]
    expected = "AIC 401.6  BIC 422.0  logLik -196.8  -2*log(L) 393.6  df.resid 1196"
    assert line == expected


def test_the_summary_fits_a_page(wide):
    text = str(wide.summary())
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "Correlation of Fixed Effects" not in text  # as in lme4 from 13 on


def test_the_summary_as_html(gpa):
    found = texts(gpa.summary())
    assert "Random effects" in found
    assert "Fixed effects" in found
    assert "REML criterion at convergence: 408.9" in found[-1]


def test_names_are_escaped():
    data = mm.load_sleepstudy().rename(columns={"Days": "a<b"})
    model = mm.lmer("Reaction ~ `a<b` + (1 | Subject)", data)
    assert "a<b" in "".join(texts(model.summary()))
    assert "a<b" not in model.summary()._repr_html_()


def test_the_frames_of_a_summary_are_not_rounded(gpa):
    summary = gpa.summary()
    np.testing.assert_array_equal(summary.fixed["value"], gpa.fixef)
    assert summary.fit_stats["criterion"].item() == gpa.criterion
    assert summary.fit_stats["levels_student"].item() == 200
    assert summary.messages.empty


def test_a_singular_fit_says_so_in_print_and_summary():
    model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff2"))
    assert "estimated as 0" in repr(model)
    assert "estimated as 0" in str(model.summary())
    assert "estimated as 0" in " ".join(texts(model.summary()))
    assert "estimated as 0" in str(mm.summarize_model(model))


def test_without_errors_the_estimates_keep_their_digits():
    data = mm.load_sleepstudy()
    data["line"] = 2.25 + 0.135 * data["Days"]
    model = mm.lmer("line ~ Days + (1 | Subject)", data)
    assert "2.2500     0.0000     NaN" in str(model.summary())
    assert "0.135 0.000" in str(mm.summarize_model(model))


def test_ends_that_were_not_found_are_said():
    model = mm.lmer(
        "flat ~ Days + (1 | Subject)", mm.load_sleepstudy().assign(flat=1.0)
    )
    text = "neither end of sd_Intercept|Subject was found"
    assert text in " ".join(str(mm.summarize_model(model)).split())
    assert text in " ".join(texts(mm.summarize_model(model)))


def test_no_fixed_effects_are_called_none():
    model = mm.lmer("Reaction ~ 0 + (1 | Subject)", mm.load_sleepstudy())
    assert "Fixed effects:\n none" in str(model.summary())
    assert str(mm.summarize_model(model)).endswith("Wald intervals\n none")
    assert ">none</td>" in model.summary()._repr_html_()


@pytest.mark.parametrize("width", [5, 20, 23])
def test_a_shortened_text_has_the_width_asked_for(width):
    assert len(shorten("recipe[T.B]:temp[T.225]", width)) == width


def test_captions_name_the_interval(gpa):
    text = str(mm.summarize_model(gpa))
    assert "Variance components, 95 % profile intervals (ML)" in text
    assert "Fixed effects, 95 % Wald intervals" in text
    assert "<0.001" in text
    assert " 0.000 " not in text
    assert texts(mm.summarize_model(gpa))[0].startswith("Variance components, 95 %")


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([0.0005, 0.5], ["<0.001", "0.500"]),
        ([1.0, np.nan], ["1.000", "NaN"]),
        ([0.001], ["0.001"]),
    ],
)
def test_small_p_values_are_not_zero(values, cells):
    assert p_cells(values) == cells


@pytest.mark.parametrize(
    ("values", "significant", "expected"),
    [([1.0], 4, 3), ([1000.0, 0.01], 4, 3), ([0.0], 4, 0), ([np.nan, 2.0], 2, 1)],
)
def test_decimals_by_the_smallest_number(values, significant, expected):
    assert decimals(values, significant) == expected


def test_numbers_too_small_for_the_column_are_powers_of_ten():
    assert number_cells([1e-9, 1.0], 2) == ["1.0e-09", "1.00"]
    assert number_cells([1e-9], 2, keep_tiny=False) == ["0.00"]
    assert number_cells([np.inf, -np.inf], 1) == ["inf", "-inf"]


def test_a_long_table_shows_both_ends():
    table = format_table(pd.DataFrame({"n": np.arange(100)}), caption="Numbers")
    lines = str(table).splitlines()
    assert len(lines) == 2 + 21
    assert lines[2].strip() == "0"
    assert lines[-1].strip() == "99"


def test_a_wide_table_goes_on_below():
    frame = pd.DataFrame(np.ones((2, 30)), columns=[f"column_{i}" for i in range(30)])
    lines = format_table(frame, caption="Wide").lines()
    assert max(map(len, lines)) <= 100
    assert sum("column_" in line for line in lines) > 1
