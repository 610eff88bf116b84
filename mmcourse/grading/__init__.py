"""Grade a class: nbgrader's pipeline, with the kernel in a sandbox and checks outside.

Not imported by `import mmcourse`; the extra `grading` installs what it needs. What a
submission says is never believed, only what its variables hold:

`describing` runs in the student's kernel and writes values as plain JSON; `rebuilding`
makes values of it on this side, where nothing of the student's code runs. `box/` is
where the kernel runs; `session` runs cells in it and asks for values, `outputs` keeps
what they show; `judging` calls a check with them. `restoring` puts a submission back
into the form of its sheet, `steps` is all that as steps of nbgrader. `course` knows the
folders, `collecting/` brings submissions in, `roster` knows who takes part,
`gradebook` is nbgrader's, `worker` grades one submission, `run` a class, `locking`
keeps a second run out; `marks` and `report` are what is left for the instructor.
`pages/` is what graders and students look at.
"""
