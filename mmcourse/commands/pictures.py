"""The picture of a fit in a file: the effects of all groups, in order of size."""

from __future__ import annotations

from pathlib import Path

from mmcourse.commands.common import CommandError
from mmcourse.errors import listing
from mmcourse.extract import extract_random_effects
from mmcourse.model import MixedModel
from mmcourse.plots import plot_random_effects

WIDTH, HEIGHT = 7.0, 3.4  # inches, of one effect


def check_picture(path: Path) -> None:
    """Refuse a file that no picture can be written to.

    Parameters
    ----------
    path : Path

    Raises
    ------
    CommandError
        If its folder is not there, or there are no pictures of its ending.
    ImportError
        If matplotlib is not installed; its text says what to install.

    Examples
    --------
    >>> check_picture(Path("effects.doc"))
    Traceback (most recent call last):
    mmcourse.commands.common.CommandError: no picture can be written to ...
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(
            "--plot needs matplotlib, which is not installed. Install it with: "
            "pip install 'mmcourse[plots]'"
        ) from None
    known = sorted(Figure().canvas.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in known:
        raise CommandError(
            f"no picture can be written to {str(path)!r}: its name must end in one of "
            f"{listing(f'.{ending}' for ending in known)}."
        )
    if not path.parent.is_dir():
        raise CommandError(f"there is no folder {str(path.parent)!r} for the picture.")


def save_effects(model: MixedModel, path: Path) -> None:
    """Draw the random effects with their intervals, one below the other.

    No window is opened and matplotlib's own state stays as it is.
    """
    from matplotlib.figure import Figure

    table = extract_random_effects(model)
    effects = list(dict.fromkeys(zip(table["group_var"], table["effect"], strict=True)))
    size = (WIDTH, HEIGHT * len(effects))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(effects), squeeze=False)[:, 0]
    for (group, effect), ax in zip(effects, axes, strict=True):
        plot_random_effects(table, group, effect, ax=ax)
    try:
        figure.savefig(path, dpi=150)
    except OSError as problem:
        said = problem.strerror or problem
        raise CommandError(f"{str(path)!r} can't be written: {said}.") from None
