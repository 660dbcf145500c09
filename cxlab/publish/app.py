"""`cxlab app`: the notebooks as apps behind a landing page, on this machine unless a token guards them."""

import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError
from cxlab.publish.landing import Shelf, cards, show_reports
from cxlab.publish.register import ANALYSES
from cxlab.publish.upload import LIMIT, VARIABLE
from cxlab.publish.warm import start_warm, use_warm_kernels

__all__ = ["PORT", "SESSIONS", "app_folder", "headers", "serve"]

PORT = 8866
SESSIONS = 50
LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(
    *,
    port: int = PORT,
    ip: str = "127.0.0.1",
    token: str = "",
    reports: Path | None = None,
    upload: int = LIMIT,
    sessions: int = SESSIONS,
) -> None:
    """Serve every analysis's notebook as an app until the process is stopped.

    Args:
        port: where to listen.
        ip: address to listen on; any but this machine's own needs a token.
        token: what visitors must know; "" asks for nothing.
        reports: folder of a batch, whose reports stand beside the apps.
        upload: megabytes that a visitor's own table may have; 0 takes none.
        sessions: how many pages may be open at once.

    Raises:
        ParameterError: the port is taken, an outside address has no token, or the folder holds no reports.
    """
    check_address(ip, port, token)
    shelf = Shelf.of(reports)
    os.environ[VARIABLE] = str(upload)
    start_warm()
    use_warm_kernels()
    from cxlab.publish.server import AppServer, settings

    with tempfile.TemporaryDirectory(prefix="cxlab-app-") as place:
        app_folder(Path(place))
        server = AppServer(root_dir=place, config=settings(port=port, ip=ip, token=token, sessions=sessions))
        server.shelf = shelf
        show_reports(shelf)
        server.initialize([])
        print(f"cxlab serves {len(ANALYSES)} apps at http://{ip}:{port}/", flush=True)
        server.start()


def check_address(ip: str, port: int, token: str) -> None:
    """May the server listen here?

    Args:
        ip: the address.
        port: the port.
        token: what visitors must know.

    Raises:
        ParameterError: it may not.
    """
    if ip not in LOCAL and not token:
        raise ParameterError(f"`ip` is {ip!r}, which others can reach: give a --token, or leave out --ip.")
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            raise ParameterError(
                f"Port {port} of {ip} cannot be used ({error.strerror}); choose another --port."
            ) from None


def app_folder(place: Path) -> Path:
    """Which folder is served? One that holds the apps' notebooks and nothing else.

    Args:
        place: an empty folder.

    Returns:
        The same folder, filled.
    """
    for one in ANALYSES:
        shutil.copy(one.notebook, place / f"{one.name}.ipynb")
    return place


def add_register(page_config: dict[str, Any], notebook_path: str = "", **_: Any) -> dict[str, Any]:
    """What do the templates need from the register? Voila calls this for each page.

    Args:
        page_config: Voila's, changed in place.
        notebook_path: the page's notebook, "" for the landing page.

    Returns:
        The same mapping.
    """
    rooms = {f"{one.name}.ipynb": one.room for one in ANALYSES}
    page_config["cxlab"] = {"cards": cards(ANALYSES), "room": rooms.get(notebook_path, "")}
    return page_config


def headers(ip: str, port: int) -> dict[str, str]:
    """Which headers does every page carry?

    Args:
        ip: the server's address.
        port: the server's port.

    Returns:
        Header to value; the policy lets a page speak to its own server only.
    """
    hosts = LOCAL[:2] if ip in LOCAL else (ip,)
    sockets = " ".join(f"ws://{host}:{port}" for host in hosts)
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {sockets}; frame-ancestors 'none'; "
        "base-uri 'self'; form-action 'self'; object-src 'none'"
    )
    return {
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    }  # fmt: skip
