"""Grade a class: nbgrader's pipeline, with the kernel in a sandbox and checks outside.

Not imported by `import mmcourse`; the extra `grading` installs what it needs. What a
submission says is never believed, only what its variables hold:

`describing` runs in the student's kernel and writes values as plain JSON; `rebuilding`
makes values of it on this side, where nothing of the student's code runs. `sandbox` is
the kernel's box, `launch` what starts in it, `shadow` what it shows of the checks,
`watch` its limits in time and memory. `session` runs cells and asks for values;
`judging` calls a check with them. `restoring` puts a submission back into the form of
its sheet, `steps` is all that as steps of nbgrader. `course` knows the folders,
`collecting` brings submissions in, `gradebook` is nbgrader's, `worker` grades one
submission and `run` a class; `marks` and `report` are what is left for the instructor.

What people look at: `pages` are a submission as graders and as students see it,
`harmless`, `markdown` and `formulas` what makes it safe; `formgrader` is the server
where graders mark by hand.
"""
