"""Formula text -> response, fixed part and random terms; knows no data."""

from mmcourse.formula.bars import RandomTerm, make_term, quoted
from mmcourse.formula.parser import MixedFormula, parse, parse_random
from mmcourse.formula.updating import update_formula

__all__ = [
    "MixedFormula",
    "RandomTerm",
    "make_term",
    "parse",
    "parse_random",
    "quoted",
    "update_formula",
]
