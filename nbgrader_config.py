"""Settings of nbgrader: where this course keeps its sheets, how a blank looks.

`course/release.py` reads this file too, so that `make build` and nbgrader's own
`generate_assignment` cut the same sheets.
"""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "mmcourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# A comment, not an error: a sheet that is still blank runs from top to bottom, and
# every check says what is missing.
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"
