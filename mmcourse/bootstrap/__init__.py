"""The parametric bootstrap of a model's parameters, or of any function of it."""

from mmcourse.bootstrap.result import Bootstrap
from mmcourse.bootstrap.run import boot_mer

__all__ = ["Bootstrap", "boot_mer"]
