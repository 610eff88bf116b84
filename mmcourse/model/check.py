"""Refuse what is no model, wherever a function takes one."""

from __future__ import annotations

from typing import Any

from mmcourse.model.mixed_model import MixedModel


def check_model(model: Any, name: str) -> None:
    """Refuse what is no model; `name` is the function that it was given to.

    Examples
    --------
    >>> check_model("gpa ~ occasion + (1 | student)", "icc")
    Traceback (most recent call last):
    TypeError: icc takes a model that lmer returned, not str.
    """
    if not isinstance(model, MixedModel):
        raise TypeError(
            f"{name} takes a model that lmer returned, not {type(model).__name__}."
        )
