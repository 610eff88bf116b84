"""Checks of practice sheet p3: casks of paste, for lessons 10 to 12."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import NormalDist
from typing import Any

from mmcourse.checks.choices import check_choice
from mmcourse.checks.findings import Finding, worth
from mmcourse.checks.functions import check_function
from mmcourse.checks.mistakes import Mistake, close, value_is
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.checks.wrong_numbers import (
    SDS_ADDED,
    conditional_for_population,
    few_draws,
    flipped_sign,
    ml_for_reml,
    other_for_this,
    percent_for_share,
    population_for_conditional,
    ratio_for_share,
    rest_for_share,
    sds_for_share,
    variance_for_share,
)
from mmcourse.datasets import load
from mmcourse.extract import icc
from mmcourse.model import MixedModel, lmer

CASK = "E:b"


@cache
def fit(reml: bool = True) -> MixedModel:
    """Return the model of the casks."""
    return lmer("strength ~ 1 + (1 | sample)", load("pastes"), reml=reml)


def cask_effect() -> float:
    """Return the random effect of the cask that the exercises ask about."""
    effects = fit().ranef()["sample"]["Intercept"]
    return float(effects[effects.index == CASK].iloc[0])


@worth(3)
def predictions(share: Any, effects_keep: Any, new_interval: Any) -> list[Finding]:
    """Exercise 1: what little scatter within groups does."""
    picture = "in the picture, what is longer: a bar, or the way from cask to cask?"
    luck = (
        "how much of a cask's mean can be luck, when its measurements hardly differ? "
        "With students it was 13 per cent."
    )
    unknown = "is more or less known of a cask that nobody has measured?"
    words = ("less", "same", "more")
    widths = ("narrower", "same", "wider")
    return [
        check_choice("share", share, "above", picture, ("below", "above")),
        check_choice("effects_keep", effects_keep, "more", luck, words),
        check_choice("new_interval", new_interval, "wider", unknown, widths),
    ]


@worth(2)
def random_intercepts(cask_fit: Any) -> list[Finding]:
    """Exercise 2a: a level of its own for each cask."""
    return [check_model("cask_fit", cask_fit, fit())]


@worth(2)
def correlation(r: Any) -> list[Finding]:
    """Exercise 2b: the correlation of two measurements of a cask."""
    right, ml = (float(icc(fit(reml))["icc"].iloc[0]) for reml in (True, False))
    data = load("pastes")
    pairs = data.groupby("sample", observed=True)["strength"].agg(["first", "last"])
    observed = pairs["first"].corr(pairs["last"])
    counted = (
        "This is the correlation of the first with the second measurement. It is a "
        "fine estimate, but the question is what the model says."
    )
    mistakes = [
        value_is(observed, counted, 0.5),
        variance_for_share(float(fit().var_corr()["variance"].iloc[0])),
        rest_for_share(right),
        ratio_for_share(right),
        sds_for_share(right),
        percent_for_share(right),
        ml_for_reml(ml),
    ]
    return [check_number("r", r, right, mistakes=mistakes)]


def kept(n: float, tau: float, sigma: float) -> float:
    """Return the share of a group's distance that is kept: what 3a asks for."""
    return tau**2 / (tau**2 + sigma**2 / n)


WRONG_SHARES = {
    "The number of measurements makes no difference here: this is the share for a "
    "single one.": lambda n, tau, sigma: kept(1, tau, sigma),
    "This is the share that is given up, not the one that is kept.": (
        lambda n, tau, sigma: 1 - kept(n, tau, sigma)
    ),
    SDS_ADDED: lambda n, tau, sigma: tau / (tau + sigma / n**0.5),
    "With more measurements, less would be kept. Which of the variances becomes "
    "smaller when measurements are averaged?": lambda n, tau, sigma: kept(
        1 / n, tau, sigma
    ),
    "As a percentage it is right; a share is between 0 and 1.": (
        lambda n, tau, sigma: 100 * kept(n, tau, sigma)
    ),
    "The standard deviation was divided by n, and then squared. What is it of a mean "
    "that shrinks like 1/n?": lambda n, tau, sigma: kept(n**2, tau, sigma),
}


