"""A design as plain arrays, which is what the engine takes.

Layer: where `design` and `fit` meet.
"""

from __future__ import annotations

from mmcourse.design import Design
from mmcourse.fit import ModelArrays, TermArrays


def as_arrays(design: Design) -> ModelArrays:
    """Return the design as plain arrays, the offset taken out of the response."""
    y = design.y if design.offset is None else design.y - design.offset
    return ModelArrays(
        y=y,
        X=design.X,
        codes=tuple(g.codes for g in design.groupings),
        n_levels=tuple(len(g.levels) for g in design.groupings),
        terms=tuple(TermArrays(t.grouping, t.columns) for t in design.terms),
        weights=design.weights,
    )
