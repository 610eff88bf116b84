"""Submissions as learning platforms export them, brought into nbgrader's folders.

`entries` and `archives` list what is in a folder or a ZIP, without following or
unpacking anything; `naming` knows how platforms write names, `ids` makes nbgrader's of
them, `people` says whose an entry is; `notebooks` reads one carefully, `choosing`
decides which one counts, `storing` writes it. `collect` is all of it.
"""
