"""Checks of the exercises that say what went wrong, without giving the answer away.

Not imported by `import mmcourse`. A check cell of a sheet calls one function of the
module of its assignment:

>>> from mmcourse.checks import sleepstudy as check
>>> check.predictions(True, True, True)
2 of 3 points.
- `intercept_se_smaller`: at the start of the study, ...
2.0

`findings` has what a check returns and how it becomes points; `wrong_models` and
`wrong_numbers` are the catalogue of known mistakes, an object each; `reading` is one
face for the models of mmcourse and statsmodels. On them stand `check_model`,
`check_number`, `check_values`, `check_table`, `check_labels`, `check_choice`,
`check_function` and `check_figure`; on these the assignments, a module each, or a
folder where it takes more. `course/exercises/README.md` says how to write one.
"""

from mmcourse.checks.choices import check_choice, check_labels
from mmcourse.checks.figures import check_figure
from mmcourse.checks.findings import RIGHT, Finding, NotYet, worth
from mmcourse.checks.functions import check_function
from mmcourse.checks.mistakes import Mistake
from mmcourse.checks.models import check_model
from mmcourse.checks.numbers import check_number
from mmcourse.checks.tables import check_table
from mmcourse.checks.values import check_values

__all__ = [
    "RIGHT",
    "Finding",
    "Mistake",
    "NotYet",
    "check_choice",
    "check_figure",
    "check_function",
    "check_labels",
    "check_model",
    "check_number",
    "check_table",
    "check_values",
    "worth",
]