@worth(3)
def share_kept(function: Any) -> list[Finding]:
    """Exercise 3a: students, casks, and a case that can be done in the head."""
    cases = [(1, 1.0, 1.0), (6, 0.2524, 0.2410), (2, 3.1586, 0.8234)]
    return [_check_kept(function, cases)]


@worth(2)
def unseen_share(function: Any) -> list[Finding]:
    """Exercise 3a, when it is graded."""
    return [_check_kept(function, [(10, 2.0, 3.0), (4, 0.5, 2.0), (3, 7.0, 0.1)])]


def _check_kept(function: Any, cases: Sequence[tuple[Any, ...]]) -> Finding:
    return check_function("kept", function, kept, cases, mistakes=WRONG_SHARES)


@worth(2)
def one_cask(level: Any, effect: Any) -> list[Finding]:
    """Exercise 3b: a cask's own mean, and what the model makes of it."""
    data = load("pastes")
    mean = float(data.loc[data["sample"] == CASK, "strength"].mean())
    right = cask_effect()
    far = mean - float(data["strength"].mean())
    raw = (
        "This is the distance as it was measured. A part of it is luck, which the "
        "model gives up."
    )
    where = "This is where the cask lies; how far it is from the mean is asked for."
    return [
        check_number(
            "level",
            level,
            far,
            mistakes=[flipped_sign(far), value_is(mean, where), other_for_this(right)],
        ),
        check_number(
            "effect",
            effect,
            right,
            mistakes=[
                value_is(far, raw),
                value_is(right + float(fit().fixef.iloc[0]), where),
                flipped_sign(right),
                other_for_this(far - right),
            ],
        ),
    ]


AN_EFFECT = "This is an effect, a distance. Which strength does it lead to?"


@worth(2)
def known_and_new(next_known: Any, next_new: Any) -> list[Finding]:
    """Exercise 4a: a further measurement of a known cask, one of a new cask."""
    average = float(fit().fixef.iloc[0])
    known = average + cask_effect()
    data = load("pastes")
    mean = float(data.loc[data["sample"] == CASK, "strength"].mean())
    raw = (
        "This is the mean of the two measurements that there are. The model expects "
        "the next one a little nearer to the mean of all."
    )
    return [
        check_number(
            "next_known",
            next_known,
            known,
            rtol=2e-4,
            mistakes=[
                population_for_conditional(average),
                value_is(mean, raw),
                value_is(known - average, AN_EFFECT),
            ],
        ),
        check_number(
            "next_new",
            next_new,
            average,
            rtol=2e-4,
            mistakes=[
                conditional_for_population(known),
                *(value_is(effect, AN_EFFECT) for effect in (0, known - average)),
            ],
        ),
    ]


@worth(2)
def new_width(width: Any) -> list[Finding]:
    """Exercise 4b: an 80 % interval for a measurement of a new cask."""
    between, within = fit().var_corr()["variance"]
    line = float(fit().std_error.iloc[0]) ** 2
    z = NormalDist().inv_cdf(0.9)
    right = 2 * z * (line + between + within) ** 0.5
    sure = 2 * z * (line + within) ** 0.5
    simulated = {
        right / 2: "This is half of the width, from the middle to one end.",
        sure: TOO_SURE,
        sure * 1.96 / z: TOO_SURE,
        right * 1.96 / z: "This is the width of a 95 % interval.",
        right / z / 2: "This is a standard deviation, not the width of 80 %.",
    }
    mistakes = [
        value_is(2 * z * between**0.5, "A single measurement scatters, too."),
        value_is(2 * z * line**0.5, "This is about the mean of all casks, not of one."),
        *(_nearest(wrong, simulated) for wrong in simulated),
        Mistake(NEGATIVE, lambda got, want: got < 0),
        few_draws(0.15 * right),
    ]
    return [check_number("width", width, right, rtol=0.03, mistakes=mistakes)]


NEGATIVE = "The width is negative: which end is taken from which?"
TOO_SURE = (
    "Here the new cask has an effect of 0, and surely so. What would an argument have "
    "to say that lets it differ like the others?"
)


def _nearest(wrong: float, sentences: Mapping[float, str]) -> Mistake:
    """Return the mistake of a width that was simulated; chance is in it."""
    return Mistake(
        sentences[wrong],
        lambda got, want: (
            close(got, wrong, 0.08)
            and wrong == min(sentences, key=lambda other: abs(got - other))
        ),
    )
