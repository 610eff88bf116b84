"""The catalogue of wrong models: each mistake compares two readings of models.

In `MODELS` they stand in the order in which they are looked for: rows and outcome, then
the fixed part, then the random part, last the way of fitting.
"""

from __future__ import annotations

import re

from mmcourse.checks.mistakes import Mistake, close
from mmcourse.checks.reading import Reading


def variables(reading: Reading) -> set[str]:
    """Return all words in the names of the fixed effects.

    Examples
    --------
    >>> import mmcourse as mm
    >>> from mmcourse.checks.reading import read_model
    >>> model = mm.lmer("Reaction ~ C(Days) + (1 | Subject)", mm.load_sleepstudy())
    >>> sorted(variables(read_model(model)))[:3]
    ['1', '2', '3']
    """
    return {
        word for name in reading.fixed.index for word in re.findall(r"\w+", str(name))
    }


def _groups_in_fixed_part(got: Reading, want: Reading) -> bool:
    return bool(variables(got) & set(want.levels))


def _as_many_as_groups(got: Reading, want: Reading) -> bool:
    return any(got.n_fixed >= n for n in want.levels.values())


def _turned_into_categories(got: Reading, want: Reading) -> bool:
    coded = {re.findall(r"\w+", n.removeprefix("C("))[0] for n in _coded(got)}
    return bool(coded & set(map(str, want.fixed.index)))


def _coded(reading: Reading) -> list[str]:
    """Names of coded variables; of a product, each factor stands for itself."""
    factors = (part for name in reading.fixed.index for part in str(name).split(":"))
    return [name for name in factors if "[" in name]


def _n_effects(reading: Reading) -> int:
    return sum(map(len, reading.effects.values()))


def _has_intercept(reading: Reading) -> bool:
    return bool({"Intercept", "const"} & set(map(str, reading.fixed.index)))


def _random_intercept(reading: Reading) -> bool:
    return any("Intercept" in effects for effects in reading.effects.values())


OTHER_ROWS = Mistake(
    "The model was fitted to {got.n_rows} rows; the exercise is about {want.n_rows}.",
    lambda got, want: got.n_rows != want.n_rows,
)
OTHER_OUTCOME = Mistake(
    "What the model predicts is not the variable that the exercise asks about. It "
    "stands to the left of `~`, as it is in the data.",
    lambda got, want: not close(got.outcome, want.outcome),
)
MIXED_FOR_REGRESSION = Mistake(
    "This model has effects of groups. An ordinary regression is asked for, which "
    "does not know of groups.",
    lambda got, want: got.is_mixed and not want.is_mixed,
)
GROUP_AS_FACTOR = Mistake(
    "The groups are among the fixed effects: {got.n_fixed} coefficients, one for "
    "nearly each group. Groups that vary at random have a variance instead.",
    lambda got, want: (
        _groups_in_fixed_part(got, want) and _as_many_as_groups(got, want)
    ),
)
GROUP_AS_NUMBER = Mistake(
    "The labels of the groups went in as numbers, as if a higher label meant more of "
    "something. A label only says which rows belong together.",
    _groups_in_fixed_part,
)
NOT_GROUPED = Mistake(
    "This is a regression: it takes all {got.n_rows} rows for independent. Which of "
    "them belong together is forgotten.",
    lambda got, want: want.is_mixed and not got.is_mixed,
)
NUMBER_AS_FACTOR = Mistake(
    "A number was taken for categories: each of its values has a coefficient of its "
    "own, {got.n_fixed} in all. The exercise asks for a straight line.",
    lambda got, want: got.n_fixed > want.n_fixed and _turned_into_categories(got, want),
)
NO_INTERCEPT = Mistake(
    "The line was forced through zero: the fixed part has no intercept.",
    lambda got, want: _has_intercept(want) and not _has_intercept(got),
)
OTHER_GROUPS = Mistake(
    "The random effects belong to {got.groups_text}: that is not how the rows of this "
    "exercise are grouped.",
    lambda got, want: sorted(got.levels.values()) != sorted(want.levels.values()),
)
MISSING_COVARIATE = Mistake(
    "The fixed part has too few coefficients ({got.n_fixed}): a variable is missing.",
    lambda got, want: got.n_fixed < want.n_fixed,
)
EXTRA_COVARIATE = Mistake(
    "The fixed part has {got.n_fixed} coefficients, more than the exercise asks for.",
    lambda got, want: got.n_fixed > want.n_fixed,
)
OTHER_LINE = Mistake(
    "The fixed part has the right number of coefficients, but they make another line. "
    "Which variables went in, and how were they changed before?",
    lambda got, want: not close(got.line, want.line),
)
NO_RANDOM_INTERCEPT = Mistake(
    "The groups can't differ in their level: their random intercept was removed.",
    lambda got, want: _random_intercept(want) and not _random_intercept(got),
)
RANDOM_SLOPES = Mistake(
    "The groups have more effects than asked for ({got.effects_text}). Are slopes to "
    "vary?",
    lambda got, want: _n_effects(got) > _n_effects(want),
)
NO_RANDOM_SLOPES = Mistake(
    "The groups have one effect only ({got.effects_text}), and all have the same "
    "slope.",
    lambda got, want: _n_effects(got) < _n_effects(want),
)
ML_FOR_REML = Mistake(
    "The model is the right one, but fitted by maximum likelihood. That makes the "
    "variances too small: it does not count that the fixed effects were estimated too.",
    lambda got, want: want.reml and not got.reml,
    credit=0.5,
)
REML_FOR_ML = Mistake(
    "The model is the right one, but fitted by REML; here maximum likelihood is "
    "needed.",
    lambda got, want: got.reml and not want.reml,
    credit=0.5,
)
OTHER_VARIANCES = Mistake(
    "The line is right, the random part is not. Compare what stands to the left and "
    "to the right of the bar with the exercise; were correlations or rows left out?",
    lambda got, want: True,
)

MODELS = (
    *(OTHER_ROWS, OTHER_OUTCOME, MIXED_FOR_REGRESSION),
    *(GROUP_AS_FACTOR, GROUP_AS_NUMBER, NUMBER_AS_FACTOR, NOT_GROUPED, NO_INTERCEPT),
    *(OTHER_GROUPS, MISSING_COVARIATE, EXTRA_COVARIATE),
    # Before what is said of the line, which another random part may move a little.
    *(NO_RANDOM_INTERCEPT, RANDOM_SLOPES, NO_RANDOM_SLOPES),
    *(OTHER_LINE, ML_FOR_REML, REML_FOR_ML, OTHER_VARIANCES),
)
