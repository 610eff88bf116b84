"""`mmcourse fit DATA FORMULA`: fit a model, print its summary or all its numbers."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mmcourse.commands.common import (
    FINE,
    LOOK,
    CommandError,
    Commands,
    Parser,
    add_command,
    say,
)

if TYPE_CHECKING:
    import pandas as pd

    from mmcourse.model import MixedModel

DESCRIPTION = """\
Fit a linear mixed model and print its summary. DATA is a CSV or TSV file (also packed,
.csv.gz), a Parquet file or a folder of them, - for CSV on stdin, or the name of a data
set of the course (see `mmcourse data`; a file of that name is ./gpa). FORMULA is R's,
in quotes; the grouping factors stand behind bars.
"""
EPILOG = """\
examples:
  mmcourse fit sleepstudy "Reaction ~ Days + (Days | Subject)"
  mmcourse fit rows.csv "y ~ x + (1 | school/class)" --ml --confint
  mmcourse fit rows.csv "y ~ x + (1 | g)" --p-value kenward_roger --plot effects.png
  mmcourse fit rows.csv "y ~ x + (1 | g)" --json | jq .aic
  zcat rows.csv.gz | mmcourse fit - "y ~ x + (1 | g)"

exit status: 0 fitted, 1 fitted, but not to the optimum (it says so), 2 not fitted

What a reader should know of a fit, such as that it is singular, stands below the
summary. With --json it stands in `messages`, and on stderr too.
"""
LEVEL = 0.95
METHODS = ("profile", "wald", "boot")
P_VALUES = ("wald", "satterthwaite", "kenward_roger")


def register(commands: Commands) -> None:
    """Add `fit` to the command line."""
    parser = add_command(
        commands,
        "fit",
        run,
        help="fit a model to the rows of a file",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("formula", metavar="FORMULA")
    add_model_options(parser)
    add_output_options(parser)


def add_model_options(parser: Parser) -> None:
    """Add what changes the model or how its rows are read."""
    group = parser.add_argument_group("the model and its rows")
    group.add_argument(
        "--ml", action="store_true", help="maximum likelihood instead of REML"
    )
    group.add_argument("--weights", metavar="COLUMN", help="prior weights of the rows")
    group.add_argument("--offset", metavar="COLUMN", help="known part of the response")
    group.add_argument(
        "--sep", type=character, metavar="CHARACTER", help="between columns of text (,)"
    )
    group.add_argument(
        "--decimal",
        type=character,
        metavar="CHARACTER",
        default=".",
        help="before decimals in text (%(default)s)",
    )


def add_output_options(parser: Parser) -> None:
    """Add what is shown of the fit."""
    group = parser.add_argument_group("what is shown")
    group.add_argument(
        "--confint", action="store_true", help="add intervals of all parameters"
    )
    group.add_argument(
        "--ci-method", choices=METHODS, help="of intervals (profile); adds them"
    )
    group.add_argument(
        "--ci-level",
        type=level,
        metavar="LEVEL",
        help="of intervals (0.95); adds them",
    )
    group.add_argument(
        "--seed", type=int, metavar="NUMBER", help="of --ci-method boot, to repeat it"
    )
    group.add_argument(
        "--p-value", choices=P_VALUES, help="add p-values of the fixed effects"
    )
    group.add_argument(
        "--json", action="store_true", help="one JSON object instead of the summary"
    )
    group.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="draw the effects of the groups (.png, .pdf, .svg)",
    )


def level(text: str) -> float:
    """Return the level of an interval, between 0 and 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number between 0 and 1")
    return number


def character(text: str) -> str:
    """Return one character; a tab may be written as in Python."""
    one = "\t" if text == "\\t" else text
    if len(one) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not one character")
    return one


def run(options: argparse.Namespace) -> int:
    """Fit, show what was asked for; return the exit status."""
    from mmcourse.commands.pictures import check_picture, save_effects

    try:
        if options.plot:
            check_picture(options.plot)  # before a fit that may take long
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            model = fitted(options)
            shown = shown_as(model, options)
            if options.plot:
                save_effects(model, options.plot)
    except ImportError as missing:  # its text says which extra to install
        raise CommandError(str(missing)) from None
    print(shown)
    aside = [str(warning.message) for warning in caught]
    for text in dict.fromkeys([*(model.messages if options.json else []), *aside]):
        say(text)
    return LOOK if model.status in ("max_evaluations", "stalled") else FINE


def fitted(options: argparse.Namespace) -> MixedModel:
    """Read the rows, fit the model."""
    from mmcourse.commands.rows import open_rows
    from mmcourse.model import lmer

    return lmer(
        options.formula,
        open_rows(options.data, options.sep, options.decimal),
        reml=not options.ml,
        weights=options.weights,
        offset=options.offset,
    )


def shown_as(model: MixedModel, options: argparse.Namespace) -> str:
    """Return what is printed: a record, or the summary and the tables asked for."""
    from mmcourse.commands.record import as_json
    from mmcourse.extract import extract_fixed_effects

    intervals = intervals_of(model, options)
    if options.json:
        fixed = extract_fixed_effects(model, ci_level=0, p_value=options.p_value)
        return as_json(model, fixed, intervals)
    parts = [str(model.summary())]
    if options.p_value:
        level = options.ci_level or LEVEL
        fixed = extract_fixed_effects(model, level, options.p_value)
        parts.append(with_notes("Fixed effects", fixed))
    if intervals is not None:
        parts.append(with_notes("All parameters", intervals))
    return "\n\n".join(parts)


def with_notes(title: str, table: pd.DataFrame) -> str:
    """Return a table to be read, and below it what it rests on or lacks."""
    from mmcourse.display.frames import format_table, interval_caption
    from mmcourse.display.layout import wrapped

    words = format_table(table, caption=f"{title}, {interval_caption(table.attrs)}")
    notes = [f"Note: {note.rstrip('.')}." for note in table.attrs.get("notes", [])]
    return "\n".join([str(words), *wrapped(notes)])


def intervals_of(model: MixedModel, options: argparse.Namespace) -> pd.DataFrame | None:
    """Return the intervals, if they are asked for by any of their options."""
    if not (options.confint or options.ci_method or options.ci_level):
        return None
    return model.confint(
        level=options.ci_level or LEVEL,
        method=options.ci_method or METHODS[0],
        seed=options.seed,
    )
