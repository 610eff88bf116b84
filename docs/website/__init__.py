"""The website: pages assembled from the whole repository, then built by Sphinx.

`build.py` is what `make site` runs. Nothing of a lesson is run: `lessons.py` takes the
outputs that are stored. Numbers about speed and correctness are made into tables here,
from the files that measured them.
"""
