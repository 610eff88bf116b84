"""nbgrader's formgrader as an extension of a Jupyter server, with pages of ours.

The server has no kernels: whatever is opened in it, code of students can't run.
"""

from __future__ import annotations

from typing import Any, NoReturn

from jinja2 import FileSystemLoader
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeList
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado import web
from traitlets.config import Config

from mmcourse.grading.pages.page import FORMGRADER, TEMPLATES, GraderPage


class Formgrader(FormgradeExtension):
    """Shows submissions so that nothing in them runs, with the rubrics."""

    def build_extra_config(self) -> Config:
        """Return settings that do not depend on the folder."""
        settings = Config()
        settings.ExchangeFactory.list = NoExchange
        return settings

    def init_tornado_settings(self, webapp: Any) -> None:
        """Set the page that shows a submission, and what is beside the lists."""
        super().init_tornado_settings(webapp)
        webapp.settings["nbgrader_exporter"] = GraderPage(config=self.config)
        lists = FileSystemLoader([TEMPLATES / "lists", FORMGRADER])
        webapp.settings["nbgrader_jinja2_env"].loader = lists

    def init_handlers(self, webapp: Any) -> None:
        """Add the pages: those before nbgrader's win."""
        start = url_path_join(webapp.settings["base_url"], "formgrader")
        ours = [(rf"{start}/?(manage_assignments.*)?", ToGradebook)]
        webapp.add_handlers(".*$", ours)
        super().init_handlers(webapp)


class ToGradebook(BaseHandler):
    """Leads to the list of submissions: all else is done by `mmcourse grade`."""

    @web.authenticated
    def get(self, _: str | None) -> None:
        """Lead there."""
        self.redirect(f"{self.base_url}/formgrader/gradebook")


class NoExchange(ExchangeList):
    """Stands in for nbgrader's folder for all users of a machine."""

    def start(self) -> NoReturn:
        """Say that there is none; nbgrader's own would log it as an error."""
        raise ExchangeError("this course has no exchange")


class NoKernels(AsyncMappingKernelManager):
    """Starts no kernel."""

    async def start_kernel(  # type: ignore[override]
        self, **named: Any
    ) -> NoReturn:
        """Say why."""
        raise web.HTTPError(
            403,
            "There are no kernels here, so that code of students can't run outside of "
            "the sandbox. To run code of yours, type: make lab",
        )


class NoKernelSpecs(KernelSpecManager):
    """Knows no kernel, so that JupyterLab offers none."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Return nothing."""
        return {}


def _load_jupyter_server_extension(server: Any) -> None:
    formgrader = Formgrader(parent=server)
    formgrader.root_dir = server.root_dir
    formgrader.log = server.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(server.web_app)
    formgrader.init_handlers(server.web_app)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "mmcourse.grading.pages.formgrader"}]
