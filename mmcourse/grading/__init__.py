"""Grading a class: nothing here is public, `mmcourse grade` is."""
