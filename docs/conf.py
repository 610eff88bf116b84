"""Settings of Sphinx; `docs/website/build.py` runs it. Nothing comes from elsewhere."""

from __future__ import annotations

import mmcourse
from docs.website.mathjax import SCRIPT, offer

project = "mmcourse"
author = "the authors of mmcourse"
version = release = mmcourse.__version__

extensions = ["myst_nb", "docs.website.public_names"]
exclude_patterns = ["downloads"]

# Notebooks: what is stored is shown.
nb_execution_mode = "off"
nb_render_text_lexer = "none"
nb_ipywidgets_js = {}
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
mathjax_path = SCRIPT

html_theme = "furo"
html_title = "mmcourse"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["search.js"]
html_favicon = "_static/icon.svg"
pygments_dark_style = "github-dark"
html_copy_source = html_show_sourcelink = False
html_use_index = html_domain_indices = False  # the reference lists every name
html_show_copyright = html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f5a92",
        "color-brand-content": "#1f5a92",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8fbce6",
        "color-brand-content": "#8fbce6",
    },
}


def setup(app: object) -> None:
    """Put the script that draws formulas beside the pages."""
    offer(app)
