"""What stands behind the command `mmcourse`, a module each; nothing here is public.

`main` is the command line; `fit`, `data` and `check` are its commands, which import
what they need when they run. `mmcourse fit` reads rows (`rows`), and shows a summary, a
record for other programs (`record`) or a picture (`pictures`). `mmcourse data` reads
the data card (`card`). `mmcourse check` reads a sheet (`reading`, `sheets`), runs it in
a fresh kernel (`running`), sees what its checks said (`outcomes`) and prints that
(`table`). Not imported by `import mmcourse`.
"""
