"""Formula + data frame -> arrays: response, X, and a record for each random term."""

from mmcourse.design.build import Design, build_design
from mmcourse.design.grouping import Grouping
from mmcourse.design.newrows import NewRows
from mmcourse.design.selection import TermColumns
from mmcourse.design.sources import open_source
from mmcourse.design.stream import Stream, open_stream

__all__ = [
    "Design",
    "Grouping",
    "NewRows",
    "Stream",
    "TermColumns",
    "build_design",
    "open_source",
    "open_stream",
]
