"""Separate regressions: least squares in every group, as if the others told nothing.

Layer: above `design` and `separate`; the counterpart of a mixed model, which lets the
groups learn from each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mmcourse.design import Design, build_design
from mmcourse.design.frames import open_frame, take
from mmcourse.design.grouping import encode, make_grouping
from mmcourse.errors import InferenceError, brief, listing, percent_hint
from mmcourse.extract.arguments import with_interval
from mmcourse.extract.effects import long_table
from mmcourse.formula import parse
from mmcourse.formula.tokens import Token, fail, source, tokenize
from mmcourse.separate import SeparateFits, fit_groups

# Names of groups in a message.
MOST_NAMED = 10
EXAMPLE = "Write the groups after a bar, for example 'gpa ~ occasion | student'."


@dataclass(frozen=True, slots=True, eq=False)
class LmList:
    """The regressions of all groups; made by `lm_list`.

    Attributes
    ----------
    formula : str
        As it was given.
    group : str
        The grouping factor.
    coef : DataFrame
        Levels x terms, units of the response per unit of the column; NaN where a
        group's rows don't determine it.
    std_error : DataFrame
        Levels x terms, from the residual sd of all groups together.
    sigma : float
        That sd, pooled, units of the response; NaN if no group has a row to spare.
    df_resid : int
        Rows minus coefficients estimated, over all groups.
    n_obs : int
        Rows used.
    messages : list of str
        What a reader of the results should know.

    Examples
    --------
    >>> import mmcourse as mm
    >>> fits = mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())
    >>> fits.df_resid, fits.n_obs, fits.group
    (144, 180, 'Subject')
    """

    formula: str
    group: str
    coef: pd.DataFrame
    std_error: pd.DataFrame
    sigma: float
    df_resid: int
    n_obs: int
    messages: list[str]

    def __repr__(self) -> str:
        """Show what was fitted, the first groups' coefficients and the pooled sd."""
        head = self.coef.head(5).to_string(float_format=lambda v: f"{v:.4g}")
        more = f"\n... {len(self.coef)} groups in all" if len(self.coef) > 5 else ""
        lines = [
            f"Separate regressions: {self.formula}",
            f"Coefficients:\n{head}{more}",
            f"Residual sd, pooled: {self.sigma:.4g} on {self.df_resid} df",
            *self.messages,
        ]
        return "\n".join(lines)

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Return intervals of all coefficients, by Student's t with `df_resid`.

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Returns
        -------
        DataFrame
            A row for each effect and group: group_var, effect, group, value, se and
            the limits, named by their level: lower_2.5, upper_97.5.

        Raises
        ------
        InferenceError
            If the level is not a number between 0 and 1.

        Notes
        -----
        As lme4's ``confint`` of an ``lmList``.

        Examples
        --------
        >>> import mmcourse as mm
        >>> fits = mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())
        >>> fits.confint().iloc[0, 3:].astype(float).round(1).tolist()
        [244.2, 15.0, 214.5, 273.9]
        """
        is_number = isinstance(level, int | float) and not isinstance(level, bool)
        if not is_number or not 0 < level < 1:
            hint = percent_hint(float(level)) if is_number else ""
            raise InferenceError(
                f"level is {brief(level)}; it must lie between 0 and 1, for example "
                f"0.95.{hint}"
            )
        table = long_table(self.group, self.coef, self.std_error)
        out = with_interval(table, level, self.df_resid)
        out.attrs.update(method="t", level=float(level), df=self.df_resid, pooled=True)
        return out


def lm_list(formula: str, data: Any, missing: str = "drop") -> LmList:
    """Fit a regression in every group.

    Parameters
    ----------
    formula : str
        ``"gpa ~ occasion | student"``: a regression, a bar, the grouping factor, which
        may be a combination a:b.
    data : data frame
        Holds the columns that the formula names.
    missing : {"drop", "raise"}
        What to do with rows that miss a used value.

    Returns
    -------
    LmList
        Tables `coef` and `std_error`, levels x terms; the pooled residual sd `sigma`.
        A coefficient that a group's rows don't determine is NaN, with a message; the
        other coefficients and groups go on.

    Raises
    ------
    FormulaError
        If there is no bar, or not one grouping factor after it.
    DesignError
        If a column is not in the data, or holds what the formula can't use.

    Notes
    -----
    As lme4's ``lmList``, whose residual sd is pooled, too.

    Examples
    --------
    >>> import mmcourse as mm
    >>> fits = mm.lm_list("Reaction ~ Days | Subject", mm.load_sleepstudy())
    >>> fits.coef.head(2).round(2)
             Intercept   Days
    Subject
    308         244.19  21.76
    309         205.05   2.26
    >>> round(fits.sigma, 7)
    25.5918156
    """
    design = build_design(_as_mixed(formula), data, missing=missing)
    grouping = design.groupings[0]
    y = design.y if design.offset is None else design.y - design.offset
    fits = fit_groups(y, design.X, grouping.codes, len(grouping.levels))
    df = int(fits.df.sum())
    sigma = float(np.sqrt(fits.rss.sum() / df)) if df else float("nan")
    index = grouping.levels.rename(grouping.name)
    names = list(design.fixed_names)
    coef = pd.DataFrame(fits.coef, index=index, columns=names)
    se = pd.DataFrame(sigma * np.sqrt(fits.unscaled), index=index, columns=names)
    messages = [*design.messages, *_messages(fits, index)]
    lost = _lost_groups(design, data)
    if lost is not None:
        coef, se = coef.reindex(lost), se.reindex(lost)
        messages.append(_lost_text(lost.difference(index, sort=False)))
    return LmList(formula, grouping.name, coef, se, sigma, df, len(y), messages)


def _as_mixed(formula: Any) -> str:
    """Write `y ~ x | g` as `y ~ x + (1 | g)`, which the design knows how to read."""
    if not isinstance(formula, str):
        raise TypeError(f"formula is {brief(formula)}; it must be a text. {EXAMPLE}")
    tokens = tokenize(formula)
    bars = [i for i, t in enumerate(tokens) if t.text in ("|", "||") and not t.call]
    _check_bars(formula, tokens, bars)
    left, right = tokens[: bars[0]], tokens[bars[0] + 1 :]
    if not left or not right:
        found = f"nothing stands {'after' if left else 'before'} the bar."
        fail(formula, tokens[bars[0]].start, found, EXAMPLE)
    mixed = f"{source(left)} + (1 | {source(right)})"
    if len(parse(mixed).random) != 1:
        found = f"{source(right)} stands for several grouping factors."
        hint = "Separate regressions have one: write one column, or a combination a:b."
        fail(formula, right[0].start, found, hint)
    return mixed


def _check_bars(formula: str, tokens: list[Token], bars: list[int]) -> None:
    """Refuse a formula that has not exactly one bar, outside of parentheses."""
    if not bars:
        fail(formula, len(formula), "there is no bar, so there are no groups.", EXAMPLE)
    first = tokens[bars[0]]
    if first.depth or first.text == "||":
        found = "the bar stands in parentheses, or is doubled, as in a mixed model."
        fail(formula, first.start, found, EXAMPLE)
    if len(bars) > 1:
        fail(formula, tokens[bars[1]].start, "there is a second bar.", EXAMPLE)


def _messages(fits: SeparateFits, index: pd.Index) -> list[str]:
    """Say which groups lack coefficients, and whether there is a residual sd."""
    out = []
    partial = np.asarray(np.isnan(fits.coef).any(axis=1))
    if partial.any():
        out.append(
            f"{partial.sum()} of {len(index)} groups do not determine all coefficients "
            f"(NaN in coef): {listing(index[partial], MOST_NAMED)}. They have too few "
            "rows, or columns that do not vary within the group."
        )
    if not fits.df.sum():
        out.append(
            "no group has more rows than coefficients, so there is no residual sd: "
            "sigma, std_error and intervals are NaN."
        )
    return out


def _lost_groups(design: Design, data: Any) -> pd.Index | None:
    """All levels of the data, if some have no complete row; else None."""
    if not design.n_dropped:
        return None
    grouping = design.groupings[0]
    frame = take(open_frame(data), list(grouping.factors))
    columns = [encode(frame[name]) for name in grouping.factors]
    known = np.all([column.codes >= 0 for column in columns], axis=0)
    every = make_grouping(grouping.factors, [c.rows(known) for c in columns])
    if len(every.levels) == len(grouping.levels):
        return None
    return every.levels.rename(grouping.name)


def _lost_text(lost: pd.Index) -> str:
    """Say which groups could not be fitted at all."""
    return (
        f"{len(lost)} group{'s have' if len(lost) > 1 else ' has'} no complete row and "
        f"could not be fitted (NaN in coef): {listing(lost, MOST_NAMED)}."
    )
