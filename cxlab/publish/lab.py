"""`cxlab lab`: JupyterLab on a folder of studies, with a start page and settings that keep it from asking outside."""

import os
import sys
from pathlib import Path

from cxlab.errors import ParameterError
from cxlab.folders import folder
from cxlab.publish.entrance import check_hub

__all__ = ["lab_command", "lab_folder"]


def lab_command(
    place: Path = Path(), *, port: int | None = None, browser: bool = True, hub: bool = False
) -> tuple[list[str], dict[str, str]]:
    """How is JupyterLab started?

    Args:
        place: the folder to open it on.
        port: where to listen; None takes the first free one from 8888 on.
        browser: open a browser.
        hub: be the server that a JupyterHub gives one of its people; the hub says where to listen.

    Returns:
        The command, and its environment: our settings, kernels and start page stand beside the user's own.

    Raises:
        ParameterError: there is no such folder, or no hub.
    """
    templates, environment = folder("templates"), dict(os.environ)
    own = templates / "jupyter"  # its extension is JupyterLab's alone: Voila would load what lies in `templates`
    for name, ours in (("JUPYTER_CONFIG_PATH", [own]), ("JUPYTER_PATH", [templates, own])):
        environment[name] = os.pathsep.join(filter(None, [*map(str, ours), environment.get(name)]))
    if hub:
        check_hub(environment)
    server = "jupyterhub.singleuser" if hub else "cxlab.publish.labserver"
    command = [sys.executable, "-m", server, f"--ServerApp.root_dir={lab_folder(place)}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container; it asks for a token
        command.append("--allow-root")
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return command + ([] if browser and not hub else ["--no-browser"]), environment


def lab_folder(place: Path) -> Path:
    """Which folder does JupyterLab show?

    Args:
        place: what was asked for.

    Returns:
        That folder; in the clone itself its notebooks.

    Raises:
        ParameterError: there is no such folder.
    """
    if not place.is_dir():
        raise ParameterError(f"There is no folder '{place}'; expected one with your studies, or leave it out.")
    notebooks = folder("notebooks")
    return notebooks if place.resolve() == notebooks.parent else place.resolve()
