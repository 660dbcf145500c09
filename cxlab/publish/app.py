"""`cxlab app`: the notebooks as apps behind a landing page, on this machine unless a token guards them."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxlab.folders import ANSWERS
from cxlab.publish.entrance import HERE, Entrance
from cxlab.publish.landing import Shelf, cards, show_reports
from cxlab.publish.register import ANALYSES, Analysis
from cxlab.publish.study import Study, copy_study
from cxlab.publish.upload import LIMIT, VARIABLE
from cxlab.publish.warm import start_warm, use_warm_kernels

__all__ = ["SESSIONS", "app_folder", "headers", "serve"]

SESSIONS = 50


def serve(
    *, entrance: Entrance = HERE, reports: Path | None = None, upload: int = LIMIT, sessions: int = SESSIONS,
    analyses: Sequence[Analysis] | None = None,
) -> None:  # fmt: skip
    """Serve notebooks as apps until the process is stopped.

    Args:
        entrance: where to listen, and who is let in; this machine alone if not given.
        reports: folder of a batch, whose reports stand beside the apps.
        upload: megabytes that a visitor's own table may have; 0 takes none.
        sessions: how many pages may be open at once.
        analyses: what to serve, such as studies; None serves every analysis on its sample.

    Raises:
        ParameterError: the port is taken, an outside address has no token, or the folder holds no reports.
    """
    entrance.check()
    shelf = Shelf.of(reports)
    os.environ[VARIABLE] = str(upload)
    start_warm()
    use_warm_kernels()
    from cxlab.publish.server import AppServer, settings

    with (
        tempfile.TemporaryDirectory(prefix="cxlab-app-") as place,
        tempfile.TemporaryDirectory(prefix="cxlab-answers-") as answers,
    ):
        os.environ[ANSWERS] = answers
        served = ANALYSES if analyses is None else analyses
        app_folder(Path(place), served)
        config = settings(entrance, sessions=sessions, analyses=served)
        server = AppServer(root_dir=place, config=config)
        server.shelf = shelf
        show_reports(shelf)
        server.initialize([])
        print(f"cxlab serves {len(served)} app{'' if len(served) == 1 else 's'} at {entrance.address}", flush=True)
        server.start()


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


def headers() -> dict[str, str]:
    """Which headers does every page carry?

    Returns:
        Header to value. The policy lets a page speak to its own origin only, which covers the websockets of the same
        host, port and security behind any proxy; a proxy hands a page on as it is written.
    """
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
        "base-uri 'self'; form-action 'self'; object-src 'none'"
    )
    return {
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
        "X-Accel-Buffering": "no",
    }  # fmt: skip
