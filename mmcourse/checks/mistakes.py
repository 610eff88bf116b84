"""A known mistake as one small object; `wrong_models`, `wrong_numbers` hold them.

A mistake knows how it is recognised, from what the learner has and what was asked for,
and the sentence that names it without giving the answer. The first that applies is
told, so a list goes from the particular to the general.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmcourse.checks.findings import Finding


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake.

    Attributes
    ----------
    sentence : str
        Names the mistake; `{got...}` and `{want...}` are filled in.
    applies : function of what the learner has and what was asked for
        Whether it is this mistake.
    credit : float
        How much of the answer is right nevertheless, 0 to 1.
    """

    sentence: str
    applies: Callable[[Any, Any], bool]
    credit: float = 0.0

    def finding(self, got: Any, want: Any) -> Finding:
        """Return what to tell the learner."""
        return Finding(self.sentence.format(got=got, want=want), self.credit)


def first(mistakes: Sequence[Mistake], got: Any, want: Any) -> Finding | None:
    """Return what to say about the first mistake that applies, None without one.

    Examples
    --------
    >>> half = Mistake("{got} is half of it.", lambda got, want: 2 * got == want)
    >>> first([half], 3, 6).hint
    '3 is half of it.'
    """
    return next((m.finding(got, want) for m in mistakes if m.applies(got, want)), None)


def close(got: Any, want: Any, rtol: float = 1e-3) -> bool:
    """Return whether all values agree; 0 agrees with what is below `rtol`."""
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    return got.shape == want.shape and bool(np.allclose(got, want, rtol, rtol * 1e-3))


def value_is(wrong: float, sentence: str, credit: float = 0.0) -> Mistake:
    """Return the mistake of a number that comes about in a known wrong way."""
    return Mistake(sentence, lambda got, want: close(got, wrong), credit)
