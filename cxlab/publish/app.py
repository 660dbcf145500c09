"""`cxlab app`: the notebooks as apps behind a landing page, on this machine unless a token guards them."""

import os
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxlab.errors import ParameterError
from cxlab.publish.kept import FOLDER
from cxlab.publish.landing import Shelf, cards, show_reports
from cxlab.publish.register import ANALYSES, Analysis
from cxlab.publish.study import Study, copy_study
from cxlab.publish.upload import LIMIT, VARIABLE
from cxlab.publish.warm import start_warm, use_warm_kernels

__all__ = ["PORT", "SESSIONS", "app_folder", "headers", "serve"]

PORT = 8866
SESSIONS = 50
LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(
    *, port: int = PORT, ip: str = "127.0.0.1", token: str = "", reports: Path | None = None,
    upload: int = LIMIT, sessions: int = SESSIONS, analyses: Sequence[Analysis] | None = None,
) -> None:  # fmt: skip
    """Serve notebooks as apps until the process is stopped.

    Args:
        port: where to listen.
        ip: address to listen on; any but this machine's own needs a token.
        token: what visitors must know; "" asks for nothing.
        reports: folder of a batch, whose reports stand beside the apps.
        upload: megabytes that a visitor's own table may have; 0 takes none.
        sessions: how many pages may be open at once.
        analyses: what to serve, such as studies; None serves every analysis on its sample.

    Raises:
        ParameterError: the port is taken, an outside address has no token, or the folder holds no reports.
    """
    check_address(ip, port, token)
    shelf = Shelf.of(reports)
    os.environ[VARIABLE] = str(upload)
    start_warm()
    use_warm_kernels()
    from cxlab.publish.server import AppServer, settings

    with (
        tempfile.TemporaryDirectory(prefix="cxlab-app-") as place,
        tempfile.TemporaryDirectory(prefix="cxlab-answers-") as answers,
    ):
        os.environ[FOLDER] = answers
        served = ANALYSES if analyses is None else analyses
        app_folder(Path(place), served)
        config = settings(port=port, ip=ip, token=token, sessions=sessions, analyses=served)
        server = AppServer(root_dir=place, config=config)
        server.shelf = shelf
        show_reports(shelf)
        server.initialize([])
        print(f"cxlab serves {len(served)} app{'' if len(served) == 1 else 's'} at http://{ip}:{port}/", flush=True)
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


def app_folder(place: Path, analyses: Sequence[Analysis] | None = None) -> Path:
    """Which folder is served? One that holds the apps' notebooks and nothing else.

    Args:
        place: an empty folder.
        analyses: what to serve; None serves every analysis.

    Returns:
        The same folder, filled.
    """
    for one in ANALYSES if analyses is None else analyses:
        copy = place / f"{one.name}.ipynb"
        copy_study(one, copy) if isinstance(one, Study) else shutil.copy(one.notebook, copy)
    return place


def add_register(
    page_config: dict[str, Any], notebook_path: str = "", *, analyses: Sequence[Analysis] | None = None, **_: Any
) -> dict[str, Any]:
    """What do the templates need from the register? Voila calls this for each page.

    Args:
        page_config: Voila's, changed in place.
        notebook_path: the page's notebook, "" for the landing page.
        analyses: what is served; None stands for every analysis.

    Returns:
        The same mapping.
    """
    served = ANALYSES if analyses is None else analyses
    rooms = {f"{one.name}.ipynb": one.room for one in served}
    page_config["cxlab"] = {"cards": cards(served), "room": rooms.get(notebook_path, "")}
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
