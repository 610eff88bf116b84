"""What graders and students look at, made of what a student wrote, and harmless.

`page` makes the pages of formgrader and of feedback, by its `templates`; `markdown`,
`formulas` and `harmless` turn a student's text into HTML in which nothing runs;
`formgrader` is the part of the server that shows them.
"""
