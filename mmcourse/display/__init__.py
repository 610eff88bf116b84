"""What a model and its tables look like, as text and as HTML; nothing prints here."""

from mmcourse.display.frames import check_digits, format_table
from mmcourse.display.pair import ModelTables
from mmcourse.display.short import short_print
from mmcourse.display.summary import Summary, summarize, t_values

__all__ = [
    "ModelTables",
    "Summary",
    "check_digits",
    "format_table",
    "short_print",
    "summarize",
    "t_values",
]
