"""Directives for the reference: names from their docstrings, commands from their help.

    .. public::

       lmer
       MixedModel.ranef

The names are what follows `mmcourse.`; the pages of `reference/` are the one place that
groups them, and `tests/docs/test_reference.py` holds the pages to the package. Keys of
the literature that a docstring cites, such as [BMBW15], are spelled out in its module's
docstring; they are added below it. `.. commands::` needs no list.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
from functools import reduce
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from mmcourse.commands.main import make_parser

DIRECTIVE = re.compile(r"^\.\. public::\n\n((?:   .+\n)+)", re.M)
KEY = re.compile(r"\[([A-Z]+\d+)\]")
SOURCE = re.compile(r"^ +\[([A-Z]+\d*)\] ((?:.+\n?)(?:^ +(?![ \[]).+\n?)*)", re.M)

SETTINGS = {
    "autodoc_typehints": "none",  # the docstrings say more: shapes and units
    "autosummary_generate": False,
    "default_role": "py:obj",
    "nitpick_ignore_regex": [("py:obj", ".*")],  # a name in backticks need be no link
    "numpydoc_show_class_members": False,
    "toc_object_entries_show_parents": "hide",
}


def names_on(page: str) -> list[str]:
    """Public names that the text of a page lists, in order."""
    return [name for block in DIRECTIVE.findall(page) for name in block.split()]


def find(name: str) -> Any:
    """Return the object of a public name; of a property the property itself."""
    *path, last = name.split(".")
    owner = reduce(getattr, path, importlib.import_module("mmcourse"))
    return inspect.getattr_static(owner, last)


def kind(name: str) -> str:
    """Name autodoc's directive for an object."""
    found = find(name)
    if inspect.ismodule(found):
        return "automodule"
    if inspect.isclass(found):
        return "autoexception" if issubclass(found, Exception) else "autoclass"
    if isinstance(found, property):
        return "autoproperty"
    return "automethod" if inspect.isclass(owner_of(name)) else "autofunction"


def owner_of(name: str) -> Any:
    """Return the class that a name belongs to, or None."""
    owner = name.rpartition(".")[0]
    return find(owner) if owner else None


def sources(found: Any, text: str) -> list[str]:
    """Spell out the literature that a docstring cites, from its module's docstring."""
    function = found.fget if isinstance(found, property) else found
    module = inspect.getmodule(function)
    spelled = dict(SOURCE.findall((module and module.__doc__) or ""))
    keys = dict.fromkeys(KEY.findall(text))
    return [f"[{key}] {' '.join(spelled[key].split())}" for key in keys]


class Public(SphinxDirective):
    """Expand a list of names into autosummary's table and autodoc's entries."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Let Sphinx read what is written in its own words."""
        names = [line.strip() for line in self.content if line.strip()]
        lines = [".. currentmodule:: mmcourse", ""]
        lines += [".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   {name}" for name in names]
        for name in names:
            lines += ["", f".. {kind(name)}:: mmcourse.{name}"]
            lines += ["   :no-members:"] if kind(name) == "automodule" else []
        return self.parse_text_to_nodes("\n".join(lines))


class Commands(SphinxDirective):
    """Show the help of every command."""

    def run(self) -> list[nodes.Node]:
        """Give each command a section with its help as it is."""
        lines = []
        for name, text in command_help().items():
            lines += [name, "-" * len(name), "", ".. code-block:: text", ""]
            lines += [f"   {line}" for line in text.splitlines()] + [""]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def command_help() -> dict[str, str]:
    """Return the help of every command by its name."""
    actions = make_parser()._actions
    found = [a for a in actions if isinstance(a, argparse._SubParsersAction)]
    return {name: one.format_help() for name, one in found[0].choices.items()}


def add_sources(
    app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]
) -> None:
    """Append the literature to the lines of a docstring."""
    added = sources(found, "\n".join(lines)) if what != "module" else []
    if added:
        lines += ["", "References", "----------"]
        for line in added:
            lines += [line, ""]


def hide_signature(
    app: Sphinx, what: str, name: str, found: Any, options: Any, *signature: str
) -> tuple[str, None] | None:
    """Leave out the arguments of classes that nobody makes by hand."""
    is_made = "Parameters\n" in (inspect.getdoc(found) or "")
    return ("", None) if what == "class" and not is_made else None


def choose_settings(app: Sphinx, config: Config) -> None:
    """Set what the pages need, whatever the site's own settings."""
    for name, value in SETTINGS.items():
        setattr(config, name, value)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what it stands on."""
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"):
        app.setup_extension(extension)
    app.connect("config-inited", choose_settings, priority=100)
    # Before numpydoc, which lays the sections out.
    app.connect("autodoc-process-docstring", add_sources, priority=100)
    app.connect("autodoc-process-signature", hide_signature)
    app.add_directive("public", Public)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
