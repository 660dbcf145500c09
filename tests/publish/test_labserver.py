"""JupyterLab's server ends when it is told to, even when a kernel cannot be tidied up in that moment."""

import os
import sys

from tests.browser.serving import free_port, running

FAILING = """
from jupyter_server.serverapp import ServerApp
from tornado.web import HTTPError

from cxlab.publish import labserver


async def gone(self):
    raise HTTPError(404, "a kernel that was just starting")


ServerApp.cleanup_kernels = gone
labserver.main()
"""


def test_it_ends_although_a_kernel_cannot_be_tidied_up(tmp_path):
    port, log = free_port(), tmp_path / "log"
    home = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    options = {"--ServerApp.root_dir": tmp_path, "--ServerApp.port": port, "--IdentityProvider.token": ""}
    command = [sys.executable, "-c", FAILING, "--no-browser", *(f"{name}={value}" for name, value in options.items())]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    with running(command, f"http://127.0.0.1:{port}/api", log, **home):
        pass
    assert "Not everything was tidied up" in log.read_text()
