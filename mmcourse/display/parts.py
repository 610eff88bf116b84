"""What the short print and the summary share: a model's facts and its random part.

Layer: knows what a model offers (`Fitted`), not how it is computed.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from mmcourse.design import Design
from mmcourse.display.cells import decimals, number_cells
from mmcourse.display.layout import WIDTH, Column, Table, shorten

DIGITS = 4  # significant ones of the smallest number in a column, as in lme4
RANDOM, FIXED = "Random effects", "Fixed effects"  # captions


class Fitted(Protocol):
    """What this file asks of a fitted model."""

    @property
    def formula(self) -> str: ...  # noqa: D102
    @property
    def reml(self) -> bool: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def messages(self) -> list[str]: ...  # noqa: D102
    @property
    def fixef(self) -> pd.Series: ...  # noqa: D102
    @property
    def std_error(self) -> pd.Series: ...  # noqa: D102
    @property
    def vcov(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def criterion(self) -> float: ...  # noqa: D102
    @property
    def loglik(self) -> float: ...  # noqa: D102
    @property
    def aic(self) -> float: ...  # noqa: D102
    @property
    def bic(self) -> float: ...  # noqa: D102
    @property
    def df_resid(self) -> int: ...  # noqa: D102
    @property
    def sigma(self) -> float: ...  # noqa: D102
    @property
    def n_obs(self) -> int: ...  # noqa: D102
    @property
    def n_groups(self) -> dict[str, int]: ...  # noqa: D102
    @property
    def residuals(self) -> pd.Series: ...  # noqa: D102

    design: Design

    def var_corr(self) -> pd.DataFrame: ...  # noqa: D102


def title(model: Fitted) -> str:
    """Say what kind of fit this is."""
    how = "REML" if model.reml else "maximum likelihood"
    return f"Linear mixed model fit by {how}"


def formula(model: Fitted) -> str:
    """Put the formula on one line."""
    return "Formula: " + " ".join(model.formula.split())


def criterion_line(model: Fitted, places: int) -> str:
    """Return what the search minimised or, for ML, the criteria that follow from it."""
    if model.reml:
        ended = model.status in ("converged", "singular")
        where = "at convergence" if ended else "where the search stopped"
        return f"REML criterion {where}: {model.criterion:.{places}f}"
    return (
        f"AIC {model.aic:.{places}f}  BIC {model.bic:.{places}f}  "
        f"logLik {model.loglik:.{places}f}  -2*log(L) {model.criterion:.{places}f}  "
        f"df.resid {model.df_resid}"
    )


def sizes(model: Fitted) -> str:
    """Count rows and levels, on one line."""
    groups = "; ".join(f"{name}, {m}" for name, m in model.n_groups.items())
    return shorten(f"Number of obs: {model.n_obs}, groups: {groups}", WIDTH)


def indented(table: Table) -> list[str]:
    """Return the lines of a table, a space in front."""
    return [f" {line}" for line in table.lines(WIDTH - 1)]


def random_table(model: Fitted, with_variance: bool) -> Table:
    """Variances, sds and the triangle of correlations, a block a term."""
    rows = model.var_corr()
    sizes = [len(term.names) for term in model.design.terms]
    is_variance = rows["effect_2"].isna().to_numpy()
    places = np.flatnonzero(is_variance)
    corr = _corr_cells(rows["sd"].to_numpy()[~is_variance], sizes)
    groups, last = [], None
    for name in rows["group"].iloc[places]:
        groups.append("" if name == last else str(name))
        last = name
    effects = ["" if pd.isna(e) else str(e) for e in rows["effect_1"].iloc[places]]
    columns = [
        Column("Groups", tuple(groups), False),
        Column("Name", tuple(effects), False),
    ]
    if with_variance:
        columns.append(_significant("Variance", rows["variance"].iloc[places]))
    columns.append(_significant("Std.Dev.", rows["sd"].iloc[places]))
    for j, cells in enumerate(corr):
        columns.append(Column("Corr" if j == 0 else "", (*cells, "")))
    return Table(RANDOM, tuple(columns))


def _corr_cells(correlations: np.ndarray, sizes: list[int]) -> list[list[str]]:
    """Columns of the lower triangles of all terms, below each other."""
    n_columns = max(sizes) - 1
    out: list[list[str]] = [[] for _ in range(n_columns)]
    start = 0
    for c in sizes:
        triangle = np.full((c, max(n_columns, c)), "", dtype=object)
        count = c * (c - 1) // 2
        # var_corr goes down the columns of the lower triangle.
        columns, rows = np.triu_indices(c, 1)
        cells = number_cells(correlations[start : start + count], 2, keep_tiny=False)
        triangle[rows, columns] = cells
        start += count
        for j in range(n_columns):
            out[j] += triangle[:, j].tolist()
    return out


def _significant(heading: str, values: pd.Series) -> Column:
    return Column(heading, tuple(number_cells(values, decimals(values, DIGITS))))
