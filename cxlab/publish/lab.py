"""`cxlab lab`: JupyterLab on the notebooks, with settings that keep it from asking outside."""

import os
import sys

from cxlab.folders import folder

__all__ = ["lab_command"]


def lab_command() -> tuple[list[str], dict[str, str]]:
    """How is JupyterLab started?

    Returns:
        The command, and its environment: our settings stand beside the user's own.
    """
    ours = str(folder("templates") / "jupyter")
    environment = dict(os.environ)
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [ours, environment.get("JUPYTER_CONFIG_PATH")]))
    environment["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, [str(folder("templates")), environment.get("JUPYTER_PATH")])
    )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder('notebooks')}"]
    return command, environment
