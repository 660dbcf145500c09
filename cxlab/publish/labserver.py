"""JupyterLab's server as `cxlab lab` runs it: it ends when it is told to, whatever its threads still wait for."""

import atexit
import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the server to its end, then leave.

    A request that a thread answers while the server stops leaves that thread waiting for work for ever, and Python
    waiting for the thread; kernels and files are in order by then.
    """
    from jupyterlab.labapp import LabApp

    code: object = 0
    LabApp.serverapp_class = _server()
    try:
        LabApp.launch_instance()
    except SystemExit as stop:
        code = stop.code
    atexit._run_exitfuncs()  # noqa: SLF001  what Python would do after waiting for the threads
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _server() -> type:
    from jupyter_server.serverapp import ServerApp

    class LabServer(ServerApp):
        """Jupyter's server; its loop ends although tidying up failed, as it does when a kernel is just starting."""

        async def _cleanup(self) -> None:
            try:
                await super()._cleanup()
            except Exception as error:  # noqa: BLE001  kernels end with their server in any case
                self.log.warning("Not everything was tidied up: %s", error)

    return LabServer


if __name__ == "__main__":
    main()
