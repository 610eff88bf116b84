"""Formula + data frame -> arrays: response, X, and a record for each random term."""

from mmcourse.design.build import Design, build_design
from mmcourse.design.grouping import Grouping
from mmcourse.design.newrows import NewRows
from mmcourse.design.selection import TermColumns

__all__ = ["Design", "Grouping", "NewRows", "TermColumns", "build_design"]
