"""What stands behind the command `mmcourse`, a module each; nothing here is public.

`mmcourse check NOTEBOOK` reads a sheet (`reading`, `sheets`), runs it in a fresh kernel
(`running`), sees what its checks said (`outcomes`) and prints that (`table`). `main` is
the command line. Not imported by `import mmcourse`.
"""
