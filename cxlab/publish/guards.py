"""What stands between a visitor and the server: a limit of sessions, no token in a kernel, one's own kernels only."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import tornado.ioloop
import tornado.web
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.logout import LogoutHandler
from jupyter_server.base.call_context import CallContext
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Bool, Int
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.voila_identity_provider import VoilaLoginHandler

from cxlab.publish.landing import Shelf
from cxlab.publish.places import Places
from cxlab.publish.withheld import without_secrets

__all__ = [
    "Channel",
    "Farewell",
    "LimitedKernels",
    "Login",
    "Logout",
    "OneKernel",
    "Report",
    "TemplateFile",
    "clean_environment",
]

_SWEEP = 5.0  # seconds between two looks at whose visitors are gone
_SCRIPTS = 15.0  # seconds that a page may take to connect, or to connect again, where others wait for its place
_NEVER = 120.0  # seconds after which a page that did not connect is taken for closed
_KINDS = {"html": "text/html; charset=utf-8", "json": "application/json", "ipynb": "application/x-ipynb+json"}


class LimitedKernels(AsyncMappingKernelManager):
    """As many kernels as the machine can carry, each without what its visitor had to know."""

    most = Int(50, config=True, help="How many kernels may live at once.")
    private = Bool(False, config=True, help="A kernel is for the visitor alone for whose page it was started.")
    _starting = 0

    def __init__(self, **kwargs: Any) -> None:
        """Start with no kernel."""
        super().__init__(**kwargs)
        self._visitors: dict[str, str] = {}
        self._places, self._connected = Places(), set[str]()
        self._sweeper: tornado.ioloop.PeriodicCallback | None = None

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start one, if there is room.

        Args:
            kwargs: Jupyter's.

        Returns:
            The kernel's id.

        Raises:
            HTTPError: all places are taken.
        """
        if len(self) + self._starting >= self.most:
            await self._end(self._places.left())
        if len(self) + self._starting >= self.most:
            await self._end(self._places.deserted(_SCRIPTS)[:1])
        if len(self) + self._starting >= self.most:
            raise tornado.web.HTTPError(503, reason="All places are taken")
        kwargs["env"] = clean_environment(kwargs.get("env") or {})
        self._starting += 1
        try:
            kernel_id = await super().start_kernel(**kwargs)
        finally:
            self._starting -= 1
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        if self.private:
            self._visitors[kernel_id] = _name_of(handler)
        self._places.take(kernel_id, handler)
        if self._sweeper is None:
            self._sweeper = tornado.ioloop.PeriodicCallback(self._sweep, 1000 * _SWEEP)
            self._sweeper.start()
        return kernel_id

    async def _sweep(self) -> None:
        """End the kernels of visitors who went while their page was made, or whose page never came to life."""
        await self._end(self._places.left())
        await self._end(one for one in self._places.deserted(_NEVER) if one not in self._connected)

    async def _end(self, kernels: Iterable[str]) -> None:
        for kernel_id in list(kernels):
            self._places.free(kernel_id)
            with suppress(Exception):  # it ended by itself meanwhile
                await self.shutdown_kernel(kernel_id, now=True)

    def notify_connect(self, kernel_id: str) -> None:
        """A page has connected.

        Args:
            kernel_id: to which.
        """
        super().notify_connect(kernel_id)
        self._connected.add(kernel_id)
        self._places.count(kernel_id, self._kernel_connections.get(kernel_id, 0))

    def notify_disconnect(self, kernel_id: str) -> None:
        """A page's connection has ended.

        Args:
            kernel_id: to which.
        """
        super().notify_disconnect(kernel_id)
        self._places.count(kernel_id, self._kernel_connections.get(kernel_id, 0))

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget one that has ended.

        Args:
            kernel_id: which.

        Returns:
            Jupyter's.
        """
        self._visitors.pop(kernel_id, None)
        self._places.free(kernel_id)
        self._connected.discard(kernel_id)
        return super().remove_kernel(kernel_id)

    def check_visitor(self, kernel_id: str, handler: JupyterHandler) -> None:
        """Is this the visitor for whom the kernel was started?

        Args:
            kernel_id: which.
            handler: the request.

        Raises:
            HTTPError: it is another one, who is told what is told of a kernel that there never was.
        """
        if self.private and self._visitors.get(kernel_id) != _name_of(handler):
            raise tornado.web.HTTPError(404)


def _name_of(handler: Any) -> str:
    """A name of the hub's, or one that the visitor's cookie keeps; nobody has the empty one."""
    return str(handler.current_user.username) if handler and handler.current_user else ""


def clean_environment(environment: dict[str, str]) -> dict[str, str]:
    """What may a kernel know of the request that it answers?

    Args:
        environment: what Voila hands it.

    Returns:
        The same without the token, wherever that stands.

    Examples:
        >>> clean_environment({"QUERY_STRING": "period=week&token=secret", "VOILA_REQUEST_URL": "/?token=secret"})
        {'QUERY_STRING': 'period=week'}
    """
    kept = without_secrets(environment)
    if "QUERY_STRING" in kept:
        pairs = parse_qsl(kept["QUERY_STRING"], keep_blank_values=True)
        kept["QUERY_STRING"] = urlencode([(name, value) for name, value in pairs if name != "token"])
    return kept


class OneKernel(KernelHandler):
    """A page may ask whether its kernel lives; ending it is the page's own farewell."""

    @tornado.web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Tell it to the visitor whose kernel it is.

        Args:
            kernel_id: which.
        """
        self.settings["kernel_manager"].check_visitor(kernel_id, self)
        await super().get(kernel_id)  # type: ignore[misc]

    async def delete(self, kernel_id: str) -> None:  # noqa: ARG002  the address gives it
        """Refuse."""
        raise tornado.web.HTTPError(405)


class Channel(VoilaKernelWebsocketHandler):
    """The way from a page to its own kernel."""

    async def pre_get(self) -> None:
        """Refuse other visitors before anything is connected."""
        if self.current_user is None:
            raise tornado.web.HTTPError(403)
        self.settings["kernel_manager"].check_visitor(self.kernel_id, self)
        await super().pre_get()


class Farewell(VoilaShutdownKernelHandler):
    """A page that is left ends its own kernel."""

    def check_xsrf_cookie(self) -> None:
        """Ask where the farewell comes from: our pages carry no such cookie, and none but their own knows the kernel.

        Raises:
            HTTPError: it comes from a page of somebody else.
        """
        if not self.check_origin():
            raise tornado.web.HTTPError(403)

    @tornado.web.authenticated
    async def post(self, kernel_id: str) -> None:
        """End it.

        Args:
            kernel_id: which.
        """
        self.settings["kernel_manager"].check_visitor(kernel_id, self)
        await super().post(kernel_id)


class Login(VoilaLoginHandler):
    """The page that asks for the token, in our frame."""

    def _render(self, message: Any = None) -> None:
        template = self.settings["voila_jinja2_env"].get_template("login.html")
        wanted = self.get_argument("next", default=self.base_url)
        self.write(template.render(next=wanted, wrong=bool(message), **self.template_namespace))


class Logout(LogoutHandler):
    """Forgets the visitor, who then sees the page that asks for the token."""

    @allow_unauthenticated
    def get(self) -> None:
        """Clear the cookie."""
        self.identity_provider.clear_login_cookie(self)
        self.redirect(f"{self.base_url}login")


class TemplateFile(TemplateStaticFileHandler):
    """A file of a page template; the template's own name comes from the address, so it must be a plain word."""

    def prepare(self) -> None:
        """Refuse what is no such address before any folder is looked into."""
        path = self.path_args[0]
        if not re.fullmatch(r"[a-z]+/static/[\w@./-]+", path) or ".." in path:
            raise tornado.web.HTTPError(404)


class Report(JupyterHandler):
    """One file of the batch, by the name that batch.json gives it."""

    def initialize(self, shelf: Shelf) -> None:
        """Set what may be had.

        Args:
            shelf: the reports.
        """
        self.shelf = shelf

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        """Send it, if it is one of the reports.

        Args:
            name: the last part of the address.

        Raises:
            HTTPError: it is none.
        """
        path = self.shelf.path(name)
        if path is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", _KINDS[path.suffix.lstrip(".")])
        self.set_header("Cache-Control", "no-cache")
        if path.suffix == ".ipynb":
            self.set_header("Content-Disposition", f'attachment; filename="{path.name}"')
        self.finish(path.read_bytes())
