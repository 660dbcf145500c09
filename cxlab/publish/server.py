"""Voila with its doors closed: apps only, our own messages, nothing from outside."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import tornado.web
import voila.notebook_renderer
from jupyter_server.auth.logout import LogoutHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from traitlets.config import Config
from voila.app import Voila
from voila.execute import VoilaExecutor
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.voila_identity_provider import VoilaLoginHandler

from cxlab.publish.app import add_register, headers
from cxlab.publish.assets import drawing_code, page_style
from cxlab.publish.entrance import Entrance
from cxlab.publish.execution import OURS, PATIENCE
from cxlab.publish.exporter import PageExporter
from cxlab.publish.guards import Channel, Farewell, LimitedKernels, Login, Logout, OneKernel, Report, TemplateFile
from cxlab.publish.landing import Shelf
from cxlab.publish.messages import message_html, new_reference
from cxlab.publish.register import Analysis
from cxlab.publish.scripts import Piece, Scripts
from cxlab.publish.turns import Turns

HUB = "jupyterhub.singleuser.extension.JupyterHubIdentityProvider"
STRICTER = {
    KernelHandler: OneKernel, VoilaKernelWebsocketHandler: Channel, VoilaShutdownKernelHandler: Farewell,
    TemplateStaticFileHandler: TemplateFile, MultiStaticFileHandler: Piece, VoilaLoginHandler: Login,
    LogoutHandler: Logout,
}  # fmt: skip
LARGEST_MESSAGE = 2_000_000  # bytes that a page may send at once; tables come in pieces
__all__ = ["AppServer", "PlainExecutor", "settings"]


class PlainExecutor(VoilaExecutor):
    """Runs a notebook for a visitor; an error is a sentence, and its traceback stands in the log."""

    turns = Turns()

    async def execute_cell(self, *given: Any, **named: Any) -> Any:
        """Run a cell when it is this visitor's turn.

        Args:
            given: Voila's.
            named: Voila's.

        Returns:
            The cell with its outputs.
        """
        async with self.turns.turn():
            return await super().execute_cell(*given, **named)

    def strip_code_cell_errors(self, cell: Any) -> Any:
        """Put our message in the place of an error.

        Args:
            cell: the cell that failed.

        Returns:
            The cell.
        """
        if cell["cell_type"] == "code":
            cell["outputs"] = [self._plain(one) if one["output_type"] == "error" else one for one in cell["outputs"]]
        return cell

    def _plain(self, output: Any) -> Any:
        from nbformat.v4 import new_output

        text = output["evalue"]
        if output["ename"] not in OURS:
            reference = new_reference()
            self.log.error("cxlab reference %s\n%s", reference, "\n".join(output["traceback"]))
            text = f"Something went wrong while this was computed. Please quote the reference {reference}."
        return new_output("display_data", {"text/html": message_html(text)})


class Asset(tornado.web.RequestHandler):
    """One text that all pages share, kept by the browser."""

    def initialize(self, kind: str, make: Any) -> None:
        """Set what is served.

        Args:
            kind: its media type.
            make: gives the text.
        """
        self.kind, self.make = kind, make

    def get(self) -> None:
        """Send it; the browser asks again only whether it changed."""
        self.set_header("Content-Type", self.kind)
        self.set_header("Cache-Control", "no-cache")
        self.write(self.make())


class AppServer(Voila):
    """Voila without its contents service, with our messages and shared files."""

    name = "voila"
    shelf = Shelf()

    def init_handlers(self) -> list[Any]:
        """Leave out what lists files, add what pages share.

        Returns:
            Tornado's routes.
        """
        voila.notebook_renderer.VoilaExecutor, voila.notebook_renderer.VoilaExporter = PlainExecutor, PageExporter
        base, Piece.scripts = self.server_url.rstrip("/"), Scripts(*self.static_paths)
        kept = [
            (one[0] if one[0].startswith(self.server_url) else base + one[0], STRICTER.get(one[1], one[1]), *one[2:])
            for one in super().init_handlers()
            if one[1] is not VoilaContentsHandler
        ]
        return [
            (base + r"/cxlab/page\.css", Asset, {"kind": "text/css", "make": page_style}),
            (base + r"/cxlab/drawing\.js", Asset, {"kind": "text/javascript", "make": drawing_code}),
            (base + r"/voila/static/cxlab\.js", Asset, {"kind": "text/javascript", "make": Piece.scripts.text}),
            (base + r"/cxlab/reports/([^/]+)", Report, {"shelf": self.shelf}),
            *kept,
        ]

    def listen(self) -> None:
        """Believe a proxy that says that its visitor came by https: then cookies are for https alone."""
        self.app.listen = partial(self.app.listen, xheaders=True)
        super().listen()

    def stop(self) -> None:
        """End the kernels; one that is just starting is no reason for a traceback, for it ends with us."""
        with suppress(tornado.web.HTTPError):
            super().stop()


def settings(entrance: Entrance, *, sessions: int = 50, analyses: Sequence[Analysis] | None = None) -> Config:
    """How is the server set?

    Args:
        entrance: where to listen, and who is let in.
        sessions: how many kernels may live at once.
        analyses: what is served; None stands for every analysis.

    Returns:
        Voila's configuration: our template, closed files, kernels that end with their visitors.
    """
    c = Config()
    c.Voila.ip, c.Voila.port, c.Voila.base_url = entrance.ip, entrance.port, entrance.base
    c.Voila.port_retries, c.Voila.open_browser = 0, False
    c.Voila.log_level, c.Voila.config_file_paths = "ERROR", []
    c.Voila.tornado_settings = {
        "headers": headers(), "websocket_max_message_size": LARGEST_MESSAGE,
        "allow_remote_access": entrance.guarded,  # else another name for this machine lets any page of the web in
    }  # fmt: skip
    if entrance.hub:
        c.Voila.identity_provider_class, c.Voila.auto_token = HUB, True
    elif entrance.token:
        c.Voila.token = entrance.token
        c.IdentityProvider.cookie_options = {"samesite": "Lax"}
    c.VoilaConfiguration.template, c.VoilaConfiguration.classic_tree = "cxlab", True
    c.VoilaConfiguration.page_config_hook = partial(add_register, analyses=analyses)
    c.VoilaConfiguration.allow_template_override = c.VoilaConfiguration.allow_theme_override = "NO"
    c.VoilaConfiguration.file_allowlist = ["public/.*"]
    c.VoilaExecutor.cell_error_instruction = "Please load the page again."
    c.VoilaExecutor.iopub_timeout, c.VoilaExecutor.raise_on_iopub_timeout = PATIENCE, True
    c.VoilaConfiguration.multi_kernel_manager_class = LimitedKernels
    c.VoilaConfiguration.http_header_envs = ["user-agent"]
    c.LimitedKernels.most, c.LimitedKernels.private = sessions, entrance.guarded
    c.ZMQChannelsWebsocketConnection.limit_rate = False  # a page to take along is sent whole
    c.MappingKernelManager.cull_idle_timeout, c.MappingKernelManager.cull_interval = 600, 60
    return c
