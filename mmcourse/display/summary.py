"""The summary of a model: lme4's, as an object with text and HTML forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmcourse.display.cells import decimals, number_cells
from mmcourse.display.layout import Column, Table, paragraphs, wrap, wrapped
from mmcourse.display.parts import (
    DIGITS,
    FIXED,
    RANDOM,
    Fitted,
    criterion_line,
    formula,
    indented,
    random_table,
    sizes,
    title,
)

MOST_CORRELATED = 12  # fixed effects whose correlations are shown, as in lme4
PLAIN_NAME = 9  # a longer name does not fit above a correlation


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """A model's summary, in full precision and ready to be read.

    Attributes
    ----------
    fixed : DataFrame
        Columns term, value, se, t.
    random : DataFrame
        As `MixedModel.var_corr`.
    fit_stats : DataFrame
        One row: reml, criterion, loglik, aic, bic, df_resid, sigma, n_obs, n_fixed and
        a column ``levels_<group>`` for each grouping factor.
    messages : DataFrame
        One column: message.
    heading, facts : tuple of str
        Title and formula; criteria and sizes.
    tables : tuple of Table
        Scaled residuals, random effects, fixed effects and their correlations, in the
        order in which the text shows them.

    Examples
    --------
    >>> import mmcourse as mm
    >>> model = mm.lmer("Yield ~ 1 + (1 | Batch)", mm.load("dyestuff"))
    >>> model.summary().fit_stats[["criterion", "n_obs"]].round(2).values.tolist()
    [[319.65, 30.0]]
    """

    fixed: pd.DataFrame
    random: pd.DataFrame
    fit_stats: pd.DataFrame
    messages: pd.DataFrame
    heading: tuple[str, ...]
    facts: tuple[str, str]
    tables: tuple[Table, ...]

    def __str__(self) -> str:
        """Lay the summary out as lme4 does."""
        criterion, sizes = self.facts
        lines = [line for text in self.heading for line in wrap(text, " " * 9)]
        lines += ["", criterion]
        for table in self.tables:
            is_random = table.caption == RANDOM
            lines += ["", f"{table.caption}:"]
            lines += [*indented(table), *wrap(sizes)] if is_random else table.lines()
        if len(self.messages):
            lines += ["", *wrapped(self.messages["message"])]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Show the text itself."""
        return str(self)

    def _repr_html_(self) -> str:
        """Two tables with captions, a line of facts, then the messages."""
        title, formula = self.heading
        shown = [t for t in self.tables if t.caption in (RANDOM, FIXED)]
        return "\n".join(
            [
                paragraphs([f"{title}. {formula}"]),
                *(table._repr_html_() for table in shown),
                paragraphs([". ".join(self.facts), *self.messages["message"]]),
            ]
        )


def summarize(model: Fitted) -> Summary:
    """Return a model's summary.

    Parameters
    ----------
    model : MixedModel

    Returns
    -------
    Summary
    """
    value, se = model.fixef, model.std_error
    fixed = pd.DataFrame(
        {
            "term": list(value.index),
            "value": value.to_numpy(),
            "se": se.to_numpy(),
            "t": t_values(value, se),
        }
    )
    scaled = _scaled_residuals(model)
    correlation = _correlation_table(model.vcov)
    random = random_table(model, with_variance=True)
    tables = [scaled, random, _fixed_table(fixed), correlation]
    return Summary(
        fixed=fixed,
        random=model.var_corr(),
        fit_stats=_fit_stats(model),
        messages=pd.DataFrame({"message": pd.Series(model.messages, dtype=object)}),
        heading=(title(model), formula(model)),
        facts=(criterion_line(model, 1), sizes(model)),
        tables=tuple(table for table in tables if table is not None),
    )


def t_values(value: pd.Series, se: pd.Series) -> np.ndarray:
    """Return values over their standard errors, NaN where there is no error."""
    errors = se.to_numpy(dtype=np.float64)
    known = np.where(errors > 0, errors, np.nan)
    return np.asarray(value.to_numpy(dtype=np.float64) / known)


def _fit_stats(model: Fitted) -> pd.DataFrame:
    row: dict[str, object] = {
        "reml": model.reml,
        "criterion": model.criterion,
        "loglik": model.loglik,
        "aic": model.aic,
        "bic": model.bic,
        "df_resid": model.df_resid,
        "sigma": model.sigma,
        "n_obs": model.n_obs,
        "n_fixed": len(model.fixef),
    }
    row.update({f"levels_{name}": m for name, m in model.n_groups.items()})
    return pd.DataFrame([row])


def _scaled_residuals(model: Fitted) -> Table | None:
    """Quantiles of the Pearson residuals over sigma; None without rows or sigma."""
    if not model.sigma > 0 or not model.design.has_rows:
        return None
    weights = model.design.weights
    scaled = model.residuals.to_numpy() / model.sigma
    if weights is not None:
        scaled = scaled * np.sqrt(weights)
    cells = number_cells(np.quantile(scaled, [0, 0.25, 0.5, 0.75, 1]), 4, False)
    names = ("Min", "1Q", "Median", "3Q", "Max")
    columns = [Column(n, (c,)) for n, c in zip(names, cells, strict=True)]
    return Table("Scaled residuals", tuple(columns))


def _fixed_table(fixed: pd.DataFrame) -> Table:
    """Estimates at the precision of the smallest standard error."""
    known = fixed["se"] if (fixed["se"] > 0).any() else fixed["value"]
    places = decimals(known, DIGITS)
    places = min(places, decimals([fixed["value"].abs().max()], 7))
    return Table(
        FIXED,
        (
            Column("", tuple(map(str, fixed["term"])), False),
            Column("Estimate", tuple(number_cells(fixed["value"], places, False))),
            Column("Std. Error", tuple(number_cells(fixed["se"], places))),
            Column("t value", tuple(number_cells(fixed["t"], 2, False))),
        ),
    )


def _correlation_table(vcov: pd.DataFrame) -> Table | None:
    """Lower triangle of the correlations; None for one effect or too many."""
    names = [str(name) for name in vcov.columns]
    if not 1 < len(names) <= MOST_CORRELATED:
        return None
    sd = np.sqrt(np.diag(vcov))
    if not np.all(sd > 0):
        return None
    corr = vcov.to_numpy() / np.outer(sd, sd)
    heads, rows = names, names
    if max(map(len, names[:-1])) > PLAIN_NAME:
        heads = [f"({i + 1})" for i in range(len(names))]
        rows = [f"{head} {name}" for head, name in zip(heads, names, strict=True)]
    columns = [Column("", tuple(rows if heads is not names else rows[1:]), False)]
    skip = 0 if heads is not names else 1
    for j, head in enumerate(heads[:-1]):
        cells = [""] * (j + 1) + number_cells(corr[j + 1 :, j], 3, False)
        columns.append(Column(head, tuple(cells[skip:])))
    return Table("Correlation of Fixed Effects", tuple(columns))
